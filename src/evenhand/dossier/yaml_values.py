"""YAML as plain values, each with the line and character where it stands.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report

The core schema of YAML 1.2: `no` and `12:30` are texts, dates are texts. A dossier is data for people, so what lets a
small file unfold into a large or a living one is refused: anchors, aliases, merge keys, tags, several documents, deep
nesting. ruamel.yaml's events are taken directly; its node tree, and more so its round-trip types, take longer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from evenhand.dossier.ledger import Ledger
from evenhand.dossier.text_file import unseen

DEEPEST = 20
Path = tuple[str | int, ...]

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Place:
    """Line and character, both from 1."""

    line: int
    character: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The values of a YAML file, and where each stands."""

    value: Any
    places: dict[Path, Place]  # of values
    keys: dict[Path, Place]  # of the keys of mappings
    written: dict[Path, str]  # scalars as they stand in the file

    def place(self, path: Path) -> Place:
        """Where a value stands; for one that does not, the nearest that would hold it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(1, 1))

    def key_place(self, path: Path) -> Place:
        """Where the key of a value stands, or the value itself in a list."""
        return self.keys.get(path) or self.place(path)


class _RefusedError(Exception):
    """The file goes on as no dossier may; reading ends here."""


def read_yaml(text: str, ledger: Ledger) -> Document | None:
    """The only document of a YAML text; None, with the fault noted, where it cannot be read."""
    events = YAML(typ="safe", pure=True).parse(text)
    builder = _Builder(events, ledger)
    try:
        value = builder.document()
    except _RefusedError:
        return None
    except MarkedYAMLError as error:
        _syntax_fault(error, ledger)
        return None
    except Exception as error:
        # ruamel.yaml stumbles over some texts, such as the escape "\UFFFFFFFF"; to its author it is a fault too.
        ledger.fault(
            f"YAML that cannot be read ({type(error).__name__})", "look for a stray backslash or bracket", row=1
        )
        return None
    return Document(value=value, places=builder.places, keys=builder.keys, written=builder.written)


class _Builder:
    """Values from events, one document, faults that do not hinder reading noted on the way."""

    def __init__(self, events: Iterator[Event], ledger: Ledger) -> None:
        self._events = events
        self._ledger = ledger
        self.places: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self.written: dict[Path, str] = {}

    def document(self) -> Any:
        started = False
        value = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                if started:
                    raise self._refusal(event, "a second document ('---')", "one document a file")
                if event.version is not None and tuple(event.version) != (1, 2):
                    raise self._refusal(
                        event, "a version of YAML other than 1.2", "take out the line that begins with %YAML"
                    )
                started = True
                value = self._value(next(self._events), ())
        return value

    def _value(self, event: Event, path: Path) -> Any:
        self.places[path] = _place(event)
        if isinstance(event, AliasEvent):
            raise self._refusal(event, "an alias (*)", "write the value out; a dossier is read by people")
        if getattr(event, "anchor", None) is not None:
            raise self._refusal(event, "an anchor (&)", "take it out, and write the value out wherever it is used")
        if _has_tag(event):
            raise self._refusal(event, "a tag (!)", "take it out; a text that begins with ! stands in quotes")
        if len(path) > DEEPEST:
            raise self._refusal(
                event, f"more than {DEEPEST} levels of nesting", "look for brackets that are never closed"
            )
        if isinstance(event, ScalarEvent):
            self._check_seen(event)
            self.written[path] = event.value
            return event.value if event.style else self._plain(event)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            place = _place(event)
            if not isinstance(event, ScalarEvent):
                raise self._refusal(event, "a key that is no plain text", "put a text with { or [ in quotes")
            self._check_seen(event)
            key = str(event.value)
            if key in entries:
                first = self.keys[(*path, key)].line
                mend = f"keep one; the first is in row {first}"
                self._ledger.fault(f"the key '{key}' stands twice", mend, row=place.line, column=str(place.character))
                # Read and left out, so that faults after it are found too; no path of a dossier ends like this one.
                self._value(next(self._events), (*path, key, "\0again"))
                continue
            self.keys[(*path, key)] = place
            entries[key] = self._value(next(self._events), (*path, key))
        return entries

    def _plain(self, event: ScalarEvent) -> Any:
        text = event.value
        if text in _NULL:
            return None
        if text in _TRUTH:
            return _TRUTH[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _FLOAT.fullmatch(text) else text

    def _check_seen(self, event: ScalarEvent) -> None:
        """An escape such as "\\e" brings back what no file may hold: it would steer the reader's terminal or page."""
        found = unseen(str(event.value))
        if found is not None:
            place = _place(event)
            self._ledger.fault(
                "an escape that stands for an invisible control character",
                "take it out of the text, or write the backslash twice",
                row=place.line,
                column=str(place.character),
                value=found,
            )

    def _refusal(self, event: Event, problem: str, mend: str) -> _RefusedError:
        place = _place(event)
        self._ledger.fault(problem, mend, row=place.line, column=str(place.character))
        return _RefusedError()


def _has_tag(event: Event) -> bool:
    if isinstance(event, ScalarEvent):
        return event.tag is not None and not any(event.implicit)
    return isinstance(event, (SequenceStartEvent, MappingStartEvent)) and not event.implicit


def _place(event: Event) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _syntax_fault(error: MarkedYAMLError, ledger: Ledger) -> None:
    mark = error.problem_mark or error.context_mark
    problem = " ".join(filter(None, (error.context, error.problem))).strip() or "it cannot be read"
    if "mapping values are not allowed" in problem:
        mend = "put a text that has a colon followed by a space in quotes"
    elif "\\t" in problem or "tab" in problem:
        mend = "indent with spaces, not with tabs"
    elif "block end" in problem or "block mapping" in problem:
        mend = "check the indentation of this line against the line above"
    elif "flow" in problem or "',' or" in problem:
        mend = "close the bracket, and put a text that has a comma or bracket in quotes"
    elif "quoted scalar" in problem:
        mend = "close the quotation mark"
    elif "cannot start any token" in problem:
        mend = "put a text that begins with a sign such as @, % or ` in quotes"
    else:
        mend = "compare this line with the dossier of 'evenhand new'"
    row, character = (None, None) if mark is None else (mark.line + 1, str(mark.column + 1))
    ledger.fault(f"YAML that cannot be read: {problem}", mend, row=row, column=character)

"""One language's sentences, read from one TOML file, and the rules for putting numbers into them.

A message is a string with `{gaps}`; where it must agree with a number it is a table of plural forms (`one`, `other`;
for Arabic also `zero`, `two`, `few`, `many`) chosen by the gap `n`. Adding a language is adding its file and its plural
rule.
"""

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from evenhand.dossier.records import Words
from evenhand.messages import Message

_GAP = re.compile(r"\{(\w+)\}")
# First-strong isolate … pop: a Latin name or a number keeps its own direction inside an Arabic sentence (UAX 9).
_ISOLATE, _POP = "\u2068", "\u2069"
_LTR_ISOLATE = "\u2066"
_ISOLATES = re.compile("[\u2066-\u2069]")
# A number or a name that is isolated already needs no second pair of invisible characters.
_ONE_ISOLATE = re.compile("[\u2066-\u2068][^\u2066-\u2069]*\u2069")


def _english_plural(n: float) -> str:
    """CLDR 46 cardinal rule for `en`, and `zero` where a sentence says none otherwise."""
    if n == 0:
        return "zero"
    return "one" if n == 1 else "other"


def _arabic_plural(n: float) -> str:
    """CLDR 46 cardinal rule for `ar`."""
    if n != int(n):
        return "other"
    if n in (0, 1, 2):
        return ("zero", "one", "two")[int(n)]
    tail = int(n) % 100
    if 3 <= tail <= 10:
        return "few"
    return "many" if 11 <= tail <= 99 else "other"


_PLURAL: Mapping[str, Callable[[float], str]] = {"en": _english_plural, "ar": _arabic_plural}
LANGUAGES = tuple(_PLURAL)
_RIGHT_TO_LEFT = frozenset({"ar"})


class Catalogue:
    """The sentences of one language.

    Parameters
    ----------
    language : str
        One of `LANGUAGES`.
    messages : mapping
        Dotted key to a string, or to a table of plural forms.

    Raises
    ------
    KeyError
        From `text` and `say`, when the catalogue has no such key: a missing sentence is a bug, never a blank.
    """

    def __init__(self, language: str, messages: Mapping[str, str | Mapping[str, str]]) -> None:
        self.language = language
        self.messages = messages

    @staticmethod
    @cache
    def load(language: str) -> "Catalogue":
        """Read the language's file once."""
        if language not in _PLURAL:
            raise KeyError(f"no catalogue for language '{language}'; there are {', '.join(LANGUAGES)}")
        text = files("evenhand.words").joinpath(f"{language}.toml").read_text(encoding="utf-8")
        return Catalogue(language, _flatten(tomllib.loads(text)))

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, for the page's `dir`."""
        return "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"

    def text(self, key: str, /, **params: Any) -> str:
        """The sentence `key` with its gaps filled."""
        entry = self.messages[key]
        if not isinstance(entry, str):
            entry = entry.get(_PLURAL[self.language](float(params["n"]))) or entry["other"]
        return _GAP.sub(lambda gap: self._fill(params[gap.group(1)]), entry)

    def say(self, what: Message | Words | str) -> str:
        """A message or a dossier's own words, in this language."""
        if isinstance(what, Message):
            return self.text(what.key, **what.params)
        return what.in_language(self.language) if isinstance(what, Words) else what

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self.messages

    def _fill(self, value: Any) -> str:
        if isinstance(value, Raw):
            return value
        if isinstance(value, Message):
            return self.say(value)
        if isinstance(value, (list, tuple)):
            return self.join([self._fill(item) for item in value])
        if isinstance(value, bool):
            raise TypeError("a sentence cannot hold a bool; choose between two sentences")
        if isinstance(value, (int, float)):
            return self.number(value)
        text = self.say(value)
        return f"{_ISOLATE}{text}{_POP}" if self.direction == "rtl" and not _ONE_ISOLATE.fullmatch(text) else text

    def join(self, items: list[str]) -> str:
        """`a, b and c`."""
        if len(items) < 2:
            return "".join(items)
        return self.text("list.last", head=Raw(str(self.messages["list.comma"]).join(items[:-1])), tail=Raw(items[-1]))

    def number(self, value: float, digits: int | None = None) -> str:
        """A number for people: Western digits, `,` between thousands, true minus; three figures unless told.

        Left-to-right isolated in a right-to-left language, so that its sign stays in front.
        """
        if isinstance(value, float) and math.isinf(value):
            text = "∞" if value > 0 else "−∞"
        elif digits is not None:
            text = f"{value:,.{digits}f}"
        elif float(value).is_integer() and abs(value) < 1e15:
            text = f"{int(value):,}"
        else:
            places = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
            text = f"{value:,.{min(places, 6)}f}"
            if "." in text:
                text = text.rstrip("0").rstrip(".")
        text = text.replace("-", "−")
        if text.strip("−0.,") == "":
            text = text.lstrip("−")
        return f"{_LTR_ISOLATE}{text}{_POP}" if self.direction == "rtl" else text

    def interval(self, lower: str, upper: str) -> str:
        """`12 to 64`, from two numbers already written."""
        return self.text("interval", lower=Raw(lower), upper=Raw(upper))


def without_isolates(text: str) -> str:
    """The text without the invisible isolates (U+2066 to U+2069), for programs that read it."""
    return _ISOLATES.sub("", text)


def key_of(word: str) -> str:
    """A fixed word of data as the last part of a key: 'very low' is certainty.word.very_low."""
    return re.sub(r"[^a-z]+", "_", word.lower())


class Raw(str):
    """Text already written for its place: filled in as it is."""

    __slots__ = ()


def _flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, str | Mapping[str, str]]:
    flat: dict[str, str | Mapping[str, str]] = {}
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, str) or "other" in value:
            flat[name] = value
        else:
            flat |= _flatten(value, f"{name}.")
    return flat

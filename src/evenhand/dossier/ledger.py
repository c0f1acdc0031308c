"""What is found while one file is read: its faults, what was guessed, and the names it gives and uses.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from evenhand.dossier.faults import Fault

MOST_FAULTS = 1000  # of one file; who has more has one cause, and needs the first few
_LONGEST_SHOWN = 80
_LONGEST_SENTENCE = 400
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # Unicode categories that a reader would not see


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One use of a name that must be given somewhere in the dossier."""

    kind: str  # 'study', 'outcome', 'treatment', 'source', 'parameter', 'claim', 'feature'
    name: str
    row: int | None
    column: str | None


class Ledger:
    """Gathers, so that one reading says everything that is wrong."""

    __slots__ = ("_left_off", "faults", "file", "known", "mentions", "notices")

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.notices: list[str] = []
        self.mentions: list[Mention] = []
        self.known: dict[str, set[str]] = {}
        self._left_off = False

    def fault(
        self, problem: str, mend: str, *, row: int | None = None, column: str | None = None, value: str | None = None
    ) -> None:
        """Note a fault of this file."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(
                Fault(
                    file=self.file,
                    row=row,
                    column=None if column is None else shown(column),
                    value=None if value is None else shown(value),
                    problem=shown(problem, _LONGEST_SENTENCE),
                    mend=shown(mend, _LONGEST_SENTENCE),
                )
            )
        elif not self._left_off:
            self._left_off = True
            problem = f"more than {MOST_FAULTS} faults; the rest are not listed"
            self.faults.append(
                Fault(
                    file=self.file, problem=problem, mend="mend the first few, which may have one cause, and read again"
                )
            )

    def notice(self, text: str) -> None:
        """Note, once, what had to be guessed."""
        sentence = f"{self.file}: {text}"
        if sentence not in self.notices:
            self.notices.append(sentence)

    def opens(self, *kinds: str) -> None:
        """This file is where names of these kinds are given; without it they cannot be checked."""
        for kind in kinds:
            self.known.setdefault(kind, set())

    def gives(self, kind: str, names: Iterable[str]) -> None:
        """These names exist."""
        self.known.setdefault(kind, set()).update(names)

    def mention(self, kind: str, name: str | None, *, row: int | None, column: str | None) -> None:
        """This name is used, and must exist."""
        if name is not None:
            self.mentions.append(Mention(kind=kind, name=name, row=row, column=column))


def shown(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """Text as a message may quote it: short, on one line, with what cannot be seen spelt out."""
    short = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(_spelt(char) for char in short)


def _spelt(char: str) -> str:
    if unicodedata.category(char) not in _HIDDEN:
        return char
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char, f"\\u{ord(char):04x}")

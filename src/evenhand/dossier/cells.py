"""One row's cells, each read as what it should be; what cannot be read is noted with its place and skipped.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from evenhand.dossier import numerals
from evenhand.dossier.csv_table import TableRow
from evenhand.dossier.ledger import Ledger
from evenhand.dossier.nearest import mend_of_word
from evenhand.dossier.records import Words

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
ID_MEND = "an id has letters A-Z and a-z, digits, '_' and '-' only, at most 64"
# What other programs write for an empty cell.
_NOT_REPORTED = frozenset({"na", "n/a", "nr", "not reported"})

_Number = TypeVar("_Number", int, float)
_Word = TypeVar("_Word", bound=StrEnum)


class Cells:
    """Typed access to a row. Every method answers None for an empty cell, and for a faulty one after noting it.

    Parameters
    ----------
    row : TableRow
    ledger : Ledger
    decimal_comma : bool
        As in `Table`.
    """

    __slots__ = ("_ledger", "decimal_comma", "line", "ok", "row")

    def __init__(self, row: TableRow, ledger: Ledger, *, decimal_comma: bool = False) -> None:
        self.row = row
        self.line = row.line
        self.ok = row.whole
        self._ledger = ledger
        self.decimal_comma = decimal_comma

    def fault(self, column: str, problem: str, mend: str) -> None:
        """Note what is wrong with a cell; the row will not become a record."""
        self.ok = False
        self._ledger.fault(problem, mend, row=self.line, column=column, value=self.written(column) or None)

    def written(self, column: str) -> str:
        """The cell as it stands."""
        return self.row.cells.get(column, "")

    def filled(self, column: str) -> bool:
        """Whether the cell says anything; 'NA' and its kin do not."""
        written = self.written(column)
        return bool(written) and written.casefold() not in _NOT_REPORTED

    def text(self, column: str) -> str | None:
        """Free text."""
        return self.written(column) or None

    def words(self, column: str) -> Words | None:
        """Text for people, with its Arabic twin."""
        english, arabic = self.text(column), self.text(f"{column}_ar")
        if english is None and arabic is not None:
            self.fault(column, f"empty, though '{column}_ar' is not", "write the English text too")
        return None if english is None else Words(english, arabic)

    def id(self, column: str, mend: str) -> str | None:
        """A name given here; required."""
        name = self.written(column)
        if not name:
            self.fault(column, "empty", mend)
        elif not ID.fullmatch(name):
            self.fault(column, "not an id", ID_MEND)
        else:
            return name
        return None

    def reference(self, column: str, kind: str, mend: str | None = None) -> str | None:
        """A name given elsewhere; required where `mend` says what to write. Whether it exists is checked at the end."""
        name = self.text(column)
        if name is None:
            if mend is not None:
                self.fault(column, "empty", mend)
            return None
        self._ledger.mention(kind, name, row=self.line, column=column)
        return name

    def word(self, column: str, words: type[_Word], also: Mapping[str, _Word] | None = None) -> _Word | None:
        """One of an enumeration's words, or of other programs' words for them."""
        written = self.written(column).casefold()
        if not written:
            return None
        choices = {str(word): word for word in words}
        if written in choices:
            return choices[written]
        if also and written in also:
            self._ledger.notice(f"{column} '{self.written(column)}' was read as '{also[written]}'")
            return also[written]
        self.fault(column, "not one of its words", mend_of_word(written, choices))
        return None

    def number(
        self,
        column: str,
        *,
        above: float | None = None,
        least: float | None = None,
        most: float | None = None,
        what: str = "the figure",
    ) -> float | None:
        """A finite number within its limits."""
        return self._within(column, self._read(column, numerals.number), above, least, most, what)

    def count(self, column: str, *, least: int = 0, what: str = "the count") -> int | None:
        """A whole number of people."""
        return self._within(column, self._read(column, numerals.count), None, least, None, what)

    def printed(self, column: str, *, without: str = "") -> str | None:
        """A number as the source prints it, with its decimals, save for a sign `without` behind it."""
        return self._read(column, numerals.plain, without)

    def _read(self, column: str, read: Callable[..., "_Read"], without: str = "") -> "_Read | None":
        written = self.written(column).removesuffix(without).rstrip()
        if not written:
            return None
        if written.casefold() in _NOT_REPORTED:
            self._ledger.notice(f"'{written}' in a column of numbers was read as not reported")
            return None
        try:
            value = read(written, decimal_comma=self.decimal_comma)
            if "," in written:
                self._ledger.notice("commas in numbers were read as decimal commas")
            return value
        except numerals.NotANumberError as error:
            self.fault(column, error.problem, error.mend)
            return None

    def _within(
        self,
        column: str,
        value: _Number | None,
        above: float | None,
        least: float | None,
        most: float | None,
        what: str,
    ) -> _Number | None:
        if value is None:
            return None
        compare = f"compare {what} with the source"
        if above is not None and value <= above:
            self.fault(column, f"must be above {above:g}", compare)
        elif least is not None and value < least:
            self.fault(column, f"must not be below {least:g}", compare)
        elif most is not None and value > most:
            self.fault(column, f"must not be above {most:g}", compare)
        else:
            return value
        return None


_Read = TypeVar("_Read")

"""A table file as rows of text cells, each row with its line.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report

Commas, semicolons or tabs separate cells (RFC 4180 otherwise); whichever makes the most known column names is taken,
and anything but a comma is said. No cell is ever evaluated: `=1+1` is a text of four characters.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from evenhand.dossier.ledger import Ledger, shown
from evenhand.dossier.nearest import mend_of_name
from evenhand.dossier.text_file import decode

LARGEST_CELL = 100_000  # characters
_BETWEEN_WORDS = re.compile(r"[\s.-]+")
# What pasting leaves at the ends of a cell, beside white space: joiners, direction marks, word joiners.
_EDGES = "\u200b\u200c\u200d\u200e\u200f\u2060"
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns a table may have."""

    known: tuple[str, ...]
    required: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)  # another program's name, in lower case → ours
    passed_over: frozenset[str] = frozenset()  # columns of other programs that say nothing here, in lower case
    keep_others: bool = False  # an unknown column is no fault but stays, under its own name as spelt

    def ours(self, name: str) -> str | None:
        """Our name for a column as written; '' for one to pass over, None for an unknown one."""
        lower = name.strip().lower()
        if lower in self.passed_over or (lower.startswith(("covar.", "rob.")) and not self.keep_others):
            return ""
        # 'CI lower', 'p-value' and 'Followup.Weeks' are spellings of ours.
        spelt = _spelt(name)
        if spelt in self.known:
            return spelt
        return self.aliases.get(spelt, name.strip() if self.keep_others else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row: its cells by our column names, trimmed; an empty cell is ''."""

    line: int  # where it begins
    cells: Mapping[str, str]
    whole: bool  # as many cells as columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table's rows."""

    rows: tuple[TableRow, ...]
    decimal_comma: bool  # numbers may be written 0,5


def read_table(content: bytes, columns: Columns, ledger: Ledger) -> Table | None:
    """All rows of a table file.

    Parameters
    ----------
    content : bytes
        The file.
    columns : Columns
        What its header may say.
    ledger : Ledger
        Takes the faults and what was guessed.

    Returns
    -------
    Table or None
        None where no header can be read, or one lacks what is required.
    """
    text = decode(content, ledger)
    if text is None:
        return None
    text, lines_before = _without_separator_line(text)
    separator = _separator(text, columns)
    if separator != ",":
        ledger.notice(f"cells are separated by a {_SEPARATORS[separator]}")
    records = _records(text, separator, lines_before, ledger)
    line, written = next(records, (1 + lines_before, []))
    header = _header(written, line, columns, ledger)
    if header is None:
        return None
    rows = tuple(_rows(records, header, written, ledger))
    if not rows and not ledger.faults:
        ledger.notice("a header and no rows")
    return Table(rows=rows, decimal_comma=separator == ";")


def _without_separator_line(text: str) -> tuple[str, int]:
    """Spreadsheets may put `sep=;` before the header."""
    first, end, rest = text.partition("\n")
    return (rest, 1) if end and first.strip().lower() in ("sep=,", "sep=;", "sep=\t", "sep=") else (text, 0)


def _separator(text: str, columns: Columns) -> str:
    first = text.lstrip("\r\n").splitlines()[:1] or [""]

    def known_names(separator: str) -> tuple[int, int]:
        cells = [cell.strip().strip('"') for cell in first[0].split(separator)]
        return sum(columns.ours(cell) is not None for cell in cells), len(cells)

    return max(_SEPARATORS, key=known_names)


def _records(text: str, separator: str, lines_before: int, ledger: Ledger) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, with the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1 + lines_before
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            ledger.fault(*_csv_fault(str(error)), row=line)
            continue
        if any(len(cell) > LARGEST_CELL for cell in cells):
            ledger.fault(*_csv_fault("field larger"), row=line)
            continue
        trimmed = [_trimmed(cell) for cell in cells]
        if any(trimmed):
            yield line, trimmed


def _spelt(name: str) -> str:
    """A column's name in small letters, words joined by `_`."""
    return _BETWEEN_WORDS.sub("_", name.strip().lower())


def _trimmed(cell: str) -> str:
    """Without white space and invisible marks at its ends."""
    before = None
    while cell != before:
        before, cell = cell, cell.strip().strip(_EDGES)
    return cell


def _csv_fault(message: str) -> tuple[str, str]:
    if "field larger" in message:
        return f"a cell of more than {LARGEST_CELL:,} characters", "look for a quotation mark that is never closed"
    if "unexpected end" in message:
        return "a quotation mark opened in this row is never closed", 'close it, or write " inside a text as ""'
    return "a quotation mark inside a quoted text that is not doubled", 'write " inside a quoted text as ""'


def _header(written: list[str], line: int, columns: Columns, ledger: Ledger) -> list[str] | None:
    """Our name of each column, '' for one to pass over."""
    faults = len(ledger.faults)
    header = []
    for name in written:
        ours = columns.ours(name) if name else ""
        if ours is None:
            mend = mend_of_name(name.lower(), columns.known, "take the column out; 'note' takes remarks")
            ledger.fault("unknown column", mend, row=line, column=name)
        elif ours and ours not in (_spelt(name), name.strip()):
            ledger.notice(f"column '{name.strip()}' was read as '{ours}'")
        elif name and not ours:
            ledger.notice(f"column '{name.strip()}' was passed over")
        header.append(ours or "")
    for name, times in Counter(filter(None, header)).items():
        if times > 1:
            same = shown(", ".join(f"'{cell}'" for cell, ours in zip(written, header, strict=True) if ours == name))
            ledger.fault(f"{times} columns for the same thing ({same})", "keep one", row=line, column=name)
    for name in columns.required:
        if name not in header:
            ledger.fault("the column is missing", f"add '{name}' to the header", row=line, column=name)
    duplicated_or_missing = len(set(filter(None, header))) < len(list(filter(None, header))) or any(
        name not in header for name in columns.required
    )
    # An unknown column keeps no row from being read, so that the faults of the rows are found in the same pass.
    return None if duplicated_or_missing and len(ledger.faults) > faults else header


def _rows(
    records: Iterator[tuple[int, list[str]]], header: list[str], written: list[str], ledger: Ledger
) -> Iterator[TableRow]:
    for line, cells in records:
        surplus = [cell for cell in cells[len(header) :] if cell]
        unnamed = [cell for cell, name in zip(cells, written, strict=False) if cell and not name]
        whole = True
        if surplus or len(cells) < len(header):
            whole = False
            ledger.fault(
                f"{len(cells)} cells under {len(header)} columns",
                "put a text that has a separator inside in quotation marks; an empty cell still needs its separator",
                row=line,
                value=surplus[0] if surplus else None,
            )
        elif unnamed:
            ledger.fault("a cell under no column name", "name the column or empty the cell", row=line, value=unnamed[0])
        named = {name: cell for name, cell in zip(header, cells, strict=False) if name}
        yield TableRow(line=line, cells=named, whole=whole)

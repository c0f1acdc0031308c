"""The numbers of a figure as a table, for those who do not see it and those who want to check it.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from dataclasses import dataclass

from evenhand.dossier.records import Words

# A dossier's own words stay `Words`, so that a page can mark what nobody has translated.
Cell = str | Words


@dataclass(frozen=True, slots=True, kw_only=True)
class DataTable:
    """Headings and rows; a row's first cell is its heading."""

    columns: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]

"""What is wrong with a dossier, said so that its author can mend it.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that keeps a dossier from being read, with its place and its mend."""

    file: str  # name inside the dossier folder
    row: int | None = None  # line in the file as an editor counts it; the header of a table is line 1
    column: str | None = None  # name of a table's column, or the character in a line of YAML, as text
    value: str | None = None  # what stands there now, as written
    problem: str
    mend: str

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column '{self.column}'"
        value = "" if not self.value else f" (found: {self.value})"
        return f"{place}: {self.problem}{value}. Mend: {self.mend}."


class DossierError(Exception):
    """Every fault of a dossier at once, in the order of files and rows."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.row or 0, fault.column or "")))
        super().__init__("\n".join(str(fault) for fault in self.faults))

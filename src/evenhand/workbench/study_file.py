"""A file of studies as figures by column, or every fault of it at once.

Pipeline: dossier → integrity → effects → synthesis → [workbench] → report
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.dossier.cells import Cells
from evenhand.dossier.csv_table import Table, read_table
from evenhand.dossier.faults import DossierError
from evenhand.dossier.ledger import Ledger, shown
from evenhand.dossier.plain_file import MEGABYTE, plain_bytes
from evenhand.effects import MEASURES, Kind, Measure, measure_named
from evenhand.effects.doubts import doubts_of
from evenhand.effects.zero_cells import ZeroCells
from evenhand.messages import Message
from evenhand.synthesis.normal_kernel import LARGEST as LARGEST_EFFECT
from evenhand.workbench.long_form import Comparison, compared_arms
from evenhand.workbench.study_columns import WIDE, columns_of, has_arms, has_effects, is_long

LARGEST = 50 * MEGABYTE
_UNASKED = ("OR", "MD")  # what arms are pooled as, where nobody says
_COUNTED = ("events", "nonevents", "homozygous", "heterozygous", "predictors")
# What a figure cannot be whatever the study: by the first part of its column's name.
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "yi": {"least": -LARGEST_EFFECT, "most": LARGEST_EFFECT, "what": "the effect"},
    "vi": {"above": 0, "most": LARGEST_EFFECT**2, "what": "the variance"},
    "sei": {"above": 0, "most": LARGEST_EFFECT, "what": "the standard error"},
    "sd": {"above": 0, "what": "the standard deviation"},
    "time": {"above": 0, "what": "the time at risk"},
    "ratio": {"above": 0, "what": "the ratio"},
    "r": {"least": -1, "most": 1, "what": "the correlation"},
    "r2": {"least": 0, "most": 1, "what": "the share of variance"},
    "superiority": {"least": 0, "most": 1, "what": "the share of pairs"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFile:
    """The rows of one file, each a study's figures on one measure."""

    name: str
    labels: tuple[str, ...]
    lines: tuple[int, ...]  # where each stands in the file
    measure: Measure  # 'GEN': effects on a scale that nobody has named
    figures: Mapping[str, Floats]  # by column, shape (rows,); nan where nothing is reported
    columns: Mapping[str, tuple[str, ...]]  # every cell as written, for moderators
    compared: Comparison | None = None  # which arms, where there was one row an arm
    notices: tuple[str, ...] = field(default=())

    @property
    def doubts(self) -> tuple[Message, ...]:
        """What may be a mistake, though it is possible."""
        if not self.from_arms:
            return ()
        figures = [self.figures[column] for column in columns_of(self.measure)]
        return doubts_of(self.measure, dict(zip(self.measure.arguments, figures, strict=True)), self.labels)

    @property
    def moderators(self) -> dict[str, tuple[float | None, ...] | tuple[str, ...]]:
        """Every column as a regression takes it: numbers where all that is written is a number, else words."""
        return {name: _as_numbers(cells) or cells for name, cells in self.columns.items()}

    @property
    def from_arms(self) -> bool:
        """Whether effects are still to be computed from arms."""
        return "yi" not in self.figures

    def effects(self, zero_cells: ZeroCells | None = None) -> tuple[Floats, Floats]:
        """`yi` and `vi` of every row, shape (rows,), on the measure's analysis scale; nan where a row gives none.

        Parameters
        ----------
        zero_cells : ZeroCells, optional
            What is added to zero cells; without it, what is customary for the measure.
        """
        if not self.from_arms:
            return self.figures["yi"], self.figures["vi"]
        figures = [self.figures[column] for column in columns_of(self.measure)]
        added = zero_cells or self.measure.customary_zero_cells
        options = {} if added is None else {"zero_cells": added}
        return self.measure.estimate(*figures, **options)


def _as_numbers(cells: Sequence[str]) -> tuple[float | None, ...] | None:
    """Cells as numbers, None where nothing is written; None for all where one is no number, or none is written."""
    try:
        numbers = tuple(float(cell) if cell.strip() else None for cell in cells)
    except ValueError:
        return None
    return numbers if any(number is not None for number in numbers) else None


def read_study_file(
    path: str | Path,
    measure: str | None = None,
    *,
    outcome: str | None = None,
    treatment: str | None = None,
    control: str | None = None,
) -> StudyFile:
    """Read a CSV of studies.

    Parameters
    ----------
    path : str or Path
        Columns by name, in any order: `study`, and the figures of a measure (`events_1, n_1, events_2, n_2`; `mean_1,
        sd_1, n_1, mean_2, sd_2, n_2`; …; group 1 is treated), or `yi` with `vi` or `sei`, or one row an arm as in a
        dossier's results.csv. Figures of arms go before effects, as effects can be computed from them.
    measure : str, optional
        A name in `MEASURES`. Without it, that of the figures: OR of counts, MD of means, GEN of effects.
    outcome, treatment, control : str, optional
        With one row an arm: which outcome, and which arms are compared.

    Raises
    ------
    DossierError
        With every fault of the file: row, column, value and mend.
    """
    path = Path(path)
    ledger = Ledger(shown(path.name or str(path)))
    asked = _measure(measure, ledger)
    content = plain_bytes(path, ledger, largest=LARGEST, missing=lambda: "check the path")
    table = None if content is None else read_table(content, WIDE, ledger)
    read = None
    if content is not None and table is not None and not ledger.faults:
        header = set(table.rows[0].cells) if table.rows else set()
        if not table.rows:
            ledger.fault("no study", "write one row a study under the header")
        elif is_long(header) and not has_effects(header) and not (asked and has_arms(asked, header)):
            read = _long(content, ledger, asked, outcome, treatment, control)
        else:
            read = _wide(table, header, ledger, asked)
    if read is None or ledger.faults:
        raise DossierError(ledger.faults)
    return replace(read, notices=tuple(ledger.notices))


def _measure(name: str | None, ledger: Ledger) -> Measure | None:
    if name is None:
        return None
    try:
        return measure_named(name)
    except ValueError as error:
        problem, _, mend = str(error).partition(": ")
        ledger.fault(problem, mend)
        return None


def _wide(table: Table, header: set[str], ledger: Ledger, asked: Measure | None) -> StudyFile | None:
    measure = asked or next((MEASURES[name] for name in _UNASKED if has_arms(MEASURES[name], header)), MEASURES["GEN"])
    from_arms = measure.kind is not Kind.ESTIMATE and has_arms(measure, header)
    if not from_arms and not has_effects(header):
        found = ", ".join(table.rows[0].cells)
        ledger.fault("no figures that can be pooled", _what_to_add(asked, header), row=1, value=found)
        return None
    rows = [Cells(row, ledger, decimal_comma=table.decimal_comma) for row in table.rows]
    names = columns_of(measure) if from_arms else ("yi", "vi" if "vi" in header else "sei")
    figures = {name: np.array([_figure(cells, name) for cells in rows]) for name in names}
    _check_arms(rows, figures)
    if "sei" in figures:
        figures["vi"] = figures.pop("sei") ** 2
    labels = _labels(rows)
    if "study" not in header:
        ledger.notice("no column 'study': studies are called by their row")
    _say_what_depends(labels, ledger)
    columns = {name: tuple(row.cells.get(name, "") for row in table.rows) for name in table.rows[0].cells}
    return StudyFile(
        name=ledger.file,
        labels=labels,
        lines=tuple(cells.line for cells in rows),
        measure=measure,
        figures=figures,
        columns=columns,
    )


def _labels(rows: Sequence[Cells]) -> tuple[str, ...]:
    """Each study's name, with its year where the name alone stands twice."""
    names = [cells.text("study") or f"{cells.line - 1}" for cells in rows]
    times = Counter(names)
    return tuple(
        f"{name} {cells.written('year')}" if times[name] > 1 and cells.filled("year") else name
        for name, cells in zip(names, rows, strict=True)
    )


def _figure(cells: Cells, column: str) -> float:
    """One cell as the figure its column asks for; nan where nothing is reported, or where a fault was noted."""
    stem = column.removesuffix("_1").removesuffix("_2")
    value: float | None
    if stem == "n" and not cells.filled(column) and cells.filled(f"nonevents{column[1:]}"):
        events, others = cells.count(f"events{column[1:]}"), cells.count(f"nonevents{column[1:]}")
        value = None if events is None or others is None else events + others
    elif stem in ("n", "items"):
        value = cells.count(column, least=1)
    elif stem.startswith(_COUNTED):
        value = cells.count(column)
    else:
        value = cells.number(column, **_LIMITS.get(stem.partition("_")[0], {}))
    return math.nan if value is None else float(value)


def _check_arms(rows: Sequence[Cells], figures: Mapping[str, Floats]) -> None:
    """More events than people are impossible whatever else the row says."""
    for group in ("_1", "_2", ""):
        events, people = figures.get(f"events{group}"), figures.get(f"n{group}")
        if events is None or people is None:
            continue
        for i in np.flatnonzero(events > people).tolist():
            problem = f"{events[i]:g} events among {people[i]:g} people"
            rows[i].fault(f"events{group}", problem, f"compare 'events{group}' and 'n{group}' with the source")


def _say_what_depends(labels: tuple[str, ...], ledger: Ledger) -> None:
    for label, times in Counter(labels).items():
        if times > 1:
            ledger.notice(
                f"study '{shown(label)}' stands on {times} rows: effects of the same people depend on each other, "
                "which a pool of independent studies does not know"
            )


def _what_to_add(asked: Measure | None, header: set[str]) -> str:
    wanted = [asked] if asked is not None else [MEASURES["OR"], MEASURES["MD"]]
    ways = [", ".join(f"'{name}'" for name in columns_of(measure)) for measure in wanted]
    missing = [name for name in columns_of(wanted[0]) if name not in header]
    there = sorted(set(columns_of(wanted[0])) & header)
    if asked is not None and there:
        return f"{asked.name} also needs {', '.join(repr(name) for name in missing)}; or give 'yi' and 'vi'"
    return f"give the columns {'; or '.join([*ways, repr('yi') + ' and ' + repr('vi')])}"


def _long(
    content: bytes,
    ledger: Ledger,
    asked: Measure | None,
    outcome: str | None,
    treatment: str | None,
    control: str | None,
) -> StudyFile | None:
    compared = compared_arms(content, ledger, asked, outcome=outcome, treatment=treatment, control=control)
    if compared is None:
        return None
    return StudyFile(
        name=ledger.file,
        labels=tuple(contrast.study.label for contrast in compared.contrasts),
        lines=tuple(contrast.treated.row or 0 for contrast in compared.contrasts),
        measure=compared.measure,
        figures=compared.figures,
        columns={},
        compared=compared,
    )

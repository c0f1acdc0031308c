"""A file of many treatments as the evidence of a network, or every fault of it at once.

Pipeline: dossier → integrity → effects → synthesis → [workbench] → report
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenhand.dossier.cells import Cells
from evenhand.dossier.csv_table import Columns, read_table
from evenhand.dossier.faults import DossierError
from evenhand.dossier.ledger import Ledger, shown
from evenhand.dossier.nearest import mend_of_word
from evenhand.dossier.plain_file import MEGABYTE, plain_bytes
from evenhand.effects import MEASURES, Measure, measure_named
from evenhand.synthesis.network.arm_statistics import ARM_MEASURES
from evenhand.synthesis.network.evidence import NetworkEvidence, network_from_arms, network_from_contrasts

LARGEST = 50 * MEGABYTE
_UNASKED = ("OR", "MD", "IRR")  # what arms are compared by, where nobody says
# Other programs' names, spelt as `csv_table` spells: 'event.e' of one is 'event_e' here.
_ALIASES = {
    "study": ("studlab", "study_id", "studyid", "slab", "id", "trial", "author", "label"),
    "treat1": ("treat_1", "treatment1", "treatment_1", "t1"),
    "treat2": ("treat_2", "treatment2", "treatment_2", "t2"),
    "yi": ("te", "es", "effect", "effect_size", "diff"),
    "sei": ("se", "sete", "se_te", "std_err"),
    "vi": ("var", "variance"),
    "treatment": ("treat", "t", "trt", "arm", "intervention"),
    "events": ("event", "r", "responders"),
    "n": ("samplesize", "sample_size", "total"),
    "mean": ("y", "m"),
    "sd": ("std_dev",),
    "time": ("exposure", "person_years"),
}
_COLUMNS = Columns(
    known=tuple(_ALIASES),
    required=("study",),
    aliases={other: ours for ours, others in _ALIASES.items() for other in others},
    keep_others=True,
)
# What a figure cannot be whatever the study.
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "sei": {"above": 0, "what": "the standard error"},
    "vi": {"above": 0, "what": "the variance"},
    "sd": {"above": 0, "what": "the standard deviation"},
    "time": {"above": 0, "what": "the time at risk"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFile:
    """The rows of one file, as a network takes them."""

    name: str
    measure: Measure  # 'GEN': effects on a scale that nobody has named
    reference: str | None  # as asked; None: the treatment of most studies
    from_arms: bool  # one row an arm, else one a comparison
    columns: Mapping[str, Sequence[Any]]  # the arguments of the function that made the evidence
    evidence: NetworkEvidence
    notices: tuple[str, ...]  # of reading, and of making the network


def read_network_file(path: str | Path, measure: str | None = None, *, reference: str | None = None) -> NetworkFile:
    """Read a CSV of studies of many treatments.

    Parameters
    ----------
    path : str or Path
        Columns by name, in any order: `study, treat1, treat2, yi, sei`, one row a comparison, all of them for a study
        of several arms; or `study, treatment` with `events, n`, with `mean, sd, n`, or with `events, time`, one row an
        arm. netmeta's `studlab`, `TE` and `seTE` are read, too.
    measure : str, optional
        What the effects are (of comparisons), or by what arms are compared: OR of counts unless said, MD of means, IRR
        of events in a time.
    reference : str, optional
        The treatment against which effects are given.

    Raises
    ------
    DossierError
        With every fault of the file: row, column, value and mend.
    """
    path = Path(path)
    ledger = Ledger(shown(path.name or str(path)))
    asked = _measure(measure, ledger)
    content = plain_bytes(path, ledger, largest=LARGEST, missing=lambda: "check the path")
    table = None if content is None else read_table(content, _COLUMNS, ledger)
    read = None
    if table is not None and not ledger.faults:
        header = set(table.rows[0].cells) if table.rows else set()
        rows = [Cells(row, ledger, decimal_comma=table.decimal_comma) for row in table.rows]
        if not rows:
            ledger.fault("no study", "write one row a comparison, or one an arm, under the header")
        elif {"treat1", "treat2", "yi"} <= header and header & {"sei", "vi"}:
            read = _of_comparisons(rows, header, ledger, asked or MEASURES["GEN"], reference)
        elif "treatment" in header:
            read = _of_arms(rows, header, ledger, asked, reference)
        else:
            ledger.fault(
                "no comparisons and no arms",
                "give the columns 'study', 'treat1', 'treat2', 'yi', 'sei'; or 'study', 'treatment' with 'events', "
                "'n' or 'mean', 'sd', 'n'",
                row=1,
                value=", ".join(table.rows[0].cells),
            )
    if read is None or ledger.faults:
        raise DossierError(ledger.faults)
    return read


def _measure(name: str | None, ledger: Ledger) -> Measure | None:
    if name is None:
        return None
    try:
        return measure_named(name)
    except ValueError as error:
        problem, _, mend = str(error).partition(": ")
        ledger.fault(problem, mend)
        return None


def _of_comparisons(
    rows: Sequence[Cells], header: Collection[str], ledger: Ledger, measure: Measure, reference: str | None
) -> NetworkFile | None:
    labels = _labels(rows)
    first, second = ([_name(cells, column) for cells in rows] for column in ("treat1", "treat2"))
    for cells, one, other in zip(rows, first, second, strict=True):
        if one and one == other:
            cells.fault("treat2", "a treatment compared with itself", "correct one of the two names")
    yi = [_figure(cells, "yi") for cells in rows]
    spread = "sei" if "sei" in header else "vi"
    sei = [_figure(cells, spread) for cells in rows]
    if spread == "vi":
        sei = [math.sqrt(vi) if vi > 0 else math.nan for vi in sei]
    if ledger.faults:
        return None
    columns: dict[str, Sequence[Any]] = {"study": labels, "treat1": first, "treat2": second, "yi": yi, "sei": sei}
    return _network(columns, ledger, measure, reference, from_arms=False)


def _of_arms(
    rows: Sequence[Cells], header: set[str], ledger: Ledger, asked: Measure | None, reference: str | None
) -> NetworkFile | None:
    name = asked.name if asked else next((one for one in _UNASKED if header >= {*ARM_MEASURES[one].columns}), None)
    if name is None or name not in ARM_MEASURES:
        named = "no figures by which arms can be compared" if name is None else f"arms are not compared by {name} here"
        ledger.fault(
            named,
            "give 'events' and 'n', or 'mean', 'sd' and 'n'"
            if name is None
            else mend_of_word(name, tuple(ARM_MEASURES)),
        )
        return None
    wanted = ARM_MEASURES[name].columns
    if missing := [column for column in wanted if column not in header]:
        ledger.fault(
            f"{name} is made of {', '.join(wanted)}", f"add {', '.join(repr(column) for column in missing)}", row=1
        )
        return None
    labels = _labels(rows)
    arms = [_name(cells, "treatment") for cells in rows]
    figures = {column: [_figure(cells, column) for cells in rows] for column in wanted}
    _check_people(rows, figures)
    _check_arms(rows, labels, arms)
    if ledger.faults:
        return None
    return _network({"study": labels, "treatment": arms, **figures}, ledger, MEASURES[name], reference, from_arms=True)


def _labels(rows: Sequence[Cells]) -> list[str]:
    """Each study's name, with its year where one name stands for studies of several years."""
    names = [cells.text("study") or "" for cells in rows]
    for cells, name in zip(rows, names, strict=True):
        if not name:
            cells.fault("study", "empty", "name the study: rows of one study have one name")
    years: dict[str, set[str]] = {}
    for cells, name in zip(rows, names, strict=True):
        if cells.filled("year"):
            years.setdefault(name, set()).add(cells.written("year"))
    return [
        f"{name} {cells.written('year')}".strip() if len(years.get(name, ())) > 1 else name
        for cells, name in zip(rows, names, strict=True)
    ]


def _name(cells: Cells, column: str) -> str:
    name = cells.text(column) or ""
    if not name:
        cells.fault(column, "empty", "name the treatment; one that is no treatment has a name too, such as 'placebo'")
    return name


def _figure(cells: Cells, column: str) -> float:
    """One cell; nan where nothing is reported, or where a fault was noted."""
    value: float | None
    if column in ("n", "events"):
        value = cells.count(column, least=1 if column == "n" else 0)
    else:
        value = cells.number(column, **_LIMITS.get(column, {}))
    return math.nan if value is None else float(value)


def _check_people(rows: Sequence[Cells], figures: Mapping[str, Sequence[float]]) -> None:
    """More events than people are impossible whatever else the row says."""
    if not {"events", "n"} <= set(figures):
        return
    for cells, events, n in zip(rows, figures["events"], figures["n"], strict=True):
        if events > n:
            cells.fault("events", f"{events:g} events among {n:g} people", "compare 'events' and 'n' with the source")


def _check_arms(rows: Sequence[Cells], labels: Sequence[str], arms: Sequence[str]) -> None:
    times, seen = Counter(labels), Counter[tuple[str, str]]()
    for cells, label, arm in zip(rows, labels, arms, strict=True):
        if label and arm and times[label] == 1:
            cells.fault("study", "a study of one arm, which compares nothing", "add its other arm, or leave it out")
        if arm and seen[label, arm]:
            cells.fault(
                "treatment",
                f"study '{shown(label)}' has this treatment already",
                "put arms of one treatment together, or give them names of their own; two studies need two names",
            )
        seen[label, arm] += 1


def _network(
    columns: Mapping[str, Sequence[Any]],
    ledger: Ledger,
    measure: Measure,
    reference: str | None,
    *,
    from_arms: bool,
) -> NetworkFile | None:
    make: Callable[..., NetworkEvidence] = network_from_arms if from_arms else network_from_contrasts
    try:
        evidence = make(**columns, measure=measure.name)
        if reference is not None:
            evidence = evidence.with_reference(reference)
    except ValueError as error:
        problem, _, mend = str(error).rpartition(": ")
        ledger.fault(problem or mend, mend if problem else "check the file's rows")
        return None
    notices = [*ledger.notices, *(f"{ledger.file}: {notice}" for notice in evidence.notices)]
    if reference is None:
        chosen = evidence.treatments[evidence.reference]
        notices.append(f"effects are given against '{shown(chosen)}', which most studies have; choose with --reference")
    return NetworkFile(
        name=ledger.file,
        measure=measure,
        reference=reference,
        from_arms=from_arms,
        columns=columns,
        evidence=evidence,
        notices=tuple(notices),
    )

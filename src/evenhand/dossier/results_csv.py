"""results.csv: what was counted, measured, described or merely said, one arm on one outcome at one time a row.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report

A row is refused where its figures cannot stand together whatever the truth (more events than people). Figures that
merely do not follow from each other are no fault of the dossier but a finding about the study: `integrity`.
"""

import re
from contextlib import suppress
from dataclasses import replace

from evenhand.dossier.cells import Cells
from evenhand.dossier.csv_table import Columns, TableRow, read_table
from evenhand.dossier.ledger import Ledger
from evenhand.dossier.nearest import mend_of_word
from evenhand.dossier.numerals import NotANumberError, number, plain
from evenhand.dossier.records import Direction, Result, Status, Study

FILE = "results.csv"
COLUMNS = Columns(
    known=(
        "study",
        "outcome",
        "treatment",
        "arm",
        "comparator",
        "followup_weeks",
        "dose_mg",
        "sessions_per_week",
        "weeks",
        "n_randomised",
        "n",
        "events",
        "percent",
        "mean",
        "sd",
        "se",
        "ci_lower",
        "ci_upper",
        "p_value",
        "p_test",
        "status",
        "direction",
        "source",
        "seen",
        "note",
    ),
    required=("study", "outcome", "treatment"),
    aliases={
        "id": "study",
        "study_id": "study",
        "studyid": "study",
        "studlab": "study",
        "t": "treatment",
        "treat": "treatment",
        "r": "events",
        "event": "events",
        "total": "n",
        "n_total": "n",
        "y": "mean",
        "std_dev": "sd",
        "std_err": "se",
        "%": "percent",
        "percentage": "percent",
        "n_randomized": "n_randomised",
        "lower": "ci_lower",
        "ci_low": "ci_lower",
        "upper": "ci_upper",
        "ci_high": "ci_upper",
        "p": "p_value",
        "pval": "p_value",
        "pvalue": "p_value",
    },
    # CINeMA and MetaInsight: of the study (studies.csv) and of the outcome (judgements in dossier.yaml).
    passed_over=frozenset({"rob", "indirectness"}),
)
_SIZES = ("events", "percent", "mean", "sd", "se", "ci_lower", "ci_upper")
_KEY = ("study", "arm", "treatment", "comparator", "outcome", "followup_weeks")
_STATUS_ELSEWHERE = dict.fromkeys(("na", "n/a", "nr", "not_reported"), Status.NOT_REPORTED)
_P_TESTS = ("two arms", "all arms", "within")
_P_VALUE = re.compile(r"[pP]?\s*(<=|>=|[<>=≤≥])?\s*(\S+)")
_P_VALUE_MEND = "copy it as printed: 0.054, <0.001, >0.05 or ns"
_SOURCE_MEND = "write the key of an entry of sources.bib: every number has a source"


def read_results(content: bytes, ledger: Ledger, studies: dict[str, Study]) -> tuple[Result, ...]:
    """Every row that can be read, in the order of the file.

    Parameters
    ----------
    content : bytes
        The file.
    ledger : Ledger
        Takes the faults.
    studies : dict
        For the source of a row that only says that nothing is reported.
    """
    table = read_table(content, COLUMNS, ledger)
    if table is None:
        return ()
    lines: dict[tuple[str, ...], int] = {}
    results = []
    for row in table.rows:
        if not row.whole:
            continue
        cells = Cells(row, ledger, decimal_comma=table.decimal_comma)
        _not_twice(cells, row, lines)
        result = _result(cells, studies)
        if result is not None and cells.ok:
            results.append(result)
    return tuple(results)


def read_free_standing(content: bytes, ledger: Ledger) -> tuple[Result, ...]:
    """The rows of a table that stands without its dossier: other columns may be there, sources need not.

    Without a column `outcome` all rows are on one, called 'outcome'. Parameters as in `read_results`.
    """
    columns = replace(COLUMNS, required=("study", "treatment"), keep_others=True)
    table = read_table(content, columns, ledger)
    if table is None:
        return ()
    lines: dict[tuple[str, ...], int] = {}
    results = []
    for row in table.rows:
        filled = replace(row, cells={"outcome": "outcome", **row.cells, "source": row.cells.get("source") or "-"})
        cells = Cells(filled, ledger, decimal_comma=table.decimal_comma)
        _not_twice(cells, filled, lines)
        result = _result(cells, {}) if row.whole else None
        if result is not None and cells.ok:
            results.append(result)
    return tuple(results)


def _not_twice(cells: Cells, row: TableRow, lines: dict[tuple[str, ...], int]) -> None:
    said = {column: row.cells.get(column, "").casefold() for column in _KEY}
    said["arm"] = said["arm"] or said["treatment"]
    with suppress(NotANumberError):
        # 6 and 6.0 are one time.
        said["followup_weeks"] = str(number(said["followup_weeks"], decimal_comma=cells.decimal_comma))
    key = tuple(said.values())
    if key in lines:
        problem = f"the same study, arm, treatment, comparator, outcome and time as row {lines[key]}"
        cells.fault("study", problem, "keep one row, or tell the two apart by 'arm' or 'followup_weeks'")
    lines.setdefault(key, row.line)


def _result(cells: Cells, studies: dict[str, Study]) -> Result | None:
    study = cells.reference("study", "study", "write the id of a row of studies.csv")
    outcome = cells.reference("outcome", "outcome", "write the id of an outcome of dossier.yaml")
    treatment = cells.reference("treatment", "treatment", "write the id of a treatment of dossier.yaml")
    comparator = cells.reference("comparator", "treatment")
    if comparator is not None and comparator == treatment:
        cells.fault(
            "comparator", "the treatment is compared with itself", "write what it was compared with, or empty it"
        )
    n_randomised = cells.count("n_randomised", least=1)
    n = cells.count("n", least=1)
    events = cells.count("events")
    mean, sd, se = (
        cells.number("mean"),
        cells.number("sd", above=0, what="the standard deviation"),
        cells.number("se", above=0, what="the standard error"),
    )
    ci_lower, ci_upper = cells.number("ci_lower"), cells.number("ci_upper")
    percent, p_value = _percent(cells), _p_value(cells)
    status, direction = _status(cells)
    source = _source(cells, status, studies.get(study or ""))
    inferred = _inferred(cells)
    p_test = _p_test(cells)
    _check_people(cells, n_randomised, n, events, status)
    _check_spread(cells, n, sd, se)
    _check_interval(cells, ci_lower, ci_upper)
    times = {
        column: cells.number(column, least=0, what="the figure")
        for column in ("followup_weeks", "dose_mg", "sessions_per_week", "weeks")
    }
    if study is None or outcome is None or treatment is None or status is None or source is None:
        return None
    return Result(
        study=study,
        outcome=outcome,
        treatment=treatment,
        arm=cells.text("arm") or treatment,
        comparator=comparator,
        followup_weeks=times["followup_weeks"],
        dose_mg=times["dose_mg"],
        sessions_per_week=times["sessions_per_week"],
        weeks=times["weeks"],
        n_randomised=n_randomised,
        n=n,
        events=events,
        percent=percent,
        mean=mean,
        sd=sd,
        se=se,
        ci_lower=ci_lower,
        ci_upper=ci_upper,
        p_value=p_value,
        p_test=p_test,
        status=status,
        direction=direction,
        source=source,
        inferred=inferred,
        note=cells.text("note"),
        mean_printed=None if mean is None else cells.printed("mean"),
        sd_printed=None if sd is None else cells.printed("sd"),
        row=cells.line,
    )


def _status(cells: Cells) -> tuple[Status | None, Direction | None]:
    """What the row says of its outcome: as written, else what its figures or its direction show."""
    status = cells.word("status", Status, _STATUS_ELSEWHERE)
    direction = cells.word("direction", Direction)
    figures = [column for column in _SIZES if cells.filled(column)]
    if cells.written("status") and status is None:
        return None, direction
    if status is None and figures:
        status = Status.COUNTED
    elif status is None and cells.written("direction"):
        status = Status.DIRECTION
    elif status is None:
        cells.fault("status", "no figures and no status", f"write '{Status.NOT_REPORTED}', or the figures")
        return None, direction
    if status is Status.COUNTED and not figures:
        cells.fault("status", "'counted', but no figures stand", f"fill them in, or write '{Status.NOT_REPORTED}'")
    if status is Status.NOT_REPORTED and figures:
        cells.fault(
            "status",
            f"'not reported', but {_listed(figures)} stands",
            "empty the status, or the figures; 0 is a figure",
        )
    if status is Status.DIRECTION and figures:
        cells.fault("status", f"'direction', but {_listed(figures)} stands", "empty the status: figures say more")
    if status is Status.DIRECTION and not cells.written("direction"):
        cells.fault("direction", "empty, though the status is 'direction'", mend_of_word("", Direction))
    if status is not Status.DIRECTION and cells.written("direction"):
        cells.fault("direction", f"filled, though the status is '{status}'", "empty it, or write status 'direction'")
    if status in (Status.HAPPENED, Status.SAID):
        allowed = {"events"} if status is Status.HAPPENED else set()
        if surplus := [column for column in figures if column not in allowed]:
            cells.fault(surplus[0], f"a figure, though the status is '{status}'", f"write status '{Status.COUNTED}'")
    return status, direction


def _listed(columns: list[str]) -> str:
    return " and ".join(f"'{column}'" for column in columns)


def _source(cells: Cells, status: Status | None, study: Study | None) -> str | None:
    if cells.written("source"):
        return cells.reference("source", "source")
    if status is Status.NOT_REPORTED:
        # Nothing is claimed but that the study's own source does not say it.
        return "" if study is None else study.source
    cells.fault("source", "a figure without a source", _SOURCE_MEND)
    return None


def _inferred(cells: Cells) -> bool:
    seen = cells.written("seen").casefold()
    if seen == "memory":
        cells.fault("seen", "a remembered figure", "it belongs in parameters.csv, where it is marked as unverified")
    elif seen not in ("", "read", "inferred"):
        cells.fault("seen", "not one of its words", "write 'read' or 'inferred'")
    return seen == "inferred"


def _p_test(cells: Cells) -> str | None:
    test = cells.written("p_test").casefold()
    if not test:
        return None
    if test not in _P_TESTS:
        cells.fault("p_test", "not one of its words", mend_of_word(test, _P_TESTS))
    return test


def _percent(cells: Cells) -> str | None:
    printed = cells.printed("percent", without="%")
    if printed is not None and not 0 <= float(printed) <= 100:
        cells.fault("percent", "a percentage outside 0 to 100", "compare it with the source")
    return printed


def _p_value(cells: Cells) -> str | None:
    """`0.054`, `<0.001`, `>0.05` or `ns`: as printed, in one spelling."""
    written = cells.written("p_value")
    if not cells.filled("p_value"):
        return None
    if written.casefold() in ("ns", "n.s."):
        return "ns"
    found = _P_VALUE.fullmatch(written)
    try:
        if found is None:
            raise NotANumberError("not a p-value", _P_VALUE_MEND)
        printed = plain(found[2], decimal_comma=cells.decimal_comma)
        value = number(printed)
    except NotANumberError as error:
        mend = f"{error.mend}; as printed otherwise" if found is not None and "," in found[2] else _P_VALUE_MEND
        cells.fault("p_value", "not a p-value", mend)
        return None
    if not 0 <= value <= 1:
        cells.fault("p_value", "a p-value outside 0 to 1", "compare it with the source")
    sign = {"≤": "<", "<=": "<", "≥": ">", ">=": ">", "=": ""}.get(found[1] or "", found[1] or "")
    return f"{sign}{printed}"


def _check_people(
    cells: Cells, n_randomised: int | None, n: int | None, events: int | None, status: Status | None
) -> None:
    if n is not None and n_randomised is not None and n > n_randomised:
        cells.fault("n", f"{n} analysed of {n_randomised} randomised", "compare 'n' and 'n_randomised' with the source")
    if events is not None and cells.written("comparator"):
        cells.fault("events", "a count in a row of differences", "give each arm its own row, or empty 'comparator'")
    if events is not None and n is not None and events > n:
        cells.fault("events", f"{events} events among {n} participants", "compare 'events' and 'n' with the source")
    if status is Status.HAPPENED and events is not None and n is not None:
        cells.fault("n", "events of n people are a count", f"write status '{Status.COUNTED}', or empty 'n'")
    if status is Status.COUNTED and not cells.filled("n") and not cells.written("comparator"):
        for column, what in (("events", "events"), ("mean", "a mean"), ("percent", "a percentage")):
            if cells.filled(column):
                cells.fault("n", f"{what} without the number of people behind it", "fill 'n' with those analysed")
                break


def _check_spread(cells: Cells, n: int | None, sd: float | None, se: float | None) -> None:
    if sd is not None and se is not None and se > sd and n is not None and n > 1 and not cells.written("comparator"):
        cells.fault(
            "se",
            f"a standard error above the standard deviation {sd:g}",
            "exchange 'sd' and 'se' if they stand swapped",
        )


def _check_interval(cells: Cells, ci_lower: float | None, ci_upper: float | None) -> None:
    if ci_lower is not None and ci_upper is not None and ci_lower > ci_upper:
        cells.fault("ci_lower", f"lower limit above the upper limit {ci_upper:g}", "exchange the limits")
    for column, other in (("ci_lower", "ci_upper"), ("ci_upper", "ci_lower")):
        if cells.filled(column) and not cells.filled(other):
            cells.fault(other, f"empty, though '{column}' is filled", "give both limits, or put one into the note")

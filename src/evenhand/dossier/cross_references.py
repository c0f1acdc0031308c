"""Whether the five files fit together: every name is given somewhere, every formula has all its values.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from evenhand.dossier.dossier_yaml import Frame
from evenhand.dossier.ledger import Ledger, Mention
from evenhand.dossier.nearest import mend_of_name
from evenhand.dossier.records import Dependence, Outcome, OutcomeType, Result, Scenario, Status, Treatment

RATIO_MEASURES = frozenset({"OR", "RR", "ROM", "HR"})
_REGIMEN = ("sessions_per_week", "weeks")  # `sessions` is their product where nothing else gives it
_MOST_ROWS = 8  # listed in one fault
_WHERE = {
    "study": "add a row to studies.csv",
    "outcome": "add it to 'outcomes' in dossier.yaml",
    "treatment": "add it to 'treatments' in dossier.yaml",
    "source": "add an entry to sources.bib",
    "parameter": "add a row to parameters.csv",
    "claim": "add it to 'claims' in dossier.yaml",
    "feature": "add it to the 'features' of a treatment that has it",
}
_A_NAME = {"source": "no entry of sources.bib has this key", "feature": "no treatment has this feature"}


def check_names(ledgers: Sequence[Ledger]) -> None:
    """Every name that is used is given; names whose file cannot be read are left unchecked."""
    known: dict[str, set[str]] = {}
    for ledger in ledgers:
        for kind, names in ledger.known.items():
            known.setdefault(kind, set()).update(names)
    for ledger in ledgers:
        unknown: dict[tuple[str, str], list[Mention]] = {}
        for mention in ledger.mentions:
            if mention.kind in known and mention.name not in known[mention.kind]:
                unknown.setdefault((mention.kind, mention.name), []).append(mention)
        for (kind, _), mentions in unknown.items():
            _unknown(ledger, mentions, known[kind])


def _unknown(ledger: Ledger, mentions: Sequence[Mention], names: Iterable[str]) -> None:
    """One fault a name, at its first use: a misspelt id of a study is one slip, however many rows it has."""
    first, *others = mentions
    problem = _A_NAME.get(first.kind, f"no {first.kind} has this {'name' if first.kind == 'parameter' else 'id'}")
    rows = sorted({mention.row for mention in others if mention.row is not None} - {first.row})
    if rows:
        listed = ", ".join(str(row) for row in rows[:_MOST_ROWS])
        problem += f"; it stands in row {listed} too" if len(rows) == 1 else f"; it stands in rows {listed} too"
    if len(rows) > _MOST_ROWS:
        problem += f", and in {len(rows) - _MOST_ROWS} more"
    ledger.fault(
        problem,
        mend_of_name(first.name, names, _WHERE[first.kind]),
        row=first.row,
        column=first.column,
        value=first.name,
    )


def check_results(ledger: Ledger, results: Iterable[Result], outcomes: Mapping[str, Outcome]) -> None:
    """A row's figures are of the kind that its outcome takes."""
    for row in results:
        outcome = outcomes.get(row.outcome)
        if outcome is None or row.status is not Status.COUNTED:
            continue
        if row.comparator is None:
            _check_arm(ledger, row, outcome)
        if outcome.measure in RATIO_MEASURES and (row.comparator is not None or outcome.measure == "ROM"):
            _check_ratio(ledger, row, str(outcome.measure))


def _check_arm(ledger: Ledger, row: Result, outcome: Outcome) -> None:
    if outcome.type is OutcomeType.BINARY and row.mean is not None:
        mend = "write 'events' and 'n', or make it type: continuous in dossier.yaml"
        ledger.fault(f"a mean of '{outcome.id}', which is counted in people", mend, row=row.row, column="mean")
    if outcome.type is OutcomeType.CONTINUOUS and row.events is not None:
        mend = "write 'mean' and 'sd', or make it type: binary in dossier.yaml"
        ledger.fault(f"a count on '{outcome.id}', which is a scale", mend, row=row.row, column="events")


def _check_ratio(ledger: Ledger, row: Result, measure: str) -> None:
    for column, value in (("mean", row.mean), ("ci_lower", row.ci_lower), ("ci_upper", row.ci_upper)):
        if value is not None and value <= 0:
            mend = "write the ratio itself, not its logarithm, or change 'measure' in dossier.yaml"
            problem = f"a ratio ({measure}) must be above 0"
            ledger.fault(problem, mend, row=row.row, column=column, value=f"{value:g}")


def check_formulas(ledger: Ledger, frame: Frame, parameters: Iterable[str]) -> None:
    """Every variable of every formula has a value wherever the formula is used.

    Not asked where a part of dossier.yaml that may give values could not be read.
    """
    if frame.broken & {"outcomes", "scenarios", "dependences"}:
        return
    names = set(parameters)
    settable = names | set(_settable(frame))
    for outcome in frame.outcomes.values():
        if outcome.formula is None:
            continue
        unknown = [name for name in outcome.formula.names if name not in settable]
        for name in unknown:
            _fault(
                ledger,
                outcome.row,
                f"outcomes.{outcome.id}.formula: no parameter and no scenario gives '{name}'",
                mend_of_name(name, settable, "add a row to parameters.csv, or a value to the scenarios"),
                name,
            )
        for scenario in frame.scenarios:
            treatment = frame.treatments.get(scenario.treatment)
            if treatment is None or not _applies(outcome, treatment):
                continue
            lacking = _lacking(outcome.formula.names, names, scenario.values)
            if missing := [name for name in lacking if name not in unknown]:
                _lacks(ledger, outcome, scenario, missing)
    for dependence in frame.dependences:
        _check_dependence(ledger, frame, dependence, names, settable)


def _applies(outcome: Outcome, treatment: Treatment) -> bool:
    return outcome.only_with is None or outcome.only_with in treatment.features


def _settable(frame: Frame) -> Iterator[str]:
    """Names that a scenario or a picture gives."""
    yield "sessions"
    for scenario in frame.scenarios:
        yield from scenario.values
    for dependence in frame.dependences:
        yield from dependence.values
        for line in dependence.lines:
            yield from line.values
        if dependence.variable is not None:
            yield dependence.variable


def _lacking(names: Iterable[str], parameters: set[str], *values: Mapping[str, float | str]) -> list[str]:
    """The names that neither a parameter nor one of the layers of values gives."""
    given = {name: value for layer in values for name, value in layer.items()}
    if all(isinstance(given.get(name), float) for name in _REGIMEN):
        given.setdefault("sessions", 0.0)
    return [name for name in names if name not in given and name not in parameters]


def _lacks(ledger: Ledger, outcome: Outcome, scenario: Scenario, missing: Sequence[str]) -> None:
    listed = ", ".join(f"'{name}'" for name in missing)
    mend = f"add it to the values of scenario '{scenario.id}' (row {scenario.row})"
    if outcome.only_with is None:
        mend += ", or say with 'only_with' which treatments it can come from"
    problem = f"outcomes.{outcome.id}.formula: scenario '{scenario.id}' gives no value to {listed}"
    _fault(ledger, outcome.row, problem, mend, None)


def _check_dependence(
    ledger: Ledger, frame: Frame, dependence: Dependence, parameters: set[str], settable: set[str]
) -> None:
    outcome = frame.outcomes.get(dependence.outcome)
    if outcome is None or outcome.id in frame.broken_formulas or dependence.kind == "measured":
        return
    where = f"dependences.{dependence.id}: "
    if outcome.formula is None:
        mend = f"give '{outcome.id}' a formula, or write kind 'measured'"
        _fault(ledger, dependence.row, f"{where}'{outcome.id}' has no formula to draw", mend, None)
        return
    used = set(outcome.formula.names)
    if "sessions" in used:
        used |= set(_REGIMEN)
    variable = dependence.variable
    given = {name for line in dependence.lines for name in line.values} | set(dependence.values)
    if variable is not None and variable not in used:
        mend = mend_of_name(variable, used, f"draw over a variable of the formula of '{outcome.id}'")
        _fault(ledger, dependence.row, f"{where}'{variable}' does not occur in the formula", mend, variable)
    for name in sorted(given - used):
        mend = mend_of_name(name, used, "take it out: it changes nothing")
        _fault(ledger, dependence.row, f"{where}'{name}' does not occur in the formula", mend, name)
    base = next((scenario.values for scenario in frame.scenarios if scenario.default), {})
    swept: dict[str, float | str] = {} if variable is None else {variable: 0.0}
    lacking = {
        name: None
        for line in dependence.lines
        for name in _lacking(outcome.formula.names, parameters, base, dependence.values, line.values, swept)
        if name in settable
    }
    if lacking:
        mend = "add them to its 'values', to its lines or to the default scenario"
        listed = ", ".join(f"'{name}'" for name in lacking)
        _fault(ledger, dependence.row, f"{where}no value for {listed}", mend, None)


def _fault(ledger: Ledger, row: int | None, problem: str, mend: str, value: str | None) -> None:
    ledger.fault(problem, mend, row=row, value=value)

"""The table of both hands, per 1,000 people, and the same outcomes under every scenario.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

from dataclasses import dataclass

from markupsafe import Markup

from evenhand.dossier.records import Hand, Outcome, OutcomeType
from evenhand.outlook.absolute import Absolute, Basis, Interval
from evenhand.report.amounts import PER_1000, amount_range, change, change_range, figure, is_number, value_of
from evenhand.report.formula_view import reason_view
from evenhand.report.lookup import Lookup, anchor
from evenhand.report.voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A number with its range, or words in its place."""

    main: Markup
    range: Markup | None = None
    is_number: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HandRow:
    """One outcome: without, with, the difference, how sure, when."""

    anchor: str
    name: Markup
    serious: bool
    claims: tuple[str, ...]
    without: Cell
    with_treatment: Cell
    difference: Cell
    level: str | None
    horizon: Markup | None
    reason: Markup
    inputs: "Inputs"
    cites: Markup
    measured: bool
    unit: Markup | None  # None for people of 1,000
    not_zero_in: Markup | None  # scenarios in which a zero of this one is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a number rests on that nobody should overlook."""

    unverified: tuple[Markup, ...] = ()
    assumptions: tuple[Markup, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandGroup:
    """All outcomes of one hand, measured ones first."""

    hand: str
    rows: tuple[HandRow, ...]  # with a number
    unmeasured: tuple[tuple[Markup, tuple[HandRow, ...]], ...]  # without one: why, and which


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioColumn:
    """One scenario: what it assumes, in words and values."""

    id: str
    name: Markup
    note: Markup | None
    values: tuple[tuple[str, Markup], ...]
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRow:
    """One outcome with a cell for every scenario."""

    name: Markup
    hand: str
    unit: Markup
    cells: tuple[Cell, ...]
    cites: Markup
    varies: bool  # whether the way one treatment is given changes it


def hand_groups(lookup: Lookup, voice: Voice) -> tuple[HandGroup, ...]:
    """Benefits, then harms; within each, what was measured, serious things first, then what nobody measured."""
    groups = []
    for hand in (Hand.BENEFIT, Hand.HARM):
        outcomes = [
            outcome
            for outcome in lookup.dossier.outcomes.values()
            if outcome.hand is hand and outcome.type is not OutcomeType.MECHANISM
        ]
        main = lookup.dossier.question.main_benefit
        outcomes.sort(key=lambda outcome: (outcome.id != main, not _measured(lookup, outcome), not outcome.serious))
        rows = [_row(lookup, voice, outcome) for outcome in outcomes]
        reasons = dict.fromkeys(row.reason for row in rows if not row.measured)
        groups.append(
            HandGroup(
                hand=hand.value,
                rows=tuple(row for row in rows if row.measured),
                unmeasured=tuple(
                    (reason, tuple(row for row in rows if not row.measured and row.reason == reason))
                    for reason in reasons
                ),
            )
        )
    return tuple(group for group in groups if group.rows or group.unmeasured)


def scenario_columns(lookup: Lookup, voice: Voice) -> tuple[ScenarioColumn, ...]:
    """Every scenario with what it sets; a named input is shown by its label."""
    return tuple(
        ScenarioColumn(
            id=scenario.id,
            name=voice.say(scenario.name),
            note=voice.say(scenario.note) if scenario.note else None,
            values=tuple((name, _setting(lookup, voice, value)) for name, value in scenario.values.items()),
            chosen=scenario.id == lookup.assessment.scenario,
        )
        for scenario in lookup.dossier.scenarios
    )


def scenario_rows(lookup: Lookup, voice: Voice) -> tuple[ScenarioRow, ...]:
    """Outcomes with a number under at least one scenario."""
    rows = []
    for outcome in lookup.dossier.outcomes.values():
        cells = [lookup.absolute(outcome.id, scenario.id) for scenario in lookup.dossier.scenarios]
        if not any(cell is not None and is_number(cell) and cell.basis is not Basis.IMPOSSIBLE for cell in cells):
            continue
        unit = voice.text("report.hands.per_1000") if _in_people(cells) else voice.say(outcome.unit)
        rows.append(
            ScenarioRow(
                name=voice.say(outcome.name),
                hand=outcome.hand.value,
                unit=unit,
                cells=tuple(value_cell(cell, voice) for cell in cells),
                cites=voice.cite(source for cell in cells if cell is not None for source in cell.sources),
                varies=_varies(cells),
            )
        )
    return tuple(rows)


def _varies(cells: list[Absolute | None]) -> bool:
    """Whether two scenarios of the same treatment give different numbers."""
    seen: dict[str, set[Interval | None]] = {}
    for cell in cells:
        if cell is not None:
            seen.setdefault(cell.treatment, set()).add(value_of(cell))
    return any(len(values) > 1 for values in seen.values())


def value_cell(absolute: Absolute | None, voice: Voice) -> Cell:
    """A value with its range; `nobody has measured it` where there is none, and a counted zero with its upper limit."""
    value = value_of(absolute)
    if absolute is None or value is None:
        return Cell(main=voice.text("report.hands.not_measured"), is_number=False)
    if absolute.basis is Basis.IMPOSSIBLE:
        return Cell(main=voice.number(0), range=voice.text("report.hands.impossible"))
    if absolute.unit != PER_1000 and absolute.basis is Basis.CONTRAST:
        return change_cell(absolute, voice)
    main = Markup.escape(figure(voice.catalogue, value.value, absolute.unit))
    span = Markup.escape(amount_range(voice.catalogue, value, absolute.unit))
    return Cell(main=main, range=None if span == main else span)


def change_cell(absolute: Absolute | None, voice: Voice) -> Cell:
    """A difference with its range, or that it is not known."""
    if absolute is None or absolute.difference is None:
        return Cell(main=voice.text("report.hands.no_difference_known"), is_number=False)
    span = change_range(voice.catalogue, absolute.difference, absolute.unit)
    main = change(voice.catalogue, absolute.difference.value, absolute.unit)
    return Cell(main=Markup.escape(main), range=None if span == main else Markup.escape(span))


def inputs_of(lookup: Lookup, voice: Voice, unverified: tuple[str, ...], assumptions: tuple[str, ...]) -> Inputs:
    """Labels of the remembered and of the chosen inputs, for the flag beside the number."""
    parameters = lookup.dossier.parameters

    def labels(names: tuple[str, ...]) -> tuple[Markup, ...]:
        return tuple(voice.say(parameters[name].label) if name in parameters else voice.say(name) for name in names)

    return Inputs(unverified=labels(unverified), assumptions=labels(assumptions))


def _row(lookup: Lookup, voice: Voice, outcome: Outcome) -> HandRow:
    absolute, without = lookup.absolute(outcome.id), lookup.without(outcome.id)
    treatment = lookup.scenario.treatment if lookup.scenario else lookup.dossier.question.treatment
    rating = lookup.rating(outcome.id, treatment)
    difference_only = (
        absolute is not None and absolute.unit != PER_1000 and absolute.basis is Basis.CONTRAST and is_number(absolute)
    )
    blank = Cell(main=voice.text("report.hands.difference_only"), is_number=False)
    return HandRow(
        anchor=anchor("outcome", outcome.id),
        name=voice.say(outcome.name),
        serious=outcome.serious,
        claims=lookup.claims_on(outcome.id),
        without=blank if difference_only else value_cell(without, voice),
        with_treatment=blank if difference_only else value_cell(absolute, voice),
        difference=change_cell(absolute, voice),
        level=rating.level.word if rating and is_number(absolute) else None,
        horizon=voice.say(outcome.horizon) if outcome.horizon else None,
        reason=reason_view(lookup, voice, absolute) if absolute else voice.text("report.hands.not_measured"),
        inputs=inputs_of(
            lookup, voice, absolute.unverified if absolute else (), absolute.assumptions if absolute else ()
        ),
        cites=voice.cite(absolute.sources if absolute else ()),
        measured=is_number(absolute),
        unit=None if outcome.type is OutcomeType.BINARY else voice.say(outcome.unit),
        not_zero_in=_not_zero_in(lookup, voice, absolute),
    )


def _not_zero_in(lookup: Lookup, voice: Voice, absolute: Absolute | None) -> Markup | None:
    """Where this scenario's zero hides a danger: the other scenarios of the same treatment that are not zero."""
    value = value_of(absolute)
    if absolute is None or value is None or value.upper != 0:
        return None
    others = []
    for scenario in lookup.dossier.scenarios:
        other = lookup.absolute(absolute.outcome, scenario.id)
        there = value_of(other)
        if other is not None and there is not None and other.treatment == absolute.treatment and there.upper > 0:
            number = figure(voice.catalogue, there.value, other.unit)
            others.append(Markup("{} ({})").format(voice.say(scenario.name), number))
    return voice.text("report.hands.not_zero_in", list=voice.text("report.semicolon").join(others)) if others else None


def _measured(lookup: Lookup, outcome: Outcome) -> bool:
    return is_number(lookup.absolute(outcome.id))


def _in_people(cells: list[Absolute | None]) -> bool:
    return any(cell is not None and cell.unit == PER_1000 for cell in cells)


def _setting(lookup: Lookup, voice: Voice, value: float | str) -> Markup:
    if isinstance(value, str):
        parameter = lookup.dossier.parameters.get(value)
        if parameter is None:
            return voice.say(value)
        return Markup("{} <span class=muted>({})</span>").format(
            voice.number(parameter.value), voice.say(parameter.label)
        )
    return voice.number(value)

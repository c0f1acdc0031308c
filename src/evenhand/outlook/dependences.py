"""A harm or benefit as it depends on something: the numbers of a picture.

Pipeline: dossier → integrity → effects → synthesis → certainty → [outlook] → verdicts → report
"""

import math

import numpy as np

from evenhand.dossier.records import Dependence, Dossier, OutcomeType, Parameter
from evenhand.outlook.absolute import CurveLine, CurvePoint, DrawnDependence, Interval, MeasuredPoint
from evenhand.outlook.absolutes import PER_PEOPLE, Outlook
from evenhand.outlook.people import PEOPLE, interval_of_draws

CURVE_POINTS = 27  # fortnightly over a year, and a round grid for anything else


def draw_dependence(dossier: Dossier, dependence: Dependence, outlook: Outlook) -> DrawnDependence:
    """The numbers of one dependence: a curve, bars, or the results that anybody measured, by dose."""
    outcome = dossier.outcomes[dependence.outcome]
    unit = PER_PEOPLE if outcome.type is OutcomeType.BINARY else outcome.unit.en
    if dependence.kind == "measured":
        return DrawnDependence(id=dependence.id, unit=unit, measured=_measured(dossier, dependence.outcome))
    lines = _lines(dossier, dependence, outlook)
    drawn = tuple(
        CurveLine(name=line.name, points=tuple(point for point in line.points if _is_number(point.value)))
        for line in lines
    )
    return DrawnDependence(
        id=dependence.id,
        unit=unit,
        # A picture has no place for what is no number; how many such points there are is handed on with it.
        lines=tuple(line for line in drawn if line.points),
        without_number=sum(len(line.points) for line in lines) - sum(len(line.points) for line in drawn),
        unverified=tuple(item.name for item in _inputs(dossier, dependence, outlook) if not item.verified),
        assumptions=tuple(item.name for item in _inputs(dossier, dependence, outlook) if item.kind == "assumption"),
    )


def _lines(dossier: Dossier, dependence: Dependence, outlook: Outlook) -> tuple[CurveLine, ...]:
    outcome = dossier.outcomes[dependence.outcome]
    factor = PEOPLE if outcome.type is OutcomeType.BINARY else 1.0
    base = _default_values(dossier)

    def at(x: float, line_values: object) -> CurvePoint:
        swept = {} if dependence.variable is None else {dependence.variable: x}
        draws = outlook.formula_draws(outcome, base, dependence.values, line_values, swept)  # type: ignore[arg-type]
        return CurvePoint(x=x, value=interval_of_draws(draws, factor))

    if dependence.kind == "bars":
        return tuple(
            CurveLine(name=line.name, points=(at(float(place), line.values),))
            for place, line in enumerate(dependence.lines)
        )
    start, stop = dependence.start or 0.0, dependence.stop if dependence.stop is not None else 1.0
    grid = [float(x) for x in np.linspace(start, stop, CURVE_POINTS)]
    return tuple(CurveLine(name=line.name, points=tuple(at(x, line.values) for x in grid)) for line in dependence.lines)


def _is_number(value: Interval) -> bool:
    return all(math.isfinite(limit) for limit in (value.value, value.lower, value.upper))


def _inputs(dossier: Dossier, dependence: Dependence, outlook: Outlook) -> tuple[Parameter, ...]:
    formula = dossier.outcomes[dependence.outcome].formula
    names = () if formula is None else tuple(name for name in formula.names if name != dependence.variable)
    used = {
        item.name: item
        for line in dependence.lines
        for item in outlook.inputs.used(names, _default_values(dossier), dependence.values, line.values)
    }
    return tuple(used.values())


def _default_values(dossier: Dossier) -> dict[str, float | str]:
    """What the default scenario sets, for every variable a line does not set itself."""
    return next((dict(scenario.values) for scenario in dossier.scenarios if scenario.default), {})


def _measured(dossier: Dossier, outcome: str) -> tuple[MeasuredPoint, ...]:
    rows = [row for row in dossier.results if row.outcome == outcome and row.comparator is None]
    points = [
        MeasuredPoint(
            study=row.study,
            arm=row.arm,
            dose_mg=row.dose_mg,
            sessions_per_week=row.sessions_per_week,
            weeks=row.weeks,
            events=row.events,
            n=row.n,
            status=row.status.value,
            direction=None if row.direction is None else row.direction.value,
            design=dossier.studies[row.study].design.value,
        )
        for row in rows
    ]
    return tuple(sorted(points, key=lambda point: (point.dose_mg is None, point.dose_mg or 0.0)))

"""What happens to 1,000 people under a scenario, or how many points on a scale, with its uncertainty.

Pipeline: dossier → integrity → effects → synthesis → certainty → [outlook] → verdicts → report
"""

from dataclasses import dataclass
from enum import StrEnum

from evenhand.messages import Message


class Basis(StrEnum):
    """Where an absolute number comes from."""

    CONTRAST = "contrast"  # baseline risk and a comparative effect
    ONE_ARM = "one arm"  # proportion in one treated arm; nobody counted it without treatment
    FORMULA = "formula"  # exposure model over named inputs
    IMPOSSIBLE = "impossible"  # cannot come about this way: exactly zero
    NOT_MEASURED = "not measured"  # no number; never zero


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A median with its 95 % credible limits."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Absolute:
    """One outcome under one scenario."""

    outcome: str
    scenario: str
    treatment: str
    basis: Basis
    value: Interval | None  # of 1,000 people, or in `unit`; None where nobody measured it
    difference: Interval | None  # scenario minus the question's comparator, same unit; None where either is unknown
    unit: str  # 'per 1000' or the outcome's own unit
    reason: Message  # how it was computed, or why it cannot be
    counts: tuple[int, int] | None = None  # events of n, for one arm
    unverified: tuple[str, ...] = ()  # remembered inputs it rests on
    assumptions: tuple[str, ...] = ()  # chosen inputs it rests on
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One x with its band."""

    x: float
    value: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveLine:
    """One line (or, with one point, one bar) of a dependence picture."""

    name: object  # Words
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPoint:
    """One result placed by its dose, for a dependence nobody has modelled."""

    study: str
    arm: str
    dose_mg: float | None
    sessions_per_week: float | None
    weeks: float | None
    events: int | None
    n: int | None
    status: str  # dossier.records.Status value
    direction: str | None
    design: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnDependence:
    """A dependence with its numbers, ready to be drawn and tabulated."""

    id: str  # of the dossier's Dependence
    unit: str
    lines: tuple[CurveLine, ...] = ()
    without_number: int = 0  # places at which the formula gives no number: left out of the lines, and to be said
    measured: tuple[MeasuredPoint, ...] = ()
    unverified: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

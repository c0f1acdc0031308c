"""The numbers of a forest plot, on the scale people read, before anything is drawn.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from evenhand.effects import MEASURES, Kind, Measure
from evenhand.effects.contrast import Contrast
from evenhand.figures.ticks import nice_end
from evenhand.outlook.people import PEOPLE
from evenhand.synthesis.pooled import Pooled

_Z = 1.959963984540054  # 97.5 % point of the normal distribution
_FLOAT_RANGE = 690.0
_OF_PEOPLE = frozenset({"RD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An estimate with its 95 % interval, on the scale people read; an end may be infinite."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyValues:
    """One study's row."""

    contrast: Contrast
    span: Span | None  # None: no estimate without adding to zero cells
    weight: float | None  # percent; None where the model gives a study no single weight


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestValues:
    """All numbers of one forest plot."""

    studies: tuple[StudyValues, ...]
    posterior: Span
    prediction: Span | None  # effect in a new setting; None with one study, where it is the prior's alone
    classical: Span | None
    classical_method: str | None  # 'REML'
    null: float | None  # no effect; None for one arm
    low: float  # the axis
    high: float
    log: bool
    people: bool  # of 1,000 people, so that numbers are counts


def forest_values(pooled: Pooled) -> ForestValues:
    """Study and pooled estimates of one effect, and the axis on which all of them can be read.

    A proportion and a risk difference are given in people of 1,000. Intervals of single proportions are
    Clopper-Pearson's, so that a count of zero has an upper limit; those of contrasts are yi ± 1.96 √vi.

    References
    ----------
    Clopper & Pearson (1934). Biometrika 26, 404-413.
    """
    measure = MEASURES[pooled.measure]
    people = measure.kind is Kind.ONE_COUNT or measure.name in _OF_PEOPLE
    factor = PEOPLE if people else 1.0
    weights = _weights(pooled)
    studies = tuple(
        StudyValues(contrast=contrast, span=_study_span(contrast, measure, factor), weight=weight)
        for contrast, weight in zip(pooled.contrasts, weights, strict=True)
    )
    posterior = Span(value=factor * pooled.estimate, lower=factor * pooled.lower, upper=factor * pooled.upper)
    prediction = _prediction(pooled, measure, factor)
    classical = _classical(pooled, measure, factor)
    null = None if measure.null is None else factor * _display(measure, measure.null)
    spans = [posterior, *(span for span in (classical, *(study.span for study in studies)) if span is not None)]
    low, high = _axis(spans, prediction, null, measure)
    return ForestValues(
        studies=studies,
        posterior=posterior,
        prediction=prediction,
        classical=classical,
        classical_method=None if pooled.classical is None else pooled.classical.method,
        null=null,
        low=low,
        high=high,
        log=measure.is_ratio,
        people=people,
    )


def _display(measure: Measure, value: float) -> float:
    if math.isnan(value):
        return value
    # An upper limit beyond float range is infinite, and drawn as an arrow.
    with np.errstate(over="ignore"):
        return float(measure.to_display(np.float64(value)))  # type: ignore[arg-type]


def _study_span(contrast: Contrast, measure: Measure, factor: float) -> Span | None:
    if measure.kind is Kind.ONE_COUNT:
        events, n = contrast.treated.events, contrast.treated.n
        if events is not None and n:
            lower, upper = _clopper_pearson(events, n)
            return Span(value=factor * events / n, lower=factor * lower, upper=factor * upper)
    if not (math.isfinite(contrast.yi) and math.isfinite(contrast.vi)):
        return None
    half = _Z * math.sqrt(contrast.vi)
    value, lower, upper = (_display(measure, contrast.yi + step) for step in (0.0, -half, half))
    return Span(value=factor * value, lower=factor * lower, upper=factor * upper)


def _clopper_pearson(events: int, n: int) -> tuple[float, float]:
    from scipy.special import betaincinv

    lower = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, 0.025))
    upper = 1.0 if events == n else float(betaincinv(events + 1, n - events, 0.975))
    return lower, upper


def _weights(pooled: Pooled) -> tuple[float | None, ...]:
    """Share of each study in the classical estimate, percent; none for a study alone or not in it."""
    tau2 = pooled.tau2 if pooled.tau2 is not None else 0.0
    precisions = [1.0 / (contrast.vi + tau2) if contrast.vi + tau2 > 0 else math.nan for contrast in pooled.contrasts]
    if pooled.k < 2 or pooled.classical is None or not all(math.isfinite(precision) for precision in precisions):
        return (None,) * pooled.k
    return tuple(100.0 * precision / sum(precisions) for precision in precisions)


def _prediction(pooled: Pooled, measure: Measure, factor: float) -> Span | None:
    if pooled.k < 2:
        return None
    middle, lower, upper = (
        factor * _display(measure, pooled.posterior.prediction.quantile(level)) for level in (0.5, 0.025, 0.975)
    )
    return Span(value=middle, lower=lower, upper=upper)


def _classical(pooled: Pooled, measure: Measure, factor: float) -> Span | None:
    if pooled.classical is None or pooled.k < 2:
        return None
    fit = pooled.classical
    value, lower, upper = (factor * _display(measure, limit) for limit in (fit.estimate, fit.ci_lower, fit.ci_upper))
    return Span(value=value, lower=lower, upper=upper) if math.isfinite(value) else None


def _axis(spans: list[Span], prediction: Span | None, null: float | None, measure: Measure) -> tuple[float, float]:
    """Ends of the axis: estimates, the pooled interval, and as much of wide intervals as leaves those readable."""
    ends = [*spans, *([prediction] if prediction is not None else [])]
    if measure.kind is Kind.ONE_COUNT:
        highest = max(span.upper for span in ends)
        return 0.0, min(PEOPLE, nice_end(highest))
    core = [*(span.value for span in spans), spans[0].lower, spans[0].upper, *([] if null is None else [null])]
    return readable_ends(core, (end for span in ends for end in (span.lower, span.upper)), log=measure.is_ratio)


def readable_ends(core: Iterable[float], limits: Iterable[float], *, log: bool) -> tuple[float, float]:
    """Ends of an axis that holds every value of `core`, and of `limits` as many as leave those readable.

    Limits may take as much room again as the core on either side; an interval that is longer ends in an arrow. Values
    that have no place on the axis (not finite; on a logarithmic one not positive) are passed over.
    """
    forward, back = (math.log, math.exp) if log else (_same, _same)
    anchors = [forward(value) for value in _usable(core, log)] or [0.0]
    core_low, core_high = min(anchors), max(anchors)
    room = max(core_high - core_low, math.log(1.5) if log else 0.1 * max(abs(core_low), abs(core_high), 1e-9))
    ends = [forward(limit) for limit in _usable(limits, log)]
    low = max(min([core_low, *ends]), core_low - room)
    high = min(max([core_high, *ends]), core_high + room)
    # Where all is one point there is still an axis round it.
    margin = 0.04 * (high - low) or room / 2
    # A logarithm beyond float range has no number to stand at an axis.
    widest = _FLOAT_RANGE if log else math.inf
    return back(max(low - margin, -widest)), back(min(high + margin, widest))


def _usable(values: Iterable[float], ratio: bool) -> list[float]:
    return [value for value in values if math.isfinite(value) and (value > 0 or not ratio)]


def _same(value: float) -> float:
    return value

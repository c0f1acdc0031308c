"""Proportion of one arm, on each scale in use.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import arcsine_root, expit, identity, logit, normal_cdf, probit, sine_squared
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells, nan_where_undefined


def proportion(events: Floats, n: Floats, *, zero_cells: ZeroCells = AS_COUNTED) -> tuple[Floats, Floats]:
    """Proportion and its sampling variance p (1 - p) / n; both shape (k,).

    The variance is zero where no one, or everyone, has the event: the formula's failure, not certainty.
    """
    x, m = zero_cells.in_one_arm(events, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / m
        return nan_where_undefined(p, p * (1 - p) / m)


def log_odds(events: Floats, n: Floats, *, zero_cells: ZeroCells = AS_COUNTED) -> tuple[Floats, Floats]:
    """Log odds and their sampling variance; shape (k,), nan where no one or everyone has the event."""
    x, m = zero_cells.in_one_arm(events, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.log(x) - np.log(m - x), 1 / x + 1 / (m - x))


def log_proportion(events: Floats, n: Floats, *, zero_cells: ZeroCells = AS_COUNTED) -> tuple[Floats, Floats]:
    """Log proportion and its sampling variance 1/x - 1/n; shape (k,), nan where no one has the event."""
    x, m = zero_cells.in_one_arm(events, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.log(x / m), 1 / x - 1 / m)


def probit_of_proportion(events: Floats, n: Floats, *, zero_cells: ZeroCells = AS_COUNTED) -> tuple[Floats, Floats]:
    """Probit of the proportion and its sampling variance; shape (k,), nan where no one or everyone has the event.

    The variance is the delta method's: p (1 - p) / (n φ(z)²).
    """
    x, m = zero_cells.in_one_arm(events, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / m
        z = probit(p)
        return nan_where_undefined(z, 2 * np.pi * p * (1 - p) * np.exp(z**2) / m)


def arcsine_proportion(events: Floats, n: Floats, *, zero_cells: ZeroCells = AS_COUNTED) -> tuple[Floats, Floats]:
    """Arcsine of the square root of the proportion, radians, and its sampling variance 1 / (4 n); shape (k,)."""
    x, m = zero_cells.in_one_arm(events, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(arcsine_root(x / m), 1 / (4 * m))


def double_arcsine_proportion(
    events: Floats, n: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Double arcsine of the proportion, radians, and its sampling variance 1 / (4 n + 2); shape (k,).

    References
    ----------
    Freeman & Tukey (1950). Annals of Mathematical Statistics 21, 607-611.
    """
    x, m = zero_cells.in_one_arm(events, n)
    return 0.5 * (arcsine_root(x / (m + 1)) + arcsine_root((x + 1) / (m + 1))), 1 / (4 * m + 2)


def proportion_from_double_arcsine(yi: Floats, n: Floats) -> Floats:
    """The proportion whose double arcsine is `yi` in an arm of `n`; shape (k,).

    For one study this undoes the transformation exactly. A pooled value has no `n` of its own, and the choice of one
    can mislead (Schwarzer et al. 2019, Res. Synth. Methods 10, 476-483); `to_display` takes the limit of large n.

    References
    ----------
    Miller (1978). The American Statistician 32, 138.
    """
    t = 2 * np.asarray(yi, dtype=float)
    inner = np.sin(t) + (np.sin(t) - 1 / np.sin(t)) / n
    return np.asarray(0.5 * (1 - np.sign(np.cos(t)) * np.sqrt(np.maximum(0.0, 1 - inner**2))))


PROPORTION = Measure(
    name="PR",
    label="effects.measure.PR",
    kind=Kind.ONE_COUNT,
    estimate=proportion,
    to_display=identity,
    from_display=identity,
    null=None,
    customary_zero_cells=HALF_WHERE_ZERO,
)
LOG_ODDS = Measure(
    name="PLO",
    label="effects.measure.PLO",
    kind=Kind.ONE_COUNT,
    estimate=log_odds,
    to_display=expit,
    from_display=logit,
    null=None,
    customary_zero_cells=HALF_WHERE_ZERO,
)
LOG_PROPORTION = Measure(
    name="PLN",
    label="effects.measure.PLN",
    kind=Kind.ONE_COUNT,
    estimate=log_proportion,
    to_display=np.exp,
    from_display=np.log,
    null=None,
    customary_zero_cells=HALF_WHERE_ZERO,
)
PROBIT_OF_PROPORTION = Measure(
    name="PRZ",
    label="effects.measure.PRZ",
    kind=Kind.ONE_COUNT,
    estimate=probit_of_proportion,
    to_display=normal_cdf,
    from_display=probit,
    null=None,
    customary_zero_cells=HALF_WHERE_ZERO,
)
ARCSINE_PROPORTION = Measure(
    name="PAS",
    label="effects.measure.PAS",
    kind=Kind.ONE_COUNT,
    estimate=arcsine_proportion,
    to_display=sine_squared,
    from_display=arcsine_root,
    null=None,
    customary_zero_cells=AS_COUNTED,
)
DOUBLE_ARCSINE_PROPORTION = Measure(
    name="PFT",
    label="effects.measure.PFT",
    kind=Kind.ONE_COUNT,
    estimate=double_arcsine_proportion,
    to_display=sine_squared,
    from_display=arcsine_root,
    null=None,
    customary_zero_cells=AS_COUNTED,
)

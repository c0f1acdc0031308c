"""Proportions of one arm, pooled on a transformed scale, and read back as proportions.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects import MEASURES
from evenhand.effects.proportion import proportion_from_double_arcsine
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells
from evenhand.synthesis.counts.checked_counts import checked_arm, checked_level
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.pooled import Classical

MEASURES_OF_ONE_COUNT = ("PLO", "PLN", "PAS", "PFT", "PR")


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledProportion:
    """One proportion under both models; `common` and `random` on the analysis scale, the rest as proportions."""

    measure: str
    common: Classical
    random: Classical
    proportion_common: float
    proportion_random: float
    proportion_lower: float  # of the random effects' confidence interval
    proportion_upper: float
    study_lower: tuple[float, ...]  # Clopper and Pearson's
    study_upper: tuple[float, ...]
    yi: tuple[float, ...]
    vi: tuple[float, ...]


def proportion_meta_analysis(
    events: ArrayLike,
    n: ArrayLike,
    *,
    measure: str = "PLO",
    tau2_method: str = "REML",
    test: str = "z",
    zero_cells: ZeroCells = HALF_WHERE_ZERO,
    back_n: float | None = None,
    level: float = 0.95,
) -> PooledProportion:
    """Pool proportions by inverse variance on the scale of `measure`.

    Parameters
    ----------
    events, n : array_like, shape (k,)
        People with the event, and all people; one entry a study.
    measure : str
        'PLO' log odds, 'PLN' log, 'PAS' arcsine, 'PFT' Freeman–Tukey's double arcsine, 'PR' the proportion itself.
    tau2_method, test : str
        As `method` and `test` of `meta_analysis`.
    zero_cells : ZeroCells
        Added where a scale, or its variance, is not defined without; the arcsines need nothing and get nothing.
    back_n : float, optional
        People in the arm that a pooled double arcsine is read back for; by default the studies' harmonic mean.
    level : float
        Of all intervals.

    Returns
    -------
    PooledProportion

    Raises
    ------
    ValueError
        Naming study and value that cannot be, or a measure, estimator or test there is not.

    References
    ----------
    Clopper & Pearson (1934). Biometrika 26, 404-413; Miller (1978). The American Statistician 32, 138; Schwarzer,
    Chemaitelly, Abu-Raddad & Rücker (2019). Res. Synth. Methods 10, 476-483, on what reading back may do.
    """
    x, m = checked_arm(events, n)
    checked_level(level)
    if measure not in MEASURES_OF_ONE_COUNT:
        raise ValueError(f"measure '{measure}': there are {', '.join(MEASURES_OF_ONE_COUNT)}")
    for i in np.flatnonzero(m == 0):
        raise ValueError(f"n[{i}] = 0: nobody was observed; leave the study out")
    if back_n is not None and not (math.isfinite(back_n) and back_n > 0):
        raise ValueError(f"back_n = {back_n}: a number of people, above 0")
    yi, vi = _own(x, m, measure, zero_cells)
    for i in np.flatnonzero(~(np.isfinite(yi) & (vi > 0))):
        raise ValueError(f"study {i}: {x[i]:g} events among {m[i]:g} have no {measure}; choose what `zero_cells` adds")
    common = meta_analysis(yi, vi, method="EE", test="z", level=level)
    random = meta_analysis(yi, vi, method=tau2_method, test=test, level=level)
    size = m.size / float((1.0 / m).sum()) if back_n is None else back_n
    back = [
        proportion_of(value, measure, size)
        for value in (common.estimate, random.estimate, random.ci_lower, random.ci_upper)
    ]
    lower, upper = clopper_pearson(x, m, level=level)
    return PooledProportion(
        measure=measure,
        common=common,
        random=random,
        proportion_common=back[0],
        proportion_random=back[1],
        proportion_lower=back[2],
        proportion_upper=back[3],
        study_lower=tuple(lower.tolist()),
        study_upper=tuple(upper.tolist()),
        yi=tuple(yi.tolist()),
        vi=tuple(vi.tolist()),
    )


def clopper_pearson(events: Floats, n: Floats, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """The exact interval of a proportion, from the beta quantiles; shape (k,)."""
    from scipy.special import betaincinv

    tail = 0.5 * (1.0 - level)
    with np.errstate(all="ignore"):
        lower = np.where(events == 0, 0.0, betaincinv(np.maximum(events, 0.5), n - events + 1, tail))
        upper = np.where(events == n, 1.0, betaincinv(events + 1, np.maximum(n - events, 0.5), 1.0 - tail))
    return lower, upper


def proportion_of(value: float, measure: str, n: float) -> float:
    """A value on the analysis scale as a proportion; beyond the scale's ends it is 0 or 1."""
    if measure == "PFT":
        ends = MEASURES["PFT"].estimate(np.array([0.0, n]), np.array([n, n]))[0]
        if value <= ends[0]:
            return 0.0
        return 1.0 if value >= ends[1] else float(proportion_from_double_arcsine(np.array([value]), np.array([n]))[0])
    if measure == "PAS":
        value = min(max(value, 0.0), 0.5 * math.pi)
    shown = float(MEASURES[measure].to_display(np.array([value]))[0])
    return min(max(shown, 0.0), 1.0)


def _own(x: Floats, m: Floats, measure: str, zero_cells: ZeroCells) -> tuple[Floats, Floats]:
    """Each study's value and its variance."""
    if measure in ("PAS", "PFT"):
        return MEASURES[measure].estimate(x, m, zero_cells=AS_COUNTED)
    if measure == "PLN":
        # The logarithm lacks nothing where all have the event, but its variance would vanish; what is added to the
        # events is added once to the people.
        added = zero_cells.in_one_arm(x, m)[0] - x
        to_events = np.where(x == m, 0.0, added)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log((x + to_events) / (m + to_events)), 1 / (x + to_events) - 1 / (m + added)
    if measure == "PR":
        # The proportion itself is as counted; only its variance would vanish at the ends.
        return x / m, MEASURES["PR"].estimate(x, m, zero_cells=zero_cells)[1]
    return MEASURES[measure].estimate(x, m, zero_cells=zero_cells)

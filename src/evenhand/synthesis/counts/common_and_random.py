"""Two arms' counts under a common effect and under a normal random-effects model, side by side.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

The conventions are those of reviewers' programs: an explicit continuity correction for the studies' own effects,
studies without (or with nothing but) events left out of ratios, and heterogeneity about the Mantel–Haenszel estimate.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells
from evenhand.synthesis.counts.checked_counts import checked_arms, checked_level
from evenhand.synthesis.counts.common_effect import CommonEffect, common_effect
from evenhand.synthesis.counts.mantel_haenszel_tables import (
    greenland_robins_variance,
    odds_ratio_and_variance,
    risk_difference_and_variance,
    risk_ratio_and_variance,
)
from evenhand.synthesis.counts.peto_method import peto_effects
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.pooled import Classical
from evenhand.synthesis.tau2.estimators import ESTIMATORS

METHODS = ("Inverse", "MH", "Peto", "SSW")
MEASURES_OF_TWO_COUNTS = ("OR", "RR", "RD")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonAndRandom:
    """One effect under both models, on the analysis scale."""

    common: CommonEffect
    random: Classical
    yi: tuple[float, ...]  # studies' own effects, corrected; nan for one left out
    vi: tuple[float, ...]


def binary_meta_analysis(
    events_t: ArrayLike,
    n_t: ArrayLike,
    events_c: ArrayLike,
    n_c: ArrayLike,
    *,
    measure: str = "OR",
    method: str = "MH",
    tau2_method: str = "DL",
    exact: bool = False,
    zero_cells: ZeroCells = HALF_WHERE_ZERO,
    all_studies: bool = False,
    q_about_estimate: bool = True,
    variance: str = "greenland-robins",
    level: float = 0.95,
) -> CommonAndRandom:
    """Pool two arms' counts by a common effect, and by random effects on the studies' own effects.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : array_like, shape (k,)
        People with the event, and all people, treated and control; one entry a study.
    measure : str
        'OR', 'RR' or 'RD'.
    method : str
        Of the common effect: 'Inverse' variance, 'MH', 'Peto' (odds ratio), or 'SSW', weights by sample size (odds
        ratio), which also rule the random effects' mean.
    tau2_method : str
        A name in `ESTIMATORS`.
    exact : bool
        Whether Mantel–Haenszel sums take the cells as counted. False adds to them what the studies' effects get.
    zero_cells : ZeroCells
        Added to the studies' own effects; `ZeroCells(to="only0", share="by arm size")` is the treatment-arm
        correction. None is added for Peto.
    all_studies : bool
        Whether ratios keep studies in which no one, or everyone, has the event in both arms.
    q_about_estimate : bool
        Whether Cochran's Q, and with it DerSimonian and Laird's tau2, are taken about the Mantel–Haenszel estimate,
        as Cochrane's software does, or about the inverse-variance one.
    variance : str
        Of the Mantel–Haenszel risk difference: 'greenland-robins' or 'sato'.
    level : float
        Of the intervals.

    Returns
    -------
    CommonAndRandom

    Raises
    ------
    ValueError
        Naming study and value that cannot be, or a measure, method or estimator there is not.

    References
    ----------
    Greenland & Robins (1985). Biometrics 41, 55-68; Sweeting, Sutton & Lambert (2004). Statist. Med. 23, 1351-1375;
    Bakbergenuly, Hoaglin & Kulinskaya (2020). Res. Synth. Methods 11, 225-247, for SSW; Deeks & Higgins (2010),
    Statistical algorithms in Review Manager 5, for the conventions.
    """
    cells = checked_arms(events_t, n_t, events_c, n_c)
    checked_level(level)
    _check_names(measure, method, tau2_method, variance)
    a, n1, c, n2 = cells
    silent = (n1 == 0) | (n2 == 0)
    if measure != "RD" and not (all_studies and method != "Peto"):
        silent |= ((a == 0) & (c == 0)) | ((a == n1) & (c == n2))
    kept = tuple(cell[~silent] for cell in cells)
    if not kept[0].size:
        raise ValueError("no study has an effect of its own: each lacks people, or events, in both arms")
    correction = AS_COUNTED if method == "Peto" else zero_cells
    yi, vi = _own_effects(kept, measure, method, correction)
    for i in np.flatnonzero(~(np.isfinite(yi) & (vi > 0))):
        where = int(np.flatnonzero(~silent)[i])
        raise ValueError(f"study {where} has an empty cell and no effect of its own; choose what `zero_cells` adds")
    estimate, spread = _common(kept, yi, vi, measure, method, AS_COUNTED if exact else correction, variance)
    about = estimate if method == "MH" and q_about_estimate else float((yi / vi).sum() / (1 / vi).sum())
    common = _about(
        common_effect(
            method=method, measure=measure, estimate=estimate, variance=spread, yi=yi, vi=vi, k=a.size, level=level
        ),
        yi, vi, about, level,
    )  # fmt: skip
    random = _random(yi, vi, common, tau2_method, _sample_sizes(kept) if method == "SSW" else None, level)
    own = np.full((2, a.size), math.nan)
    own[:, ~silent] = yi, vi
    return CommonAndRandom(common=common, random=random, yi=tuple(own[0].tolist()), vi=tuple(own[1].tolist()))


def _check_names(measure: str, method: str, tau2_method: str, variance: str) -> None:
    for name, value, allowed in (
        ("measure", measure, MEASURES_OF_TWO_COUNTS),
        ("method", method, METHODS),
        ("tau2_method", tau2_method, tuple(ESTIMATORS)),
        ("variance", variance, ("greenland-robins", "sato")),
    ):
        if value not in allowed:
            raise ValueError(f"{name} '{value}': there are {', '.join(allowed)}")
    if method in ("Peto", "SSW") and measure != "OR":
        raise ValueError(f"method '{method}' pools odds ratios; take measure 'OR'")


def _own_effects(cells: tuple[Floats, ...], measure: str, method: str, zero_cells: ZeroCells) -> tuple[Floats, Floats]:
    a, n1, c, n2 = cells
    if method == "Peto":
        return peto_effects(a, n1, c, n2)
    x1, m1, x2, m2 = zero_cells.in_two_arms(a, n1, c, n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "OR":
            return np.log(x1 / (m1 - x1)) - np.log(x2 / (m2 - x2)), 1 / x1 + 1 / (m1 - x1) + 1 / x2 + 1 / (m2 - x2)
        if measure == "RR":
            # Review Manager's: what is added to the events is added once, not twice, to the people.
            m1, m2 = n1 + (x1 - a), n2 + (x2 - c)
            return np.log(x1 / m1) - np.log(x2 / m2), 1 / x1 - 1 / m1 + 1 / x2 - 1 / m2
        # A difference needs no correction; its variance does where an arm has no event, or nothing else.
        return a / n1 - c / n2, x1 * (m1 - x1) / m1**3 + x2 * (m2 - x2) / m2**3


def _common(
    cells: tuple[Floats, ...], yi: Floats, vi: Floats, measure: str, method: str, zero_cells: ZeroCells, variance: str
) -> tuple[float, float]:
    """Estimate and its variance."""
    if method == "SSW":
        return _weighted(_sample_sizes(cells), yi, vi)
    if method != "MH":
        return _weighted(1 / vi, yi, vi)
    corrected = zero_cells.in_two_arms(*cells)
    if measure == "OR":
        return odds_ratio_and_variance(*corrected)
    if measure == "RR":
        return risk_ratio_and_variance(*corrected)
    # The differences are as counted, as are those shown for the studies; weights and variance are the corrected arms'.
    estimate, _ = _weighted(_sample_sizes(corrected), yi, vi)
    if variance == "sato":
        return estimate, risk_difference_and_variance(*corrected)[1]
    return estimate, greenland_robins_variance(*corrected)


def _sample_sizes(cells: tuple[Floats, ...]) -> Floats:
    _, n1, _, n2 = cells
    sizes: Floats = n1 * n2 / (n1 + n2)
    return sizes


def _weighted(wi: Floats, yi: Floats, vi: Floats) -> tuple[float, float]:
    total = float(wi.sum())
    return float(wi @ yi) / total, float(wi**2 @ vi) / total**2


def _about(common: CommonEffect, yi: Floats, vi: Floats, centre: float, level: float) -> CommonEffect:
    """The same with heterogeneity about another centre."""
    if centre == common.estimate:
        return common
    from dataclasses import replace

    other = common_effect(
        method=common.method, measure=common.measure, estimate=centre, variance=1.0, yi=yi, vi=vi, k=common.k,
        level=level,
    )  # fmt: skip
    return replace(common, q=other.q, q_p_value=other.q_p_value, i2=other.i2, h2=other.h2)


def _random(
    yi: Floats, vi: Floats, common: CommonEffect, tau2_method: str, weights: Floats | None, level: float
) -> Classical:
    """Random effects by inverse variance, or by the weights given; DerSimonian and Laird's tau2 from the common Q."""
    from dataclasses import replace

    from scipy.special import ndtr, ndtri

    plain = meta_analysis(yi, vi, method=tau2_method, test="z", level=level)
    k = yi.size
    tau2 = plain.tau2
    if tau2_method == "DL" and k > 1:
        tau2 = max(0.0, (common.q - (k - 1)) / _information(1 / vi))
    if weights is None and tau2 == plain.tau2:
        return plain
    total = vi + tau2
    wi = 1 / total if weights is None else weights
    estimate, variance = _weighted(wi, yi, total)
    se, half = math.sqrt(variance), -float(ndtri(0.5 * (1 - level)))
    new, statistic = math.sqrt(variance + tau2), estimate / math.sqrt(variance)
    typical = (k - 1) / _information(1 / vi) if k > 1 else math.inf
    return replace(
        plain,
        estimate=estimate,
        se=se,
        statistic=statistic,
        p_value=2 * float(ndtr(-abs(statistic))),
        ci_lower=estimate - half * se,
        ci_upper=estimate + half * se,
        pi_lower=estimate - half * new,
        pi_upper=estimate + half * new,
        pi_riley_lower=math.nan,
        pi_riley_upper=math.nan,
        tau2=tau2,
        i2=100 * tau2 / (typical + tau2) if math.isfinite(typical) else 0.0,
        h2=tau2 / typical + 1,
        q=common.q,
        q_p_value=common.q_p_value,
        weights=tuple((100 * wi / wi.sum()).tolist()),
        se_tau2=math.nan,
        fit=None,
    )


def _information(wi: Floats) -> float:
    """Σw − Σw²/Σw: what Cochran's Q gains by a unit of tau2."""
    total = float(wi.sum())
    return total - float(wi @ wi) / total

"""How much studies differ beyond chance, with intervals: tau², tau, I² and H² of a fit.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass

from evenhand.distributions import Floats
from evenhand.synthesis.linear_fit import LinearFit, checked_fit
from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.tau2.biggerstaff_tweedie import biggerstaff_tweedie
from evenhand.synthesis.tau2.bounds import Bounds
from evenhand.synthesis.tau2.estimators import ESTIMATORS
from evenhand.synthesis.tau2.generalised_q import generalised_q_interval
from evenhand.synthesis.tau2.maximum_likelihood import FULL
from evenhand.synthesis.tau2.profile_likelihood import profile_likelihood
from evenhand.synthesis.tau2.q_profile import q_profile
from evenhand.synthesis.tau2.reml import RESTRICTED
from evenhand.synthesis.wald import check_level, quantile

# 'QP' Q-profile, exact and for every estimator; 'PL' profile likelihood, of ML and REML; 'Wald' symmetrical about the
# estimate; 'GENQ' the generalised Q with the user's weights, exact; 'BJ' the same with weights 1 / vi; 'J' with their
# square roots; 'BT' Biggerstaff & Tweedie's approximation to 'BJ'.
INTERVALS = ("QP", "PL", "Wald", "GENQ", "BJ", "J", "BT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """Between-study variance in its usual forms; limits are nan where no interval exists."""

    kind: str  # 'QP'
    level: float
    tau2: float  # squared analysis scale
    tau2_lower: float
    tau2_upper: float  # infinite where no variance is too large
    tau: float  # analysis scale
    tau_lower: float
    tau_upper: float
    i2: float  # percent
    i2_lower: float
    i2_upper: float
    h2: float
    h2_lower: float
    h2_upper: float
    is_empty: bool  # the effects differ less than chance alone would have them: the upper limit is below 0, shown as 0


def heterogeneity_of(fit: LinearFit, *, interval: str = "QP", level: float | None = None) -> Heterogeneity:
    """tau², tau, I² and H² with one interval, turned from tau² into the others by the typical sampling variance.

    Parameters
    ----------
    fit : LinearFit
        Of any design matrix.
    interval : str
        A name in `INTERVALS`.
    level : float, optional
        That of the fit if not given.

    Raises
    ------
    ValueError
        For an interval there is not, or one the fit cannot have: 'PL' without a likelihood, 'GENQ' without weights.
    """
    checked_fit(fit)
    level = fit.level if level is None else level
    check_level(level)
    model = fit.model()
    common = model.at(0.0)
    bounds = _bounds(fit, model, interval, level)
    if not fit.tau2_estimable:
        return _heterogeneity(fit, interval, level, bounds, math.nan)
    return _heterogeneity(fit, interval, level, bounds, fit.q_df / common.trace(common.wi))


def _bounds(fit: LinearFit, model: NormalModel, interval: str, level: float) -> Bounds:
    if interval not in INTERVALS:
        raise ValueError(f"interval '{interval}': there are {', '.join(INTERVALS)}")
    likelihood = ESTIMATORS[fit.method].likelihood
    if interval == "PL" and (likelihood is None or fit.method == "EE"):
        raise ValueError(f"interval 'PL' is that of a likelihood, and method '{fit.method}' has none: use ML or REML")
    if interval == "GENQ" and fit.user_weights is None:
        raise ValueError("interval 'GENQ' is made of the user's weights: give `weights` to the fit, or use 'BJ' or 'J'")
    if not fit.tau2_estimable:
        return Bounds(math.nan, math.nan)
    if interval == "QP":
        return q_profile(model, level)
    if interval == "PL":
        return profile_likelihood(model, RESTRICTED if likelihood == "restricted" else FULL, fit.tau2, level)
    if interval == "BT":
        return biggerstaff_tweedie(model, level)
    if interval == "Wald":
        half = quantile(level, None) * fit.se_tau2
        return Bounds(max(0.0, fit.tau2 - half), fit.tau2 + half)
    return generalised_q_interval(model, _weights(fit, interval), level)


def _weights(fit: LinearFit, interval: str) -> Floats:
    if interval == "GENQ" and fit.user_weights is not None:
        return fit.user_weights
    weights: Floats = 1.0 / fit.vi if interval == "BJ" else fit.vi**-0.5
    return weights


def _heterogeneity(fit: LinearFit, interval: str, level: float, bounds: Bounds, typical: float) -> Heterogeneity:
    def i2(tau2: float) -> float:
        return 100.0 if math.isinf(tau2) else 100.0 * tau2 / (tau2 + typical)

    return Heterogeneity(
        kind=interval,
        level=level,
        tau2=fit.tau2,
        tau2_lower=bounds.lower,
        tau2_upper=bounds.upper,
        tau=math.sqrt(fit.tau2),
        tau_lower=math.sqrt(bounds.lower),
        tau_upper=math.sqrt(bounds.upper),
        i2=fit.i2,
        i2_lower=i2(bounds.lower),
        i2_upper=i2(bounds.upper),
        h2=fit.h2,
        h2_lower=1.0 + bounds.lower / typical,
        h2_upper=1.0 + bounds.upper / typical,
        is_empty=bounds.is_empty,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inconsistency:
    """H and I² as quotients of Q and its degrees of freedom, whatever the estimator; and the share by Crippa."""

    level: float
    h: float  # √(Q / df), at least 1
    h_lower: float
    h_upper: float
    i2: float  # percent
    i2_lower: float
    i2_upper: float
    rb: float  # percent of the pooled effect's variance that is between studies


def inconsistency_of_q(fit: LinearFit, *, level: float | None = None) -> Inconsistency:
    """H and I² from Q with test-based intervals, and R_b; nan where no degrees of freedom are left.

    References
    ----------
    Higgins & Thompson (2002). Statist. Med. 21, 1539-1558; Crippa et al. (2016). Statist. Med. 35, 3661-3675.
    """
    level = fit.level if level is None else level
    df, q, nan = fit.q_df, fit.q, math.nan
    if df == 0:
        return Inconsistency(level=level, h=nan, h_lower=nan, h_upper=nan, i2=nan, i2_lower=nan, i2_upper=nan, rb=nan)
    h, lower, upper = h_of_q(q, df, level)

    def i2(h: float) -> float:
        return 100.0 * (1.0 - 1.0 / h**2)

    precision = float((1.0 / (fit.vi + fit.tau2)).sum())
    return Inconsistency(
        level=level,
        h=h,
        h_lower=lower,
        h_upper=upper,
        i2=i2(h),
        i2_lower=i2(lower),
        i2_upper=i2(upper),
        rb=100.0 * fit.tau2 * precision / fit.k,
    )


def h_of_q(q: float, df: int, level: float) -> tuple[float, float, float]:
    """H and its test-based limits, from Q; nan without degrees of freedom (Higgins & Thompson 2002, §3.4)."""
    if df == 0:
        return math.nan, math.nan, math.nan
    h = max(1.0, math.sqrt(q / df))
    if q > df + 1:
        se = 0.5 * (math.log(q) - math.log(df)) / (math.sqrt(2 * q) - math.sqrt(2 * df - 1))
    else:
        se = math.sqrt((1 - 1 / (3 * (df - 1) ** 2)) / (2 * (df - 1))) if df > 1 else math.nan
    half = quantile(level, None) * se
    # With two studies and a small Q there is none.
    lower, upper = (math.nan if math.isnan(half) else max(1.0, h * math.exp(way * half)) for way in (-1, 1))
    return h, lower, upper

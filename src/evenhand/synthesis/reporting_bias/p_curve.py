"""p-curve: whether the significant p-values lean towards 0, as those of true effects do.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.messages import Message, message
from evenhand.synthesis.normal_kernel import checked_studies


@dataclass(frozen=True, slots=True, kw_only=True)
class PCurve:
    """Tests of the significant p-values' shape, by Stouffer's method; a small p-value says what its name says."""

    k: int
    k_significant: int  # two-sided p < .05
    k_half: int  # two-sided p < .025
    full_skew: float  # z of right skew, all significant p-values
    full_skew_p_value: float
    half_skew: float  # the same, those below .025
    half_skew_p_value: float
    flatter: float  # z of being flatter than studies of 33 % power would give
    flatter_p_value: float
    flatter_half: float
    flatter_half_p_value: float
    binomial_skew_p_value: float  # of as many below .025, were they even
    evidential_value: bool  # half below .05, or both half and full below .10
    inadequate: bool  # flatter: full below .05, or both the half and the binomial below .10
    power: float  # of the studies, allowing for selection; between .05 and .99
    not_computed: Message | None = None  # why there is no number


def p_curve_analysis(yi: Sequence[float] | Floats, vi: Sequence[float] | Floats) -> PCurve:
    """Test the shape of the distribution of significant p-values.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0); each is tested by its z-value, two-sided.

    Returns
    -------
    PCurve
        Without numbers where no study is significant.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be used.

    References
    ----------
    Simonsohn, Nelson & Simmons (2014). J. Exp. Psychol. Gen. 143, 534-547; Simonsohn, Simmons & Nelson (2015). J. Exp.
    Psychol. Gen. 144, 1146-1152, for the half curve and the rules that combine both.
    """
    from scipy.special import ndtr

    effects, variances = checked_studies(yi, vi)
    z = np.abs(effects) / np.sqrt(variances)
    p = 2 * ndtr(-z)
    full, half = z[p < 0.05], z[p < 0.025]
    if full.size == 0:
        return _nothing(z.size)
    third = _noncentrality(1 / 3, 0.05)
    half_third = _chance_beyond(third, 0.025)
    full_skew, half_skew = _stouffer(_log_share(full, 0.05)), _stouffer(_log_share(half, 0.025))
    flatter = _stouffer(np.log(_from_below(full, third, 0.05, 1 / 3)))
    flatter_half = _stouffer(np.log(_from_below(half, third, 0.025, half_third)))
    p_full, p_half, p_flat, p_flat_half = (
        float(ndtr(value)) for value in (full_skew, half_skew, flatter, flatter_half)
    )
    binomial = _binomial_tail(half.size, full.size, 0.5)
    # With 33 % power this share of the significant p-values lies below .025.
    binomial_flat = 1 - _binomial_tail(half.size + 1, full.size, half_third * 3)
    return PCurve(
        k=z.size,
        k_significant=full.size,
        k_half=half.size,
        full_skew=full_skew,
        full_skew_p_value=p_full,
        half_skew=half_skew,
        half_skew_p_value=p_half,
        flatter=flatter,
        flatter_p_value=p_flat,
        flatter_half=flatter_half,
        flatter_half_p_value=p_flat_half,
        binomial_skew_p_value=binomial,
        evidential_value=p_half < 0.05 or (p_half < 0.10 and p_full < 0.10),
        inadequate=p_flat < 0.05 or (p_flat_half < 0.10 and binomial_flat < 0.10),
        power=_power(full),
    )


def _log_share(z: Floats, level: float) -> Floats:
    """log of p / level, uniform where there is no effect; p itself would underflow from z = 38 on."""
    from scipy.special import log_ndtr

    return np.asarray(log_ndtr(-z) + math.log(2 / level))


def _stouffer(log_pp: Floats) -> float:
    """Sum of normal quantiles over √k; each p-value is kept where its quantile is finite."""
    from scipy.special import ndtri_exp

    if log_pp.size == 0:
        return math.nan
    return float(ndtri_exp(np.minimum(log_pp, -1e-16)).sum()) / math.sqrt(log_pp.size)


def _chance_beyond(noncentrality: float, level: float) -> float:
    """Of |z| passing the two-sided critical value."""
    from scipy.special import ndtr, ndtri

    critical = -ndtri(level / 2)
    return float(ndtr(noncentrality - critical) + ndtr(-noncentrality - critical))


def _noncentrality(power: float, level: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(lambda mean: _chance_beyond(mean, level) - power, 0.0, 10.0, xtol=1e-14))


def _from_below(z: Floats, noncentrality: float, level: float, power: float) -> Floats:
    """P(|Z| ≤ z | significant), for studies of that noncentrality: uniform if it is theirs, small if z is too small."""
    from scipy.special import ndtr, ndtri

    critical = -ndtri(level / 2)
    above = ndtr(noncentrality - critical) - ndtr(noncentrality - z)
    below = ndtr(-noncentrality - critical) - ndtr(-noncentrality - z)
    return np.asarray(np.maximum((above + below) / power, 1e-300))


def _power(z: Floats) -> float:
    """The power at which the significant z-values are neither too large nor too small."""
    from scipy.optimize import brentq

    def lean(power: float) -> float:
        return _stouffer(np.log(_from_below(z, _noncentrality(power, 0.05), 0.05, power)))

    low, high = 0.0500001, 0.99
    if lean(low) <= 0:
        return 0.05
    if lean(high) >= 0:
        return high
    return float(brentq(lean, low, high, xtol=1e-10))


def _binomial_tail(at_least: int, n: int, probability: float) -> float:
    """P(X ≥ at_least) of n."""
    from scipy.special import bdtrc

    return 1.0 if at_least <= 0 else 0.0 if at_least > n else float(bdtrc(at_least - 1, n, probability))


def _nothing(k: int) -> PCurve:
    nan = math.nan
    return PCurve(
        k=k, k_significant=0, k_half=0, full_skew=nan, full_skew_p_value=nan, half_skew=nan, half_skew_p_value=nan,
        flatter=nan, flatter_p_value=nan, flatter_half=nan, flatter_half_p_value=nan, binomial_skew_p_value=nan,
        evidential_value=False, inadequate=False, power=nan,
        not_computed=message("bias.none.none_significant"),
    )  # fmt: skip

"""p-uniform: the effect at which the significant studies' p-values are evenly spread.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.messages import Message, message
from evenhand.synthesis.normal_kernel import checked_studies

STATISTICS = ("P", "LNP")


@dataclass(frozen=True, slots=True, kw_only=True)
class PUniform:
    """An effect estimated from significant studies alone, allowing for their selection."""

    statistic: str  # 'P', 'LNP'
    side: str  # 'right', 'left': where studies count as significant
    k: int
    k_significant: int
    estimate: float
    ci_lower: float
    ci_upper: float
    p_value: float  # of no effect, against one on `side`
    bias_p_value: float  # of no selection, were the common effect of all studies true; one-sided
    common_effect: float  # that effect
    not_computed: Message | None = None  # why there is no number


def p_uniform_analysis(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    side: str = "right",
    statistic: str = "P",
    alpha: float = 0.05,
    level: float = 0.95,
) -> PUniform:
    """Estimate a common effect from the studies significant on one side.

    Given the effect, a significant study's p-value over the chance to be significant is uniform; the estimate makes the
    sum of these ('P', Irwin–Hall distributed) or of their logarithms ('LNP', gamma) what it is expected to be. Effects
    that differ between studies make it too large.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    side : str
        'right' or 'left'.
    statistic : str
        'P' or 'LNP'.
    alpha : float
        Two-sided level at which studies were tested.
    level : float
        Of the interval.

    Returns
    -------
    PUniform
        Without numbers where no study is significant on that side.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be used, or an option there is not.

    References
    ----------
    Van Assen, van Aert & Wicherts (2015). Psychol. Methods 20, 293-309; van Aert, Wicherts & van Assen (2016).
    Perspect. Psychol. Sci. 11, 713-729.
    """
    from scipy.special import ndtri

    effects, variances = checked_studies(yi, vi)
    if side not in ("right", "left"):
        raise ValueError(f"side '{side}': there are right, left")
    if statistic not in STATISTICS:
        raise ValueError(f"statistic '{statistic}': there are {', '.join(STATISTICS)}")
    for name, value in (("alpha", alpha), ("level", level)):
        if not 0 < value < 1:
            raise ValueError(f"{name} = {value}: a level lies between 0 and 1")
    sign = 1.0 if side == "right" else -1.0
    se, critical = np.sqrt(variances), -float(ndtri(alpha / 2))
    chosen = sign * effects / se > critical
    y, s, m = sign * effects[chosen], se[chosen], int(chosen.sum())
    if m == 0:
        nan = math.nan
        return PUniform(
            statistic=statistic, side=side, k=effects.size, k_significant=0, estimate=nan, ci_lower=nan, ci_upper=nan,
            p_value=nan, bias_p_value=nan, common_effect=nan, not_computed=message("bias.none.none_significant"),
        )  # fmt: skip

    def total(mu: float) -> float:
        """Of the conditional p-values, or of their logarithms; it rises with the effect."""
        logs = _log_conditional_p(y, s, critical, mu)
        return float((np.exp(logs) if statistic == "P" else logs).sum())

    def effect_where(total_is: float) -> float:
        return sign * _root(lambda mu: total(mu) - total_is, y, s)

    outer = (1 - level) / 2
    common = sign * float((effects / variances).sum() / (1 / variances).sum())
    limits = sorted(effect_where(_quantile(statistic, chance, m)) for chance in (outer, 1 - outer))
    return PUniform(
        statistic=statistic,
        side=side,
        k=effects.size,
        k_significant=m,
        estimate=effect_where(m / 2 if statistic == "P" else -float(m)),
        ci_lower=limits[0],
        ci_upper=limits[1],
        p_value=_chance(statistic, total(0.0), m),
        bias_p_value=1 - _chance(statistic, total(common), m),
        common_effect=sign * common,
    )


def _log_conditional_p(y: Floats, s: Floats, critical: float, mu: float) -> Floats:
    """log of P(larger effect | significant, mu); far below 0 both chances underflow, their logarithms do not."""
    from scipy.special import log_ndtr

    return np.asarray(log_ndtr((mu - y) / s) - log_ndtr(mu / s - critical))


def _chance(statistic: str, total: float, m: int) -> float:
    """Of a total as small, were the p-values uniform: Irwin–Hall, or gamma for minus their logarithms."""
    from scipy.special import gammaincc

    return irwin_hall(total, m) if statistic == "P" else float(gammaincc(m, -total))


def _quantile(statistic: str, chance: float, m: int) -> float:
    """The total that is not passed with this chance."""
    from scipy.optimize import brentq
    from scipy.special import gammainccinv, ndtri

    if statistic == "LNP":
        return -float(gammainccinv(m, chance))
    if chance > 0.5:
        return m - _quantile(statistic, 1 - chance, m)
    # A sum of m uniform numbers is close to normal: the root is near, which spares evaluations of many terms.
    low, high = 0.0, m / 2
    near = m / 2 + float(ndtri(chance)) * math.sqrt(m / 12)
    for bound in (near - 0.05 * math.sqrt(m), near + 0.05 * math.sqrt(m)):
        if low < bound < high:
            low, high = (bound, high) if irwin_hall(bound, m) < chance else (low, bound)
    return float(brentq(lambda total: irwin_hall(total, m) - chance, low, high, xtol=1e-13, rtol=1e-13))


def irwin_hall(total: float, n: int) -> float:
    """P(sum of n uniform numbers ≤ total), by a recursion of positive terms that loses no digits."""
    if total <= 0:
        return 0.0
    if total >= n:
        return 1.0
    # below[j] is the chance for the sum of m numbers to be at most total − j.
    at = total - np.arange(math.floor(total) + 1)
    below = np.clip(at, 0.0, 1.0)
    for m in range(2, n + 1):
        shifted = np.append(below[1:], 0.0)
        inside = (np.clip(at, 0, m) * below + np.clip(m - at, 0, m) * shifted) / m
        below = np.where(at >= m, 1.0, inside)
    return float(below[0])


def _root(rises: Callable[[float], float], y: Floats, s: Floats) -> float:
    """Where a function that rises with the effect passes 0; minus infinity where it is above 0 however low that is."""
    from scipy.optimize import brentq

    unit = float(s.max())
    high = float(y.max()) + unit
    while rises(high) < 0:
        high += unit
        unit *= 2
    unit, low = float(s.max()), float(y.min()) - float(s.max())
    # Beyond some thousand standard errors the conditional p-values no longer move.
    while rises(low) > 0:
        if unit > 1e6 * float(s.max()):
            return -math.inf
        low -= unit
        unit *= 2
    return float(brentq(rises, low, high, xtol=1e-13 * (high - low), rtol=1e-14))

"""A named input as a paper prints it, an estimate with its limits, as a distribution.

Pipeline: [distributions] → dossier → … → report
"""

import math
from collections.abc import Callable

from evenhand.distributions.beta import Beta
from evenhand.distributions.gamma import Gamma
from evenhand.distributions.pert import Pert
from evenhand.distributions.point import Point
from evenhand.distributions.protocol import Distribution
from evenhand.distributions.split_normal import SplitNormal
from evenhand.distributions.transformed import Transformed

_SUPPORTS = {"0..1": (0.0, 1.0), ">0": (0.0, math.inf), "any": (-math.inf, math.inf)}
_Z975 = 1.959963984540054


def from_estimate(
    value: float,
    low: float | None = None,
    high: float | None = None,
    *,
    support: str = "any",
    interval: str = "95%",
) -> Distribution:
    """What is believed of a number after reading `value` (`low` to `high`).

    Parameters
    ----------
    value, low, high : float
        As printed; without limits the value is taken as exact.
    support : {'0..1', '>0', 'any'}
        Where the number can lie.
    interval : {'95%', 'range'}
        What the limits are: of a 95 % interval, or the lowest and the highest value thought possible.

    Returns
    -------
    Distribution
        * Limits of a 95 % interval inside the support: the value is the median and the limits are the 2.5 and 97.5 %
          quantiles, exactly: two half-normals that meet at the value, on the logit scale for '0..1', the log scale for
          '>0', as it stands for 'any'.
        * A limit that lies on the support's end: the paper's interval was cut off there (or is a rounded 0), so that
          limit says nothing of the probability beyond it, which is none. The value stays the median and the other
          limit its 97.5 % (2.5 %) quantile, exactly, of a beta ('0..1') or gamma ('>0'): the families of proportions
          and of amounts whose density reaches down to the end itself, as no logit-normal or log-normal does.
        * A value that lies on the end too (none of them, 0 to 3.6 %): a beta with Jeffreys' half an event and the
          97.5 % quantile at the other limit.
        * A range: PERT with the value as its likeliest.

    Raises
    ------
    ValueError
        Where the value is not within its limits, anything is not finite or outside the support, one limit is missing,
        or the interval leaves no room on one side of the value.
    """
    _check(value, low, high, support, interval)
    if low is None or high is None or low == high:
        return Point(float(value))
    value, low, high = float(value), float(low), float(high)
    if interval == "range":
        return Pert(low, value, high)
    lowest, highest = _SUPPORTS[support]
    if low == lowest and high == highest and lowest < value < highest:
        # The whole support: all that is said is the value. Two pseudo-observations, as a uniform has.
        return _beta_with_median(value, total=2.0)
    if low == lowest or high == highest:
        return _cut_off(value, low, high, support)
    return _split(value, low, high, support)


def _check(value: float, low: float | None, high: float | None, support: str, interval: str) -> None:
    if support not in _SUPPORTS:
        raise ValueError(f"support '{support}': there are {', '.join(_SUPPORTS)}")
    if interval not in ("95%", "range"):
        raise ValueError(f"interval '{interval}': there are 95%, range")
    if (low is None) != (high is None):
        raise ValueError("one limit without the other: give both low and high, or neither")
    lowest, highest = _SUPPORTS[support]
    for name, number in (("value", value), ("low", low), ("high", high)):
        if number is None:
            continue
        if not math.isfinite(number):
            raise ValueError(f"{name} = {number}: not a finite number")
        if not lowest <= number <= highest:
            raise ValueError(f"{name} = {number} lies outside its support {support}")
    if low is not None and high is not None and not low <= value <= high:
        raise ValueError(f"value {value} does not lie between its limits {low} and {high}")
    if support == ">0" and value == 0:
        raise ValueError("value = 0 lies outside its support >0")


def _split(value: float, low: float, high: float, support: str) -> Distribution:
    """Median and both limits exact, on the support's natural scale."""
    scales: dict[str, tuple[Callable[[float], float], str | None]] = {
        "any": (float, None),
        ">0": (math.log, "exp"),
        "0..1": (_logit, "expit"),
    }
    to_line, back = scales[support]
    centre = to_line(value)
    below, above = (centre - to_line(low)) / _Z975, (to_line(high) - centre) / _Z975
    if not (below > 0 and above > 0):
        raise ValueError(
            f"value {value} is itself a limit of its 95 % interval {low} to {high}: "
            "write interval = range, or look up the limits"
        )
    on_line = SplitNormal(centre, below, above)
    return on_line if back is None else Transformed(on_line, back)


def _cut_off(value: float, low: float, high: float, support: str) -> Distribution:
    """Median and the one limit inside the support exact."""
    if support == ">0":
        if value == high:
            raise ValueError(f"value {value} is itself the upper limit of its 95 % interval: look up the limits")
        return _gamma_with(value, high)
    if high == 1.0:
        mirrored = _cut_off(1.0 - value, 0.0, 1.0 - low, support)
        if not isinstance(mirrored, Beta):
            raise TypeError("a proportion's distribution is a beta")
        return Beta(mirrored.b, mirrored.a)
    if value == high:
        raise ValueError(f"value {value} is itself a limit of its 95 % interval {low} to {high}: look up the limits")
    return _beta_after_none(high) if value == 0.0 else _beta_with(value, high)


def _beta_with_median(median: float, *, total: float) -> Beta:
    """Beta with a + b = `total` and this median."""
    from scipy.optimize import brentq
    from scipy.special import betainc

    a = brentq(lambda a: betainc(a, total - a, median) - 0.5, 1e-9 * total, (1 - 1e-9) * total, xtol=1e-14)
    return Beta(float(a), float(total - a))


def _beta_with(median: float, upper: float) -> Beta:
    """Beta with this median and 97.5 % quantile: its quantile falls towards the median as a + b grows."""
    from scipy.optimize import brentq
    from scipy.special import betainc, logit

    def b_of(a: float) -> float:
        # For a given a the median falls as b grows.
        return math.exp(brentq(lambda log_b: float(betainc(a, math.exp(log_b), median)) - 0.5, -30, 60, xtol=1e-15))

    def excess(log_a: float) -> float:
        a = math.exp(log_a)
        return float(betainc(a, b_of(a), upper)) - 0.975

    # On the logit scale an a of 1 / sd² is near; a factor of e^±k brackets it.
    guess = math.log(max(1e-3, (_Z975 / (float(logit(upper)) - float(logit(median)))) ** 2))
    low, high = _bracket(excess, guess)
    a = math.exp(brentq(excess, low, high, xtol=1e-14))
    return Beta(a, b_of(a))


def _beta_after_none(upper: float) -> Beta:
    """Beta(½, b) with this 97.5 % quantile."""
    from scipy.optimize import brentq
    from scipy.special import betainc

    log_b = brentq(lambda log_b: float(betainc(0.5, math.exp(log_b), upper)) - 0.975, -30, 60, xtol=1e-14)
    return Beta(0.5, math.exp(float(log_b)))


def _gamma_with(median: float, upper: float) -> Gamma:
    """Gamma with this median and 97.5 % quantile; their ratio falls towards 1 as the shape grows."""
    from scipy.optimize import brentq
    from scipy.special import gammaincinv

    def excess(log_shape: float) -> float:
        shape = math.exp(log_shape)
        return math.log(median / upper) - math.log(gammaincinv(shape, 0.5) / gammaincinv(shape, 0.975))

    low, high = _bracket(lambda x: -excess(x), 2 * math.log(_Z975 / math.log(upper / median)))
    shape = math.exp(brentq(excess, low, high, xtol=1e-14))
    return Gamma(shape, median / float(gammaincinv(shape, 0.5)))


def _bracket(rising: Callable[[float], float], guess: float) -> tuple[float, float]:
    """Ends around a root of a rising function, stepping out from a guess."""
    low = high = guess
    for _ in range(60):
        low -= 0.5
        if rising(low) < 0:
            break
    for _ in range(60):
        high += 0.5
        if rising(high) > 0:
            break
    return low, high


def _logit(p: float) -> float:
    return math.log(p) - math.log1p(-p)

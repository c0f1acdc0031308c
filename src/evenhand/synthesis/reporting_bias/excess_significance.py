"""Test of excess significance: whether more studies are significant than their power would give.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.wald import check_level

EXCESS_TESTS = ("exact", "binom", "chi2")
ALTERNATIVES = ("two-sided", "greater", "less")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcessSignificance:
    """Significant studies, as many as were seen and as many as were to be expected."""

    test: str  # 'exact', 'binom', 'chi2'
    k: int
    observed: int  # significant studies
    expected: float  # sum of the studies' power
    ratio: float  # observed / expected
    statistic: float  # chi-square of 1 degree of freedom; nan for the tests that count
    p_value: float
    power: tuple[float, ...]  # chance of each study to come out significant, in the order given
    significant: tuple[bool, ...]
    theta: float  # effect that the power is computed for
    tau2: float  # its variance between studies
    # The effects at which the test would sit at `excess_alpha`: one, or two where the test looks both ways. nan where
    # no effect does: the studies are not too many even were there no effect.
    theta_limits: tuple[float, ...]


def excess_significance_test(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    theta: float | None = None,
    tau2: float = 0.0,
    null: float = 0.0,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    test: str = "exact",
    excess_alternative: str = "greater",
    excess_alpha: float = 0.10,
) -> ExcessSignificance:
    """Compare the number of significant studies with the number that their power leads one to expect.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    theta : float, optional
        The true effect; None takes the common-effect estimate.
    tau2 : float
        Its variance between studies (≥ 0); power is then the mean over that distribution, in closed form.
    null, alpha, alternative : float, float, str
        How each study was tested: Wald test of `null` at `alpha`, 'two-sided', 'greater' or 'less'.
    test : str
        'exact': the number of significant studies as a sum of unequal coins, by convolution. 'binom': all coins
        equal to the mean power. 'chi2': Pearson's.
    excess_alternative, excess_alpha : str, float
        'greater' looks for too many significant studies, 'less' for too few; and the level for `theta_limits`.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be used, or an option there is not.

    References
    ----------
    Ioannidis & Trikalinos (2007). Clin. Trials 4, 245-253; Francis (2013). J. Math. Psychol. 57, 153-169.
    """
    effects, variances = checked_studies(yi, vi)
    _check_options(test, alternative, excess_alternative, alpha, excess_alpha, tau2)
    for name, effect in (("theta", theta), ("null", null)):
        if effect is not None and not math.isfinite(effect):
            raise ValueError(f"{name} = {effect}: an effect is a finite number")
    se = np.sqrt(variances)
    if theta is None:
        theta = float((effects / variances).sum() / (1 / variances).sum())
    significant = _significant((effects - null) / se, alpha, alternative)
    observed = int(significant.sum())

    def power_at(effect: float) -> Floats:
        return _power((effect - null) / np.sqrt(variances + tau2), np.sqrt(variances / (variances + tau2)), alpha,
                      alternative)  # fmt: skip

    def p_at(effect: float, direction: str) -> float:
        return _p_value(observed, power_at(effect), test, direction)

    power = power_at(theta)
    expected = float(power.sum())
    return ExcessSignificance(
        test=test,
        k=effects.size,
        observed=observed,
        expected=expected,
        ratio=observed / expected if expected else math.nan,
        statistic=_chi_square(observed, expected, effects.size) if test == "chi2" else math.nan,
        p_value=p_at(theta, excess_alternative),
        power=tuple(power.tolist()),
        significant=tuple(significant.tolist()),
        theta=theta,
        tau2=tau2,
        theta_limits=_limits(p_at, theta, null, float(se.max() + math.sqrt(tau2)), excess_alternative, excess_alpha),
    )


def _check_options(
    test: str, alternative: str, excess_alternative: str, alpha: float, excess_alpha: float, tau2: float
) -> None:
    if test not in EXCESS_TESTS:
        raise ValueError(f"test '{test}': there are {', '.join(EXCESS_TESTS)}")
    for name, value in (("alternative", alternative), ("excess_alternative", excess_alternative)):
        if value not in ALTERNATIVES:
            raise ValueError(f"{name} '{value}': there are {', '.join(ALTERNATIVES)}")
    for name, level in (("alpha", alpha), ("excess_alpha", excess_alpha)):
        check_level(level, name)
    if not (math.isfinite(tau2) and tau2 >= 0):
        raise ValueError(f"tau2 = {tau2}: a variance is finite and not below 0")


def _significant(z: Floats, alpha: float, alternative: str) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    from scipy.special import ndtri

    critical = -float(ndtri(alpha / 2 if alternative == "two-sided" else alpha))
    towards = {"two-sided": np.abs(z), "greater": z, "less": -z}[alternative]
    return np.asarray(towards >= critical)


def _power(z: Floats, shrink: Floats, alpha: float, alternative: str) -> Floats:
    """Chance that a Wald statistic leaves its critical values.

    With the effect N(theta, tau2) and its estimate N(effect, v), the estimate is N(theta, v + tau2): no integral is
    needed. `z` is theta over the root of v + tau2, `shrink` the root of v / (v + tau2).
    """
    from scipy.special import ndtr, ndtri

    power = np.zeros_like(z)
    critical = -ndtri(alpha / 2 if alternative == "two-sided" else alpha) * shrink
    if alternative != "less":
        power = power + ndtr(z - critical)
    if alternative != "greater":
        power = power + ndtr(-z - critical)
    return power


def _chi_square(observed: int, expected: float, k: int) -> float:
    distance = (observed - expected) ** 2
    if distance == 0.0:
        return 0.0
    return math.inf if expected in (0.0, k) else distance / expected + distance / (k - expected)


def _p_value(observed: int, power: Floats, test: str, direction: str) -> float:
    """The test's p-value; that of looking both ways is as the test's authors have it."""
    from scipy.special import chdtrc

    k, expected = power.size, float(power.sum())
    if test == "chi2":
        both = float(chdtrc(1, _chi_square(observed, expected, k)))
        if direction == "two-sided":
            return both
        as_looked_for = (observed > expected) == (direction == "greater")
        return both / 2 if as_looked_for else 1 - both / 2
    chances = number_of_heads(power) if test == "exact" else _equal_coins(k, expected / k)
    if direction == "greater":
        return min(1.0, float(chances[observed:].sum()))
    if direction == "less":
        return min(1.0, float(chances[: observed + 1].sum()))
    # All outcomes that are no likelier than the one seen; the slack is for rounding only.
    return min(1.0, float(chances[chances <= chances[observed] * (1 + 1e-7)].sum()))


def number_of_heads(probability: Floats) -> Floats:
    """Chances of 0, 1, …, k heads among coins of unequal `probability`, shape (k,): shape (k + 1,).

    Halves are convolved with halves; all terms are positive, so the tails keep their digits.
    """
    if probability.size == 0:
        return np.ones(1)
    if probability.size == 1:
        return np.array([1 - probability[0], probability[0]])
    middle = probability.size // 2
    return np.convolve(number_of_heads(probability[:middle]), number_of_heads(probability[middle:]))


def _equal_coins(k: int, probability: float) -> Floats:
    from scipy.special import gammaln, xlog1py, xlogy

    heads = np.arange(k + 1.0)
    log_ways = gammaln(k + 1) - gammaln(heads + 1) - gammaln(k - heads + 1)
    return np.asarray(np.exp(log_ways + xlogy(heads, probability) + xlog1py(k - heads, -probability)))


def _limits(
    p_at: Callable[[float, str], float], theta: float, null: float, unit: float, direction: str, level: float
) -> tuple[float, ...]:
    """Where the p-value passes `level`, on the side of the null on which theta lies."""
    from scipy.optimize import brentq

    sign = 1.0 if theta >= null else -1.0

    def distance(far: float, which: str, tail: float) -> float:
        return p_at(null + sign * far, which) - tail

    def limit(which: str, tail: float) -> float:
        at_null = distance(0.0, which, tail)
        far = unit
        # Power is 1 long before 60 standard errors of the least precise study.
        while far < 60 * unit and distance(far, which, tail) * at_null > 0:
            far *= 2
        if distance(far, which, tail) * at_null > 0:
            return math.nan
        return null + sign * float(brentq(distance, 0.0, far, args=(which, tail), xtol=1e-12 * unit, rtol=1e-13))

    if direction == "two-sided":
        return limit("greater", level / 2), limit("less", level / 2)
    return (limit(direction, level),)

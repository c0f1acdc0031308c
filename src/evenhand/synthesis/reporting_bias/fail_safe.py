"""Fail-safe N: how many null studies in the file drawer would overturn the result.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

It is no estimate of how many are missing. Reviewers ask for it; Selection models and the worst case say more.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.pairwise import meta_analysis

_MOST = 10_000_000  # studies; a larger answer is given as this number, with `at_least`
_MOST_REFITTED = 5_000  # with more added studies the fit of all of them says no more than the approximation


@dataclass(frozen=True, slots=True, kw_only=True)
class FailSafeN:
    """How many null studies would overturn a result, and the result with them."""

    kind: str  # 'Rosenthal', 'Orwin', 'Rosenberg', 'general'
    k: int
    n: float  # studies to be added; infinity where no number of them is enough
    at_least: bool  # whether `n` is only a lower bound, as the search ended there
    alpha: float  # nan where a target effect is asked for instead
    target: float  # nan where significance is asked for
    estimate: float  # of the studies seen; nan where the method pools p-values
    tau2: float  # nan where the method has none
    p_value: float
    estimate_with: float  # the same with the `n` studies added; nan where the method does not pool them
    tau2_with: float
    p_value_with: float


def rosenthal_fail_safe_n(
    yi: Sequence[float] | Floats, vi: Sequence[float] | Floats, *, alpha: float = 0.05, pool: str = "Stouffer"
) -> FailSafeN:
    """Null studies that bring the one-tailed combined p-value up to `alpha`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    alpha : float
        One-tailed level.
    pool : str
        'Stouffer' adds up z-values, as Rosenthal does; 'Fisher' logarithms of p-values, an added study having p = ½.

    References
    ----------
    Rosenthal (1979). Psychol. Bull. 86, 638-641, p. 639.
    """
    from scipy.special import chdtrc, log_ndtr, ndtr, ndtri

    effects, variances = checked_studies(yi, vi)
    _check_alpha(alpha)
    z, k = effects / np.sqrt(variances), effects.size
    if pool == "Stouffer":
        total = abs(float(z.sum()))
        p_value = float(ndtr(-total / math.sqrt(k)))
        n = _whole_number((total / float(ndtri(alpha))) ** 2 - k)
        with_them = float(ndtr(-total / math.sqrt(k + n)))
    elif pool == "Fisher":
        # Each study's p-value in the direction that its own effect has.
        minus_two_logs = -2 * float(log_ndtr(-np.abs(z)).sum())

        def combined(added: int) -> float:
            return float(chdtrc(2 * (k + added), minus_two_logs + 2 * added * math.log(2)))

        p_value = combined(0)
        n = _fewest(lambda added: combined(added) >= alpha)
        with_them = combined(int(n))
    else:
        raise ValueError(f"pool '{pool}': there are Stouffer, Fisher")
    return _result("Rosenthal", k, n, alpha=alpha, p_value=p_value, p_value_with=with_them)


def orwin_fail_safe_n(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    target: float | None = None,
    weighted: bool = True,
) -> FailSafeN:
    """Null studies that bring the average effect down to `target`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    target : float, optional
        An effect too small to matter; its sign is that of the average. None: half the average, for which the answer is
        always k.
    weighted : bool
        Average by inverse variance, or plainly.

    References
    ----------
    Orwin (1983). J. Educ. Stat. 8, 157-159.
    """
    effects, variances = checked_studies(yi, vi)
    wi = 1 / variances if weighted else np.ones_like(effects)
    estimate, k = float((wi * effects).sum() / wi.sum()), effects.size
    target = _target_beside(estimate, estimate / 2 if target is None else target)
    n = math.inf if target == 0 else _whole_number(k * (estimate - target) / target)
    with_them = 0.0 if math.isinf(n) else k * estimate / (k + n)
    return _result("Orwin", k, n, target=target, estimate=estimate, estimate_with=with_them)


def rosenberg_fail_safe_n(
    yi: Sequence[float] | Floats, vi: Sequence[float] | Floats, *, alpha: float = 0.05
) -> FailSafeN:
    """Null studies of the average weight that bring the common-effect p-value up to `alpha` (two-sided).

    References
    ----------
    Rosenberg (2005). Evolution 59, 464-468; with the normal in place of the t distribution.
    """
    from scipy.special import ndtr, ndtri

    effects, variances = checked_studies(yi, vi)
    _check_alpha(alpha)
    precision, total, k = float((1 / variances).sum()), float((effects / variances).sum()), effects.size
    n = _whole_number(((total / float(ndtri(alpha / 2))) ** 2 - precision) * k / precision)
    precision_with = precision * (1 + n / k)
    return _result(
        "Rosenberg",
        k,
        n,
        alpha=alpha,
        estimate=total / precision,
        p_value=2 * float(ndtr(-abs(total) / math.sqrt(precision))),
        estimate_with=total / precision_with,
        p_value_with=2 * float(ndtr(-abs(total) / math.sqrt(precision_with))),
    )


def general_fail_safe_n(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    alpha: float = 0.05,
    target: float | None = None,
    method: str = "REML",
    test: str = "z",
    refit: bool = False,
) -> FailSafeN:
    """Null studies that take significance from a random-effects estimate, or bring it down to `target`.

    The added studies average 0, vary between each other as those seen do, and have their harmonic mean variance.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    alpha : float
        Level that the p-value shall reach; not used with a `target`.
    target : float, optional
        Effect that the estimate shall fall to; its sign is that of the estimate.
    method, test : str
        As in `meta_analysis`. Other tests than 'z' are always refitted.
    refit : bool
        False: tau2 with the added studies from the variances within and between the two sets. True: fitted anew each
        time, for at most 5,000 added studies.

    References
    ----------
    Viechtbauer (2024), A fail-safe N computation based on the random-effects model, SRSM annual meeting, Amsterdam.
    """
    effects, variances = checked_studies(yi, vi)
    _check_alpha(alpha)
    seen = meta_analysis(effects, variances, method=method, test=test)
    harmonic = 1 / float((1 / variances).mean())

    def with_added(added: int) -> tuple[float, float, float]:
        if added and (refit or test != "z") and added <= _MOST_REFITTED:
            spread = math.sqrt(harmonic + seen.tau2)
            fit = meta_analysis(
                np.concatenate([effects, _averaging_null(added, spread)]),
                np.concatenate([variances, np.full(added, harmonic)]),
                method=method,
                test=test,
            )
            return fit.estimate, fit.tau2, fit.p_value
        return _approximately(effects, variances, seen.estimate, seen.tau2, harmonic, added, common=method == "EE")

    if target is None:
        n = 0.0 if not seen.p_value < alpha else _fewest(lambda added: with_added(added)[2] >= alpha)
    else:
        target = _target_beside(seen.estimate, target)
        enough = abs(target)
        n = 0.0 if enough >= abs(seen.estimate) else _fewest(lambda added: abs(with_added(added)[0]) <= enough)
    estimate, tau2, p_value = seen.estimate, seen.tau2, seen.p_value
    if 0 < n < math.inf:
        estimate, tau2, p_value = with_added(int(n))
    return _result(
        "general",
        effects.size,
        n,
        alpha=alpha if target is None else math.nan,
        target=math.nan if target is None else target,
        estimate=seen.estimate,
        tau2=seen.tau2,
        p_value=seen.p_value,
        estimate_with=estimate,
        tau2_with=tau2,
        p_value_with=p_value,
    )


def _approximately(
    yi: Floats, vi: Floats, estimate: float, tau2: float, harmonic: float, added: int, *, common: bool
) -> tuple[float, float, float]:
    """Estimate, tau2 and p-value with `added` null studies, the variance of two pooled sets for tau2."""
    from scipy.special import ndtr

    k = yi.size
    tau2_with = 0.0
    if not common:
        together = k * estimate / (k + added)
        within = (k - 1 + max(0, added - 1)) * tau2
        between = k * (estimate - together) ** 2 + added * together**2
        tau2_with = (within + between) / max(1, k + added - 1)
    wi = 1 / (vi + tau2_with)
    precision = float(wi.sum()) + added / (harmonic + tau2_with)
    mean = float((wi * yi).sum()) / precision
    return mean, tau2_with, 2 * float(ndtr(-abs(mean) * math.sqrt(precision)))


def _averaging_null(n: int, sd: float) -> Floats:
    """Effects of mean 0 and standard deviation `sd`; as all have one variance, their order and shape do not matter."""
    if n == 1:
        return np.zeros(1)
    evenly = np.linspace(-1.0, 1.0, n)
    return np.asarray(evenly * (sd / evenly.std(ddof=1)))


def _fewest(enough: Callable[[int], bool]) -> float:
    """The smallest number that is enough, by doubling and halving; `_MOST` where none up to it is."""
    if enough(0):
        return 0.0
    low, high = 0, 1
    while not enough(high):
        if high >= _MOST:
            return float(_MOST)
        low, high = high, min(2 * high, _MOST)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)


def _whole_number(n: float) -> float:
    """Rounded up, but not for a rounding error's sake; never below 0."""
    nearest = round(n)
    return float(max(0, nearest if abs(n - nearest) <= 1e-8 * max(1.0, abs(n)) else math.ceil(n)))


def _target_beside(estimate: float, target: float) -> float:
    if not math.isfinite(target):
        raise ValueError(f"target = {target}: a target effect is a finite number")
    return math.copysign(target, estimate) if target else 0.0


def _check_alpha(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise ValueError(f"alpha = {alpha}: a level lies between 0 and 1")


def _result(kind: str, k: int, n: float, **numbers: float) -> FailSafeN:
    absent = dict.fromkeys(
        ("alpha", "target", "estimate", "tau2", "p_value", "estimate_with", "tau2_with", "p_value_with"), math.nan
    )
    return FailSafeN(kind=kind, k=k, n=n, at_least=n == _MOST, **(absent | numbers))

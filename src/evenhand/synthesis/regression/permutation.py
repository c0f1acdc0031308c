"""Permutation tests of a meta-regression: p-values that lean on no distribution of the effects.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

If moderators do not matter, any study could have had any other's; so the rows of X are permuted. A mean alone has
nothing to permute: if it is 0, each effect could as well have had the other sign.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from evenhand.distributions import Floats
from evenhand.synthesis.many_fits import many_fits
from evenhand.synthesis.many_projections import projected
from evenhand.synthesis.regression.mixed_effects import MetaRegression

if TYPE_CHECKING:
    from pandas import DataFrame

Rows = npt.NDArray[np.intp]
MOST_EXACT = 2_000_000  # arrangements that are enumerated
_AT_ONCE = 50_000  # fits whose statistics are held beside each other
_TIE = 1.5e-8  # statistics nearer than this, relative to the observed, are tied: rounding must not break a tie
ALTERNATIVES = ("two-sided", "greater", "less")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PermutationTest:
    """How often chance alone gives statistics as far out as the observed."""

    names: tuple[str, ...]  # (p,) of the coefficients
    statistic: Floats  # (p,), observed
    p_value: Floats  # (p,)
    omnibus_statistic: float
    omnibus_p_value: float
    arrangements: int  # the observed among them
    exact: bool  # every arrangement, each once; else a sample of them
    kind: str  # 'rows' of X permuted, or 'signs' of the effects
    alternative: str
    statistics: Floats  # (arrangements, p)
    omnibus_statistics: Floats  # (arrangements,)

    def to_frame(self) -> "DataFrame":
        """One row a coefficient."""
        from pandas import DataFrame

        return DataFrame({"statistic": self.statistic, "p_value": self.p_value}, index=list(self.names))


def permutation_test(
    regression: MetaRegression,
    *,
    exact: bool | None = None,
    iterations: int = 1000,
    rng: np.random.Generator | None = None,
    alternative: str = "two-sided",
) -> PermutationTest:
    """Test the coefficients, and the omnibus test, by permutation.

    Parameters
    ----------
    regression : MetaRegression
        As fitted: the same method and test are used for every arrangement.
    exact : bool, optional
        True: all arrangements. False: `iterations` random ones. Where nothing is said, all if they are no more than
        `iterations`, else random ones.
    iterations : int
        Random arrangements; the observed one is counted beside them (Phipson & Smyth 2010, Stat. Appl. Genet. Mol.
        Biol. 9, 39), so that no p-value is 0.
    rng : numpy Generator
        Needed for random arrangements.
    alternative : str
        'two-sided', 'greater' or 'less', for the coefficients.

    Raises
    ------
    ValueError
        Where there are too many arrangements for an exact test, or no `rng` for a random one.

    References
    ----------
    Higgins & Thompson (2004). Statist. Med. 23, 1663-1682; Follmann & Proschan (1999). Biometrics 55, 732-737.
    """
    if alternative not in ALTERNATIVES:
        raise ValueError(f"alternative '{alternative}': there are {', '.join(ALTERNATIVES)}")
    if iterations < 1:
        raise ValueError(f"iterations = {iterations}: at least 1")
    fit, design = regression.fit, regression.design
    if fit.user_weights is not None or regression.tau2_known:
        raise ValueError("a permutation test estimates tau2 and weights anew each time: fit without weights or tau2")
    signs = design.names == ("intercept",)
    groups = np.unique(fit.X, axis=0, return_inverse=True)[1].reshape(-1)
    count = 2**fit.k if signs else _arrangements(groups)
    if exact is None:
        exact = count <= iterations
    if exact and count > MOST_EXACT:
        raise ValueError(f"{count} arrangements are too many for an exact test: give exact=False and rng")
    if not exact and rng is None:
        raise ValueError(f"{count} arrangements are sampled: give rng, as in numpy.random.default_rng(1)")
    if signs:
        flips = _all_signs(fit.k) if exact else _random_signs(fit.k, iterations, rng)
        parts = [_of_signs(regression, flips[at : at + _AT_ONCE]) for at in range(0, len(flips), _AT_ONCE)]
    else:
        orders = _all_orders(groups) if exact else _random_orders(fit.k, iterations, rng)
        parts = [_of_orders(regression, groups, orders[at : at + _AT_ONCE]) for at in range(0, len(orders), _AT_ONCE)]
    statistics = np.concatenate([part[0] for part in parts])
    omnibus = np.concatenate([part[1] for part in parts])
    if not exact:
        statistics = np.concatenate([fit.statistic[None], statistics])
        omnibus = np.concatenate([[regression.omnibus.statistic], omnibus])
    return PermutationTest(
        names=regression.names,
        statistic=fit.statistic,
        p_value=np.array([_share(statistics[:, j], fit.statistic[j], alternative) for j in range(fit.p)]),
        omnibus_statistic=regression.omnibus.statistic,
        omnibus_p_value=_share(omnibus, regression.omnibus.statistic, "greater"),
        arrangements=len(statistics),
        exact=exact,
        kind="signs" if signs else "rows",
        alternative=alternative,
        statistics=statistics,
        omnibus_statistics=omnibus,
    )


def _share(values: Floats, observed: float, alternative: str) -> float:
    """Share of values at least as far out as the observed, ties counted in."""
    if math.isnan(observed):
        return math.nan
    if alternative == "two-sided":
        values, observed = np.abs(values), abs(observed)
    elif alternative == "less":
        values, observed = -values, -observed
    if math.isinf(observed):
        # A perfect fit; arrangements that fit perfectly too are ties.
        return float(np.mean(values >= observed))
    return float(np.mean(values >= observed - _TIE * max(1.0, abs(observed))))


def _statistics(regression: MetaRegression, yi: Floats, vi: Floats, X: Floats | None) -> tuple[Floats, Floats]:
    """Of m data sets, shape (m, k), on one design: statistics (m, p) and the omnibus statistic (m,)."""
    fits = many_fits(yi, vi, X=X, method=regression.fit.method, test=regression.fit.test)
    statistics = fits.statistic[:, None] if X is None else fits.statistic
    tested = list(regression.tested)
    f_test = regression.fit.df is not None
    if len(tested) == 1:
        return statistics, statistics[:, tested[0]] ** 2
    assert X is not None  # noqa: S101 - more than one coefficient has a design
    # With the tested columns last, their loadings are what they explain beyond the others.
    others = [j for j in range(X.shape[1]) if j not in tested]
    columns = [X[:, j][:, None] for j in others + tested]
    explained = projected(yi.T, 1.0 / (vi.T + fits.tau2), columns).loadings[len(others) :]
    omnibus = np.sum(np.square(explained), axis=0) / fits.scale
    return statistics, omnibus / len(tested) if f_test else omnibus


def _of_signs(regression: MetaRegression, signs: Floats) -> tuple[Floats, Floats]:
    fit = regression.fit
    return _statistics(regression, signs * fit.yi, np.broadcast_to(fit.vi, signs.shape), None)


def _of_orders(regression: MetaRegression, groups: Rows, orders: Rows) -> tuple[Floats, Floats]:
    """Row i of X goes to study `orders[m, i]`: the effects are dealt to X rather than X to the effects."""
    fit = regression.fit
    X = fit.X[np.argsort(groups, kind="stable")]
    return _statistics(regression, fit.yi[orders], fit.vi[orders], X)


def _all_signs(k: int) -> Floats:
    bits = (np.arange(2**k)[:, None] >> np.arange(k)) & 1
    return np.asarray(1.0 - 2.0 * bits, dtype=np.float64)


def _random_signs(k: int, iterations: int, rng: np.random.Generator | None) -> Floats:
    assert rng is not None  # noqa: S101 - checked by the caller
    return np.asarray(1.0 - 2.0 * rng.integers(0, 2, size=(iterations, k)), dtype=np.float64)


def _random_orders(k: int, iterations: int, rng: np.random.Generator | None) -> Rows:
    assert rng is not None  # noqa: S101 - checked by the caller
    return rng.permuted(np.broadcast_to(np.arange(k), (iterations, k)), axis=1)


def _arrangements(groups: Rows) -> int:
    """Ways to deal the rows of X to the studies, alike rows being one: k! / (n₁! n₂! …)."""
    count = math.factorial(groups.size)
    for size in np.bincount(groups):
        count //= math.factorial(int(size))
    return count


def _all_orders(groups: Rows) -> Rows:
    """Every way, once: for each, the studies that get the first kind of row, then the second, …"""
    left = np.bincount(groups)[None].astype(np.int8)
    dealt = np.zeros((1, 0), dtype=np.int8)
    for _ in range(groups.size):
        which, kind = np.nonzero(left)
        dealt = np.concatenate([dealt[which], kind[:, None].astype(np.int8)], axis=1)
        left = left[which]
        left[np.arange(which.size), kind] -= 1
    return np.argsort(dealt, axis=1, kind="stable")

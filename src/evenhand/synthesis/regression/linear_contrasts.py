"""Sums of coefficients, one by one and all at once: contrasts, and the test that several coefficients are 0.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evenhand.distributions import Floats
from evenhand.number_columns import number_column, number_table
from evenhand.synthesis.linear_fit import LinearFit
from evenhand.synthesis.wald import wald

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTest:
    """Wald-type test that several sums of coefficients are all 0."""

    statistic: float  # χ² where `df2` is None, else F
    df1: int
    df2: float | None
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearContrasts:
    """m sums of coefficients, each with its own test, and the test of all."""

    names: tuple[str, ...]  # (m,)
    matrix: Floats  # (m, p)
    estimate: Floats  # (m,), analysis scale
    se: Floats  # (m,)
    statistic: Floats  # (m,)
    p_value: Floats  # (m,), two-sided
    ci_lower: Floats  # (m,)
    ci_upper: Floats  # (m,)
    joint: JointTest | None  # None where the rows are not independent of each other

    def to_frame(self) -> "DataFrame":
        """One row a contrast."""
        from pandas import DataFrame

        columns = ("estimate", "se", "statistic", "p_value", "ci_lower", "ci_upper")
        return DataFrame({name: getattr(self, name) for name in columns}, index=list(self.names))


def joint_test(estimate: Floats, covariance: Floats, df: float | None) -> JointTest:
    """The test that m estimates are all 0.

    Parameters
    ----------
    estimate, covariance : ndarray, shapes (m,) and (m, m)
        The covariance with the scale of its test, as in `LinearFit`.
    df : float, optional
        Degrees of freedom of the denominator: F with (m, df). None: χ² with m.

    Returns
    -------
    JointTest
        With a statistic of nan where the covariance has no inverse, as after an exact fit.
    """
    from scipy.special import chdtrc, fdtrc

    estimate, covariance = number_column("estimate", estimate, of="coefficient"), number_table("covariance", covariance)
    m = estimate.size
    if covariance.shape != (m, m):
        raise ValueError(f"{m} estimates but a covariance of shape {covariance.shape}: give ({m}, {m})")
    sds = np.sqrt(np.diagonal(covariance))
    if m == 0 or not (np.isfinite(sds).all() and (sds > 0).all()):
        return JointTest(statistic=math.nan, df1=m, df2=df, p_value=math.nan)
    # In units of their standard errors, so that moderators of any unit stand beside each other.
    scaled, correlation = estimate / sds, covariance / np.outer(sds, sds)
    try:
        root = np.linalg.cholesky(correlation)
    except np.linalg.LinAlgError:
        return JointTest(statistic=math.nan, df1=m, df2=df, p_value=math.nan)
    chi_square = float(np.sum(np.linalg.solve(root, scaled) ** 2))
    if df is None:
        return JointTest(statistic=chi_square, df1=m, df2=None, p_value=float(chdtrc(m, chi_square)))
    return JointTest(statistic=chi_square / m, df1=m, df2=df, p_value=float(fdtrc(m, df, chi_square / m)))


def linear_contrasts(
    fit: LinearFit, matrix: Sequence[Sequence[float]] | Floats, names: Sequence[str]
) -> LinearContrasts:
    """Estimates of `matrix` times the coefficients.

    Parameters
    ----------
    fit : LinearFit
    matrix : array_like, shape (m, p) or (p,)
    names : sequence of str, length m

    Raises
    ------
    ValueError
        Where the matrix has no column for each coefficient.
    """
    rows = np.atleast_2d(np.asarray(matrix, dtype=np.float64))
    if rows.ndim != 2 or rows.shape[1] != fit.p or not np.isfinite(rows).all():
        raise ValueError(f"contrasts of shape {rows.shape}: give {fit.p} finite numbers a row, one a coefficient")
    estimate, covariance = rows @ fit.beta, rows @ fit.covariance @ rows.T
    se = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    each = wald(estimate, se, fit.df, fit.level)
    independent = np.linalg.matrix_rank(rows) == rows.shape[0]
    return LinearContrasts(
        names=tuple(names),
        matrix=rows,
        estimate=estimate,
        se=se,
        statistic=each.statistic,
        p_value=each.p_value,
        ci_lower=each.ci_lower,
        ci_upper=each.ci_upper,
        joint=joint_test(estimate, covariance, fit.df) if independent else None,
    )


def contrast_matrix(
    contrasts: Mapping[str, float] | Mapping[str, Mapping[str, float]], coefficients: Sequence[str]
) -> tuple[Floats, tuple[str, ...]]:
    """Rows from {'coefficient': times, …}, one contrast, or from {'name': {'coefficient': times, …}, …}, several.

    Raises
    ------
    ValueError
        Naming a coefficient there is not.
    """
    several: dict[str, Mapping[str, float]] = {}
    for name, value in contrasts.items():
        if isinstance(value, Mapping):
            several[name] = value
    if several and len(several) < len(contrasts):
        raise ValueError("contrasts are either one mapping of coefficients to numbers, or one such mapping a name")
    if not several:
        single = {name: float(value) for name, value in contrasts.items() if not isinstance(value, Mapping)}
        several = {_sum_as_written(single): single}
    rows = np.zeros((len(several), len(coefficients)))
    for i, (label, times) in enumerate(several.items()):
        for name, factor in times.items():
            if name not in coefficients:
                raise ValueError(f"contrast '{label}': no coefficient '{name}'; there are {', '.join(coefficients)}")
            rows[i, list(coefficients).index(name)] = factor
    return rows, tuple(several)


def _sum_as_written(times: Mapping[str, float]) -> str:
    return " + ".join(name if factor == 1 else f"{factor:g}·{name}" for name, factor in times.items())

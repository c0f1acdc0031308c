"""One answer from a regression fitted to several imputations of missing moderators: Rubin's rules.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.regression.mixed_effects import MetaRegression
from evenhand.synthesis.wald import quantile

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PooledImputations:
    """Coefficients across m imputations; every array has shape (p,)."""

    names: tuple[str, ...]
    m: int
    estimate: Floats
    se: Floats
    df: Floats  # infinite where nothing is lost and the test is normal
    statistic: Floats
    p_value: Floats
    ci_lower: Floats
    ci_upper: Floats
    missing_information: Floats  # share of the information that the missing values took
    tau2: float  # mean of the fits'

    def to_frame(self) -> "DataFrame":
        """One row a coefficient."""
        from pandas import DataFrame

        columns = ("estimate", "se", "df", "statistic", "p_value", "ci_lower", "ci_upper", "missing_information")
        return DataFrame({name: getattr(self, name) for name in columns}, index=list(self.names))


def pool_imputations(fits: Sequence[MetaRegression]) -> PooledImputations:
    """Combine the same regression fitted to several completed data sets.

    Parameters
    ----------
    fits : sequence of MetaRegression, length m ≥ 2
        Of one formula, method and test.

    Raises
    ------
    ValueError
        For fewer than two fits, or fits of different coefficients.

    References
    ----------
    Rubin (1987). Multiple Imputation for Nonresponse in Surveys, pp. 76-77; degrees of freedom of Barnard & Rubin
    (1999), Biometrika 86, 948-955.
    """
    if len(fits) < 2:
        raise ValueError(f"{len(fits)} imputation: two or more are needed to see how much is unknown")
    first = fits[0]
    for i, fit in enumerate(fits):
        if fit.names != first.names or (fit.fit.method, fit.fit.test) != (first.fit.method, first.fit.test):
            raise ValueError(
                f"imputation {i} has {', '.join(fit.names)} by {fit.fit.method} and '{fit.fit.test}', imputation 0 "
                f"{', '.join(first.names)} by {first.fit.method} and '{first.fit.test}': fit one model to all"
            )
    m = len(fits)
    estimates = np.array([fit.fit.beta for fit in fits])
    within = np.mean([fit.fit.se**2 for fit in fits], axis=0)
    between = estimates.var(axis=0, ddof=1)
    total = within + (1 + 1 / m) * between
    lost = np.divide((1 + 1 / m) * between, total, out=np.zeros_like(total), where=total > 0)
    df = np.array([_degrees_of_freedom(share, m, first.fit.df) for share in lost])
    estimate, se = estimates.mean(axis=0), np.sqrt(total)
    from scipy.special import ndtr, stdtr

    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / se
    tails = [ndtr(-abs(t)) if math.isinf(d) else stdtr(d, -abs(t)) for t, d in zip(statistic, df, strict=True)]
    half = np.array([quantile(first.fit.level, None if math.isinf(d) else d) for d in df]) * se
    return PooledImputations(
        names=first.names,
        m=m,
        estimate=estimate,
        se=se,
        df=df,
        statistic=statistic,
        p_value=2.0 * np.array(tails),
        ci_lower=estimate - half,
        ci_upper=estimate + half,
        missing_information=lost,
        tau2=float(np.mean([fit.fit.tau2 for fit in fits])),
    )


def _degrees_of_freedom(lost: float, m: int, complete: float | None) -> float:
    """Few imputations and few studies each leave few; the two are combined as resistances in parallel."""
    of_imputations = math.inf if lost == 0 else (m - 1) / lost**2
    if complete is None:
        return of_imputations
    observed = (complete + 1) / (complete + 3) * complete * (1 - lost)
    if math.isinf(of_imputations):
        return complete if lost == 0 else observed
    return of_imputations * observed / (of_imputations + observed)

"""What a method gives that takes all studies to share one effect.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass

from evenhand.distributions import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiSquareTest:
    """A test whose statistic is chi-square where its hypothesis holds."""

    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonEffect:
    """One effect shared by all studies, on the analysis scale; fields are named as in `Classical`."""

    method: str  # 'MH', 'Peto', 'Inverse', 'SSW'
    measure: str  # 'OR', 'RR', 'RD', 'IRR', 'IRD'
    estimate: float  # nan where the counts leave it undefined; infinite where one side has no event at all
    se: float
    statistic: float
    p_value: float
    ci_lower: float
    ci_upper: float
    q: float  # heterogeneity of the studies' own effects about the estimate
    q_df: int
    q_p_value: float
    i2: float  # percent, 0 to 100
    h2: float
    k: int  # studies given
    k_in_q: int  # studies with an effect of their own
    cochran: ChiSquareTest | None = None  # of association, binomial variance
    mantel_haenszel: ChiSquareTest | None = None  # of association, hypergeometric variance (or that of rates)
    breslow_day: ChiSquareTest | None = None  # of one odds ratio in all tables
    tarone: ChiSquareTest | None = None  # the same, corrected for the estimate's own variance

    @property
    def test(self) -> str:
        """All these methods are tested against the normal."""
        return "z"

    @property
    def tau2(self) -> float:
        """Zero, by assumption."""
        return 0.0

    @property
    def pi_lower(self) -> float:
        """A new study's effect is the common one."""
        return self.ci_lower

    @property
    def pi_upper(self) -> float:
        """A new study's effect is the common one."""
        return self.ci_upper

    @property
    def converged(self) -> bool:
        """Whether the counts leave the estimate and its standard error defined."""
        return math.isfinite(self.estimate) and math.isfinite(self.se)


def chi_square_test(statistic: float, df: int) -> ChiSquareTest:
    """A chi-square statistic with its upper tail; nan where nothing can be tested."""
    from scipy.special import chdtrc

    p_value = float(chdtrc(df, statistic)) if df > 0 and not math.isnan(statistic) else math.nan
    return ChiSquareTest(statistic=statistic, df=df, p_value=p_value)


def common_effect(
    *,
    method: str,
    measure: str,
    estimate: float,
    variance: float,
    yi: Floats,
    vi: Floats,
    k: int,
    level: float,
    tests: dict[str, ChiSquareTest] | None = None,
) -> CommonEffect:
    """The record, from an estimate and the effects that the studies have of their own (nan where they have none)."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    se = math.sqrt(variance) if variance >= 0 else math.nan
    statistic = estimate / se if se > 0 and math.isfinite(se) else math.nan
    half = -float(ndtri(0.5 * (1.0 - level))) * se
    own = np.isfinite(yi) & np.isfinite(vi) & (vi > 0)
    df = int(own.sum()) - 1
    q = float((((yi - estimate) ** 2)[own] / vi[own]).sum()) if df >= 0 else 0.0
    heterogeneity = chi_square_test(q, df)
    return CommonEffect(
        method=method,
        measure=measure,
        estimate=estimate,
        se=se,
        statistic=statistic,
        p_value=2.0 * float(ndtr(-abs(statistic))),
        ci_lower=estimate - half,
        ci_upper=estimate + half,
        q=q,
        q_df=max(df, 0),
        q_p_value=heterogeneity.p_value if df > 0 else 1.0,
        i2=max(0.0, 100.0 * (q - df) / q) if df > 0 and q > 0 else 0.0,
        h2=q / df if df > 0 else 1.0,
        k=k,
        k_in_q=df + 1,
        **(tests or {}),
    )

"""PET, PEESE and the choice between them: the effect in a study of perfect precision.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.messages import Message
from evenhand.synthesis.reporting_bias.asymmetry import Asymmetry, asymmetry_test
from evenhand.synthesis.wald import wald


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionEffect:
    """The effect at standard error 0, by a line of the effects on their standard errors or variances."""

    model: str  # 'PET', 'PEESE'
    k: int
    estimate: float
    se: float
    statistic: float
    p_value: float  # two-sided, of no effect
    ci_lower: float
    ci_upper: float
    slope: float  # on the standard error (PET) or variance (PEESE)
    se_slope: float
    slope_statistic: float
    slope_p_value: float
    df: float | None  # k − 2 in weighted least squares
    not_computed: Message | None = None  # why there is no number


def pet(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    model: str = "lm",
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> PrecisionEffect:
    """Precision-effect test: the intercept of the effects on their standard errors.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    model, method, test : str
        'lm': weighted least squares, as published. 'rma': a mixed-effects model, as in `asymmetry_test`.
    level : float
        Of the interval.

    Returns
    -------
    PrecisionEffect
        Without numbers where there are fewer than 3 studies, or all are of one precision.

    References
    ----------
    Stanley (2008). Oxf. Bull. Econ. Stat. 70, 103-127; Stanley & Doucouliagos (2014). Res. Synth. Methods 5, 60-78.
    """
    return _at_no_error("PET", asymmetry_test(yi, vi, model=model, method=method, test=test, level=level), level)


def peese(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    model: str = "lm",
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> PrecisionEffect:
    """Precision-effect estimate with standard error: as `pet`, with variances in place of standard errors."""
    line = asymmetry_test(yi, vi, predictor="vi", model=model, method=method, test=test, level=level)
    return _at_no_error("PEESE", line, level)


def pet_peese(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    alpha: float = 0.10,
    model: str = "lm",
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> PrecisionEffect:
    """PEESE where PET finds an effect, two-sided at `alpha`; else PET. `model` of the result says which.

    PEESE is biased where there is no effect, PET where there is one.

    References
    ----------
    Stanley & Doucouliagos (2014). Res. Synth. Methods 5, 60-78; Stanley (2017). Soc. Psychol. Personal. Sci. 8,
    581-591, for the level (5 % one-sided).
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha = {alpha}: a level lies between 0 and 1")
    first = pet(yi, vi, model=model, method=method, test=test, level=level)
    if first.p_value < alpha:
        return peese(yi, vi, model=model, method=method, test=test, level=level)
    return first


def _at_no_error(name: str, line: Asymmetry, level: float) -> PrecisionEffect:
    tests = wald(np.array([line.intercept]), np.array([line.se_intercept]), line.df, level)
    return PrecisionEffect(
        model=name,
        k=line.k,
        estimate=line.intercept,
        se=line.se_intercept,
        statistic=float(tests.statistic[0]),
        p_value=float(tests.p_value[0]) if line.not_computed is None else math.nan,
        ci_lower=line.ci_lower,
        ci_upper=line.ci_upper,
        slope=line.slope,
        se_slope=line.se_slope,
        slope_statistic=line.statistic,
        slope_p_value=line.p_value,
        df=line.df,
        not_computed=line.not_computed,
    )

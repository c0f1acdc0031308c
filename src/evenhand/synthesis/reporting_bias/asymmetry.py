"""Egger's test and its kin: whether effects lean on the studies' precision or size.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.messages import Message, message
from evenhand.number_columns import number_column
from evenhand.synthesis.linear_fit import LinearFit, fit_linear
from evenhand.synthesis.normal_kernel import checked_studies

# What a study's size may be measured by. With the first four a study of infinite size is where the predictor is 0, so
# that the intercept is the effect in such a study.
PREDICTORS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "sei": lambda vi, ni: np.sqrt(vi),
    "vi": lambda vi, ni: vi,
    "ninv": lambda vi, ni: 1 / ni,
    "sqrtninv": lambda vi, ni: 1 / np.sqrt(ni),
    "ni": lambda vi, ni: ni,
    "sqrtni": lambda vi, ni: np.sqrt(ni),
}
_WITH_LIMIT = ("sei", "vi", "ninv", "sqrtninv")
_OF_SAMPLE_SIZE = ("ninv", "sqrtninv", "ni", "sqrtni")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asymmetry:
    """A line of the effects on a measure of the studies' size, and whether its slope could be chance."""

    test: str  # 'regression', 'Harbord', …
    model: str  # 'rma': variance between studies is added; 'lm': sampling variances are multiplied by a factor
    predictor: str  # 'sei', 'ninv', …
    k: int
    slope: float
    se_slope: float
    statistic: float  # slope / se_slope
    df: float | None  # None: the statistic is standard normal
    p_value: float  # two-sided
    intercept: float
    se_intercept: float
    # The intercept again, with its interval, where it is the effect in a study of infinite size; else nan.
    limit_estimate: float
    ci_lower: float
    ci_upper: float
    tau2: float  # variance between studies left by the line; nan for 'lm'
    dispersion: float  # factor on the sampling variances; nan for 'rma'
    not_computed: Message | None = None  # why there is no number


def asymmetry_test(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    ni: Sequence[float] | Floats | None = None,
    *,
    model: str = "rma",
    predictor: str = "sei",
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
) -> Asymmetry:
    """Regress effects on a measure of size; a slope says that small studies differ from large ones.

    Egger's own test is `model="lm"`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    ni : array_like, shape (k,), optional
        Participants (> 0), for a predictor made of them.
    model : str
        'rma': mixed-effects model. 'lm': weights 1 / vi and one factor on all variances, t with k − 2.
    predictor : str
        'sei', 'vi', 'ni', 'ninv' (1 / ni), 'sqrtni' or 'sqrtninv'.
    method, test : str
        Of the mixed-effects model, as in `fit_linear`.
    level : float
        Of the interval about the limit estimate.

    Returns
    -------
    Asymmetry
        Without numbers where there are fewer than 3 studies, or the predictor is the same in all.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be used, or an option there is not.

    References
    ----------
    Egger et al. (1997). BMJ 315, 629-634; Sterne & Egger (2005), in Rothstein et al., Publication Bias in
    Meta-Analysis, ch. 6, for the predictors; Moreno et al. (2009). BMC Med. Res. Methodol. 9, 2, for the limit.
    """
    effects, variances = checked_studies(yi, vi)
    if model not in ("rma", "lm"):
        raise ValueError(f"model '{model}': there are rma, lm")
    if predictor not in PREDICTORS:
        raise ValueError(f"predictor '{predictor}': there are {', '.join(PREDICTORS)}")
    sizes = checked_sizes(ni, effects.size) if predictor in _OF_SAMPLE_SIZE else variances
    x = PREDICTORS[predictor](variances, sizes)
    if model == "lm":
        method, test = "EE", "knha"
    return slope_test(effects, variances, x, name="regression", predictor=predictor, method=method, test=test,
                      level=level, model=model)  # fmt: skip


def slope_test(
    yi: Floats,
    vi: Floats,
    x: Floats,
    *,
    name: str,
    predictor: str,
    model: str = "lm",
    method: str = "EE",
    test: str = "knha",
    level: float = 0.95,
) -> Asymmetry:
    """The test that every kind of regression ends in; arrays of shape (k,), as `checked_studies` leaves them.

    'lm' is the equal-effects fit with Knapp and Hartung's factor, which is the residual variance of weighted least
    squares.
    """
    k, least = yi.size, 3
    if k < least:
        return _nothing(name, model, predictor, k, message("bias.none.few_studies", k=k, least=least))
    fit = line(yi, vi, x, method=method, test=test, level=level)
    if fit is None:
        return _nothing(name, model, predictor, k, message("bias.none.same_precision"))
    has_limit = predictor in _WITH_LIMIT
    return Asymmetry(
        test=name,
        model=model,
        predictor=predictor,
        k=k,
        slope=float(fit.beta[1]),
        se_slope=float(fit.se[1]),
        statistic=float(fit.statistic[1]),
        df=fit.df,
        p_value=float(fit.p_value[1]),
        intercept=float(fit.beta[0]),
        se_intercept=float(fit.se[0]),
        limit_estimate=float(fit.beta[0]) if has_limit else math.nan,
        ci_lower=float(fit.ci_lower[0]) if has_limit else math.nan,
        ci_upper=float(fit.ci_upper[0]) if has_limit else math.nan,
        tau2=math.nan if model == "lm" else fit.tau2,
        dispersion=fit.scale if model == "lm" else math.nan,
    )


def line(yi: Floats, vi: Floats, x: Floats, *, method: str, test: str, level: float) -> LinearFit | None:
    """Intercept and slope; None where `x` does not vary beyond rounding, so that there is no slope."""
    if float(np.ptp(x)) <= 1e-10 * float(np.abs(x).max()):
        return None
    return fit_linear(yi, vi, np.column_stack([np.ones_like(yi), x]), method=method, test=test, level=level)


def checked_sizes(ni: Sequence[float] | Floats | None, k: int) -> Floats:
    """Participants as an array of shape (k,)."""
    if ni is None:
        raise ValueError("this predictor is made of sample sizes: give `ni`, one for each study")
    sizes = number_column("ni", ni)
    if sizes.size != k:
        raise ValueError(f"{sizes.size} sample sizes (ni) but {k} studies")
    for i in np.flatnonzero(~(np.isfinite(sizes) & (sizes > 0))):
        raise ValueError(f"ni[{i}] = {sizes[i]}: a sample size must be finite and above 0")
    return sizes


def _nothing(name: str, model: str, predictor: str, k: int, reason: Message) -> Asymmetry:
    nan = math.nan
    return Asymmetry(
        test=name, model=model, predictor=predictor, k=k, slope=nan, se_slope=nan, statistic=nan, df=None, p_value=nan,
        intercept=nan, se_intercept=nan, limit_estimate=nan, ci_lower=nan, ci_upper=nan, tau2=nan, dispersion=nan,
        not_computed=reason,
    )  # fmt: skip

"""WAAP-WLS: the weighted average of the studies that had the power to find it.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.linear_fit import LinearFit, fit_linear
from evenhand.synthesis.normal_kernel import checked_studies


@dataclass(frozen=True, slots=True, kw_only=True)
class AdequatePower:
    """Weighted least squares on the studies with 80 % power for its own estimate, or on all."""

    model: str  # 'WAAP', or 'WLS' where fewer than 2 studies have the power
    k: int
    adequate: tuple[bool, ...]  # whether each study, in the order given, has the power
    estimate: float
    se: float
    statistic: float
    df: float | None  # studies used − 1; None with one study
    p_value: float
    ci_lower: float
    ci_upper: float
    wls_estimate: float  # of all studies


def waap_wls(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    alpha: float = 0.05,
    power: float = 0.80,
    level: float = 0.95,
) -> AdequatePower:
    """Average the adequately powered studies by unrestricted weighted least squares.

    Its estimate is that of a common effect, its standard error carries the dispersion of the studies. A study has the
    power if its standard error is at most |estimate of all| / (z of 1 − alpha / 2 + z of power), 2.8 by default.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    alpha, power : float
        Of the studies: two-sided level, and what power is adequate.
    level : float
        Of the interval.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be used.

    References
    ----------
    Stanley, Doucouliagos & Ioannidis (2017). Statist. Med. 36, 1580-1598; Ioannidis, Stanley & Doucouliagos (2017).
    Econ. J. 127, F236-F265.
    """
    from scipy.special import ndtri

    effects, variances = checked_studies(yi, vi)
    for name, value in (("alpha", alpha), ("power", power)):
        if not 0 < value < 1:
            raise ValueError(f"{name} = {value}: it lies between 0 and 1")
    everything = _weighted_average(effects, variances, level)
    needed = float(ndtri(power) - ndtri(alpha / 2))
    adequate = np.sqrt(variances) <= abs(float(everything.beta[0])) / needed
    enough = int(adequate.sum()) >= 2
    fit = _weighted_average(effects[adequate], variances[adequate], level) if enough else everything
    return AdequatePower(
        model="WAAP" if enough else "WLS",
        k=effects.size,
        adequate=tuple(adequate.tolist()),
        estimate=float(fit.beta[0]),
        se=float(fit.se[0]),
        statistic=float(fit.statistic[0]),
        df=fit.df,
        p_value=float(fit.p_value[0]),
        ci_lower=float(fit.ci_lower[0]),
        ci_upper=float(fit.ci_upper[0]),
        wls_estimate=float(everything.beta[0]),
    )


def _weighted_average(yi: Floats, vi: Floats, level: float) -> LinearFit:
    """Unrestricted weighted least squares is the common-effect model with Knapp and Hartung's factor."""
    return fit_linear(yi, vi, method="EE", test="knha", level=level)

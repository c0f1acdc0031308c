"""Share of variance that a regression explains, plain and on Fisher's scale.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.standardised_mean_difference import average_over_studies
from evenhand.effects.zero_cells import nan_where_undefined


def coefficient_of_determination(
    r2: Floats, n: Floats, predictors: Floats, *, vtype: Literal["LS", "LS2", "AV", "AV2"] = "LS"
) -> tuple[Floats, Floats]:
    """R² of a regression on predictors that were sampled with the outcome, and its sampling variance.

    Parameters
    ----------
    r2, n, predictors : ndarray, shape (k,)
        R², the people, and the predictors without the intercept; one entry a study.
    vtype : {"LS", "LS2", "AV", "AV2"}
        The large-sample variance, or the one with the model's degrees of freedom; either at the study's own R², or at
        the studies' average, weighted by their size.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Share of variance, 0 to 1, and its variance, which fails near 0: no test against 0 should be made of it.

    References
    ----------
    Kendall & Stuart (1979). The Advanced Theory of Statistics, vol. 2, 4th ed., eqs 27.87, 27.88.
    """
    r2, n = np.asarray(r2, dtype=float), np.asarray(n, dtype=float)
    if vtype not in ("LS", "LS2", "AV", "AV2"):
        raise ValueError(f"R2: vtype is '{vtype}'; write 'LS', 'LS2', 'AV' or 'AV2'")
    typical = r2 if vtype.startswith("LS") else np.full_like(r2, average_over_studies(r2, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        vi = 4 * typical * (1 - typical) ** 2 / n
        if vtype.endswith("2"):
            vi = vi * n * (n - np.asarray(predictors, dtype=float) - 1) ** 2 / ((n**2 - 1) * (n + 3))
        return nan_where_undefined(r2, vi)


def fisher_z_of_determination(r2: Floats, n: Floats, predictors: Floats) -> tuple[Floats, Floats]:
    """Fisher's z of √R², and its sampling variance 1 / n; shape (k,); `predictors` are not used.

    References
    ----------
    Olkin & Finn (1995). Psychological Bulletin 118, 155-164.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.arctanh(np.sqrt(np.asarray(r2, dtype=float)))
        return nan_where_undefined(yi, 1 / np.asarray(n, dtype=float) + 0 * np.asarray(predictors, dtype=float))


def _root_tanh_squared(z: Floats) -> Floats:
    return np.tanh(np.maximum(z, 0.0)) ** 2


def _fisher_z_of_root(r2: Floats) -> Floats:
    return np.arctanh(np.sqrt(r2))


COEFFICIENT_OF_DETERMINATION = Measure(
    name="R2",
    label="effects.measure.R2",
    kind=Kind.REGRESSION_FIT,
    estimate=coefficient_of_determination,
    to_display=identity,
    from_display=identity,
    null=None,
)
FISHER_Z_OF_DETERMINATION = Measure(
    name="ZR2",
    label="effects.measure.ZR2",
    kind=Kind.REGRESSION_FIT,
    estimate=fisher_z_of_determination,
    to_display=_root_tanh_squared,
    from_display=_fisher_z_of_root,
    null=None,
)

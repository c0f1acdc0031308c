"""What one predictor of a regression adds: its partial and semi-partial correlation, from its t.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.fisher_z import fisher_z
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.standardised_mean_difference import average_over_studies
from evenhand.effects.zero_cells import nan_where_undefined


def partial_correlation(
    t: Floats, n: Floats, predictors: Floats, *, vtype: Literal["LS", "AV"] = "LS"
) -> tuple[Floats, Floats]:
    """Partial correlation of one predictor with the outcome, and its sampling variance.

    Parameters
    ----------
    t, n, predictors : ndarray, shape (k,)
        The predictor's t in the regression, the people, and all predictors of the model without its intercept.
    vtype : {"LS", "AV"}
        With the study's own correlation, or with the studies' average, weighted by their size.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Correlation, -1 to 1, with the sign of t, and its variance.

    References
    ----------
    Aloe & Thompson (2013). J. Soc. Soc. Work Res. 4, 390-405.
    """
    t, freedom = np.asarray(t, dtype=float), _freedom(n, predictors)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = t / np.sqrt(t**2 + freedom)
        return nan_where_undefined(r, (1 - _typical(r, n, vtype) ** 2) ** 2 / (freedom + 1))


def fisher_z_of_partial(t: Floats, n: Floats, predictors: Floats) -> tuple[Floats, Floats]:
    """Fisher's z of the partial correlation, and its sampling variance 1 / (n - predictors - 2); shape (k,)."""
    t, freedom = np.asarray(t, dtype=float), _freedom(n, predictors)
    with np.errstate(divide="ignore", invalid="ignore"):
        vi = np.where(freedom > 1, 1 / (freedom - 1), np.nan)
        return nan_where_undefined(np.arctanh(t / np.sqrt(t**2 + freedom)), vi)


def semipartial_correlation(
    t: Floats, n: Floats, predictors: Floats, r2: Floats, *, vtype: Literal["LS", "AV"] = "LS"
) -> tuple[Floats, Floats]:
    """Correlation of the outcome with what is a predictor's own, and its sampling variance.

    Arguments as in `partial_correlation`, and `r2`, the share of variance that the whole model explains. Aloe & Becker
    (2012), Journal of Educational and Behavioral Statistics 37, 278-297.
    """
    t, r2, freedom = np.asarray(t, dtype=float), np.asarray(r2, dtype=float), _freedom(n, predictors)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = t * np.sqrt((1 - r2) / freedom)
        without = r2 - _typical(r, n, vtype) ** 2  # explained by the other predictors alone
        vi = (r2**2 - 2 * r2 + without + 1 - without**2) / np.asarray(n, dtype=float)
        return nan_where_undefined(r, vi)


def fisher_z_of_semipartial(
    t: Floats, n: Floats, predictors: Floats, r2: Floats, *, vtype: Literal["LS", "AV"] = "LS"
) -> tuple[Floats, Floats]:
    """Fisher's z of the semi-partial correlation, and its sampling variance; arguments as in the correlation."""
    return fisher_z(*semipartial_correlation(t, n, predictors, r2, vtype=vtype))


def _freedom(n: Floats, predictors: Floats) -> Floats:
    return np.asarray(np.asarray(n, dtype=float) - np.asarray(predictors, dtype=float) - 1)


def _typical(r: Floats, n: Floats, vtype: Literal["LS", "AV"]) -> Floats:
    """What stands for the true correlation in the variance; shape (k,)."""
    if vtype not in ("LS", "AV"):
        raise ValueError(f"partial correlation: vtype is '{vtype}'; write 'LS' or 'AV'")
    return r if vtype == "LS" else np.full_like(r, average_over_studies(r, np.asarray(n, dtype=float)))


PARTIAL_CORRELATION = Measure(
    name="PCOR",
    label="effects.measure.PCOR",
    kind=Kind.REGRESSION_TEST,
    estimate=partial_correlation,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
FISHER_Z_OF_PARTIAL = Measure(
    name="ZPCOR",
    label="effects.measure.ZPCOR",
    kind=Kind.REGRESSION_TEST,
    estimate=fisher_z_of_partial,
    to_display=np.tanh,
    from_display=np.arctanh,
    null=0.0,
)
SEMIPARTIAL_CORRELATION = Measure(
    name="SPCOR",
    label="effects.measure.SPCOR",
    kind=Kind.REGRESSION_PART,
    estimate=semipartial_correlation,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
FISHER_Z_OF_SEMIPARTIAL = Measure(
    name="ZSPCOR",
    label="effects.measure.ZSPCOR",
    kind=Kind.REGRESSION_PART,
    estimate=fisher_z_of_semipartial,
    to_display=np.tanh,
    from_display=np.arctanh,
    null=0.0,
)

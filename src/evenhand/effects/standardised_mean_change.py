"""Change of a mean within people, in standard deviations.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.mean_change import variance_of_change
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.standardised_mean_difference import small_sample_correction
from evenhand.effects.zero_cells import nan_where_undefined


def change_in_sd_of_changes(
    mean_after: Floats,
    sd_after: Floats,
    mean_before: Floats,
    sd_before: Floats,
    n: Floats,
    r: Floats,
    *,
    vtype: Literal["LS", "LS2", "UB"] = "LS",
    correct: bool = True,
) -> tuple[Floats, Floats]:
    """Mean change over the standard deviation of the changes, and its sampling variance.

    Parameters
    ----------
    mean_after, sd_after, mean_before, sd_before, n, r : ndarray, shape (k,)
        As in `mean_change`.
    vtype : {"LS", "LS2", "UB"}
        Large-sample variance at the corrected change; at the uncorrected one, then times the correction squared;
        unbiased.
    correct : bool
        Whether the estimate is corrected for its small-sample bias, with n - 1 degrees of freedom.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Change in standard deviations, unitless, and its variance; nan where no one's change differs from another's.

    References
    ----------
    Gibbons, Hedeker & Davis (1993). Journal of Educational Statistics 18, 271-279.
    """
    n = np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.subtract(mean_after, mean_before) / np.sqrt(variance_of_change(sd_after, sd_before, r))
        return _standardised(d, 1 / n, n, vtype, correct)


def change_in_sd_before(
    mean_after: Floats,
    sd_after: Floats,
    mean_before: Floats,
    sd_before: Floats,
    n: Floats,
    r: Floats,
    *,
    vtype: Literal["LS", "LS2", "UB"] = "LS",
    correct: bool = True,
) -> tuple[Floats, Floats]:
    """Mean change over the standard deviation before, and its sampling variance if people vary alike before and after.

    Arguments as in `change_in_sd_of_changes`; `sd_after` is not used and may be nan. Becker (1988), Br. J. Math. Stat.
    Psychol. 41, 257-278.
    """
    n = np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.subtract(mean_after, mean_before) / np.asarray(sd_before, dtype=float)
        return _standardised(d, 2 * (1 - np.asarray(r)) / n, n, vtype, correct)


def change_in_sd_before_unequal_variances(
    mean_after: Floats,
    sd_after: Floats,
    mean_before: Floats,
    sd_before: Floats,
    n: Floats,
    r: Floats,
    *,
    vtype: Literal["LS", "LS2"] = "LS",
    correct: bool = True,
) -> tuple[Floats, Floats]:
    """Mean change over the standard deviation before, and its sampling variance where people need not vary alike.

    Arguments as in `change_in_sd_of_changes`; "LS2" takes the people in the place of their degrees of freedom. Bonett
    (2008), Psychological Methods 13, 99-109.
    """
    size = _size(n, vtype)
    with np.errstate(divide="ignore", invalid="ignore"):
        g = np.subtract(mean_after, mean_before) / np.asarray(sd_before, dtype=float)
        if correct:
            g = g * small_sample_correction(np.asarray(n, dtype=float) - 1)
        of_the_means = variance_of_change(sd_after, sd_before, r) / np.square(sd_before)
        return nan_where_undefined(g, (of_the_means + g**2 / 2) / size)


def change_in_average_sd(
    mean_after: Floats,
    sd_after: Floats,
    mean_before: Floats,
    sd_before: Floats,
    n: Floats,
    r: Floats,
    *,
    correct: bool = True,
) -> tuple[Floats, Floats]:
    """Mean change over the root of the average variance, and its sampling variance if people vary alike.

    Arguments as in `change_in_sd_of_changes`; the correction has 2 (n - 1) / (1 + r²) degrees of freedom.
    Cousineau (2020), The Quantitative Methods for Psychology 16, 418-421.
    """
    n = np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        g = _over_average_sd(mean_after, sd_after, mean_before, sd_before, n, r, correct)
        return nan_where_undefined(g, 2 * (1 - np.asarray(r)) / n + g**2 * (1 + np.square(r)) / (4 * n))


def change_in_average_sd_unequal_variances(
    mean_after: Floats,
    sd_after: Floats,
    mean_before: Floats,
    sd_before: Floats,
    n: Floats,
    r: Floats,
    *,
    vtype: Literal["LS", "LS2"] = "LS",
    correct: bool = True,
) -> tuple[Floats, Floats]:
    """Mean change over the root of the average variance, and its sampling variance where people need not vary alike.

    Arguments as in `change_in_sd_before_unequal_variances`; Bonett (2008), Psychological Methods 13, 99-109.
    """
    size = _size(n, vtype)
    with np.errstate(divide="ignore", invalid="ignore"):
        g = _over_average_sd(mean_after, sd_after, mean_before, sd_before, np.asarray(n, dtype=float), r, correct)
        v_a, v_b = np.square(sd_after), np.square(sd_before)
        between = (v_a + v_b) / 2
        of_the_sd = (v_a**2 + v_b**2 + 2 * np.square(r) * v_a * v_b) / (8 * between**2)
        return nan_where_undefined(g, (variance_of_change(sd_after, sd_before, r) / between + g**2 * of_the_sd) / size)


def _standardised(
    d: Floats, of_the_means: Floats, n: Floats, vtype: Literal["LS", "LS2", "UB"], correct: bool
) -> tuple[Floats, Floats]:
    """The change d, corrected, with its variance; `of_the_means` is the variance if there were no change."""
    freedom = n - 1
    correction = small_sample_correction(freedom) if correct else np.ones_like(freedom)
    g = correction * d
    match vtype:
        case "LS":
            vi = of_the_means + g**2 / (2 * n)
        case "LS2":
            vi = correction**2 * (of_the_means + d**2 / (2 * n))
        case "UB":
            vi = of_the_means + (1 - (freedom - 2) / (freedom * correction**2)) * g**2
        case _:
            raise ValueError(f"standardised change: vtype is '{vtype}'; write 'LS', 'LS2' or 'UB'")
    return nan_where_undefined(g, vi)


def _over_average_sd(
    mean_after: Floats,
    sd_after: Floats,
    mean_before: Floats,
    sd_before: Floats,
    n: Floats,
    r: Floats,
    correct: bool,
) -> Floats:
    d = np.subtract(mean_after, mean_before) / np.sqrt((np.square(sd_after) + np.square(sd_before)) / 2)
    return np.asarray(d * small_sample_correction(2 * (n - 1) / (1 + np.square(r))) if correct else d)


def _size(n: Floats, vtype: Literal["LS", "LS2"]) -> Floats:
    if vtype not in ("LS", "LS2"):
        raise ValueError(f"standardised change: vtype is '{vtype}'; write 'LS' or 'LS2'")
    return np.asarray(n, dtype=float) - (1.0 if vtype == "LS" else 0.0)


CHANGE_IN_SD_OF_CHANGES = Measure(
    name="SMCC",
    label="effects.measure.SMCC",
    kind=Kind.CHANGE,
    estimate=change_in_sd_of_changes,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
CHANGE_IN_SD_BEFORE = Measure(
    name="SMCR",
    label="effects.measure.SMCR",
    kind=Kind.CHANGE,
    estimate=change_in_sd_before,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
CHANGE_IN_SD_BEFORE_UNEQUAL_VARIANCES = Measure(
    name="SMCRH",
    label="effects.measure.SMCRH",
    kind=Kind.CHANGE,
    estimate=change_in_sd_before_unequal_variances,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
CHANGE_IN_AVERAGE_SD = Measure(
    name="SMCRP",
    label="effects.measure.SMCRP",
    kind=Kind.CHANGE,
    estimate=change_in_average_sd,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
CHANGE_IN_AVERAGE_SD_UNEQUAL_VARIANCES = Measure(
    name="SMCRPH",
    label="effects.measure.SMCRPH",
    kind=Kind.CHANGE,
    estimate=change_in_average_sd_unequal_variances,
    to_display=identity,
    from_display=identity,
    null=0.0,
)

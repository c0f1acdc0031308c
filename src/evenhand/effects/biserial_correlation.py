"""Correlation of a measurement with belonging to one of two groups: point-biserial, and biserial behind a cut.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.fisher_z import fisher_z
from evenhand.effects.mean_difference import pooled_variance
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import nan_where_undefined


def point_biserial_correlation(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
    *,
    vtype: Literal["ST", "CS"] = "ST",
) -> tuple[Floats, Floats]:
    """Correlation of the measurement with a 0/1 variable for the group, and its sampling variance.

    Parameters
    ----------
    mean_t, sd_t, n_t, mean_c, sd_c, n_c : ndarray, shape (k,)
        Mean, standard deviation (divisor n - 1) and participants of each group; one entry a study.
    vtype : {"ST", "CS"}
        How people were found: stratified, the groups' sizes fixed by design; or cross-sectional, left to chance.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Correlation, -1 to 1, positive where the treated group has the greater mean; and its variance.

    References
    ----------
    Tate (1954). Annals of Mathematical Statistics 25, 603-607, for "CS". The delta method on d for "ST".
    """
    n_t, n_c = np.asarray(n_t, dtype=float), np.asarray(n_c, dtype=float)
    n = n_t + n_c
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.subtract(mean_t, mean_c) / np.sqrt(pooled_variance(sd_t, n_t, sd_c, n_c))
        h = (n - 2) * (1 / n_t + 1 / n_c)
        r = d / np.sqrt(d**2 + h)
        if vtype == "ST":
            vi = h**2 / (d**2 + h) ** 3 * (1 / n_t + 1 / n_c + d**2 / (2 * n))
        elif vtype == "CS":
            vi = (1 - r**2) ** 2 * (n * r**2 / (4 * n_t * n_c) + (2 - 3 * r**2) / (2 * n))
        else:
            raise ValueError(f"RPB: vtype is '{vtype}'; write 'ST' (stratified) or 'CS' (cross-sectional)")
    return nan_where_undefined(r, vi)


def biserial_correlation(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
) -> tuple[Floats, Floats]:
    """Correlation of the measurement with the normal variable of which the two groups are the sides of a cut.

    Parameters
    ----------
    mean_t, sd_t, n_t, mean_c, sd_c, n_c : ndarray, shape (k,)
        Mean, standard deviation (divisor n - 1) and participants of each group; one entry a study.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Correlation, which an estimate may put beyond -1 or 1, and its sampling variance.

    References
    ----------
    Soper (1914). Biometrika 10, 384-390. Jacobs & Viechtbauer (2017). Res. Synth. Methods 8, 161-180.
    """
    from scipy.special import ndtri

    n_t, n_c = np.asarray(n_t, dtype=float), np.asarray(n_c, dtype=float)
    n = n_t + n_c
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.subtract(mean_t, mean_c) / np.sqrt(pooled_variance(sd_t, n_t, sd_c, n_c))
        p, q = n_t / n, n_c / n
        z = ndtri(q)  # the cut: the treated share p lies above it
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        r = np.sqrt(p * q) / density * d / np.sqrt(d**2 + (n - 2) * (1 / n_t + 1 / n_c))
        curve = 1.5 + (1 - p * z / density) * (1 + q * z / density)
        # Beyond -1 and 1 the formula turns up again, or below zero; the variance at the end is used.
        within = np.clip(r, -1.0, 1.0)
        return nan_where_undefined(r, (p * q / density**2 - curve * within**2 + within**4) / (n - 1))


def fisher_z_of_point_biserial(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
    *,
    vtype: Literal["ST", "CS"] = "ST",
) -> tuple[Floats, Floats]:
    """Fisher's z of the point-biserial correlation, and its sampling variance; arguments as in the correlation."""
    return fisher_z(*point_biserial_correlation(mean_t, sd_t, n_t, mean_c, sd_c, n_c, vtype=vtype))


def fisher_z_of_biserial(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
) -> tuple[Floats, Floats]:
    """Fisher's z of the biserial correlation, and its sampling variance; nan where the estimate is beyond -1 or 1."""
    return fisher_z(*biserial_correlation(mean_t, sd_t, n_t, mean_c, sd_c, n_c))


POINT_BISERIAL_CORRELATION = Measure(
    name="RPB",
    label="effects.measure.RPB",
    kind=Kind.MEANS,
    estimate=point_biserial_correlation,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
BISERIAL_CORRELATION = Measure(
    name="RBIS",
    label="effects.measure.RBIS",
    kind=Kind.MEANS,
    estimate=biserial_correlation,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
FISHER_Z_OF_POINT_BISERIAL = Measure(
    name="ZPB",
    label="effects.measure.ZPB",
    kind=Kind.MEANS,
    estimate=fisher_z_of_point_biserial,
    to_display=np.tanh,
    from_display=np.arctanh,
    null=0.0,
)
FISHER_Z_OF_BISERIAL = Measure(
    name="ZBIS",
    label="effects.measure.ZBIS",
    kind=Kind.MEANS,
    estimate=fisher_z_of_biserial,
    to_display=np.tanh,
    from_display=np.arctanh,
    null=0.0,
)

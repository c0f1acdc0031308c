"""Cronbach's alpha, how well the items of a scale agree, on each scale in use.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import nan_where_undefined


def cronbach_alpha(alpha: Floats, items: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Cronbach's alpha and its sampling variance.

    Parameters
    ----------
    alpha, items, n : ndarray, shape (k,)
        Alpha, below 1 and possibly negative; the items of the scale; the people who answered.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Alpha and its variance, for items that are normal and equally correlated.

    References
    ----------
    van Zyl, Neudecker & Nel (2000). Psychometrika 65, 271-280. Bonett (2010). Psychological Methods 15, 368-385.
    """
    alpha = np.asarray(alpha, dtype=float)
    return nan_where_undefined(alpha, (1 - alpha) ** 2 * _variance_of_log(items, n))


def hakstian_whalen_alpha(alpha: Floats, items: Floats, n: Floats) -> tuple[Floats, Floats]:
    """1 - (1 - alpha)^(1/3), which rises with alpha, and its sampling variance; both shape (k,).

    References
    ----------
    Hakstian & Whalen (1976). Psychometrika 41, 219-231.
    """
    items, n = np.asarray(items, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.cbrt(1 - np.asarray(alpha, dtype=float))
        return nan_where_undefined(1 - root, 18 * items * (n - 1) * root**2 / ((items - 1) * (9 * n - 11) ** 2))


def bonett_alpha(alpha: Floats, items: Floats, n: Floats) -> tuple[Floats, Floats]:
    """-log(1 - alpha), which rises with alpha, and its sampling variance; both shape (k,), nan at an alpha of 1.

    References
    ----------
    Bonett (2002). Journal of Educational and Behavioral Statistics 27, 335-340.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(-np.log(1 - np.asarray(alpha, dtype=float)), _variance_of_log(items, n))


def _variance_of_log(items: Floats, n: Floats) -> Floats:
    """Sampling variance of log(1 - alpha); shape (k,)."""
    items, n = np.asarray(items, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(n > 2, 2 * items / ((items - 1) * (n - 2)), np.nan))


def _from_cube_root(yi: Floats) -> Floats:
    return np.asarray(1 - (1 - np.asarray(yi)) ** 3)


def _to_cube_root(alpha: Floats) -> Floats:
    return np.asarray(1 - np.cbrt(1 - np.asarray(alpha)))


def _from_log(yi: Floats) -> Floats:
    return np.asarray(-np.expm1(-np.asarray(yi)))


def _to_log(alpha: Floats) -> Floats:
    return np.asarray(-np.log1p(-np.asarray(alpha)))


CRONBACH_ALPHA = Measure(
    name="ARAW",
    label="effects.measure.ARAW",
    kind=Kind.RELIABILITY,
    estimate=cronbach_alpha,
    to_display=identity,
    from_display=identity,
    null=None,
)
HAKSTIAN_WHALEN_ALPHA = Measure(
    name="AHW",
    label="effects.measure.AHW",
    kind=Kind.RELIABILITY,
    estimate=hakstian_whalen_alpha,
    to_display=_from_cube_root,
    from_display=_to_cube_root,
    null=None,
)
BONETT_ALPHA = Measure(
    name="ABT",
    label="effects.measure.ABT",
    kind=Kind.RELIABILITY,
    estimate=bonett_alpha,
    to_display=_from_log,
    from_display=_to_log,
    null=None,
)

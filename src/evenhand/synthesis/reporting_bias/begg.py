"""Begg and Mazumdar's test: whether small studies give larger effects, by their ranks.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.reporting_bias.kendall import RankCorrelation, kendall_test


def begg_test(
    yi: Sequence[float] | Floats, vi: Sequence[float] | Floats, *, exact: bool | None = None
) -> RankCorrelation:
    """Rank correlation of the standardised effects with their variances.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    exact : bool or None
        True: the exact distribution where no values tie; False: the normal one; None: exact up to 300 studies.

    Returns
    -------
    RankCorrelation
        Without numbers where there are fewer than 3 studies, or all are of one precision.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be used.

    References
    ----------
    Begg & Mazumdar (1994). Biometrics 50, 1088-1101.
    """
    effects, variances = checked_studies(yi, vi)
    precision = float((1 / variances).sum())
    mean = float((effects / variances).sum()) / precision
    # A study that outweighs all others has next to no variance about the mean; rounding must not take it below 0.
    about_mean = np.maximum(variances - 1 / precision, np.finfo(np.float64).eps * variances)
    return kendall_test("Begg", (effects - mean) / np.sqrt(about_mean), variances, exact=exact)

"""Pustejovsky and Rodgers' test: asymmetry of standardised mean differences.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.reporting_bias.asymmetry import Asymmetry, checked_sizes, slope_test


def pustejovsky_test(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    n_t: Sequence[float] | Floats,
    n_c: Sequence[float] | Floats,
    *,
    level: float = 0.95,
) -> Asymmetry:
    """Regress effects on √(1 / n_t + 1 / n_c), weighted by inverse variance.

    A standardised mean difference is part of its own variance, so that Egger's test sees asymmetry where there is none;
    the part of the standard error that is made of sample sizes alone is free of it.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Standardised mean differences and their sampling variances (> 0).
    n_t, n_c : array_like, shape (k,)
        People treated and control.
    level : float
        Of the interval about the limit estimate.

    Returns
    -------
    Asymmetry
        Without numbers where there are fewer than 3 studies, or all are of one size.

    References
    ----------
    Pustejovsky & Rodgers (2019). Res. Synth. Methods 10, 57-71.
    """
    effects, variances = checked_studies(yi, vi)
    sizes = 1 / checked_sizes(n_t, effects.size) + 1 / checked_sizes(n_c, effects.size)
    return slope_test(effects, variances, np.sqrt(sizes), name="Pustejovsky", predictor="sqrtninv", level=level)

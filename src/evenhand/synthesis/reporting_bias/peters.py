"""Peters' and Macaskill's tests: asymmetry of binary outcomes by sample size, which the effect does not move.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.number_columns import number_column
from evenhand.synthesis.counts.checked_counts import checked_arms
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.reporting_bias.asymmetry import Asymmetry, checked_sizes, slope_test


def peters_test(
    yi: Sequence[float] | Floats,
    events_t: ArrayLike,
    n_t: ArrayLike,
    events_c: ArrayLike,
    n_c: ArrayLike,
    *,
    level: float = 0.95,
) -> Asymmetry:
    """Regress effects on 1 / n, weighted by the inverse variance of the log odds of the average risk.

    Parameters
    ----------
    yi : array_like, shape (k,)
        Effects on the analysis scale; not looked at in studies where no one, or everyone, has the event.
    events_t, n_t, events_c, n_c : array_like, shape (k,)
        People with the event, and all people, treated and control.
    level : float
        Of the interval about the limit estimate.

    Returns
    -------
    Asymmetry
        Of the studies with some people with the event and some without. Without numbers where there are fewer than 3
        of them, or all are of one size.

    Raises
    ------
    ValueError
        Naming study and value that cannot be.

    References
    ----------
    Peters et al. (2006). JAMA 295, 676-680.
    """
    a, n1, c, n2 = checked_arms(events_t, n_t, events_c, n_c)
    effects = number_column("yi", yi)
    if effects.shape != a.shape:
        raise ValueError(f"{effects.size} effects (yi) but {a.size} studies with counts; give one of each a study")
    with_event, without = a + c, n1 + n2 - a - c
    used = (with_event > 0) & (without > 0)
    for i in np.flatnonzero(used & ~np.isfinite(effects)):
        raise ValueError(
            f"yi[{i}] = {effects[i]}: an effect must be a finite number; add to its zero cells, or leave it out"
        )
    variances = 1 / with_event[used] + 1 / without[used]
    return slope_test(effects[used], variances, 1 / (n1 + n2)[used], name="Peters", predictor="ninv", level=level)


def macaskill_test(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    ni: Sequence[float] | Floats,
    *,
    level: float = 0.95,
) -> Asymmetry:
    """Regress effects on sample size, weighted by inverse variance.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0); those of the log odds of the average risk
        give the variant that Macaskill calls FPV.
    ni : array_like, shape (k,)
        Participants.
    level : float
        Of intervals.

    References
    ----------
    Macaskill, Walter & Irwig (2001). Statist. Med. 20, 641-654.
    """
    effects, variances = checked_studies(yi, vi)
    sizes = checked_sizes(ni, effects.size)
    return slope_test(effects, variances, sizes, name="Macaskill", predictor="ni", level=level)

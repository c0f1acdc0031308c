"""How sure one may be, on average over its rivals, that a treatment is better: the ranking without sampling.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats


def p_scores(effects: Floats, covariance: Floats, *, small_values_good: bool) -> Floats:
    """Mean over the other treatments of Φ of the standardised difference, one a treatment.

    Parameters
    ----------
    effects : ndarray, shape (T,)
        Against any common treatment; nan where a treatment cannot be compared with it.
    covariance : ndarray, shape (T, T)
        Theirs.
    small_values_good : bool
        Whether a smaller effect is the better one: fewer deaths, a lower score.

    Returns
    -------
    ndarray, shape (T,)
        0 to 1, on average 1/2; among the treatments that can be compared, nan for the others or where only one can.

    References
    ----------
    Rücker & Schwarzer (2015). BMC Med. Res. Methodol. 15, 58.
    """
    from scipy.special import ndtr

    there = np.isfinite(effects)
    scores = np.full(effects.size, np.nan)
    count = int(there.sum())
    if count < 2:
        return scores
    y, v = effects[there], covariance[np.ix_(there, there)]
    variance = np.diagonal(v)[:, None] + np.diagonal(v)[None, :] - 2 * v
    difference = y[:, None] - y[None, :]
    se = np.sqrt(np.maximum(variance, 0.0))
    np.fill_diagonal(se, 1.0)
    better = ndtr((-difference if small_values_good else difference) / se)
    np.fill_diagonal(better, 0.0)
    scores[there] = better.sum(axis=1) / (count - 1)
    return scores

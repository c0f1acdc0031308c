"""The interval of the between-study variance on which the generalised Q is no surprise.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from evenhand.synthesis.tau2.bounds import Bounds
from evenhand.synthesis.tau2.one_variance_model import OneVarianceModel
from evenhand.synthesis.tau2.paule_mandel import variance_where_q_is


def q_profile(model: OneVarianceModel, level: float) -> Bounds:
    """The variances at which Q, with weights 1 / (vi + tau2), is a χ² quantile: exact under the model.

    References
    ----------
    Viechtbauer (2007). Statist. Med. 26, 37-52.
    """
    from scipy.special import chdtri

    low, high = (float(chdtri(model.df, tail)) for tail in (0.5 * (1 + level), 0.5 * (1 - level)))
    if model.at(0.0).q < low:
        return Bounds.nowhere()
    return Bounds(variance_where_q_is(high, model), variance_where_q_is(low, model))

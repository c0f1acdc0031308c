"""The interval of the between-study variance from a gamma distribution with the mean and the variance of Q.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.tau2.bounds import Bounds
from evenhand.synthesis.tau2.rising_root import rising_root


def biggerstaff_tweedie(model: NormalModel, level: float) -> Bounds:
    """The variances at which Q, weighted by 1 / vi, is a quantile of that gamma distribution.

    An approximation by two moments, kept for comparison; `generalised_q_interval` has Q's own distribution.

    References
    ----------
    Biggerstaff & Tweedie (1997). Statist. Med. 16, 753-768.
    """
    from scipy.special import gammaincc

    fit = model.at(0.0)
    q, trace, trace_of_two = fit.q, fit.trace(fit.wi), fit.trace_of_two(fit.wi, fit.wi)

    def upper_tail(tau2: float) -> float:
        mean = model.df + tau2 * trace
        variance = 2 * model.df + 4 * tau2 * trace + 2 * tau2**2 * trace_of_two
        return float(gammaincc(mean**2 / variance, q * mean / variance))

    low, high = 0.5 * (1 - level), 0.5 * (1 + level)
    if upper_tail(0.0) > high:
        return Bounds.nowhere()
    scale = q / trace + float(model.vi.min())
    return Bounds(
        rising_root(lambda tau2: upper_tail(tau2) - low, scale),
        rising_root(lambda tau2: upper_tail(tau2) - high, scale),
    )

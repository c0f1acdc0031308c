"""Between-study variance by DerSimonian and Laird's moments.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.one_variance_model import OneVarianceModel


def dersimonian_laird(model: OneVarianceModel) -> float:
    """(Q − (k − p)) / tr P, with w = 1/vi."""
    fit = model.at(0.0)
    # A moment estimate can fall below zero; a variance cannot.
    return max(0.0, (fit.q - model.df) / fit.trace(fit.wi))


def _standard_error(model: NormalModel, tau2: float) -> float:
    """From the variance of Q (Biggerstaff & Tweedie 1997, Statist. Med. 16, 753-768)."""
    fit = model.at(0.0)
    trace = fit.trace(fit.wi)
    return math.sqrt(2 * model.df + 4 * tau2 * trace + 2 * tau2**2 * fit.trace_of_two(fit.wi, fit.wi)) / trace


DERSIMONIAN_LAIRD = Estimator(
    name="DL",
    title="DerSimonian–Laird",
    reference="DerSimonian & Laird (1986). Control. Clin. Trials 7, 177-188",
    estimate=dersimonian_laird,
    standard_error=_standard_error,
)

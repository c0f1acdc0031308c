"""Between-study variance by DerSimonian and Laird's moments.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import given_tau2, projection_traces
from evenhand.synthesis.tau2.estimator import Estimator


def dersimonian_laird(yi: Floats, vi: Floats) -> float:
    """(Q − (k − 1)) / (Σw − Σw²/Σw), with w = 1/vi."""
    q = float(given_tau2(yi, vi, np.zeros(1)).q[0])
    # A moment estimate can fall below zero; a variance cannot.
    return max(0.0, (q - (yi.size - 1)) / projection_traces(1.0 / vi, vi).p)


def _standard_error(_yi: Floats, vi: Floats, tau2: float) -> float:
    """From the variance of Q (Biggerstaff & Tweedie 1997, Statist. Med. 16, 753-768)."""
    traces = projection_traces(1.0 / vi, vi)
    return math.sqrt(2 * (vi.size - 1) + 4 * tau2 * traces.p + 2 * tau2**2 * traces.pp) / traces.p


DERSIMONIAN_LAIRD = Estimator(
    name="DL",
    title="DerSimonian–Laird",
    reference="DerSimonian & Laird (1986). Control. Clin. Trials 7, 177-188",
    tau2=dersimonian_laird,
    se_tau2=_standard_error,
)

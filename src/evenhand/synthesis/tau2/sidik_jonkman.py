"""Between-study variance by Sidik and Jonkman's model-error moments.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import given_tau2, projection_traces
from evenhand.synthesis.tau2.estimator import Estimator


def sidik_jonkman(yi: Floats, vi: Floats) -> float:
    """Start from the effects' crude variance, then scale it by the weighted residuals it leaves; never negative."""
    crude = float(np.var(yi))
    if crude == 0.0:
        return 0.0
    return crude * float(given_tau2(yi, vi, np.array([crude])).q[0]) / (yi.size - 1)


def _standard_error(yi: Floats, vi: Floats, tau2: float) -> float:
    crude = float(np.var(yi))
    if crude == 0.0:
        return 0.0
    traces = projection_traces(1.0 / (vi + crude), vi)
    spread = 2 * traces.pvpv + 4 * tau2 * traces.pvp + 2 * tau2**2 * traces.pp
    return crude * math.sqrt(spread) / (yi.size - 1)


SIDIK_JONKMAN = Estimator(
    name="SJ",
    title="Sidik–Jonkman",
    reference="Sidik & Jonkman (2005). J. R. Statist. Soc. C 54, 367-384",
    tau2=sidik_jonkman,
    se_tau2=_standard_error,
)

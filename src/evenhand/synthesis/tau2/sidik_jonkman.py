"""Between-study variance by Sidik and Jonkman's model-error moments.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np

from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.tau2.estimator import Estimator


def crude_variance(model: NormalModel) -> float:
    """The effects' variance about their unweighted mean, divisor k."""
    # About the first effect, so that identical effects have exactly none.
    return float(np.var(model.yi - model.yi[0]))


def sidik_jonkman(model: NormalModel) -> float:
    """Start from the effects' crude variance, then scale it by the weighted residuals it leaves; never negative."""
    crude = crude_variance(model)
    return crude * model.at(crude).q / model.df if crude > 0 else 0.0


def _standard_error(model: NormalModel, tau2: float) -> float:
    crude = crude_variance(model)
    if crude == 0.0:
        return 0.0
    fit = model.at(crude)
    wv = fit.wi * model.vi
    spread = (
        2 * fit.trace_of_two(wv, wv)
        + 4 * tau2 * fit.trace_of_two(fit.wi, wv)
        + 2 * tau2**2 * fit.trace_of_two(fit.wi, fit.wi)
    )
    return crude * math.sqrt(spread) / model.df


SIDIK_JONKMAN = Estimator(
    name="SJ",
    title="Sidik–Jonkman",
    reference="Sidik & Jonkman (2005). J. R. Statist. Soc. C 54, 367-384",
    estimate=sidik_jonkman,
    standard_error=_standard_error,
)

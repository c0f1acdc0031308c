"""Between-study variance by Paule and Mandel's moments, set at the median of Q instead of its mean.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.paule_mandel import PAULE_MANDEL, variance_where_q_is


def median_unbiased_paule_mandel(model: NormalModel) -> float:
    """The variance at which Q equals the median of its χ² with k − p degrees of freedom: median-unbiased."""
    from scipy.special import chdtri

    return variance_where_q_is(float(chdtri(model.df, 0.5)), model)


PAULE_MANDEL_MEDIAN = Estimator(
    name="PMM",
    title="Paule–Mandel, median-unbiased",
    reference="Viechtbauer (2021). Median-unbiased estimators. European Congress of Methodology, Valencia",
    estimate=median_unbiased_paule_mandel,
    standard_error=PAULE_MANDEL.standard_error,
)

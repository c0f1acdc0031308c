"""The equal-effects weights with a standard error that keeps the heterogeneity: IVhet.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.pooled import Classical


def inverse_variance_heterogeneity(
    yi: Sequence[float] | Floats, vi: Sequence[float] | Floats, *, test: str = "z", level: float = 0.95
) -> Classical:
    """Weights 1 / vi; the variance is Σ w² (vi + tau2) / (Σ w)², tau2 by DerSimonian and Laird.

    References
    ----------
    Doi, Barendregt, Khan, Thalib & Williams (2015). Contemp. Clin. Trials 45, 130-138.
    """
    effects, variances = checked_studies(yi, vi)
    return meta_analysis(effects, variances, method="DL", test=test, level=level, weights=1.0 / variances)

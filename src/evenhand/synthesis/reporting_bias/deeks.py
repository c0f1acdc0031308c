"""Deeks' test: asymmetry of diagnostic odds ratios by effective sample size.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import checked_effects
from evenhand.synthesis.reporting_bias.asymmetry import Asymmetry, checked_sizes, slope_test


def deeks_test(
    yi: Sequence[float] | Floats,
    n_1: Sequence[float] | Floats,
    n_2: Sequence[float] | Floats,
    *,
    level: float = 0.95,
) -> Asymmetry:
    """Regress effects on 1 / √(effective sample size), weighted by that size.

    Parameters
    ----------
    yi : array_like, shape (k,)
        Log diagnostic odds ratios.
    n_1, n_2 : array_like, shape (k,)
        People with and without the disease; the effective size is 4 n_1 n_2 / (n_1 + n_2).
    level : float
        Of the interval about the limit estimate.

    Returns
    -------
    Asymmetry
        Without numbers where there are fewer than 3 studies, or all are of one size.

    References
    ----------
    Deeks, Macaskill & Irwig (2005). J. Clin. Epidemiol. 58, 882-893.
    """
    effects = checked_effects(yi)
    first, second = checked_sizes(n_1, effects.size), checked_sizes(n_2, effects.size)
    effective = 4 * first * second / (first + second)
    return slope_test(effects, 1 / effective, effective**-0.5, name="Deeks", predictor="sqrtninv", level=level)

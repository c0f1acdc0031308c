"""Relative excess heterozygosity: how far genotypes are from Hardy and Weinberg's balance.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.zero_cells import AS_COUNTED, ZeroCells, nan_where_undefined


def log_excess_heterozygosity(
    homozygous_dominant: Floats,
    heterozygous: Floats,
    homozygous_recessive: Floats,
    *,
    zero_cells: ZeroCells = AS_COUNTED,
) -> tuple[Floats, Floats]:
    """Log relative excess heterozygosity, and its sampling variance.

    Parameters
    ----------
    homozygous_dominant, heterozygous, homozygous_recessive : ndarray, shape (k,)
        People of each genotype; one entry a study.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Natural log of heterozygous / (2 √(dominant · recessive)), 0 in balance, and its variance; nan where a genotype
        was not seen.

    References
    ----------
    Ziegler, Van Steen & Wellek (2011). BMC Medical Research Methodology 11, 92.
    """
    a, b, c = zero_cells.in_table(homozygous_dominant, heterozygous, homozygous_recessive)
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.log(b / 2) - 0.5 * np.log(a * c), 1 / b + (1 / a + 1 / c) / 4)


EXCESS_HETEROZYGOSITY = Measure(
    name="REH",
    label="effects.measure.REH",
    kind=Kind.GENOTYPES,
    estimate=log_excess_heterozygosity,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
    customary_zero_cells=AS_COUNTED,
)

"""Fisher's transformation, which carries a correlation from between -1 and 1 onto the whole line.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.zero_cells import nan_where_undefined


def fisher_z(r: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Inverse hyperbolic tangent of a correlation, and its sampling variance by the delta method; shape (k,).

    Only for a correlation of two normal variables does the transformation make the variance free of the correlation;
    for the others it serves to bring them onto one scale. nan at -1 and 1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.arctanh(r), variance / (1 - np.square(r)) ** 2)

"""A standardised mean difference as the odds ratio that a cut through the two distributions would give.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.odds_ratio_as_smd import LOGISTIC_SD, NORMAL_SD
from evenhand.effects.standardised_mean_difference import Variance, standardised_mean_difference


def log_odds_ratio_from_smd_logistic(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
    *,
    vtype: Variance = "LS",
    correct: bool = False,
) -> tuple[Floats, Floats]:
    """Log odds ratio π / √3 times the standardised difference, as if the scale were logistic, and its variance.

    Arguments as in `standardised_mean_difference`; `yi` and `vi` of shape (k,). The odds of two distributions are
    estimated, not their difference, so d is not corrected unless `correct` is True. Hasselblad & Hedges (1995),
    Psychological Bulletin 117, 167-178; Chinn (2000), Statist. Med. 19, 3127-3131.
    """
    yi, vi = standardised_mean_difference(mean_t, sd_t, n_t, mean_c, sd_c, n_c, vtype=vtype, correct=correct)
    return LOGISTIC_SD * yi, LOGISTIC_SD**2 * vi


def log_odds_ratio_from_smd_normal(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
    *,
    vtype: Variance = "LS",
    correct: bool = False,
) -> tuple[Floats, Floats]:
    """Log odds ratio 1.65 times the standardised difference, as if the scale were normal, and its sampling variance.

    Arguments as in `standardised_mean_difference`; Cox & Snell (1989), Analysis of Binary Data, 2nd ed.
    """
    yi, vi = standardised_mean_difference(mean_t, sd_t, n_t, mean_c, sd_c, n_c, vtype=vtype, correct=correct)
    return NORMAL_SD * yi, NORMAL_SD**2 * vi


SMD_AS_ODDS_RATIO_LOGISTIC = Measure(
    name="D2ORL",
    label="effects.measure.D2ORL",
    kind=Kind.MEANS,
    estimate=log_odds_ratio_from_smd_logistic,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
)
SMD_AS_ODDS_RATIO_NORMAL = Measure(
    name="D2ORN",
    label="effects.measure.D2ORN",
    kind=Kind.MEANS,
    estimate=log_odds_ratio_from_smd_normal,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
)

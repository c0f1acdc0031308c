"""What the arms of one study say of an effect: the measures, by name.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from evenhand.effects.mean_difference import MEAN_DIFFERENCE
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.odds_ratio import ODDS_RATIO
from evenhand.effects.proportion import (
    ARCSINE_PROPORTION,
    DOUBLE_ARCSINE_PROPORTION,
    LOG_ODDS,
    LOG_PROPORTION,
    PROPORTION,
)
from evenhand.effects.ratio_of_means import RATIO_OF_MEANS
from evenhand.effects.risk_difference import RISK_DIFFERENCE
from evenhand.effects.risk_ratio import RISK_RATIO
from evenhand.effects.single_mean import LOG_MEAN, SINGLE_MEAN
from evenhand.effects.standardised_mean_difference import STANDARDISED_MEAN_DIFFERENCE

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        ODDS_RATIO,
        RISK_RATIO,
        RISK_DIFFERENCE,
        MEAN_DIFFERENCE,
        STANDARDISED_MEAN_DIFFERENCE,
        RATIO_OF_MEANS,
        PROPORTION,
        LOG_ODDS,
        LOG_PROPORTION,
        ARCSINE_PROPORTION,
        DOUBLE_ARCSINE_PROPORTION,
        SINGLE_MEAN,
        LOG_MEAN,
    )
}

__all__ = ["MEASURES", "Kind", "Measure"]

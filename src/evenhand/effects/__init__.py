"""What the arms of one study say of an effect: the measures, by name.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Mapping
from difflib import get_close_matches

from evenhand.effects.arcsine_difference import ARCSINE_DIFFERENCE
from evenhand.effects.biserial_correlation import (
    BISERIAL_CORRELATION,
    FISHER_Z_OF_BISERIAL,
    FISHER_Z_OF_POINT_BISERIAL,
    POINT_BISERIAL_CORRELATION,
)
from evenhand.effects.coefficient_of_determination import COEFFICIENT_OF_DETERMINATION, FISHER_Z_OF_DETERMINATION
from evenhand.effects.correlation import CORRELATION, FISHER_Z_OF_CORRELATION, UNBIASED_CORRELATION
from evenhand.effects.cronbach_alpha import BONETT_ALPHA, CRONBACH_ALPHA, HAKSTIAN_WHALEN_ALPHA
from evenhand.effects.given_estimate import GIVEN_ESTIMATE
from evenhand.effects.glass_delta import GLASS_DELTA, GLASS_DELTA_UNEQUAL_VARIANCES
from evenhand.effects.hazard_ratio import HAZARD_RATIO
from evenhand.effects.heterozygosity import EXCESS_HETEROZYGOSITY
from evenhand.effects.incidence_rate import (
    DOUBLE_ROOT_INCIDENCE_RATE,
    INCIDENCE_RATE,
    LOG_INCIDENCE_RATE,
    ROOT_INCIDENCE_RATE,
)
from evenhand.effects.incidence_rate_contrasts import (
    INCIDENCE_RATE_DIFFERENCE,
    INCIDENCE_RATE_RATIO,
    ROOT_INCIDENCE_RATE_DIFFERENCE,
)
from evenhand.effects.matched_pairs import (
    MATCHED_CONDITIONAL_ODDS_RATIO,
    MATCHED_ODDS_RATIO,
    MATCHED_ODDS_RATIO_FROM_MARGINS,
    MATCHED_PETO_ODDS_RATIO,
    MATCHED_RISK_DIFFERENCE,
    MATCHED_RISK_RATIO,
)
from evenhand.effects.mean_change import MEAN_CHANGE
from evenhand.effects.mean_difference import MEAN_DIFFERENCE
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.odds_ratio import ODDS_RATIO
from evenhand.effects.odds_ratio_as_smd import ODDS_RATIO_AS_SMD_LOGISTIC, ODDS_RATIO_AS_SMD_NORMAL
from evenhand.effects.partial_correlation import (
    FISHER_Z_OF_PARTIAL,
    FISHER_Z_OF_SEMIPARTIAL,
    PARTIAL_CORRELATION,
    SEMIPARTIAL_CORRELATION,
)
from evenhand.effects.peto_odds_ratio import PETO_ODDS_RATIO
from evenhand.effects.phi_coefficient import FISHER_Z_OF_PHI, PHI_COEFFICIENT
from evenhand.effects.probit_difference import PROBIT_DIFFERENCE
from evenhand.effects.proportion import (
    ARCSINE_PROPORTION,
    DOUBLE_ARCSINE_PROPORTION,
    LOG_ODDS,
    LOG_PROPORTION,
    PROBIT_OF_PROPORTION,
    PROPORTION,
)
from evenhand.effects.ratio_of_means import RATIO_OF_MEANS
from evenhand.effects.ratio_of_means_within import RATIO_OF_MEANS_WITHIN
from evenhand.effects.risk_difference import RISK_DIFFERENCE
from evenhand.effects.risk_ratio import RISK_RATIO
from evenhand.effects.single_mean import LOG_MEAN, SINGLE_MEAN, STANDARDISED_MEAN
from evenhand.effects.single_spread import LOG_COEFFICIENT_OF_VARIATION, LOG_STANDARD_DEVIATION
from evenhand.effects.smd_as_odds_ratio import SMD_AS_ODDS_RATIO_LOGISTIC, SMD_AS_ODDS_RATIO_NORMAL
from evenhand.effects.smd_unequal_variances import SMD_UNEQUAL_VARIANCES
from evenhand.effects.standardised_mean_change import (
    CHANGE_IN_AVERAGE_SD,
    CHANGE_IN_AVERAGE_SD_UNEQUAL_VARIANCES,
    CHANGE_IN_SD_BEFORE,
    CHANGE_IN_SD_BEFORE_UNEQUAL_VARIANCES,
    CHANGE_IN_SD_OF_CHANGES,
)
from evenhand.effects.standardised_mean_difference import STANDARDISED_MEAN_DIFFERENCE
from evenhand.effects.stochastic_superiority import SUPERIORITY, SUPERIORITY_OF_NORMALS, SUPERIORITY_WITHIN_PEOPLE
from evenhand.effects.tetrachoric_correlation import FISHER_Z_OF_TETRACHORIC, TETRACHORIC_CORRELATION
from evenhand.effects.variability_ratio import COEFFICIENT_OF_VARIATION_RATIO, VARIABILITY_RATIO
from evenhand.effects.variability_within import COEFFICIENT_OF_VARIATION_RATIO_WITHIN, VARIABILITY_RATIO_WITHIN
from evenhand.effects.yule_coefficients import YULE_Q, YULE_Y

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        ODDS_RATIO,
        RISK_RATIO,
        RISK_DIFFERENCE,
        ARCSINE_DIFFERENCE,
        PETO_ODDS_RATIO,
        PHI_COEFFICIENT,
        FISHER_Z_OF_PHI,
        YULE_Q,
        YULE_Y,
        TETRACHORIC_CORRELATION,
        FISHER_Z_OF_TETRACHORIC,
        PROBIT_DIFFERENCE,
        ODDS_RATIO_AS_SMD_LOGISTIC,
        ODDS_RATIO_AS_SMD_NORMAL,
        MATCHED_RISK_DIFFERENCE,
        MATCHED_RISK_RATIO,
        MATCHED_ODDS_RATIO,
        MATCHED_ODDS_RATIO_FROM_MARGINS,
        MATCHED_CONDITIONAL_ODDS_RATIO,
        MATCHED_PETO_ODDS_RATIO,
        INCIDENCE_RATE_RATIO,
        INCIDENCE_RATE_DIFFERENCE,
        ROOT_INCIDENCE_RATE_DIFFERENCE,
        HAZARD_RATIO,
        MEAN_DIFFERENCE,
        STANDARDISED_MEAN_DIFFERENCE,
        SMD_UNEQUAL_VARIANCES,
        GLASS_DELTA,
        GLASS_DELTA_UNEQUAL_VARIANCES,
        RATIO_OF_MEANS,
        VARIABILITY_RATIO,
        COEFFICIENT_OF_VARIATION_RATIO,
        SMD_AS_ODDS_RATIO_LOGISTIC,
        SMD_AS_ODDS_RATIO_NORMAL,
        SUPERIORITY,
        SUPERIORITY_OF_NORMALS,
        POINT_BISERIAL_CORRELATION,
        FISHER_Z_OF_POINT_BISERIAL,
        BISERIAL_CORRELATION,
        FISHER_Z_OF_BISERIAL,
        MEAN_CHANGE,
        CHANGE_IN_SD_OF_CHANGES,
        CHANGE_IN_SD_BEFORE,
        CHANGE_IN_SD_BEFORE_UNEQUAL_VARIANCES,
        CHANGE_IN_AVERAGE_SD,
        CHANGE_IN_AVERAGE_SD_UNEQUAL_VARIANCES,
        RATIO_OF_MEANS_WITHIN,
        VARIABILITY_RATIO_WITHIN,
        COEFFICIENT_OF_VARIATION_RATIO_WITHIN,
        SUPERIORITY_WITHIN_PEOPLE,
        CORRELATION,
        UNBIASED_CORRELATION,
        FISHER_Z_OF_CORRELATION,
        PARTIAL_CORRELATION,
        FISHER_Z_OF_PARTIAL,
        SEMIPARTIAL_CORRELATION,
        FISHER_Z_OF_SEMIPARTIAL,
        COEFFICIENT_OF_DETERMINATION,
        FISHER_Z_OF_DETERMINATION,
        PROPORTION,
        LOG_ODDS,
        LOG_PROPORTION,
        PROBIT_OF_PROPORTION,
        ARCSINE_PROPORTION,
        DOUBLE_ARCSINE_PROPORTION,
        INCIDENCE_RATE,
        LOG_INCIDENCE_RATE,
        ROOT_INCIDENCE_RATE,
        DOUBLE_ROOT_INCIDENCE_RATE,
        SINGLE_MEAN,
        LOG_MEAN,
        STANDARDISED_MEAN,
        LOG_STANDARD_DEVIATION,
        LOG_COEFFICIENT_OF_VARIATION,
        CRONBACH_ALPHA,
        HAKSTIAN_WHALEN_ALPHA,
        BONETT_ALPHA,
        EXCESS_HETEROZYGOSITY,
        GIVEN_ESTIMATE,
    )
}
# Other names of the same measures, as other software has them.
ALIASES: Mapping[str, str] = {"AUC": "CLES", "AUCN": "CLESN", "AUCCN": "CLESCN", "D2OR": "D2ORL", "OR2D": "OR2DL"}


def measure_named(name: str) -> Measure:
    """The measure of a name or alias, upper or lower case.

    Raises
    ------
    ValueError
        Where there is none; it says which comes nearest.
    """
    wanted = str(name).strip().upper()
    wanted = ALIASES.get(wanted, wanted)
    if wanted in MEASURES:
        return MEASURES[wanted]
    near = get_close_matches(wanted, [*MEASURES, *ALIASES], n=3, cutoff=0.5)
    mend = f"did you mean {' or '.join(near)}?" if near else f"write one of {', '.join(MEASURES)}"
    raise ValueError(f"no measure is called '{name}': {mend}")


__all__ = ["ALIASES", "MEASURES", "Kind", "Measure", "measure_named"]

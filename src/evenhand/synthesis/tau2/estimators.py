"""The estimators of the between-study variance, by name.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from evenhand.synthesis.tau2.dersimonian_laird import DERSIMONIAN_LAIRD
from evenhand.synthesis.tau2.dersimonian_laird_iterated import DERSIMONIAN_LAIRD_ITERATED
from evenhand.synthesis.tau2.equal_effects import EQUAL_EFFECTS
from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.generalised_q import GENERALISED_Q, GENERALISED_Q_MEDIAN
from evenhand.synthesis.tau2.hedges import HEDGES
from evenhand.synthesis.tau2.hunter_schmidt import CORRECTED_HUNTER_SCHMIDT, HUNTER_SCHMIDT
from evenhand.synthesis.tau2.maximum_likelihood import MAXIMUM_LIKELIHOOD
from evenhand.synthesis.tau2.paule_mandel import EMPIRICAL_BAYES, PAULE_MANDEL
from evenhand.synthesis.tau2.paule_mandel_median import PAULE_MANDEL_MEDIAN
from evenhand.synthesis.tau2.reml import REML
from evenhand.synthesis.tau2.sidik_jonkman import SIDIK_JONKMAN
from evenhand.synthesis.tau2.sidik_jonkman_iterated import SIDIK_JONKMAN_ITERATED

ESTIMATORS: dict[str, Estimator] = {
    estimator.name: estimator
    for estimator in (
        EQUAL_EFFECTS,
        REML,
        MAXIMUM_LIKELIHOOD,
        DERSIMONIAN_LAIRD,
        PAULE_MANDEL,
        EMPIRICAL_BAYES,
        HEDGES,
        HUNTER_SCHMIDT,
        CORRECTED_HUNTER_SCHMIDT,
        SIDIK_JONKMAN,
        PAULE_MANDEL_MEDIAN,
        DERSIMONIAN_LAIRD_ITERATED,
        SIDIK_JONKMAN_ITERATED,
        GENERALISED_Q,
        GENERALISED_Q_MEDIAN,
    )
}

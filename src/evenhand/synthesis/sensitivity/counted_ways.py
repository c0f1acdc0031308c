"""Two arms' counts pooled by the methods that need no effect of each study: Mantel–Haenszel, Peto, conditional models.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence

from evenhand.distributions import Floats
from evenhand.synthesis.counts.common_effect import CommonEffect
from evenhand.synthesis.counts.generalised_linear import mixed_model
from evenhand.synthesis.counts.mantel_haenszel_tables import mantel_haenszel
from evenhand.synthesis.counts.mixed_fit import MixedFit
from evenhand.synthesis.counts.peto_method import peto
from evenhand.synthesis.sensitivity.specification import ALL_STUDIES
from evenhand.synthesis.sensitivity.study_sets import StudySet
from evenhand.synthesis.sensitivity.ways import Way, no_way

# As many places as other programs take of adaptive quadrature; the estimate has its first seven digits.
_NODES = 7
_UNDEFINED = "the counts leave the effect undefined or infinite"


def counted_ways(counts: tuple[Floats, ...], measure: str, sets: Sequence[StudySet], *, level: float) -> list[Way]:
    """Pool each set of studies; of one study Mantel and Haenszel's effect is the study's own, and left out.

    Parameters
    ----------
    counts : events_t, n_t, events_c, n_c, each ndarray of shape (k,)
    measure : {'OR', 'RR', 'RD'}
        Peto's method and the conditional models are of odds ratios only.
    sets : sequence of StudySet
    level : float
        Of the intervals.
    """
    ways = []
    for one in sets:
        arms = tuple(column[one.used] for column in counts)
        k = int(one.used.sum())
        if k > 1:
            ways.append(_of_common(mantel_haenszel(*arms, measure=measure, level=level), "MH", one))
        if measure == "OR":
            ways.append(_of_common(peto(*arms, level=level), "Peto", one))
            ways.append(_of_mixed(mixed_model(*arms, method="EE", level=level), "CM.EL equal effects", one))
            # The one slow model, and so of all studies only.
            if k > 1 and one.name == ALL_STUDIES:
                ways.append(_of_mixed(mixed_model(*arms, nodes=_NODES, level=level), "CM.EL", one))
    return ways


def _of_common(fit: CommonEffect, model: str, studies: StudySet) -> Way:
    if not fit.converged:
        return no_way(model, "z", studies, fit.k, _UNDEFINED)
    return Way(
        model=model,
        interval="z",
        studies=studies,
        estimate=fit.estimate,
        ci_lower=fit.ci_lower,
        ci_upper=fit.ci_upper,
        k=fit.k,
        tau2=None,
    )


def _of_mixed(fit: MixedFit, model: str, studies: StudySet) -> Way:
    if not (fit.converged and math.isfinite(fit.estimate)):
        return no_way(model, "z", studies, fit.k, fit.reason or _UNDEFINED)
    return Way(
        model=model,
        interval="z",
        studies=studies,
        estimate=fit.estimate,
        ci_lower=fit.ci_lower,
        ci_upper=fit.ci_upper,
        k=fit.k,
        tau2=fit.tau2 if fit.method == "ML" else None,
    )

"""The same effects pooled by their exact posterior under every usual prior of the spread between studies.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects import Measure
from evenhand.synthesis.pooled import Posterior
from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.priors import HalfNormal, MuPrior, TauPrior, default_priors, half_cauchy
from evenhand.synthesis.posterior.priors_empirical import rhodes, turner
from evenhand.synthesis.sensitivity.inverse_variance_ways import with_an_effect
from evenhand.synthesis.sensitivity.study_sets import StudySet
from evenhand.synthesis.sensitivity.ways import CREDIBLE, Way, no_way

DEFAULT_PRIOR = "Bayes"
EXACT_COUNTS = "Bayes, exact counts"


def bayes_ways(
    yi: Floats, vi: Floats, n: Floats | None, measure: Measure, sets: Sequence[StudySet], *, level: float
) -> list[Way]:
    """Pool each set of two or more studies under each prior; with one, there is nothing to choose.

    Parameters
    ----------
    yi, vi : ndarray, shape (k,)
        Effects and sampling variances; a study without them is not pooled.
    n : ndarray, shape (k,), or None
        Participants, from which the prior of a measure that is not a log takes its scale.
    measure : Measure
    sets : sequence of StudySet
    level : float
        Of the credible intervals.
    """
    usable = with_an_effect(yi, vi)
    ways = []
    for one in sets:
        used = one.used & usable
        if used.sum() < 2:
            continue
        for model, prior_mu, prior_tau in _priors(measure, vi[used], None if n is None else n[used]):
            try:
                posterior = exact_posterior(yi[used], vi[used], prior_mu=prior_mu, prior_tau=prior_tau)
            except ValueError as error:
                ways.append(no_way(model, CREDIBLE, one, int(used.sum()), str(error), str(prior_tau)))
                continue
            ways.append(way_of_posterior(posterior, model, one, int(used.sum()), level))
    return ways


def way_of_posterior(posterior: Posterior, model: str, studies: StudySet, k: int, level: float) -> Way:
    """Median and credible limits of a mean effect."""
    tail = 0.5 * (1 - level)
    estimate, lower, upper = (posterior.mu.quantile(p) for p in (0.5, tail, 1 - tail))
    return Way(
        model=model,
        interval=CREDIBLE,
        studies=studies,
        estimate=estimate,
        ci_lower=lower,
        ci_upper=upper,
        k=k,
        # The posterior of tau is a distribution; no one value of it made the estimate.
        tau2=None,
        prior=posterior.prior_tau if posterior.tau is not None else None,
    )


def _priors(measure: Measure, vi: Floats, n: Floats | None) -> list[tuple[str, MuPrior, TauPrior]]:
    """The default prior; twice as wide; with a heavy tail; and that of published meta-analyses where it applies."""
    sizes = None if n is None or not np.isfinite(n).all() else n.tolist()
    prior_mu, prior_tau = default_priors(measure_is_log=measure.is_ratio, vi=vi, n=sizes)
    priors: list[tuple[str, MuPrior, TauPrior]] = [(DEFAULT_PRIOR, prior_mu, prior_tau)]
    if isinstance(prior_tau, HalfNormal):
        priors += [
            ("Bayes, wide prior", prior_mu, HalfNormal(2 * prior_tau.spread)),
            ("Bayes, heavy-tailed prior", prior_mu, half_cauchy(prior_tau.spread)),
        ]
    if measure.name in ("OR", "SMD"):
        empirical = turner() if measure.name == "OR" else rhodes()
        priors.append(("Bayes, empirical prior", prior_mu, empirical))
    return priors

"""The exact posterior of a proportion counted in one arm, in one study or in several.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence

from evenhand.distributions import LogitBeta
from evenhand.synthesis.pooled import Posterior
from evenhand.synthesis.posterior.counted_posterior import counted_posterior
from evenhand.synthesis.posterior.prior_names import mu_prior, tau_prior
from evenhand.synthesis.posterior.priors import HalfNormal, JeffreysProportion, MuPrior, TauPrior
from evenhand.synthesis.posterior.rows_of_counts import column_of_counts
from evenhand.synthesis.posterior.study_likelihood import binomial_likelihood


def proportion_posterior(
    events: Sequence[int],
    n: Sequence[int],
    *,
    prior_mu: MuPrior | str | None = None,
    prior_tau: TauPrior | str | None = None,
    spacing: float = 0.5,
    tolerance: float = 1e-7,
) -> Posterior:
    """Posterior of the logit of a proportion.

    Parameters
    ----------
    events, n : sequence of int, shape (k,)
        People with the event, and all people; one entry a study.
    prior_mu : MuPrior, optional
        Of the mean logit; by default that of a proportion with Jeffreys' Beta(½, ½).
    prior_tau : TauPrior or str, optional
        By default half-normal(1): logits of a risk differ more between studies than log odds ratios do.
    spacing, tolerance : float
        Of the quadrature, as in `counted_posterior`.

    Returns
    -------
    Posterior
        On the logit scale. With one study and Jeffreys' prior, the logit of Beta(events + ½, n − events + ½), for mean,
        new setting and the study alike: nothing is then said of how studies differ, and `tau` is None.

    Raises
    ------
    ValueError
        Where events are not between 0 and n, lengths differ or a prior is not proper.
    """
    events, n = column_of_counts("events", events), column_of_counts("n", n)
    if len(events) != len(n):
        raise ValueError(f"{len(events)} counts of events but {len(n)} of people (n)")
    studies = []
    for i, (count, total) in enumerate(zip(events, n, strict=True)):
        try:
            studies.append(binomial_likelihood(count, total))
        except ValueError as error:
            raise ValueError(f"events[{i}], n[{i}]: {error}") from None
    prior_mu, prior_tau = mu_prior(prior_mu or JeffreysProportion()), tau_prior(prior_tau or HalfNormal(1.0))
    if len(studies) == 1 and isinstance(prior_mu, JeffreysProportion):
        return _one_study(events[0], n[0], prior_mu)
    return counted_posterior(
        studies,
        prior_mu=prior_mu,
        prior_tau=prior_tau,
        likelihood="binomial",
        spacing=spacing,
        tolerance=tolerance,
    )


def _one_study(events: int, n: int, prior_mu: JeffreysProportion) -> Posterior:
    from scipy.special import betaln

    logit = LogitBeta(events + 0.5, n - events + 0.5)
    log_ways = -float(betaln(events + 1, n - events + 1) + math.log1p(n))
    return Posterior(
        mu=logit,
        tau=None,
        prediction=logit,
        shrinkage=(logit,),
        likelihood="binomial",
        prior_mu=str(prior_mu),
        prior_tau="not used",
        log_marginal=log_ways + float(betaln(logit.a, logit.b) - betaln(0.5, 0.5)),
    )

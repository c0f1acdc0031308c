"""The exact posterior of a log odds ratio from two arms' counts, however few.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence

from evenhand.synthesis.pooled import Posterior
from evenhand.synthesis.posterior.counted_posterior import counted_posterior
from evenhand.synthesis.posterior.prior_names import mu_prior, tau_prior
from evenhand.synthesis.posterior.priors import HalfNormal, MuPrior, NormalPrior, TauPrior
from evenhand.synthesis.posterior.rows_of_counts import rows_of_counts
from evenhand.synthesis.posterior.study_likelihood import hypergeometric_likelihood


def hypergeometric_posterior(
    counts: Sequence[tuple[int, int, int, int]],
    *,
    prior_mu: MuPrior | str | None = None,
    prior_tau: TauPrior | str | None = None,
    spacing: float = 0.5,
    tolerance: float = 1e-7,
) -> Posterior:
    """Posterior of the log odds ratio, treated against control; empty cells need no added half.

    A study without events in either arm says nothing of an odds ratio and moves nothing; if all are so, the posterior
    is the prior.

    Parameters
    ----------
    counts : sequence of (events_t, n_t, events_c, n_c)
        One entry a study; one study is enough.
    prior_mu, prior_tau : MuPrior, TauPrior or str, optional
        Proper; by default those of `default_priors(measure_is_log=True)`.
    spacing, tolerance : float
        Of the quadrature, as in `counted_posterior`.

    Returns
    -------
    Posterior
        On the log odds ratio scale.

    Raises
    ------
    ValueError
        Where events are not between 0 and their n, or a prior is not proper.

    References
    ----------
    Van Houwelingen, Zwinderman & Stijnen (1993). Statist. Med. 12, 2273-2284; Günhan, Röver & Friede (2020). Res.
    Synth. Methods 11, 74-90, for the priors.
    """
    studies = []
    for i, (events_t, n_t, events_c, n_c) in enumerate(rows_of_counts(counts, ("events_t", "n_t", "events_c", "n_c"))):
        try:
            studies.append(hypergeometric_likelihood(events_t, n_t, events_c, n_c))
        except ValueError as error:
            raise ValueError(f"counts[{i}]: {error}") from None
    return counted_posterior(
        studies,
        prior_mu=mu_prior(prior_mu or NormalPrior(0.0, 2.82)),
        prior_tau=tau_prior(prior_tau or HalfNormal(0.5)),
        likelihood="hypergeometric",
        spacing=spacing,
        tolerance=tolerance,
    )

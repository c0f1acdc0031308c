"""The exact posterior of rates: of a log rate ratio from two arms' events and person-times, and of one arm's log rate.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence

from evenhand.synthesis.pooled import Posterior
from evenhand.synthesis.posterior.counted_posterior import counted_posterior
from evenhand.synthesis.posterior.prior_names import mu_prior, tau_prior
from evenhand.synthesis.posterior.priors import HalfNormal, MuPrior, NormalPrior, TauPrior
from evenhand.synthesis.posterior.rows_of_counts import column_of_counts, rows_of_counts
from evenhand.synthesis.posterior.study_likelihood import poisson_likelihood, rate_ratio_likelihood


def rate_ratio_posterior(
    counts: Sequence[tuple[int, float, int, float]],
    *,
    prior_mu: MuPrior | str | None = None,
    prior_tau: TauPrior | str | None = None,
    spacing: float = 0.5,
    tolerance: float = 1e-7,
) -> Posterior:
    """Posterior of the log rate ratio, treated against control; an arm without event needs no added half.

    Given a study's total of events the treated ones are binomial, whatever the study's own rate. A study without event
    in either arm says nothing and moves nothing.

    Parameters
    ----------
    counts : sequence of (events_t, time_t, events_c, time_c)
        One entry a study; person-times in one unit.
    prior_mu, prior_tau : MuPrior, TauPrior or str, optional
        Proper; by default those of log odds ratios, normal(0, 2.82) and half-normal(0.5).
    spacing, tolerance : float
        Of the quadrature, as in `counted_posterior`.

    Returns
    -------
    Posterior
        On the log rate ratio scale.

    Raises
    ------
    ValueError
        Where events are negative, a person-time is not above 0, or a prior is not proper.

    References
    ----------
    Stijnen, Hamza & Özdemir (2010). Statist. Med. 29, 3046-3067, section 3.2.
    """
    studies = []
    for i, study in enumerate(rows_of_counts(counts, ("events_t", "time_t", "events_c", "time_c"))):
        try:
            studies.append(rate_ratio_likelihood(*study))
        except ValueError as error:
            raise ValueError(f"counts[{i}]: {error}") from None
    return counted_posterior(
        studies,
        prior_mu=mu_prior(prior_mu or NormalPrior(0.0, 2.82)),
        prior_tau=tau_prior(prior_tau or HalfNormal(0.5)),
        likelihood="binomial, given the events of both arms",
        spacing=spacing,
        tolerance=tolerance,
    )


def rate_posterior(
    events: Sequence[int],
    time: Sequence[float],
    *,
    prior_mu: MuPrior | str | None = None,
    prior_tau: TauPrior | str | None = None,
    spacing: float = 0.5,
    tolerance: float = 1e-7,
) -> Posterior:
    """Posterior of the log rate of one arm's events.

    Parameters
    ----------
    events, time : sequence, shape (k,)
        Events and person-time; one entry a study.
    prior_mu : MuPrior, optional
        Of the mean log rate, proper. A rate has a unit, so that no fixed centre would do: by default normal about the
        log of (all events + ½) / all person-time with an sd of 5, by which 95 % of rates lie within a factor of
        18,000; the data move it freely.
    prior_tau : TauPrior or str, optional
        By default half-normal(1), as for the logit of a proportion.
    spacing, tolerance : float
        Of the quadrature, as in `counted_posterior`.

    Returns
    -------
    Posterior
        On the log rate scale, per unit of the person-times.

    Raises
    ------
    ValueError
        Where lengths differ, events are negative, a person-time is not above 0, or a prior is not proper.
    """
    events, time = column_of_counts("events", events), column_of_counts("time", time)
    if len(events) != len(time):
        raise ValueError(f"{len(events)} counts of events but {len(time)} person-times (time)")
    studies = []
    for i, (count, total) in enumerate(zip(events, time, strict=True)):
        try:
            studies.append(poisson_likelihood(count, total))
        except ValueError as error:
            raise ValueError(f"events[{i}], time[{i}]: {error}") from None
    if not studies:
        raise ValueError("no study: nothing to pool")
    return counted_posterior(
        studies,
        prior_mu=mu_prior(prior_mu or NormalPrior(math.log((sum(events) + 0.5) / sum(time)), 5.0)),
        prior_tau=tau_prior(prior_tau or HalfNormal(1.0)),
        likelihood="Poisson",
        spacing=spacing,
        tolerance=tolerance,
    )

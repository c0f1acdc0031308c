"""Bayes factors of no heterogeneity and of no effect, and the weight of each study and of the prior.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats, integrate_density
from evenhand.synthesis.normal_kernel import NormalModel, checked_studies
from evenhand.synthesis.posterior.prior_names import normal_mu_prior, tau_prior
from evenhand.synthesis.posterior.priors import Flat, ImproperUniform, Jeffreys, NormalPrior, TauPrior
from evenhand.synthesis.posterior.tau_mixture import coefficients_given_tau, first_edges, tau_mixture


@dataclass(frozen=True, slots=True, kw_only=True)
class BayesFactors:
    """How many times likelier the effects are under a null hypothesis than under the model; nan: prior not proper."""

    tau_zero: float  # no heterogeneity; needs a proper prior of tau
    mu_zero: float  # no mean effect; needs a proper prior of the mean
    log_marginal: float  # natural log, of the model; nan where a prior is not proper


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PosteriorWeights:
    """Shares of the posterior mean effect, summing to 1."""

    studies: Floats  # (k,)
    prior: float  # 0 under a flat prior


def bayes_factors(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    prior_mu: Flat | NormalPrior | str,
    prior_tau: TauPrior | str,
) -> BayesFactors:
    """Bayes factors in favour of tau = 0 and of mu = 0.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).

    References
    ----------
    Röver (2020). J. Stat. Softw. 93(6), section 2.6; Kass & Raftery (1995). J. Am. Stat. Assoc. 90, 773-795.
    """
    effects, variances = checked_studies(yi, vi)
    prior_mu, prior_tau = normal_mu_prior(prior_mu), tau_prior(prior_tau)
    model = NormalModel.of(effects, variances)
    log_marginal = tau_mixture(model, [prior_mu], prior_tau).log_marginal
    proper_mu, proper_tau = isinstance(prior_mu, NormalPrior), not isinstance(prior_tau, (ImproperUniform, Jeffreys))
    tau_zero = mu_zero = math.nan
    if proper_tau:
        without = float(coefficients_given_tau(model, np.zeros(1), [prior_mu])[2][0])
        tau_zero = math.exp(without - log_marginal)
    if proper_mu:
        mu_zero = math.exp(_log_marginal_without_effect(effects, variances, prior_tau) - log_marginal)
    return BayesFactors(
        tau_zero=tau_zero, mu_zero=mu_zero, log_marginal=log_marginal if proper_mu and proper_tau else math.nan
    )


def _log_marginal_without_effect(yi: Floats, vi: Floats, prior_tau: TauPrior) -> float:
    """Log of ∫ p(tau) Π N(yi; 0, vi + tau²) dtau."""

    def log_density(tau: Floats) -> Floats:
        total = vi + tau[:, None] ** 2
        likelihood = -0.5 * (np.log(2 * math.pi * total) + yi**2 / total).sum(axis=1)
        return np.asarray(likelihood + prior_tau.log_density(tau, vi), dtype=np.float64)

    edges, endless = first_edges(vi, float(np.abs(yi).max()), prior_tau)
    return integrate_density(log_density, edges, right_tail=endless).log_total


def posterior_weights(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    prior_mu: Flat | NormalPrior | str,
    prior_tau: TauPrior | str,
) -> PosteriorWeights:
    """What share of the posterior mean comes from each study and from the prior, averaged over tau.

    References
    ----------
    Röver & Friede (2021). Biom. J. 63, 406-422, section 2.3.
    """
    effects, variances = checked_studies(yi, vi)
    prior_mu, prior_tau = normal_mu_prior(prior_mu), tau_prior(prior_tau)
    mixture = tau_mixture(NormalModel.of(effects, variances), [prior_mu], prior_tau)
    given_tau = mixture.covariance[:, 0, :] / (variances + mixture.tau[:, None] ** 2)
    share = mixture.weights @ given_tau
    prior = 1.0 - float(share.sum()) if isinstance(prior_mu, NormalPrior) else 0.0
    return PosteriorWeights(studies=share, prior=max(0.0, prior))

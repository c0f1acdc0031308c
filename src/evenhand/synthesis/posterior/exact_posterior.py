"""The exact posterior of the normal random-effects model, without sampling.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import NormalModel, checked_studies
from evenhand.synthesis.pooled import Posterior
from evenhand.synthesis.posterior.prior_names import normal_mu_prior, tau_prior
from evenhand.synthesis.posterior.priors import Flat, MuPrior, NormalPrior, TauPrior
from evenhand.synthesis.posterior.tau_mixture import coefficients_given_tau, tau_mixture

_ONE = np.ones(1)


def exact_posterior(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    prior_mu: MuPrior | str,
    prior_tau: TauPrior | str,
    nodes: int = 16,
    tolerance: float = 1e-13,
) -> Posterior:
    """Posterior of mean effect, between-study sd, a new study's effect and each study's own.

    The model is y_i ~ N(theta_i, v_i), theta_i ~ N(mu, tau²).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0); k = 1 is allowed with a proper prior.
    prior_mu : Flat, NormalPrior or str
    prior_tau : TauPrior or str
        As records, or by name: 'normal(0, 2.82)', 'half-normal(0.5)', as `mu_prior` and `tau_prior` read them.
    nodes, tolerance : int, float
        Of the quadrature, as in `integrate_density`.

    Returns
    -------
    Posterior
        With a flat `prior_mu`, `log_marginal` counts its density as 1. Where a tail is too heavy for a mean or an sd to
        exist they are nan or infinite; quantiles always exist.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be pooled; or where the posterior does not exist, as with too few
        studies under an improper prior.

    References
    ----------
    Röver (2020). J. Stat. Softw. 93(6), section 2; Röver & Friede (2017). J. Comput. Graph. Stat. 26, 217-222.
    """
    effects, variances = checked_studies(yi, vi)
    prior_mu, prior_tau = normal_mu_prior(prior_mu), tau_prior(prior_tau)
    mixture = tau_mixture(NormalModel.of(effects, variances), [prior_mu], prior_tau, nodes=nodes, tolerance=tolerance)
    return Posterior(
        mu=mixture.mean_at(_ONE),
        tau=mixture.tau_distribution(),
        prediction=mixture.new_study_at(_ONE),
        shrinkage=tuple(
            mixture.study_at(_ONE, effect, sampling) for effect, sampling in zip(effects, variances, strict=True)
        ),
        likelihood="normal",
        prior_mu=str(prior_mu),
        prior_tau=str(prior_tau),
        log_marginal=mixture.log_marginal,
    )


def mean_given_tau(yi: Floats, vi: Floats, tau: Floats, prior: Flat | NormalPrior) -> tuple[Floats, Floats, Floats]:
    """Mean and variance of mu given tau, and the log likelihood of tau with mu integrated out; each of shape (q,)."""
    beta, covariance, marginal = coefficients_given_tau(NormalModel.of(yi, vi), tau, [prior])
    return beta[:, 0], covariance[:, 0, 0], marginal

"""The exact posterior of the normal random-effects model, without sampling.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Given tau everything is normal, and tau is one number: so a quadrature on tau leaves every effect as a finite mixture of
normals. The panels of the quadrature halve until the density of tau is resolved to the last digits; a coarse grid would
be off by 0.1 % in the sd.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from evenhand.distributions import Floats, GridDistribution, NormalMixture, integrate_density
from evenhand.synthesis.normal_kernel import checked_studies, given_tau2
from evenhand.synthesis.pooled import Posterior
from evenhand.synthesis.posterior.priors import Flat, MuPrior, NormalPrior, TauPrior

_LEAST_WEIGHT = 1e-17  # of a component, among all: what is below cannot move a digit


def exact_posterior(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    prior_mu: MuPrior,
    prior_tau: TauPrior,
    nodes: int = 16,
    tolerance: float = 1e-13,
) -> Posterior:
    """Posterior of mean effect, between-study sd, a new study's effect and each study's own.

    The model is y_i ~ N(theta_i, v_i), theta_i ~ N(mu, tau²).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0); k = 1 is allowed with a proper prior.
    prior_mu : Flat or NormalPrior
    prior_tau : TauPrior
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
    if not isinstance(prior_mu, (Flat, NormalPrior)):
        raise ValueError(f"prior of the mean '{prior_mu}': a normal likelihood takes flat or normal(m, s)")

    def log_density(tau: Floats) -> Floats:
        mean_and_marginal = mean_given_tau(effects, variances, tau, prior_mu)
        return mean_and_marginal[2] + prior_tau.log_density(tau, variances)

    edges, endless = _first_edges(effects, variances, prior_tau)
    moments = _finite_moments(log_density, edges[-1]) if endless else 2
    if moments < 0:
        raise ValueError(
            f"{effects.size} studies with prior '{prior_tau}' of tau and '{prior_mu}' of the mean: "
            "the posterior is not proper; take a proper prior"
        )
    panels = integrate_density(log_density, edges, right_tail=endless, nodes=nodes, tolerance=tolerance)
    weights, tau = panels.probabilities.ravel(), panels.nodes.ravel()
    kept = weights > _LEAST_WEIGHT
    weights, tau = weights[kept] / weights[kept].sum(), tau[kept]
    mean, variance, _ = mean_given_tau(effects, variances, tau, prior_mu)
    # A flat prior lets the mean stray as far as tau does; a normal one holds it.
    moments_mu = moments if isinstance(prior_mu, Flat) else 2
    return Posterior(
        mu=NormalMixture(weights, mean, np.sqrt(variance), moments_mu),
        tau=GridDistribution.from_panels(panels, finite_moments=moments),
        prediction=NormalMixture(weights, mean, np.hypot(np.sqrt(variance), tau), moments),
        shrinkage=tuple(
            _shrunk(effect, sampling, weights, tau, mean, variance)
            for effect, sampling in zip(effects, variances, strict=True)
        ),
        likelihood="normal",
        prior_mu=str(prior_mu),
        prior_tau=str(prior_tau),
        log_marginal=panels.log_total,
    )


def mean_given_tau(yi: Floats, vi: Floats, tau: Floats, prior: Flat | NormalPrior) -> tuple[Floats, Floats, Floats]:
    """Mean and variance of mu given tau, and the log likelihood of tau with mu integrated out; each of shape (q,)."""
    fit = given_tau2(yi, vi, tau**2)
    precision, k = fit.sum_of_weights, yi.size
    shared = -0.5 * (fit.sum_log_variances + fit.q)
    if isinstance(prior, Flat):
        marginal = shared - 0.5 * ((k - 1) * math.log(2 * math.pi) + np.log(precision))
        return fit.mean, 1.0 / precision, marginal
    # The weighted mean is itself normal about the prior's mean, with both variances.
    spread = 1.0 / precision + prior.sd**2
    away = (fit.mean - prior.mean) ** 2 / spread
    marginal = shared - 0.5 * (k * math.log(2 * math.pi) + np.log(precision) + np.log(spread) + away)
    towards_prior = 1.0 / (precision * spread)
    return fit.mean + towards_prior * (prior.mean - fit.mean), prior.sd**2 * towards_prior, marginal


def _shrunk(
    effect: float, sampling: float, weights: Floats, tau: Floats, mean: Floats, variance: Floats
) -> NormalMixture:
    """One study's effect: pulled from its own estimate towards the mean, the more the smaller tau is."""
    pull = sampling / (sampling + tau**2)
    own = sampling * tau**2 / (sampling + tau**2)
    return NormalMixture(weights, (1 - pull) * effect + pull * mean, np.sqrt(own + pull**2 * variance))


def _first_edges(yi: Floats, vi: Floats, prior: TauPrior) -> tuple[Floats, bool]:
    """Doubling panels over every tau at which something can happen, and whether the prior goes on beyond them.

    Between doublings the likelihood is smooth: its singularities are at ±i√vi, farther off than a panel is wide.
    """
    spread = prior.scale(vi)
    scales = np.sqrt([vi.min(), vi.max()]).tolist() + ([] if spread is None else [spread])
    lowest = 0.25 * min(scales)
    highest = 16.0 * max([*scales, float(np.ptp(yi))])
    doublings = math.ceil(math.log2(highest / lowest))
    edges = np.concatenate([[0.0], lowest * 2.0 ** np.arange(doublings + 1)])
    low, high = prior.support
    inside = edges[(edges > low) & (edges < high)]
    if math.isfinite(high):
        return np.concatenate([[low], inside, [high]]), False
    return np.concatenate([[low], inside]), True


def _finite_moments(log_density: Callable[[Floats], Floats], far: float) -> int:
    """How many moments tau has, from the power at which its density falls far out; −1 where it is not integrable."""
    at = far * np.array([1e6, 1e7])
    logs = log_density(at)
    if not np.isfinite(logs).all():
        return 2
    power = -float(logs[1] - logs[0]) / math.log(10)
    # A density of order tau^-p has the moments below p − 1; p is known to about six digits here.
    return min(2, math.ceil(power - 1 - 1e-4) - 1)

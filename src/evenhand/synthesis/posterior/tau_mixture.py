"""The exact posterior of a normal model with one between-study variance, as a mixture over that variance.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Given tau everything is normal, and tau is one number: so a quadrature on tau leaves every effect as a finite mixture of
normals. The panels of the quadrature halve until the density of tau is resolved to the last digits; a coarse grid would
be off by 0.1 % in the sd. Pooling is the model with the intercept alone, meta-regression that with any other X.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats, GridDistribution, NormalMixture, Panels, integrate_density
from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.posterior.priors import Flat, NormalPrior, TauPrior

_LEAST_WEIGHT = 1e-17  # of a component, among all: what is below cannot move a digit
FAR_OUT = np.array([1e6, 1e7])  # where only a power of tau is left
CoefficientPrior = Flat | NormalPrior


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TauMixture:
    """m values of tau with their posterior probability, and the coefficients' normal distribution given each."""

    weights: Floats  # (m,), summing to 1
    tau: Floats  # (m,)
    beta: Floats  # (m, p), means
    covariance: Floats  # (m, p, p)
    panels: Panels  # the density of tau
    moments: int  # of tau that exist, up to 2
    moments_beta: int  # of the coefficients
    log_marginal: float

    def tau_distribution(self) -> GridDistribution:
        """Posterior of tau."""
        return GridDistribution.from_panels(self.panels, finite_moments=self.moments)

    def mean_at(self, x: Floats) -> NormalMixture:
        """Posterior of the mean effect at a row of X, shape (p,)."""
        means, variances = self._at(x)
        return NormalMixture(self.weights, means, np.sqrt(variances), self.moments_beta)

    def new_study_at(self, x: Floats) -> NormalMixture:
        """Posterior of a new study's true effect there."""
        means, variances = self._at(x)
        return NormalMixture(self.weights, means, np.hypot(np.sqrt(variances), self.tau), self.moments)

    def study_at(self, x: Floats, effect: float, sampling: float) -> NormalMixture:
        """A fitted study's true effect: pulled from its own estimate towards the mean, the more the smaller tau is."""
        means, variances = self._at(x)
        pull = sampling / (sampling + self.tau**2)
        own = sampling * self.tau**2 / (sampling + self.tau**2)
        return NormalMixture(self.weights, (1 - pull) * effect + pull * means, np.sqrt(own + pull**2 * variances))

    def _at(self, x: Floats) -> tuple[Floats, Floats]:
        if x.size == 1:
            return self.beta[:, 0] * x[0], self.covariance[:, 0, 0] * x[0] ** 2
        return self.beta @ x, np.einsum("mij,i,j->m", self.covariance, x, x)


def tau_mixture(
    model: NormalModel,
    prior_beta: Sequence[CoefficientPrior],
    prior_tau: TauPrior,
    *,
    nodes: int = 16,
    tolerance: float = 1e-13,
) -> TauMixture:
    """Posterior of tau and of the coefficients.

    Parameters
    ----------
    model : NormalModel
    prior_beta : sequence of Flat or NormalPrior, length p
        Independent of each other.
    prior_tau : TauPrior
    nodes, tolerance : int, float
        Of the quadrature, as in `integrate_density`.

    Raises
    ------
    ValueError
        Where the posterior does not exist, as with too few studies under an improper prior.
    """

    def log_density(tau: Floats) -> Floats:
        return coefficients_given_tau(model, tau, prior_beta)[2] + prior_tau.log_density(tau, model.vi)

    edges, endless = first_edges(model.vi, float(np.ptp(model.residual)), prior_tau)
    moments = finite_moments(log_density, edges[-1]) if endless else 2
    if moments < 0:
        of_what = "the mean" if model.p == 1 else "the coefficients"
        priors = ", ".join(dict.fromkeys(str(prior) for prior in prior_beta))
        raise ValueError(
            f"{model.k} studies with prior '{prior_tau}' of tau and '{priors}' of {of_what}: "
            "the posterior is not proper; take a proper prior"
        )
    panels = integrate_density(log_density, edges, right_tail=endless, nodes=nodes, tolerance=tolerance)
    weights, tau = panels.probabilities.ravel(), panels.nodes.ravel()
    kept = weights > _LEAST_WEIGHT
    weights, tau = weights[kept] / weights[kept].sum(), tau[kept]
    beta, covariance, _ = coefficients_given_tau(model, tau, prior_beta)
    # A flat prior lets a coefficient stray as far as tau does; a normal one holds it.
    held = all(isinstance(prior, NormalPrior) for prior in prior_beta)
    return TauMixture(
        weights=weights,
        tau=tau,
        beta=beta,
        covariance=covariance,
        panels=panels,
        moments=moments,
        moments_beta=2 if held else moments,
        log_marginal=panels.log_total,
    )


def coefficients_given_tau(
    model: NormalModel, tau: Floats, prior: Sequence[CoefficientPrior]
) -> tuple[Floats, Floats, Floats]:
    """Mean (q, p) and covariance (q, p, p) of the coefficients given tau, (q,), and tau's log likelihood without them.

    With flat priors, whose density counts as 1, these are least squares' own. A normal prior meets the estimate as one
    more observation: with C = (X'WX)⁻¹ the estimate is N(m, C + S) about the prior's mean m, S its variance.
    """
    given = model.given(tau**2)
    log_two_pi = math.log(2 * math.pi)
    shared = -0.5 * (given.sum_log_variances + given.q + given.log_det_precision)
    proper = [j for j, one in enumerate(prior) if isinstance(one, NormalPrior)]
    flat = model.p - len(proper)
    if not proper:
        return given.beta, given.covariance, shared - 0.5 * (model.k - flat) * log_two_pi
    means = np.array([one.mean for one in prior if isinstance(one, NormalPrior)])
    variances = np.array([one.sd**2 for one in prior if isinstance(one, NormalPrior)])
    towards = means - given.beta[:, proper]
    if model.p == 1:
        estimate = given.covariance[:, 0, 0]
        spread = estimate + variances
        away = towards[:, 0] ** 2 / spread
        marginal = shared - 0.5 * (model.k * log_two_pi + np.log(spread) + away)
        share = estimate / spread
        return given.beta + share[:, None] * towards, (variances * share)[:, None, None], marginal
    columns = given.covariance[:, :, proper]
    spread = columns[:, proper, :] + np.diag(variances)
    gain = np.swapaxes(np.linalg.solve(spread, np.swapaxes(columns, 1, 2)), 1, 2)
    away = np.einsum("qi,qi->q", towards, np.linalg.solve(spread, towards[:, :, None])[:, :, 0])
    log_det = np.linalg.slogdet(spread)[1]
    kept = np.eye(model.p) - gain @ np.eye(model.p)[proper]
    covariance = kept @ given.covariance @ np.swapaxes(kept, 1, 2) + (gain * variances) @ np.swapaxes(gain, 1, 2)
    beta = given.beta + np.einsum("qij,qj->qi", gain, towards)
    return beta, covariance, shared - 0.5 * ((model.k - flat) * log_two_pi + log_det + away)


def first_edges(vi: Floats, reach: float, prior: TauPrior) -> tuple[Floats, bool]:
    """Doubling panels over every tau at which something can happen, and whether the prior goes on beyond them.

    `reach` is how far apart the effects lie, or from what they are compared with. Between doublings the likelihood is
    smooth: its singularities are at ±i√vi, farther off than a panel is wide.
    """
    spread = prior.scale(vi)
    scales = np.sqrt([vi.min(), vi.max()]).tolist() + ([] if spread is None else [spread])
    lowest = 0.25 * min(scales)
    highest = 16.0 * max([*scales, reach])
    doublings = math.ceil(math.log2(highest / lowest))
    edges = np.concatenate([[0.0], lowest * 2.0 ** np.arange(doublings + 1)])
    low, high = prior.support
    inside = edges[(edges > low) & (edges < high)]
    if math.isfinite(high):
        return np.concatenate([[low], inside, [high]]), False
    return np.concatenate([[low], inside]), True


def finite_moments(log_density: Callable[[Floats], Floats], far: float) -> int:
    """How many moments tau has, from the power at which its density falls far out; −1 where it is not integrable."""
    return moments_of_tail(log_density(far * FAR_OUT))


def moments_of_tail(logs: Floats) -> int:
    """The same from log densities at `FAR_OUT` times a far tau, (2,)."""
    if not np.isfinite(logs).all():
        return 2
    power = -float(logs[1] - logs[0]) / math.log(10)
    # A density of order tau^-p has the moments below p − 1; p is known to about six digits here.
    return min(2, math.ceil(power - 1 - 1e-4) - 1)

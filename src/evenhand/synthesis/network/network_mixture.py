"""A network given each between-study sd of a quadrature: what the exact posterior and the node-splits are made of.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Given tau all effects are normal. So panels of Gauss-Legendre nodes are laid over tau until its density is resolved; at
each node stands one Cholesky factor of the network's Laplacian, and every effect is a finite mixture of normals. The
covariances of all nodes are kept where they fit in memory, and made anew at each use where they do not.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats, Panels, integrate_density
from evenhand.synthesis.network.evidence import NetworkEvidence
from evenhand.synthesis.network.network_kernel import NetworkModel, Places
from evenhand.synthesis.network.tau_quadrature import InterpolatedLikelihood, edges_about_the_peak, fewer_nodes
from evenhand.synthesis.posterior.priors import Flat, NormalPrior, TauPrior
from evenhand.synthesis.posterior.tau_mixture import finite_moments, first_edges

_LEAST_WEIGHT = 1e-17  # of a component, among all: what is below cannot move a digit
_MOST_NUMBERS = 2_000_000  # of one intermediate array
_MOST_KEPT = 30_000_000  # numbers, 240 MB, of covariances that are kept
LOG_TWO_PI = math.log(2 * math.pi)


@dataclass(frozen=True, slots=True, eq=False)
class SumsByPlace:
    """Sums of values that belong to places, for many rows of values at once."""

    order: Places  # (e,)
    starts: Places  # (u,), where each used place begins in that order
    used: Places  # (u,)
    size: int

    @classmethod
    def of(cls, places: Places, size: int) -> "SumsByPlace":
        """For values of these places, shape (e,)."""
        order = np.argsort(places, kind="stable")
        used, starts = np.unique(places[order], return_index=True)
        return cls(order, starts, used, size)

    def __call__(self, values: Floats) -> Floats:
        """(q, e) to (q, size)."""
        sums = np.zeros((values.shape[0], self.size))
        if self.used.size:
            sums[:, self.used] = np.add.reduceat(values[:, self.order], self.starts, axis=1)
        return sums


@dataclass(frozen=True, slots=True, eq=False)
class GivenTau:
    """One node: effects about the model's `about`, and the factor of their precision."""

    tau: float
    wi: Floats  # (m,)
    shift: Floats  # (p,)
    factor: Floats  # (p, p), lower Cholesky factor of the precision
    residual: Floats  # (m,), row less its fitted value
    log_likelihood: float

    def covariance(self) -> Floats:
        """(p, p), of the coefficients."""
        from scipy.linalg.lapack import dpotri

        lower = np.tril(dpotri(self.factor, lower=1)[0])
        return np.asarray(lower + np.tril(lower, -1).T)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkNormal:
    """The rows of a network with independent priors of the effects against the reference."""

    model: NetworkModel
    kept: Places  # (p,), treatments whose effects are the coefficients; the others are 0
    prior_precision: Floats  # (p,), 0 where flat
    prior_towards: Floats  # (p,), prior mean less the model's `about`
    log_jacobian: float  # of the studies' effects turned into independent rows
    entries_kept: Places  # entries of X that belong to a coefficient
    coefficient: Places  # theirs
    to_coefficient: SumsByPlace
    to_row: SumsByPlace
    pairs_kept: Places
    to_cell: SumsByPlace

    @classmethod
    def of(cls, evidence: NetworkEvidence, prior: Flat | NormalPrior) -> "NetworkNormal":
        """With a normal prior the coefficients are against the reference, else as the model has them."""
        model = NetworkModel.of(evidence)
        kept, precision, towards = model.kept, np.zeros(model.p), np.zeros(model.p)
        if isinstance(prior, NormalPrior):
            kept = np.delete(np.arange(model.size), evidence.reference)
            precision = np.full(kept.size, prior.sd**-2.0)
            towards = prior.mean - (model.about[kept] - model.about[evidence.reference])
        place = np.full(model.size, -1)
        place[kept] = np.arange(kept.size)
        entries = np.flatnonzero(place[model.entry_treatment] >= 0)
        i, j = place[model.pair_cell // model.size], place[model.pair_cell % model.size]
        pairs = np.flatnonzero((i >= 0) & (j >= 0))
        arms = np.array([len(one.treatments) for one in evidence.studies])
        return cls(
            model=model,
            kept=kept,
            prior_precision=precision,
            prior_towards=towards,
            # (I + J)/2 of order a − 1 has the determinant a / 2^(a − 1).
            log_jacobian=-0.5 * float((np.log(arms) - (arms - 1) * math.log(2)).sum()),
            entries_kept=entries,
            coefficient=place[model.entry_treatment[entries]],
            to_coefficient=SumsByPlace.of(place[model.entry_treatment[entries]], kept.size),
            to_row=SumsByPlace.of(model.entry_row[entries], model.k),
            pairs_kept=pairs,
            to_cell=SumsByPlace.of(kept.size * i[pairs] + j[pairs], kept.size**2),
        )

    @property
    def p(self) -> int:
        """Coefficients."""
        return int(self.kept.size)

    def log_likelihood(self, tau: Floats) -> Floats:
        """Log density of the effects with all coefficients integrated out, for tau of shape (q,)."""
        return np.concatenate([self._log_likelihood(*self._solved(one)) for one in self._in_parts(tau)])

    def at(self, tau: Floats) -> Iterator[GivenTau]:
        """Each node in turn, tau of shape (q,), with one step of refinement of its effects."""
        for some in self._in_parts(tau):
            wi, shift, factors, residual = self._solved(some)
            more = self._solve(factors, self._right(wi, residual, self.prior_towards - shift))
            shift, residual = shift + more, residual - self._fitted(more)
            logs = self._log_likelihood(wi, shift, factors, residual)
            for i in range(some.size):
                yield GivenTau(float(some[i]), wi[i], shift[i], factors[i], residual[i], float(logs[i]))

    def effects(self, shift: Floats) -> Floats:
        """Of all treatments, (T,), from coefficients (p,)."""
        effects = self.model.about.copy()
        effects[self.kept] += shift
        return effects

    def square(self, covariance: Floats) -> Floats:
        """(T, T) with rows of 0, from (p, p)."""
        whole = np.zeros((self.model.size, self.model.size))
        whole[np.ix_(self.kept, self.kept)] = covariance
        return whole

    def _in_parts(self, tau: Floats) -> list[Floats]:
        largest = max(self.pairs_kept.size, self.p**2, self.model.k, 1)
        return np.array_split(tau, max(1, min(tau.size, -(-tau.size * largest // _MOST_NUMBERS))))

    def _log_likelihood(self, wi: Floats, shift: Floats, factors: list[Floats], residual: Floats) -> Floats:
        log_det = np.array([2.0 * np.log(np.diagonal(factor)).sum() for factor in factors])
        away = self.prior_towards - shift
        squares = (wi * residual**2).sum(axis=1) + (self.prior_precision * away**2).sum(axis=1)
        proper = self.prior_precision[self.prior_precision > 0]
        free = self.model.k - (self.p - proper.size)
        constant = np.log(proper).sum() - free * LOG_TWO_PI
        likelihood: Floats = 0.5 * (constant + np.log(wi).sum(axis=1) - log_det - squares) + self.log_jacobian
        return likelihood

    def _solved(self, tau: Floats) -> tuple[Floats, Floats, list[Floats], Floats]:
        """Weights (q, m), coefficients (q, p), factors and residuals (q, m)."""
        from scipy.linalg.lapack import dpotrf

        model, p = self.model, self.p
        with np.errstate(over="ignore"):
            wi = 1.0 / (model.vi + tau[:, None] ** 2)
        cells = self.to_cell(wi[:, model.pair_row[self.pairs_kept]] * model.pair[self.pairs_kept])
        precision = cells.reshape(tau.size, p, p)
        precision[:, np.arange(p), np.arange(p)] += self.prior_precision
        # A transposed view is in the order that LAPACK works in; the matrix is symmetric.
        factors = [dpotrf(one.T, lower=1, clean=1)[0] if p else one for one in precision]
        residual = np.broadcast_to(model.residual, wi.shape)
        shift = self._solve(factors, self._right(wi, residual, np.broadcast_to(self.prior_towards, (tau.size, p))))
        return wi, shift, factors, residual - self._fitted(shift)

    def _right(self, wi: Floats, residual: Floats, away: Floats) -> Floats:
        model = self.model
        weighted = (wi * residual)[:, model.entry_row[self.entries_kept]] * model.entry[self.entries_kept]
        right: Floats = self.to_coefficient(weighted) + self.prior_precision * away
        return right

    def _fitted(self, shift: Floats) -> Floats:
        return self.to_row(shift[:, self.coefficient] * self.model.entry[self.entries_kept])

    def _solve(self, factors: list[Floats], right: Floats) -> Floats:
        from scipy.linalg.lapack import dpotrs

        if not self.p:
            return right
        return np.array([dpotrs(factor, one, lower=1)[0] for factor, one in zip(factors, right, strict=True)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkMixture:
    """q values of tau with their posterior probability, and all effects' normal distribution given each."""

    normal: NetworkNormal
    weights: Floats  # (q,), summing to 1
    tau: Floats  # (q,)
    effects: Floats  # (q, T)
    covariances: Floats | None  # (q, T, T), None where they are too many to keep
    panels: Panels  # the density of tau
    moments: int  # of tau that exist, up to 2
    moments_effects: int

    def each_covariance(self) -> Iterator[Floats]:
        """That of the effects at each node in turn, (T, T), with rows of 0 for the treatments they are against."""
        if self.covariances is not None:
            yield from self.covariances
            return
        for given in self.normal.at(self.tau):
            yield self.normal.square(given.covariance())

    def difference(self, one: int, other: int) -> tuple[Floats, Floats]:
        """Mean and variance, each (q,), of the effect of one treatment less that of another."""
        means = self.effects[:, one] - self.effects[:, other]
        if self.covariances is not None:
            v = self.covariances
            return means, v[:, one, one] + v[:, other, other] - 2 * v[:, one, other]
        return means, np.array([v[one, one] + v[other, other] - 2 * v[one, other] for v in self.each_covariance()])


def network_mixture(
    evidence: NetworkEvidence,
    prior_effects: Flat | NormalPrior,
    prior_tau: TauPrior,
    *,
    nodes: int = 16,
    tolerance: float = 1e-13,
) -> NetworkMixture:
    """Posterior of tau and of the effects; arguments as in `network_posterior`.

    Raises
    ------
    ValueError
        Where the posterior does not exist, as with too few studies under an improper prior.
    """
    normal = NetworkNormal.of(evidence, prior_effects)
    panels, moments = tau_panels(normal, prior_tau, nodes=nodes, tolerance=tolerance)
    weights, tau = panels.probabilities.ravel(), panels.nodes.ravel()
    kept = weights > _LEAST_WEIGHT
    weights, tau = fewer_nodes(weights[kept] / weights[kept].sum(), tau[kept], normal.model.vi)
    size = normal.model.size
    effects = np.empty((tau.size, size))
    covariances = np.empty((tau.size, size, size)) if tau.size * size**2 <= _MOST_KEPT else None
    for i, given in enumerate(normal.at(tau)):
        effects[i] = normal.effects(given.shift)
        if covariances is not None:
            covariances[i] = normal.square(given.covariance())
    return NetworkMixture(
        normal=normal,
        weights=weights,
        tau=tau,
        effects=effects,
        covariances=covariances,
        panels=panels,
        moments=moments,
        # A flat prior lets an effect stray as far as tau does; a normal one holds it.
        moments_effects=2 if isinstance(prior_effects, NormalPrior) else moments,
    )


def tau_panels(
    normal: NetworkNormal, prior_tau: TauPrior, *, nodes: int = 16, tolerance: float = 1e-13
) -> tuple[Panels, int]:
    """The posterior density of tau on panels that resolve it, and how many of its moments exist, up to 2.

    Raises
    ------
    ValueError
        Where it is not proper.
    """
    model = normal.model

    def log_density(tau: Floats) -> Floats:
        return normal.log_likelihood(tau) + prior_tau.log_density(tau, model.vi)

    edges, endless = first_edges(model.vi, float(np.ptp(model.residual)), prior_tau)
    moments = finite_moments(log_density, edges[-1]) if endless else 2
    if moments < 0:
        raise ValueError(
            f"{model.k} independent comparison{'s' if model.k > 1 else ''} of {model.size} treatments with prior "
            f"'{prior_tau}' of tau: the posterior is not proper; take a proper prior"
        )
    edges = edges_about_the_peak(log_density, edges)
    likelihood = InterpolatedLikelihood(normal.log_likelihood, edges[1:-1])

    def quick_log_density(tau: Floats) -> Floats:
        return likelihood(tau) + prior_tau.log_density(tau, model.vi)

    panels = integrate_density(quick_log_density, edges, right_tail=endless, nodes=nodes, tolerance=tolerance)
    return panels, moments

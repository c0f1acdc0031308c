"""The exact posterior of the three-level model, without sampling: effects within groups, groups about a mean.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Given the two standard deviations everything is normal; so a quadrature over their plane leaves every effect as a finite
mixture of normals. Panels are laid along each axis where the other's weight makes them necessary, then all are halved
until nothing changes any more.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.distributions import Floats, GridDistribution, NormalMixture, Panels, integrate_density
from evenhand.distributions.panels import gauss_legendre
from evenhand.synthesis.dependent.grouped_rows import Integers, codes
from evenhand.synthesis.dependent.sampling_covariance import InBlocks, SamplingCovariance, as_sampling_covariance
from evenhand.synthesis.normal_kernel import checked_effects
from evenhand.synthesis.posterior.prior_names import normal_mu_prior, tau_prior
from evenhand.synthesis.posterior.priors import Flat, NormalPrior, TauPrior
from evenhand.synthesis.posterior.tau_mixture import first_edges

_LEAST_WEIGHT = 1e-15  # of a component, among all
_MOST_NUMBERS = 2_000_000  # of one intermediate array
_MOST_HALVINGS = 5
_EMPTY = 1e-14  # probability of a panel that is not halved


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoVariancePosterior:
    """Posterior of mean effect, both standard deviations and each group's own mean, on the analysis scale."""

    mu: NormalMixture  # mean effect
    tau_between: GridDistribution  # sd of groups' means about it
    tau_within: GridDistribution  # sd of effects about their group's mean
    prediction: NormalMixture  # effect in a new group
    labels: tuple[Any, ...]  # of the groups
    share_between: float  # expected share of between-group variance in both
    prior_mu: str
    prior_between: str
    prior_within: str
    log_marginal: float  # a flat prior's density counts as 1
    error: float  # change of the log of the total by the last halving of all panels
    converged: bool  # whether that is below the tolerance
    components: "_Components"

    def group(self, label: Any) -> NormalMixture:
        """Posterior of one group's own mean: pulled from its estimate towards mu, the less groups differ the more.

        Raises
        ------
        ValueError
            Where there is no such group.
        """
        if label not in self.labels:
            raise ValueError(f"no group '{label}'; there are {', '.join(map(str, self.labels))}")
        return self.components.group(self.labels.index(label))


@dataclass(frozen=True, slots=True, eq=False)
class _Components:
    """The normals of the mixture, and what a group's own mean is made of."""

    sums: "_Sums"
    weights: Floats  # (m,)
    between: Floats  # (m,)
    within: Floats  # (values of tau_within,)
    column: Integers  # (m,), which of them
    mean: Floats  # (m,), of mu less its centre
    variance: Floats  # (m,)

    def group(self, number: int) -> NormalMixture:
        """Mean of the group of this number."""
        precision, product, _, _ = _of_groups(self.sums, self.within)
        own_precision, own = precision[self.column, number], product[self.column, number]
        tau2 = self.between**2
        pull = 1.0 / (1.0 + tau2 * own_precision)
        centre = tau2 * pull * own + pull * self.mean
        spread = tau2 * pull + pull**2 * self.variance
        return NormalMixture(self.weights, centre + self.sums.centre, np.sqrt(spread))


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """The data on axes on which sampling errors are independent."""

    variances: Floats  # (k,)
    one: Floats  # (k,), the column of ones
    yi: Floats  # (k,), less `centre`
    first: Integers  # (J,), first row of each group
    centre: float


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """Panels of one standard deviation, as in `Panels` with centre 0."""

    start: Floats
    stop: Floats
    side: Integers

    @classmethod
    def of(cls, panels: Panels) -> "_Axis":
        return cls(panels.start, panels.stop, panels.side)

    def inside(self, nodes: int) -> tuple[Floats, Floats]:
        """Values and log weights of the quadrature, each of shape (panels × nodes,)."""
        places, weights = gauss_legendre(nodes)
        half = 0.5 * (self.stop - self.start)[:, None]
        t = 0.5 * (self.start + self.stop)[:, None] + half * places
        tail = self.side[:, None] != 0
        values = np.where(tail, 1.0 / np.where(tail, t, 1.0), t)
        logs = np.log(half * weights) - 2 * np.where(tail, np.log(np.where(tail, t, 1.0)), 0.0)
        return values.ravel(), logs.ravel()

    def halved(self, which: np.ndarray[Any, np.dtype[np.bool_]]) -> "_Axis":
        """The same with some panels in two, ordered as `Panels` are."""
        middle = 0.5 * (self.start + self.stop)
        start = np.concatenate([self.start, middle[which]])
        stop = np.concatenate([np.where(which, middle, self.stop), self.stop[which]])
        side = np.concatenate([self.side, self.side[which]])
        order = np.lexsort((np.where(side == 1, -start, start), side))
        return _Axis(start[order], stop[order], side[order])


def two_variance_posterior(
    yi: Sequence[float] | Floats,
    V: Sequence[Any] | Floats | InBlocks,
    group: Sequence[Any] | Integers,
    *,
    prior_mu: Flat | NormalPrior | str,
    prior_between: TauPrior | str,
    prior_within: TauPrior | str,
    nodes: int = 12,
    tolerance: float = 1e-9,
) -> TwoVariancePosterior:
    """Posterior of y_gi ~ N(theta_gi, V), theta_gi ~ N(theta_g, tau_within²), theta_g ~ N(mu, tau_between²).

    Parameters
    ----------
    yi : array_like, shape (k,)
        Effects on the analysis scale.
    V : array_like, shape (k,) or (k, k), list of square blocks, or an object with `blocks`
        Sampling variances, or covariance, of which no block goes beyond a group.
    group : sequence, shape (k,)
        Which effects belong together.
    prior_mu : Flat, NormalPrior or str
    prior_between, prior_within : TauPrior or str
        Independent of each other. By name as `mu_prior` and `tau_prior` read them.
    nodes : int
        Gauss-Legendre nodes of a panel.
    tolerance : float
        Panels are halved until the log of the total changes by less.

    Raises
    ------
    ValueError
        Naming the effect that cannot be pooled; or where the posterior does not exist, as with too few groups under an
        improper prior.

    References
    ----------
    Gelman et al. (2014), Bayesian Data Analysis, section 5.4, for the factorisation; Röver (2020), J. Stat. Softw.
    93(6), for the mixture.
    """
    of_mean, of_between, of_within = normal_mu_prior(prior_mu), tau_prior(prior_between), tau_prior(prior_within)
    effects = checked_effects(yi)
    label, labels = codes(group, "group", effects.size)
    sums = _on_axes(effects, as_sampling_covariance(V, effects.size), label)

    def log_density(between: Floats, within: Floats) -> Floats:
        """Log density at every pair, shape (between, within)."""
        priors = of_between.log_density(between, sums.variances)[:, None]
        priors = priors + of_within.log_density(within, sums.variances)
        return _given(sums, between, within, of_mean)[2] + priors

    reach = float(np.ptp(sums.yi))
    ends = [first_edges(sums.variances, reach, prior) for prior in (of_between, of_within)]
    moments = _moments(log_density, ends, float(np.sqrt(np.median(sums.variances))))
    axes, log_total, error = _laid(log_density, ends, nodes, tolerance)
    (between, log_b), (within, log_w) = (axis.inside(nodes) for axis in axes)
    mean, variance, _ = _given(sums, between, within, of_mean)
    probability = np.exp(log_density(between, within) + log_b[:, None] + log_w - log_total)
    probability /= probability.sum()
    kept = probability > _LEAST_WEIGHT
    rows, columns = np.nonzero(kept)
    weights, tau_b, tau_w = probability[kept], between[rows], within[columns]
    mu_mean, mu_variance = mean[kept], variance[kept]
    squares = tau_b**2 + tau_w**2
    # A flat prior lets the mean stray as far as the standard deviations do; a normal one holds it.
    of_mu = min(moments) if isinstance(of_mean, Flat) else 2
    return TwoVariancePosterior(
        mu=NormalMixture(weights, mu_mean + sums.centre, np.sqrt(mu_variance), of_mu),
        tau_between=_marginal(axes[0], probability.sum(axis=1), moments[0], log_total, nodes),
        tau_within=_marginal(axes[1], probability.sum(axis=0), moments[1], log_total, nodes),
        prediction=NormalMixture(weights, mu_mean + sums.centre, np.sqrt(mu_variance + squares), min(moments)),
        labels=labels,
        share_between=float(weights @ (tau_b**2 / squares)) / float(weights.sum()),
        prior_mu=str(of_mean),
        prior_between=str(of_between),
        prior_within=str(of_within),
        log_marginal=log_total,
        error=error,
        converged=error < tolerance,
        components=_Components(sums, weights, tau_b, within, columns, mu_mean, mu_variance),
    )


def _on_axes(yi: Floats, sampling: SamplingCovariance, label: Integers) -> _Sums:
    for stack in sampling.stacks:
        apart = label[stack.rows] != label[stack.rows[:, :1]]
        for block, i in np.argwhere(apart):
            raise ValueError(
                f"effects {stack.rows[block, 0]} and {stack.rows[block, i]} are in different groups, "
                "but their sampling errors are correlated: put them in one group"
            )
    for i in np.flatnonzero(~(sampling.variances > 0)):
        raise ValueError(f"effect {i} has sampling variance {sampling.variances[i]}: it must be above 0")
    order = np.argsort(label, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    centre = float(np.average(yi, weights=1.0 / sampling.variances))
    variances, one, away = sampling.variances[order], np.ones(yi.size), (yi - centre)[order]
    for stack in sampling.stacks:
        values, axes = np.linalg.eigh(stack.matrices)
        for block in np.flatnonzero(values[:, 0] < 0):
            raise ValueError(
                f"the sampling covariance of effects {', '.join(map(str, stack.rows[block]))} has a negative "
                "eigenvalue: correlations that cannot be together"
            )
        rows = place[stack.rows]
        variances[rows] = values
        one[rows] = np.einsum("bi,bij->bj", one[rows], axes)
        away[rows] = np.einsum("bi,bij->bj", away[rows], axes)
    first = np.concatenate([[0], np.flatnonzero(np.diff(label[order])) + 1])
    return _Sums(variances, one, away, first, centre)


def _of_groups(sums: _Sums, within: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """For each tau_within: 1'W1 and 1'Wy of each group, (q, J), and y'Wy and log|W⁻¹| of all, (q,)."""
    total = sums.variances + within[:, None] ** 2
    weighted_one, weighted_y = sums.one / total, sums.yi / total
    precision = np.add.reduceat(sums.one * weighted_one, sums.first, axis=1)
    product = np.add.reduceat(sums.one * weighted_y, sums.first, axis=1)
    return precision, product, (sums.yi * weighted_y).sum(axis=1), np.log(total).sum(axis=1)


def _given(sums: _Sums, between: Floats, within: Floats, prior: Flat | NormalPrior) -> tuple[Floats, Floats, Floats]:
    """Mean and variance of mu, and log likelihood without it, at every pair: shape (between, within)."""
    parts = max(1, -(-within.size * sums.yi.size // _MOST_NUMBERS))
    pieces = [_of_groups(sums, some) for some in np.array_split(within, parts)]
    precision, product, square, log_det = (np.concatenate(piece) for piece in zip(*pieces, strict=True))
    mean, variance, marginal = (np.empty((between.size, within.size)) for _ in range(3))
    step = max(1, _MOST_NUMBERS // precision.size)
    for at in range(0, between.size, step):
        rows = slice(at, at + step)
        tau2 = between[rows, None, None] ** 2
        inflation = 1.0 + tau2 * precision
        A = (precision / inflation).sum(axis=2)
        B = (product / inflation).sum(axis=2)
        C = square - (tau2 * product**2 / inflation).sum(axis=2)
        logs = log_det + np.log(inflation).sum(axis=2)
        mean[rows], variance[rows], marginal[rows] = _of_mean(A, B, C, logs, sums, prior)
    return mean, variance, marginal


def _of_mean(
    A: Floats, B: Floats, C: Floats, logs: Floats, sums: _Sums, prior: Flat | NormalPrior
) -> tuple[Floats, Floats, Floats]:
    k = sums.yi.size
    estimate = B / A
    shared = -0.5 * (logs + np.maximum(0.0, C - B * estimate) + np.log(A))
    if isinstance(prior, Flat):
        return estimate, 1.0 / A, shared - 0.5 * (k - 1) * math.log(2 * math.pi)
    # The estimate is itself normal about the prior's mean, with both variances.
    spread = 1.0 / A + prior.sd**2
    towards = (prior.mean - sums.centre) - estimate
    marginal = shared - 0.5 * (k * math.log(2 * math.pi) + np.log(spread) + towards**2 / spread)
    share = 1.0 / (A * spread)
    return estimate + share * towards, prior.sd**2 * share, marginal


def _laid(
    log_density: Callable[[Floats, Floats], Floats], ends: list[tuple[Floats, bool]], nodes: int, tolerance: float
) -> tuple[tuple[_Axis, _Axis], float, float]:
    """Panels along both axes, log of the total, and how much that still changed."""
    (edges_b, endless_b), (edges_w, endless_w) = ends
    between = _first_axis(edges_b, endless_b)

    def along_within(at: Floats) -> Floats:
        values, logs = between.inside(nodes)
        return _log_sum(log_density(values, at) + logs[:, None], axis=0)

    within = _Axis.of(integrate_density(along_within, edges_w, right_tail=endless_w, nodes=nodes, tolerance=1e-8))

    def along_between(at: Floats) -> Floats:
        values, logs = within.inside(nodes)
        return _log_sum(log_density(at, values) + logs, axis=1)

    between = _Axis.of(integrate_density(along_between, edges_b, right_tail=endless_b, nodes=nodes, tolerance=1e-8))
    total, by_b, by_w = _total(log_density, between, within, nodes)
    error = math.inf
    for _ in range(_MOST_HALVINGS):
        finer = between.halved(by_b > _EMPTY), within.halved(by_w > _EMPTY)
        new_total, new_b, new_w = _total(log_density, *finer, nodes)
        error = abs(new_total - total)
        if error < tolerance:
            # The coarser panels were fine already, and leave a quarter of the normals.
            break
        (between, within), total, by_b, by_w = finer, new_total, new_b, new_w
    return (between, within), total, error


def _first_axis(edges: Floats, endless: bool) -> _Axis:
    start, stop, side = edges[:-1], edges[1:], np.zeros(edges.size - 1, dtype=np.intp)
    if endless:
        start, stop, side = np.append(start, 0.0), np.append(stop, 1.0 / edges[-1]), np.append(side, 1)
    return _Axis(start, stop, side)


def _total(
    log_density: Callable[[Floats, Floats], Floats], between: _Axis, within: _Axis, nodes: int
) -> tuple[float, Floats, Floats]:
    """Log of the total, and the share of each panel of either axis."""
    (b, log_b), (w, log_w) = between.inside(nodes), within.inside(nodes)
    logs = log_density(b, w) + log_b[:, None] + log_w
    peak = float(logs.max())
    mass = np.exp(logs - peak)
    total = float(mass.sum())
    by_b = mass.sum(axis=1).reshape(-1, nodes).sum(axis=1) / total
    by_w = mass.sum(axis=0).reshape(-1, nodes).sum(axis=1) / total
    return peak + math.log(total), by_b, by_w


def _log_sum(logs: Floats, axis: int) -> Floats:
    peak = logs.max(axis=axis, keepdims=True)
    peak = np.where(np.isfinite(peak), peak, 0.0)
    with np.errstate(divide="ignore"):
        found: Floats = np.log(np.exp(logs - peak).sum(axis=axis)) + np.squeeze(peak, axis=axis)
    return found


def _moments(
    log_density: Callable[[Floats, Floats], Floats], ends: list[tuple[Floats, bool]], other: float
) -> tuple[int, int]:
    """How many moments each standard deviation has, from the power at which its density falls far out."""
    found = []
    for which, (edges, endless) in enumerate(ends):
        far, near = edges[-1] * np.array([1e6, 1e7]), np.array([other])
        logs = log_density(far, near)[:, 0] if which == 0 else log_density(near, far)[0]
        if not endless or not np.isfinite(logs).all():
            found.append(2)
            continue
        power = -float(logs[1] - logs[0]) / math.log(10)
        # A density of order tau^-p has the moments below p − 1; p is known to about six digits here.
        found.append(min(2, math.ceil(power - 1 - 1e-4) - 1))
    if min(found) < 0:
        raise ValueError("the posterior is not proper; take proper priors of both standard deviations")
    return found[0], found[1]


def _marginal(axis: _Axis, probability: Floats, moments: int, log_total: float, nodes: int) -> GridDistribution:
    weights = gauss_legendre(nodes)[1]
    half = 0.5 * (axis.stop - axis.start)[:, None]
    density = probability.reshape(-1, nodes) / (half * weights)
    panels = Panels(
        start=axis.start, stop=axis.stop, side=axis.side, centre=0.0, density=density, log_total=log_total,
        converged=True,
    )  # fmt: skip
    return GridDistribution.from_panels(panels, finite_moments=moments)

"""The posterior of a random-effects model whose studies have their exact likelihoods, by quadrature on mu and tau.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

The model: what a study counted has its likelihood of theta_i, and theta_i ~ N(mu, tau²). Each study's likelihood is
written as a sum of normals, so that theta_i is integrated out in closed form at every mu and tau. Two dimensions are
left: an even grid of mu, exponentially accurate for a smooth function that ends inside it, and panels of tau that halve
until they resolve its density.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Distribution, Floats, GridDistribution, Panels, integrate_density
from evenhand.synthesis.pooled import Posterior
from evenhand.synthesis.posterior.exact_posterior import mean_given_tau
from evenhand.synthesis.posterior.normal_terms import NormalTerms, heights_of, normal_terms, sd_for, sum_of_bells
from evenhand.synthesis.posterior.priors import JeffreysProportion, MuPrior, NormalPrior, TauPrior
from evenhand.synthesis.posterior.study_likelihood import NEGLIGIBLE, StudyLikelihood

_PILOT_TAUS = 24
_PILOT_MUS = 65
_LEAST_WEIGHT = 1e-12  # of a tau, among all
_TAU_NODES = 14
_CHECKED_TAUS = 5
_GRID_TOLERANCE = 1e-8
_MOST_HALVINGS = 8
_HERMITE_NODES = 32
_EDGE = 12  # places of the grid of mu beyond the range that matters
_LOG_TINY = -700.0


def counted_posterior(
    studies: Sequence[StudyLikelihood | None],
    *,
    prior_mu: MuPrior,
    prior_tau: TauPrior,
    likelihood: str,
    spacing: float = 0.5,
    tolerance: float = 1e-7,
) -> Posterior:
    """Posterior of mean effect, between-study sd, a new study's effect and each study's own.

    Parameters
    ----------
    studies : sequence of StudyLikelihood or None
        None for a study that says nothing; its own effect is then that of a new study.
    prior_mu : NormalPrior or JeffreysProportion
        Proper, as counts alone (no event anywhere) need not bound the mean.
    prior_tau : TauPrior
    likelihood : str
        Name for the record.
    spacing : float
        Of the grid of mu, in sds of mu given the tau that leaves it narrowest.
    tolerance : float
        Of the panels of tau, as in `integrate_density`.

    Raises
    ------
    ValueError
        Where a prior is not proper, or there is no study.
    """
    if not studies:
        raise ValueError("no study: nothing to pool")
    if not isinstance(prior_mu, (NormalPrior, JeffreysProportion)):
        raise ValueError(f"prior of the mean '{prior_mu}': counts may leave the mean unbounded; take normal(m, s)")
    telling = [study for study in studies if study is not None]
    surface = _Surface(telling, prior_mu, prior_tau)
    if not surface.tau_is_proper():
        raise ValueError(f"prior '{prior_tau}' of tau: counts may leave tau unbounded; take a proper prior")
    pilot = _pilot(surface, spacing)
    joint = _joint(surface, pilot, tolerance)
    prediction = _prediction(joint)
    own = iter(range(len(telling)))
    return Posterior(
        mu=_mean_effect(joint),
        tau=GridDistribution.from_panels(joint.panels, finite_moments=pilot.moments),
        prediction=prediction,
        shrinkage=tuple(prediction if study is None else _own_effect(joint, study, next(own)) for study in studies),
        likelihood=likelihood,
        prior_mu=str(prior_mu),
        prior_tau=str(prior_tau),
        log_marginal=joint.panels.log_total + sum(study.log_peak for study in telling),
    )


@dataclass(slots=True, eq=False)
class _Surface:
    """Log of the joint density of mu and tau, each study's integral a sum of normals."""

    studies: Sequence[StudyLikelihood]
    prior_mu: MuPrior
    prior_tau: TauPrior
    terms: list[NormalTerms] = field(init=False)
    vi: Floats = field(init=False)
    _places: Floats = field(init=False)
    _variances: Floats = field(init=False)  # of each place's normal
    _heights: Floats = field(init=False)
    _first: NDArray[np.int_] = field(init=False)  # (studies,): where each study's places begin
    _mu: Floats | None = field(init=False, default=None)  # the grid that `_away` was made for
    _away: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.terms = [normal_terms(study) for study in self.studies]
        # Priors that take their scale from sampling variances get those of the likelihoods' peaks.
        self.vi = np.array([study.width**2 for study in self.studies] or [1.0])
        sizes = [term.places.size for term in self.terms]
        self._places = np.concatenate([np.empty(0), *(term.places for term in self.terms)])
        self._variances = np.repeat([term.sd**2 for term in self.terms], sizes)
        self._heights = np.concatenate([np.empty(0), *(term.heights for term in self.terms)])
        self._first = np.cumsum([0, *sizes[:-1]])

    def log_studies(self, mu: Floats, tau: float) -> Floats:
        """Log of each study's integral over its own effect, shape (mus, studies)."""
        if not self.terms:
            return np.zeros((mu.size, 0))
        # In place and without a matrix product, as this is where the time goes: one exponential a place, mu and tau.
        if self._mu is not mu:
            self._mu, self._away = mu, -0.5 * (mu[:, None] - self._places) ** 2
        widened = self._variances + tau**2
        bells = self._away * (1.0 / widened)
        np.exp(bells, out=bells)
        bells *= self._heights * np.sqrt(self._variances / widened)
        integrals = np.add.reduceat(bells, self._first, axis=1)
        for i, term in enumerate(self.terms):
            if term.side:
                integrals[:, i] += term.step(mu, tau**2)
        # Far outside a likelihood the sum is rounding of either sign; the truth there is below it, and negligible.
        logs: Floats = np.log(np.maximum(integrals, math.exp(-NEGLIGIBLE - 2)))
        return logs

    def log_prior(self, mu: Floats, tau: float) -> Floats:
        """Log of both priors, shape (mus,)."""
        of_tau = float(self.prior_tau.log_density(np.array([tau]), self.vi)[0])
        return self.prior_mu.log_density(mu) + of_tau

    def tau_is_proper(self) -> bool:
        """Whether the prior of tau falls faster than 1 / tau far out."""
        if math.isfinite(self.prior_tau.support[1]):
            return True
        far = 1e8 * max(self.prior_tau.scale(self.vi) or 1.0, float(np.sqrt(self.vi.max())))
        logs = self.prior_tau.log_density(np.array([far, 10 * far]), self.vi)
        return not np.isfinite(logs).all() or float(logs[0] - logs[1]) > 1.001 * math.log(10)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Pilot:
    """Where the density lies: the grid of mu, and the first panels of tau."""

    mu: Floats
    spacing: float
    edges: Floats
    endless: bool
    moments: int
    narrowest: float  # about the sd of mu given the tau that leaves it narrowest


def _pilot(surface: _Surface, spacing: float) -> _Pilot:
    """Close in on the mus that matter, on a coarse grid of taus; given tau the density is log-concave in mu."""
    low_tau, high_tau = surface.prior_tau.support
    own = surface.prior_tau.scale(surface.vi)
    scales = [*np.sqrt(surface.vi).tolist(), *([] if own is None else [own])]
    peaks = [study.peak for study in surface.studies] or [0.0]
    lowest = max(low_tau, 0.02 * min(scales))
    highest = min(high_tau, 16.0 * max([*scales, max(peaks) - min(peaks)]))
    taus = np.concatenate([[max(low_tau, 1e-3 * lowest)], np.geomspace(lowest, highest, _PILOT_TAUS)])
    bounds = np.append(taus, taus[-1])
    log_mass_of_tau = np.log(np.maximum(0.5 * (bounds[1:] - np.concatenate([[low_tau], bounds[:-2]])), 1e-300))

    if isinstance(surface.prior_mu, NormalPrior):
        reach = math.sqrt(2 * NEGLIGIBLE) * surface.prior_mu.sd
        low, high = surface.prior_mu.mean - reach, surface.prior_mu.mean + reach
    else:
        low, high = -2.0 * NEGLIGIBLE, 2.0 * NEGLIGIBLE
    for _ in range(40):
        mu = np.linspace(low, high, _PILOT_MUS)
        logs = np.array([surface.log_studies(mu, tau).sum(axis=1) + surface.log_prior(mu, tau) for tau in taus])
        logs += log_mass_of_tau[:, None]
        best = logs.max(axis=0)
        matter = np.flatnonzero(best > best.max() - NEGLIGIBLE)
        first, last = max(int(matter[0]) - 1, 0), min(int(matter[-1]) + 1, mu.size - 1)
        if last - first > 0.6 * (mu.size - 1):
            break
        low, high = float(mu[first]), float(mu[last])
    mass = np.exp(logs - logs.max()).sum(axis=1)
    mass /= mass.sum()
    narrowest = min(_sd_given_tau(surface, tau) for tau in taus[mass > 1e-7])
    step = spacing * narrowest
    grid = _even_grid(float(mu[first]), float(mu[last]), step)
    likely = np.flatnonzero(mass > 1e-7)
    checked = likely[:: max(1, likely.size // _CHECKED_TAUS)]
    for _ in range(_MOST_HALVINGS):
        error = max(mass[t] * _error_between(surface, grid, float(taus[t])) for t in checked)
        if error < _GRID_TOLERANCE:
            break
        step *= 0.7
        grid = _even_grid(float(mu[first]), float(mu[last]), step)

    used = np.flatnonzero(mass > math.exp(-NEGLIGIBLE))
    top = float(taus[min(int(used[-1]) + 1, taus.size - 1)])
    endless = math.isinf(high_tau) and bool(used[-1] == taus.size - 1)
    edges = _edges_for_tau(surface, low_tau, top, min(0.5 * min(scales), top / 3), endless)
    moments = 2
    if endless:
        far = top * np.array([1e6, 1e7])
        falls = surface.prior_tau.log_density(far, surface.vi)
        # With mu held by its prior and a likelihood at most 1, tau's tail is at least as light as its prior's.
        if np.isfinite(falls).all():
            extra = sum(1.0 for study in surface.studies if not study.plateau)
            power = float(falls[0] - falls[1]) / math.log(10) + extra
            moments = min(2, math.ceil(power - 1 - 1e-4) - 1)
    return _Pilot(
        mu=grid,
        spacing=float(grid[1] - grid[0]),
        edges=edges,
        endless=endless,
        moments=moments,
        narrowest=narrowest,
    )


def _sd_given_tau(surface: _Surface, tau: float) -> float:
    """About the sd of mu given tau, were every likelihood normal."""
    of_prior = surface.prior_mu.sd if isinstance(surface.prior_mu, NormalPrior) else math.pi
    return 1.0 / math.sqrt(float((1.0 / (surface.vi + tau**2)).sum()) * bool(surface.studies) + of_prior**-2)


def _even_grid(low: float, high: float, step: float) -> Floats:
    """Places of mu, some of them beyond the ends, so that the density has ended before the grid does."""
    low, high = low - _EDGE * step, high + _EDGE * step
    return np.linspace(low, high, math.ceil((high - low) / step) + 1)


def _error_between(surface: _Surface, grid: Floats, tau: float) -> float:
    """How far the density of mu given tau is missed halfway between places, where it is missed most, over its peak."""
    between = 0.5 * (grid[1:] + grid[:-1])
    at, halfway = (surface.log_studies(x, tau).sum(axis=1) + surface.prior_mu.log_density(x) for x in (grid, between))
    top = float(at.max())
    # A place's normal seen from halfway between places: the same few numbers everywhere.
    reach = np.arange(-_EDGE - 0.5, _EDGE + 1.0)
    bells = np.convolve(heights_of(np.exp(at - top)), np.exp(-0.5 * (reach / sd_for(1.0)) ** 2))
    bells = bells[_EDGE + 1 : _EDGE + 1 + between.size]
    return float(np.abs(bells - np.exp(halfway - top)).max())


def _edges_for_tau(surface: _Surface, low: float, top: float, first: float, endless: bool) -> Floats:
    """Panels that resolve the density of tau as it would be were every likelihood normal: nearly those it needs."""
    count = max(1, math.ceil(math.log(top / first) / math.log(3)))
    edges = np.geomspace(first, top, count + 1)
    edges = np.concatenate([[low], edges[(edges > low) & (edges < top)], [top]])
    if not surface.studies:
        return edges
    peaks = np.array([study.peak for study in surface.studies])
    prior = surface.prior_mu if isinstance(surface.prior_mu, NormalPrior) else NormalPrior(0.0, math.pi)

    def log_density(tau: Floats) -> Floats:
        return mean_given_tau(peaks, surface.vi, tau, prior)[2] + surface.prior_tau.log_density(tau, surface.vi)

    panels = integrate_density(log_density, edges, right_tail=endless, nodes=_TAU_NODES, tolerance=1e-7)
    ends = np.concatenate([panels.start[panels.side == 0], [top]])
    return np.unique(ends)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Joint:
    """The joint posterior: rows over tau with their share of the probability, columns over mu."""

    mu: Floats  # (a,)
    spacing: float
    panels: Panels  # of tau
    tau: Floats  # (b,)
    density: Floats  # (b, a): of mu given tau, times tau's share
    log_density: Floats  # (b, a): its log up to one constant for all, never cut off
    log_studies: Floats  # (b, a, studies)
    strides: NDArray[np.int_]  # (b,): every how many places of mu suffice, as a larger tau leaves mu wider
    endless: bool
    moments: int


def _joint(surface: _Surface, pilot: _Pilot, tolerance: float) -> _Joint:
    mu = pilot.mu
    rows: dict[float, tuple[Floats, Floats]] = {}

    def log_density(taus: Floats) -> Floats:
        """Log density of tau, mu integrated out by the trapezoid rule; what it used is kept."""
        logs = np.empty(taus.size)
        for i, tau in enumerate(taus):
            own = surface.log_studies(mu, float(tau))
            row = own.sum(axis=1) + surface.log_prior(mu, float(tau))
            rows[float(tau)] = (row, own)
            highest = float(row.max())
            sums = pilot.spacing * float(np.exp(row - highest).sum())
            logs[i] = highest + math.log(sums) if highest > -math.inf else -math.inf
        return logs

    panels = integrate_density(
        log_density, pilot.edges, right_tail=pilot.endless, nodes=_TAU_NODES, tolerance=tolerance
    )
    weights, tau = panels.probabilities.ravel(), panels.nodes.ravel()
    kept = weights > _LEAST_WEIGHT
    weights, tau = weights[kept] / weights[kept].sum(), tau[kept]
    logs = np.array([rows[t][0] for t in tau.tolist()])
    density = np.exp(logs - logs.max(axis=1)[:, None])
    scale = weights / (pilot.spacing * density.sum(axis=1))
    logs += (np.log(scale) - logs.max(axis=1))[:, None]
    return _Joint(
        mu=mu,
        spacing=pilot.spacing,
        panels=panels,
        tau=tau,
        density=density * scale[:, None],
        log_density=logs,
        log_studies=np.array([rows[t][1] for t in tau.tolist()]),
        strides=np.array([max(1, int(0.7 * _sd_given_tau(surface, t) / pilot.narrowest)) for t in tau.tolist()]),
        endless=pilot.endless,
        moments=pilot.moments,
    )


def _mean_effect(joint: _Joint) -> Distribution:
    """The mean's density: what is on the grid, as normals between its places."""
    heights, sd = heights_of(joint.density.sum(axis=0)), sd_for(joint.spacing)

    def log_density(x: Floats) -> Floats:
        return _log(sum_of_bells(x, joint.mu, sd**2, heights))

    return GridDistribution.from_density(log_density, np.linspace(joint.mu[0], joint.mu[-1], 9), tolerance=1e-9)


def _prediction(joint: _Joint) -> Distribution:
    """A new study's effect: the normals of mu, widened by each tau."""
    terms = []
    for density, tau, stride in zip(joint.density, joint.tau, joint.strides, strict=True):
        variance = sd_for(stride * joint.spacing) ** 2
        widened = variance + tau**2
        terms.append((joint.mu[::stride], heights_of(density[::stride]) * math.sqrt(variance / widened), widened))

    def log_density(x: Floats) -> Floats:
        total = np.zeros(x.size)
        for places, heights, widened in terms:
            total += sum_of_bells(x, places, widened, heights)
        return _log(total)

    low, high = _reach(joint)
    panels = integrate_density(
        log_density, np.linspace(low, high, 11), left_tail=joint.endless, right_tail=joint.endless,
        nodes=_TAU_NODES, tolerance=1e-9,
    )  # fmt: skip
    return GridDistribution.from_panels(panels, finite_moments=joint.moments)


def _reach(joint: _Joint) -> tuple[float, float]:
    """Ends beyond which a new study's effect does not lie, or where its heavy tails begin."""
    if joint.endless:
        middle = float(np.average(joint.tau, weights=joint.density.sum(axis=1) / (1 + joint.tau**2)))
        return float(joint.mu[0]) - 4 * middle, float(joint.mu[-1]) + 4 * middle
    share = joint.density.sum(axis=1) * joint.spacing
    top = float(joint.tau[share > _LEAST_WEIGHT].max())
    on_mu = joint.density.sum(axis=0)
    held = joint.mu[on_mu > math.exp(-NEGLIGIBLE) * on_mu.max()]
    return float(held[0]) - 7 * top, float(held[-1]) + 7 * top


def _own_effect(joint: _Joint, study: StudyLikelihood, i: int) -> Distribution:
    """One study's effect: its likelihood times what the other studies and the priors say of it."""
    # Taus that matter less than a billionth are left out here: one study's effect is not needed to more digits.
    kept = joint.density.sum(axis=1) * joint.spacing > 1e-9
    others, taus = (joint.log_density - joint.log_studies[:, :, i])[kept], joint.tau[kept]  # (b, a)
    top = float((others + study.log(joint.mu)).max()) - study.log_peak
    # A normal of an sd above the spacing is summed on the grid of mu itself. A narrower one would fall between its
    # places; there the others' smooth log density is read off beside theta, at Gauss-Hermite nodes.
    wide = taus > 1.5 * joint.spacing
    nodes, weights = np.polynomial.hermite_e.hermegauss(_HERMITE_NODES)
    weights = weights / weights.sum()
    narrow = list(zip(others[~wide] - top, taus[~wide].tolist(), strict=True))
    terms = []
    for other, tau, stride in zip(others[wide], taus[wide], joint.strides[kept][wide], strict=True):
        every = min(int(stride), int(tau / (1.5 * joint.spacing)))
        share = every * joint.spacing / (tau * math.sqrt(2 * math.pi))
        terms.append((joint.mu[::every], np.exp(other[::every] - top) * share, tau**2))

    def log_density(theta: Floats) -> Floats:
        total = np.zeros(theta.size)
        for places, heights, tau2 in terms:
            total += sum_of_bells(theta, places, tau2, heights)
        for log_others, tau in narrow:
            beside = np.clip(theta[:, None] - tau * nodes, joint.mu[0], joint.mu[-1])
            total += np.einsum("ij,j->i", np.exp(_read_between(log_others, joint, beside)), weights)
        return study.log(theta) + _log(total)

    low, high = _reach(joint)
    # Towards a plateau only the others bound the effect; elsewhere its own likelihood does.
    start = low if study.plateau == -1 else max(low, study.low)
    stop = high if study.plateau == 1 else min(high, study.high)
    if start >= stop:
        start, stop = min(low, study.low), max(high, study.high)
    panels = integrate_density(
        log_density, np.linspace(start, stop, 7),
        left_tail=joint.endless and study.plateau == -1, right_tail=joint.endless and study.plateau == 1,
        nodes=_TAU_NODES, tolerance=1e-8,
    )  # fmt: skip
    moments = joint.moments if study.plateau else 2
    return GridDistribution.from_panels(panels, finite_moments=moments)


def _read_between(values: Floats, joint: _Joint, x: Floats) -> Floats:
    """Values on the grid of mu, read off at `x` by the polynomial through the eight places around it.

    Not a spline: where a likelihood has become negligible its log is rounding, which a spline would carry far off.
    """
    # The polynomials' coefficients, one row a cell, in steps from the cell's place.
    powers = np.linalg.inv(np.vander(np.arange(-3.0, 5.0), increasing=True))
    coefficients = powers @ np.lib.stride_tricks.sliding_window_view(values, 8).T
    position = (x - joint.mu[0]) / joint.spacing
    cell = np.clip(position.astype(np.int_), 3, joint.mu.size - 5)
    away = position - cell
    total: Floats = coefficients[7][cell - 3]
    for row in coefficients[6::-1]:
        total = total * away + row[cell - 3]
    return total


def _log(density: Floats) -> Floats:
    """Log of a sum that can be rounding of either sign where it is next to nothing."""
    return np.log(np.maximum(density, math.exp(_LOG_TINY)))

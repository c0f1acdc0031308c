"""The exact posterior of a network meta-analysis, without sampling: effects, predictions, SUCRA; ranks by few draws.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evenhand.distributions import Floats, GridDistribution, NormalMixture
from evenhand.synthesis.network.evidence import NetworkEvidence
from evenhand.synthesis.network.league import League
from evenhand.synthesis.network.network_kernel import Places
from evenhand.synthesis.network.network_mixture import NetworkMixture, network_mixture
from evenhand.synthesis.network.ranks import Ranks, ranks_of_draws
from evenhand.synthesis.posterior.prior_names import normal_mu_prior, tau_prior
from evenhand.synthesis.posterior.priors import DuMouchel, HalfNormal, MuPrior, NormalPrior, TauPrior

if TYPE_CHECKING:
    from pandas import DataFrame

_LOGS = ("OR", "RR", "IRR", "HR")  # measures whose unit is known, so that a prior can be
_MOST_NUMBERS = 2_000_000  # of one intermediate array
_MOST_STEPS = 80


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkPosterior:
    """Exact posterior of T treatments' effects, on the analysis scale."""

    evidence: NetworkEvidence = field(repr=False)
    tau: GridDistribution  # between-study sd of every comparison
    prior_tau: str
    prior_effects: str  # of each treatment against the reference
    log_marginal: float  # a flat prior's density counts as 1
    converged: bool  # whether the quadrature resolved the density of tau
    notices: tuple[str, ...] = field(repr=False)
    mixture: NetworkMixture = field(repr=False)

    @property
    def treatments(self) -> tuple[str, ...]:
        """T names."""
        return self.evidence.treatments

    @property
    def reference(self) -> int:
        """Its place in them."""
        return self.evidence.reference

    def effect(self, treatment: str, against: str | None = None) -> NormalMixture:
        """Posterior of the effect of `treatment` less that of `against`, which is the reference if not given.

        Raises
        ------
        ValueError
            Where no study has one of them, both are the same, or no chain of studies joins them.
        """
        means, variances = self.mixture.difference(*self._pair(treatment, against))
        return NormalMixture(self.mixture.weights, means, np.sqrt(variances), self.mixture.moments_effects)

    def prediction(self, treatment: str, against: str | None = None) -> NormalMixture:
        """Posterior of that effect in a new study; errors as in `effect`."""
        mixture = self.mixture
        means, variances = mixture.difference(*self._pair(treatment, against))
        moments = min(mixture.moments, mixture.moments_effects)
        return NormalMixture(mixture.weights, means, np.hypot(np.sqrt(variances), mixture.tau), moments)

    def probability_beyond(self, threshold: float, treatment: str, against: str | None = None) -> float:
        """Probability that the effect is above `threshold` (analysis scale); 1 less it, that it is below."""
        from scipy.special import ndtr

        effect = self.effect(treatment, against)
        return float(effect.weights @ ndtr((effect.means - threshold) / effect.sds))

    def probability_better(self, *, small_values_good: bool, margin: float = 0.0) -> Floats:
        """Probability that the row's treatment is better than the column's, by more than `margin`, (T, T), exactly.

        nan on the diagonal and for pairs that no chain of studies joins.
        """
        from scipy.special import ndtr

        if not (math.isfinite(margin) and margin >= 0):
            raise ValueError(f"margin = {margin}: by how much one is better is finite and not below 0")
        size = len(self.treatments)
        better = np.full((size, size), np.nan)
        for piece in self.evidence.components:
            own = np.array(piece)
            row, column = np.triu_indices(own.size, 1)
            above, below = np.zeros(row.size), np.zeros(row.size)
            for weight, effects, v in self._nodes():
                difference = effects[own[row]] - effects[own[column]]
                se = np.sqrt(v[own[row], own[row]] + v[own[column], own[column]] - 2 * v[own[row], own[column]])
                above += weight * ndtr((difference - margin) / se)
                if margin:
                    below += weight * ndtr((-difference - margin) / se)
            below = below if margin else 1.0 - above
            better[own[row], own[column]], better[own[column], own[row]] = (
                (below, above) if small_values_good else (above, below)
            )
        return better

    def sucra(self, *, small_values_good: bool, margin: float = 0.0) -> Floats:
        """Surface under the cumulative ranking curve, (T,), exactly: the mean of `probability_better` over the others.

        0 to 1, on average 1/2 (less with a margin); nan for those that cannot be compared with the reference.

        References
        ----------
        Salanti, Ades & Ioannidis (2011). J. Clin. Epidemiol. 64, 163-171; its form as a mean of probabilities: Rücker &
        Schwarzer (2015). BMC Med. Res. Methodol. 15, 58, eq. 5.
        """
        own = self._piece()
        better = self.probability_better(small_values_good=small_values_good, margin=margin)[np.ix_(own, own)]
        scores = np.full(len(self.treatments), np.nan)
        if own.size > 1:
            np.fill_diagonal(better, 0.0)
            scores[own] = better.sum(axis=1) / (own.size - 1)
        return scores

    def ranks(self, *, small_values_good: bool, rng: np.random.Generator, draws: int = 10_000) -> Ranks:
        """Probability of each rank, and of being the best, from joint draws, with their Monte Carlo error."""
        effects, _ = self.sample(draws, rng)
        sucra = self.sucra(small_values_good=small_values_good)
        return ranks_of_draws(effects, self.treatments, sucra, small_values_good=small_values_good)

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """`n` joint draws: effects against the reference, (n, T), nan where none can be told; and tau, (n,).

        tau is that of the mixture's components, of which as many are drawn as their probability says, give or take one.
        """
        from scipy.linalg.lapack import dtrtrs

        if n < 1:
            raise ValueError(f"draws = {n}: at least one is needed")
        mixture, normal = self.mixture, self.mixture.normal
        ends = np.cumsum(mixture.weights)
        places = np.searchsorted(ends / ends[-1], (np.arange(n) + rng.random()) / n)
        count = np.bincount(np.minimum(places, ends.size - 1), minlength=ends.size)
        effects, tau = np.zeros((n, len(self.treatments))), np.repeat(mixture.tau, count)
        start = 0
        used = np.flatnonzero(count)
        for i, given in zip(used, normal.at(mixture.tau[used]), strict=True):
            noise = rng.standard_normal((normal.p, int(count[i])))
            if normal.p:
                noise = dtrtrs(given.factor, noise, lower=1, trans=1)[0]
            effects[start : start + count[i]] = normal.effects(given.shift)
            effects[start : start + count[i], normal.kept] += noise.T
            start += int(count[i])
        order = rng.permutation(n)
        effects, tau = effects[order], tau[order]
        effects -= effects[:, [self.reference]]
        effects[:, np.setdiff1d(np.arange(effects.shape[1]), self._piece())] = np.nan
        return effects, tau

    def league(self, level: float = 0.95) -> League:
        """Every treatment less every other: posterior median, sd and equal-tailed interval; nan between pieces."""
        if not 0 < level < 1:
            raise ValueError(f"level = {level}: a level lies between 0 and 1")
        size = len(self.treatments)
        squares = [np.full((size, size), np.nan) for _ in range(4)]
        for square in squares:
            np.fill_diagonal(square, 0.0)
        estimate, se, lower, upper = squares
        for piece in self.evidence.components:
            own = np.array(piece)
            i, j = (own[at] for at in np.triu_indices(own.size, 1))
            step = max(1, _MOST_NUMBERS // self.mixture.weights.size)
            for some in (slice(at, at + step) for at in range(0, i.size, step)):
                a, b = i[some], j[some]
                median, sd, low, high = self._summaries(a, b, level)
                estimate[a, b], estimate[b, a] = median, -median
                se[a, b] = se[b, a] = sd
                lower[a, b], upper[b, a] = low, -low
                upper[a, b], lower[b, a] = high, -high
        return League(treatments=self.treatments, level=level, estimate=estimate, se=se, ci_lower=lower, ci_upper=upper)

    def to_frame(self, level: float = 0.95) -> "DataFrame":
        """One row a treatment, against the reference: mean, sd, median and limits, and the limits in a new study."""
        from pandas import DataFrame

        tail = 0.5 * (1 - level)
        rows = {}
        for t in self._piece():
            if t == self.reference:
                continue
            effect, ahead = self.effect(self.treatments[t]), self.prediction(self.treatments[t])
            rows[self.treatments[t]] = {
                "mean": effect.mean, "sd": effect.sd,
                "lower": effect.quantile(tail), "median": effect.quantile(0.5), "upper": effect.quantile(1 - tail),
                "new_lower": ahead.quantile(tail), "new_upper": ahead.quantile(1 - tail),
            }  # fmt: skip
        return DataFrame.from_dict(rows, orient="index")

    def _nodes(self) -> "zip[tuple[float, Floats, Floats]]":
        """Weight, effects (T,) and their covariance (T, T) of each component."""
        mixture = self.mixture
        return zip(mixture.weights.tolist(), mixture.effects, mixture.each_covariance(), strict=True)

    def _summaries(self, one: Places, other: Places, level: float) -> tuple[Floats, Floats, Floats, Floats]:
        weights = self.mixture.weights
        means, variances = np.empty((weights.size, one.size)), np.empty((weights.size, one.size))
        for q, (_, effects, v) in enumerate(self._nodes()):
            means[q] = effects[one] - effects[other]
            variances[q] = v[one, one] + v[other, other] - 2 * v[one, other]
        sds = np.sqrt(variances)
        centre = weights @ means
        spread = np.sqrt(weights @ (variances + (means - centre) ** 2))
        if self.mixture.moments_effects < 2:
            spread = np.full(one.size, math.inf)
        tail = 0.5 * (1 - level)
        low, median, high = (_quantiles(weights, means, sds, p) for p in (tail, 0.5, 1 - tail))
        return median, spread, low, high

    def _piece(self) -> Places:
        """The treatments that can be compared with the reference, rising, itself among them."""
        return np.array(sorted(next(piece for piece in self.evidence.components if self.reference in piece)))

    def _pair(self, treatment: str, against: str | None) -> tuple[int, int]:
        one = self.evidence.index(treatment)
        other = self.reference if against is None else self.evidence.index(against)
        if one == other:
            raise ValueError(f"'{treatment}' less itself is 0: name another treatment to compare it with")
        if not any(one in piece and other in piece for piece in self.evidence.components):
            raise ValueError(
                f"no chain of studies joins '{treatment}' and '{self.treatments[other]}': their difference cannot be "
                "told; a study of one treatment of each piece with one of the other would join them"
            )
        return one, other


def network_posterior(
    evidence: NetworkEvidence,
    *,
    prior_tau: TauPrior | str | None = None,
    prior_effects: MuPrior | str = "flat",
    nodes: int = 16,
    tolerance: float = 1e-13,
) -> NetworkPosterior:
    """Posterior of all effects of a network and of the between-study sd they share.

    The effects of a study are normal about its own true ones; those of its arms against its first are normal about the
    network's with variance tau² and covariance tau²/2.

    Parameters
    ----------
    evidence : NetworkEvidence
        Also of several pieces that no study joins: effects are then given within each.
    prior_tau : TauPrior or str, optional
        As a record, or by name: 'half-normal(0.5)', as `tau_prior` reads it. If not given, half-normal(0.5) for odds,
        risk, rate and hazard ratios, else DuMouchel's, which takes its scale from the sampling variances.
    prior_effects : Flat, NormalPrior or str
        Of each treatment's effect against the reference, independent of each other. A flat one is the same whatever the
        reference; a normal one is not.
    nodes, tolerance : int, float
        Of the quadrature, as in `integrate_density`.

    Returns
    -------
    NetworkPosterior
        Where a tail is too heavy for a mean or an sd to exist they are nan or infinite; quantiles always exist.

    Raises
    ------
    ValueError
        For a prior there is not; or where the posterior does not exist, as with too few studies under an improper
        prior.

    References
    ----------
    The model: Lu & Ades (2006), J. Am. Stat. Assoc. 101, 447-459; Dias, Sutton, Ades & Welton (2013), Med. Decis.
    Making 33, 607-617. The mixture over tau: Röver (2020), J. Stat. Softw. 93(6), section 2.
    """
    of_effects = normal_mu_prior(prior_effects)
    of_tau: TauPrior
    if prior_tau is None:
        of_tau = HalfNormal(0.5) if evidence.measure in _LOGS else DuMouchel()
    else:
        of_tau = tau_prior(prior_tau)
    mixture = network_mixture(evidence, of_effects, of_tau, nodes=nodes, tolerance=tolerance)
    notices = list(evidence.notices)
    if mixture.normal.model.df == 0 and not isinstance(of_effects, NormalPrior):
        notices.append(
            "no comparison is made twice, by studies or by way of others: how much studies differ is known from the "
            f"prior alone, {of_tau}"
        )
    return NetworkPosterior(
        evidence=evidence,
        tau=GridDistribution.from_panels(mixture.panels, finite_moments=mixture.moments),
        prior_tau=str(of_tau),
        prior_effects=str(of_effects),
        log_marginal=mixture.panels.log_total,
        converged=mixture.panels.converged,
        notices=tuple(notices),
        mixture=mixture,
    )


def _quantiles(weights: Floats, means: Floats, sds: Floats, p: float) -> Floats:
    """Quantile p of n mixtures at once, means and sds (q, n): Newton's steps, kept in a bracket that closes."""
    from scipy.special import ndtr, ndtri

    # Above the median the other tail is the one computed without cancellation.
    sign, target = (1.0, p) if p <= 0.5 else (-1.0, 1.0 - p)
    own = sign * means + sds * float(ndtri(target))
    low, high = own.min(axis=0), own.max(axis=0)
    x = weights @ own
    centres = sign * means
    digits = 1e-14 * sds.min(axis=0)
    for _ in range(_MOST_STEPS):
        z = (x - centres) / sds
        excess = weights @ ndtr(z) - target
        low, high = np.where(excess < 0, x, low), np.where(excess > 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            following = x - excess / (weights @ (np.exp(-0.5 * z * z) / sds) / math.sqrt(2 * math.pi))
        inside = (following >= low) & (following <= high)
        following = np.where(inside, following, 0.5 * (low + high))
        done = np.abs(following - x) <= digits + 4e-16 * np.abs(x)
        x = following
        if done.all():
            break
    return np.asarray(sign * x)

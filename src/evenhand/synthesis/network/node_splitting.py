"""Node-splitting: what studies of two treatments say of them against what all others say, exactly, for every pair.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

A split adds one coefficient to the network, the direct effect less the indirect, in the studies that have both
treatments. So all splits follow from the one factor of each node of tau, and no network is fitted again.
"""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evenhand.distributions import Floats, NormalMixture, Panels, integrate_density
from evenhand.distributions.panels import gauss_legendre, legendre_transform
from evenhand.synthesis.network.evidence import NetworkEvidence
from evenhand.synthesis.network.network_kernel import Places
from evenhand.synthesis.network.network_mixture import NetworkNormal, tau_panels
from evenhand.synthesis.network.split_columns import (
    CARRIED_BY,
    SplitColumns,
    SplitsGivenTau,
    have_indirect_evidence,
    split_columns,
    splits_given_tau,
)
from evenhand.synthesis.posterior.prior_names import tau_prior
from evenhand.synthesis.posterior.priors import Flat, TauPrior
from evenhand.synthesis.posterior.tau_mixture import FAR_OUT, first_edges, moments_of_tail

if TYPE_CHECKING:
    from pandas import DataFrame

_LEAST_WEIGHT = 1e-15  # of a component, among all
_RESOLVED = 1e-10  # share of all probability in the last terms of a panel's series


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NodeSplit:
    """One comparison; effects are those of `first` less `second` on the analysis scale."""

    first: str
    second: str
    k: int  # studies that have both
    network: NormalMixture  # all evidence together, as if it agreed
    direct: NormalMixture | None  # None where the posterior does not exist
    indirect: NormalMixture | None  # None also where nothing but those studies joins the two
    difference: NormalMixture | None  # direct less indirect
    p_value: float  # twice the smaller chance that it is above or below 0; nan without a split
    tau: float  # posterior mean of the between-study sd that the split leaves; the sd itself where it was given
    reason: str | None  # why there is no split


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NodeSplits:
    """Every comparison that some study makes, in the order of its treatments."""

    splits: tuple[NodeSplit, ...] = field(repr=False)
    prior_tau: str | None  # None where tau2 was given
    tau2: float | None
    carried_by: str

    def __len__(self) -> int:
        return len(self.splits)

    def split(self, one: str, other: str) -> NodeSplit:
        """That of two treatments, in the order the table has them.

        Raises
        ------
        ValueError
            Where no study has both.
        """
        for split in self.splits:
            if {split.first, split.second} == {one, other}:
                return split
        raise ValueError(f"no study compares '{one}' with '{other}': there is nothing to split")

    def to_frame(self, level: float = 0.95) -> "DataFrame":
        """One row a comparison: medians and limits of network, direct, indirect and difference, and the p-value."""
        from pandas import DataFrame

        tail = 0.5 * (1 - level)
        rows = []
        for split in self.splits:
            row: dict[str, object] = {"first": split.first, "second": split.second, "k": split.k}
            for name in ("network", "direct", "indirect", "difference"):
                own: NormalMixture | None = getattr(split, name)
                for part, p in (("", 0.5), ("_lower", tail), ("_upper", 1 - tail)):
                    row[name + part] = math.nan if own is None else own.quantile(p)
            rows.append({**row, "p_value": split.p_value, "tau": split.tau, "reason": split.reason})
        return DataFrame(rows)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Weighted:
    """One column's nodes and their posterior probability."""

    given: SplitsGivenTau
    j: int  # its place in `given`
    weights: Floats  # (q,), summing to 1
    tau: Floats  # (q,)
    moments: int  # that tau has; below 0 where the posterior does not exist

    def mixture(self, means: Floats, variances: Floats) -> NormalMixture:
        """Of means and variances, (q,), given tau."""
        kept = self.weights > _LEAST_WEIGHT
        return NormalMixture(self.weights[kept], means[kept], np.sqrt(variances[kept]), self.moments)

    @property
    def mean_tau(self) -> float:
        """Its expectation; nan where there is none."""
        return float(self.weights @ self.tau) if self.moments > 0 else math.nan


def node_splits(
    evidence: NetworkEvidence,
    *,
    prior_tau: TauPrior | str | None = None,
    tau2: float | None = None,
    carried_by: str = "both",
    nodes: int = 16,
) -> NodeSplits:
    """Split every comparison that studies make into direct and indirect evidence.

    Parameters
    ----------
    evidence : NetworkEvidence
    prior_tau : TauPrior or str, optional
        Of the between-study sd, which each split has for itself; effects and differences have flat priors.
    tau2 : float, optional
        A between-study variance taken as known instead: 0 for the common-effect model, or that of `fit_network`.
    carried_by : str
        Which arms of a study of several carry the difference: 'both' halves of it, opposite, whatever the order of the
        treatments; 'first' or 'second' all of it, as in models that split against a baseline. Where all studies of a
        comparison have two arms it is all the same.
    nodes : int
        Gauss-Legendre nodes of a panel, as in `integrate_density`.

    Returns
    -------
    NodeSplits
        Where nothing but a comparison's own studies joins two treatments, `indirect` and `difference` are None and
        `reason` says so.

    Raises
    ------
    ValueError
        Unless just one of `prior_tau` and `tau2` is given; for a variance below 0; where not even the network without
        a split has a proper posterior.

    References
    ----------
    Dias, Welton, Caldwell & Ades (2010). Statist. Med. 29, 932-944; van Valkenhoef, Dias, Ades & Welton (2016). Res.
    Synth. Methods 7, 80-93; both arms carrying it: White (2015). Stata J. 15, 951-985.
    """
    if (prior_tau is None) == (tau2 is None):
        raise ValueError("give either prior_tau, as in 'half-normal(0.5)', or tau2, with 0 for common effects")
    if tau2 is not None and not (math.isfinite(tau2) and tau2 >= 0):
        raise ValueError(f"tau2 = {tau2}: a between-study variance is finite and not below 0")
    if carried_by not in CARRIED_BY:
        raise ValueError(f"carried_by = '{carried_by}': there are {', '.join(CARRIED_BY)}")
    normal = NetworkNormal.of(evidence, Flat())
    columns = split_columns(evidence, normal, carried_by)
    joined = have_indirect_evidence(normal, columns).tolist()
    prior = None if prior_tau is None else tau_prior(prior_tau)
    if prior is None:
        tau = np.array([math.sqrt(tau2 or 0.0)])
        given = splits_given_tau(normal, columns, tau)
        whole = [_Weighted(given=given, j=j, weights=np.ones(1), tau=tau, moments=2) for j in range(columns.size)]
        own: list[_Weighted | None] = [one if joined[one.j] else None for one in whole]
    else:
        whole, own = _over_tau(normal, columns, prior, joined, nodes)
    return NodeSplits(
        splits=tuple(_split(evidence, columns, j, whole[j], own[j]) for j in range(columns.size)),
        prior_tau=None if prior is None else str(prior),
        tau2=tau2,
        carried_by=carried_by,
    )


def _split(
    evidence: NetworkEvidence, columns: SplitColumns, j: int, whole: _Weighted, own: _Weighted | None
) -> NodeSplit:
    first, second = evidence.treatments[columns.first[j]], evidence.treatments[columns.second[j]]
    k, all_given = int(columns.k[j]), whole.given
    network = whole.mixture(all_given.network[:, whole.j], all_given.network_variance[:, whole.j])
    if own is None or own.moments < 0:
        return NodeSplit(
            first=first,
            second=second,
            k=k,
            network=network,
            direct=network if own is None else None,
            indirect=None,
            difference=None,
            p_value=math.nan,
            tau=whole.mean_tau,
            reason=f"only their own studies join {first} and {second}: there is no indirect evidence"
            if own is None
            else "too few studies are left to tell how much they differ: take a proper prior of tau",
        )
    given, at = own.given, own.j
    gap, spread = given.difference[:, at], 1.0 / given.precision[:, at]
    share, centre, variance = given.share[:, at], given.network[:, at], given.network_variance[:, at]
    difference = own.mixture(gap, spread)
    # Each by the tail that is computed without cancellation.
    below, above = difference.cdf(0.0), own.mixture(-gap, spread).cdf(0.0)
    return NodeSplit(
        first=first,
        second=second,
        k=k,
        network=network,
        direct=own.mixture(centre + (1 - share) * gap, variance + (1 - share) ** 2 * spread),
        indirect=own.mixture(centre - share * gap, variance + share**2 * spread),
        difference=difference,
        p_value=min(1.0, 2.0 * min(below, above)),
        tau=own.mean_tau,
        reason=None,
    )


def _over_tau(
    normal: NetworkNormal, columns: SplitColumns, prior: TauPrior, joined: list[bool], nodes: int
) -> tuple[list[_Weighted], list[_Weighted | None]]:
    """The network's own posterior of tau for each column, and that of each split."""
    vi = normal.model.vi
    panels, moments = tau_panels(normal, prior, nodes=nodes)
    tau = panels.nodes.ravel()
    given = splits_given_tau(normal, columns, tau)
    weights = panels.probabilities.ravel()
    whole = [_Weighted(given=given, j=j, weights=weights, tau=tau, moments=moments) for j in range(columns.size)]
    used = np.flatnonzero(joined)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = (given.log_likelihood + prior.log_density(tau, vi))[:, None] + given.log_ratio()[:, used]
    probability, resolved = _probabilities(panels, logs)
    found = _moments(normal, columns, prior, used)
    own: list[_Weighted | None] = [None] * columns.size
    for i, j in enumerate(used.tolist()):
        if found[i] < 0 or resolved[i]:
            own[j] = _Weighted(given=given, j=j, weights=probability[:, i], tau=tau, moments=int(found[i]))
        else:
            own[j] = _by_itself(normal, columns.only(j), prior, int(found[i]), nodes)
    return whole, own


def _by_itself(normal: NetworkNormal, column: SplitColumns, prior: TauPrior, moments: int, nodes: int) -> _Weighted:
    """A split whose tau lies elsewhere than the network's, on panels of its own."""
    vi = normal.model.vi

    def log_density(tau: Floats) -> Floats:
        given = splits_given_tau(normal, column, tau)
        return np.asarray(given.log_likelihood + given.log_ratio()[:, 0] + prior.log_density(tau, vi))

    edges, endless = first_edges(vi, float(np.ptp(normal.model.residual)), prior)
    panels = integrate_density(log_density, edges, right_tail=endless, nodes=nodes, tolerance=_RESOLVED)
    tau = panels.nodes.ravel()
    given = splits_given_tau(normal, column, tau)
    return _Weighted(given=given, j=0, weights=panels.probabilities.ravel(), tau=tau, moments=moments)


def _probabilities(panels: Panels, logs: Floats) -> tuple[Floats, list[bool]]:
    """Of nodes given log densities of tau, (q, c); and whether the panels resolve each of these densities."""
    m = panels.density.shape[1]
    half = 0.5 * (panels.stop - panels.start)
    t = 0.5 * (panels.start + panels.stop)[:, None] + half[:, None] * gauss_legendre(m)[0]
    # On a tail tau = 1 / t.
    jacobian = np.where(panels.side[:, None] == 0, 0.0, -2.0 * np.log(t)).ravel()
    in_t = logs + jacobian[:, None]
    values = np.exp(in_t - in_t.max(axis=0, initial=-np.inf)).reshape(half.size, m, logs.shape[1])
    masses = half[:, None, None] * gauss_legendre(m)[1][:, None] * values
    total = masses.sum(axis=(0, 1))
    last = np.abs(np.einsum("nmc,km->nkc", values, legendre_transform(m)[-2:])).sum(axis=1)
    resolved = (half[:, None] * last <= _RESOLVED * total).all(axis=0)
    return (masses / total).reshape(logs.shape), resolved.tolist()


def _moments(normal: NetworkNormal, columns: SplitColumns, prior: TauPrior, used: Places) -> list[int]:
    """How many moments tau has in each split, −1 where it has no proper posterior."""
    vi = normal.model.vi
    edges, endless = first_edges(vi, float(np.ptp(normal.model.residual)), prior)
    if not endless:
        return [2] * used.size
    far = edges[-1] * FAR_OUT
    given = splits_given_tau(normal, columns, far)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = (given.log_likelihood + prior.log_density(far, vi))[:, None] + given.log_ratio()
    return [moments_of_tail(logs[:, j]) for j in used.tolist()]

"""The network without each of its studies in turn, all from one factorisation a between-study variance.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Left out with the variance kept, a study costs the inverse of its own rows' block. With the variance estimated again
every study has a variance of its own, and so would need a factorisation of its own; but the slope of its likelihood,
and then its effects, are smooth functions of the variance, which all studies share the nodes of: they are found on a
grid, and between two of its points by interpolation at Chebyshev's nodes, exact to rounding.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.network.evidence import NetworkStudy
from evenhand.synthesis.network.left_out_rows import (
    Block,
    blocks_of,
    left_out,
    leverage_blocks,
    pieces_lost,
    pieces_without,
)
from evenhand.synthesis.network.network_fit import NETWORK_METHODS, NetworkFit
from evenhand.synthesis.network.network_kernel import NetworkModel, Places, WeightedNetwork

_RATIO = 1.5  # of neighbouring variances of the grid; 20 nodes between two are then exact to 1e-13
_NODES = 20
_LONGEST_GRID = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeftOutStudies:
    """The network without each of k studies; nan for effects that then nothing joins to the reference."""

    labels: tuple[str, ...]
    treatments: tuple[str, ...]
    reference: int  # its place in them
    tau2_kept: bool  # whether the between-study variance is that of all studies
    tau2: Floats = field(repr=False)  # (k,)
    q: Floats = field(repr=False)  # (k,), with inverse sampling variances
    df: Places = field(repr=False)  # (k,)
    effects: Floats = field(repr=False)  # (k, T), treatment − reference; 0 for the reference
    se: Floats = field(repr=False)  # (k, T)
    # (k, T): share of the information on each effect that is gone, 1 − se² with / se² without at one variance; 1 where
    # nothing is left, nan for the reference and what was never joined to it.
    impact: Floats = field(repr=False)
    loses: tuple[tuple[str, ...], ...] = field(repr=False)  # treatments each study alone joins to the reference


@dataclass(frozen=True, slots=True, eq=False)
class _Statistics:
    """Of each network of k without one study, at one variance; (k,) each."""

    q: Floats  # y'Py
    q2: Floats  # y'PPy
    trace: Floats  # tr P
    sum_wi: Floats


# What is 0 where each estimator is, and falls there; by method.
_SLOPES: Mapping[str, Callable[[_Statistics, Places], Floats]] = {
    "REML": lambda s, df: s.q2 - s.trace,
    "ML": lambda s, df: s.q2 - s.sum_wi,
    "PM": lambda s, df: s.q - df,
}


def leave_out_studies(fit: NetworkFit, *, keep_tau2: bool = False) -> LeftOutStudies:
    """Leave out one study after the other.

    Parameters
    ----------
    fit : NetworkFit
        The network of all studies; its method is used again.
    keep_tau2 : bool
        Whether the between-study variance stays that of all studies, or is estimated again each time.

    Returns
    -------
    LeftOutStudies
        A variance that no degrees of freedom are left for is 0, as in `fit_network`.

    References
    ----------
    Sherman & Morrison (1950). Ann. Math. Stat. 21, 124-127; Trefethen (2013), Approximation Theory and Approximation
    Practice, ch. 5 and 8.
    """
    evidence = fit.evidence
    model = NetworkModel.of(evidence)
    blocks = blocks_of(model)
    k = len(evidence.studies)
    ways = _Without(model, blocks, evidence.studies, evidence.components)
    at_zero = ways.statistics(model.at(0.0))
    for i in np.flatnonzero(ways.doubtful).tolist():
        at_zero.q[i] = ways.refit(i).at(0.0).q
    own_df = np.array([one.yi.size for one in evidence.studies])
    df = model.df - (own_df - ways.lost)
    kept = np.full(k, fit.tau2)
    effects, variance = ways.effects(kept, fit.reference)
    before = fit.se**2
    with np.errstate(invalid="ignore", divide="ignore"):
        impact = np.where(np.isnan(variance), np.where(np.isnan(before), np.nan, 1.0), 1.0 - before / variance)
    impact[:, fit.reference] = np.nan
    tau2 = kept
    if not keep_tau2 and fit.method != "EE":
        tau2 = ways.variances(fit.method, at_zero, df)
        effects, variance = ways.effects(tau2, fit.reference)
    return LeftOutStudies(
        labels=tuple(one.label for one in evidence.studies),
        treatments=fit.treatments,
        reference=fit.reference,
        tau2_kept=keep_tau2,
        tau2=tau2,
        q=np.where(df > 0, np.maximum(at_zero.q, 0.0), 0.0),
        df=df,
        effects=effects,
        se=np.sqrt(variance),
        impact=np.maximum(impact, 0.0),
        loses=tuple(ways.loses(i, fit) for i in range(k)),
    )


class _Without:
    """A network without each of its studies."""

    def __init__(
        self,
        model: NetworkModel,
        blocks: list[Block],
        studies: tuple[NetworkStudy, ...],
        components: tuple[tuple[int, ...], ...],
    ) -> None:
        self.model, self.blocks, self.studies, self.components = model, blocks, studies, components
        self.k = len(studies)
        self.lost = np.zeros(self.k, dtype=np.intp)
        self.doubtful = np.zeros(self.k, dtype=bool)
        self.left: dict[int, tuple[tuple[int, ...], ...]] = {}
        fit = model.at(0.0)
        covariance = fit.covariance()
        for block in blocks:
            leverage = leverage_blocks(block, np.sqrt(fit.wi[block.rows]), covariance)
            self.lost[block.study] = pieces_lost(block, leverage, studies, components)
            self.doubtful[block.study] = left_out(leverage, self.lost[block.study]).doubtful
        for i in np.flatnonzero((self.lost > 0) | self.doubtful).tolist():
            self.left[i] = pieces_without([i], studies, components)

    def statistics(self, fit: WeightedNetwork) -> _Statistics:
        """At the variance of `fit`."""
        model, wi = self.model, fit.wi
        covariance = fit.covariance()
        squared = model.laplacian(wi**2)
        covariance_squared = covariance @ squared @ covariance
        weighted = wi * fit.residual  # Py
        twice = wi * (weighted - model.fitted(covariance @ model.back(wi * weighted)))  # PPy
        leverage = fit.leverage
        q, q2 = float(weighted @ fit.residual), float(weighted @ weighted)
        trace = float(wi @ (1.0 - leverage))
        out = {name: np.empty(self.k) for name in ("q", "q2", "trace", "sum_wi")}
        for block in self.blocks:
            w = wi[block.rows]
            root = np.sqrt(w)
            h = leverage_blocks(block, root, covariance)
            without = left_out(h, self.lost[block.study])
            # W^-½ of everything: P_ss, (PP)_ss, Py, PPy of these rows.
            p, pp = weighted[block.rows] / root, twice[block.rows] / root
            both = leverage_blocks(block, root, covariance_squared)
            two = (
                w[:, :, None] * np.eye(w.shape[1]) - w[:, :, None] * h - h * w[:, None, :] + both
            )  # W^-½ (PP)_ss W^-½, as P = W − WXCX'W
            z = np.einsum("nij,nj->ni", without.inverse, p)
            drop = np.einsum("ni,ni->n", p, z)
            out["q"][block.study] = q - drop
            out["q2"][block.study] = q2 - 2 * np.einsum("ni,ni->n", pp, z) + np.einsum("ni,nij,nj->n", z, two, z)
            out["trace"][block.study] = trace - np.einsum("nij,nji->n", without.inverse, two)
            out["sum_wi"][block.study] = wi.sum() - w.sum(axis=1)
        return _Statistics(**out)

    def effects(self, tau2: Floats, reference: int) -> tuple[Floats, Floats]:
        """Effects and their variances (k, T) against the reference, each study's at its own variance (k,)."""
        effects, variance = np.zeros((self.k, self.model.size)), np.zeros((self.k, self.model.size))
        for node, share in _nodes_of(tau2):
            fit = self.model.at(node)
            of = np.flatnonzero(share)
            some_effects, some_variance = self._effects_at(fit, reference)
            effects[of] += share[of, None] * some_effects[of]
            variance[of] += share[of, None] * some_variance[of]
        for i in np.flatnonzero(self.doubtful).tolist():
            own = self.refit(i).at(float(tau2[i]))
            v = own.covariance()
            effects[i] = own.beta - own.beta[reference]
            variance[i] = np.diagonal(v) + v[reference, reference] - 2 * v[reference]
        for i in range(self.k):
            pieces = self.left.get(i, self.components)
            if len(pieces) > 1:
                joined = next(piece for piece in pieces if reference in piece)
                apart = np.setdiff1d(np.arange(self.model.size), joined)
                effects[i, apart] = variance[i, apart] = np.nan
        effects[:, reference] = variance[:, reference] = 0.0
        return effects, np.maximum(variance, 0.0)

    def variances(self, method: str, at_zero: _Statistics, df: Places) -> Floats:
        """The between-study variance without each study, by the method of the fit, (k,)."""
        estimable = df > 0
        if method == "DL":
            with np.errstate(invalid="ignore", divide="ignore"):
                tau2 = np.where(estimable, np.maximum((at_zero.q - df) / at_zero.trace, 0.0), 0.0)
            again = self.doubtful
        else:
            tau2, again = self._roots(method, at_zero, df)
        for i in np.flatnonzero(again & estimable).tolist():
            tau2[i] = NETWORK_METHODS[method](self.refit(i))
        return tau2

    def loses(self, i: int, fit: NetworkFit) -> tuple[str, ...]:
        """Treatments that only study i joins to the reference."""
        if i not in self.left:
            return ()
        before = next(piece for piece in self.components if fit.reference in piece)
        after = next(piece for piece in self.left[i] if fit.reference in piece)
        return tuple(fit.treatments[t] for t in before if t not in after)

    def _roots(self, method: str, at_zero: _Statistics, df: Places) -> tuple[Floats, np.ndarray]:
        """Where the slopes pass through 0, and the studies for which that is not enough to tell."""
        slope = _SLOPES[method]
        grid = [0.0]
        rows = [slope(at_zero, df)]
        step = float(self.model.vi.min())
        while len(grid) < _LONGEST_GRID and (len(grid) < 3 or (rows[-1][df > 0] > 0).any()):
            grid.append(step)
            rows.append(slope(self.statistics(self.model.at(step)), df))
            step *= _RATIO
        slopes = np.array(rows)  # (grid, k)
        falls = (slopes[:-1] > 0) & (slopes[1:] <= 0)
        peaks = falls.sum(axis=0) + (slopes[0] <= 0)
        # More than one peak, none within the grid, or digits in doubt: by the estimator itself.
        again = self.doubtful | (peaks != 1)
        tau2 = np.zeros(self.k)
        inside = ~again & (slopes[0] > 0) & (df > 0)
        for cell in np.unique(falls.argmax(axis=0)[inside]).tolist():
            of = np.flatnonzero(inside & (falls.argmax(axis=0) == cell))
            tau2[of] = self._roots_within(slope, grid[cell], grid[cell + 1], of, df)
        return tau2, again

    def _roots_within(
        self, slope: Callable[[_Statistics, Places], Floats], low: float, high: float, of: Places, df: Places
    ) -> Floats:
        nodes = _chebyshev(low, high)
        values = np.array([slope(self.statistics(self.model.at(float(node))), df)[of] for node in nodes])
        left, right = np.full(of.size, low), np.full(of.size, high)
        for _ in range(60):
            middle = 0.5 * (left + right)
            above = np.einsum("ns,ns->s", _barycentric(nodes, middle), values) > 0
            left, right = np.where(above, middle, left), np.where(above, right, middle)
        root: Floats = 0.5 * (left + right)
        return root

    def _effects_at(self, fit: WeightedNetwork, reference: int) -> tuple[Floats, Floats]:
        covariance = fit.covariance()
        along = covariance - covariance[reference]  # (T, T), of effects against the reference with those of the piece
        variance = np.diagonal(covariance) + covariance[reference, reference] - 2 * covariance[reference]
        effects = np.tile(fit.beta - fit.beta[reference], (self.k, 1))
        variances = np.tile(variance, (self.k, 1))
        for block in self.blocks:
            root = np.sqrt(fit.wi[block.rows])
            without = left_out(leverage_blocks(block, root, covariance), self.lost[block.study])
            # Covariance of these rows with the effects, over the rows' root variance: (n, p, T).
            rows = root[:, :, None] * np.einsum("npa,nat->npt", block.X, along.T[block.arms])
            scaled = without.inverse @ rows
            effects[block.study] -= np.einsum("npt,np->nt", scaled, root * fit.residual[block.rows])
            variances[block.study] += np.einsum("npt,npt->nt", scaled, rows)
        return effects, variances

    def refit(self, i: int) -> NetworkModel:
        rest = [one for j, one in enumerate(self.studies) if j != i]
        return NetworkModel.of_studies(rest, self.left.get(i) or pieces_without([i], self.studies, self.components))


def _nodes_of(tau2: Floats) -> list[tuple[float, Floats]]:
    """Variances at which to fit, each with its share (k,) in the value at every study's own variance."""
    distinct = np.unique(tau2)
    if distinct.size <= _NODES:
        return [(float(value), (tau2 == value).astype(float)) for value in distinct]
    nodes: list[tuple[float, Floats]] = []
    left = np.sort(distinct)
    while left.size:
        # As far as the interpolation holds its digits: the ratio that the grid has.
        low = left[0]
        top = low * _RATIO
        inside = left[left <= top]
        own = (tau2 >= low) & (tau2 <= inside[-1])
        if inside.size <= _NODES:
            nodes += [(float(value), (tau2 == value).astype(float)) for value in inside]
        else:
            places = _chebyshev(float(low), float(inside[-1]))
            shares = np.zeros((places.size, tau2.size))
            shares[:, own] = _barycentric(places, tau2[own])
            nodes += [(float(place), share) for place, share in zip(places, shares, strict=True)]
        left = left[left > top]
    return nodes


def _chebyshev(low: float, high: float) -> Floats:
    """Points of the second kind, the ends among them."""
    angle = np.pi * np.arange(_NODES) / (_NODES - 1)
    return low + (high - low) * 0.5 * (1.0 - np.cos(angle))


def _barycentric(nodes: Floats, x: Floats) -> Floats:
    """Share of each node in the interpolated value at each x, (nodes, x)."""
    sign = np.where(np.arange(nodes.size) % 2, -1.0, 1.0)
    sign[[0, -1]] *= 0.5
    gap = x[None, :] - nodes[:, None]
    hit = gap == 0
    weight: Floats = sign[:, None] / np.where(hit, 1.0, gap)
    share: Floats = np.where(hit.any(axis=0), hit.astype(np.float64), weight / weight.sum(axis=0))
    return share

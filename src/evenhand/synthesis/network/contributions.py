"""How much each comparison, study or group of studies contributes to every network estimate.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

The hat matrix says how much current flows through each comparison; a contribution also asks for how long a way. The
current is split into streams along paths, and what a stream carries is shared equally by the comparisons on its path,
so that the contributions to an estimate add up to 1.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.network.acyclic_flow import without_cycles
from evenhand.synthesis.network.direct_weights import DirectWeights, Pairs, chosen_pairs, direct_weights
from evenhand.synthesis.network.network_fit import NetworkFit
from evenhand.synthesis.network.shortest_streams import shortest_stream_contributions

_NUMBERS_AT_ONCE = 4_000_000  # of the flows of a batch of estimates: 32 MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contributions:
    """Shares of r network estimates that come from e comparisons; each row adds up to 1."""

    method: str  # 'random walk' or 'shortest path'
    treatments: tuple[str, ...]
    studies: tuple[str, ...] = field(repr=False)  # labels
    pairs: Pairs = field(repr=False)  # (r, 2), places of the treatments of each estimate
    weights: DirectWeights = field(repr=False)  # the comparisons, and the studies they are made of
    share: Floats = field(repr=False)  # (r, e), 0 to 1; nan in rows of two treatments that nothing joins

    @property
    def comparisons(self) -> tuple[tuple[str, str], ...]:
        """The names of the e comparisons."""
        names = self.treatments
        return tuple((names[i], names[j]) for i, j in zip(self.weights.first, self.weights.second, strict=True))

    def of(self, treatment: str, against: str) -> dict[tuple[str, str], float]:
        """Each comparison's share in one estimate.

        Raises
        ------
        ValueError
            Where that estimate is not among them.
        """
        return dict(zip(self.comparisons, self.share[self._row(treatment, against)].tolist(), strict=True))

    def by_study(self) -> Floats:
        """Shares of the studies, (r, k): each comparison's is split by its studies' weights."""
        return self._by(self.weights.study, len(self.studies))

    def by_group(self, group_of: Mapping[str, Any]) -> dict[Any, Floats]:
        """Shares (r,) of each group of studies, such as a level of risk of bias, by the study's label.

        Raises
        ------
        ValueError
            Naming the studies that are in no group.
        """
        missing = [label for label in self.studies if label not in group_of]
        if missing:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            raise ValueError(f"no group is given for study {', '.join(missing[:5])}{more}: give every study one")
        groups = list(dict.fromkeys(group_of[label] for label in self.studies))
        place = np.array([groups.index(group_of[label]) for label in self.studies])
        return dict(zip(groups, self._by(place[self.weights.study], len(groups)).T, strict=True))

    def _by(self, owner: Pairs, count: int) -> Floats:
        weights = self.weights
        part = np.zeros((weights.first.size, count))
        np.add.at(part, (weights.comparison, owner), weights.study_weight)
        with np.errstate(invalid="ignore", divide="ignore"):
            # A comparison of weight 0 carries nothing.
            part = np.where(weights.weight[:, None] != 0, part / weights.weight[:, None], 0.0)
        shares: Floats = self.share @ part
        return shares

    def _row(self, treatment: str, against: str) -> int:
        for name in (treatment, against):
            if name not in self.treatments:
                raise ValueError(f"no study has a treatment called '{name}'")
        wanted = {self.treatments.index(treatment), self.treatments.index(against)}
        for row, pair in enumerate(self.pairs.tolist()):
            if set(pair) == wanted:
                return row
        raise ValueError(f"{treatment} v {against} is not among the estimates asked for")


def contributions(
    fit: NetworkFit, *, method: str = "random walk", comparisons: Sequence[tuple[str, str]] | None = None
) -> Contributions:
    """What each comparison contributes to network estimates.

    Parameters
    ----------
    fit : NetworkFit
        Its between-study variance counts; a fit by 'EE' has none.
    method : str
        'random walk': a walker goes from one treatment to the other, at each with the chances that the current splits
        by; every path counts, and the result does not depend on an order (Davies, Papakonstantinou, Nikolakopoulou,
        Rücker & Galla 2022, Statist. Med. 41, 2091-2114). It is summed over vertices and steps, not over paths, of
        which a network of 40 treatments has hundreds of millions.
        'shortest path': the shortest path of current is taken away again and again; which of paths equally short comes
        first depends on the treatments' order (Papakonstantinou et al. 2018, F1000Research 7, 610).
    comparisons : sequence of (str, str), optional
        Which estimates; all T (T − 1) / 2 if not given, a matrix of their number times that of the comparisons made.

    Returns
    -------
    Contributions

    Raises
    ------
    ValueError
        For a method or a treatment there is not.

    Notes
    -----
    Comparisons of a study of several arms may have weights below 0; then current can run in circles, which are taken
    out first, as they contribute to no estimate.
    """
    if method not in CONTRIBUTION_METHODS:
        raise ValueError(f"method '{method}': there are {', '.join(CONTRIBUTION_METHODS)}")
    weights = direct_weights(fit)
    pairs = chosen_pairs(fit.evidence, comparisons)
    share = np.full((pairs.shape[0], weights.first.size), np.nan)
    joined = np.flatnonzero(weights.piece[pairs[:, 0]] == weights.piece[pairs[:, 1]])
    batch = max(1, _NUMBERS_AT_ONCE // len(fit.treatments) ** 2)
    for start in range(0, joined.size, batch):
        rows = joined[start : start + batch]
        flow = weights.net_flow(pairs[rows])
        if (weights.weight < 0).any():
            flow = np.array([without_cycles(one) for one in flow])
        each = CONTRIBUTION_METHODS[method](flow, pairs[rows], np.stack([weights.first, weights.second], axis=1))
        share[rows] = each[:, weights.first, weights.second] + each[:, weights.second, weights.first]
    return Contributions(
        method=method,
        treatments=fit.treatments,
        studies=tuple(one.label for one in fit.evidence.studies),
        pairs=pairs,
        weights=weights,
        share=share,
    )


def random_walk_contributions(flow: Floats, pairs: Pairs, _comparisons: Pairs) -> Floats:
    """Σ over paths of chance / length, by the comparison u → v, (r, T, T), of flows of the same shape without cycles.

    With f_k(u) the chance to be at u after k steps and b_l(v) that to reach the end from v in exactly l, a path through
    u → v of k + 1 + l steps shares its chance among as many comparisons: Σ_kl f_k(u) P_uv b_l(v) / (k + l + 1).
    """
    rows = np.arange(flow.shape[0])
    out = flow.sum(axis=2)
    out[rows, pairs[:, 1]] = 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = np.where(out[:, :, None] > 0, flow / out[:, :, None], 0.0)
    forward = _powers(np.swapaxes(chance, 1, 2), pairs[:, 0])
    backward = _powers(chance, pairs[:, 1])
    steps = np.arange(max(forward.shape[2], backward.shape[2]))
    sharing = 1.0 / (1.0 + steps[: forward.shape[2], None] + steps[None, : backward.shape[2]])
    shares: Floats = chance * ((forward @ sharing) @ np.swapaxes(backward, 1, 2))
    return shares


def _powers(step: Floats, start: Pairs) -> Floats:
    """Step after step from unit mass at `start`, (r, T, steps), until nothing moves: at most T of them."""
    mass = np.zeros(step.shape[:2])
    mass[np.arange(start.size), start] = 1.0
    each = [mass]
    while len(each) < step.shape[1]:
        mass = (step @ mass[:, :, None])[:, :, 0]
        if not mass.any():
            break
        each.append(mass)
    return np.stack(each, axis=2)


CONTRIBUTION_METHODS: Mapping[str, Callable[[Floats, Pairs, Pairs], Floats]] = {
    "random walk": random_walk_contributions,
    "shortest path": shortest_stream_contributions,
}

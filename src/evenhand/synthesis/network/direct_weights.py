"""How the direct evidence flows to each network estimate: weights of the comparisons, hat matrix, path measures.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

A network is an electrical one: each comparison a conductor, its weight the conductance. The estimate of a against b is
what a unit current sent in at a and out at b makes of the direct estimates, and the hat matrix is the current through
each conductor (Rücker 2012, Res. Synth. Methods 3, 312-324).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Floats
from evenhand.synthesis.network.comparison_rows import study_laplacian
from evenhand.synthesis.network.evidence import NetworkEvidence
from evenhand.synthesis.network.network_fit import NetworkFit

Pairs = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DirectWeights:
    """The e comparisons that studies make, with their weights in a fit."""

    treatments: tuple[str, ...]
    first: Pairs = field(repr=False)  # (e,), places of treatments, first < second, rising
    second: Pairs = field(repr=False)
    weight: Floats = field(repr=False)  # (e,), conductance; may be below 0 where studies of several arms say so
    covariance: Floats = field(repr=False)  # (T, T), of the network's effects against one treatment a piece
    # The m comparisons of studies of which they are made.
    study: Pairs = field(repr=False)  # (m,), place of the study
    comparison: Pairs = field(repr=False)  # (m,), place of its comparison
    study_weight: Floats = field(repr=False)  # (m,)
    piece: Pairs = field(repr=False)  # (T,), of the network

    def hat(self, pairs: Pairs) -> Floats:
        """Hat matrix, (r, e), for `pairs` (r, 2): row i maps direct estimates to the effect of pairs[i, 0] less [i, 1].

        nan in the rows of two treatments that no chain of studies joins.
        """
        along = self.covariance[pairs[:, 0]] - self.covariance[pairs[:, 1]]  # (r, T)
        flow: Floats = (along[:, self.first] - along[:, self.second]) * self.weight
        flow[self.piece[pairs[:, 0]] != self.piece[pairs[:, 1]]] = np.nan
        return flow

    def net_flow(self, pairs: Pairs) -> Floats:
        """The current from u to v, ≥ 0, for each of `pairs` (r, 2): shape (r, T, T)."""
        size, hat = len(self.treatments), self.hat(pairs)
        # Rounding is no current.
        hat[np.abs(hat) < 1e-12] = 0.0
        flow = np.zeros((pairs.shape[0], size, size))
        flow[:, self.first, self.second] = np.maximum(hat, 0.0)
        flow[:, self.second, self.first] = np.maximum(-hat, 0.0)
        return flow


def direct_weights(fit: NetworkFit) -> DirectWeights:
    """The weights of the comparisons in a fit, its between-study variance included."""
    size = len(fit.treatments)
    study, cells, weights = list[Pairs](), list[Pairs](), list[Floats]()
    for i, one in enumerate(fit.evidence.studies):
        arms = np.array(one.treatments)
        at, of = np.triu_indices(arms.size, 1)
        study.append(np.full(at.size, i))
        cells.append(size * arms[at] + arms[of])
        weights.append(-study_laplacian(one, fit.tau2)[at, of])
    cell, weight = np.concatenate(cells), np.concatenate(weights)
    distinct, comparison = np.unique(cell, return_inverse=True)
    return DirectWeights(
        treatments=fit.treatments,
        first=distinct // size,
        second=distinct % size,
        weight=np.asarray(np.bincount(comparison, weight), dtype=np.float64),
        covariance=fit.basis_covariance,
        study=np.concatenate(study),
        comparison=comparison,
        study_weight=weight,
        piece=pieces_of(fit.evidence),
    )


def pieces_of(evidence: NetworkEvidence) -> Pairs:
    """The piece of the network each treatment is in, (T,)."""
    piece = np.empty(len(evidence.treatments), dtype=np.intp)
    for i, members in enumerate(evidence.components):
        piece[list(members)] = i
    return piece


def all_pairs(size: int) -> Pairs:
    """Every pair of treatments, (T (T − 1) / 2, 2), the first before the second."""
    return np.stack(np.triu_indices(size, 1), axis=1)


def chosen_pairs(evidence: NetworkEvidence, comparisons: Sequence[tuple[str, str]] | None) -> Pairs:
    """Places of the pairs named, (r, 2); all of them where `comparisons` is None.

    Raises
    ------
    ValueError
        For a treatment that no study has, or one compared with itself.
    """
    if comparisons is None:
        return all_pairs(len(evidence.treatments))
    for one, other in comparisons:
        if one == other:
            raise ValueError(f"comparison of '{one}' with itself: name two treatments")
    places = [(evidence.index(one), evidence.index(other)) for one, other in comparisons]
    return np.array(places, dtype=np.intp).reshape(-1, 2)

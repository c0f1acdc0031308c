"""The columns by which node-splits enlarge a network, and what each of them comes to at a node of tau.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.network.evidence import NetworkEvidence
from evenhand.synthesis.network.network_kernel import Places
from evenhand.synthesis.network.network_mixture import NetworkNormal

# How much of the difference between direct and indirect the first and the second treatment carry.
CARRIED_BY = {"both": (0.5, -0.5), "first": (1.0, 0.0), "second": (0.0, -1.0)}
_STRUCTURAL = 1e-9  # share of a column that the network leaves over; below it nothing indirect is known


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SplitColumns:
    """c columns: the direct effect less the indirect, in the rows of the studies that have both treatments."""

    first: Places  # (c,), treatments, first < second, in rising order
    second: Places
    k: Places  # (c,), studies that have both
    x: Floats  # (e,), entries other than 0 of the (m, c) matrix
    row: Places  # (e,)
    column: Places  # (e,)
    product: Floats  # (f,), each times an entry of X in the same row
    product_row: Places  # (f,)
    product_coefficient: Places  # (f,)
    product_column: Places  # (f,)

    @property
    def size(self) -> int:
        """How many."""
        return int(self.first.size)

    def only(self, j: int) -> "SplitColumns":
        """One of them."""
        own, products = self.column == j, self.product_column == j
        return SplitColumns(
            first=self.first[[j]],
            second=self.second[[j]],
            k=self.k[[j]],
            x=self.x[own],
            row=self.row[own],
            column=np.zeros(int(own.sum()), dtype=np.intp),
            product=self.product[products],
            product_row=self.product_row[products],
            product_coefficient=self.product_coefficient[products],
            product_column=np.zeros(int(products.sum()), dtype=np.intp),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SplitsGivenTau:
    """c splits at q nodes; each array (q, c) but the first."""

    log_likelihood: Floats  # (q,), of the network without a split
    precision: Floats  # of the difference: what the network leaves over of its column
    difference: Floats  # its mean
    network: Floats  # the effect without a split
    network_variance: Floats
    share: Floats  # how much of a difference that effect takes over

    def log_ratio(self) -> Floats:
        """Log likelihood with a split less that without; the flat density of the difference counts as 1."""
        gain = self.precision * self.difference**2 - np.log(self.precision) + math.log(2 * math.pi)
        return np.asarray(0.5 * gain)


def split_columns(evidence: NetworkEvidence, normal: NetworkNormal, carried_by: str) -> SplitColumns:
    """One for every two treatments that some study has."""
    model, signs = normal.model, CARRIED_BY[carried_by]
    pairs = [
        [(a, b) for i, a in enumerate(one.treatments) for b in one.treatments[i + 1 :]] for one in evidence.studies
    ]
    numbers = {pair: j for j, pair in enumerate(sorted({pair for own in pairs for pair in own}))}
    place = np.full(model.size, -1)
    place[normal.kept] = np.arange(normal.p)
    coefficient = place[model.entry_treatment].tolist()
    bounds = np.searchsorted(model.entry_row, np.arange(model.k + 1)).tolist()
    treatments, values = model.entry_treatment.tolist(), model.entry.tolist()
    entries: list[tuple[float, int, int]] = []
    products: list[tuple[float, int, int, int]] = []
    for r, study in enumerate(model.study.tolist()):
        own = range(bounds[r], bounds[r + 1])
        of = {treatments[e]: values[e] for e in own}
        for a, b in pairs[study]:
            x, j = signs[0] * of[a] + signs[1] * of[b], numbers[a, b]
            if x != 0.0:
                entries.append((x, r, j))
                products += [(x * values[e], r, coefficient[e], j) for e in own if coefficient[e] >= 0]
    entry_places = np.array([at for _, *at in entries], dtype=np.intp).reshape(-1, 2).T
    product_places = np.array([at for _, *at in products], dtype=np.intp).reshape(-1, 3).T
    return SplitColumns(
        first=np.array([pair[0] for pair in numbers]),
        second=np.array([pair[1] for pair in numbers]),
        k=np.bincount([numbers[pair] for own_pairs in pairs for pair in own_pairs]),
        x=np.array([x for x, *_ in entries]),
        row=entry_places[0],
        column=entry_places[1],
        product=np.array([product for product, *_ in products]),
        product_row=product_places[0],
        product_coefficient=product_places[1],
        product_column=product_places[2],
    )


def splits_given_tau(normal: NetworkNormal, columns: SplitColumns, tau: Floats) -> SplitsGivenTau:
    """All splits at every node, tau of shape (q,): a triangular solve of 2c columns for each.

    With x a column, g = X'Wx and C the covariance of the effects, the difference has the precision x'Wx − g'Cg and the
    mean x'Wr over it, r the residuals without a split; given it the effects fall by Cg times it.
    """
    from scipy.linalg.lapack import dtrtrs

    c, p = columns.size, normal.p
    contrast = np.zeros((normal.model.size, c))
    contrast[columns.first, np.arange(c)], contrast[columns.second, np.arange(c)] = 1.0, -1.0
    contrast = contrast[normal.kept]
    cell = c * columns.product_coefficient + columns.product_column
    logs, found = np.empty(tau.size), np.empty((5, tau.size, c))
    for q, given in enumerate(normal.at(tau)):
        weighted = columns.x * given.wi[columns.row]
        own = np.bincount(columns.column, columns.x * weighted, minlength=c)
        towards = np.bincount(columns.column, weighted * given.residual[columns.row], minlength=c)
        along = np.bincount(cell, columns.product * given.wi[columns.product_row], minlength=p * c).reshape(p, c)
        roots = dtrtrs(given.factor, np.concatenate([along, contrast], axis=1), lower=1)[0]
        of_column, of_contrast = roots[:, :c], roots[:, c:]
        precision = own - (of_column**2).sum(axis=0)
        effects = normal.effects(given.shift)
        logs[q] = given.log_likelihood
        found[0, q] = precision
        found[1, q] = towards / np.where(precision > 0, precision, np.inf)
        found[2, q] = effects[columns.first] - effects[columns.second]
        found[3, q] = (of_contrast**2).sum(axis=0)
        found[4, q] = (of_contrast * of_column).sum(axis=0)
    return SplitsGivenTau(
        log_likelihood=logs,
        precision=found[0],
        difference=found[1],
        network=found[2],
        network_variance=found[3],
        share=found[4],
    )


def have_indirect_evidence(normal: NetworkNormal, columns: SplitColumns) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether more than a comparison's own studies joins its treatments, (c,), whatever the studies' weights are."""
    model, c, p = normal.model, columns.size, normal.p
    gram = model.laplacian(np.ones(model.k))[np.ix_(normal.kept, normal.kept)]
    cell = c * columns.product_coefficient + columns.product_column
    along = np.bincount(cell, columns.product, minlength=p * c).reshape(p, c)
    own = np.bincount(columns.column, columns.x**2, minlength=c)
    over = own - (along * np.linalg.solve(gram, along)).sum(axis=0)
    return np.asarray(over > _STRUCTURAL * own)

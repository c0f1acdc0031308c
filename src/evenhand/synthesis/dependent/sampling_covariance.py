"""How the sampling errors of effects go together: a vector of variances, a matrix, or blocks of it.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from evenhand.distributions import Floats

Integers = np.ndarray[Any, np.dtype[np.intp]]


class InBlocks(Protocol):
    """What holds a block-diagonal covariance: the rows of each block and its matrix."""

    @property
    def blocks(self) -> Iterable[tuple[Any, Any]]:
        """Row numbers, shape (n,), and covariances, shape (n, n)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplingCovariance:
    """Variances of k effects, and the blocks in which some are correlated."""

    variances: Floats  # (k,)
    blocks: tuple[tuple[Integers, Floats], ...]  # rows and matrix, for blocks with a covariance that is not 0

    @property
    def is_diagonal(self) -> bool:
        """Whether no two sampling errors are correlated."""
        return not self.blocks

    def positive_definite(self) -> bool:
        """Whether every combination of effects has a variance above 0."""
        if not (self.variances > 0).all():
            return False
        try:
            for _, matrix in self.blocks:
                np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            return False
        return True

    def inverse(self) -> "SamplingCovariance":
        """Its inverse, block by block; those of one size at once."""
        with np.errstate(divide="ignore"):
            variances = 1.0 / self.variances
        of_size: dict[int, list[int]] = {}
        for place, (rows, _) in enumerate(self.blocks):
            of_size.setdefault(rows.size, []).append(place)
        inverses: list[tuple[Integers, Floats]] = list(self.blocks)
        for places in of_size.values():
            for place, matrix in zip(places, np.linalg.inv(np.stack([self.blocks[i][1] for i in places])), strict=True):
                rows = self.blocks[place][0]
                inverses[place] = (rows, matrix)
                variances[rows] = np.diagonal(matrix)
        return SamplingCovariance(variances=variances, blocks=tuple(inverses))

    def times(self, columns: Floats) -> Floats:
        """The matrix times columns of shape (k, c)."""
        product: Floats = self.variances[:, None] * columns
        for rows, matrix in self.blocks:
            product[rows] = matrix @ columns[rows]
        return product

    def log_determinant(self) -> float:
        """Log of its determinant, where it is positive definite."""
        alone = np.ones(self.variances.size, dtype=bool)
        total = 0.0
        for rows, matrix in self.blocks:
            alone[rows] = False
            total += float(np.linalg.slogdet(matrix)[1])
        return total + float(np.log(self.variances[alone]).sum())

    def restricted_to(self, rows: Integers) -> "SamplingCovariance":
        """The part of these rows, in their order."""
        new_place = np.full(self.variances.size, -1)
        new_place[rows] = np.arange(rows.size)
        kept = []
        for of_block, matrix in self.blocks:
            here = np.flatnonzero(new_place[of_block] >= 0)
            if here.size > 1:
                kept.append((new_place[of_block[here]], matrix[np.ix_(here, here)]))
        return SamplingCovariance(variances=self.variances[rows], blocks=tuple(kept))


def as_sampling_covariance(V: Sequence[Any] | Floats | InBlocks, k: int) -> SamplingCovariance:
    """Read variances of shape (k,), a matrix of shape (k, k), a list of square blocks in order, or an object of blocks.

    Raises
    ------
    ValueError
        Naming the effect (counted from 0) and the value, where sizes do not fit, a matrix is not symmetric, or a value
        is not finite or a variance below 0.
    """
    if hasattr(V, "blocks"):
        return _from_blocks([(np.asarray(rows), np.asarray(matrix, dtype=np.float64)) for rows, matrix in V.blocks], k)
    if isinstance(V, (list, tuple)) and V and all(np.ndim(block) == 2 for block in V):
        matrices = [np.asarray(block, dtype=np.float64) for block in V]
        ends = np.cumsum([matrix.shape[0] for matrix in matrices])
        return _from_blocks(
            [(np.arange(end - m.shape[0], end), m) for end, m in zip(ends, matrices, strict=True)], k
        )
    array = np.asarray(V, dtype=np.float64)
    if array.shape == (k,):
        _check_variances(array, np.arange(k))
        return SamplingCovariance(variances=array, blocks=())
    if array.shape == (k, k):
        return _from_matrix(array)
    raise ValueError(f"sampling variances of shape {array.shape} for {k} effects: give ({k},) or ({k}, {k})")


def _from_matrix(matrix: Floats) -> SamplingCovariance:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    k = matrix.shape[0]
    _check_block(np.arange(k), matrix)
    apart = matrix.copy()
    np.fill_diagonal(apart, 0.0)
    _, label = connected_components(csr_array(apart != 0), directed=False)
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    return SamplingCovariance(
        variances=np.diag(matrix).copy(),
        blocks=tuple((rows, matrix[np.ix_(rows, rows)]) for rows in groups if rows.size > 1),
    )


def _from_blocks(blocks: list[tuple[Integers, Floats]], k: int) -> SamplingCovariance:
    variances = np.full(k, np.nan)
    kept = []
    for rows, matrix in blocks:
        if matrix.shape != (rows.size, rows.size):
            raise ValueError(f"a block of {rows.size} effects with a matrix of shape {matrix.shape}")
        if rows.size and not (0 <= rows.min() and rows.max() < k):
            raise ValueError(f"a block names effect {rows.max()}, but there are {k} effects, counted from 0")
        for i in np.flatnonzero(~np.isnan(variances[rows])):
            raise ValueError(f"effect {rows[i]} is in two blocks of the sampling covariance; put it in one")
        _check_block(rows, matrix)
        variances[rows] = np.diag(matrix)
        if rows.size > 1 and np.any(matrix[~np.eye(rows.size, dtype=bool)]):
            kept.append((rows, matrix))
    for i in np.flatnonzero(np.isnan(variances)):
        raise ValueError(f"effect {i} has no sampling variance: it is in no block")
    return SamplingCovariance(variances=variances, blocks=tuple(kept))


def _check_block(rows: Integers, matrix: Floats) -> None:
    _check_variances(np.diag(matrix), rows)
    for i, j in np.argwhere(~np.isfinite(matrix)):
        raise ValueError(f"V[{rows[i]}, {rows[j]}] = {matrix[i, j]}: a covariance must be a finite number")
    off = np.abs(matrix - matrix.T) > 1e-8 * np.sqrt(np.multiply.outer(np.diag(matrix), np.diag(matrix)))
    for i, j in np.argwhere(off):
        raise ValueError(
            f"V[{rows[i]}, {rows[j]}] = {matrix[i, j]} but V[{rows[j]}, {rows[i]}] = {matrix[j, i]}: "
            "a covariance matrix is symmetric"
        )


def _check_variances(variances: Floats, rows: Integers) -> None:
    for i in np.flatnonzero(~(np.isfinite(variances) & (variances >= 0))):
        raise ValueError(
            f"effect {rows[i]} has sampling variance {variances[i]}: it must be finite and not below 0; "
            "a standard error is squared first"
        )

"""How the sampling errors of effects go together: a vector of variances, a matrix, or blocks of it.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from evenhand.distributions import Floats
from evenhand.number_columns import number_table
from evenhand.synthesis.dependent.grouped_rows import Integers
from evenhand.synthesis.normal_kernel import LARGEST


class InBlocks(Protocol):
    """What holds a block-diagonal covariance: the rows of each block and its matrix."""

    @property
    def blocks(self) -> Iterable[tuple[Any, Any]]:
        """Row numbers, shape (n,), and covariances, shape (n, n)."""


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Blocks of one size."""

    rows: Integers  # (blocks, n)
    matrices: Floats  # (blocks, n, n)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplingCovariance:
    """Variances of k effects, and the blocks in which some are correlated."""

    variances: Floats  # (k,)
    stacks: tuple[Stack, ...]  # blocks with a covariance that is not 0, those of one size together

    @property
    def is_diagonal(self) -> bool:
        """Whether no two sampling errors are correlated."""
        return not self.stacks

    def positive_definite(self) -> bool:
        """Whether every combination of effects has a variance above 0."""
        if not (self.variances > 0).all():
            return False
        try:
            for stack in self.stacks:
                np.linalg.cholesky(stack.matrices)
        except np.linalg.LinAlgError:
            return False
        return True

    def inverse(self) -> "SamplingCovariance":
        """Its inverse, block by block."""
        with np.errstate(divide="ignore"):
            variances = 1.0 / self.variances
        stacks = []
        for stack in self.stacks:
            inverses: Floats = np.linalg.inv(stack.matrices).astype(np.float64)
            variances[stack.rows] = np.diagonal(inverses, axis1=1, axis2=2)
            stacks.append(Stack(stack.rows, inverses))
        return SamplingCovariance(variances=variances, stacks=tuple(stacks))

    def times(self, columns: Floats) -> Floats:
        """The matrix times columns of shape (k, c)."""
        product: Floats = self.variances[:, None] * columns
        for stack in self.stacks:
            product[stack.rows] = stack.matrices @ columns[stack.rows]
        return product

    def log_determinant(self) -> float:
        """Log of its determinant, where it is positive definite."""
        alone = np.ones(self.variances.size, dtype=bool)
        total = 0.0
        for stack in self.stacks:
            alone[stack.rows] = False
            total += float(np.linalg.slogdet(stack.matrices)[1].sum())
        return total + float(np.log(self.variances[alone]).sum())

    def labels(self) -> Integers:
        """Number of the block of each row, shape (k,)."""
        first = np.arange(self.variances.size)
        for stack in self.stacks:
            first[stack.rows] = stack.rows[:, :1]
        return np.asarray(np.unique(first, return_inverse=True)[1], dtype=np.intp)


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
    if isinstance(V, (list, tuple)) and V and all(_is_square(block) for block in V):
        matrices = [number_table("V", block) for block in V]
        ends = np.cumsum([matrix.shape[0] for matrix in matrices])
        return _from_blocks([(np.arange(end - m.shape[0], end), m) for end, m in zip(ends, matrices, strict=True)], k)
    array = number_table("V", V)
    if array.shape == (k,):
        _check_variances(array, np.arange(k))
        return SamplingCovariance(variances=array, stacks=())
    if array.shape == (k, k):
        return _from_matrix(array)
    raise ValueError(f"sampling variances of shape {array.shape} for {k} effects: give ({k},) or ({k}, {k})")


def _is_square(block: Any) -> bool:
    return bool(np.ndim(block) == 2 and np.shape(block)[0] == np.shape(block)[1])


def _from_matrix(matrix: Floats) -> SamplingCovariance:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    k = matrix.shape[0]
    _check_stack(Stack(np.arange(k)[None, :], matrix[None, :, :]))
    apart = matrix != 0
    np.fill_diagonal(apart, False)
    _, label = connected_components(csr_array(apart), directed=False)
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    stacks = _stacked([(rows, matrix[np.ix_(rows, rows)]) for rows in groups if rows.size > 1])
    for stack in stacks:
        _check_possible(stack)
    return SamplingCovariance(variances=np.diagonal(matrix).copy(), stacks=stacks)


def _from_blocks(blocks: list[tuple[Integers, Floats]], k: int) -> SamplingCovariance:
    for rows, matrix in blocks:
        if matrix.shape != (rows.size, rows.size):
            raise ValueError(f"a block of {rows.size} effects with a matrix of shape {matrix.shape}")
    every = np.concatenate([rows for rows, _ in blocks]) if blocks else np.zeros(0, dtype=np.intp)
    for row in every[(every < 0) | (every >= k)]:
        raise ValueError(f"a block names effect {row}, but there are {k} effects, counted from 0")
    times = np.bincount(every, minlength=k)
    for row in np.flatnonzero(times > 1):
        raise ValueError(f"effect {row} is in two blocks of the sampling covariance; put it in one")
    for row in np.flatnonzero(times == 0):
        raise ValueError(f"effect {row} has no sampling variance: it is in no block")
    variances = np.empty(k)
    kept = []
    for stack in _stacked(blocks):
        _check_stack(stack)
        variances[stack.rows] = np.diagonal(stack.matrices, axis1=1, axis2=2)
        correlated = (stack.matrices * ~np.eye(stack.rows.shape[1], dtype=bool)).any(axis=(1, 2))
        if correlated.any():
            kept.append(Stack(stack.rows[correlated], stack.matrices[correlated]))
            _check_possible(kept[-1])
    return SamplingCovariance(variances=variances, stacks=tuple(kept))


def _stacked(blocks: list[tuple[Integers, Floats]]) -> tuple[Stack, ...]:
    of_size: dict[int, list[tuple[Integers, Floats]]] = {}
    for rows, matrix in blocks:
        of_size.setdefault(rows.size, []).append((rows, matrix))
    return tuple(
        Stack(np.array([rows for rows, _ in alike]), np.array([matrix for _, matrix in alike]))
        for size, alike in sorted(of_size.items())
        if size
    )


def _check_stack(stack: Stack) -> None:
    rows, matrices = stack.rows, stack.matrices
    _check_variances(np.diagonal(matrices, axis1=1, axis2=2).ravel(), rows.ravel())
    for block, i, j in np.argwhere(~np.isfinite(matrices)):
        here = f"V[{rows[block, i]}, {rows[block, j]}]"
        raise ValueError(f"{here} = {matrices[block, i, j]}: a covariance must be a finite number")
    sd = np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
    off = np.abs(matrices - matrices.transpose(0, 2, 1)) > 1e-8 * sd[:, :, None] * sd[:, None, :]
    for block, i, j in np.argwhere(off):
        a, b = rows[block, i], rows[block, j]
        raise ValueError(
            f"V[{a}, {b}] = {matrices[block, i, j]} but V[{b}, {a}] = {matrices[block, j, i]}: "
            "a covariance matrix is symmetric"
        )


def _check_possible(stack: Stack) -> None:
    """Correlations beyond 1, and those that contradict each other, belong to no data."""
    rows, matrices = stack.rows, stack.matrices
    sd = np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
    for block, i, j in np.argwhere(np.abs(matrices) > (1 + 1e-8) * sd[:, :, None] * sd[:, None, :]):
        raise ValueError(
            f"V[{rows[block, i]}, {rows[block, j]}] = {matrices[block, i, j]:g} with variances "
            f"{matrices[block, i, i]:g} and {matrices[block, j, j]:g}: a correlation beyond 1; "
            "a covariance is correlation times both standard errors"
        )
    scale = np.where(sd > 0, sd, 1.0)
    smallest = np.linalg.eigvalsh(matrices / scale[:, :, None] / scale[:, None, :])[:, 0]
    for block in np.flatnonzero(smallest < -1e-8 * rows.shape[1]):
        effects = ", ".join(map(str, rows[block][:6].tolist())) + (", …" if rows.shape[1] > 6 else "")
        raise ValueError(
            f"effects {effects}: their correlations contradict each other (smallest eigenvalue {smallest[block]:.2g}); "
            "lower them, or give one correlation for all"
        )


def _check_variances(variances: Floats, rows: Integers) -> None:
    for i in np.flatnonzero(~(np.isfinite(variances) & (variances >= 0))):
        raise ValueError(
            f"effect {rows[i]} has sampling variance {variances[i]}: it must be finite and not below 0; "
            "a standard error is squared first"
        )
    for i in np.flatnonzero((variances > LARGEST**2) | ((variances > 0) & (variances < LARGEST**-2))):
        raise ValueError(
            f"effect {rows[i]} has sampling variance {variances[i]}: out of the range of numbers; change the unit"
        )

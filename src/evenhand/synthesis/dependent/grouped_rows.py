"""Rows gathered into groups that are independent of each other, and groups of like size into batches.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Integers = np.ndarray[Any, np.dtype[np.intp]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Groups of rows padded to one size: `rows` has shape (groups, size), with k (one past the last row) as padding."""

    rows: Integers
    padded: bool


def codes(values: Sequence[Any] | np.ndarray[Any, Any], name: str, k: int) -> tuple[Integers, tuple[Any, ...]]:
    """Group numbers of shape (k,) and the groups' labels, numbers and texts each in their own order.

    Raises
    ------
    ValueError
        Where the column has another length, or a row no group.
    """
    array = np.asarray(values)
    if array.shape == (k,) and array.dtype.kind in "iu":
        labels, numbers = np.unique(array, return_inverse=True)
        return np.asarray(numbers, dtype=np.intp), tuple(labels.tolist())
    column = array.tolist() if array.ndim == 1 and array.dtype.kind in "fU" else list(values)
    if len(column) != k:
        raise ValueError(f"column '{name}' has {len(column)} rows, but there are {k} effects")
    for i, value in enumerate(column):
        if value is None or value != value:
            raise ValueError(f"{name}[{i}] is missing: every effect needs its group")
    found = tuple(sorted(set(column), key=lambda label: (isinstance(label, str), label)))
    places = {label: place for place, label in enumerate(found)}
    return np.array([places[value] for value in column], dtype=np.intp), found


def nested_codes(outer: Integers, inner: Integers) -> Integers:
    """Numbers of the groups of `inner` within each group of `outer`, in that order."""
    both = outer * (int(inner.max()) + 1) + inner
    _, numbers = np.unique(both, return_inverse=True)
    return np.asarray(numbers, dtype=np.intp)


def connected(groupings: Sequence[Integers], k: int) -> Integers:
    """Label of the component of each row, where rows hang together that share a group of any grouping."""
    if not groupings:
        return np.arange(k)
    if len(groupings) == 1:
        return groupings[0]
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    rows = np.tile(np.arange(k), len(groupings))
    groups, start = [], k
    for grouping in groupings:
        groups.append(grouping + start)
        start += int(grouping.max()) + 1
    edges = csr_array((np.ones(rows.size), (rows, np.concatenate(groups))), shape=(start, start))
    _, labels = connected_components(edges, directed=False)
    return np.asarray(labels[:k], dtype=np.intp)


def batches(label: Integers, *, padding: bool = True) -> tuple[Batch, ...]:
    """Groups of rows with the same label, those of like size together.

    Sizes are padded to the next of 1, 2, 3, 4, 6, 8, 12, 16, …, so that few distinct ones remain.
    """
    k = label.size
    order = np.argsort(label, kind="stable")
    sizes = np.bincount(label)
    sizes = sizes[sizes > 0]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    wanted = np.array([_padded_size(int(size)) if padding else int(size) for size in sizes])
    found = []
    for size in np.unique(wanted):
        chosen = np.flatnonzero(wanted == size)
        offsets = np.arange(size)
        inside = offsets < sizes[chosen, None]
        places = np.where(inside, starts[chosen, None] + offsets, 0)
        found.append(Batch(np.where(inside, order[places], k), not inside.all()))
    return tuple(found)


def _padded_size(size: int) -> int:
    if size <= 4:
        return size
    power = 1 << (size.bit_length() - 1)
    return size if size == power else (power + power // 2 if size <= power + power // 2 else 2 * power)

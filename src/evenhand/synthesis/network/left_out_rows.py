"""What is left of a network's least squares without some of its rows, from the fit with all of them.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

With P = W − WX(X'WX)⁻X'W the fit without rows s has residual precision P_rr − P_rs P_ss⁺ P_sr on the others: the block
P_ss is all that is needed of the fit, never another factorisation. P_ss is singular by as many directions as pieces
the network falls into without those rows; they say nothing of any other, and P_ss⁺ leaves them alone.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.network.evidence import NetworkStudy, pieces
from evenhand.synthesis.network.network_kernel import NetworkModel, Places
from evenhand.synthesis.network.pooled_designs import PooledDesigns

# Below it a direction of P_ss, as a share of its weight, is one that only these rows know of, or so nearly that too
# few digits are left of it.
NEARLY_ALONE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The rows of n studies of a arms each, p = a − 1 rows a study."""

    study: Places  # (n,)
    rows: Places  # (n, p)
    arms: Places  # (n, a)
    X: Floats  # (n, p, a)


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """P_ss⁺ of each study of a block, in the form UΛ⁻¹U' on rows over the root of their variance."""

    inverse: Floats  # (n, p, p), of W^-½ P_ss W^-½
    doubtful: np.ndarray  # (n,), whether so little else is known of some direction that only a refit has its digits


def blocks_of(model: NetworkModel) -> list[Block]:
    """The rows of each study, together for all of one number of arms."""
    studies, start, count = np.unique(model.study, return_index=True, return_counts=True)
    blocks = []
    for p in np.unique(count).tolist():
        chosen = count == p
        rows = start[chosen][:, None] + np.arange(p)
        entry = np.searchsorted(model.entry_row, rows)[..., None] + np.arange(p + 1)
        blocks.append(Block(studies[chosen], rows, model.entry_treatment[entry[:, 0]], model.entry[entry]))
    return blocks


def leverage_blocks(block: Block, root: Floats, covariance: Floats) -> Floats:
    """W^½ X C X' W^½ of each study, (n, p, p), with `root` = W^½, (n, p)."""
    X = root[:, :, None] * block.X
    inner = covariance[block.arms[:, :, None], block.arms[:, None, :]]
    product: Floats = X @ inner @ np.swapaxes(X, 1, 2)
    return product


def left_out(leverage: Floats, lost: Places) -> LeftOut:
    """Invert I − leverage, (n, p, p), for each study, save the `lost` directions that only it knows of, (n,)."""
    p = leverage.shape[1]
    eigenvalue, axes = np.linalg.eigh(np.eye(p) - leverage)
    alone = np.arange(p) < lost[:, None]
    kept = np.where(alone, 1.0, eigenvalue)
    doubtful = np.asarray((kept < NEARLY_ALONE).any(axis=1))
    kept = np.maximum(kept, np.finfo(float).eps)
    inverse = (axes * np.where(alone, 0.0, 1.0 / kept)[:, None, :]) @ np.swapaxes(axes, 1, 2)
    return LeftOut(inverse, doubtful)


def pieces_lost(
    block: Block, leverage: Floats, studies: Sequence[NetworkStudy], components: Sequence[Sequence[int]]
) -> Places:
    """How many more pieces there are without each study, (n,); a treatment that nobody else has is one."""
    lost = np.zeros(block.study.size, dtype=np.intp)
    for i in np.flatnonzero(np.linalg.eigvalsh(leverage)[:, -1] > 1.0 - NEARLY_ALONE).tolist():
        lost[i] = len(pieces_without([int(block.study[i])], studies, components)) - len(components)
    return lost


def pieces_without(
    without: Iterable[int], studies: Sequence[NetworkStudy], components: Sequence[Sequence[int]]
) -> tuple[tuple[int, ...], ...]:
    """The pieces of the network without some studies."""
    gone = set(without)
    size = sum(len(piece) for piece in components)
    return pieces(size, {one.treatments for i, one in enumerate(studies) if i not in gone})


def left_out_contrast(designs: PooledDesigns, without: Sequence[int], first: int, second: int) -> tuple[float, float]:
    """Effect of `first` less `second`, and its variance, without some designs; nan where nothing then joins the two."""
    fit, model = designs.fit, designs.fit.model
    covariance = fit.covariance()
    rows = np.flatnonzero(np.isin(model.study, without))
    X = _dense_rows(model, rows)
    root = np.sqrt(fit.wi[rows])
    scaled = root[:, None] * X
    eigenvalue, axes = np.linalg.eigh(np.eye(rows.size) - scaled @ covariance @ scaled.T)
    lost = 0
    if eigenvalue[0] < NEARLY_ALONE:
        left = pieces_without(without, designs.studies, designs.components)
        if not any(first in piece and second in piece for piece in left):
            return math.nan, math.nan
        lost = len(left) - len(designs.components)
        if eigenvalue[lost:].min(initial=1.0) < NEARLY_ALONE:
            return _refitted_contrast(designs, without, left, first, second)
    known = axes[:, lost:]
    along = (covariance[first] - covariance[second]) @ scaled.T @ known
    residual = known.T @ (root * fit.residual[rows])
    scale = 1.0 / eigenvalue[lost:]
    estimate = fit.beta[first] - fit.beta[second] - along @ (scale * residual)
    variance = covariance[first, first] + covariance[second, second] - 2 * covariance[first, second]
    return float(estimate), float(variance + along @ (scale * along))


def _refitted_contrast(
    designs: PooledDesigns, without: Sequence[int], left: Sequence[Sequence[int]], first: int, second: int
) -> tuple[float, float]:
    gone = set(without)
    fit = NetworkModel.of_studies([one for i, one in enumerate(designs.studies) if i not in gone], left).at(0.0)
    v = fit.covariance()
    return float(fit.beta[first] - fit.beta[second]), float(v[first, first] + v[second, second] - 2 * v[first, second])


def _dense_rows(model: NetworkModel, rows: Places) -> Floats:
    """Rows of X, (r, T)."""
    X = np.zeros((rows.size, model.size))
    for at, row in enumerate(rows.tolist()):
        own = slice(*np.searchsorted(model.entry_row, [row, row + 1]))
        X[at, model.entry_treatment[own]] = model.entry[own]
    return X

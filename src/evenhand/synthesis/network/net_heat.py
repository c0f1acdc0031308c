"""Where designs disagree: by how much the disagreement of each would fall if another had effects of its own.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass, field

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.network.design_decomposition import tau2_within_designs
from evenhand.synthesis.network.evidence import NetworkEvidence
from evenhand.synthesis.network.left_out_rows import blocks_of, left_out, leverage_blocks, pieces_lost
from evenhand.synthesis.network.pooled_designs import PooledDesigns, pooled_designs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetHeat:
    """The D designs that other designs say something of, against each other."""

    designs: tuple[tuple[str, ...], ...]  # their treatments
    tau2: float  # in the weights of the designs' estimates
    disagreement: Floats = field(repr=False)  # (D,), each design's part of Q between designs; of all D it is the sum
    # (D, D): by how much the disagreement of the row's design falls once the column's is detached; on the diagonal its
    # own disagreement. Above 0, warm: the column explains the row; below 0, cool: the column kept it in bounds.
    change: Floats = field(repr=False)
    # (D, D), what of the column's estimate goes into the network's estimate of the row, the largest of its entries
    # without their signs: the size of the square.
    contribution: Floats = field(repr=False)


def net_heat(evidence: NetworkEvidence, *, between_designs: bool = False, method: str = "DL") -> NetHeat:
    """The net heat of a network.

    Parameters
    ----------
    evidence : NetworkEvidence
        Designs that alone join a piece to the rest agree with everything, and are left out.
    between_designs : bool
        Whether the variance of studies of one design is in the weights, so that what is left is between designs.
    method : str
        Of that variance, as in `design_decomposition`.

    Returns
    -------
    NetHeat
        Of no design, where no two ways lead to any effect.

    References
    ----------
    Krahn, Binder & König (2013). BMC Med. Res. Methodol. 13, 35.
    """
    within = tau2_within_designs(evidence, method=method) if between_designs else 0.0
    tau2 = 0.0 if np.isnan(within) else within
    designs = pooled_designs(evidence, tau2)
    disagreement, change, contribution, shown = _heat(designs)
    return NetHeat(
        designs=tuple(tuple(evidence.treatments[t] for t in designs.studies[i].treatments) for i in shown),
        tau2=tau2,
        disagreement=disagreement[shown],
        change=change[np.ix_(shown, shown)],
        contribution=contribution[np.ix_(shown, shown)],
    )


def _heat(designs: PooledDesigns) -> tuple[Floats, Floats, Floats, list[int]]:
    fit, model = designs.fit, designs.fit.model
    covariance, count = fit.covariance(), len(designs.studies)
    # Each row's contribution to Q at the network's estimates, and X C of each row, (m, T).
    own: Floats = np.bincount(model.study, fit.wi * fit.residual**2, minlength=count).astype(np.float64)
    spread = np.zeros((model.k, model.size))
    np.add.at(spread, model.entry_row, model.entry[:, None] * covariance[model.entry_treatment])
    change, contribution = np.zeros((count, count)), np.zeros((count, count))
    shown = []
    for block in blocks_of(model):
        root = np.sqrt(fit.wi[block.rows])
        leverage = leverage_blocks(block, root, covariance)
        lost = pieces_lost(block, leverage, designs.studies, designs.components)
        without = left_out(leverage, lost)
        for i, design in enumerate(block.study.tolist()):
            rows = block.rows[i]
            # (T, p): how far effects move for the design's rows over their root variance.
            lever = (root[i][:, None] * spread[rows]).T
            shift = -lever @ without.inverse[i] @ (root[i] * fit.residual[rows])
            moved = fit.residual - model.fitted(shift)
            after = np.bincount(model.study, fit.wi * moved**2, minlength=count)
            change[:, design] = own - after
            change[design, design] = own[design]
            along = np.stack([model.fitted(column) for column in (lever * root[i]).T], axis=1)  # (m, p): X C X_c' W_c
            np.maximum.at(contribution[:, design], model.study, np.abs(along).max(axis=1))
            if lost[i] < rows.size:
                shown.append(design)
    return own, change, contribution, sorted(shown)

"""Whether designs agree: what each design adds to the disagreement, and the design-by-treatment test.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass, field

import numpy as np

from evenhand.synthesis.network.evidence import NetworkEvidence, NetworkStudy
from evenhand.synthesis.network.left_out_rows import blocks_of, left_out, leverage_blocks, pieces_lost, pieces_without
from evenhand.synthesis.network.network_fit import NETWORK_METHODS
from evenhand.synthesis.network.network_kernel import NetworkModel
from evenhand.synthesis.network.pooled_designs import PooledDesigns, pooled_designs
from evenhand.synthesis.network.q_decomposition import QDecomposition, QPart, q_decomposition, q_part


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachedDesign:
    """The disagreement between designs that is left once one design has effects of its own."""

    design: tuple[str, ...]  # its treatments
    k: int  # its studies
    loses: tuple[str, ...]  # treatments that nothing else joins to the rest
    between: QPart


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DesignDecomposition:
    """The disagreement of a network by design."""

    q: QDecomposition = field(repr=False)  # total, within and between designs, with inverse sampling variances
    detached: tuple[DetachedDesign, ...]  # those whose detachment leaves fewer degrees of freedom
    tau2_within: float  # between-study variance of studies of one design; nan where no design has two studies
    method: str  # by which it is estimated
    # The full design-by-treatment interaction: between designs, with that variance in all weights.
    interaction: QPart

    @property
    def tau_within(self) -> float:
        """Between-study standard deviation within designs."""
        return math.sqrt(self.tau2_within)


def design_decomposition(evidence: NetworkEvidence, *, method: str = "DL") -> DesignDecomposition:
    """Split the disagreement of a network between its designs.

    Parameters
    ----------
    evidence : NetworkEvidence
        Checked evidence.
    method : str
        Of the between-study variance within designs: 'DL', 'REML', 'PM', or 'EE' for none. Not 'ML', which is as much
        too small as there are designs.

    Returns
    -------
    DesignDecomposition
        With no degrees of freedom between designs, tests are nan.

    Raises
    ------
    ValueError
        For a method there is not.

    References
    ----------
    Krahn, Binder & König (2013). BMC Med. Res. Methodol. 13, 35; Higgins, Jackson, Barrett, Lu, Ades & White (2012).
    Res. Synth. Methods 3, 98-110; Jackson, Barrett, Rice, White & Higgins (2014). Statist. Med. 33, 3639-3654.
    """
    if method not in NETWORK_METHODS or method == "ML":
        raise ValueError(f"method '{method}': there are {', '.join(name for name in NETWORK_METHODS if name != 'ML')}")
    tau2 = tau2_within_designs(evidence, method=method)
    parts = q_decomposition(evidence)
    return DesignDecomposition(
        q=parts,
        detached=tuple(_detached(evidence, pooled_designs(evidence, 0.0), parts.inconsistency)),
        tau2_within=tau2,
        method=method,
        interaction=_between(pooled_designs(evidence, 0.0 if math.isnan(tau2) else tau2), parts.inconsistency.df),
    )


def tau2_within_designs(evidence: NetworkEvidence, *, method: str = "DL") -> float:
    """The between-study variance where every design has effects of its own; nan where no design has two studies."""
    members: dict[tuple[int, ...], list[NetworkStudy]] = {}
    for one in evidence.studies:
        members.setdefault(one.design, []).append(one)
    # A design of one study fits itself, and says nothing of the variance.
    studies, components, size = [], [], 0
    for design, own in members.items():
        if len(own) > 1:
            piece = tuple(range(size, size + len(design)))
            components.append(piece)
            studies += [NetworkStudy(label=one.label, treatments=piece, yi=one.yi, v=one.v) for one in own]
            size += len(design)
    if not studies:
        return math.nan
    return float(NETWORK_METHODS[method](NetworkModel.of_studies(studies, components)))


def _between(designs: PooledDesigns, df: int) -> QPart:
    return q_part(designs.fit.q if df > 0 else 0.0, df)


def _detached(evidence: NetworkEvidence, designs: PooledDesigns, between: QPart) -> list[DetachedDesign]:
    fit = designs.fit
    covariance = fit.covariance()
    parts: dict[int, DetachedDesign] = {}
    for block in blocks_of(fit.model):
        root = np.sqrt(fit.wi[block.rows])
        leverage = leverage_blocks(block, root, covariance)
        lost = pieces_lost(block, leverage, designs.studies, designs.components)
        without = left_out(leverage, lost)
        scaled = root * fit.residual[block.rows]
        drop = np.einsum("ni,nij,nj->n", scaled, without.inverse, scaled)
        for i, design in enumerate(block.study.tolist()):
            one = designs.studies[design]
            df = between.df - (one.yi.size - int(lost[i]))
            if df == between.df:
                continue
            q = max(0.0, between.q - float(drop[i])) if df > 0 else 0.0
            loses: tuple[str, ...] = ()
            left = pieces_without([design], designs.studies, designs.components)
            if lost[i]:
                # The rest is what holds most treatments, and of equals most of the design's own.
                arms = set(one.treatments)
                size = [(len(piece), len(arms.intersection(piece))) for piece in left]
                main = left[size.index(max(size))]
                own_piece = next(piece for piece in designs.components if one.treatments[0] in piece)
                loses = tuple(evidence.treatments[t] for t in own_piece if t not in main)
            if without.doubtful[i] and df > 0:
                rest = [other for j, other in enumerate(designs.studies) if j != design]
                q = NetworkModel.of_studies(rest, left).at(0.0).q
            parts[design] = DetachedDesign(
                design=tuple(evidence.treatments[t] for t in one.treatments),
                k=len(designs.members[design]),
                loses=loses,
                between=q_part(q, df),
            )
    return [parts[design] for design in sorted(parts)]

"""One estimate a design: the studies that compare the same treatments, pooled.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass, field

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.network.evidence import NetworkEvidence, NetworkStudy
from evenhand.synthesis.network.network_kernel import NetworkModel, WeightedNetwork


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PooledDesigns:
    """D designs as if each were one study, the between-study variance in its sampling covariance."""

    studies: tuple[NetworkStudy, ...] = field(repr=False)  # (D,), in order of their first study
    members: tuple[tuple[int, ...], ...] = field(repr=False)  # places of the studies of each
    components: tuple[tuple[int, ...], ...]  # pieces of the network
    fit: WeightedNetwork = field(repr=False)  # the consistency model on them: the network's own estimates


def pooled_designs(evidence: NetworkEvidence, tau2: float) -> PooledDesigns:
    """Pool the studies of each design by least squares with covariance V + tau2 (I + J)/2."""
    members: dict[tuple[int, ...], list[int]] = {}
    for i, one in enumerate(evidence.studies):
        members.setdefault(one.design, []).append(i)
    studies = tuple(
        _pooled([evidence.studies[i] for i in own], tau2, ":".join(evidence.treatments[t] for t in design))
        for design, own in members.items()
    )
    return PooledDesigns(
        studies=studies,
        members=tuple(tuple(own) for own in members.values()),
        components=evidence.components,
        fit=NetworkModel.of_studies(studies, evidence.components).at(0.0),
    )


def _pooled(studies: list[NetworkStudy], tau2: float, label: str) -> NetworkStudy:
    p = studies[0].yi.size
    between = 0.5 * tau2 * (np.eye(p) + 1.0)
    y, v = np.array([one.yi for one in studies]), np.array([one.v for one in studies]) + between
    if len(studies) == 1:
        mean, covariance = y[0], v[0]
    else:
        precision = np.linalg.inv(v)
        covariance = np.linalg.inv(precision.sum(axis=0))
        # About the first study, so that large effects keep their digits.
        mean = y[0] + covariance @ (precision @ (y - y[0])[:, :, None])[:, :, 0].sum(axis=0)
    return NetworkStudy(label=label, treatments=studies[0].treatments, yi=mean, v=_symmetric(covariance))


def _symmetric(matrix: Floats) -> Floats:
    return 0.5 * (matrix + matrix.T)

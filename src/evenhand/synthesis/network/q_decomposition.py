"""The disagreement of a network, split into that of studies of one design and that between designs.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass

import numpy as np

from evenhand.synthesis.network.evidence import NetworkEvidence, NetworkStudy, pieces
from evenhand.synthesis.network.network_kernel import NetworkModel
from evenhand.synthesis.wald import chi_square_tail


@dataclass(frozen=True, slots=True, kw_only=True)
class QPart:
    """A χ² statistic."""

    q: float
    df: int
    p_value: float  # nan with no degrees of freedom


@dataclass(frozen=True, slots=True, kw_only=True)
class QDecomposition:
    """Q = heterogeneity within designs + inconsistency between them, all with inverse sampling variances."""

    total: QPart
    heterogeneity: QPart
    inconsistency: QPart
    designs: tuple[tuple[int, ...], ...]  # in order of their first study
    by_design: tuple[QPart, ...]  # of the studies of each


def q_decomposition(evidence: NetworkEvidence, model: NetworkModel | None = None) -> QDecomposition:
    """Split Q by design, a design being the set of treatments that a study compares.

    References
    ----------
    Krahn, Binder & König (2013). BMC Med. Res. Methodol. 13, 35; Rücker & Schwarzer (2014), §2.5.
    """
    model = NetworkModel.of(evidence) if model is None else model
    studies: dict[tuple[int, ...], list[NetworkStudy]] = {}
    for one in evidence.studies:
        studies.setdefault(one.design, []).append(one)
    by_design = tuple(_within(own) for own in studies.values())
    within = q_part(sum(part.q for part in by_design), sum(part.df for part in by_design))
    total = q_part(model.at(0.0).q, model.df)
    df = total.df - within.df
    # Each is a minimum over more coefficients than the next: the difference is not below 0, though rounding may be.
    between = q_part(max(0.0, total.q - within.q) if df > 0 else 0.0, df)
    return QDecomposition(
        total=total, heterogeneity=within, inconsistency=between, designs=tuple(studies), by_design=by_design
    )


def q_part(q: float, df: int) -> QPart:
    """With its chance under no disagreement."""
    return QPart(q=q, df=df, p_value=chi_square_tail(q, df) if df > 0 else float("nan"))


def _within(studies: list[NetworkStudy]) -> QPart:
    a = len(studies[0].treatments)
    df = (len(studies) - 1) * (a - 1)
    if df == 0:
        return q_part(0.0, 0)
    if a == 2:
        y = np.array([one.yi[0] for one in studies])
        w = 1.0 / np.array([one.v[0, 0] for one in studies])
        about = y - y[0]
        return q_part(float(w @ (about - (w @ about) / w.sum()) ** 2), df)
    local = [
        NetworkStudy(label=one.label, treatments=tuple(range(a)), yi=one.yi, v=one.v, arm_variances=None)
        for one in studies
    ]
    return q_part(NetworkModel.of_studies(local, pieces(a, [range(a)])).at(0.0).q, df)

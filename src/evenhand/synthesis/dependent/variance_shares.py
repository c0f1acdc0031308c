"""How much of the variance of typical effects each level or outcome accounts for.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.covariance_tables import ByLevel
from evenhand.synthesis.dependent.marginal_likelihood import Problem, split


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceShare:
    """I² of one variance component."""

    term: str
    level: str  # of the inner factor; '' where there is one variance for all
    i2: float  # percent of this variance, the others that bear on the same effects, and typical sampling variance


def variance_shares(problem: Problem, x: Floats) -> tuple[VarianceShare, ...]:
    """Shares of each variance; random slopes have none, as theirs depends on the covariate.

    The typical sampling variance of some rows is (rows − what their fitted values take) / trace of their part of
    P = W − WX(X'WX)⁻¹X'W, W = V⁻¹ (Higgins & Thompson 2002, Statist. Med. 21, 1539-1558, eq. 9, for more levels than
    one). nan where V has no inverse.
    """
    variances: list[tuple[str, str, float, Floats]] = []  # term, level, value, rows it bears on
    k = problem.yi.size
    for term, (table, part) in zip(problem.terms, split(problem.terms, x), strict=True):
        if term.slopes is not None:
            continue
        if isinstance(table, ByLevel):
            for a in range(table.levels):
                variances.append((term.name, str(term.labels[a]), float(part[a] ** 2), term.level == a))
        else:
            variances.append((term.name, "", float(part[0] ** 2), np.ones(k, dtype=bool)))
    if not problem.sampling.positive_definite():
        return tuple(VarianceShare(term=term, level=level, i2=math.nan) for term, level, _, _ in variances)
    precision, leverage = _parts_of_projection(problem)
    total = np.zeros(k)
    for _, _, value, rows in variances:
        total += np.where(rows, value, 0.0)
    found = []
    for term_name, level, value, rows in variances:
        left, trace = float((1.0 - leverage[rows]).sum()), float(precision[rows].sum())
        told = left > 1e-9 and trace > 0
        i2 = 100.0 * value / (float(total[rows].mean()) + left / trace) if told else math.nan
        found.append(VarianceShare(term=term_name, level=level, i2=i2))
    return tuple(found)


def _parts_of_projection(problem: Problem) -> tuple[Floats, Floats]:
    """Diagonals of P and of X(X'WX)⁻¹X'W."""
    weights = problem.sampling.inverse()
    weighted = weights.times(problem.X)
    covariance = np.linalg.inv(problem.X.T @ weighted)
    precision = weights.variances - np.einsum("ij,jk,ik->i", weighted, covariance, weighted)
    leverage: Floats = np.einsum("ij,jk,ik->i", problem.X, covariance, weighted)
    return precision, leverage

"""How much the moderators' dependence on each other inflates the variance of their coefficients.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflation:
    """Variance inflation of one coefficient, or of all coefficients of a term together."""

    name: str
    columns: int
    gvif: float  # of one coefficient the ordinary factor, VIF; infinite where it is not identified beside the others
    gsif: float  # gvif to the power 1 / (2 · columns): by how much a typical standard error is inflated


def variance_inflation(
    covariance: Floats, names: Sequence[str], groups: Sequence[Sequence[int]], intercept: int | None
) -> tuple[Inflation, ...]:
    """Inflation of each group of coefficients; the intercept takes no part.

    Parameters
    ----------
    covariance : ndarray, shape (p, p)
    names : sequence of str
        One a group.
    groups : sequence of sequences of int
        Columns of each group.
    intercept : int, optional
        The column that is left aside.

    References
    ----------
    Fox & Monette (1992). J. Am. Stat. Assoc. 87, 178-183, eq. 10, with the correlations of the coefficients.
    """
    kept = [j for j in range(covariance.shape[0]) if j != intercept]
    place = {j: i for i, j in enumerate(kept)}
    sds = np.sqrt(np.diagonal(covariance)[kept])
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = covariance[np.ix_(kept, kept)] / np.outer(sds, sds)
    whole = _log_det(correlation)
    found = []
    for name, group in zip(names, groups, strict=True):
        inside = [place[j] for j in group]
        outside = [i for i in range(len(kept)) if i not in inside]
        log_gvif = _log_det(correlation[np.ix_(inside, inside)]) + _log_det(correlation[np.ix_(outside, outside)])
        gvif = float(np.exp(log_gvif - whole))
        found.append(Inflation(name=name, columns=len(inside), gvif=gvif, gsif=gvif ** (0.5 / len(inside))))
    return tuple(found)


def _log_det(correlation: Floats) -> float:
    if correlation.size == 0:
        return 0.0
    if not np.isfinite(correlation).all():
        return float("nan")
    sign, log_det = np.linalg.slogdet(correlation)
    return float(log_det) if sign > 0 else -float("inf")

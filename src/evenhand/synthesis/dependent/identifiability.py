"""Which variances the data can tell from the coefficients and from each other.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import replace

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.covariance_terms import Term


def told_apart(terms: tuple[Term, ...], basis: Floats) -> tuple[Term, ...]:
    """The terms, those of whose variance the data say nothing marked as not estimable; `basis` is orthonormal, (k, p).

    With no more effects than coefficients nothing is left to tell any variance. A random intercept is lost where the
    coefficients already fit each of its groups (a single group and an intercept), and where a coarser level forms the
    same groups, which then keeps the variance of both.
    """
    k, p = basis.shape
    found: list[Term] = []
    for term in terms:
        lost = k <= p or (
            term.is_intercept and (_fitted_by(term, basis) or any(_same_groups(term, other) for other in found))
        )
        found.append(replace(term, estimable=(False,) * len(term.estimable)) if lost else term)
    return tuple(found)


def _fitted_by(term: Term, basis: Floats) -> bool:
    groups = int(term.group.max()) + 1
    if groups > basis.shape[1]:
        return False
    indicators = (term.group[:, None] == np.arange(groups)).astype(np.float64)
    left = indicators - basis @ (basis.T @ indicators)
    return bool((np.abs(left) < 1e-10).all())


def _same_groups(term: Term, other: Term) -> bool:
    if not other.is_intercept or int(term.group.max()) != int(other.group.max()):
        return False
    first = np.unique(term.group, return_index=True)[1]
    return bool(np.array_equal(other.group[first][term.group], other.group))

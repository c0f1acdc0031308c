"""The same likelihood for nested random intercepts and independent sampling errors, in time and memory linear in k.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

A random intercept adds σ² 11' to a group's covariance. Its inverse then loses a matrix of rank one (Sherman & Morrison
1950, Ann. Math. Statist. 21, 124-127), so that, going from the finest level to the coarsest, sums over groups are all
that is needed, however large the groups are.
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.grouped_rows import Integers
from evenhand.synthesis.dependent.marginal_likelihood import (
    GivenCovariance,
    Problem,
    least_squares,
    normal_constant,
    not_a_covariance,
)


def is_nested(problem: Problem) -> bool:
    """Whether the random effects are intercepts, each level within the next, and sampling errors independent."""
    if not problem.sampling.is_diagonal or not (problem.sampling.variances > 0).all():
        return False
    if not problem.terms or not all(term.is_intercept for term in problem.terms):
        return False
    chain = sorted((term.group for term in problem.terms), key=lambda group: int(group.max()))
    for outer, inner in zip(chain[:-1], chain[1:], strict=True):
        if not np.array_equal(outer[_first_rows(inner)][inner], outer):
            return False
    return True


def _first_rows(group: Integers) -> Integers:
    return np.asarray(np.unique(group, return_index=True)[1], dtype=np.intp)


class NestedIntercepts:
    """A problem for which `is_nested` is true."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        k = problem.yi.size
        # From the finest level to the coarsest.
        self._order = sorted(
            range(len(problem.terms)), key=lambda t: int(problem.terms[t].group.max()), reverse=True
        )
        rows = np.lexsort([problem.terms[t].group for t in self._order])
        self._rows = rows
        self._columns = np.column_stack([np.ones(k), problem.X, problem.yi])[rows]
        self._variances = problem.sampling.variances[rows]
        self._groups: list[tuple[Integers, Integers] | None] = []
        for t in self._order:
            sorted_group = problem.terms[t].group[rows]
            starts = np.concatenate([[0], np.flatnonzero(np.diff(sorted_group)) + 1])
            if starts.size == k:
                self._groups.append(None)  # every row its own group
            else:
                number = np.zeros(k, dtype=np.intp)
                number[starts[1:]] = 1
                self._groups.append((starts, np.cumsum(number)))
        self._constant = normal_constant(problem)

    def _sums(self, depth: int, values: Floats) -> Floats:
        groups = self._groups[depth]
        return values if groups is None else np.add.reduceat(values, groups[0], axis=0)

    def _spread(self, depth: int, values: Floats) -> Floats:
        groups = self._groups[depth]
        return values if groups is None else values[groups[1]]

    def _solved(self, variances: Floats, columns: Floats) -> tuple[Floats, float, list[tuple[Floats, Floats, Floats]]]:
        """M⁻¹ columns, log|M|, and of each level, finest first, M⁻¹1 before it, its sums, and what it takes away."""
        log_determinant = float(np.log(self._variances).sum())
        solved = columns / self._variances[:, None]
        levels = []
        for depth, sigma2 in enumerate(variances):
            ones = solved[:, 0]
            sums = self._sums(depth, solved)
            inflation = 1.0 + sigma2 * sums[:, 0]
            share = sigma2 / inflation
            log_determinant += float(np.log(inflation).sum())
            levels.append((ones, sums[:, 0] / inflation, share))
            solved = solved - ones[:, None] * self._spread(depth, share[:, None] * sums)
        return solved, log_determinant, levels

    def at(self, x: Floats) -> GivenCovariance:
        """See `Likelihood`."""
        p = self.problem.X.shape[1]
        variances = x[self._order] ** 2
        solved, log_determinant, levels = self._solved(variances, self._columns)
        products = self._columns[:, 1:].T @ solved[:, 1:]
        fitted = least_squares(products[:p, :p], products[:p, p])
        if fitted is None:
            return not_a_covariance(x.size, p)
        beta, covariance, log_information = fitted
        residual = solved[:, p + 1] - solved[:, 1 : p + 1] @ beta
        square = float((self._columns[:, p + 1] - self._columns[:, 1 : p + 1] @ beta) @ residual)
        log_likelihood = self._constant - 0.5 * (log_determinant + square)
        if self.problem.restricted:
            log_likelihood -= 0.5 * log_information
        by_variance = np.empty(x.size)
        for depth, t in enumerate(self._order):
            by_variance[t] = self._by_variance(depth, levels, residual, solved[:, 1 : p + 1], covariance)
        return GivenCovariance(log_likelihood, 2 * x * by_variance, beta, covariance)

    def _by_variance(
        self, depth: int, levels: list[tuple[Floats, Floats, Floats]], residual: Floats, columns: Floats,
        covariance: Floats,
    ) -> float:  # fmt: skip
        """½ [r'M⁻¹11'M⁻¹r − tr M⁻¹11' (+ tr of what β takes, if restricted)], summed over a level's groups."""
        precision = levels[depth][1]  # 1'M⁻¹1 of each group, with this level and the finer ones
        for coarser in range(depth + 1, len(levels)):
            ones, _, share = levels[coarser]
            here = self._sums(depth, ones)
            first = self._sums_first(depth)
            precision = precision - self._spread(coarser, share)[first] * here**2
        total = float((self._sums(depth, residual) ** 2).sum()) - float(precision.sum())
        if self.problem.restricted:
            sums = self._sums(depth, columns)
            total += float(np.einsum("ij,jk,ik->", sums, covariance, sums, optimize=True))
        return 0.5 * total

    def _sums_first(self, depth: int) -> Integers | slice:
        groups = self._groups[depth]
        return slice(None) if groups is None else groups[0]

    def solve(self, x: Floats, columns: Floats) -> Floats:
        """See `Likelihood`."""
        solved, _, _ = self._solved(x[self._order] ** 2, np.column_stack([np.ones(columns.shape[0]), columns[self._rows]]))
        back = np.empty_like(columns)
        back[self._rows] = solved[:, 1:]
        return back

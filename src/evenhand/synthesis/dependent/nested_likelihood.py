"""The same likelihood for nested random intercepts, without factoring a matrix: time and memory linear in k.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Correlated sampling errors are first rotated onto the axes of their blocks, where they are independent. A random
intercept adds σ² 11' to a group's covariance. Its inverse then loses a matrix of rank one (Sherman & Morrison 1950,
Ann. Math. Statist. 21, 124-127), so that, going from the finest level to the coarsest, sums over groups are all that is
needed, however large the groups are.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.grouped_rows import Integers
from evenhand.synthesis.dependent.marginal_likelihood import (
    GivenCovariance,
    Predicted,
    Problem,
    least_squares,
    normal_constant,
    not_a_covariance,
)


def is_nested(problem: Problem) -> bool:
    """Whether random effects are intercepts, each level within the next, and correlated errors within all but singles.

    A level of single effects may be finer than the blocks of correlated sampling errors, as its covariance is the same
    in every direction.
    """
    if not problem.terms or not all(term.is_intercept for term in problem.terms):
        return False
    k = problem.yi.size
    chain = sorted((term.group for term in problem.terms), key=lambda group: int(group.max()))
    for outer, inner in pairwise(chain):
        if not _within(inner, outer):
            return False
    if problem.sampling.is_diagonal:
        return bool((problem.sampling.variances > 0).all())
    finest = next((group for group in reversed(chain) if int(group.max()) < k - 1), None)
    return finest is None or _within(problem.sampling.labels(), finest)


def _within(inner: Integers, outer: Integers) -> bool:
    """Whether every group of `inner` lies in one group of `outer`."""
    first = np.unique(inner, return_index=True)[1]
    return np.array_equal(outer[first][inner], outer)


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Groups of rows that stand next to each other."""

    first: Integers | slice  # row that each begins with
    number: Integers | slice  # of each row's group
    alone: bool  # every row its own group

    @classmethod
    def of(cls, group: Integers) -> "_Groups":
        begins = np.concatenate([[True], np.diff(group) != 0])
        if begins.all():
            return cls(slice(None), slice(None), True)
        return cls(np.flatnonzero(begins), np.cumsum(begins) - 1, False)

    def sums(self, values: Floats) -> Floats:
        """Over each group, of the last axis."""
        if isinstance(self.first, slice):
            return values
        return np.asarray(np.add.reduceat(values, self.first, axis=-1))

    def spread(self, values: Floats) -> Floats:
        """From the groups to their rows."""
        found: Floats = values[..., self.number]
        return found


class _Axes:
    """Rows in the order of the groups, and blocks of correlated sampling errors turned onto their own axes."""

    def __init__(self, problem: Problem, rows: Integers) -> None:
        self.rows = rows
        place = np.empty_like(rows)
        place[rows] = np.arange(rows.size)
        self._place = place
        self.variances = problem.sampling.variances[rows]
        self._turned: list[tuple[Integers, Floats]] = []
        for stack in problem.sampling.stacks:
            variances, axes = np.linalg.eigh(stack.matrices)
            self.variances[place[stack.rows]] = variances
            self._turned.append((place[stack.rows], axes))
        self.one = self._turn(np.ones((1, rows.size)))[0]

    def _turn(self, columns: Floats) -> Floats:
        turned = columns.copy()
        for places, axes in self._turned:
            turned[:, places] = np.einsum("cbi,bij->cbj", columns[:, places], axes)
        return turned

    def rotated(self, columns: Floats) -> Floats:
        """Columns of shape (c, k), rows as given, on the axes."""
        return self._turn(columns[:, self.rows])

    def back(self, columns: Floats) -> Floats:
        """The way back."""
        turned = columns.copy()
        for places, axes in self._turned:
            turned[:, places] = np.einsum("cbj,bij->cbi", columns[:, places], axes)
        return turned[:, self._place]

    def back_diagonal(self, diagonal: Floats) -> Floats:
        """Diagonal, as given, of a matrix that is diagonal on the axes; shape (k,)."""
        turned = diagonal.copy()
        for places, axes in self._turned:
            turned[places] = np.einsum("bj,bij->bi", diagonal[places], axes**2)
        return turned[self._place]

    def in_order(self, values: Floats) -> Floats:
        """Values of the rows, shape (k,), as given."""
        return values[self._place]


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """What adding a level's variance did."""

    ones: Floats  # (k,), M⁻¹1 within each group before it; all on the rotated axes
    precision: Floats  # (groups,), 1'M⁻¹1 with it
    share: Floats  # (groups,), how much of the rank-one matrix of `ones` it takes from M⁻¹


class NestedIntercepts:
    """A problem for which `is_nested` is true."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        # From the finest level to the coarsest.
        self._order = sorted(range(len(problem.terms)), key=lambda t: int(problem.terms[t].group.max()), reverse=True)
        self._axes = _Axes(problem, np.lexsort([problem.terms[t].group for t in self._order]))
        # One row a column of the model, so that sums over groups run through memory in order.
        self._columns = self._axes.rotated(np.vstack([problem.X.T, problem.yi]))
        self._groups = [_Groups.of(problem.terms[t].group[self._axes.rows]) for t in self._order]
        self._constant = normal_constant(problem)

    def _solved(self, variances: Floats, columns: Floats) -> tuple[Floats, float, list[_Level]]:
        """M⁻¹ columns of shape (c, k), log|M|, and what each level did, finest first; all on the rotated axes.

        log|M| is nan where M is not positive definite.
        """
        levels: list[_Level] = []
        total, log_determinant = self._axes.variances, 0.0
        remaining = list(zip(self._groups, variances, strict=True))
        if remaining[0][0].alone:
            # Every effect its own group: simply more variance.
            total = total + remaining.pop(0)[1]
            levels.append(_Level(1.0 / total, 1.0 / total, np.zeros(0)))
        if not total.min() > 0:
            return columns, math.nan, levels
        log_determinant = float(np.log(total).sum())
        one = self._axes.one
        solved = np.vstack([one, columns]) / total
        for groups, sigma2 in remaining:
            ones = solved[0]
            sums = groups.sums(one * solved)
            inflation = 1.0 + sigma2 * sums[0]
            share = sigma2 / inflation
            log_determinant += float(np.log(inflation).sum())
            levels.append(_Level(ones, sums[0] / inflation, share))
            solved = solved - ones * groups.spread(share * sums)
        return solved[1:], log_determinant, levels

    def at(self, x: Floats) -> GivenCovariance:
        """See `Likelihood`."""
        p = self.problem.X.shape[1]
        solved, log_determinant, levels = self._solved(x[self._order] ** 2, self._columns)
        if not math.isfinite(log_determinant):
            return not_a_covariance(x.size, p)
        products = self._columns @ solved.T
        fitted = least_squares(products[:p, :p], products[:p, p])
        if fitted is None:
            return not_a_covariance(x.size, p)
        beta, covariance, log_information = fitted
        residual = solved[p] - beta @ solved[:p]
        square = float((self._columns[p] - beta @ self._columns[:p]) @ residual)
        log_likelihood = self._constant - 0.5 * (log_determinant + square)
        if self.problem.restricted:
            log_likelihood -= 0.5 * log_information
        by_variance = np.empty(x.size)
        for depth, t in enumerate(self._order):
            of_residual = self._sums(depth, residual)
            total = float(of_residual @ of_residual) - float(self._precision(depth, levels).sum())
            if self.problem.restricted:
                sums = self._sums(depth, solved[:p])
                total += float(((covariance @ sums) * sums).sum())
            by_variance[t] = 0.5 * total
        return GivenCovariance(log_likelihood, 2 * x * by_variance, beta, covariance)

    def _sums(self, depth: int, values: Floats) -> Floats:
        """1' times the values of each group of a level; single effects as they are, rotated or not."""
        groups = self._groups[depth]
        return values if groups.alone else groups.sums(self._axes.one * values)

    def _precision(self, depth: int, levels: list[_Level]) -> Floats:
        """1'M⁻¹1 of each group of a level; of single effects the diagonal of M⁻¹ on the rotated axes."""
        precision = levels[depth].precision
        first = self._groups[depth].first
        for coarser in range(depth + 1, len(levels)):
            share = self._groups[coarser].spread(levels[coarser].share)[first]
            precision = precision - share * self._sums(depth, levels[coarser].ones) ** 2
        return precision

    def solve(self, x: Floats, columns: Floats) -> Floats:
        """See `Likelihood`."""
        solved, _, _ = self._solved(x[self._order] ** 2, self._axes.rotated(columns.T))
        return self._axes.back(solved).T

    def predicted(self, x: Floats, number: int, residual: Floats, columns: Floats, covariance: Floats) -> Predicted:
        """See `Likelihood`."""
        depth = self._order.index(number)
        groups, sigma2 = self._groups[depth], float(x[number]) ** 2
        _, _, levels = self._solved(x[self._order] ** 2, self._columns)
        if groups.alone:
            precision = self._axes.back_diagonal(levels[0].precision)
            for coarser in range(1, len(levels)):
                share = self._groups[coarser].spread(levels[coarser].share)
                precision -= self._axes.in_order(share) * self._axes.back(levels[coarser].ones[None, :])[0] ** 2
            precision -= ((columns @ covariance) * columns).sum(axis=1)
            return Predicted(sigma2 * residual, sigma2 - sigma2**2 * precision)
        rows = self._axes.rows
        sums = groups.sums(columns[rows].T)
        precision = self._precision(depth, levels) - ((covariance @ sums) * sums).sum(axis=0)
        estimate = groups.spread(sigma2 * groups.sums(residual[rows]))
        variance = groups.spread(sigma2 - sigma2**2 * precision)
        return Predicted(self._axes.in_order(estimate), self._axes.in_order(variance))

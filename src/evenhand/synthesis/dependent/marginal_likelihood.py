"""The likelihood of y ~ N(Xβ, V + covariance of the random effects) and its slope, over independent groups of rows.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

No k × k matrix is ever formed. Rows fall into groups that share neither a random effect nor a sampling covariance;
groups of like size are factored together. Where all random effects are nested intercepts and the sampling errors
independent, `nested_likelihood` does the same without any matrix.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.covariance_tables import Table
from evenhand.synthesis.dependent.covariance_terms import Term
from evenhand.synthesis.dependent.grouped_rows import Batch, Integers, batches, connected
from evenhand.synthesis.dependent.sampling_covariance import SamplingCovariance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """What is fitted: k effects, p coefficients.

    The caller makes the columns of X orthonormal and takes the least-squares fit out of yi: so neither an effect far
    from 0 nor moderators of unlike size cost digits.
    """

    yi: Floats  # (k,)
    X: Floats  # (k, p), orthonormal
    sampling: SamplingCovariance
    terms: tuple[Term, ...]
    restricted: bool  # REML


@dataclass(frozen=True, slots=True, eq=False)
class GivenCovariance:
    """Generalised least squares at one covariance."""

    log_likelihood: float  # −inf where the covariance is not positive definite
    slope: Floats  # by each parameter, in the terms' order
    beta: Floats  # (p,)
    covariance: Floats  # (p, p), (X'M⁻¹X)⁻¹


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """One term's random effect of each row, as the data predict it."""

    estimate: Floats  # (k,)
    variance: Floats  # (k,), of its error, β being estimated too


class Likelihood(Protocol):
    """A way to work out the likelihood."""

    def at(self, x: Floats) -> GivenCovariance:
        """Likelihood, slope and coefficients for the terms' parameters one after the other, shape (q,)."""

    def solve(self, x: Floats, columns: Floats) -> Floats:
        """M⁻¹ times columns of shape (k, c)."""

    def predicted(self, x: Floats, number: int, residual: Floats, columns: Floats, covariance: Floats) -> Predicted:
        """Random effects of a term, from M⁻¹(y − Xβ), shape (k,), M⁻¹X, (k, p), and (X'M⁻¹X)⁻¹."""


def not_a_covariance(parameters: int, p: int) -> GivenCovariance:
    """What is said of parameters at which the effects' covariance is not positive definite."""
    return GivenCovariance(-math.inf, np.zeros(parameters), np.full(p, np.nan), np.full((p, p), np.nan))


def normal_constant(problem: Problem) -> float:
    """Terms of the log likelihood that no parameter changes.

    The ½ log|X'X| of the density of error contrasts (Harville 1974, Biometrika 61, 383-385) is 0 for orthonormal X.
    """
    k, p = problem.X.shape
    n = int(k - p if problem.restricted else k)
    return -0.5 * n * math.log(2 * math.pi)


def least_squares(information: Floats, right: Floats) -> tuple[Floats, Floats, float] | None:
    """β, (X'M⁻¹X)⁻¹ and log|X'M⁻¹X|; None where it is singular."""
    if not np.isfinite(information).all():
        return None
    try:
        factor = np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return None
    inverse = np.linalg.inv(factor)
    covariance = inverse.T @ inverse
    return covariance @ right, covariance, 2 * float(np.log(np.diag(factor)).sum())


def split(terms: tuple[Term, ...], x: Floats) -> list[tuple[Table, Floats]]:
    """Each term's table with its part of the parameters."""
    parts, start = [], 0
    for term in terms:
        size = len(term.table.parameters)
        parts.append((term.table, x[start : start + size]))
        start += size
    return parts


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """One batch of groups, everything that no parameter changes."""

    sampling: Floats  # (groups, size, size); ones on the diagonal of padding
    columns: Floats  # (groups, size, p + 1): X and y, zeros in padding
    lookups: tuple[Integers | Floats, ...]  # one a term: entries of its table, or rows of Z (groups, size, c)
    together: tuple[Floats | None, ...]  # for terms with slopes: 1 where two rows are of one group


class DenseBlocks:
    """Any random effects and any sampling covariance; memory grows with the sum of the groups' squared sizes."""

    def __init__(self, problem: Problem, label: Integers | None = None) -> None:
        """`label`, shape (k,), says into which groups rows fall, each of whole independent groups; by default these."""
        self.problem = problem
        self.label = independent_groups(problem) if label is None else label
        self._batches = batches(self.label)
        self._columns = np.vstack([np.column_stack([problem.X, problem.yi]), np.zeros((1, problem.X.shape[1] + 1))])
        self._prepared = [self._prepare(batch) for batch in self._batches]
        self._constant = normal_constant(problem)

    def _prepare(self, batch: Batch) -> _Prepared:
        lookups: list[Integers | Floats] = []
        together: list[Floats | None] = []
        for term in self.problem.terms:
            if term.slopes is None:
                lookups.append(term.pairs(batch.rows))
                together.append(None)
            else:
                lookups.append(np.vstack([term.slopes, np.zeros((1, term.slopes.shape[1]))])[batch.rows])
                group = np.append(term.group, -1)[batch.rows]
                together.append((group[:, :, None] == group[:, None, :]).astype(np.float64))
        return _Prepared(
            sampling=self._sampling(batch),
            columns=self._columns[batch.rows],
            lookups=tuple(lookups),
            together=tuple(together),
        )

    def _sampling(self, batch: Batch) -> Floats:
        groups, size = batch.rows.shape
        k = self.problem.yi.size
        matrices = np.zeros((groups, size, size))
        matrices[:, np.arange(size), np.arange(size)] = np.append(self.problem.sampling.variances, 1.0)[batch.rows]
        group, inside = np.full(k + 1, -1), np.zeros(k + 1, dtype=np.intp)
        group[batch.rows], inside[batch.rows] = np.indices(batch.rows.shape)
        for stack in self.problem.sampling.stacks:
            here = group[stack.rows[:, 0]] >= 0
            rows = stack.rows[here]
            matrices[group[rows][:, :, None], inside[rows][:, :, None], inside[rows][:, None, :]] = stack.matrices[here]
        return matrices

    @property
    def rows(self) -> list[Integers]:
        """Rows of each batch, shape (groups, size), k for padding."""
        return [batch.rows for batch in self._batches]

    def matrices(self, x: Floats) -> list[Floats]:
        """M of every batch, each of shape (groups, size, size)."""
        parts = split(self.problem.terms, x)
        return [
            self._matrix(prepared, [(table.table(part)[0]) for table, part in parts]) for prepared in self._prepared
        ]

    @staticmethod
    def _matrix(prepared: _Prepared, tables: list[Floats]) -> Floats:
        matrix = prepared.sampling.copy()
        for lookup, together, entries in zip(prepared.lookups, prepared.together, tables, strict=True):
            if together is None:
                matrix += np.append(entries, 0.0)[lookup]
            else:
                size = lookup.shape[2]
                matrix += (lookup @ entries.reshape(size, size) @ lookup.transpose(0, 2, 1)) * together
        return matrix

    def at(self, x: Floats) -> GivenCovariance:
        """See `Likelihood`."""
        parts = split(self.problem.terms, x)
        worked = [table.table(part) for table, part in parts]
        tables = [entries for entries, _ in worked]
        p = self.problem.X.shape[1]
        information, right = np.zeros((p, p)), np.zeros(p)
        log_determinant, square = 0.0, 0.0
        kept = []
        for prepared in self._prepared:
            try:
                factor = np.linalg.cholesky(self._matrix(prepared, tables))
            except np.linalg.LinAlgError:
                return not_a_covariance(x.size, p)
            log_determinant += 2 * float(np.log(np.diagonal(factor, axis1=1, axis2=2)).sum())
            root = np.linalg.inv(factor)  # lower triangles; M⁻¹ = root' root
            whitened = (root @ prepared.columns).reshape(-1, p + 1)
            products = whitened.T @ whitened
            information += products[:p, :p]
            right += products[:p, p]
            square += float(products[p, p])
            kept.append((prepared, root))
        solved = least_squares(information, right)
        if solved is None:
            return not_a_covariance(x.size, p)
        beta, covariance, log_information = solved
        remaining = 0.0
        slopes = [np.zeros(entries.size + 1) for entries in tables]
        for prepared, root in kept:
            whitened = root @ prepared.columns
            residual = whitened[:, :, p] - whitened[:, :, :p] @ beta
            remaining += float((residual**2).sum())
            self._add_slopes(prepared, root, whitened[:, :, :p], residual, covariance, slopes)
        log_likelihood = self._constant - 0.5 * (log_determinant + remaining)
        if self.problem.restricted:
            log_likelihood -= 0.5 * log_information
        slope = np.concatenate(
            [derivative.T @ of_table[:-1] for (_, derivative), of_table in zip(worked, slopes, strict=True)] or [x]
        )
        return GivenCovariance(log_likelihood, slope, beta, covariance)

    def _add_slopes(
        self, prepared: _Prepared, root: Floats, whitened: Floats, residual: Floats, covariance: Floats,
        slopes: list[Floats],
    ) -> None:  # fmt: skip
        """d log likelihood / dM of a batch, summed over the pairs that look up the same entry."""
        weight = root.transpose(0, 2, 1)
        by_matrix = -(weight @ root)
        solved = (weight @ residual[:, :, None])[:, :, 0]
        by_matrix += solved[:, :, None] * solved[:, None, :]
        if self.problem.restricted:
            columns = weight @ whitened
            by_matrix += columns @ covariance @ columns.transpose(0, 2, 1)
        by_matrix *= 0.5
        for lookup, together, total in zip(prepared.lookups, prepared.together, slopes, strict=True):
            if together is None:
                total += np.bincount(lookup.ravel(), weights=by_matrix.ravel(), minlength=total.size)
            else:
                total[:-1] += np.einsum("gia,gij,gjb->ab", lookup, by_matrix * together, lookup, optimize=True).ravel()

    def solve(self, x: Floats, columns: Floats) -> Floats:
        """See `Likelihood`."""
        padded = np.vstack([columns, np.zeros((1, columns.shape[1]))])
        solved = np.zeros_like(padded)
        for batch, matrix in zip(self._batches, self.matrices(x), strict=True):
            solved[batch.rows] = np.linalg.solve(matrix, padded[batch.rows])
        return solved[:-1]

    def predicted(self, x: Floats, number: int, residual: Floats, columns: Floats, covariance: Floats) -> Predicted:
        """See `Likelihood`."""
        k, p = columns.shape
        tables = [np.zeros(_size(table)) for table, _ in split(self.problem.terms, x)]
        table, part = split(self.problem.terms, x)[number]
        tables[number] = table.table(part)[0]
        padded = np.vstack([np.column_stack([residual, columns]), np.zeros((1, p + 1))])
        estimate, variance = np.zeros(k + 1), np.zeros(k + 1)
        for batch, prepared, matrix in zip(self._batches, self._prepared, self.matrices(x), strict=True):
            of_term = self._matrix(prepared, tables) - prepared.sampling
            given = of_term @ padded[batch.rows]
            own = np.diagonal(of_term, axis1=1, axis2=2)
            told = (of_term * np.linalg.solve(matrix, of_term)).sum(axis=1)
            told -= np.einsum("gip,pq,giq->gi", given[:, :, 1:], covariance, given[:, :, 1:])
            estimate[batch.rows] = given[:, :, 0]
            variance[batch.rows] = own - told
        return Predicted(estimate[:k], variance[:k])


def _size(table: Table) -> int:
    return int(table.table(np.zeros(len(table.parameters)))[0].size)


def independent_groups(problem: Problem) -> Integers:
    """Label of the group of each row, shape (k,); rows of different groups are independent."""
    groupings = [term.group for term in problem.terms if _binds(term)]
    if not problem.sampling.is_diagonal:
        groupings.append(problem.sampling.labels())
    return connected(groupings, problem.yi.size)


def _binds(term: Term) -> bool:
    """Whether a term ties rows together at all."""
    sizes = np.bincount(term.group)
    return bool((sizes > 1).any())

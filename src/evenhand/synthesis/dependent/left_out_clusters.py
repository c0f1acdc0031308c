"""How much each cluster moves the coefficients: deletion without going through the data again.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.grouped_rows import Flags, Integers, codes
from evenhand.synthesis.dependent.likelihood_search import climb
from evenhand.synthesis.dependent.marginal_likelihood import DenseBlocks, Likelihood, Problem, independent_groups
from evenhand.synthesis.dependent.multilevel_model import MultilevelFit, objective_of, settled, upright
from evenhand.synthesis.dependent.nested_likelihood import NestedIntercepts, is_nested
from evenhand.synthesis.dependent.sampling_covariance import SamplingCovariance, Stack


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterInfluence:
    """What leaving each cluster out does; the first axis is the clusters."""

    labels: tuple[Any, ...]
    beta: Floats  # (J, p), without the cluster; nan where the others do not tell every coefficient
    cooks_distance: Floats  # (J,), squared change of all coefficients by their covariance
    dfbetas: Floats  # (J, p), change of a coefficient in standard errors without the cluster


def cluster_influence(
    fit: MultilevelFit, cluster: Sequence[Any] | Integers, *, reestimate: bool = True
) -> ClusterInfluence:
    """Leave out each cluster in turn.

    Parameters
    ----------
    cluster : sequence, shape (k,)
    reestimate : bool
        Search for the variances again, from where they were; or keep them, which needs no search.

    Raises
    ------
    ValueError
        Where a row has no cluster, or there is but one.

    References
    ----------
    Viechtbauer & Cheung (2010). Res. Synth. Methods 1, 112-125, section 3, for clusters instead of studies.
    """
    label, labels = codes(cluster, "cluster", fit.k)
    count = len(labels)
    if count < 2:
        raise ValueError("one cluster: nothing is left without it")
    if not reestimate:
        beta, covariance = _with_variances_kept(fit, label, count)
    else:
        parts = [_without(fit, label == number) for number in range(count)]
        beta, covariance = np.array([part[0] for part in parts]), np.array([part[1] for part in parts])
    change = fit.beta - beta
    precision = np.linalg.inv(fit.covariance)
    with np.errstate(divide="ignore", invalid="ignore"):
        dfbetas = change / np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    return ClusterInfluence(
        labels=labels,
        beta=beta,
        cooks_distance=np.einsum("ji,ik,jk->j", change, precision, change),
        dfbetas=dfbetas,
    )


def _with_variances_kept(fit: MultilevelFit, label: Integers, count: int) -> tuple[Floats, Floats]:
    """Coefficients without each cluster, at the same variances, from sums over clusters alone."""
    solution = fit.solution
    problem = solution.problem
    tied = independent_groups(problem)
    first, of_row = np.unique(tied, return_index=True, return_inverse=True)[1:]
    if not np.array_equal(label[first][of_row], label):
        raise ValueError("the model ties effects of different clusters together; take reestimate=True")
    p = fit.p
    weighted = solution.likelihood.solve(solution.x, np.column_stack([problem.X, problem.yi]))
    information, right = np.zeros((count, p, p)), np.zeros((count, p))
    np.add.at(information, label, problem.X[:, :, None] * weighted[:, None, :p])
    np.add.at(right, label, problem.X * weighted[:, p:])
    left = information.sum(axis=0) - information
    told = np.linalg.eigvalsh(left)[:, 0] > 1e-10 * np.linalg.eigvalsh(information.sum(axis=0))[-1]
    beta, covariance = np.full((count, p), np.nan), np.full((count, p, p), np.nan)
    inverse = np.linalg.inv(left[told])
    found = np.einsum("jik,jk->ji", inverse, (right.sum(axis=0) - right)[told])
    beta[told] = solution.offset + found @ solution.to_given.T
    covariance[told] = solution.to_given @ inverse @ solution.to_given.T
    return beta, covariance


def _without(fit: MultilevelFit, left_out: Flags) -> tuple[Floats, Floats]:
    solution = fit.solution
    kept = np.flatnonzero(~left_out)
    nothing = np.full(fit.p, np.nan), np.full((fit.p, fit.p), np.nan)
    X = solution.X[kept]
    lengths = np.sqrt((X**2).sum(axis=0))
    if kept.size < fit.p or not lengths.all():
        return nothing
    basis, triangle = np.linalg.qr(X / lengths)
    if np.abs(np.diagonal(triangle)).min() < 1e-10:
        return nothing
    offset = basis.T @ solution.yi[kept]
    problem = replace(
        solution.problem,
        X=basis,
        yi=solution.yi[kept] - basis @ offset,
        sampling=_of_rows(solution.problem.sampling, kept),
        terms=tuple(
            replace(
                term,
                group=np.asarray(np.unique(term.group[kept], return_inverse=True)[1], dtype=np.intp),
                level=term.level[kept],
                places=None if term.places is None else term.places[kept],
                slopes=None if term.slopes is None else term.slopes[kept],
            )
            for term in solution.problem.terms
        ),
    )
    likelihood: Likelihood = NestedIntercepts(problem) if is_nested(problem) else DenseBlocks(problem)
    x = _searched(fit, likelihood, problem)
    found = likelihood.at(x)
    to_given = np.linalg.inv(triangle) / lengths[:, None]
    return to_given @ (offset + found.beta), to_given @ found.covariance @ to_given.T


def _searched(fit: MultilevelFit, likelihood: Likelihood, problem: Problem) -> Floats:
    domain = fit.solution.domain
    start = fit.solution.x.copy()
    # A root of a variance at 0 is a place where the slope is 0, from which no climb begins.
    stuck = domain.free & (np.abs(start) < 0.05 * domain.scale)
    start[stuck] = 0.1 * domain.scale[stuck]
    peak = climb(objective_of(likelihood), start, domain)
    return settled(likelihood, upright(peak.x, problem.terms), domain.free, problem)


def _of_rows(sampling: SamplingCovariance, kept: Integers) -> SamplingCovariance:
    place = np.full(sampling.variances.size, -1)
    place[kept] = np.arange(kept.size)
    stacks = []
    for stack in sampling.stacks:
        inside = place[stack.rows] >= 0
        whole = inside.all(axis=1)
        if whole.any():
            stacks.append(Stack(place[stack.rows[whole]], stack.matrices[whole]))
        for block in np.flatnonzero(inside.any(axis=1) & ~whole):
            of_block = np.flatnonzero(inside[block])
            if of_block.size > 1:
                matrix = stack.matrices[block][np.ix_(of_block, of_block)]
                stacks.append(Stack(place[stack.rows[block]][None, of_block], matrix[None]))
    return SamplingCovariance(variances=sampling.variances[kept], stacks=tuple(stacks))

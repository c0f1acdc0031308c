"""Whether the direct estimates round each closed loop of comparisons add up to 0.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Floats
from evenhand.synthesis.network.evidence import NetworkEvidence, NetworkStudy
from evenhand.synthesis.network.network_fit import NetworkFit
from evenhand.synthesis.wald import wald

_ROUNDING = 1e-12  # share of a variance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoopInconsistency:
    """The l loops of three treatments, and of four where no diagonal is compared."""

    treatments: tuple[tuple[str, ...], ...]  # of each loop, in order round it
    tau2: float  # taken as known in every comparison
    k: NDArray[np.intp] = field(repr=False)  # (l,), studies
    # (l,), sum of direct estimates round the loop, analysis scale: 1 less 2, 2 less 3, …, last less 1.
    inconsistency: Floats = field(repr=False)
    se: Floats = field(repr=False)
    statistic: Floats = field(repr=False)
    p_value: Floats = field(repr=False)  # two-sided
    ci_lower: Floats = field(repr=False)
    ci_upper: Floats = field(repr=False)


def loop_inconsistency(fit: NetworkFit) -> LoopInconsistency:
    """Bucher's test of each loop, with the between-study variance of the fit.

    Each comparison is the inverse-variance mean of all studies that make it. A study of several arms counts in all its
    comparisons, and its share in the sum is taken with the covariance of its own effects; what it says round a loop of
    its own adds up to 0 and is no evidence either way. A loop that such studies alone close is left out.

    Returns
    -------
    LoopInconsistency
        Each is tested by itself: with many, some will look inconsistent by chance, and loops that share comparisons
        are not independent. Where a study of several arms is in two comparisons of a loop or more, the sum is as much
        smaller than the inconsistency as that study's share in it; so is its standard error.

    References
    ----------
    Bucher, Guyatt, Griffith & Walter (1997). J. Clin. Epidemiol. 50, 683-691; Veroniki, Vasiliadis, Higgins & Salanti
    (2013). Int. J. Epidemiol. 42, 332-345.
    """
    evidence = fit.evidence
    direct = fit.direct()
    total = {
        (i, j): 1.0 / se**2
        for i, j, se in zip(direct.first.tolist(), direct.second.tolist(), direct.se.tolist(), strict=True)
    }
    having: dict[tuple[int, int], list[int]] = {}
    for at, one in enumerate(evidence.studies):
        for i, t in enumerate(one.treatments):
            for u in one.treatments[i + 1 :]:
                having.setdefault((t, u), []).append(at)
    found, sums, variances, counts = list[tuple[int, ...]](), list[float](), list[float](), list[int]()
    for loop in _closed(len(evidence.treatments), list(total)):
        value, variance, scale, k = _round(evidence, loop, total, having, fit.tau2)
        if variance > _ROUNDING * scale:
            found.append(loop)
            sums.append(value)
            variances.append(variance)
            counts.append(k)
    inconsistency, se = np.array(sums), np.sqrt(np.array(variances))
    test = wald(inconsistency, se, None, fit.level)
    return LoopInconsistency(
        treatments=tuple(tuple(evidence.treatments[t] for t in loop) for loop in found),
        tau2=fit.tau2,
        k=np.array(counts, dtype=np.intp),
        inconsistency=inconsistency,
        se=se,
        statistic=test.statistic,
        p_value=test.p_value,
        ci_lower=test.ci_lower,
        ci_upper=test.ci_upper,
    )


def _closed(size: int, comparisons: Sequence[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    """Triangles i < j < l, and squares without a diagonal, the least treatment first."""
    near: list[set[int]] = [set() for _ in range(size)]
    for i, j in comparisons:
        near[i].add(j)
        near[j].add(i)
    for i, j in sorted(comparisons):
        yield from ((i, j, t) for t in sorted(near[i] & near[j]) if t > j)
    for i in range(size):
        after = sorted(t for t in near[i] if t > i)
        for at, j in enumerate(after):
            for last in after[at + 1 :]:
                if last not in near[j]:
                    across = near[j] & near[last]
                    yield from ((i, j, t, last) for t in sorted(across) if t > i and t not in near[i])


def _round(
    evidence: NetworkEvidence,
    loop: tuple[int, ...],
    total: dict[tuple[int, int], float],
    having: dict[tuple[int, int], list[int]],
    tau2: float,
) -> tuple[float, float, float, int]:
    """Sum, its variance, the variance of the comparisons as if independent, and studies."""
    steps = list(zip(loop, (*loop[1:], loop[0]), strict=True))
    shares: dict[int, Floats] = {}
    for one, other in steps:
        key, sign = ((one, other), 1.0) if one < other else ((other, one), -1.0)
        for at in having[key]:
            study = evidence.studies[at]
            i, j = study.treatments.index(key[0]), study.treatments.index(key[1])
            share = shares.setdefault(at, np.zeros(len(study.treatments)))
            weight = sign / (_variance(study, i, j, tau2) * total[key])
            share[i] += weight
            share[j] -= weight
    value = variance = 0.0
    for at, share in shares.items():
        study = evidence.studies[at]
        p = study.yi.size
        value += float(share[1:] @ study.yi)
        variance += float(share[1:] @ (study.v + 0.5 * tau2 * (np.eye(p) + 1.0)) @ share[1:])
    return value, variance, sum(1.0 / total[min(step), max(step)] for step in steps), len(shares)


def _variance(study: NetworkStudy, i: int, j: int, tau2: float) -> float:
    v = np.zeros((study.yi.size + 1, study.yi.size + 1))
    v[1:, 1:] = study.v
    return float(v[i, i] + v[j, j] - 2 * v[i, j]) + tau2

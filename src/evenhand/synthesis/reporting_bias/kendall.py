"""Kendall's rank correlation with its test: exact without ties, by the normal distribution with them.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.messages import Message, message

# The exact distribution takes k³ / 6 sums; beyond, it and the normal one agree in every digit that anybody prints.
_MOST_EXACT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class RankCorrelation:
    """A rank correlation, and whether it could be chance."""

    test: str  # 'Begg', 'Schwarzer'
    k: int  # pairs
    tau: float  # Kendall's tau-b, −1 to 1
    score: float  # concordant minus discordant pairs
    se_score: float  # its standard deviation were there no association, ties allowed for
    statistic: float  # score / se_score, standard normal were there no association
    p_value: float  # two-sided
    exact: bool  # whether `p_value` counts permutations rather than use the normal distribution
    not_computed: Message | None = None  # why there is no number


def kendall_test(test: str, x: Floats, y: Floats, *, exact: bool | None, least: int = 3) -> RankCorrelation:
    """Kendall's tau-b of `x` and `y`, each of shape (k,).

    Parameters
    ----------
    test : str
        Name that the result carries.
    x, y : ndarray, shape (k,)
        The pairs. Values tie where they are equal to the last bit.
    exact : bool or None
        Count permutations. None: where there is no tie and k ≤ 300. With ties the normal distribution stays.
    least : int
        Fewer pairs give a result that says so.

    References
    ----------
    Kendall & Gibbons (1990). Rank Correlation Methods, 5th ed., chapters 4 and 5.
    """
    k = x.size
    if k < least:
        return _nothing(test, k, message("bias.none.few_studies", k=k, least=least))
    score = _score(x, y)
    tied_x, tied_y = _tie_sizes(x), _tie_sizes(y)
    untied = math.sqrt(_pairs(k) - _pairs(tied_x).sum()) * math.sqrt(_pairs(k) - _pairs(tied_y).sum())
    if untied == 0.0:
        return _nothing(test, k, message("bias.none.same_precision"))
    se_score = math.sqrt(_score_variance(k, tied_x, tied_y))
    no_ties = tied_x.size == tied_y.size == k
    counted = no_ties and (k <= _MOST_EXACT if exact is None else exact)
    statistic = score / se_score
    return RankCorrelation(
        test=test,
        k=k,
        tau=score / untied,
        score=score,
        se_score=se_score,
        statistic=statistic,
        p_value=_exact_p(k, score) if counted else _normal_p(statistic),
        exact=counted,
    )


def _nothing(test: str, k: int, reason: Message) -> RankCorrelation:
    nan = math.nan
    return RankCorrelation(
        test=test, k=k, tau=nan, score=nan, se_score=nan, statistic=nan, p_value=nan, exact=False, not_computed=reason
    )


def _score(x: Floats, y: Floats) -> float:
    """Concordant minus discordant pairs, a row at a time so that memory stays linear in k."""
    return float(sum(np.sign(x[i] - x[i + 1 :]) @ np.sign(y[i] - y[i + 1 :]) for i in range(x.size - 1)))


def _tie_sizes(values: Floats) -> Floats:
    return np.asarray(np.unique(values, return_counts=True)[1], dtype=np.float64)


def _pairs(n: Floats | float) -> Floats:
    counts = np.asarray(n, dtype=np.float64)
    return np.asarray(counts * (counts - 1) / 2)


def _score_variance(k: int, tied_x: Floats, tied_y: Floats) -> float:
    def fives(n: Floats) -> float:
        return float((n * (n - 1) * (2 * n + 5)).sum())

    def triples(n: Floats) -> float:
        return float((n * (n - 1) * (n - 2)).sum())

    variance = (k * (k - 1) * (2 * k + 5) - fives(tied_x) - fives(tied_y)) / 18
    variance += 2 * float(_pairs(tied_x).sum() * _pairs(tied_y).sum()) / (k * (k - 1))
    return variance + triples(tied_x) * triples(tied_y) / (9 * k * (k - 1) * max(1, k - 2))


def _normal_p(statistic: float) -> float:
    from scipy.special import ndtr

    return 2.0 * float(ndtr(-abs(statistic)))


def _exact_p(k: int, score: float) -> float:
    """Share of the k! orders whose score is as far from 0, from the distribution of the number of inversions."""
    inversions = np.ones(1)
    for n in range(2, k + 1):
        # The n-th value can be passed by 0 to n − 1 of those before it, each as likely.
        summed = np.cumsum(np.concatenate([inversions, np.zeros(n - 1)]))
        summed[n:] -= summed[:-n].copy()
        inversions = summed / n
    discordant = round((k * (k - 1) / 2 - abs(score)) / 2)
    return min(1.0, 2.0 * float(inversions[: discordant + 1].sum()))

"""Schwarzer's test: asymmetry of sparse binary outcomes by the ranks of counts.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import numpy as np
from numpy.typing import ArrayLike

from evenhand.synthesis.counts.checked_counts import check_support, checked_arms
from evenhand.synthesis.counts.mantel_haenszel_tables import HALF_FOR_EACH_STUDY, odds_ratio_and_variance
from evenhand.synthesis.reporting_bias.kendall import RankCorrelation, kendall_test


def schwarzer_test(events_t: ArrayLike, n_t: ArrayLike, events_c: ArrayLike, n_c: ArrayLike) -> RankCorrelation:
    """Rank correlation of standardised counts with the inverse of their variance.

    Each count of treated people with the event is compared with its mean and variance given the table's margins and
    the Mantel–Haenszel odds ratio of all studies (a half added to the cells of tables with an empty one). The p-value
    is by the normal distribution.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : array_like, shape (k,)
        People with the event, and all people, treated and control.

    Returns
    -------
    RankCorrelation
        Of the studies with some people with the event and some without. Without numbers where there are fewer than 3
        of them, or all counts vary alike.

    Raises
    ------
    ValueError
        Naming study and value that cannot be.

    References
    ----------
    Schwarzer, Antes & Schumacher (2007). Statist. Med. 26, 721-733.
    """
    a, n1, c, n2 = checked_arms(events_t, n_t, events_c, n_c)
    # The other tables can come out in one way only.
    varies = (n1 > 0) & (n2 > 0) & (a + c > 0) & (a + c < n1 + n2)
    a, n1, c, n2 = (counts[varies] for counts in (a, n1, c, n2))
    if a.size == 0:
        return kendall_test("Schwarzer", a, a, exact=False)
    log_odds_ratio, _ = odds_ratio_and_variance(*HALF_FOR_EACH_STUDY.in_two_arms(a, n1, c, n2))
    moments = np.array(
        [
            _mean_and_variance(int(treated), int(control), int(total), log_odds_ratio)
            for treated, control, total in zip(n1, n2, a + c, strict=True)
        ]
    )
    mean, variance = moments[:, 0], moments[:, 1]
    return kendall_test("Schwarzer", (a - mean) / np.sqrt(variance), 1 / variance, exact=False)


def _mean_and_variance(n_t: int, n_c: int, total: int, log_odds_ratio: float) -> tuple[float, float]:
    """Of Fisher's non-central hypergeometric distribution, by its whole support."""
    first, last = max(0, total - n_c), min(n_t, total)
    check_support(first, last)
    j = np.arange(first, last + 1, dtype=np.float64)
    # Each chance over the one before: log factorials of large totals would lose ten digits.
    ratios = np.log((n_t - j[:-1]) * (total - j[:-1])) - np.log((j[:-1] + 1) * (n_c - total + j[:-1] + 1))
    log_chance = np.concatenate([[0.0], np.cumsum(ratios + log_odds_ratio)])
    chance = np.exp(log_chance - log_chance.max())
    chance /= chance.sum()
    mean = float(chance @ j)
    return mean, float(chance @ (j - mean) ** 2)

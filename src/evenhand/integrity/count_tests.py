"""The tests that papers use on counts, from the counts alone.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from itertools import product
from math import lgamma, log

import numpy as np

from evenhand.integrity.printed import Span
from evenhand.integrity.recomputed import Recomputed, of_normal_kind

# Tables as likely as the one seen count as extreme as it; R's fisher.test allows the same for rounding.
_AS_LIKELY = 1 + 1e-7
_MOST_TABLES = 200_000


def p_values_of_two_counts(events_t: int, n_t: int, events_c: int, n_c: int) -> tuple[Recomputed, ...]:
    """Every test in use on two arms' counts.

    Fisher's exact test and its mid-p version; Pearson's chi-square plain, with Yates' correction, and with the factor
    (N - 1) / N of Campbell (2007, Statist. Med. 26, 3661-3675); the likelihood ratio; Wald's tests of the difference of
    proportions and of the log odds ratio. With no events, or nothing but events, only Fisher's test exists: p = 1.
    """
    exact = _fisher(events_t, n_t, events_c, n_c)
    events, n = events_t + events_c, n_t + n_c
    if events in (0, n):
        return exact
    p_t, p_c, p = events_t / n_t, events_c / n_c, events / n
    pooled = p * (1 - p) * (1 / n_t + 1 / n_c)
    chi_square = (p_t - p_c) ** 2 / pooled
    gap = max(0.0, abs(p_t - p_c) - 0.5 * (1 / n_t + 1 / n_c))
    statistics = {
        "chi_square": chi_square,
        "chi_square_corrected": gap**2 / pooled,
        "chi_square_n_minus_1": chi_square * (n - 1) / n,
        "likelihood_ratio": _likelihood_ratio((events_t, events_c), (n_t, n_c)),
    }
    unpooled = p_t * (1 - p_t) / n_t + p_c * (1 - p_c) / n_c
    if unpooled > 0:
        statistics["difference_of_proportions"] = (p_t - p_c) ** 2 / unpooled
    cells = (events_t, n_t - events_t, events_c, n_c - events_c)
    if all(cells):
        log_odds_ratio = log(cells[0]) - log(cells[1]) - log(cells[2]) + log(cells[3])
        statistics["log_odds_ratio"] = log_odds_ratio**2 / sum(1 / cell for cell in cells)
    tails = {test: chi_square_tail(statistic, 1) for test, statistic in statistics.items()}
    return exact + tuple(of_normal_kind(test, tail, tail) for test, tail in tails.items())


def p_values_of_all_counts(events: Sequence[int], n: Sequence[int]) -> tuple[Recomputed, ...]:
    """The tests in use on the counts of three arms or more: Pearson, likelihood ratio, Freeman & Halton.

    The exact test is left out where it would have to look at more than 200,000 tables. None has a direction, so the
    one-sided p is the two-sided one.
    """
    found: dict[str, float] = {}
    share = sum(events) / sum(n)
    if 0 < share < 1:
        statistic = sum((x - m * share) ** 2 / (m * share * (1 - share)) for x, m in zip(events, n, strict=True))
        found["chi_square"] = chi_square_tail(statistic, len(n) - 1)
        found["likelihood_ratio"] = chi_square_tail(_likelihood_ratio(events, n), len(n) - 1)
    exact = _freeman_halton(events, n)
    if exact is not None:
        found["fisher"] = exact
    return tuple(Recomputed(test=test, two_sided=Span(p, p), one_sided=Span(p, p)) for test, p in found.items())


def chi_square_tail(statistic: float, freedom: int) -> float:
    """Probability of more than `statistic` under chi-square."""
    from scipy.special import chdtrc

    return float(chdtrc(freedom, statistic))


def _fisher(events_t: int, n_t: int, events_c: int, n_c: int) -> tuple[Recomputed, ...]:
    """Fisher's exact test, the two-sided one by the likelihood of tables, and mid-p (Lancaster 1961)."""
    from scipy.special import gammaln

    events = events_t + events_c
    x = np.arange(max(0, events - n_c), min(n_t, events) + 1, dtype=float)
    log_likely = -(gammaln(x + 1) + gammaln(n_t - x + 1) + gammaln(events - x + 1) + gammaln(n_c - events + x + 1))
    likely = np.exp(log_likely - log_likely.max())
    likely /= likely.sum()
    seen = likely[events_t - int(x[0])]
    two_sided = min(1.0, float(likely[likely <= seen * _AS_LIKELY].sum()))
    lower, upper = float(likely[x <= events_t].sum()), float(likely[x >= events_t].sum())
    one_sided = min(1.0, lower, upper)
    mid_two, mid_one = two_sided - 0.5 * float(seen), one_sided - 0.5 * float(seen)
    return (
        Recomputed(test="fisher", two_sided=Span(two_sided, two_sided), one_sided=Span(one_sided, one_sided)),
        # Mid-p is also defined as twice the one-sided mid-p; a paper may have used either.
        Recomputed(
            test="mid_p",
            two_sided=Span(min(mid_two, 2 * mid_one), max(mid_two, min(1.0, 2 * mid_one))),
            one_sided=Span(mid_one, mid_one),
        ),
    )


def _likelihood_ratio(events: Sequence[int], n: Sequence[int]) -> float:
    """G² of the hypothesis that all arms share one proportion."""
    all_events, all_n = sum(events), sum(n)

    def term(seen: int, size: int, of_all: int) -> float:
        # Whole numbers up to the one division, so that equal proportions give exactly zero.
        return seen * log(seen * all_n / (size * of_all)) if seen else 0.0

    return 2 * sum(term(x, m, all_events) + term(m - x, m, all_n - all_events) for x, m in zip(events, n, strict=True))


def _freeman_halton(events: Sequence[int], n: Sequence[int]) -> float | None:
    """Probability of tables no likelier than the one seen, with all margins fixed; None where there are too many."""
    total = sum(events)
    ranges = [range(min(m, total) + 1) for m in n[:-1]]
    if np.prod([float(len(each)) for each in ranges]) > _MOST_TABLES:
        return None
    log_choose = [[_log_choose(m, x) for x in range(min(m, total) + 1)] for m in n]
    seen = sum(table[x] for table, x in zip(log_choose, events, strict=True))
    all_tables = _log_choose(sum(n), total)
    probability = 0.0
    for head in product(*ranges):
        last = total - sum(head)
        if 0 <= last <= n[-1]:
            likely = sum(log_choose[arm][x] for arm, x in enumerate((*head, last)))
            if likely <= seen + 1e-7:
                probability += float(np.exp(likely - all_tables))
    return min(1.0, probability)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)

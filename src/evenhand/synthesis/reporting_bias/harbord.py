"""Harbord's test: asymmetry of binary outcomes by the score, whose variance does not lean on the effect.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.synthesis.counts.checked_counts import checked_arms
from evenhand.synthesis.reporting_bias.asymmetry import Asymmetry, slope_test


def harbord_test(
    events_t: ArrayLike,
    n_t: ArrayLike,
    events_c: ArrayLike,
    n_c: ArrayLike,
    *,
    measure: str = "OR",
    equal_arms: bool = True,
    level: float = 0.95,
) -> Asymmetry:
    """Regress score / information on 1 / √information, weighted by information.

    A log odds ratio and its own variance are made of the same cells, so that Egger's test sees asymmetry where there is
    none; the efficient score and its variance are not.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : array_like, shape (k,)
        People with the event, and all people, treated and control.
    measure : str
        'OR' or 'RR'.
    equal_arms : bool
        For 'RR': the information of a trial with arms of one size, as programs have it; False uses the arms' own sizes.
    level : float
        Of the interval about the limit estimate.

    Returns
    -------
    Asymmetry
        Of the studies with some people with the event and some without, which alone have information. Without numbers
        where there are fewer than 3 of them, or all have the same.

    Raises
    ------
    ValueError
        Naming study and value that cannot be, or a measure there is not.

    References
    ----------
    Harbord, Egger & Sterne (2006). Statist. Med. 25, 3443-3457; Harbord, Harris & Sterne (2009). Stata J. 9,
    197-210, for the risk ratio.
    """
    a, n1, c, n2 = checked_arms(events_t, n_t, events_c, n_c)
    if measure not in ("OR", "RR"):
        raise ValueError(f"measure '{measure}': there are OR, RR")
    informative = (n1 > 0) & (n2 > 0) & (a + c > 0) & (a + c < n1 + n2)
    a, n1, c, n2 = (counts[informative] for counts in (a, n1, c, n2))
    score, information = (_odds if measure == "OR" else _risk)(a, n1, c, n2, equal_arms)
    return slope_test(score / information, 1 / information, information**-0.5, name="Harbord", predictor="sei",
                      level=level)  # fmt: skip


def _odds(a: Floats, n1: Floats, c: Floats, n2: Floats, _equal_arms: bool) -> tuple[Floats, Floats]:
    """Score and information of the log odds ratio, given the margins."""
    n, with_event = n1 + n2, a + c
    return a - with_event * n1 / n, n1 * n2 * with_event * (n - with_event) / (n**2 * (n - 1))


def _risk(a: Floats, n1: Floats, c: Floats, n2: Floats, equal_arms: bool) -> tuple[Floats, Floats]:
    """Score and information of the log risk ratio."""
    n, with_event = n1 + n2, a + c
    without = n - with_event
    arms = n / 4 if equal_arms else n1 * n2 / n
    return (a * n - with_event * n1) / without, arms * with_event / without

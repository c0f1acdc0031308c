"""How often a person of one arm has more than a person of the other: the common-language effect, or area under a curve.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.mean_difference import pooled_variance
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import nan_where_undefined


def superiority(
    superiority: Floats, n_t: Floats, n_c: Floats, *, vtype: Literal["LS", "LS2"] = "LS", ties: Floats | float = 0.0
) -> tuple[Floats, Floats]:
    """The printed share of pairs in which the treated person has more, with its sampling variance.

    Parameters
    ----------
    superiority : ndarray, shape (k,)
        Share of all pairs of a treated and a control person, 0 to 1, ties counted half: U / (n_t n_c) of the
        Mann-Whitney test, or the area under a receiver operating curve.
    n_t, n_c : ndarray, shape (k,)
        Participants of each arm.
    vtype : {"LS", "LS2"}
        Newcombe's method 4, or Hanley & McNeil's exponential approximation; both over (n_t - 1)(n_c - 1).
    ties : float or ndarray
        Share of pairs that are tied, where it is known; "LS2" only.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        The share and its variance, which is 0 at 0 and 1: the formula's failure, not certainty.

    References
    ----------
    Newcombe (2006). Statist. Med. 25, 559-573. Hanley & McNeil (1982). Radiology 143, 29-36, eqs 1, 2. Cho, Matsouaka
    & Dabrowska (2019). Pharmaceutical Statistics 18, 141-159: divisors and ties.
    """
    theta, n_t, n_c = (np.asarray(figure, dtype=float) for figure in (superiority, n_t, n_c))
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = (n_t - 1) * (n_c - 1)
        up, down = theta / (2 - theta), 2 * theta**2 / (1 + theta)
        if vtype == "LS":
            others = (n_t + n_c) / 2 - 1
            vi = theta * (1 - theta) * (1 + others * ((1 - theta) / (2 - theta) + theta / (1 + theta))) / pairs
        elif vtype == "LS2":
            spread = (n_t - 1) * (up - theta**2) + (n_c - 1) * (down - theta**2)
            vi = (theta * (1 - theta) - 0.25 * np.asarray(ties) + spread) / pairs
        else:
            raise ValueError(f"CLES: vtype is '{vtype}'; write 'LS' or 'LS2'")
    return nan_where_undefined(theta, vi)


def superiority_of_normals(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
    *,
    vtype: Literal["LS", "LS2", "HO"] = "LS",
) -> tuple[Floats, Floats]:
    """Probability that a treated person has more than a control, both normal, and its sampling variance.

    Parameters
    ----------
    mean_t, sd_t, n_t, mean_c, sd_c, n_c : ndarray, shape (k,)
        Mean, standard deviation (divisor n - 1) and participants of each arm; one entry a study.
    vtype : {"LS", "LS2", "HO"}
        Delta method with the arms' degrees of freedom, or with their sizes; or one variance common to both arms, which
        moves the estimate too.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Probability and its variance; nan where neither arm varies.

    References
    ----------
    Goddard & Hinberg (1990). Statist. Med. 9, 325-337, eqs 3 (its last sign mended), 4.
    """
    n_t, n_c = np.asarray(n_t, dtype=float), np.asarray(n_c, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        if vtype == "HO":
            d = np.subtract(mean_t, mean_c) / np.sqrt(pooled_variance(sd_t, n_t, sd_c, n_c))
            return _probability(d / np.sqrt(2), (1 / n_t + 1 / n_c + d**2 / (2 * (n_t + n_c))) / 2)
        if vtype not in ("LS", "LS2"):
            raise ValueError(f"CLESN: vtype is '{vtype}'; write 'LS', 'LS2' or 'HO'")
        size_t, size_c = (n_t - 1, n_c - 1) if vtype == "LS" else (n_t, n_c)
        v_t, v_c = np.square(sd_t), np.square(sd_c)
        delta = np.subtract(mean_t, mean_c) / np.sqrt(v_t + v_c)
        of_the_sd = (v_t**2 / size_t + v_c**2 / size_c) / (2 * (v_t + v_c) ** 2)
        return _probability(delta, (v_t / size_t + v_c / size_c) / (v_t + v_c) + delta**2 * of_the_sd)


def superiority_within_people(
    mean_after: Floats,
    sd_after: Floats,
    mean_before: Floats,
    sd_before: Floats,
    n: Floats,
    r: Floats,
) -> tuple[Floats, Floats]:
    """Probability that one measurement after is more than one before, of people at large, and its sampling variance.

    Parameters
    ----------
    mean_after, sd_after, mean_before, sd_before, n, r : ndarray, shape (k,)
        Means and standard deviations at both times, the people, and the correlation of before with after.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Probability, by two normal distributions as in `superiority_of_normals`, and its variance by the delta method,
        in which the correlation counts.
    """
    freedom = np.asarray(n, dtype=float) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        v_a, v_b = np.square(sd_after), np.square(sd_before)
        whole, shared = v_a + v_b, np.square(r) * v_a * v_b
        delta = np.subtract(mean_after, mean_before) / np.sqrt(whole)
        of_the_means = (whole - 2 * np.asarray(r) * np.sqrt(v_a * v_b)) / whole
        of_the_sd = delta**2 * (v_a**2 + v_b**2 + 2 * shared) / (2 * whole**2)
        return _probability(delta, (of_the_means + of_the_sd) / freedom)


def _probability(delta: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Normal probability below `delta`, and its variance by the delta method."""
    from scipy.special import ndtr

    return nan_where_undefined(ndtr(delta), np.exp(-(delta**2)) / (2 * np.pi) * variance)


SUPERIORITY = Measure(
    name="CLES",
    label="effects.measure.CLES",
    kind=Kind.RANKS,
    estimate=superiority,
    to_display=identity,
    from_display=identity,
    null=0.5,
)
SUPERIORITY_OF_NORMALS = Measure(
    name="CLESN",
    label="effects.measure.CLESN",
    kind=Kind.MEANS,
    estimate=superiority_of_normals,
    to_display=identity,
    from_display=identity,
    null=0.5,
)
SUPERIORITY_WITHIN_PEOPLE = Measure(
    name="CLESCN",
    label="effects.measure.CLESCN",
    kind=Kind.CHANGE,
    estimate=superiority_within_people,
    to_display=identity,
    from_display=identity,
    null=0.5,
)

"""Several arms of one study that received the same treatment, taken as one.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import math
from dataclasses import replace

from evenhand.dossier.records import Result


def combined(arms: list[Result]) -> Result:
    """One arm from one or more: counts add up, means and standard deviations combine.

    Parameters
    ----------
    arms : list of Result
        Arms of one study on one outcome at one time; at least one.

    Returns
    -------
    Result
        The first arm with the joint figures; a figure that any arm lacks is missing.

    References
    ----------
    Cochrane Handbook 6.5 (2024), table 6.5.a: combining two groups.
    """
    whole = arms[0]
    for arm in arms[1:]:
        whole = _two(whole, arm)
    return whole


def _two(one: Result, other: Result) -> Result:
    n = _sum(one.n, other.n)
    mean = sd = None
    if one.n is not None and other.n is not None and one.mean is not None and other.mean is not None:
        total = one.n + other.n
        mean = (one.n * one.mean + other.n * other.mean) / total
        if one.sd is not None and other.sd is not None:
            within = (one.n - 1) * one.sd**2 + (other.n - 1) * other.sd**2
            between = one.n * other.n / total * (one.mean - other.mean) ** 2
            sd = math.sqrt((within + between) / (total - 1))
    return replace(
        one,
        arm=f"{one.arm} + {other.arm}",
        n_randomised=_sum(one.n_randomised, other.n_randomised),
        n=n,
        events=_sum(one.events, other.events),
        mean=mean,
        sd=sd,
        se=None,
        ci_lower=None,
        ci_upper=None,
        percent=None,
        p_value=None,
        dose_mg=one.dose_mg if one.dose_mg == other.dose_mg else None,
        mean_printed=None,
        sd_printed=None,
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other

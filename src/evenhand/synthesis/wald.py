"""From an estimate and its standard error to statistic, p-value and interval.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats


def check_level(level: object, name: str = "level") -> None:
    """Raise ValueError unless `level` is a number between 0 and 1."""
    if not isinstance(level, (int, float, np.floating)) or not 0 < float(level) < 1:
        raise ValueError(f"{name} = {level}: a level lies between 0 and 1, e.g. 0.95")


@dataclass(frozen=True, slots=True, eq=False)
class Wald:
    """Tests of estimates against 0, and their intervals; every array has the estimates' shape."""

    statistic: Floats  # estimate / se; infinite where se is 0, nan where both are
    p_value: Floats  # two-sided
    ci_lower: Floats
    ci_upper: Floats


def quantile(level: float, df: float | None) -> float:
    """Upper quantile of a two-sided interval: normal where `df` is None, else t; nan with no degrees of freedom."""
    from scipy.special import ndtri, stdtrit

    tail = 0.5 * (1.0 - level)
    if df is None:
        return -float(ndtri(tail))
    return -float(stdtrit(df, tail)) if df > 0 else float("nan")


def wald(estimate: Floats, se: Floats, df: float | None, level: float) -> Wald:
    """Tests and intervals of normal (`df` None) or t-distributed estimates."""
    from scipy.special import ndtr, stdtr

    half = quantile(level, df) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / se
    distance = -np.abs(statistic)
    p_value: Floats = 2.0 * (ndtr(distance) if df is None else stdtr(df, distance))
    return Wald(statistic, p_value, estimate - half, estimate + half)


def chi_square_tail(q: float, df: int) -> float:
    """P(χ² > q); 1 with no degrees of freedom."""
    from scipy.special import chdtrc

    return float(chdtrc(df, q)) if df > 0 else 1.0

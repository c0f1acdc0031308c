"""Mean and standard deviation of an arm from its median and its range, its quartiles, or both.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects.printed_figures import of_printed_figures

Distribution = Literal["normal", "log-normal"]
_FEWEST = 5  # people for whom the formulas were made


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredMean:
    """Estimates of k arms, each field of shape (k,); nan where what was printed does not give them."""

    mean: Floats
    sd: Floats
    skewness: Floats  # of the printed numbers, on the scale on which they are taken to be normal
    critical: Floats  # the size from which on normal values are that skewed in 5 of 100 samples
    is_skewed: np.ndarray  # whether it is reached


@dataclass(frozen=True, slots=True)
class _Case:
    """The constants of one way to print five numbers; of each pair the first is for the log-normal back-transformation.

    Multipliers of s² / n and s⁴ / n in the correction of a log-normal mean: Shi et al. (2020b).
    """

    of_the_mean: float
    of_the_variance: float


_RANGE = _Case(0.565, 0.37)
_QUARTILES = _Case(0.57, 0.75)
_ALL_FIVE = _Case(0.405, 0.315)


@of_printed_figures
def mean_from_five_numbers(
    median: ArrayLike,
    n: ArrayLike,
    *,
    minimum: ArrayLike = np.nan,
    q1: ArrayLike = np.nan,
    q3: ArrayLike = np.nan,
    maximum: ArrayLike = np.nan,
    distribution: Distribution = "normal",
    back: bool = True,
    leave_out_skewed: bool = True,
) -> RecoveredMean:
    """Mean and standard deviation from the median with the range, with the quartiles, or with both.

    Without the median the standard deviation alone is given.

    Parameters
    ----------
    median, n, minimum, q1, q3, maximum : array_like, shape (k,)
        What was printed of each arm, nan for what was not, and its people.
    distribution : {"normal", "log-normal"}
        That of the single values.
    back : bool
        Log-normal: whether to return to the scale of the values; else mean and SD of their logarithms.
    leave_out_skewed : bool
        Whether an arm whose numbers are too skewed for the distribution gets nan.

    Returns
    -------
    RecoveredMean
        nan with fewer than 5 people. Estimates are less sure than printed means; a sensitivity analysis should say how
        much hangs on them.

    Raises
    ------
    ValueError
        Where the numbers of an arm do not rise, or a log-normal value is not above 0.

    References
    ----------
    Mean: Luo, Wan, Liu & Tong (2018). Stat. Methods Med. Res. 27, 1785-1805, eqs 7, 11, 15. SD: Wan, Wang, Liu & Tong
    (2014). BMC Med. Res. Methodol. 14, 135, eqs 9, 16; Shi et al. (2020a). Res. Synth. Methods 11, 641-654, eq. 10.
    Log-normal: Shi, Tong, Wang & Genton (2020b). Statistics and Its Interface 13, 519-531. Skewness: Shi et al. (2023).
    """
    from scipy.special import ndtri

    if distribution not in ("normal", "log-normal"):
        raise ValueError(f"distribution is '{distribution}'; write 'normal' or 'log-normal'")
    low, lower, middle, upper, high, n = (
        np.array(figure, dtype=float, copy=True)
        for figure in np.broadcast_arrays(*np.atleast_1d(minimum, q1, median, q3, maximum, n))
    )
    _refuse_what_does_not_rise(low, lower, middle, upper, high)
    log = distribution == "log-normal"
    if log:
        low, lower, middle, upper, high = _logarithms(low, lower, middle, upper, high)
    n = np.where(n >= _FEWEST, n, np.nan)
    has_range, has_quartiles = np.isfinite(low + high), np.isfinite(lower + upper)
    both = has_range & has_quartiles
    with np.errstate(divide="ignore", invalid="ignore"):
        of_range = np.where(both, 2.2 / (2.2 + n**0.75), np.where(has_range, 4 / (4 + n**0.75), 0.0))
        of_quartiles = np.where(both, 0.7 - 0.72 / n**0.55, np.where(has_quartiles, 0.7 + 0.39 / n, 0.0))
        mean = (
            of_range * np.where(has_range, (low + high) / 2, 0.0)
            + of_quartiles * np.where(has_quartiles, (lower + upper) / 2, 0.0)
            + (1 - of_range - of_quartiles) * middle
        )
        by_range = (high - low) / (2 * ndtri((n - 0.375) / (n + 0.25)))
        by_quartiles = (upper - lower) / (2 * ndtri((0.75 * n - 0.125) / (n + 0.25)))
        share = 1 / (1 + 0.07 * n**0.6)
        both_ways = share * by_range + (1 - share) * by_quartiles
        sd = np.where(both, both_ways, np.where(has_range, by_range, by_quartiles))
        neither = ~(has_range | has_quartiles)
        mean, sd = np.where(neither, np.nan, mean), np.where(neither, np.nan, sd)
        skewness, critical = _skewness(low, lower, middle, upper, high, n)
        if log:
            # The square of an estimated SD is too large for the variance; on the log scale that tells.
            too_large = np.where(
                both, 1 + 0.28 / np.log(n) ** 2, np.where(has_range, 1.01 + 0.25 / np.log(n) ** 2, 1 + 1.58 / n)
            )
            fourth = np.where(both, 1 + 3.93 / n, np.where(has_range, 1 + 2.23 / np.log(n) ** 2, 1 + 19.2 / n**1.2))
            if back:
                case = [(both, _ALL_FIVE), (has_range & ~both, _RANGE), (has_quartiles & ~both, _QUARTILES)]
                mean, sd = _back(mean, sd**2 / too_large, sd**4 / fourth, n, case)
            else:
                sd = sd / np.sqrt(too_large)
    is_skewed = skewness >= critical
    if leave_out_skewed:
        mean, sd = np.where(is_skewed, np.nan, mean), np.where(is_skewed, np.nan, sd)
    return RecoveredMean(mean=mean, sd=sd, skewness=skewness, critical=critical, is_skewed=is_skewed)


def _back(
    mean: Floats, variance: Floats, fourth: Floats, n: Floats, cases: list[tuple[np.ndarray, _Case]]
) -> tuple[Floats, Floats]:
    """Mean and SD of log-normal values from those of their logarithms, freed of their bias."""
    first, second = (
        np.select([here for here, _ in cases], [getattr(case, name) for _, case in cases], default=np.nan)
        for name in ("of_the_mean", "of_the_variance")
    )
    of_mean, of_variance = first * variance / n, second * fourth / n
    of_values = np.exp(mean + variance / 2) / (1 + of_mean + of_variance)
    square = np.exp(2 * mean + 2 * variance) / (1 + 4 * of_mean + 16 * of_variance)
    squared_mean = np.exp(2 * mean + variance) / (1 + 4 * of_mean + 4 * of_variance)
    return of_values, np.sqrt(square - squared_mean)


def _skewness(
    low: Floats, lower: Floats, middle: Floats, upper: Floats, high: Floats, n: Floats
) -> tuple[Floats, Floats]:
    """Statistic and critical value of the test of Shi et al. (2023) for what was printed; both shape (k,)."""
    ends = np.abs((low + high - 2 * middle) / (high - low))
    quarters = np.abs((lower + upper - 2 * middle) / (upper - lower))
    has_ends, has_quarters = np.isfinite(low + high), np.isfinite(lower + upper)
    both = has_ends & has_quarters
    statistic = np.where(
        both,
        np.maximum(2.65 * np.log(0.6 * n) / np.sqrt(n) * ends, quarters),
        np.where(has_ends, ends, quarters),
    )
    critical = np.where(
        both,
        3 / np.sqrt(n) - 40 / n**3,
        np.where(has_ends, 1 / np.log(n + 9) + 2.5 / (n + 1), 2.65 / np.sqrt(n) - 6 / n**2),
    )
    return statistic, critical


def _refuse_what_does_not_rise(*numbers: Floats) -> None:
    names = ("minimum", "q1", "median", "q3", "maximum")
    for first in range(5):
        for second in range(first + 1, 5):
            wrong = np.flatnonzero(numbers[first] > numbers[second])
            if wrong.size:
                row = int(wrong[0])
                raise ValueError(
                    f"row {row + 1}: {names[first]} {numbers[first][row]:g} is above {names[second]} "
                    f"{numbers[second][row]:g}; compare both with the source"
                )


def _logarithms(*numbers: Floats) -> tuple[Floats, ...]:
    for values in numbers:
        wrong = np.flatnonzero(values <= 0)
        if wrong.size:
            row = int(wrong[0])
            raise ValueError(
                f"row {row + 1}: {values[row]:g} cannot be of a log-normal value, which is above 0; "
                "take distribution='normal'"
            )
    return tuple(np.log(values) for values in numbers)

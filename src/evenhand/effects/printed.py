"""Which of a row's printed figures give an effect its spread, in the order of how much they can be trusted.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evenhand.dossier.records import Result
from evenhand.effects.recovered_difference import (
    difference_from_ci,
    difference_from_p,
    difference_from_paired_sd,
    difference_from_se,
)
from evenhand.effects.recovered_ratio import log_ratio_from_ci, log_ratio_from_p
from evenhand.effects.recovered_sd import pooled_sd_from_p, sd_from_ci, sd_from_se
from evenhand.messages import Message, message

UNKNOWN = (math.nan, message("effects.how.no_spread"))


def spread_of_arm(arm: Result) -> tuple[float, Message]:
    """An arm's SD and where it came from: printed, from its SE, or from its interval; nan where none was printed."""
    if arm.sd is not None:
        return arm.sd, message("effects.how.sd")
    if arm.se is not None and arm.n is not None:
        return float(sd_from_se(arm.se, arm.n)), message("effects.how.sd_from_se")
    if arm.ci_lower is not None and arm.ci_upper is not None and arm.n is not None and arm.n > 1:
        return float(sd_from_ci(arm.ci_lower, arm.ci_upper, arm.n)), message("effects.how.sd_from_ci")
    return UNKNOWN


def spreads_of_arms(treated: Result, control: Result) -> tuple[float, float, Message]:
    """Both arms' SDs; where neither was printed, the one common to both from the exact p of their difference."""
    (sd_t, how_t), (sd_c, how_c) = spread_of_arm(treated), spread_of_arm(control)
    if math.isfinite(sd_t) and math.isfinite(sd_c):
        return sd_t, sd_c, how_t if how_t.key != "effects.how.sd" else how_c
    p_value = exact_p(treated)
    figures = (treated.mean, control.mean, treated.n, control.n)
    if p_value is None or treated.p_test != "two arms" or any(figure is None for figure in figures):
        return math.nan, math.nan, UNKNOWN[1]
    mean_t, mean_c, n_t, n_c = (float(figure) for figure in figures if figure is not None)
    sd = float(pooled_sd_from_p(mean_t - mean_c, p_value, n_t, n_c))
    return sd, sd, message("effects.how.sd_from_p") if math.isfinite(sd) else UNKNOWN[1]


def printed_effect(row: Result, *, ratio: bool) -> tuple[float, float, Message]:
    """`yi, vi` of a row that holds a difference (or, with `ratio`, a ratio) rather than an arm.

    A difference takes its spread from the SE, the SD of paired differences, the interval, or the exact p, whichever
    is printed first in this order. A ratio takes it from its interval, else from the exact p of its z test.
    """
    if row.mean is None:
        return math.nan, math.nan, UNKNOWN[1]
    has_interval = row.ci_lower is not None and row.ci_upper is not None
    p_value = exact_p(row)
    if ratio:
        if has_interval:
            yi, vi = log_ratio_from_ci(row.mean, row.ci_lower, row.ci_upper)  # type: ignore[arg-type]
            return float(yi), float(vi), message("effects.how.printed_ratio")
        if p_value is not None:
            yi, vi = log_ratio_from_p(row.mean, p_value)
            if np.isfinite(vi):
                return float(yi), float(vi), message("effects.how.ratio_from_p")
        return math.log(row.mean) if row.mean > 0 else math.nan, math.nan, UNKNOWN[1]
    if row.se is not None:
        yi, vi = difference_from_se(row.mean, row.se)
    elif row.sd is not None and row.n is not None:
        yi, vi = difference_from_paired_sd(row.mean, row.sd, row.n)
    elif has_interval:
        freedom = row.n - 1 if row.n is not None and row.n > 1 else None
        yi, vi = difference_from_ci(row.mean, row.ci_lower, row.ci_upper, freedom)  # type: ignore[arg-type]
    elif p_value is not None:
        freedom = row.n - 1 if row.n is not None and row.n > 1 else None
        yi, vi = difference_from_p(row.mean, p_value, freedom)
    else:
        return row.mean, math.nan, UNKNOWN[1]
    return float(yi), float(vi), message("effects.how.printed_difference")


def reversed_difference(row: Result, *, ratio: bool) -> Result:
    """A row that holds control − treatment (or their ratio), as treatment − control; its spread stays what it is."""
    assert row.comparator is not None  # noqa: S101  # callers have looked

    def turn(value: float | None) -> float | None:
        if value is None:
            return None
        return 1.0 / value if ratio else -value

    return replace(
        row,
        treatment=row.comparator,
        comparator=row.treatment,
        mean=turn(row.mean),
        ci_lower=turn(row.ci_upper),
        ci_upper=turn(row.ci_lower),
        mean_printed=None,
    )


def one_of_several(
    effects: Sequence[tuple[Result, float, float, Message]],
) -> tuple[Result, float, float, Message]:
    """One printed effect a study, from several at the same time: two doses against one control, two sites of one body.

    They share people, to an extent that nobody prints. So their average is given the average of their standard errors,
    as if they were all one measurement: never more precise than they are alone. Those without a spread are passed over
    where others have one.
    """
    sure = [one for one in effects if math.isfinite(one[2])]
    if len(sure) <= 1:
        return sure[0] if sure else effects[0]
    yi = math.fsum(one[1] for one in sure) / len(sure)
    se = math.fsum(math.sqrt(one[2]) for one in sure) / len(sure)
    first = sure[0][0]
    arms = " + ".join(dict.fromkeys(one[0].arm for one in sure))
    # Whose people are whose is not printed, so their number is not known either.
    return replace(first, arm=arms, n=None), yi, se**2, message("effects.how.printed_average")


def counted_from_percent(row: Result) -> Result:
    """The arm with its events, where a paper prints '62.5 % of 48' and no count; the row itself where it has one.

    A percentage that no count among the people gives ('61 % of 25') tells no count, and none is made of it.
    """
    if row.events is not None or row.mean is not None or row.percent is None or row.n is None:
        return row
    events = round(float(row.percent) / 100.0 * row.n)
    # Papers round, or cut off: the count may lie a whole unit of the last printed digit away.
    unit = 10.0 ** -len(row.percent.partition(".")[2])
    if row.n and abs(100.0 * events / row.n - float(row.percent)) > unit:
        return row
    return replace(row, events=events)


def exact_p(row: Result) -> float | None:
    """The printed p as a number; None where only a bound or a word was printed."""
    if row.p_value is None:
        return None
    try:
        p_value = float(row.p_value)
    except ValueError:
        return None
    return p_value if 0.0 < p_value < 1.0 else None

"""Figures that are possible but may be a mistake.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Mapping, Sequence

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.standardised_mean_difference import standardised_mean_difference
from evenhand.messages import Message, message

# A difference of so many standard deviations is rare in people; that of standard errors is common.
_LARGE = 2.0


def doubts_of(measure: Measure, figures: Mapping[str, Floats], names: Sequence[str]) -> tuple[Message, ...]:
    """Means so far apart that the standard deviations may be standard errors.

    Parameters
    ----------
    measure : Measure
    figures : mapping of str to ndarray, shape (k,)
        By argument of the measure, in its order.
    names : sequence of str, shape (k,)
        The studies.
    """
    if measure.kind is not Kind.MEANS:
        return ()
    d, _ = standardised_mean_difference(*figures.values(), correct=False)
    as_errors = np.sqrt((figures["n_t"] + figures["n_c"]) / 2)
    with np.errstate(invalid="ignore"):
        large = np.flatnonzero(np.abs(d) > _LARGE).tolist()
    return tuple(
        message(
            "effects.doubt.se_as_sd",
            study=names[row],
            size=round(float(abs(d[row])), 1),
            otherwise=round(float(abs(d[row]) / as_errors[row]), 1),
        )
        for row in large
    )

"""An estimate with its sampling variance, of whatever measure, as somebody else worked it out.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import nan_where_undefined


def given_estimate(yi: Floats, vi: Floats) -> tuple[Floats, Floats]:
    """The same two arrays, shape (k,); nan where the variance is not above zero, which is no variance."""
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    return nan_where_undefined(yi, np.where(vi > 0, vi, np.nan))


GIVEN_ESTIMATE = Measure(
    name="GEN",
    label="effects.measure.GEN",
    kind=Kind.ESTIMATE,
    estimate=given_estimate,
    to_display=identity,
    from_display=identity,
    null=0.0,
)

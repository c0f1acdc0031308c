"""Fleiss & Berlin (2009), in The Handbook of Research Synthesis and Meta-Analysis, 2nd ed., table 13.4 (p. 242)."""

import numpy as np
import pytest

from evenhand.effects import MEASURES
from tests.printed import printed

TABLE = (135.0, 150.0, 40.0, 50.0)


@pytest.mark.parametrize(
    ("measure", "estimate", "se"),
    [("PHI", "0.131", "0.079"), ("YUQ", "0.385", "0.190"), ("YUY", "0.200", "0.107")],
)
def test_measures_of_one_table(measure, estimate, se):
    yi, vi = MEASURES[measure].estimate(*(np.array([count]) for count in TABLE))
    assert yi[0] == printed(estimate)
    assert np.sqrt(vi[0]) == printed(se)

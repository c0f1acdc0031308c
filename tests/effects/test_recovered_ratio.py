import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.recovered_ratio import log_ratio_from_ci
from tests.printed import printed


def test_adventist_study():
    """Worked example of a review in Heart (table 4, the women): RR 2.15 (1.33 to 3.47); ln 0.765468, se 0.244637."""
    # The table takes z as 1.96.
    yi, vi = log_ratio_from_ci(2.15, 1.33, 3.47)
    assert yi == printed("0.765468")
    assert np.sqrt(vi) * 1.959963984540054 / 1.96 == printed("0.244637")


def test_there_and_back():
    yi, vi = MEASURES["OR"].estimate(*(np.array([float(x)]) for x in (6, 16, 3, 16)))
    half = 1.959963984540054 * np.sqrt(vi)
    again = log_ratio_from_ci(np.exp(yi), np.exp(yi - half), np.exp(yi + half))
    np.testing.assert_allclose(again, (yi, vi), rtol=1e-12)


@pytest.mark.parametrize("figures", [(0.0, 0.0, 2.0), (1.0, 0.0, 2.0), (1.0, -0.5, 2.0)])
def test_nan_without_a_logarithm(figures):
    yi, vi = log_ratio_from_ci(*figures)
    assert np.isnan(yi)
    assert np.isnan(vi)


def test_a_wider_level_makes_a_smaller_variance():
    assert log_ratio_from_ci(2, 1, 4, level=0.99)[1] < log_ratio_from_ci(2, 1, 4)[1]

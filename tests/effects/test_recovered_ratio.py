import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.recovered_ratio import (
    log_ratio_from_ci,
    log_ratio_from_one_limit,
    log_ratio_from_p,
    log_ratio_from_z,
)
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


def test_from_one_limit():
    """metafor's page of `conv.wald`: 0.64 with an upper limit of 1.22."""
    yi, vi = log_ratio_from_one_limit(0.64, 1.22)
    assert yi == printed("-0.4463")
    assert vi == printed("0.1083")
    assert log_ratio_from_ci(0.64, 0.33, 1.22)[1] == printed("0.1113")


def test_z_and_its_p_agree():
    from scipy.special import ndtr

    z = 1.37
    np.testing.assert_allclose(log_ratio_from_p(1.8, 2 * ndtr(-z)), log_ratio_from_z(1.8, z), rtol=1e-12)
    assert np.isnan(log_ratio_from_z(1.0, 0.0)).all()


def test_hazard_ratio_of_a_log_rank_test():
    """(O - E) / V, and the same from p and the events, of two arms of like size."""
    from scipy.special import ndtr

    from evenhand.effects.hazard_ratio import log_hazard_ratio_from_logrank, log_hazard_ratio_from_logrank_p

    variance = (30 + 42) / 4
    yi, vi = log_hazard_ratio_from_logrank(np.array([-6.0]), np.array([variance]))
    assert (yi[0], vi[0]) == (pytest.approx(-1 / 3), pytest.approx(1 / 18))
    p_value = -2 * ndtr(-6.0 / np.sqrt(variance))
    np.testing.assert_allclose(
        log_hazard_ratio_from_logrank_p(np.array([p_value]), np.array([30.0]), np.array([42.0])), (yi, vi), rtol=1e-12
    )

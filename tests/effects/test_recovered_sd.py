"""Cochrane Handbook for Systematic Reviews of Interventions, version 6.5, §6.5.2."""

import numpy as np
import pytest

from evenhand.effects.recovered_sd import (
    pooled_sd_from_ci,
    pooled_sd_from_p,
    pooled_sd_from_se,
    pooled_sd_from_t,
    sd_from_ci,
    sd_from_se,
    t_from_p,
)
from tests.printed import printed

N_T, N_C, DIFFERENCE = 25, 22, 3.8  # §6.5.2.3


def test_t_of_the_handbook():
    assert t_from_p(0.008, N_T + N_C - 2) == printed("2.78")
    assert t_from_p(0.05, N_T - 1) == printed("2.0639")  # §6.5.2.2
    assert t_from_p(0.05, N_T + N_C - 2) == printed("2.014")


def test_from_p_through_se_to_sd():
    # The Handbook carries rounded figures forward: t = 2.78, se = 3.8 / 2.78 = 1.37, sd = 4.69.
    assert pooled_sd_from_se(1.37, N_T, N_C) == printed("4.69")
    assert DIFFERENCE / t_from_p(0.008, N_T + N_C - 2) == printed("1.37")
    assert pooled_sd_from_t(DIFFERENCE, 2.78, N_T, N_C) == pytest.approx(4.69, abs=0.02)
    assert pooled_sd_from_p(DIFFERENCE, 0.008, N_T, N_C) == pytest.approx(4.69, abs=0.02)


def test_sign_of_the_difference_does_not_matter():
    assert pooled_sd_from_t(-DIFFERENCE, 2.78, N_T, N_C) == pooled_sd_from_t(DIFFERENCE, 2.78, N_T, N_C)


def test_nothing_follows_from_no_difference():
    assert np.isnan(pooled_sd_from_p(0.0, 0.5, N_T, N_C))
    assert np.isnan(pooled_sd_from_t(3.8, 0.0, N_T, N_C))


def test_interval_of_a_mean_there_and_back():
    mean, sd, n = 32.1, 7.4, 25
    half = 2.0638985616280205 * sd / 5
    assert sd_from_ci(mean - half, mean + half, n) == pytest.approx(sd)
    assert sd_from_se(sd / 5, n) == pytest.approx(sd)


def test_interval_of_a_difference_there_and_back():
    sd = 4.7
    half = 2.0141033888808457 * sd * np.sqrt(1 / N_T + 1 / N_C)
    assert pooled_sd_from_ci(DIFFERENCE - half, DIFFERENCE + half, N_T, N_C) == pytest.approx(sd)


def test_large_arms_agree_with_the_normal_divisor():
    assert sd_from_ci(0.0, 1.0, 10_000) == pytest.approx(100 / 3.92, rel=1e-3)


def test_takes_arrays():
    np.testing.assert_allclose(sd_from_se(np.array([1.0, 2.0]), np.array([4, 9])), [2.0, 6.0])

import numpy as np
import pytest

from evenhand.effects.recovered_difference import (
    difference_from_ci,
    difference_from_p,
    difference_from_paired_sd,
    difference_from_se,
)
from tests.printed import printed


def test_from_the_spread_of_paired_differences():
    # Cochrane Handbook 5.1, §16.4.6.4: difference 0.5 in 10 people, SD of differences taken to be 2.
    yi, vi = difference_from_paired_sd(0.5, 2.0, 10)
    assert yi == 0.5
    assert np.sqrt(vi) == printed("0.632")


def test_from_p_of_a_z_test():
    # Cochrane Handbook 5.1, §7.7.7.2: risk difference 0.03 with P = 0.008; Z = 2.652, se = 0.011.
    yi, vi = difference_from_p(0.03, 0.008)
    assert yi / np.sqrt(vi) == printed("2.652")
    assert np.sqrt(vi) == printed("0.011")


def test_from_p_of_a_t_test():
    _, vi = difference_from_p(3.8, 0.008, freedom=45)  # §6.5.2.3
    assert np.sqrt(vi) == printed("1.37")


def test_from_interval():
    _, normal = difference_from_ci(-1.8, -3.24, -0.36)
    assert np.sqrt(normal) == pytest.approx(1.44 / 1.959964, rel=1e-6)
    _, student = difference_from_ci(-1.8, -3.24, -0.36, freedom=29)
    assert student < normal


def test_from_se():
    assert difference_from_se(-1.2, 0.5) == (-1.2, 0.25)


def test_p_of_one_leaves_the_variance_unknown():
    assert np.isnan(difference_from_p(0.4, 1.0)[1])
    assert np.isnan(difference_from_p(0.0, 0.3)[1])

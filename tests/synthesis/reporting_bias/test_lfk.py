"""The LFK index, by hand and at the edges."""

import math

import numpy as np
import pytest
from scipy.special import ndtri

from evenhand.synthesis.reporting_bias.lfk import lfk_index


def test_three_studies_by_hand():
    # Sizes 100, 200 and 400 of 700: middles at 50, 200 and 500.
    z = [ndtri(49.5 / 700), ndtri(199.5 / 700), ndtri(499.5 / 700)]
    # The study nearest z = 0 is the last, at 1.0; the effects span 1.0, the quantiles z[2] − z[0].
    slope = z[2] - z[0]
    index = 5 / 6 * ((z[0] - slope) + (z[1] - 0.8 * slope) + z[2])
    result = lfk_index([0.2, 1.0, 0.0], [0.2, 0.1, 0.4])
    assert result.lfk_index == pytest.approx(index, rel=1e-12)
    assert result.z == pytest.approx((z[1], z[2], z[0]), rel=1e-12)
    assert result.asymmetry == "major"


def test_a_symmetric_set_is_symmetric():
    yi = np.linspace(-1, 1, 21)
    result = lfk_index(yi, np.full(21, 0.1))
    assert abs(result.lfk_index) < 0.1
    assert result.asymmetry == "none"


def test_units_do_not_matter_and_the_mirror_turns_the_sign():
    rng = np.random.default_rng(1)
    vi = rng.uniform(0.01, 0.5, 12)
    yi = rng.normal(np.sqrt(vi), 0.1)
    index = lfk_index(yi, vi).lfk_index
    assert lfk_index(7 + 10 * yi, 100 * vi).lfk_index == pytest.approx(index, rel=1e-9)
    assert lfk_index(-yi, vi).lfk_index == pytest.approx(-index, rel=0.15)  # a half percent of a study is taken off


def test_what_has_no_index():
    assert lfk_index([0.1, 0.2], [0.1, 0.2]).not_computed.key == "bias.none.few_studies"
    same = lfk_index([0.1] * 4, [0.1, 0.2, 0.3, 0.4])
    assert same.not_computed.key == "bias.none.same_effect"
    assert (same.asymmetry, math.isnan(same.lfk_index)) == ("unknown", True)


def test_one_study_that_outweighs_all():
    result = lfk_index([0.1, 0.2, 0.5, 0.3], [1e-18, 0.1, 0.2, 0.3])
    assert math.isfinite(result.lfk_index)

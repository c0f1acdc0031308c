import numpy as np
import pytest

from evenhand.effects import MEASURES


def estimate(*figures, **options):
    yi, vi = MEASURES["ROM"].estimate(*(np.array([float(figure)]) for figure in figures), **options)
    return yi[0], vi[0]


def test_uncorrected_is_the_plain_log_ratio():
    assert estimate(55, 47, 155, 75, 64, 156, correct=False)[0] == pytest.approx(np.log(55 / 75))


def test_correction_is_half_the_difference_of_squared_coefficients_of_variation():
    plain, _ = estimate(10, 5, 8, 10, 2, 8, correct=False)
    corrected, _ = estimate(10, 5, 8, 10, 2, 8)
    assert corrected - plain == pytest.approx(0.5 * (0.25 - 0.04) / 8)


@pytest.mark.parametrize("means", [(-2, 3), (2, 0), (0, 2)])
def test_no_ratio_across_zero(means):
    assert np.isnan(estimate(means[0], 1, 10, means[1], 1, 10)).all()

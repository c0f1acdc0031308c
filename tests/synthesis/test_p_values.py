"""Combined p-values: closed forms, and what is no p-value."""

import math

import numpy as np
import pytest

from evenhand.synthesis.p_values import combined_p_value


def test_one_p_value_is_itself():
    for method in ("fisher", "stouffer"):
        assert combined_p_value([0.03], method=method).p_value == pytest.approx(0.03, rel=1e-12)


def test_two_of_fisher_have_a_closed_form():
    # P(χ²₄ > −2 log p₁p₂) = p₁p₂ (1 − log p₁p₂).
    product = 0.03 * 0.2
    ours = combined_p_value([0.03, 0.2])
    assert (ours.df, ours.k) == (4, 2)
    assert ours.p_value == pytest.approx(product * (1 - math.log(product)), rel=1e-12)


def test_stouffer_of_equal_p_values():
    from scipy.special import ndtr, ndtri

    ours = combined_p_value([0.1] * 9, method="stouffer")
    assert ours.p_value == pytest.approx(ndtr(3 * ndtri(0.1)), rel=1e-12)
    # A study with all the weight is alone.
    alone = combined_p_value([0.1, 0.9], method="stouffer", weights=[1.0, 1e-9])
    assert alone.p_value == pytest.approx(0.1, rel=1e-6)


def test_uniform_p_values_give_a_uniform_one():
    p = np.random.default_rng(1).random((4000, 5))
    for method in ("fisher", "stouffer"):
        combined = np.array([combined_p_value(row, method=method).p_value for row in p])
        # Kolmogorov's 99.9 % bound.
        distance = np.abs(np.sort(combined) - np.arange(1, 4001) / 4000).max()
        assert distance < 1.95 / math.sqrt(4000)


def test_ends():
    assert combined_p_value([0.0, 0.5]).p_value == 0.0
    assert combined_p_value([1.0, 1.0]).p_value == 1.0
    assert combined_p_value([0.0, 0.5], method="stouffer").p_value == 0.0
    # Certain both ways: nothing can be said.
    assert math.isnan(combined_p_value([0.0, 1.0], method="stouffer").p_value)


@pytest.mark.parametrize(
    ("p", "options", "says"),
    [
        ([], {}, "no p-value"),
        ([0.1, 1.2], {}, r"p_values\[1\] = 1.2"),
        ([math.nan], {}, r"p_values\[0\] = nan"),
        ([0.1], {"method": "fischer"}, "method 'fischer'"),
        ([0.1], {"weights": [1.0]}, "Fisher's method has no weights"),
        ([0.1, 0.2], {"method": "stouffer", "weights": [1.0]}, "1 weights but 2 p-values"),
        ([0.1, 0.2], {"method": "stouffer", "weights": [1.0, 0.0]}, r"weights\[1\] = 0.0"),
    ],
)
def test_what_cannot_be_combined_is_named(p, options, says):
    with pytest.raises(ValueError, match=says):
        combined_p_value(p, **options)

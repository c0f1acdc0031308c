"""Ticks are round, few, in order, and where the axis is."""

import itertools
import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evenhand.figures.ticks import linear_ticks, log_ticks, nice_end

FINITE = st.floats(-1e9, 1e9)
POSITIVE = st.floats(1e-6, 1e6)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1)),
        (0, 1000, (0, 200, 400, 600, 800, 1000)),
        (0, 52, (0, 10, 20, 30, 40, 50)),
        (-0.35, 0.12, (-0.3, -0.2, -0.1, 0, 0.1)),
    ],
)
def test_linear(low, high, ticks):
    assert linear_ticks(low, high) == ticks


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.06, 7, (0.1, 0.2, 0.5, 1, 2, 5)),
        (0.001, 1000, (0.01, 1, 100)),
        (0.4, 2.2, (0.5, 0.7, 1, 1.5, 2)),
        (0.97, 1.04, (0.98, 1, 1.02, 1.04)),
    ],
)
def test_logarithmic(low, high, ticks):
    assert log_ticks(low, high) == ticks


@given(FINITE, FINITE, st.integers(2, 12))
def test_linear_ticks_are_few_even_and_inside(a, b, most):
    low, high = sorted((a, b))
    assume(high - low > 1e-6 * max(1.0, abs(low), abs(high)))
    ticks = linear_ticks(low, high, most)
    assert 1 <= len(ticks) <= most
    slack = 1e-6 * (high - low)
    assert all(low - slack <= tick <= high + slack for tick in ticks)
    steps = [later - earlier for earlier, later in itertools.pairwise(ticks)]
    assert all(step > 0 and math.isclose(step, steps[0], rel_tol=1e-6) for step in steps)
    if low <= 0 <= high:
        assert 0 in ticks


@given(POSITIVE, POSITIVE, st.integers(3, 12))
def test_log_ticks_are_few_and_inside(a, b, most):
    low, high = sorted((a, b))
    assume(high / low > 1.05)
    ticks = log_ticks(low, high, most)
    assert 1 <= len(ticks) <= most
    assert list(ticks) == sorted(set(ticks))
    assert all(low * 0.999999 <= tick <= high * 1.000001 for tick in ticks)
    if low <= 1 <= high and high / low > 10:
        assert 1 in ticks


@given(st.floats(1e-9, 1e9))
def test_an_axis_from_zero_ends_on_a_tick_not_far_beyond(high):
    end = nice_end(high)
    assert end >= high * 0.999999
    assert end <= 2.5 * high
    assert math.isclose(linear_ticks(0, end)[-1], end, rel_tol=1e-9)


def test_an_axis_of_zeros_has_an_end():
    assert nice_end(0) == 1


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (0, math.inf), (math.nan, 1)])
def test_no_axis(low, high):
    with pytest.raises(ValueError, match="no axis"):
        linear_ticks(low, high)


def test_a_logarithmic_axis_does_not_begin_at_zero():
    with pytest.raises(ValueError, match="cannot begin"):
        log_ticks(0, 10)

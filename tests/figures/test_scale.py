"""Places on an axis, and intervals that leave it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.figures.scale import Scale

LINEAR = Scale(low=0, high=1000, start=10, stop=210)
LOG = Scale(low=0.1, high=10, start=0, stop=200, log=True)


def test_places():
    assert LINEAR.at(250) == 60
    assert LOG.at(1) == pytest.approx(100)
    assert LOG.at(0.1) == 0
    # Downwards, as a y axis runs.
    assert Scale(low=0, high=10, start=300, stop=100).at(5) == 200


@pytest.mark.parametrize(("value", "place"), [(-5, 0), (0, 0), (-math.inf, 0), (1e9, 200), (math.inf, 200)])
def test_what_is_outside_stands_at_the_end(value, place):
    assert LOG.at(value) == place
    assert not LOG.holds(value)


def test_an_interval_says_where_it_goes_on():
    inside = LOG.extent(0.5, 2)
    assert not inside.goes_on_below
    assert not inside.goes_on_above
    beyond = LOG.extent(0.0, math.inf)
    assert (beyond.start, beyond.stop) == (0, 200)
    assert beyond.goes_on_below
    assert beyond.goes_on_above
    exact = LINEAR.extent(0, 1000)
    assert not exact.goes_on_below
    assert not exact.goes_on_above


@given(st.floats(0.1, 10), st.floats(0.1, 10))
def test_order_is_kept(a, b):
    low, high = sorted((a, b))
    assert LOG.at(low) <= LOG.at(high)

"""An estimate with its limits: the median is the value and the limits are the quantiles, exactly."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evenhand.distributions import Beta, Gamma, Pert, Point, from_estimate


@pytest.mark.parametrize(
    ("value", "low", "high", "support"),
    [
        (0.30, 0.10, 0.60, "0..1"),
        (0.0005, 0.00001, 0.02, "0..1"),
        (0.999, 0.9, 0.9999, "0..1"),
        (2.0, 0.5, 19.0, ">0"),
        (1.0, -3.0, 2.0, "any"),
    ],
)
def test_limits_inside_the_support_are_met(value, low, high, support):
    distribution = from_estimate(value, low, high, support=support)
    met = [distribution.quantile(p) for p in (0.025, 0.5, 0.975)]
    assert met == pytest.approx([low, value, high], rel=1e-12)


@settings(deadline=None)
@given(a=st.floats(0.001, 0.999), b=st.floats(0.001, 0.999), c=st.floats(0.001, 0.999))
def test_any_three_proportions(a, b, c):
    low, value, high = sorted((a, b, c))
    assume(low + 1e-9 < value < high - 1e-9)
    distribution = from_estimate(value, low, high, support="0..1")
    met = [distribution.quantile(p) for p in (0.025, 0.5, 0.975)]
    assert met == pytest.approx([low, value, high], rel=1e-9)
    assert 0 < distribution.mean < 1


@pytest.mark.parametrize(
    ("value", "high"), [(0.0023, 0.0046), (0.001, 0.05), (0.5, 0.9), (1e-6, 2e-6), (0.3, 0.31), (0.97, 0.999)]
)
def test_a_proportion_whose_interval_was_cut_off_at_0(value, high):
    distribution = from_estimate(value, 0.0, high, support="0..1")
    assert isinstance(distribution, Beta)
    assert [distribution.quantile(0.5), distribution.quantile(0.975)] == pytest.approx([value, high], rel=1e-8)
    assert 0 < distribution.quantile(0.025) < value


def test_the_mean_stays_near_a_cut_off_value():
    assert from_estimate(0.0023, 0.0, 0.0046, support="0..1").mean == pytest.approx(0.0023, rel=0.06)


def test_cut_off_at_1_is_the_mirror_of_cut_off_at_0():
    assert from_estimate(0.95, 0.9, 1.0, support="0..1").quantile(0.025) == pytest.approx(0.9, rel=1e-9)
    assert from_estimate(0.95, 0.9, 1.0, support="0..1").quantile(0.5) == pytest.approx(0.95, rel=1e-9)


@pytest.mark.parametrize(("value", "high"), [(3.0, 9.0), (3.0, 3.3), (0.1, 80.0)])
def test_an_amount_whose_interval_was_cut_off_at_0(value, high):
    distribution = from_estimate(value, 0.0, high, support=">0")
    assert isinstance(distribution, Gamma)
    assert [distribution.quantile(0.5), distribution.quantile(0.975)] == pytest.approx([value, high], rel=1e-9)


def test_none_of_them():
    distribution = from_estimate(0.0, 0.0, 0.036, support="0..1")
    assert distribution.quantile(0.975) == pytest.approx(0.036, rel=1e-9)
    assert distribution.a == 0.5
    mirrored = from_estimate(1.0, 0.964, 1.0, support="0..1")
    assert mirrored.quantile(0.025) == pytest.approx(0.964, rel=1e-9)


def test_the_whole_support_says_only_the_value():
    distribution = from_estimate(0.3, 0.0, 1.0, support="0..1")
    assert distribution.quantile(0.5) == pytest.approx(0.3, rel=1e-9)
    assert distribution.a + distribution.b == pytest.approx(2.0)


def test_a_range_has_its_likeliest_value():
    assert from_estimate(4.0, 1.0, 6.0, interval="range") == Pert(1.0, 4.0, 6.0)


def test_a_value_alone_is_exact():
    assert from_estimate(4.0) == Point(4.0)
    assert from_estimate(4.0, 4.0, 4.0) == Point(4.0)


@pytest.mark.parametrize(
    ("arguments", "options", "says"),
    [
        ((0.5, 0.6, 0.9), {}, "does not lie between"),
        ((0.95, 0.6, 0.9), {}, "does not lie between"),
        ((0.5, -0.1, 0.9), {"support": "0..1"}, "outside its support"),
        ((1.5,), {"support": "0..1"}, "outside its support"),
        ((0.0,), {"support": ">0"}, "outside its support"),
        ((0.5, 0.5, 0.9), {}, "itself a limit"),
        ((0.001 + 1e-19, 0.001, 0.9), {"support": "0..1"}, "itself a limit"),
        ((0.9, 0.0, 0.9), {"support": "0..1"}, "itself a limit"),
        ((9.0, 0.0, 9.0), {"support": ">0"}, "itself the upper limit"),
        ((0.5, None, 0.9), {}, "one limit without the other"),
        ((float("nan"),), {}, "not a finite number"),
        ((0.5, 0.1, float("inf")), {}, "not a finite number"),
        ((0.5, 0.1, 0.9), {"support": "0-1"}, "support"),
        ((0.5, 0.1, 0.9), {"interval": "90%"}, "interval"),
    ],
)
def test_what_cannot_be_is_said(arguments, options, says):
    with pytest.raises(ValueError, match=says):
        from_estimate(*arguments, **options)

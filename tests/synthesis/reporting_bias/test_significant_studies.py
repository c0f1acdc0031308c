"""p-curve and p-uniform: what the significant studies alone say, by integration and simulation."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr, ndtri

from evenhand.synthesis.reporting_bias.p_curve import p_curve_analysis
from evenhand.synthesis.reporting_bias.p_uniform import STATISTICS, irwin_hall, p_uniform_analysis


def normal(x, mean=0.0):
    return math.exp(-0.5 * (x - mean) ** 2) / math.sqrt(2 * math.pi)


def selected(mean, count, rng):
    """Effects of standard error 1 that came out significant on the right."""
    lowest = ndtr(1.959963984540054 - mean)
    return mean + ndtri(rng.uniform(lowest, 1, count))


class TestPCurve:
    def test_one_study_by_integration(self):
        z = 2.5
        result = p_curve_analysis([z], [1.0])
        p = 2 * ndtr(-z)
        assert result.full_skew == pytest.approx(ndtri(p / 0.05), rel=1e-10)
        assert result.half_skew == pytest.approx(ndtri(p / 0.025), rel=1e-10)
        third = 1.527  # noncentrality at which |Z| > 1.96 with chance ⅓
        power = quad(normal, 1.959963984540054, 20, args=(third,))[0]
        power += quad(normal, -20, -1.959963984540054, args=(third,))[0]
        assert power == pytest.approx(1 / 3, abs=1e-3)
        from_below = quad(lambda x: normal(x, third) + normal(-x, third), 1.959963984540054, z)[0] / power
        assert result.flatter == pytest.approx(ndtri(from_below), abs=5e-3)
        assert result.binomial_skew_p_value == 0.5

    def test_power_is_found_again(self):
        z = selected(2.0, 20_000, np.random.default_rng(1))
        result = p_curve_analysis(z, np.ones(z.size))
        assert result.power == pytest.approx(ndtr(2.0 - 1.959963984540054), abs=0.01)
        assert result.evidential_value
        assert not result.inadequate

    def test_under_no_effect_p_values_are_even(self):
        rng = np.random.default_rng(2)
        p = rng.uniform(0, 0.05, 4000)
        result = p_curve_analysis(-ndtri(p / 2), np.ones(p.size))
        assert abs(result.full_skew) < 3
        assert not result.evidential_value
        assert result.inadequate

    def test_none_significant(self):
        result = p_curve_analysis([0.1, 0.2], [1.0, 1.0])
        assert result.not_computed.key == "bias.none.none_significant"
        assert (result.k, result.k_significant, result.evidential_value) == (2, 0, False)

    def test_beyond_the_reach_of_a_double(self):
        result = p_curve_analysis([60.0, 50.0], [1.0, 1.0])
        assert math.isfinite(result.full_skew)
        assert math.isfinite(result.flatter)
        assert result.power == 0.99


@pytest.mark.parametrize("statistic", STATISTICS)
class TestPUniform:
    def test_the_effect_is_found_again(self, statistic):
        y = selected(1.0, 3000, np.random.default_rng(3))
        result = p_uniform_analysis(y, np.ones(y.size), statistic=statistic)
        assert result.ci_lower < 1.0 < result.ci_upper
        assert result.ci_upper - result.ci_lower < 0.4
        assert result.bias_p_value < 1e-6

    def test_one_study_by_its_definition(self, statistic):
        result = p_uniform_analysis([0.5], [0.04], statistic=statistic)

        def conditional(mu):
            return ndtr((mu - 0.5) / 0.2) / ndtr(mu / 0.2 - 1.959963984540054)

        assert conditional(result.estimate) == pytest.approx(0.5 if statistic == "P" else math.exp(-1), rel=1e-9)
        assert conditional(result.ci_lower) == pytest.approx(0.025, rel=1e-8)
        assert conditional(result.ci_upper) == pytest.approx(0.975, rel=1e-8)
        assert result.p_value == pytest.approx(conditional(0), rel=1e-10)

    def test_left_mirrors_right(self, statistic):
        yi, vi = np.array([0.5, 0.9, 0.1, 0.7]), [0.04, 0.05, 0.03, 0.06]
        right, left = (p_uniform_analysis(sign * yi, vi, statistic=statistic, side=side)
                       for sign, side in ((1, "right"), (-1, "left")))  # fmt: skip
        assert (left.estimate, left.ci_lower, left.ci_upper) == (-right.estimate, -right.ci_upper, -right.ci_lower)
        assert (
            left.common_effect
            == -right.common_effect
            == pytest.approx(-float(np.average(yi, weights=1 / np.array(vi))))
        )

    def test_none_significant(self, statistic):
        result = p_uniform_analysis([-0.9, 0.1], [0.01, 0.1], statistic=statistic)
        assert result.not_computed.key == "bias.none.none_significant"

    def test_barely_significant_studies_ask_for_a_far_effect(self, statistic):
        result = p_uniform_analysis([1.9600, 1.9601], [1.0, 1.0], statistic=statistic)
        assert result.estimate < -100
        assert math.isfinite(result.ci_upper)


@pytest.mark.parametrize(("total", "n"), [(0.5, 1), (0.7, 2), (1.2, 2), (1.5, 3), (7.25, 12), (3.0, 9), (14.0, 20)])
def test_irwin_hall_in_exact_fractions(total, n):
    x = Fraction(total)
    terms = (Fraction((-1) ** j * math.comb(n, j)) * (x - j) ** n for j in range(int(x) + 1))
    assert irwin_hall(total, n) == pytest.approx(float(sum(terms) / math.factorial(n)), rel=1e-12)


def test_irwin_hall_ends():
    assert (irwin_hall(0.0, 5), irwin_hall(-1.0, 5), irwin_hall(5.0, 5)) == (0.0, 0.0, 1.0)
    assert irwin_hall(500.0, 1000) == pytest.approx(0.5, rel=1e-10)


@pytest.mark.parametrize(
    ("options", "says"),
    [({"side": "up"}, "side 'up'"), ({"statistic": "KS"}, "statistic 'KS'"), ({"alpha": 5}, "alpha = 5")],
)
def test_what_there_is_not_is_named(options, says):
    with pytest.raises(ValueError, match=says):
        p_uniform_analysis([0.5], [0.01], **options)

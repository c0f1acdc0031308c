"""Every family keeps the same promises: quantile and cdf undo each other, draws follow, nothing leaves the support."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.distributions import (
    Beta,
    Distribution,
    Empirical,
    Gamma,
    GridDistribution,
    LogitBeta,
    LogNormal,
    Normal,
    NormalMixture,
    Pert,
    Point,
    SplitNormal,
    Transformed,
    Uniform,
)

MIXTURE = NormalMixture(np.array([0.25, 0.7, 0.05]), np.array([-1.0, 0.4, 6.0]), np.array([0.1, 1.0, 2.0]))
GRID = GridDistribution.from_density(lambda x: -0.5 * x**2 + np.log1p(x), [0.0, 1.0, 3.0], right_tail=True)
CONTINUOUS = {
    "normal": (Normal(-2.0, 3.0), -math.inf, math.inf),
    "split normal": (SplitNormal(1.0, 0.5, 2.0), -math.inf, math.inf),
    "mixture": (MIXTURE, -math.inf, math.inf),
    "beta": (Beta(0.5, 25.5), 0.0, 1.0),
    "logit of a beta": (LogitBeta(0.5, 25.5), -math.inf, math.inf),
    "gamma": (Gamma(0.7, 3.0), 0.0, math.inf),
    "uniform": (Uniform(-1.0, 4.0), -1.0, 4.0),
    "log-normal": (LogNormal(0.2, 0.6), 0.0, math.inf),
    "PERT": (Pert(1.0, 2.0, 7.0), 1.0, 7.0),
    "grid": (GRID, 0.0, math.inf),
    "exp of a mixture": (Transformed(MIXTURE, "exp"), 0.0, math.inf),
    "expit of a split normal": (Transformed(SplitNormal(-3.0, 0.7, 0.4), "expit"), 0.0, 1.0),
    "expit of a grid": (Transformed(GRID, "expit"), 0.5, 1.0),
    "log of a gamma": (Transformed(Gamma(2.0, 1.0), "log"), -math.inf, math.inf),
    "expit of a logit of a beta": (Transformed(LogitBeta(3.5, 9.5), "expit"), 0.0, 1.0),
}
probabilities = st.floats(1e-6, 1 - 1e-6)


@pytest.fixture(params=list(CONTINUOUS), ids=list(CONTINUOUS))
def family(request):
    return CONTINUOUS[request.param]


def test_is_a_distribution(family):
    assert isinstance(family[0], Distribution)


@settings(max_examples=20, deadline=None)
@given(p=probabilities)
@pytest.mark.parametrize("name", list(CONTINUOUS))
def test_cdf_undoes_quantile(name, p):
    distribution, low, high = CONTINUOUS[name]
    x = distribution.quantile(p)
    assert low <= x <= high
    assert distribution.cdf(x) == pytest.approx(p, rel=1e-9, abs=1e-14)


@settings(max_examples=20, deadline=None)
@given(a=probabilities, b=probabilities)
@pytest.mark.parametrize("name", list(CONTINUOUS))
def test_quantiles_rise(name, a, b):
    distribution = CONTINUOUS[name][0]
    lower, upper = distribution.quantile(min(a, b)), distribution.quantile(max(a, b))
    # Levels one rounding apart have quantiles that are one rounding apart, in either order.
    assert lower <= upper or lower == pytest.approx(upper, rel=1e-14)


def test_nothing_lies_outside_the_support(family):
    distribution, low, high = family
    if math.isfinite(low):
        assert distribution.cdf(low - 1e-9) == 0.0
    if math.isfinite(high):
        assert distribution.cdf(high + 1e-9) == 1.0
    draws = distribution.sample(1000, np.random.default_rng(3))
    assert low <= draws.min()
    assert draws.max() <= high


def test_draws_have_the_mean_and_sd(family):
    distribution = family[0]
    n = 50_000
    draws = distribution.sample(n, np.random.default_rng(20))
    assert draws.shape == (n,)
    kurtosis = float(np.mean((draws - draws.mean()) ** 4) / draws.var() ** 2)
    assert draws.mean() == pytest.approx(distribution.mean, abs=5 * distribution.sd / math.sqrt(n))
    if kurtosis < 100:  # else the sd of so few draws says little
        assert draws.var() == pytest.approx(distribution.sd**2, rel=5 * math.sqrt((kurtosis - 1) / n))


def test_draws_have_the_quantiles(family):
    distribution = family[0]
    draws = np.sort(distribution.sample(20_000, np.random.default_rng(8)))
    share = np.array([distribution.cdf(float(x)) for x in draws[::200]])
    # Kolmogorov's distance, which exceeds 1.95 / √n once in a thousand
    assert np.abs(share - np.arange(draws.size)[::200] / draws.size).max() < 1.95 / math.sqrt(draws.size) + 1e-5


def test_moments_agree_with_the_quantile_function(family):
    distribution = family[0]
    nodes, weights = np.polynomial.legendre.leggauss(200)
    z, weight = 8 * nodes, 8 * weights * np.exp(-32 * nodes**2) / math.sqrt(2 * math.pi)
    x = np.array([distribution.quantile(Normal(0, 1).cdf(float(a))) for a in z])
    mean = float(weight @ x)
    assert mean == pytest.approx(distribution.mean, rel=2e-3, abs=2e-3)


def test_same_seed_same_draws(family):
    first, second = (family[0].sample(50, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_a_probability_outside_0_to_1_is_refused(family, p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        family[0].quantile(p)


def test_point_is_its_value_everywhere():
    point = Point(3.5)
    assert (point.mean, point.sd, point.quantile(0.01), point.cdf(3.4999), point.cdf(3.5)) == (3.5, 0, 3.5, 0, 1)
    assert set(point.sample(5, np.random.default_rng(0))) == {3.5}


def test_empirical_counts_its_draws():
    empirical = Empirical(np.array([3.0, 1.0, 2.0, 10.0]))
    assert [empirical.quantile(p) for p in (0, 0.25, 0.26, 0.5, 0.75, 1)] == [1, 1, 2, 2, 3, 10]
    assert (empirical.mean, empirical.cdf(2.0), empirical.cdf(0.9)) == (4.0, 0.5, 0.0)
    assert set(empirical.sample(100, np.random.default_rng(0))) == {1.0, 2.0, 3.0, 10.0}


def test_transformed_draws_keep_their_mean():
    base = Empirical(np.array([0.0, 1.0]))
    assert Transformed(base, "exp").mean == pytest.approx((1 + math.e) / 2)


def test_exp_of_a_normal_is_log_normal():
    transformed, exact = Transformed(Normal(0.3, 0.2), "exp"), LogNormal(0.3, 0.2)
    assert (transformed.mean, transformed.sd) == pytest.approx((exact.mean, exact.sd), rel=1e-12)


def test_exp_of_a_split_normal_by_brute_force():
    base = SplitNormal(0.2, 0.5, 1.1)
    p = (np.arange(400_000) + 0.5) / 400_000
    from scipy.special import ndtri

    z = ndtri(p)
    values = np.exp(0.2 + z * np.where(z < 0, 0.5, 1.1))
    assert Transformed(base, "exp").mean == pytest.approx(values.mean(), rel=1e-3)


class TestNormalMixture:
    @settings(deadline=None)
    @given(
        p=st.floats(1e-12, 1 - 1e-12),
        spread=st.floats(1e-6, 1e6),
        shift=st.floats(-1e3, 1e3),
    )
    def test_quantile_to_the_last_digits(self, p, spread, shift):
        mixture = NormalMixture(np.array([0.3, 0.7]), np.array([shift, shift + 1]), np.array([spread, 1.0]))
        x = mixture.quantile(p)
        hair = 1e-12 * max(abs(x), mixture.sd)
        assert mixture.cdf(x - hair) <= p + 1e-15
        assert mixture.cdf(x + hair) >= p - 1e-15

    def test_one_component_is_a_normal(self):
        mixture = NormalMixture(np.array([2.0]), np.array([1.5]), np.array([0.5]))
        assert mixture.quantile(0.975) == pytest.approx(Normal(1.5, 0.5).quantile(0.975), rel=1e-15)
        assert (mixture.mean, mixture.sd) == (1.5, 0.5)

    def test_says_where_it_has_no_moments(self):
        mixture = NormalMixture(np.array([1.0]), np.array([0.0]), np.array([1.0]), 0)
        assert math.isnan(mixture.mean)
        assert mixture.sd == math.inf

    @pytest.mark.parametrize(
        ("weights", "means", "sds"),
        [([1.0, -0.1], [0.0, 1.0], [1.0, 1.0]), ([1.0], [0.0], [0.0]), ([1.0], [0.0, 1.0], [1.0])],
    )
    def test_refuses_what_is_no_mixture(self, weights, means, sds):
        with pytest.raises(ValueError, match="weights"):
            NormalMixture(np.array(weights), np.array(means), np.array(sds))


class TestBeta:
    def test_jeffreys_after_a_count(self):
        assert Beta.from_count(8, 25) == Beta(8.5, 17.5)
        assert Beta.from_count(0, 25, prior="uniform") == Beta(1.0, 26.0)

    @pytest.mark.parametrize(("events", "n"), [(-1, 5), (6, 5)])
    def test_impossible_counts(self, events, n):
        with pytest.raises(ValueError, match="between 0 and n"):
            Beta.from_count(events, n)

    def test_no_posterior_without_a_prior(self):
        with pytest.raises(ValueError, match="above 0"):
            Beta.from_count(0, 5, prior="Haldane")


def test_logit_beta_has_draws_where_the_beta_has_none():
    draws = LogitBeta(0.001, 5.0).sample(1000, np.random.default_rng(4))
    assert np.isfinite(draws).all()
    assert draws.min() < -700  # such a proportion is 0 to a float

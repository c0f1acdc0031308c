"""Our tests of means against scipy's, and their ranges against every figure that rounds to the printed one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evenhand.integrity.mean_tests import p_values_of_all_means, p_values_of_one_mean, p_values_of_two_means
from evenhand.integrity.printed import Span, rounded
from evenhand.integrity.summary import Summary


def exactly(mean, sd, n):
    return Summary(Span(mean, mean), Span(sd, sd), n)


def as_printed(values, digits):
    """A summary as a paper prints it."""
    mean, sd = (f"{figure:.{digits}f}" for figure in (values.mean(), values.std(ddof=1)))
    return Summary(rounded(float(mean), mean), rounded(float(sd), sd), len(values))


@given(st.floats(-5, 5), st.floats(0.1, 9), st.integers(2, 80), st.floats(-5, 5), st.floats(0.1, 9), st.integers(2, 80))
@settings(max_examples=100, deadline=None)
def test_two_means_agree_with_scipy(mean_t, sd_t, n_t, mean_c, sd_c, n_c):
    found = {test.test: test for test in p_values_of_two_means(exactly(mean_t, sd_t, n_t), exactly(mean_c, sd_c, n_c))}
    for name, equal_var in (("student", True), ("welch", False)):
        p = stats.ttest_ind_from_stats(mean_t, sd_t, n_t, mean_c, sd_c, n_c, equal_var=equal_var).pvalue
        assert found[name].two_sided.low == pytest.approx(p, rel=1e-8, abs=1e-300)
        assert found[name].two_sided.high == pytest.approx(p, rel=1e-8, abs=1e-300)
        assert found[name].one_sided.low == pytest.approx(p / 2, rel=1e-8, abs=1e-300)


@given(st.integers(0, 10_000), st.integers(0, 2), st.integers(3, 40), st.integers(3, 40))
@settings(max_examples=150, deadline=None)
def test_the_true_p_lies_in_the_range_of_what_was_printed(seed, digits, n_t, n_c):
    rng = np.random.default_rng(seed)
    treated, control = rng.normal(6, 2, n_t), rng.normal(7, 3, n_c)
    found = {
        test.test: test.two_sided
        for test in p_values_of_two_means(as_printed(treated, digits), as_printed(control, digits))
    }
    assert found["student"].holds(stats.ttest_ind(treated, control).pvalue)
    # Welch's degrees of freedom are taken at the corners only, so its range may be short by a hair.
    welch = stats.ttest_ind(treated, control, equal_var=False).pvalue
    assert found["welch"].low * 0.99 <= welch <= found["welch"].high * 1.01


@given(st.integers(0, 10_000), st.integers(0, 2), st.integers(3, 5))
@settings(max_examples=100, deadline=None)
def test_the_true_anova_lies_in_the_range_of_what_was_printed(seed, digits, k):
    rng = np.random.default_rng(seed)
    arms = [rng.normal(6 + arm, 2, 12) for arm in range(k)]
    found = {test.test: test.two_sided for test in p_values_of_all_means([as_printed(arm, digits) for arm in arms])}
    assert found["anova"].holds(stats.f_oneway(*arms).pvalue)


def test_welch_anova_of_two_arms_is_welchs_t():
    arms = [exactly(7.2, 5.5, 25), exactly(11.6, 7.9, 25)]
    of_all = {test.test: test.two_sided.low for test in p_values_of_all_means(arms)}
    of_two = {test.test: test.two_sided.low for test in p_values_of_two_means(*arms)}
    assert of_all["welch_anova"] == pytest.approx(of_two["welch"])
    assert of_all["anova"] == pytest.approx(of_two["student"])


def test_many_arms_do_not_visit_every_corner():
    arms = [Summary(Span(mean - 0.05, mean + 0.05), Span(1.95, 2.05), 20) for mean in range(12)]
    assert {test.test for test in p_values_of_all_means(arms)} == {"anova", "welch_anova"}


def test_one_mean():
    found = {test.test: test for test in p_values_of_one_mean(Span(1.28, 1.28), Span(0.5, 0.5), [29])}
    assert found["t"].two_sided.low == pytest.approx(2 * stats.t.sf(2.56, 29))
    assert found["z"].two_sided.low == pytest.approx(2 * stats.norm.sf(2.56))


def test_no_spread_gives_no_test():
    assert p_values_of_one_mean(Span(1, 1), Span(0, 0), [9]) == ()
    assert p_values_of_two_means(exactly(1, 0, 5), exactly(2, 0, 5)) == ()

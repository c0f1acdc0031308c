"""Our tests of counts against scipy's, and against published tables."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import comb

from evenhand.integrity.count_tests import p_values_of_all_counts, p_values_of_two_counts
from tests.printed import printed


def two_sided(tests):
    return {test.test: test.two_sided.low for test in tests}


def test_fisher_tea():
    """Fisher (1935), The Design of Experiments, ch. 2: three of four cups named rightly; 17 of 70 one-sided."""
    fisher = next(test for test in p_values_of_two_counts(3, 4, 1, 4) if test.test == "fisher")
    assert fisher.one_sided.low == pytest.approx(17 / 70)
    assert fisher.two_sided.low == pytest.approx(34 / 70)


def test_fisher_twins():
    """Fisher (1962), criminal twins, as in R's ?fisher.test: 10 of 13 against 2 of 17, p = 0.0005367."""
    assert two_sided(p_values_of_two_counts(10, 13, 2, 17))["fisher"] == printed("0.0005367")


def test_six_of_sixteen_against_three():
    p = two_sided(p_values_of_two_counts(6, 16, 3, 16))
    assert p["fisher"] == printed("0.4331")
    assert p["chi_square"] == printed("0.2382")


@given(st.integers(1, 60), st.integers(1, 60), st.data())
@settings(max_examples=150, deadline=None)
def test_agrees_with_scipy(n_t, n_c, data):
    events_t, events_c = data.draw(st.integers(0, n_t)), data.draw(st.integers(0, n_c))
    p = two_sided(p_values_of_two_counts(events_t, n_t, events_c, n_c))
    table = [[events_t, n_t - events_t], [events_c, n_c - events_c]]
    assert p["fisher"] == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)
    if 0 < events_t + events_c < n_t + n_c:
        for ours, options in (
            ("chi_square", {"correction": False}),
            ("chi_square_corrected", {"correction": True}),
            ("likelihood_ratio", {"correction": False, "lambda_": "log-likelihood"}),
        ):
            assert p[ours] == pytest.approx(stats.chi2_contingency(table, **options).pvalue, rel=1e-9)
    else:
        assert set(p) == {"fisher", "mid_p"}


def test_exact_test_of_three_arms():
    """Freeman & Halton (1951): every table with the same margins that is no likelier than the one seen."""
    events, n = (22, 20, 30), (32, 32, 32)
    # Written out from the definition: all tables with these margins, weighed by the multivariate hypergeometric.
    tables = [x for x in product(range(33), repeat=3) if sum(x) == sum(events)]
    weights = {x: comb(32, x[0]) * comb(32, x[1]) * comb(32, x[2]) for x in tables}
    likelier = sum(weight for weight in weights.values() if weight <= weights[events] * (1 + 1e-7))
    assert two_sided(p_values_of_all_counts(events, n))["fisher"] == pytest.approx(likelier / sum(weights.values()))


def test_all_arms_against_scipy():
    p = two_sided(p_values_of_all_counts((22, 20, 30), (32, 32, 32)))
    table = [[22, 20, 30], [10, 12, 2]]
    assert p["chi_square"] == pytest.approx(stats.chi2_contingency(table).pvalue)
    assert p["likelihood_ratio"] == pytest.approx(stats.chi2_contingency(table, lambda_="log-likelihood").pvalue)


def test_two_arms_by_either_road():
    of_two = two_sided(p_values_of_two_counts(6, 16, 3, 16))
    of_all = two_sided(p_values_of_all_counts((6, 3), (16, 16)))
    assert of_all["fisher"] == pytest.approx(of_two["fisher"])
    assert of_all["chi_square"] == pytest.approx(of_two["chi_square"])


def test_too_many_tables_leave_the_exact_test_out():
    p = two_sided(p_values_of_all_counts((300, 310, 305, 290), (600, 600, 600, 600)))
    assert "fisher" not in p
    assert "chi_square" in p


def test_large_trial_is_quick_and_right():
    """Comstock & Palmer, BCG trial 8: 505 of 88391 against 499 of 88391."""
    p = two_sided(p_values_of_two_counts(505, 88391, 499, 88391))
    assert p["fisher"] == pytest.approx(stats.fisher_exact([[505, 87886], [499, 87892]]).pvalue, rel=1e-6)


def test_no_event_at_all():
    assert two_sided(p_values_of_two_counts(0, 25, 0, 25))["fisher"] == 1

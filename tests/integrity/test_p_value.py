"""Printed p-values: one that cannot be, many that can."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from evenhand.dossier.records import Status
from evenhand.integrity.finding import Severity
from evenhand.integrity.p_value import P_VALUE
from evenhand.words.catalogue import Catalogue
from tests.builders import a_dossier, a_result, a_scale, a_study, an_outcome, two_arms


def findings(rows, **parts):
    return list(P_VALUE.find(a_dossier(rows, **parts)))


def counts(events_t, n_t, events_c, n_c, p, **both):
    return two_arms(
        {"events": events_t, "n": n_t, "p_value": p, "p_test": "two arms"}, {"events": events_c, "n": n_c}, **both
    )


def means(treated, control, p):
    figures = [dict(zip(("mean", "sd", "n"), arm, strict=True)) for arm in (treated, control)]
    return two_arms(figures[0] | {"p_value": p, "p_test": "two arms"}, figures[1])


def test_six_and_three_of_sixteen_never_give_054():
    """Zubair et al. (2016), J. Pak. Assoc. Dermatol. 26, 177-181: 6/16 against 3/16, printed p 0.054."""
    (finding,) = findings(counts(6, 16, 3, 16, "0.054"))
    assert finding.severity is Severity.SERIOUS
    assert finding.rows == (2, 3)
    said = Catalogue.load("en").say(finding.detail)
    for figure in ("p = 0.054", "6 of 16", "3 of 16", "Fisher", "0.433", "0.238"):
        assert figure in said
    assert "0.433" in Catalogue.load("ar").say(finding.detail)


@pytest.mark.parametrize(
    ("events_t", "n_t", "events_c", "n_c", "p"),
    [
        (64, 145, 47, 145, "0.040"),  # Mushtaq et al. (2022), Cureus 14, e28547
        (24, 36, 10, 36, "0.001"),  # Awais et al., JPAD
        (79, 113, 1, 113, "<0.001"),  # trial of triple cream, China (2015)
        (77, 120, 48, 122, "<0.001"),  # Chan et al. (2008), Br. J. Dermatol.
        (13, 19, 1, 19, "0.0006"),  # Griffiths et al. (1993), Br. J. Dermatol. 129, 415-421
        (32, 40, 24, 40, "<0.05"),  # Ahsan et al.
        (10, 13, 2, 17, "0.0005"),  # Fisher (1962), criminal twins
        (6, 16, 3, 16, "0.43"),
        (6, 16, 3, 16, "0.24"),
        (6, 16, 3, 16, "ns"),
        (6, 16, 3, 16, ">0.05"),
        (0, 27, 1, 27, "1"),
        (0, 25, 0, 25, "ns"),
    ],
)
def test_true_tables_pass(events_t, n_t, events_c, n_c, p):
    assert findings(counts(events_t, n_t, events_c, n_c, p)) == []


@pytest.mark.parametrize(
    ("p", "severities"),
    [
        ("0.01", [Severity.SERIOUS]),  # claims an effect that is not there
        ("<0.05", [Severity.SERIOUS]),
        ("0.054", [Severity.SERIOUS]),  # nearly claims one
        ("0.12", []),  # chi-square, one-sided
        ("0.39", [Severity.NOTE]),  # no test, but among them
        ("0.9", [Severity.NOTE]),  # too large, and says the same
    ],
)
def test_severity_of_counts(p, severities):
    assert [finding.severity for finding in findings(counts(6, 16, 3, 16, p))] == severities


def test_a_p_that_claims_less_on_the_same_side_is_only_noted():
    """Chan et al. (2008): 90/127 against 64/129 satisfied, printed 0.005, a test of all grades of satisfaction."""
    (finding,) = findings(counts(90, 127, 64, 129, "0.005"))
    assert finding.severity is Severity.NOTE


def test_a_p_that_hides_a_clear_difference_is_a_concern():
    (finding,) = findings(counts(90, 127, 64, 129, "ns"))
    assert finding.severity is Severity.CONCERN


def test_fits_all_randomised():
    rows = two_arms(
        {"events": 12, "n": 20, "n_randomised": 40, "p_value": "0.0064", "p_test": "two arms"},
        {"events": 2, "n": 20, "n_randomised": 40},
    )
    # 12/40 against 2/40 gives Fisher's 0.0064; 12/20 against 2/20 gives 0.0022.
    (finding,) = findings(rows)
    assert finding.severity is Severity.NOTE
    assert "all who were randomised" in Catalogue.load("en").say(finding.detail)


@given(st.integers(5, 90), st.integers(5, 90), st.data())
@settings(max_examples=150, deadline=None)
def test_no_true_count_is_ever_flagged(n_t, n_c, data):
    events_t, events_c = data.draw(st.integers(0, n_t)), data.draw(st.integers(0, n_c))
    assume(0 < events_t + events_c < n_t + n_c)
    table = [[events_t, n_t - events_t], [events_c, n_c - events_c]]
    p = data.draw(
        st.sampled_from(
            [
                stats.fisher_exact(table).pvalue,
                stats.chi2_contingency(table, correction=False).pvalue,
                stats.chi2_contingency(table, correction=True).pvalue,
            ]
        )
    )
    text = data.draw(
        st.sampled_from([f"{p:.2f}", f"{p:.3f}", f"{p:.4f}", f"<{max(p * 1.01, 1e-4):.6f}" if p < 0.9 else "ns"])
    )
    assert findings(counts(events_t, n_t, events_c, n_c, text)) == []


@given(st.integers(0, 10_000), st.integers(4, 40), st.integers(1, 2), st.booleans(), st.floats(0, 3))
@settings(max_examples=150, deadline=None)
def test_no_true_mean_is_ever_flagged(seed, n, digits, equal_var, shift):
    rng = np.random.default_rng(seed)
    arms = [rng.normal(8, 3, n), rng.normal(8 + shift, 2, n + 3)]
    p = stats.ttest_ind(*arms, equal_var=equal_var).pvalue
    summaries = [(f"{arm.mean():.{digits}f}", f"{arm.std(ddof=1):.{digits}f}", len(arm)) for arm in arms]
    assert findings(means(*summaries, f"{p:.3f}")) == []


def test_means_whose_p_claims_far_more_are_a_concern():
    """Karrabi et al. (2021): 6.09 (2.01) against 7.04 (2.23), 25 a side, printed p 0.001 with this table."""
    (finding,) = findings(means(("6.09", "2.01", 25), ("7.04", "2.23", 25), "0.001"))
    assert finding.severity is Severity.CONCERN


def test_means_pass_where_rounding_allows():
    """Mansouri et al. (2015), Br. J. Dermatol. 173, 209-217: 7.2 (5.5) against 11.6 (7.9), 25 each, printed p 0.02."""
    assert findings(means(("7.2", "5.5", 25), ("11.6", "7.9", 25), "0.02")) == []


FOUR_CELLS = {  # Wahab et al. (2021): melanin index, 23 cheeks a cell; weeks 0 and 8
    "0.535": [("378.83", "85.33"), ("370.87", "85.0"), ("353.87", "80.44"), ("347.09", "78.49")],
    "0.033": [("385.69", "94.38"), ("330.69", "87.9"), ("347.0", "81.77"), ("314.35", "70.13")],
}


def four_arms(cells, p):
    return [
        a_result(treatment=f"cell {arm}", mean=mean, sd=sd, n=23, p_value=p, p_test="all arms", row=arm + 2)
        for arm, (mean, sd) in enumerate(cells)
    ]


@pytest.mark.parametrize("p", FOUR_CELLS)
def test_analysis_of_variance_passes(p):
    assert findings(four_arms(FOUR_CELLS[p], p)) == []


def test_analysis_of_variance_that_cannot_be_is_told_once():
    (finding,) = findings(four_arms(FOUR_CELLS["0.535"], "0.003"))
    assert finding.severity is Severity.CONCERN
    assert finding.rows == (2, 3, 4, 5)
    assert "4 arms" in Catalogue.load("en").say(finding.detail)


def test_all_arms_wait_for_the_last_figure():
    rows = four_arms(FOUR_CELLS["0.535"], "0.003")
    rows[3] = a_result(treatment="cell 3", mean="347.09", n=23, row=5)
    assert findings(rows) == []


def test_three_arms_of_counts():
    def rows(p):
        return [
            a_result(treatment=str(arm), events=events, n=32, p_value=p, p_test="all arms", row=arm)
            for arm, events in enumerate((22, 20, 30))
        ]

    assert findings(rows("0.009")) == []  # Shakeeb et al. (2017): triple cream, pulsed light, both
    assert [finding.severity for finding in findings(rows("0.00009"))] == [Severity.SERIOUS]


@pytest.mark.parametrize(("p", "found"), [("0.43", 0), ("0.002", 0), ("0.000001", 1)])
def test_any_pair_may_have_been_tested(p, found):
    rows = [
        a_result(treatment="injection", events=6, n=16, p_value=p, p_test="two arms", row=2),
        a_result(treatment="nothing", events=3, n=16, row=3),
        a_result(treatment="cream", events=15, n=16, row=4),
    ]
    assert len(findings(rows)) == found


def test_same_people_in_both_arms_need_a_paired_test():
    rows = means(("3.52", "1.4", 30), ("4.18", "2.03", 30), "0.035")
    assert findings(rows)
    assert findings(rows, studies=[a_study(n_randomised=30)]) == []


@pytest.mark.parametrize("p_test", [None, "within"])
def test_a_p_of_something_else_is_left_alone(p_test):
    rows = two_arms({"events": 6, "n": 16, "p_value": "0.001", "p_test": p_test}, {"events": 3, "n": 16})
    assert findings(rows) == []


def test_an_arm_without_figures_is_left_alone():
    rows = two_arms({"events": 6, "n": 16, "p_value": "0.001", "p_test": "two arms"}, {"status": Status.NOT_REPORTED})
    assert findings(rows) == []


def difference(p, **figures):
    return [a_result(outcome="score", comparator="nothing", p_value=p, row=2, **figures)]


def test_difference_with_its_interval():
    """Lajevardi et al. (2017): difference -1.8 (-3.24 to -0.36), p 0.015."""
    figures = {"mean": "-1.8", "ci_lower": -3.24, "ci_upper": -0.36}
    outcomes = [a_scale(measure="MD")]
    assert findings(difference("0.015", **figures), outcomes=outcomes) == []
    (finding,) = findings(difference("0.0001", **figures), outcomes=outcomes)
    assert finding.severity is Severity.CONCERN


def test_difference_with_its_paired_spread():
    figures = {"mean": "1.28", "sd": "0.64", "n": 30}
    assert findings(difference("<0.001", **figures)) == []
    assert findings(difference("0.2", **figures))


def test_ratio_is_tested_on_the_log_scale():
    outcomes = [an_outcome("score", measure="RR")]
    figures = {"mean": "2.0", "ci_lower": 0.56, "ci_upper": 7.12}
    assert findings(difference("0.29", **figures), outcomes=outcomes) == []
    assert findings(difference("0.01", **figures), outcomes=outcomes)
    # With no word of the scale nothing is tested.
    assert findings(difference("0.01", **figures), outcomes=[an_outcome("score")]) == []

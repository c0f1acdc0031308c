import pytest

from evenhand.integrity.arms_add_up import ARMS_ADD_UP
from evenhand.integrity.finding import Severity
from evenhand.words.catalogue import Catalogue
from tests.builders import a_dossier, a_result, a_scale, a_study, an_outcome, two_arms


def findings(rows, **parts):
    return [
        (finding.severity, finding.detail.key.rpartition(".")[2], finding.rows)
        for finding in ARMS_ADD_UP.find(a_dossier(rows, **parts))
    ]


def sizes(*randomised, study=50, n=None):
    rows = [
        a_result(treatment=f"arm {place}", n_randomised=size, n=n, events=1, row=place + 2)
        for place, size in enumerate(randomised)
    ]
    return findings(rows, studies=[a_study(n_randomised=study)])


@pytest.mark.parametrize("randomised", [(25, 25), (30, 20), (50, 50), (25, 25, 25, 25), (10, 20, 20)])
def test_arms_that_add_up(randomised):
    assert sizes(*randomised) == []  # the study whole, or the same people twice


def test_arms_that_hold_too_many():
    assert sizes(25, 30) == [(Severity.CONCERN, "exceed", (2, 3))]


def test_arms_that_hold_too_few_may_have_a_third():
    assert sizes(25, 24) == [(Severity.NOTE, "fall_short", (2, 3))]


def test_one_arm_of_two_is_no_sum():
    assert sizes(25) == []


def test_an_arm_that_changes_its_size():
    rows = [
        a_result(n_randomised=25, events=1, row=2),
        a_result(outcome="kept", n_randomised=30, events=1, row=3),
    ]
    assert findings(rows) == [(Severity.CONCERN, "changes", (2, 3))]


def test_more_analysed_than_randomised():
    rows = two_arms({"n": 27, "n_randomised": 25, "events": 2}, {"n": 25, "n_randomised": 25, "events": 2})
    assert findings(rows) == [(Severity.SERIOUS, "more_analysed", (2,))]


def analysed(n_t, n_c, study=50):
    rows = two_arms({"n": n_t, "events": 1}, {"n": n_c, "events": 1})
    return findings(rows, studies=[a_study(n_randomised=study)])


def test_more_analysed_than_the_study_holds():
    assert analysed(30, 25) == [(Severity.CONCERN, "more_than_study", (2, 3))]
    assert analysed(60, 10) == [(Severity.SERIOUS, "more_than_study", (2, 3))]
    assert analysed(45, 45) == []  # may be both halves of forty-five faces
    assert analysed(16, 16) == []


def differing(mean_t, mean_c, measure="MD", **difference):
    rows = [
        *two_arms({"mean": mean_t, "sd": "1.25", "n": 30}, {"mean": mean_c, "sd": "0.88", "n": 30}, outcome="score"),
        a_result(outcome="score", comparator="nothing", row=4, **difference),
    ]
    return findings(rows, outcomes=[a_scale("score", measure=measure)])


def test_a_difference_that_is_not_that_of_its_arms():
    """Iraji et al. (2019): reductions of 3.046 and 1.82 differ by 1.226; printed 1.28 (SD 0.64, 30 people)."""
    assert differing("3.046", "1.82", mean="1.28", sd="0.64", n=30) == [(Severity.NOTE, "difference", (2, 3, 4))]
    assert differing("3.046", "1.82", mean="1.28") == [(Severity.CONCERN, "difference", (2, 3, 4))]
    assert differing("3.046", "1.82", mean="2.28", sd="0.64", n=30) == [(Severity.CONCERN, "difference", (2, 3, 4))]


@pytest.mark.parametrize("printed", ["1.226", "1.23", "1.2", "1"])
def test_a_difference_that_rounding_explains(printed):
    assert differing("3.046", "1.82", mean=printed) == []


def test_a_difference_turned_round():
    assert differing("3.046", "1.82", mean="-1.23", ci_lower=-1.6, ci_upper=-0.9) == [
        (Severity.CONCERN, "sign", (2, 3, 4))
    ]


def test_ratio_of_means():
    assert differing("3.046", "1.82", "ROM", mean="1.67", ci_lower=1.4, ci_upper=2.0) == []
    assert differing("3.046", "1.82", "ROM", mean="2.67", ci_lower=2.4, ci_upper=3.0) == [
        (Severity.CONCERN, "ratio", (2, 3, 4))
    ]


def ratio(measure, **difference):
    rows = [
        *two_arms({"events": 6, "n": 16}, {"events": 3, "n": 16}),
        a_result(comparator="nothing", row=4, **difference),
    ]
    return findings(rows, outcomes=[an_outcome(measure=measure)])


def test_ratio_of_counts():
    assert ratio("RR", mean="2.0", ci_lower=0.6, ci_upper=6.6) == []
    assert ratio("OR", mean="2.6", ci_lower=0.5, ci_upper=13.0) == []
    assert ratio("OR", mean="2.9", ci_lower=0.5, ci_upper=15.0) == [(Severity.NOTE, "ratio", (2, 3, 4))]  # adjusted?
    assert ratio("RR", mean="8.0", ci_lower=2.9, ci_upper=22.0) == [(Severity.CONCERN, "ratio", (2, 3, 4))]
    assert ratio(None, mean="8.0", ci_lower=2.9, ci_upper=22.0) == []


def test_a_difference_without_its_arms_is_left_alone():
    row = a_result(outcome="score", comparator="nothing", mean="1.28", row=2)
    assert findings([row]) == []


def test_says_both_differences():
    rows = [
        *two_arms({"mean": "3.046", "n": 30}, {"mean": "1.82", "n": 30}, outcome="score"),
        a_result(outcome="score", comparator="nothing", mean="1.28", row=4),
    ]
    (finding,) = ARMS_ADD_UP.find(a_dossier(rows))
    said = Catalogue.load("en").say(finding.detail)
    assert "1.28" in said
    assert "1.23" in said

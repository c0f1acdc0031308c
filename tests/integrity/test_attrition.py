import pytest

from evenhand.integrity.attrition import ATTRITION
from evenhand.integrity.finding import Severity
from evenhand.words.catalogue import Catalogue
from tests.builders import a_dossier, a_result, a_study, two_arms


def findings(rows, **parts):
    return list(ATTRITION.find(a_dossier(rows, **parts)))


def arms(n_t, n_c, randomised=25, **both):
    return two_arms(
        {"n": n_t, "n_randomised": randomised, "events": 3}, {"n": n_c, "n_randomised": randomised, "events": 3}, **both
    )


def test_eighteen_of_fifty():
    """Zubair et al. (2016): nine of each twenty-five are missing."""
    (finding,) = findings(arms(16, 16))
    assert finding.severity is Severity.SERIOUS
    assert finding.outcome == "better"
    said = Catalogue.load("en").say(finding.detail)
    assert "18 of 50 people are missing from the analysis (36 %)" in said
    assert "9 of 25" in said


@pytest.mark.parametrize(
    ("n_t", "n_c", "severity"),
    [
        (20, 20, Severity.SERIOUS),  # 20 %
        (21, 20, Severity.CONCERN),  # 18 %
        (24, 23, Severity.CONCERN),  # 6 %
        (24, 24, Severity.NOTE),  # 4 %
    ],
)
def test_severity(n_t, n_c, severity):
    assert [finding.severity for finding in findings(arms(n_t, n_c))] == [severity]


def test_one_loss_over_several_outcomes_is_told_once():
    (finding,) = findings([*arms(16, 16), *arms(16, 16, outcome="kept")])
    assert finding.outcome is None


def test_another_loss_at_a_later_time_is_told_too():
    assert len(findings([*arms(24, 24, followup_weeks=6), *arms(16, 16, followup_weeks=32)])) == 2


def test_an_arm_alone_is_not_told_twice():
    later = a_result(treatment="injection", n=16, n_randomised=25, events=1, followup_weeks=32, row=9)
    assert len(findings([*arms(16, 16, followup_weeks=6), later])) == 1


def test_one_arm_studies_are_told_without_arms():
    (finding,) = findings([a_result(n=27, n_randomised=70, events=21, row=2)])
    assert Catalogue.load("en").say(finding.detail) == "43 of 70 people are missing from the analysis (61 %)."


def test_split_body_people_are_counted_once():
    (finding,) = findings(arms(22, 22), studies=[a_study(n_randomised=25)])
    assert "3 of 25 people" in Catalogue.load("en").say(finding.detail)


def test_all_there():
    assert findings(arms(25, 25)) == []


def test_not_reported_is_not_missing():
    assert findings(two_arms({"n": 16, "n_randomised": 25, "events": 6}, {"n": 16, "events": 3})) == []


def test_more_than_randomised_is_another_checks_matter():
    assert findings(arms(26, 20)) == []


@pytest.mark.parametrize("lost", [1, 2, 5, 18])
def test_arabic_counts_its_people(lost):
    (finding,) = findings(arms(50 - lost, 50, randomised=50))
    said = Catalogue.load("ar").say(finding.detail)
    expected = {1: "شخص واحد", 2: "شخصان", 5: "أشخاص", 18: "شخصًا"}[lost]
    assert expected in said

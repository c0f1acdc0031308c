"""One walk over the registry of checks, and what `check_integrity` makes of it."""

import subprocess
import sys

import pytest

from evenhand.dossier.records import Status
from evenhand.integrity import CHECKS, Severity, check_integrity
from evenhand.words.catalogue import LANGUAGES, Catalogue
from tests.builders import a_dossier, a_result, a_scale, a_study, an_outcome, two_arms

# A dossier on which every check has something to say.
TROUBLED = a_dossier(
    [
        *two_arms(
            {"events": 6, "percent": "37.6", "p_value": "0.054", "p_test": "two arms"},
            {"events": 3},
            study="zubair",
            n=16,
            n_randomised=25,
        ),
        *two_arms({"mean": "5.19", "sd": "1.2"}, {"mean": "4.9", "sd": "1.1"}, study="grim", outcome="score", n=28),
        a_result("grimmer", "score", mean="7.3", sd="2.51", n=12, row=12),
        *two_arms({}, {}, study="twins", outcome="melanin", mean="36.17", sd="10.30", n=27),
        a_result("lean", "melanin", mean="36.2", ci_lower=36.3, ci_upper=41.2, n=27, row=20),
        a_result("se", "melanin", mean="36.2", sd="2.01", se=2.01, n=27, row=21),
        *two_arms({"mean": "49.87"}, {"mean": "47.68"}, study="start", outcome="melanin", sd="3.5", followup_weeks=0.0),
        *two_arms({"mean": "50.16"}, {"mean": "46.39"}, study="start", outcome="melanin", sd="3.4", followup_weeks=8.0),
        a_result("arms", "better", n=30, n_randomised=25, events=2, row=22),
        *two_arms({"events": 30}, {"events": 10}, study="for", n=40),
        *two_arms({"events": 10}, {"events": 30}, study="against", n=40),
    ],
    studies=[a_study("zubair", n_randomised=50, n_analysed=32)],
    outcomes=[an_outcome("better"), a_scale("score", whole_numbers=True), a_scale("melanin")],
)


def test_every_check_has_something_to_say():
    assert {finding.check for finding in check_integrity(TROUBLED)} == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_each_finding_bears_the_name_of_its_check(name):
    assert {finding.check for finding in CHECKS[name].find(TROUBLED)} == {name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_can_be_said(language):
    catalogue = Catalogue.load(language)
    for finding in check_integrity(TROUBLED):
        assert "{" not in catalogue.say(finding.detail)


def test_catalogues_hold_the_same_sentences():
    keys = [
        {key for key in Catalogue.load(language).messages if key.startswith(("integrity.", "effects.measure."))}
        for language in LANGUAGES
    ]
    assert keys[0] == keys[1]


def test_order_is_that_of_studies_and_rows():
    findings = check_integrity(TROUBLED)
    studies = list(TROUBLED.studies)
    places = [(studies.index(finding.study), finding.rows) for finding in findings]
    assert places == sorted(places)
    assert findings == check_integrity(TROUBLED)


def test_findings_name_their_study_and_rows():
    lines = {row.row for row in TROUBLED.results}
    for finding in check_integrity(TROUBLED):
        assert finding.study in TROUBLED.studies
        assert finding.rows
        assert set(finding.rows) <= lines


def test_nothing_to_say_of_nothing():
    assert check_integrity(a_dossier()) == ()


def test_rows_without_figures_are_left_alone():
    rows = [
        a_result(status=status, n=16, events=2, percent="99.9", p_value="0.001", p_test="two arms", row=2)
        for status in Status
        if status is not Status.COUNTED
    ]
    assert check_integrity(a_dossier(rows)) == ()


def test_the_founding_trial_is_serious():
    """Zubair et al. (2016) as the first dossier holds it: its p and its missing people, and nothing else."""
    found = check_integrity(
        a_dossier(
            two_arms(
                {"events": 6, "percent": "37.5", "p_value": "0.054", "p_test": "two arms"},
                {"events": 3, "percent": "18.7"},
                n=16,
                n_randomised=25,
            ),
            studies=[a_study(n_randomised=50, n_analysed=32)],
        )
    )
    assert [(finding.check, finding.severity) for finding in found] == [
        ("p-value", Severity.SERIOUS),
        ("attrition", Severity.SERIOUS),
    ]


def test_the_checks_cost_no_scipy_to_import():
    code = "import sys, evenhand.integrity; sys.exit(any(name.startswith('scipy') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""People of 1,000, by each kind of evidence, on the example dossier."""

from dataclasses import replace

import numpy as np
import pytest

import evenhand as eh
from evenhand.dossier.records import Scenario, Status, Words
from evenhand.outlook.absolute import Basis, Interval

DRAWS = 4000


@pytest.fixture(scope="module")
def dossier(example_dossier):
    """The example with a scenario that leaves the treatment undone."""
    nothing = Scenario(id="nothing", name=Words("Nothing"), treatment="nothing", values={})
    return replace(example_dossier, scenarios=(*example_dossier.scenarios, nothing))


@pytest.fixture(scope="module")
def assessment(dossier):
    return eh.assess(dossier, draws=DRAWS)


def absolute(assessment, outcome, scenario):
    return next(item for item in assessment.absolutes if (item.outcome, item.scenario) == (outcome, scenario))


def test_every_outcome_stands_under_every_scenario(assessment, dossier):
    assert len(assessment.absolutes) == len(dossier.outcomes) * len(dossier.scenarios)


def test_without_a_needle_its_harm_is_exactly_zero(assessment):
    harm = absolute(assessment, "infection", "nothing")
    assert (harm.basis, harm.value) == (Basis.IMPOSSIBLE, Interval(value=0.0, lower=0.0, upper=0.0))


def test_a_clean_needle_is_zero_by_the_formula(assessment):
    harm = absolute(assessment, "infection", "careful")
    assert (harm.basis, harm.value.value, harm.value.upper) == (Basis.FORMULA, 0.0, 0.0)


def test_the_formula_over_its_inputs(assessment, dossier):
    """Six sessions: the interval holds 1 - (1 - 0.003 * reuse)^6 at the median reuse, and says what it rests on."""
    harm = absolute(assessment, "infection", "careless")
    median = dossier.parameters["reused_needles"].distribution.quantile(0.5)
    assert harm.value.lower < 1000 * (1 - (1 - 0.003 * median) ** 6) < harm.value.upper
    assert (harm.unverified, harm.assumptions) == (("infection_risk",), ("reused_needles",))
    assert harm.difference == harm.value  # without the treatment it cannot come about


def test_risk_without_treatment_from_the_control_arm(assessment):
    """18 of 48, Jeffreys: Beta(18.5, 30.5), whose median is 0.37587."""
    relief = absolute(assessment, "relief", "nothing")
    assert relief.value.value == pytest.approx(375.87, abs=0.01)
    assert relief.difference is None


def test_risk_without_treatment_from_a_named_input(assessment):
    """50 of 500."""
    assert absolute(assessment, "headache", "nothing").value.value == pytest.approx(100, abs=1.0)
    assert absolute(assessment, "headache", "careful").sources == ("example_trial",)


def test_risk_with_treatment_and_their_difference(assessment):
    relief = absolute(assessment, "relief", "careful")
    assert relief.basis is Basis.CONTRAST
    assert 500 < relief.value.value < 700  # 30 of 48 is 625
    assert relief.difference.lower < 1000 * (30 - 18) / 48 < relief.difference.upper
    assert relief.reason.key == "outlook.reason.contrast"


def test_another_regimen_than_the_trials_is_said(dossier):
    longer = replace(dossier.scenarios[0], values={**dossier.scenarios[0].values, "weeks": 52})
    other = eh.assess(replace(dossier, scenarios=(longer, *dossier.scenarios[1:])), draws=DRAWS)
    assert absolute(other, "relief", "careful").reason.key == "outlook.reason.contrast_other_regimen"


def test_what_nobody_measured_has_no_number(assessment):
    sleep = absolute(assessment, "sleep", "careful")
    assert (sleep.basis, sleep.value) == (Basis.NOT_MEASURED, None)
    allergy = absolute(assessment, "allergy", "careful")
    assert (allergy.value, allergy.reason.key) == (None, "outlook.reason.cases_only")


@pytest.mark.parametrize(("events", "n"), [(1, 25), (0, 25), (25, 25), (8, 25)])
def test_one_arm_is_a_proportion_with_its_count(dossier, events, n):
    """Jeffreys interval; a counted zero still reaches far above zero."""
    row = next(row for row in dossier.results if row.outcome == "headache" and row.treatment == "example")
    silent = replace(row, treatment="placebo", events=None, n=None, status=Status.NOT_REPORTED)
    rows = [item for item in dossier.results if item.outcome != "headache"]
    counted = replace(dossier, results=(*rows, replace(row, events=events, n=n), silent))
    headache = absolute(eh.assess(counted, draws=DRAWS), "headache", "careful")
    assert (headache.basis, headache.counts, headache.difference) == (Basis.ONE_ARM, (events, n), None)
    from scipy.special import betaincinv

    limits = 1000 * betaincinv(events + 0.5, n - events + 0.5, [0.025, 0.5, 0.975])
    assert [headache.value.lower, headache.value.value, headache.value.upper] == pytest.approx(limits)


def test_curves_stay_between_zero_and_all(assessment):
    (curve,) = assessment.dependences
    for line in curve.lines:
        values = np.array([[point.value.lower, point.value.value, point.value.upper] for point in line.points])
        assert (values >= 0).all() and (values <= 1000).all()
        assert (np.diff(values[:, 1]) > 0).all()  # the more needles are used twice, the more infections
    assert curve.unverified == ("infection_risk",)


def test_a_risk_and_the_effect_on_it_come_from_the_same_people(assessment):
    """30 of 48 against 18 of 48: the risk with treatment is as wide as 30 of 48 leave it, 482 to 751 by Jeffreys.

    The difference is as wide as that of two such proportions: 55 to 434.
    """
    relief = absolute(assessment, "relief", "careful")
    assert [relief.value.lower, relief.value.upper] == pytest.approx([482, 751], abs=30)
    assert [relief.difference.lower, relief.difference.upper] == pytest.approx([55, 434], abs=30)


def with_formula(dossier, text):
    from evenhand.dossier.formula import parse_formula

    infection = replace(dossier.outcomes["infection"], formula=parse_formula(text))
    return replace(dossier, outcomes={**dossier.outcomes, "infection": infection}, dependences=())


def test_a_formula_that_gives_no_number_is_said(dossier):
    broken = absolute(
        eh.assess(with_formula(dossier, "log(reuse - 0.1) * sessions"), draws=DRAWS), "infection", "careful"
    )
    assert (broken.basis, broken.value, broken.difference) == (Basis.NOT_MEASURED, None, None)
    assert (broken.reason.key, broken.reason.params["per_1000"]) == ("outlook.reason.formula_broken", 1000)


def test_a_risk_above_all_is_held_and_said(dossier):
    held = absolute(eh.assess(with_formula(dossier, "0.9 + 2 * reuse"), draws=DRAWS), "infection", "careless")
    assert (held.basis, held.value.upper) == (Basis.FORMULA, 1000.0)
    assert held.reason.key == "outlook.reason.formula_capped"
    assert 0 < held.reason.params["per_1000"] <= 1000


def test_a_curve_leaves_out_and_counts_what_is_no_number(dossier):
    """The logarithm of a share below a tenth of what it is compared with: the first three of 27 places."""
    from evenhand.dossier.formula import parse_formula

    infection = replace(
        dossier.outcomes["infection"], formula=parse_formula("log(1 + reuse - 0.1) ** 0.5 + 0 * sessions")
    )
    other = replace(dossier, outcomes={**dossier.outcomes, "infection": infection})
    (curve,) = eh.assess(other, draws=100).dependences
    assert [len(line.points) for line in curve.lines] == [24, 24]
    assert curve.without_number == 6

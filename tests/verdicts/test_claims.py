"""A claim's verdict with what led to it, on the example dossier and changes of it."""

from dataclasses import replace

import pytest

import evenhand as eh
from evenhand.dossier.records import Direction, OutcomeType, RiskOfBias, Says, Scenario, Status, Treatment, Words
from evenhand.words import LANGUAGES, Catalogue

DRAWS = 2000


@pytest.fixture(scope="module")
def dossier(example_dossier):
    """The example, with a cream that has no needle and a scenario without treatment."""
    cream = Treatment(id="cream", name=Words("Cream", "كريم"))
    nothing = Scenario(id="nothing", name=Words("Nothing"), treatment="nothing", values={})
    return replace(
        example_dossier,
        treatments={**example_dossier.treatments, "cream": cream},
        scenarios=(*example_dossier.scenarios, nothing),
    )


def judged(dossier, claim="B1", **changes):
    """The verdict on one claim, changed or not."""
    claims = tuple(replace(one, **changes) if one.id == claim else one for one in dossier.claims)
    assessment = eh.assess(replace(dossier, claims=claims), draws=DRAWS)
    return next(one for one in assessment.claims if one.claim == claim)


def with_rows(dossier, *rows):
    return replace(dossier, results=(*dossier.results, *rows))


def keys(claim):
    """Keys of the reasons; of a sentence about one of several outcomes, the sentence's own."""
    return [reason.params.get("sentence", reason).key for reason in claim.reasons]


@pytest.mark.parametrize(
    ("claim", "verdict", "rule"),
    [
        ("B1", "very uncertain", "very_low"),
        ("H2", "known to happen, rate unknown", "case_without_rate"),
        ("H3", "not measured", "nothing_measured"),
        ("H4", "supported", "high"),
    ],
)
def test_the_examples_verdicts(dossier, claim, verdict, rule):
    one = judged(dossier, claim)
    assert (one.verdict.value, one.rule) == (verdict, rule)
    assert one.reasons[0].key == f"verdict.rule.{rule}"


def test_the_counts_stand_in_the_reason(dossier):
    one = judged(dossier)
    counts = next(reason for reason in one.reasons if reason.key == "verdict.evidence.counts").params
    assert (counts["events_t"], counts["n_t"], counts["events_c"], counts["n_c"]) == (30, 48, 18, 48)


def test_a_danger_is_sized_where_it_is_not_shut_out(dossier):
    """The default scenario has new needles: the claim on used ones is shown under the scenario that has them."""
    one = judged(dossier, "H4")
    assert one.absolute.scenario == "careless"
    assert one.absolute.value.value > 0
    assert "verdict.evidence.formula_rests_on" in keys(one)


def test_not_measured_names_what_was_measured_elsewhere(dossier):
    row = next(row for row in dossier.results if row.outcome == "relief" and row.treatment == "example")
    elsewhere = replace(row, outcome="sleep", treatment="cream", events=None, n=None)
    other = with_rows(dossier, replace(elsewhere, status=Status.DIRECTION, direction=Direction.WORSE))
    one = judged(other, "H3")
    assert one.verdict.value == "not measured"
    reason = next(reason for reason in one.reasons if reason.key == "verdict.evidence.elsewhere_only")
    assert reason.params["others"] == (dossier.treatments["cream"].name,)


def test_safe_falls_with_one_serious_harm(dossier):
    one = judged(dossier, "B1", says=Says.SAFE, outcomes=("headache", "allergy", "sleep"))
    assert (one.verdict.value, one.rule, one.outcome) == ("contradicted", "safe_serious_harm", "allergy")
    assert one.reasons[0].params["outcomes"] == (dossier.outcomes["allergy"].name,)


def test_safe_is_not_measured_where_nobody_looked(dossier):
    assert judged(dossier, "B1", says=Says.SAFE, outcomes=("sleep",)).verdict.value == "not measured"


def test_an_alternative_that_brings_a_harm_of_its_own(dossier):
    one = judged(dossier, "B1", says=Says.ALTERNATIVE, outcomes=("relief", "infection"), comparator="cream")
    assert (one.verdict.value, one.rule, one.outcome) == ("contradicted", "alternative_brings_harm", "infection")
    assert one.reasons[0].params["comparator"] == dossier.treatments["cream"].name


def test_an_alternative_nobody_compared(dossier):
    one = judged(dossier, "B1", says=Says.ALTERNATIVE, outcomes=("relief",), comparator="cream")
    assert (one.verdict.value, one.rule) == ("not measured", "alternative_not_compared")


def test_several_outcomes_are_shown_by_the_strongest(dossier):
    one = judged(dossier, "H1", outcomes=("sleep", "allergy", "headache"))
    assert one.outcome == "allergy"
    assert {reason.params["outcome"].en for reason in one.reasons if reason.key == "verdict.evidence.of"} == {
        dossier.outcomes[name].name.en for name in ("sleep", "allergy", "headache")
    }


def test_the_answer_is_gated_on_certainty(dossier):
    answer = eh.assess(dossier, draws=DRAWS).answer
    assert (answer.benefit, answer.can_tell) == ("B1", False)
    assert answer.known_harms == ("H4", "H2")  # both serious, the better shown first
    assert "H3" in answer.unmeasured


def test_a_sound_trial_opens_the_gate(dossier):
    """A hundred times the people, nobody lost, low risk of bias, no judgement against."""
    rows = tuple(
        replace(row, events=row.events * 100, n=row.n * 100, n_randomised=row.n * 100, percent=None, p_value=None)
        if row.events is not None and row.study == "example_trial"
        else row
        for row in dossier.results
    )
    trial = replace(dossier.studies["example_trial"], risk_of_bias=RiskOfBias.LOW, n_randomised=9600, n_analysed=9600)
    relief = replace(dossier.outcomes["relief"], judgements=())
    sound = replace(
        dossier,
        results=rows,
        studies={**dossier.studies, "example_trial": trial},
        outcomes={**dossier.outcomes, "relief": relief},
    )
    assessment = eh.assess(sound, draws=DRAWS)
    assert (assessment.answer.can_tell, assessment.claims[0].verdict.value) == (True, "supported")


def test_without_a_claim_on_the_main_benefit_nothing_is_told(dossier):
    harms = replace(dossier, claims=tuple(claim for claim in dossier.claims if claim.id != "B1"))
    answer = eh.assess(harms, draws=DRAWS).answer
    assert (answer.benefit, answer.can_tell) == (None, False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_can_be_said(dossier, language):
    catalogue = Catalogue.load(language)
    for claim in eh.assess(dossier, draws=DRAWS).claims:
        for reason in claim.reasons:
            assert "{" not in catalogue.say(reason)


def test_an_unknown_scenario_is_refused(dossier):
    with pytest.raises(LookupError, match="no scenario 'careful-ish'; this dossier has: careful, careless, nothing"):
        eh.assess(dossier, "careful-ish")


@pytest.mark.parametrize(
    ("higher_is_better", "treated", "verdict"),
    [(False, 40, "probably"), (False, 4000, "contradicted"), (None, 40, "contradicted"), (None, 4000, "probably")],
)
def test_a_benefit_may_be_an_event_that_grows_rarer(dossier, higher_is_better, treated, verdict):
    """Strokes prevented: 40 of 10,000 against 1,000 is a benefit where the dossier says that less is better."""
    rows = tuple(
        replace(row, events=treated if row.treatment == "example" else 1000, n=10_000, n_randomised=10_000)
        if row.outcome == "relief"
        else row
        for row in dossier.results
    )
    relief = replace(dossier.outcomes["relief"], higher_is_better=higher_is_better, judgements=())
    trial = replace(dossier.studies["example_trial"], risk_of_bias=RiskOfBias.LOW)
    changed = replace(
        dossier,
        results=rows,
        outcomes={**dossier.outcomes, "relief": relief},
        studies={**dossier.studies, "example_trial": trial},
    )
    assert judged(changed).verdict.value == verdict


def with_relief(dossier, *rows, **changes):
    """Relief in a sound trial, from these rows alone."""
    kept = [row for row in dossier.results if row.outcome != "relief"]
    trial = replace(dossier.studies["example_trial"], risk_of_bias=RiskOfBias.LOW, n_randomised=None, n_analysed=None)
    relief = replace(dossier.outcomes["relief"], **({"judgements": ()} | changes))
    return replace(
        dossier,
        results=(*kept, *rows),
        outcomes={**dossier.outcomes, "relief": relief},
        studies={**dossier.studies, "example_trial": trial},
    )


def relief_rows(dossier):
    blank = {"percent": None, "p_value": None, "n_randomised": None}
    return [replace(row, **blank) for row in dossier.results if row.outcome == "relief"]


def test_a_ratio_without_people_is_not_held_against_a_threshold_in_people(dossier):
    """An odds ratio of 3 (2 to 4.5) is no '1.1 people of 1,000'."""
    treated, _ = relief_rows(dossier)
    figures = {"events": None, "n": 400, "comparator": "placebo", "mean": 3.0, "ci_lower": 2.0, "ci_upper": 4.5}
    one = judged(with_relief(dossier, replace(treated, **figures), measure="OR"))
    assert one.verdict.value == "supported"


@pytest.mark.parametrize("measure", ["SMD", "ROM"])
def test_nor_is_a_scale_without_a_unit(dossier, measure):
    rows = [
        replace(row, events=None, n=400, mean=mean, sd=1.0)
        for row, mean in zip(relief_rows(dossier), (6.0, 3.0), strict=True)
    ]
    scale = {"type": OutcomeType.CONTINUOUS, "higher_is_better": True, "measure": measure}
    assert judged(with_relief(dossier, *rows, **scale)).verdict.value == "supported"


def test_a_comparison_with_a_cream_goes_by_the_cream(dossier):
    """600 of 1,000 with it, 900 with the cream, 300 with neither: better than nothing, worse than the cream."""
    treated, control = relief_rows(dossier)
    rows = [
        replace(row, treatment=treatment, arm=treatment, n=1000, events=events)
        for row, treatment, events in ((treated, "example", 600), (treated, "cream", 900), (control, "placebo", 300))
    ]
    three_arms = with_relief(dossier, *rows)
    assert judged(three_arms).verdict.value == "supported"
    one = judged(three_arms, comparator="cream")
    assert one.verdict.value == "contradicted"
    assert one.absolute.difference.upper < -200
    assert judged(three_arms, says=Says.ALTERNATIVE, comparator="cream").verdict.value == "contradicted"


def test_to_help_with_a_harm_is_to_make_it_rarer(dossier):
    treated, control = relief_rows(dossier)
    fewer = [replace(row, outcome="headache", n=1000, events=events) for row, events in ((treated, 50), (control, 300))]
    kept = [row for row in dossier.results if row.outcome != "headache"]
    other = with_relief(replace(dossier, results=(*kept, *fewer)), treated, control)
    assert judged(other, outcomes=("headache",)).verdict.value == "supported"
    assert judged(other, "H1").verdict.value == "contradicted"


def test_a_mean_in_one_arm_is_no_change(dossier):
    treated, _ = relief_rows(dossier)
    scale = {"type": OutcomeType.CONTINUOUS, "higher_is_better": True, "measure": "MD"}
    one = judged(with_relief(dossier, replace(treated, events=None, mean=5.0, sd=1.0, n=400), **scale))
    assert (one.verdict.value, one.rule) == ("very uncertain", "undecided")


def test_a_model_with_nothing_to_compare_it_with_is_undecided(dossier):
    infection = replace(dossier.outcomes["infection"], only_with=None)
    alone = replace(
        dossier,
        outcomes={**dossier.outcomes, "infection": infection},
        scenarios=tuple(item for item in dossier.scenarios if item.id != "nothing"),
    )
    assert judged(alone, "H4").verdict.value == "very uncertain"

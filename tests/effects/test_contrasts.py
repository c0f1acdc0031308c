"""Which arms answer which question, on the example dossier with rows put in and taken out."""

import math
from dataclasses import replace

import pytest

from evenhand.dossier.records import Design, Direction, Status
from evenhand.effects.combined_arms import combined
from evenhand.effects.contrasts import contrasts_of, one_arms_of
from evenhand.effects.evidence import gather


@pytest.fixture
def arms(example_dossier):
    """Relief, treated and control, as the example dossier counts them: 30 of 48 and 18 of 48."""
    return [row for row in example_dossier.results if row.outcome == "relief"]


def with_results(dossier, *rows):
    return replace(dossier, results=tuple(rows))


def relief(dossier, *rows):
    return contrasts_of(with_results(dossier, *rows), dossier.outcomes["relief"], "example", "nothing")


def with_measure(dossier, measure):
    outcome = replace(dossier.outcomes["relief"], measure=measure)
    return replace(dossier, outcomes={**dossier.outcomes, "relief": outcome})


def test_a_placebo_arm_stands_for_no_treatment(example_dossier, arms):
    (contrast,) = relief(example_dossier, *arms)
    assert contrast.counts == (30, 48, 18, 48)
    assert contrast.yi == pytest.approx(math.log(30 / 18))  # risk ratio, which the dossier asks for
    assert contrast.n == 96


def test_but_not_where_it_shares_what_brings_the_harm(example_dossier, arms):
    infected = [replace(row, outcome="infection") for row in arms]
    needles = replace(example_dossier.treatments["placebo"], features=frozenset({"needle"}))
    dossier = replace(
        with_results(example_dossier, *infected), treatments={**example_dossier.treatments, "placebo": needles}
    )
    outcome = dossier.outcomes["infection"]
    assert contrasts_of(dossier, outcome, "example", "nothing") == ()
    assert len(one_arms_of(dossier, outcome, "example")) == 1


def test_a_baseline_is_no_result(example_dossier, arms):
    assert relief(example_dossier, *(replace(row, followup_weeks=0.0) for row in arms)) == ()


def test_the_end_of_treatment_counts_and_not_the_last_look(example_dossier, arms):
    late = [replace(row, followup_weeks=52.0, events=1) for row in arms]
    (contrast,) = relief(example_dossier, *late, *arms)
    assert contrast.followup_weeks == 6.0


def test_a_control_looked_at_another_day_is_no_control(example_dossier, arms):
    treated, control = arms
    assert relief(example_dossier, treated, replace(control, followup_weeks=12.0)) == ()


def test_not_reported_is_not_zero(example_dossier, arms):
    treated, control = arms
    silent = replace(control, events=None, n=None, status=Status.NOT_REPORTED)
    dossier = with_results(example_dossier, treated, silent)
    assert contrasts_of(dossier, dossier.outcomes["relief"], "example", "nothing") == ()
    (alone,) = one_arms_of(dossier, dossier.outcomes["relief"], "example")
    assert (alone.treated.events, alone.treated.n, alone.comparator) == (30, 48, None)


def of_people(dossier, n):
    """The example with so many people in its trial."""
    trial = replace(dossier.studies["example_trial"], n_randomised=n, n_analysed=None)
    return replace(dossier, studies={**dossier.studies, "example_trial": trial})


def test_two_arms_on_the_same_treatment_are_one(example_dossier, arms):
    treated, control = arms
    higher = replace(treated, arm="higher dose", events=20, n=40)
    (contrast,) = relief(of_people(example_dossier, 150), treated, higher, control)
    assert contrast.counts == (50, 88, 18, 48)


def test_two_looks_at_the_same_people_are_not_twice_as_many(example_dossier, arms):
    """48 + 48 + 48 people are more than the 100 of the trial: cough and wheeze in the same 48."""
    treated, control = arms
    (contrast,) = relief(example_dossier, treated, replace(treated, arm="wheeze", events=12), control)
    assert contrast.counts == (30, 48, 18, 48)
    assert contrast.how.key == "effects.how.same_people"


def test_arms_of_which_the_se_is_printed_combine_too(example_dossier, arms):
    dossier = of_people(with_measure(example_dossier, "MD"), 300)
    low, control = (
        replace(row, events=None, mean=mean, se=0.4, n=100) for row, mean in zip(arms, (3.0, 5.0), strict=True)
    )
    (contrast,) = contrasts_of(
        with_results(dossier, low, replace(low, arm="high", mean=2.0), control), dossier.outcomes["relief"], "example",
        "nothing",
    )  # fmt: skip
    within, between = 99 * 2 * (0.4 * 10) ** 2, 50 * 1.0**2
    assert contrast.yi == pytest.approx(-2.5)
    assert contrast.vi == pytest.approx((within + between) / 199 / 200 + 0.4**2)


def test_a_percentage_of_people_is_a_count(example_dossier, arms):
    rows = [replace(row, events=None, percent=percent) for row, percent in zip(arms, ("62.5", "37.5"), strict=True)]
    (contrast,) = relief(example_dossier, *rows)
    assert contrast.counts == (30, 48, 18, 48)
    assert contrast.how.key == "effects.how.percent"


def test_a_percentage_that_no_count_gives_tells_no_count(example_dossier, arms):
    rows = [replace(row, events=None, percent=percent) for row, percent in zip(arms, ("61", "34"), strict=True)]
    (contrast,) = relief(example_dossier, *(replace(row, n=25) for row in rows))
    assert contrast.counts is None
    assert math.isnan(contrast.vi)


def printed(row, **figures):
    blank = {"events": None, "percent": None, "p_value": None, "comparator": "placebo", "n": 90}
    return replace(row, **(blank | figures))


def test_a_ratio_printed_the_other_way_round_is_turned(example_dossier, arms):
    """Dummy against treatment, 0.5 (0.4 to 0.8), is treatment against dummy, 2 (1.25 to 2.5)."""
    turned = printed(arms[1], comparator="example", mean=0.5, ci_lower=0.4, ci_upper=0.8)
    (contrast,) = relief(example_dossier, turned)
    assert contrast.yi == pytest.approx(math.log(2))
    assert contrast.vi == pytest.approx((math.log(2.5 / 1.25) / (2 * 1.959963984540054)) ** 2)
    assert (contrast.treatment, contrast.comparator) == ("example", "nothing")


def test_a_difference_without_a_spread_does_not_hide_the_arms(example_dossier, arms):
    (contrast,) = relief(example_dossier, *arms, printed(arms[0], mean=1.7))
    assert contrast.counts == (30, 48, 18, 48)


def test_two_doses_against_one_control_are_no_surer_than_one(example_dossier, arms):
    doses = [printed(arms[0], arm=str(x), mean=x, ci_lower=x / 1.5, ci_upper=x * 1.5) for x in (2.0, 4.0)]
    (contrast,) = relief(example_dossier, *doses)
    assert contrast.yi == pytest.approx(math.log(8) / 2)
    assert contrast.vi == pytest.approx((math.log(1.5) / 1.959963984540054) ** 2)
    assert contrast.n is None


def test_a_direction_against_another_treatment_is_no_vote(example_dossier, arms):
    treatments = {**example_dossier.treatments, "cream": replace(example_dossier.treatments["example"], id="cream")}
    row = replace(arms[0], status=Status.DIRECTION, direction=Direction.WORSE, events=None, n=None, comparator="cream")
    dossier = replace(with_results(example_dossier, row), treatments=treatments)
    assert gather(dossier, "relief", "example", "nothing").directions == ()
    assert gather(dossier, "relief", "example", "cream").directions == (row,)


def test_a_printed_difference_knows_of_pairing(example_dossier, arms):
    """Sides of one face: the SD of the differences gives the spread, not the arms' own."""
    figures = zip(arms, (-3.046, -1.82), (1.25, 0.88), strict=True)
    treated, control = (replace(row, events=None, mean=mean, sd=sd, n=30) for row, mean, sd in figures)
    printed = replace(treated, comparator="placebo", mean=-1.28, sd=0.64, n=30)
    dossier = with_measure(example_dossier, "MD")
    (contrast,) = contrasts_of(
        with_results(dossier, treated, control, printed), dossier.outcomes["relief"], "example", "nothing"
    )
    assert contrast.yi == pytest.approx(-1.28)
    assert contrast.vi == pytest.approx(0.64**2 / 30)
    assert contrast.how.key == "effects.how.printed_difference"


def test_a_spread_is_recovered_from_the_exact_p(example_dossier, arms):
    """Cochrane Handbook 6.5, 6.5.2.3: the pooled SD that gives the printed p gives it back."""
    dossier = with_measure(example_dossier, "MD")
    treated, control = (replace(row, events=None, mean=mean, n=25) for row, mean in zip(arms, (5.0, 3.0), strict=True))
    treated = replace(treated, p_value="0.02", p_test="two arms")
    (contrast,) = contrasts_of(
        with_results(dossier, treated, control), dossier.outcomes["relief"], "example", "nothing"
    )
    from scipy.special import stdtr

    assert 2 * stdtr(48, -2.0 / math.sqrt(contrast.vi)) == pytest.approx(0.02, abs=1e-12)


def test_without_any_spread_the_study_is_kept_and_said(example_dossier, arms):
    dossier = with_measure(example_dossier, "MD")
    figures = zip(arms, (5.0, 3.0), strict=True)
    treated, control = (replace(row, events=None, mean=mean, p_value="<0.05") for row, mean in figures)
    (contrast,) = contrasts_of(
        with_results(dossier, treated, control), dossier.outcomes["relief"], "example", "nothing"
    )
    assert math.isnan(contrast.vi)
    assert contrast.how.key == "effects.how.no_spread"


def test_combined_means_are_those_of_the_whole_group(arms):
    """Two halves of 1, 2, 3, 4, 5, 9: Handbook table 6.5.a gives back the whole's mean and SD."""
    one = replace(arms[0], events=None, n=3, mean=2.0, sd=1.0)
    other = replace(arms[0], events=None, n=3, mean=6.0, sd=math.sqrt(7.0))
    whole = combined([one, other])
    assert (whole.n, whole.mean) == (6, 4.0)
    assert whole.sd == pytest.approx(math.sqrt(sum((x - 4) ** 2 for x in (1, 2, 3, 4, 5, 9)) / 5))


def test_every_kind_of_evidence_has_its_place(example_dossier, arms):
    treated, control = arms
    mouse = replace(example_dossier.studies["example_trial"], id="mice", design=Design.ANIMAL)
    rows = (
        replace(treated, status=Status.DIRECTION, direction=Direction.BETTER, events=None, n=None),
        replace(treated, status=Status.HAPPENED, events=2, n=None),
        replace(treated, status=Status.SAID, events=None, n=None),
        replace(treated, status=Status.NOT_REPORTED, events=None, n=None),
        replace(treated, study="mice"),
        replace(control, treatment="placebo"),
    )
    dossier = replace(with_results(example_dossier, *rows), studies={**example_dossier.studies, "mice": mouse})
    evidence = gather(dossier, "relief", "example", "nothing")
    kinds = (evidence.directions, evidence.cases, evidence.statements, evidence.not_reported, evidence.laboratory)
    assert [len(kind) for kind in kinds] == [1, 1, 1, 1, 1]
    assert evidence.contrasts == evidence.one_arm == evidence.elsewhere == ()
    assert not evidence.is_empty


def test_another_treatment_is_context_only(example_dossier, arms):
    treatments = {**example_dossier.treatments, "cream": replace(example_dossier.treatments["example"], id="cream")}
    rows = [replace(arms[0], treatment="cream"), arms[1]]
    evidence = gather(
        replace(with_results(example_dossier, *rows), treatments=treatments), "relief", "example", "nothing"
    )
    assert evidence.is_empty
    assert [row.treatment for row in evidence.elsewhere] == ["cream"]


def hazard_ratios(dossier, *rows):
    dossier = with_measure(dossier, "HR")
    return contrasts_of(with_results(dossier, *rows), dossier.outcomes["relief"], "example", "nothing")


def test_a_hazard_ratio_is_taken_as_printed(example_dossier, arms):
    treated, _ = arms
    printed = replace(treated, comparator="placebo", events=None, mean=0.7, ci_lower=0.5, ci_upper=0.98)
    (contrast,) = hazard_ratios(example_dossier, *arms, printed)
    assert contrast.measure == "HR"
    assert contrast.yi == pytest.approx(math.log(0.7))
    assert math.sqrt(contrast.vi) == pytest.approx(math.log(0.98 / 0.5) / (2 * 1.959963984540054))
    assert contrast.how.key == "effects.how.printed_ratio"


def test_a_hazard_ratio_with_its_exact_p(example_dossier, arms):
    treated, _ = arms
    printed = replace(treated, comparator="placebo", events=None, mean=0.7, p_value="0.037")
    (contrast,) = hazard_ratios(example_dossier, printed)
    assert abs(contrast.yi) / math.sqrt(contrast.vi) == pytest.approx(2.0858, abs=1e-4)
    assert contrast.how.key == "effects.how.ratio_from_p"


def test_one_printed_the_other_way_round_is_turned(example_dossier, arms):
    treated, _ = arms
    turned = replace(
        treated, treatment="placebo", comparator="example", events=None, mean=1 / 0.7, ci_lower=1 / 0.98, ci_upper=2.0
    )
    (contrast,) = hazard_ratios(example_dossier, turned)
    assert contrast.yi == pytest.approx(math.log(0.7))


def test_counts_give_no_hazard_ratio(example_dossier, arms):
    assert hazard_ratios(example_dossier, *arms) == ()

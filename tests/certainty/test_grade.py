"""docs/verdicts.md, 'Certainty': each start, each step by rule, and the judgement that replaces a rule."""

import math
from dataclasses import replace

import pytest

from evenhand.certainty.grade import rate
from evenhand.certainty.rating import Level
from evenhand.distributions import Normal
from evenhand.dossier.records import Design, Direction, Judgement, OutcomeType, RiskOfBias, Status, Words
from evenhand.effects.evidence import gather
from evenhand.integrity.finding import Finding, Severity
from evenhand.messages import message
from evenhand.synthesis.pool import pool
from evenhand.synthesis.pooled import Classical, Pooled, Posterior


@pytest.fixture
def dossier(example_dossier):
    """The example tenfold, without its own judgements: 300 of 480 against 180, randomised, low risk, threshold 50."""
    results = tuple(
        replace(row, events=row.events * 10, n=row.n * 10, n_randomised=None)
        if row.events is not None and row.n
        else row
        for row in example_dossier.results
    )
    relief = replace(example_dossier.outcomes["relief"], judgements=())
    trial = replace(example_dossier.studies["example_trial"], risk_of_bias=RiskOfBias.LOW)
    return replace(
        example_dossier,
        results=results,
        outcomes={**example_dossier.outcomes, "relief": relief},
        studies={**example_dossier.studies, "example_trial": trial},
    )


def evidence_of(dossier):
    return gather(dossier, "relief", "example", "nothing")


def pooled_of(dossier, *, mean=0.5, sd=0.05, k=1, i2=0.0, prediction_sd=None):
    """A pooled log risk ratio of any precision."""
    (contrast,) = evidence_of(dossier).contrasts
    mu = Normal(mean, sd)
    posterior = Posterior(
        mu=mu,
        tau=None,
        prediction=Normal(mean, prediction_sd or sd),
        shrinkage=(),
        likelihood="normal",
        prior_mu="flat",
        prior_tau="half-normal(0.5)",
        log_marginal=0.0,
    )
    classical = Classical(
        method="REML", test="knha", estimate=mean, se=sd, ci_lower=0, ci_upper=0, p_value=0, tau2=0.0, i2=i2, q=0,
        q_p_value=1, pi_lower=0, pi_upper=0, k=k,
    )  # fmt: skip
    return Pooled(
        outcome="relief",
        treatment="example",
        comparator="nothing",
        measure="RR",
        contrasts=(contrast,) * k,
        posterior=posterior,
        classical=classical,
        estimate=math.exp(mean),
        lower=math.exp(mu.quantile(0.025)),
        upper=math.exp(mu.quantile(0.975)),
        tau2=0.0,
    )


def step(rating, domain):
    return next(step for step in rating.steps if step.domain == domain)


def rated(dossier, pooled=None, findings=()):
    return rate(dossier, evidence_of(dossier), pooled, findings)


def with_study(dossier, **changes):
    trial = replace(dossier.studies["example_trial"], **changes)
    return replace(dossier, studies={**dossier.studies, "example_trial": trial})


def with_relief(dossier, **changes):
    return replace(dossier, outcomes={**dossier.outcomes, "relief": replace(dossier.outcomes["relief"], **changes)})


def with_rows(dossier, **changes):
    """Only the treated row of relief, changed."""
    row = next(row for row in dossier.results if row.outcome == "relief" and row.treatment == "example")
    return replace(dossier, results=(replace(row, **changes),))


def test_a_sound_precise_trial_is_high(dossier):
    rating = rated(dossier, pooled_of(dossier))
    assert (rating.start, rating.level) == (Level.HIGH, Level.HIGH)
    assert [step.steps for step in rating.steps] == [0] * 5


def test_groups_not_known_to_be_randomised_start_at_low(dossier):
    other = with_study(dossier, design=Design.COMPARATIVE)
    assert rated(other, pooled_of(other)).start is Level.LOW


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"status": Status.DIRECTION, "direction": Direction.BETTER, "events": None, "n": None}, Level.LOW),
        ({"status": Status.HAPPENED, "events": 3, "n": None}, Level.VERY_LOW),
        ({"status": Status.SAID, "events": None, "n": None}, Level.VERY_LOW),
    ],
)
def test_where_each_kind_starts(dossier, changes, start):
    assert rated(with_rows(dossier, **changes)).start is start


def test_a_model_starts_at_high_and_one_arm_at_low(dossier):
    model = rate(dossier, gather(dossier, "infection", "example", "nothing"), None, ())
    assert (model.start, model.level) == (Level.HIGH, Level.HIGH)
    alone = with_rows(dossier, events=30)
    (arm,) = evidence_of(alone).one_arm
    pooled = replace(
        pooled_of(dossier), comparator=None, measure="PLO", contrasts=(arm,), estimate=0.6, lower=0.55, upper=0.65
    )
    assert rated(alone, pooled).start is Level.LOW


def test_the_laboratory_speaks_for_a_mechanism_only(dossier):
    animal = with_study(with_rows(dossier, status=Status.DIRECTION, direction=Direction.BETTER), design=Design.ANIMAL)
    assert rated(animal).start is Level.VERY_LOW
    assert rated(with_relief(animal, type=OutcomeType.MECHANISM)).start is Level.LOW


def test_nothing_measured_has_no_certainty(dossier):
    assert rate(dossier, gather(dossier, "sleep", "example", "nothing"), None, ()) is None


@pytest.mark.parametrize(
    ("risk", "severity", "steps"),
    [
        (RiskOfBias.LOW, None, 0),
        (RiskOfBias.LOW, Severity.NOTE, 0),
        (RiskOfBias.SOME, None, -1),
        (RiskOfBias.UNCLEAR, None, -1),
        (RiskOfBias.LOW, Severity.CONCERN, -1),
        (RiskOfBias.HIGH, None, -1),
        (RiskOfBias.HIGH, Severity.SERIOUS, -2),
        (RiskOfBias.LOW, Severity.SERIOUS, -2),
    ],
)
def test_risk_of_bias_and_integrity(dossier, risk, severity, steps):
    other = with_study(dossier, risk_of_bias=risk)
    finding = Finding(
        study="example_trial", check="p-value", severity=severity or Severity.NOTE, detail=message("hand.harm"),
        outcome="relief"
    )  # fmt: skip
    rating = rated(other, pooled_of(other), () if severity is None else (finding,))
    assert step(rating, "risk_of_bias").steps == steps


def test_a_finding_on_another_outcome_does_not_count(dossier):
    finding = Finding(
        study="example_trial",
        check="p-value",
        severity=Severity.SERIOUS,
        detail=message("hand.harm"),
        outcome="headache",
    )
    assert step(rated(dossier, pooled_of(dossier), (finding,)), "risk_of_bias").steps == 0


@pytest.mark.parametrize(
    ("k", "i2", "prediction_sd", "steps"),
    [(1, 0.0, None, 0), (5, 30.0, None, 0), (5, 60.0, 0.05, 0), (5, 60.0, 0.5, -1), (5, 80.0, 0.05, -1)],
)
def test_inconsistency(dossier, k, i2, prediction_sd, steps):
    pooled = pooled_of(dossier, k=k, i2=i2, prediction_sd=prediction_sd)
    assert step(rated(dossier, pooled), "inconsistency").steps == steps


@pytest.mark.parametrize(
    ("mean", "sd", "steps"),
    [
        (0.5, 0.05, 0),  # 190 to 270 of 1,000 more: beyond the threshold of 50
        (0.25, 0.1, -1),  # 20 to 215: an effect that matters, and one that does not
        (0.0, 0.5, -2),  # from 230 fewer to 620 more
        (0.0, 0.02, 0),  # 15 fewer to 15 more: surely too small to matter
    ],
)
def test_imprecision_against_the_outcomes_threshold(dossier, mean, sd, steps):
    assert step(rated(dossier, pooled_of(dossier, mean=mean, sd=sd)), "imprecision").steps == steps


@pytest.mark.parametrize(("mean", "sd", "steps"), [(0.5, 0.05, 0), (0.25, 0.1, -1), (0.0, 0.5, -2), (0.0, 0.02, 0)])
def test_imprecision_without_a_threshold_is_a_quarter_more_or_less(dossier, mean, sd, steps):
    other = with_relief(dossier, threshold=None)
    assert step(rated(other, pooled_of(other, mean=mean, sd=sd)), "imprecision").steps == steps


@pytest.mark.parametrize(
    ("events", "n", "lower", "upper", "steps"),
    [(8, 25, 0.16, 0.52, -1), (80, 250, 0.26, 0.38, 0), (80, 250, 0.1, 0.6, -1), (0, 25, 0.0, 0.1, -1)],
)
def test_imprecision_of_one_arm(dossier, events, n, lower, upper, steps):
    alone = with_rows(dossier, events=events, n=n)
    (arm,) = evidence_of(alone).one_arm
    pooled = replace(
        pooled_of(dossier), comparator=None, measure="PLO", contrasts=(arm,), estimate=lower, lower=lower, upper=upper
    )
    assert step(rated(alone, pooled), "imprecision").steps == steps


def test_directions_that_clash(dossier):
    row = with_rows(dossier, status=Status.DIRECTION, direction=Direction.BETTER, events=None, n=None).results[0]
    clash = replace(dossier, results=(row, replace(row, arm="other site", direction=Direction.WORSE)))
    rating = rated(clash)
    assert step(rating, "inconsistency").steps == -1
    assert step(rating, "imprecision").steps == -1  # no figures
    assert rating.level is Level.VERY_LOW


def test_a_judgement_replaces_the_rule_and_says_why(dossier):
    reason = Words("Ten and twenty did less than forty.", "العشرة والعشرون أقل من الأربعين.")
    judged = with_relief(
        dossier,
        judgements=(
            Judgement(domain="imprecision", steps=-1, reason=reason),
            Judgement(domain="dose_response", steps=1, reason=reason),
        ),
    )
    rating = rated(judged, pooled_of(judged))
    assert (step(rating, "imprecision").steps, step(rating, "imprecision").by) == (-1, "judgement")
    assert step(rating, "dose_response").reason.params["reason"] is reason
    assert rating.level is Level.HIGH


def test_the_level_stays_on_the_scale(dossier):
    worst = with_study(dossier, design=Design.COMPARATIVE, risk_of_bias=RiskOfBias.HIGH)
    assert rated(worst, pooled_of(worst, mean=0.0, sd=0.5)).level is Level.VERY_LOW
    up = with_relief(dossier, judgements=(Judgement(domain="large_effect", steps=2, reason=Words("Very large.")),))
    assert rated(up, pooled_of(up)).level is Level.HIGH


def counted(dossier, *pairs):
    """Relief in as many trials, each (treated, control) of 48."""
    studies, rows = {}, []
    for i, events in enumerate(pairs):
        trial = replace(dossier.studies["example_trial"], id=f"t{i}")
        studies[trial.id] = trial
        own = [row for row in dossier.results if row.outcome == "relief"]
        rows += [replace(row, study=trial.id, events=e) for row, e in zip(own, events, strict=True)]
    return replace(dossier, results=tuple(rows), studies={**dossier.studies, **studies})


def test_one_empty_cell_does_not_hide_how_studies_differ(dossier):
    other = counted(dossier, (40, 5), (5, 40), (42, 4), (0, 6))
    pooled = pool(evidence_of(other).contrasts)
    assert pooled.classical is None
    assert step(rated(other, pooled), "inconsistency").steps == -1


@pytest.mark.parametrize("events", [(0, 0), (480, 480)])
def test_no_event_in_either_group_says_nothing(dossier, events):
    other = counted(dossier, events)
    decided = step(rated(other, pool(evidence_of(other).contrasts)), "imprecision")
    assert (decided.steps, decided.reason.key) == (-2, "certainty.reason.no_information")


@pytest.mark.parametrize(
    ("measure", "threshold", "mean", "sd", "steps"),
    [
        ("ROM", 2, 0.5, 0.1, 0),  # 1.35 to 2.01: more than a quarter more
        ("ROM", 2, 0.3, 0.1, -1),
        ("SMD", 2, 0.8, 0.1, 0),
        ("SMD", 2, 0.5, 0.1, -1),
        ("MD", 2, 3.0, 0.4, 0),
        ("MD", 2, 2.0, 0.4, -1),
        ("MD", None, 2.0, 0.4, 0),
        ("MD", None, 0.5, 0.4, -1),
        ("RD", 50, 0.2, 0.05, 0),
        ("RD", 50, 0.06, 0.04, -1),
        ("RD", None, 0.06, 0.04, -1),
    ],
)
def test_imprecision_goes_by_the_scale_of_the_measure(dossier, measure, threshold, mean, sd, steps):
    other = with_relief(dossier, threshold=threshold)
    pooled = replace(pooled_of(other, mean=mean, sd=sd), measure=measure)
    assert step(rated(other, pooled), "imprecision").steps == steps


def test_a_comparison_without_a_spread_is_said_to_be_one(dossier):
    scale = with_relief(dossier, type=OutcomeType.CONTINUOUS, measure="MD")
    rows = tuple(
        replace(row, events=None, percent=None, mean=5.0, p_value="<0.05")
        for row in scale.results
        if row.outcome == "relief"
    )
    rating = rated(replace(scale, results=rows))
    assert (rating.level, rating.start_reason.key) == (Level.VERY_LOW, "certainty.start.no_spread")


@pytest.mark.parametrize(
    ("events", "n", "steps", "key"),
    [
        (100, 480, -1, "small_events"),  # 100 + 180 events: below 300
        (121, 480, 0, "precise"),
        (20, 30_000, 0, "precise"),  # few events among many people are no accident
    ],
)
def test_a_narrow_interval_from_little_information(dossier, events, n, steps, key):
    rows = tuple(replace(row, events=events, n=n) if row.treatment == "example" else row for row in dossier.results)
    other = replace(dossier, results=rows)
    taken = step(rated(other, pooled_of(other)), "imprecision")
    assert (taken.steps, taken.reason.key) == (steps, f"certainty.reason.{key}")


@pytest.mark.parametrize(("n", "steps"), [(199, -1), (200, 0)])
def test_a_narrow_interval_from_few_people_on_a_scale(dossier, n, steps):
    scale = with_relief(dossier, type=OutcomeType.CONTINUOUS, measure="MD", threshold=1.0)
    rows = tuple(
        replace(
            row, events=None, percent=None, p_value=None, mean=5.0 if row.treatment == "example" else 2.0, sd=1.0, n=n
        )
        for row in scale.results
        if row.outcome == "relief"
    )
    other = replace(scale, results=rows)
    assert step(rated(other, pool(evidence_of(other).contrasts)), "imprecision").steps == steps

"""GRADE's domains as rules: how far each moves the certainty, and why.

Pipeline: dossier → integrity → effects → synthesis → [certainty] → outlook → verdicts → report

What a rule can see, it judges: risk of bias by weight, inconsistency, imprecision. What only a person can see
(indirectness, publication bias, and the three reasons to rate up) stands in the dossier as a judgement with its reason;
a judgement on any domain replaces the rule. The rules are tabulated in docs/verdicts.md.

References
----------
Guyatt et al. (2011). J Clin Epidemiol 64, 383-394 (introduction), 407-415 (risk of bias), 1283-1293 (imprecision),
1294-1302 (inconsistency), 1303-1310 (indirectness), 1311-1316 (rating up).
Zeng et al. (2022). J Clin Epidemiol 150, 216-224: imprecision against thresholds.
"""

import math
from collections.abc import Sequence

import numpy as np

from evenhand.certainty.rating import Level, Step
from evenhand.certainty.weights import study_weights
from evenhand.dossier.records import Design, Direction, Outcome, OutcomeType, Result, RiskOfBias, Study
from evenhand.effects.baseline_risk import risk_with_treatment
from evenhand.effects.contrast import Contrast
from evenhand.effects.evidence import Evidence
from evenhand.integrity.finding import Finding, Severity
from evenhand.messages import Message, message
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.pooled import Pooled

DOMAINS = (
    "risk_of_bias",
    "inconsistency",
    "indirectness",
    "imprecision",
    "publication_bias",
    "large_effect",
    "dose_response",
    "opposing_confounding",
)
FEW_EVENTS = 10  # one arm: fewer events than this leave the proportion open
WIDE = 200.0  # one arm: an interval wider than this, of 1,000 people
RELATIVE_THRESHOLD = math.log(1.25)  # without a threshold of the outcome's own: GRADE's 25 % more or less
ENOUGH_EVENTS = 300  # two arms: GRADE's rule of thumb for the optimal information size …
ENOUGH_PEOPLE = 400  # … on a scale …
MANY_PEOPLE = 4000  # … and where so many were followed that few events are no accident
MANY_STUDIES = 10  # fewer cannot show whether small negative studies are missing


def rule(domain: str, steps: int, reason: Message) -> Step:
    """A step taken by rule."""
    return Step(domain=domain, steps=steps, reason=reason, by="rule")


def start(evidence: Evidence, pooled: Pooled | None) -> tuple[Level, Message]:
    """Where the certainty begins, from the kind of evidence that decides."""
    if pooled is not None and pooled.comparator is not None:
        if all(contrast.study.design is Design.RANDOMISED for contrast in pooled.contrasts):
            return Level.HIGH, message("certainty.start.randomised")
        return Level.LOW, message("certainty.start.comparative")
    if evidence.has_formula:
        return Level.HIGH, message("certainty.start.formula")
    if pooled is None and evidence.contrasts:
        return Level.VERY_LOW, message("certainty.start.no_spread")
    if pooled is not None:
        return Level.LOW, message("certainty.start.one_arm")
    if evidence.directions:
        return Level.LOW, message("certainty.start.direction")
    if evidence.laboratory and evidence.outcome.type is OutcomeType.MECHANISM:
        return Level.LOW, message("certainty.start.mechanism")
    if evidence.laboratory:
        return Level.VERY_LOW, message("certainty.start.laboratory")
    if evidence.cases:
        return Level.VERY_LOW, message("certainty.start.cases")
    return Level.VERY_LOW, message("certainty.start.statements")


def risk_of_bias(
    pooled: Pooled | None, directions: Sequence[Result], studies: dict[str, Study], findings: Sequence[Finding]
) -> Step:
    """By weight: −1 where most is at high risk or of some concern, −2 where a serious integrity finding bears on it."""
    domain = "risk_of_bias"
    if pooled is None:
        if not directions:
            return rule(domain, 0, message("certainty.reason.risk_of_bias_not_applicable"))
        involved = [studies[row.study] for row in directions]
        weights: Sequence[float] = [1.0 / len(involved)] * len(involved)
        outcome = directions[0].outcome
    else:
        involved = [contrast.study for contrast in pooled.contrasts]
        weights = study_weights(pooled)
        outcome = pooled.outcome
    severities = {
        study.id: [f.severity for f in findings if f.study == study.id and f.outcome in (None, outcome)]
        for study in involved
    }
    serious = sum(w for s, w in zip(involved, weights, strict=True) if Severity.SERIOUS in severities[s.id])
    high = sum(
        w
        for s, w in zip(involved, weights, strict=True)
        if s.risk_of_bias is RiskOfBias.HIGH or Severity.SERIOUS in severities[s.id]
    )
    doubtful = sum(
        w
        for s, w in zip(involved, weights, strict=True)
        if s.risk_of_bias is not RiskOfBias.LOW or any(severity is not Severity.NOTE for severity in severities[s.id])
    )
    labels = tuple(dict.fromkeys(study.label for study in involved))
    if high >= 0.5 and serious >= 0.5:
        return rule(domain, -2, message("certainty.reason.risk_of_bias_and_integrity", studies=labels))
    if high >= 0.5:
        return rule(domain, -1, message("certainty.reason.risk_of_bias_high", studies=labels))
    if doubtful >= 0.5:
        return rule(domain, -1, message("certainty.reason.risk_of_bias_some", studies=labels))
    return rule(domain, 0, message("certainty.reason.risk_of_bias_low"))


def inconsistency(pooled: Pooled | None, directions: Sequence[Result]) -> Step:
    """−1 where I² ≥ 75 %, or ≥ 50 % with a prediction interval reaching the other side; or where directions clash."""
    domain = "inconsistency"
    if pooled is None:
        ways = {row.direction for row in directions} - {Direction.NO_DIFFERENCE}
        if len(ways) > 1:
            return rule(domain, -1, message("certainty.reason.directions_clash"))
        return rule(domain, 0, message("certainty.reason.inconsistency_not_applicable"))
    if pooled.k == 1:
        return rule(domain, 0, message("certainty.reason.one_study"))
    i2 = _i2(pooled)
    null = 0.0
    prediction = pooled.posterior.prediction
    # A proportion has no other side to reach.
    crosses = (
        pooled.comparator is not None
        and prediction.quantile(0.025) < null < prediction.quantile(0.975)
        and not (pooled.posterior.mu.quantile(0.025) < null < pooled.posterior.mu.quantile(0.975))
    )
    if i2 >= 75.0 or (i2 >= 50.0 and crosses):
        return rule(domain, -1, message("certainty.reason.inconsistent", i2=round(i2)))
    if math.isnan(i2):
        return rule(domain, 0, message("certainty.reason.inconsistency_not_computable"))
    return rule(domain, 0, message("certainty.reason.consistent", i2=round(i2)))


def _i2(pooled: Pooled) -> float:
    """I² of the studies that have a variance: one empty cell among forty studies does not hide how they differ."""
    if pooled.classical is not None:
        return pooled.classical.i2
    known = [one for one in pooled.contrasts if math.isfinite(one.yi) and math.isfinite(one.vi) and one.vi > 0]
    if len(known) < 2:
        return math.nan
    return meta_analysis([one.yi for one in known], [one.vi for one in known]).i2


def imprecision(evidence: Evidence, pooled: Pooled | None) -> Step:
    """By how many thresholds the 95 % limits pass, and by information size; for one arm by events and width."""
    domain = "imprecision"
    if pooled is None:
        if evidence.directions:
            return rule(domain, -1, message("certainty.reason.no_figures"))
        if evidence.has_formula:
            return rule(domain, 0, message("certainty.reason.formula_interval"))
        return rule(domain, 0, message("certainty.reason.imprecision_not_applicable"))
    if pooled.comparator is None:
        return _imprecision_of_one_arm(pooled)
    if all(study_says_nothing(contrast) for contrast in pooled.contrasts):
        # No event anywhere (or nothing but events): what stands there is what was believed before.
        return rule(domain, -2, message("certainty.reason.no_information"))
    lower, upper, threshold = _limits_against_threshold(evidence.outcome, pooled)
    passed = sum(lower < bound < upper for bound in {-threshold, threshold})
    if passed == 0 and (small := _too_small_to_be_sure(pooled)) is not None:
        return rule(domain, -1, small)
    key = ("precise", "imprecise", "very_imprecise")[passed]
    return rule(domain, -passed, message(f"certainty.reason.{key}"))


def _too_small_to_be_sure(pooled: Pooled) -> Message | None:
    """Below the optimal information size a narrow interval tends to be luck (Guyatt 2011, p. 1287)."""
    counts = [contrast.counts for contrast in pooled.contrasts]
    people = pooled.n
    if all(count is not None for count in counts):
        events = sum(count[0] + count[2] for count in counts if count is not None)
        if events < ENOUGH_EVENTS and (people or 0) < MANY_PEOPLE:
            return message("certainty.reason.small_events", events=events, enough=ENOUGH_EVENTS)
    elif people is not None and people < ENOUGH_PEOPLE:
        return message("certainty.reason.small_people", people=people, enough=ENOUGH_PEOPLE)
    return None


def _imprecision_of_one_arm(pooled: Pooled) -> Step:
    events = sum(contrast.treated.events or 0 for contrast in pooled.contrasts)
    total = sum(contrast.treated.n or 0 for contrast in pooled.contrasts)
    if not all(contrast.treated.events is not None for contrast in pooled.contrasts):
        return rule("imprecision", 0, message("certainty.reason.imprecision_not_applicable"))
    width = 1000.0 * (pooled.upper - pooled.lower)
    if events < FEW_EVENTS or width > WIDE:
        return rule(
            "imprecision", -1, message("certainty.reason.few_events", events=events, total=total, width=round(width))
        )
    return rule("imprecision", 0, message("certainty.reason.enough_events", events=events, total=total))


def _limits_against_threshold(outcome: Outcome, pooled: Pooled) -> tuple[float, float, float]:
    """The 95 % limits and the threshold on one scale: people of 1,000, the outcome's unit, or log ratio."""
    lower, upper = pooled.posterior.mu.quantile(0.025), pooled.posterior.mu.quantile(0.975)
    match pooled.measure:
        case "MD":
            return lower, upper, outcome.threshold or 0.0
        case "SMD":
            # Half a standard deviation is the customary smallest difference on a standardised scale (Norman 2003).
            return lower, upper, 0.5
        case "RD":
            return 1000.0 * lower, 1000.0 * upper, outcome.threshold or 0.0
        case "ROM":
            return lower, upper, RELATIVE_THRESHOLD
    counts = [contrast.counts for contrast in pooled.contrasts if contrast.counts is not None]
    if outcome.threshold is not None and counts:
        baseline = np.asarray([(sum(c[2] for c in counts) + 0.5) / (sum(c[3] for c in counts) + 1.0)])
        differences = [
            float(1000.0 * (risk_with_treatment(baseline, np.asarray([limit]), pooled.measure) - baseline)[0])
            for limit in (lower, upper)
        ]
        return differences[0], differences[1], outcome.threshold
    return lower, upper, RELATIVE_THRESHOLD


def study_says_nothing(contrast: Contrast) -> bool:
    """Whether both arms counted no event, or nothing but events: then no ratio follows."""
    counts = contrast.counts
    return counts is not None and counts[0] + counts[2] in (0, counts[1] + counts[3])


def publication_bias(pooled: Pooled | None) -> Step:
    """Never by rule: with few studies it cannot be seen, with many it is a judgement on the funnel."""
    k = 0 if pooled is None else pooled.k
    key = "few_studies" if k < MANY_STUDIES else "funnel_not_judged"
    return rule("publication_bias", 0, message(f"certainty.reason.{key}", n=k))

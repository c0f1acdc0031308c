"""From a claim to its verdict, with every fact that led there.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → [verdicts] → report
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evenhand.certainty.rating import Rating
from evenhand.dossier.records import Claim, Dossier, Hand, Says, Status
from evenhand.effects.evidence import Evidence
from evenhand.messages import Message, message
from evenhand.outlook.absolute import Absolute, Basis
from evenhand.synthesis.pooled import Pooled
from evenhand.verdicts.facts import Facts, facts_of
from evenhand.verdicts.rules import (
    HAPPENS,
    STRENGTH,
    judge,
    judge_alternative,
    judge_safe,
)
from evenhand.verdicts.verdict import JudgedClaim, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One outcome of one treatment against one comparator, all the way down the line."""

    evidence: Evidence
    pooled: Pooled | None  # the contrast, or one arm, that was rated
    rating: Rating | None
    absolute: Absolute | None  # the scenario whose size is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One outcome of a claim with its verdict."""

    weighed: Weighed
    facts: Facts
    verdict: Verdict
    rule: str


_NAMED = 3  # other treatments named before "and n more"

Weigh = Callable[[str, str, str], Weighed]  # outcome, treatment, comparator


def judge_claim(dossier: Dossier, claim: Claim, weigh: Weigh) -> JudgedClaim:
    """A claim's verdict.

    A claim that something helps or harms is decided by the strongest verdict among its outcomes; 'safe' and
    'alternative' have rules of their own (verdicts.rules).
    """
    judged = [
        _judge_outcome(weigh(outcome, claim.treatment, claim.comparator), claim.says) for outcome in claim.outcomes
    ]
    if claim.says is Says.SAFE:
        rule, verdict = judge_safe([(one.facts, one.verdict) for one in judged])
        shown = _worst(judged)
        serious = [one for one in judged if one.facts.serious and one.verdict in HAPPENS]
        decisive = message(f"verdict.rule.{rule}", outcomes=_names(dossier, serious))
    elif claim.says is Says.ALTERNATIVE:
        harms = [one for one in judged if one.facts.hand is Hand.HARM]
        benefits = [one for one in judged if one.facts.hand is Hand.BENEFIT]
        rule, verdict = judge_alternative(
            [(one.facts, one.verdict, _only_here(dossier, claim, one)) for one in harms],
            [(one.facts, one.verdict if _compared(claim, one) else Verdict.NOT_MEASURED) for one in benefits],
        )
        shown = _worst(harms or judged)
        brought = [one for one in harms if one.verdict in HAPPENS and _only_here(dossier, claim, one)]
        decisive = message(
            f"verdict.rule.{rule}",
            outcomes=_names(dossier, brought),
            comparator=dossier.treatments[claim.comparator].name,
        )
    else:
        shown = max(judged, key=lambda one: STRENGTH.index(one.verdict))
        rule, verdict = shown.rule, shown.verdict
        decisive = message(f"verdict.rule.{rule}")
    told = [shown, *(one for one in judged if one is not shown)]
    several = len(judged) > 1
    reasons = [
        decisive,
        *(
            message("verdict.evidence.of", outcome=dossier.outcomes[one.facts.outcome].name, sentence=sentence)
            if several
            else sentence
            for one in told
            for sentence in evidence_sentences(dossier, one.weighed)
        ),
    ]
    return JudgedClaim(
        claim=claim.id,
        verdict=verdict,
        rating=shown.weighed.rating,
        reasons=tuple(_without_repeats(reasons)),
        outcome=shown.facts.outcome,
        pooled=shown.weighed.pooled,
        absolute=shown.weighed.absolute,
        rule=rule,
    )


def _judge_outcome(weighed: Weighed, says: Says) -> _Judged:
    facts = facts_of(weighed.evidence, weighed.rating, weighed.pooled, weighed.absolute, says)
    rule = judge(facts)
    return _Judged(weighed=weighed, facts=facts, verdict=rule.verdict, rule=rule.name)


def _worst(judged: Sequence[_Judged]) -> _Judged:
    """The harm to show: serious before not, then the strongest verdict."""
    return max(judged, key=lambda one: (one.facts.serious, STRENGTH.index(one.verdict)))


def _compared(claim: Claim, one: _Judged) -> bool:
    """Whether anybody set the two side by side; an arm alone, or against nothing, says nothing of the other."""
    evidence = one.weighed.evidence
    return bool(evidence.contrasts) or any(row.comparator == claim.comparator for row in evidence.directions)


def _only_here(dossier: Dossier, claim: Claim, one: _Judged) -> bool:
    needs = one.weighed.evidence.outcome.only_with
    return needs is not None and needs not in dossier.treatments[claim.comparator].features


def _names(dossier: Dossier, judged: Sequence[_Judged]) -> tuple[object, ...]:
    return tuple(dossier.outcomes[one.facts.outcome].name for one in judged)


def _without_repeats(reasons: Sequence[Message]) -> list[Message]:
    """Several outcomes of one claim can say the same sentence; once is enough."""
    kept: list[Message] = []
    for reason in reasons:
        if reason not in kept:
            kept.append(reason)
    return kept


def evidence_sentences(dossier: Dossier, weighed: Weighed) -> list[Message]:
    """What was found, kind by kind, in sentences: the facts behind a verdict."""
    evidence = weighed.evidence
    if evidence.is_empty:
        key = "elsewhere_only" if evidence.elsewhere else "nothing"
        treatments = dict.fromkeys(row.treatment for row in evidence.elsewhere)
        others = [dossier.treatments[treatment].name for treatment in treatments]
        if len(others) > _NAMED + 1:
            more = message("verdict.evidence.more", n=len(others) - _NAMED)
            return [message(f"verdict.evidence.{key}", others=(*others[:_NAMED], more))]
        return [message(f"verdict.evidence.{key}", others=tuple(others))]
    return [
        *_contrast_sentences(weighed),
        *_one_arm_sentences(weighed),
        *_formula_sentences(dossier, weighed),
        *_direction_sentences(evidence),
        *_case_sentences(dossier, evidence),
        *_laboratory_sentences(evidence),
    ]


def _contrast_sentences(weighed: Weighed) -> list[Message]:
    sentences = []
    for contrast in weighed.evidence.contrasts[:4]:
        counts = contrast.counts
        if counts is not None:
            sentences.append(
                message(
                    "verdict.evidence.counts",
                    study=contrast.study.label,
                    events_t=counts[0],
                    n_t=counts[1],
                    events_c=counts[2],
                    n_c=counts[3],
                )
            )
        else:
            sentences.append(message("verdict.evidence.contrast", study=contrast.study.label))
    if len(weighed.evidence.contrasts) > len(sentences):
        sentences = [message("verdict.evidence.contrasts", n=len(weighed.evidence.contrasts))]
    return sentences


def _one_arm_sentences(weighed: Weighed) -> list[Message]:
    return [
        message("verdict.evidence.one_arm", study=arm.study.label, events=arm.treated.events, total=arm.treated.n)
        for arm in weighed.evidence.one_arm
        if arm.treated.events is not None and arm.treated.n is not None
    ]


def _formula_sentences(dossier: Dossier, weighed: Weighed) -> list[Message]:
    absolute = weighed.absolute
    if not weighed.evidence.has_formula or absolute is None or absolute.basis is not Basis.FORMULA:
        return []
    scenario = next(item for item in dossier.scenarios if item.id == absolute.scenario)
    sentences = [message("verdict.evidence.formula", scenario=scenario.name)]
    if absolute.assumptions or absolute.unverified:
        labels = tuple(dossier.parameters[name].label for name in (*absolute.assumptions, *absolute.unverified))
        sentences.append(message("verdict.evidence.formula_rests_on", inputs=tuple(dict.fromkeys(labels))))
    return sentences


def _direction_sentences(evidence: Evidence) -> list[Message]:
    return [message("verdict.evidence.directions", n=len(evidence.directions))] if evidence.directions else []


def _case_sentences(dossier: Dossier, evidence: Evidence) -> list[Message]:
    sentences = []
    if evidence.cases:
        patients = sum(row.events for row in evidence.cases if row.events is not None)
        reports = len({row.study for row in evidence.cases})
        if patients:
            sentences.append(
                message("verdict.evidence.cases", n=patients, reports=message("verdict.evidence.sources", n=reports))
            )
        else:
            sentences.append(message("verdict.evidence.cases_uncounted", n=reports))
    if evidence.statements:
        who = tuple(dict.fromkeys(dossier.studies[row.study].label for row in evidence.statements))
        sentences.append(message("verdict.evidence.statements", who=who))
    if evidence.not_reported and not evidence.contrasts:
        sentences.append(message("verdict.evidence.not_reported", n=len(evidence.not_reported)))
    return sentences


def _laboratory_sentences(evidence: Evidence) -> list[Message]:
    informative = [row for row in evidence.laboratory if row.status is not Status.NOT_REPORTED]
    return [message("verdict.evidence.laboratory", n=len({row.study for row in informative}))] if informative else []

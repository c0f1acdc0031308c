"""The certainty of one effect: a start, and a step with its reason for every domain.

Pipeline: dossier → integrity → effects → synthesis → [certainty] → outlook → verdicts → report
"""

from collections.abc import Sequence

from evenhand.certainty.domains import (
    DOMAINS,
    imprecision,
    inconsistency,
    publication_bias,
    risk_of_bias,
    rule,
    start,
)
from evenhand.certainty.rating import Level, Rating, Step
from evenhand.dossier.records import Dossier
from evenhand.effects.evidence import Evidence
from evenhand.integrity.finding import Finding
from evenhand.messages import message
from evenhand.synthesis.pooled import Pooled


def rate(dossier: Dossier, evidence: Evidence, pooled: Pooled | None, findings: Sequence[Finding]) -> Rating | None:
    """Rate the evidence that decides on an outcome; None where there is none.

    Parameters
    ----------
    dossier : Dossier
        For its studies' risk of bias.
    evidence : Evidence
        All kinds there are.
    pooled : Pooled or None
        The numbers rated: a contrast, or one arm; None where there are only directions, cases or a formula.
    findings : sequence of Finding
        Of the integrity room; a concern counts as some concerns of bias, a serious one as high risk.
    """
    if evidence.is_empty:
        return None
    level, reason = start(evidence, pooled)
    directions = evidence.directions if pooled is None else ()
    by_rule = {
        "risk_of_bias": risk_of_bias(pooled, directions, dict(dossier.studies), findings),
        "inconsistency": inconsistency(pooled, directions),
        "indirectness": rule("indirectness", 0, message("certainty.reason.no_judgement")),
        "imprecision": imprecision(evidence, pooled),
        "publication_bias": publication_bias(pooled),
    }
    judged = {
        judgement.domain: Step(
            domain=judgement.domain,
            steps=judgement.steps,
            reason=message("certainty.reason.judged", reason=judgement.reason),
            by="judgement",
        )
        for judgement in evidence.outcome.judgements
    }
    by_domain = by_rule | judged
    steps = tuple(by_domain[domain] for domain in DOMAINS if domain in by_domain)
    total = level + sum(step.steps for step in steps)
    return Rating(
        level=Level(min(max(total, Level.VERY_LOW), Level.HIGH)), start=level, start_reason=reason, steps=steps
    )

"""What a verdict goes by: recorded facts of one outcome, and nothing else.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → [verdicts] → report
"""

from dataclasses import dataclass

from evenhand.certainty.rating import Level, Rating
from evenhand.dossier.records import Direction, Hand, Outcome, OutcomeType, Result
from evenhand.effects.evidence import Evidence
from evenhand.outlook.absolute import Absolute, Interval
from evenhand.synthesis.pooled import Pooled


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One outcome of a claim, oriented so that positive means 'as the claim says'."""

    outcome: str
    hand: Hand
    serious: bool
    measured: bool  # anything at all on this treatment: numbers, directions, cases, statements, a model
    elsewhere: bool  # the outcome has been measured under other treatments
    level: Level | None
    cases: bool  # described patients
    statements_only: bool  # somebody says so, and nothing else
    sized: bool  # a contrast or a model gives a size
    one_arm: bool  # a proportion without a control
    effect: Interval | None  # in the claim's direction, in people of 1,000 or the outcome's unit; None without a size
    threshold: float | None  # smallest difference that matters, same unit
    votes_for: int  # directions without figures that go the claim's way
    votes_none: int  # … that found no clear difference
    votes_against: int


def facts_of(evidence: Evidence, rating: Rating | None, pooled: Pooled | None, absolute: Absolute | None) -> Facts:
    """Collect the facts on one outcome.

    Parameters
    ----------
    evidence : Evidence
    rating : Rating or None
        None where nothing was measured.
    pooled : Pooled or None
        The contrast, or one arm, that was rated.
    absolute : Absolute or None
        The size in people or units.
    """
    outcome = evidence.outcome
    contrasted = pooled is not None and pooled.comparator is not None
    statements_only = bool(evidence.statements) and not any(
        (
            evidence.contrasts,
            evidence.one_arm,
            evidence.directions,
            evidence.laboratory,
            evidence.cases,
            evidence.has_formula,
        )
    )
    votes = [row.direction for row in (*evidence.directions, *_mechanism_rows(evidence))]
    return Facts(
        outcome=outcome.id,
        hand=outcome.hand,
        serious=outcome.serious,
        measured=not evidence.is_empty,
        elsewhere=bool(evidence.elsewhere),
        level=None if rating is None else rating.level,
        cases=bool(evidence.cases),
        statements_only=statements_only,
        sized=contrasted or evidence.has_formula,
        one_arm=pooled is not None and pooled.comparator is None,
        effect=_in_claimed_direction(outcome, pooled, absolute, contrasted),
        threshold=outcome.threshold,
        votes_for=votes.count(_claimed_way(outcome)),
        votes_none=votes.count(Direction.NO_DIFFERENCE),
        votes_against=votes.count(_other_way(outcome)),
    )


def _mechanism_rows(evidence: Evidence) -> tuple[Result, ...]:
    """Laboratory rows speak for a claim about a mechanism, and only for that."""
    return evidence.laboratory if evidence.outcome.type is OutcomeType.MECHANISM else ()


def _claimed_way(outcome: Outcome) -> Direction:
    """A benefit is claimed to get better, a harm to get worse."""
    return Direction.BETTER if outcome.hand is Hand.BENEFIT else Direction.WORSE


def _other_way(outcome: Outcome) -> Direction:
    return Direction.WORSE if outcome.hand is Hand.BENEFIT else Direction.BETTER


def _in_claimed_direction(
    outcome: Outcome, pooled: Pooled | None, absolute: Absolute | None, contrasted: bool
) -> Interval | None:
    size: Interval | None = None
    if absolute is not None:
        size = absolute.difference if contrasted or absolute.difference is not None else absolute.value
    if size is None and contrasted and pooled is not None:
        mu = pooled.posterior.mu
        size = Interval(value=mu.quantile(0.5), lower=mu.quantile(0.025), upper=mu.quantile(0.975))
    if size is None:
        return None
    # On a scale, the good thing may be less of it; a harm on a scale is claimed to move the bad way.
    better_is_more = outcome.higher_is_better is not False
    claimed_is_more = better_is_more if outcome.hand is Hand.BENEFIT else not better_is_more
    if outcome.type is not OutcomeType.CONTINUOUS or claimed_is_more:
        return size
    return Interval(value=-size.value, lower=-size.upper, upper=-size.lower)

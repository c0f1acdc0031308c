"""What a verdict goes by: recorded facts of one outcome, and nothing else.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → [verdicts] → report
"""

from dataclasses import dataclass

from evenhand.certainty.rating import Level, Rating
from evenhand.dossier.records import Direction, Hand, Outcome, OutcomeType, Result, Says
from evenhand.effects.evidence import Evidence
from evenhand.outlook.absolute import Absolute, Basis, Interval
from evenhand.outlook.people import PEOPLE, interval_of
from evenhand.synthesis.pooled import Pooled


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One outcome of a claim, oriented so that positive means 'as the claim says'."""

    outcome: str
    hand: Hand  # on which hand the claim puts it: that a harm is prevented is a benefit
    serious: bool
    measured: bool  # anything at all on this treatment: numbers, directions, cases, statements, a model
    elsewhere: bool  # the outcome has been measured under other treatments
    level: Level | None
    cases: bool  # described patients
    statements_only: bool  # somebody says so, and nothing else
    sized: bool  # a contrast or a model gives a size
    one_arm: bool  # a proportion without a control; a mean alone is no evidence of a change
    effect: Interval | None  # in the claim's direction: people of 1,000, the outcome's unit, or the measure's scale
    threshold: float | None  # smallest difference that matters, on the scale of `effect`; None where it has none there
    votes_for: int  # directions without figures that go the claim's way
    votes_none: int  # … that found no clear difference
    votes_against: int


def facts_of(
    evidence: Evidence,
    rating: Rating | None,
    pooled: Pooled | None,
    absolute: Absolute | None,
    says: Says | None = None,
) -> Facts:
    """Collect the facts on one outcome.

    Parameters
    ----------
    evidence : Evidence
    rating : Rating or None
        None where nothing was measured.
    pooled : Pooled or None
        The contrast, or one arm, that was rated.
    absolute : Absolute or None
        The size in people or units, its difference taken from the claim's own comparator.
    says : Says, optional
        What the claim asserts: that it helps (the good way, whatever the outcome) or harms (the bad way). Otherwise,
        as for 'safe' and 'alternative', each outcome goes by the hand it is on.
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
    hand = {Says.HELPS: Hand.BENEFIT, Says.HARMS: Hand.HARM}.get(says, outcome.hand) if says else outcome.hand
    effect, threshold = _size(outcome, pooled, absolute, contrasted)
    if effect is not None and not _claimed_is_more(outcome, hand):
        effect = Interval(value=-effect.value, lower=-effect.upper, upper=-effect.lower)
    votes = [row.direction for row in (*evidence.directions, *_mechanism_rows(evidence))]
    return Facts(
        outcome=outcome.id,
        hand=hand,
        serious=outcome.serious,
        measured=not evidence.is_empty,
        elsewhere=bool(evidence.elsewhere),
        level=None if rating is None else rating.level,
        cases=bool(evidence.cases),
        statements_only=statements_only,
        sized=effect is not None,
        one_arm=pooled is not None and pooled.comparator is None and outcome.type is OutcomeType.BINARY,
        effect=effect,
        threshold=threshold,
        votes_for=votes.count(_claimed_way(hand)),
        votes_none=votes.count(Direction.NO_DIFFERENCE),
        votes_against=votes.count(_other_way(hand)),
    )


def _mechanism_rows(evidence: Evidence) -> tuple[Result, ...]:
    """Laboratory rows speak for a claim about a mechanism, and only for that."""
    return evidence.laboratory if evidence.outcome.type is OutcomeType.MECHANISM else ()


def _claimed_way(hand: Hand) -> Direction:
    """A benefit is claimed to get better, a harm to get worse."""
    return Direction.BETTER if hand is Hand.BENEFIT else Direction.WORSE


def _other_way(hand: Hand) -> Direction:
    return Direction.WORSE if hand is Hand.BENEFIT else Direction.BETTER


def _size(
    outcome: Outcome, pooled: Pooled | None, absolute: Absolute | None, contrasted: bool
) -> tuple[Interval | None, float | None]:
    """The difference a verdict goes by, and the threshold on the same scale.

    In people or units where that can be had, else as it was pooled. A log odds ratio has no people of 1,000, so there
    the outcome's threshold says nothing: an effect that cannot be put into people is never 'too small'.
    """
    fitting = {Basis.CONTRAST} if contrasted else {Basis.FORMULA, Basis.IMPOSSIBLE}
    if absolute is not None and absolute.basis in fitting:
        # What cannot come about differs from nothing by nothing.
        difference = absolute.value if absolute.basis is Basis.IMPOSSIBLE else absolute.difference
        if difference is not None:
            return difference, outcome.threshold
    if not contrasted or pooled is None:
        return None, None
    if pooled.measure == "RD":
        return interval_of(pooled.posterior.mu, PEOPLE), outcome.threshold
    return interval_of(pooled.posterior.mu), outcome.threshold if pooled.measure == "MD" else None


def _claimed_is_more(outcome: Outcome, hand: Hand) -> bool:
    """Whether the claim is that the number rises.

    A benefit is claimed to move the good way and a harm the bad way: on a scale, or among people who are to be spared a
    stroke, the good way may be down. Where an outcome does not say, more of a benefit is good and more of a harm bad.
    """
    good_is_more = outcome.higher_is_better
    if good_is_more is None:
        good_is_more = outcome.hand is Hand.BENEFIT
    return good_is_more == (hand is Hand.BENEFIT)

"""The verdict on one outcome, as a list of rules read from the top; the first that applies decides.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → [verdicts] → report

docs/verdicts.md holds the same table in words; a test keeps the two alike.
"""

from collections.abc import Callable
from dataclasses import dataclass

from evenhand.certainty.rating import Level
from evenhand.dossier.records import Hand
from evenhand.verdicts.facts import Facts
from evenhand.verdicts.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition on the facts and the verdict it leads to."""

    name: str  # key of its sentence: verdict.rule.<name>
    applies: Callable[[Facts], bool]
    verdict: Verdict


def _case_without_rate(facts: Facts) -> bool:
    sized_well = facts.sized and facts.level is not None and facts.level >= Level.LOW
    return facts.hand is Hand.HARM and facts.cases and not sized_well


def _goes_against(facts: Facts) -> bool:
    if facts.effect is not None and facts.sized:
        return facts.effect.upper < 0.0
    return facts.votes_against > facts.votes_for


def _too_small_to_matter(facts: Facts) -> bool:
    if facts.effect is not None and facts.sized:
        limit = facts.threshold
        none_at_all = facts.effect.lower == facts.effect.upper == 0.0
        return none_at_all or (limit is not None and -limit < facts.effect.lower and facts.effect.upper < limit)
    return not facts.one_arm and facts.votes_none > 0 and facts.votes_for == facts.votes_against == 0


def _undecided(facts: Facts) -> bool:
    if facts.effect is not None and facts.sized:
        return facts.effect.lower <= 0.0 <= facts.effect.upper
    return not facts.one_arm and facts.votes_for <= facts.votes_none + facts.votes_against and not facts.sized


RULES = (
    Rule("nothing_measured", lambda facts: not facts.measured, Verdict.NOT_MEASURED),
    Rule("case_without_rate", _case_without_rate, Verdict.KNOWN_RATE_UNKNOWN),
    Rule("only_said", lambda facts: facts.statements_only, Verdict.VERY_UNCERTAIN),
    Rule("very_low", lambda facts: facts.level in (None, Level.VERY_LOW), Verdict.VERY_UNCERTAIN),
    Rule("goes_against", _goes_against, Verdict.CONTRADICTED),
    Rule("too_small_to_matter", _too_small_to_matter, Verdict.CONTRADICTED),
    Rule("undecided", _undecided, Verdict.VERY_UNCERTAIN),
    Rule("low", lambda facts: facts.level is Level.LOW, Verdict.MAY_BE),
    Rule("moderate", lambda facts: facts.level is Level.MODERATE, Verdict.PROBABLY),
    Rule("high", lambda facts: facts.level is Level.HIGH, Verdict.SUPPORTED),
)


def judge(facts: Facts) -> Rule:
    """The first rule that applies; the levels are four, so one always does."""
    return next(rule for rule in RULES if rule.applies(facts))


BY_LEVEL = {
    Level.VERY_LOW: Verdict.VERY_UNCERTAIN,
    Level.LOW: Verdict.MAY_BE,
    Level.MODERATE: Verdict.PROBABLY,
    Level.HIGH: Verdict.SUPPORTED,
}

# How much a verdict says that the thing happens; a claim on several outcomes is shown by its strongest.
STRENGTH = (
    Verdict.NOT_MEASURED,
    Verdict.CONTRADICTED,
    Verdict.VERY_UNCERTAIN,
    Verdict.MAY_BE,
    Verdict.KNOWN_RATE_UNKNOWN,
    Verdict.PROBABLY,
    Verdict.SUPPORTED,
)
HAPPENS = frozenset({Verdict.KNOWN_RATE_UNKNOWN, Verdict.PROBABLY, Verdict.SUPPORTED})


SERIOUS_HARM_DENIED = "safe_serious_harm"  # the rule by which a claim of safety falls


def judge_safe(harms: list[tuple[Facts, Verdict]]) -> tuple[str, Verdict]:
    """'It is safe': contradicted by one serious harm that happens; supported only where every harm was looked for and
    is not there.

    Parameters
    ----------
    harms : list of (facts, verdict)
        Each harm the claim denies, with the verdict that it happens.
    """
    if any(facts.serious and verdict in HAPPENS for facts, verdict in harms):
        return SERIOUS_HARM_DENIED, Verdict.CONTRADICTED
    if all(verdict is Verdict.NOT_MEASURED for _, verdict in harms):
        return "safe_not_measured", Verdict.NOT_MEASURED
    if all(verdict is Verdict.CONTRADICTED for _, verdict in harms):
        worst = min(facts.level for facts, _ in harms if facts.level is not None)
        return "safe_looked_for", BY_LEVEL[worst]
    return "safe_uncertain", Verdict.VERY_UNCERTAIN


def judge_alternative(
    harms: list[tuple[Facts, Verdict, bool]], benefits: list[tuple[Facts, Verdict]]
) -> tuple[str, Verdict]:
    """'As good as the other': contradicted by a harm that happens and that the other cannot bring.

    Parameters
    ----------
    harms : list of (facts, verdict, only_here)
        `only_here`: the comparator lacks what it takes to bring the harm about.
    benefits : list of (facts, verdict)
        The verdict that the treatment does better than the comparator; 'as good' needs less, see `_as_good`.
    """
    if any(verdict in HAPPENS and only_here for _, verdict, only_here in harms):
        return "alternative_brings_harm", Verdict.CONTRADICTED
    if all(verdict is Verdict.NOT_MEASURED for _, verdict in benefits):
        return "alternative_not_compared", Verdict.NOT_MEASURED
    return "alternative_by_benefit", min((_as_good(*benefit) for benefit in benefits), key=STRENGTH.index)


def _as_good(facts: Facts, better: Verdict) -> Verdict:
    """The verdict that a benefit is at least as large as the comparator's, from the verdict that it is larger.

    As good is not better: where the whole interval lies above the threshold on the bad side, the claim holds by its
    certainty. Without a threshold, or without figures, 'as good' has no meaning of its own and better decides.
    """
    if facts.effect is None or facts.threshold is None or facts.level in (None, Level.VERY_LOW):
        return better
    if facts.effect.lower > -facts.threshold:
        return BY_LEVEL[facts.level]
    return Verdict.CONTRADICTED if facts.effect.upper < -facts.threshold else Verdict.VERY_UNCERTAIN

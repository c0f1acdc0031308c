"""docs/verdicts.md: every rule, from the top, and the order in which they are read."""

import re
from dataclasses import replace

import pytest

from evenhand.certainty.rating import Level
from evenhand.dossier.records import Hand
from evenhand.outlook.absolute import Interval
from evenhand.verdicts.facts import Facts
from evenhand.verdicts.rules import RULES, STRENGTH, judge, judge_alternative, judge_safe
from evenhand.verdicts.verdict import Verdict
from evenhand.words import LANGUAGES, Catalogue
from tests.conftest import ROOT

SIZED = Facts(
    outcome="lighter",
    hand=Hand.BENEFIT,
    serious=False,
    measured=True,
    elsewhere=False,
    level=Level.HIGH,
    cases=False,
    statements_only=False,
    sized=True,
    one_arm=False,
    effect=Interval(value=120.0, lower=60.0, upper=190.0),
    threshold=50.0,
    votes_for=0,
    votes_none=0,
    votes_against=0,
)
VOTED = replace(SIZED, sized=False, effect=None, level=Level.LOW)
HARM = replace(SIZED, hand=Hand.HARM)
MODERATE = replace(SIZED, level=Level.MODERATE)
LOW = replace(SIZED, level=Level.LOW)


def between(lower, upper):
    return Interval(value=(lower + upper) / 2, lower=lower, upper=upper)


def sized(lower, upper):
    return replace(SIZED, effect=between(lower, upper))


DOUBTFUL = replace(sized(-10, 20), level=Level.VERY_LOW)
BOUNDLESS = replace(sized(-10, 20), threshold=None)
KNOWN = "known to happen, rate unknown"
CASES = [
    ("nothing_measured", replace(SIZED, measured=False, sized=False, level=None, effect=None), "not measured"),
    ("nothing_measured", replace(SIZED, measured=False, elsewhere=True, level=None), "not measured"),
    ("case_without_rate", replace(HARM, cases=True, sized=False, effect=None, level=Level.VERY_LOW), KNOWN),
    ("case_without_rate", replace(HARM, cases=True, sized=False, one_arm=True, level=Level.LOW), KNOWN),
    ("case_without_rate", replace(HARM, cases=True, level=Level.VERY_LOW), KNOWN),
    ("only_said", replace(VOTED, statements_only=True, level=Level.VERY_LOW), "very uncertain"),
    ("very_low", replace(SIZED, level=Level.VERY_LOW), "very uncertain"),
    ("goes_against", replace(SIZED, effect=between(-190, -60)), "contradicted"),
    ("goes_against", replace(VOTED, votes_against=2, votes_for=1), "contradicted"),
    ("too_small_to_matter", replace(SIZED, effect=between(-10, 20)), "contradicted"),
    ("too_small_to_matter", replace(VOTED, votes_none=3), "contradicted"),
    ("too_small_to_matter", replace(SIZED, effect=between(0, 0), threshold=None), "contradicted"),
    ("undecided", replace(SIZED, effect=between(0, 190)), "very uncertain"),
    ("undecided", replace(SIZED, effect=between(-100, 190)), "very uncertain"),
    ("undecided", replace(VOTED, level=Level.HIGH), "very uncertain"),  # a model without anything to compare it with
    ("undecided", replace(SIZED, effect=between(-10, 20), threshold=None), "very uncertain"),
    ("undecided", replace(VOTED, votes_for=2, votes_none=2), "very uncertain"),
    ("low", replace(SIZED, level=Level.LOW), "may be"),
    ("low", replace(VOTED, votes_for=3, votes_none=1), "may be"),
    ("low", replace(HARM, cases=True, level=Level.LOW), "may be"),  # a sized harm says more than its cases
    ("low", replace(VOTED, one_arm=True), "may be"),
    ("moderate", replace(SIZED, level=Level.MODERATE), "probably"),
    ("high", SIZED, "supported"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "facts", "verdict"), CASES)
def test_the_first_rule_that_applies_decides(rule, facts, verdict):
    decided = judge(facts)
    assert (decided.name, decided.verdict.value) == (rule, verdict)


def test_every_rule_is_reached():
    assert {case[0] for case in CASES} == {rule.name for rule in RULES}


def test_a_benefit_is_not_known_from_one_satisfied_patient():
    facts = replace(SIZED, cases=True, sized=False, effect=None, level=Level.VERY_LOW)
    assert judge(facts).verdict is Verdict.VERY_UNCERTAIN


def judged(verdict, *, serious=True, level=Level.LOW):
    return replace(HARM, serious=serious, level=level), verdict


KNOWN_HARM = judged(Verdict.KNOWN_RATE_UNKNOWN)


@pytest.mark.parametrize(
    ("harms", "rule", "verdict"),
    [
        ([judged(Verdict.KNOWN_RATE_UNKNOWN), judged(Verdict.NOT_MEASURED)], "safe_serious_harm", "contradicted"),
        ([judged(Verdict.PROBABLY, serious=False)], "safe_uncertain", "very uncertain"),
        ([judged(Verdict.NOT_MEASURED, level=None)] * 2, "safe_not_measured", "not measured"),
        ([judged(Verdict.MAY_BE)], "safe_uncertain", "very uncertain"),
        ([judged(Verdict.CONTRADICTED, level=Level.HIGH)], "safe_looked_for", "supported"),
        ([judged(Verdict.CONTRADICTED, level=Level.HIGH), judged(Verdict.CONTRADICTED)], "safe_looked_for", "may be"),
        ([judged(Verdict.CONTRADICTED, level=Level.MODERATE)], "safe_looked_for", "probably"),
        ([judged(Verdict.CONTRADICTED), judged(Verdict.NOT_MEASURED)], "safe_uncertain", "very uncertain"),
    ],
)
def test_a_claim_of_safety(harms, rule, verdict):
    assert judge_safe(harms) == (rule, Verdict(verdict))


@pytest.mark.parametrize(
    ("harms", "benefits", "rule", "verdict"),
    [
        ([(*KNOWN_HARM, True)], [(SIZED, Verdict.SUPPORTED)], "alternative_brings_harm", "contradicted"),
        ([(*KNOWN_HARM, False)], [(SIZED, Verdict.NOT_MEASURED)], "alternative_not_compared", "not measured"),
        ([(*judged(Verdict.MAY_BE), True)], [(MODERATE, Verdict.PROBABLY)], "alternative_by_benefit", "probably"),
        ([], [(MODERATE, Verdict.PROBABLY), (LOW, Verdict.MAY_BE)], "alternative_by_benefit", "may be"),
        # As good is not better: an interval within the threshold contradicts 'better' and carries 'as good'.
        ([], [(sized(-10, 20), Verdict.CONTRADICTED)], "alternative_by_benefit", "supported"),
        ([], [(sized(-40, 120), Verdict.VERY_UNCERTAIN)], "alternative_by_benefit", "supported"),
        ([], [(sized(-90, 20), Verdict.VERY_UNCERTAIN)], "alternative_by_benefit", "very uncertain"),
        ([], [(sized(-190, -60), Verdict.CONTRADICTED)], "alternative_by_benefit", "contradicted"),
        ([], [(DOUBTFUL, Verdict.VERY_UNCERTAIN)], "alternative_by_benefit", "very uncertain"),
        ([], [(BOUNDLESS, Verdict.VERY_UNCERTAIN)], "alternative_by_benefit", "very uncertain"),
        ([], [], "alternative_not_compared", "not measured"),
    ],
)  # fmt: skip
def test_a_claim_of_being_as_good(harms, benefits, rule, verdict):
    assert judge_alternative(harms, benefits) == (rule, Verdict(verdict))


def test_strength_ranks_every_verdict_once():
    assert sorted(STRENGTH) == sorted(Verdict)


def documented_rules():
    """Rule name → verdict, from the tables of docs/verdicts.md."""
    page = (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `(\w+)` \| .* \| ([^|]+) \|$", page, flags=re.MULTILINE)


def test_the_page_holds_the_rules_in_their_order():
    simple = [(name, verdict) for name, verdict in documented_rules() if not name.startswith(("safe", "alternative"))]
    assert simple == [(rule.name, rule.verdict.value) for rule in RULES]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_documented_rule_has_its_sentence(language):
    catalogue = Catalogue.load(language)
    for name, _ in documented_rules():
        assert catalogue.has(f"verdict.rule.{name}"), name

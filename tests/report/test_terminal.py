"""The answer in at most twelve lines."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from evenhand.assessment import Assessment
from evenhand.integrity.finding import Severity
from evenhand.report.terminal import short_answer
from evenhand.verdicts.verdict import Verdict
from evenhand.words.catalogue import LANGUAGES
from tests.report import assessments


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "made",
    [
        assessments.drawn,
        assessments.bare,
        assessments.nowhere_measured,
        assessments.with_each_verdict,
        lambda: assessments.with_claims(300),
        lambda: assessments.hostile("a\nb\n" * 20),
    ],
)
def test_twelve_lines_without_markup(made: Callable[[], Assessment], language: str) -> None:
    answer = short_answer(made(), language)
    assert 3 <= len(answer.splitlines()) <= 12
    assert "{" not in answer and "<bdi" not in answer


def test_it_says_what_the_page_says_first() -> None:
    lines = short_answer(assessments.drawn(), "en").splitlines()
    assert lines[0] == "Does <the drug> help?"
    assert lines[1] == "The evidence cannot tell whether this is true: “Claim <B1> & more”"
    assert lines[3] == "  - Claim <H1> & more".strip()
    assert "Very uncertain: 1; Nobody has measured it: 1; Known to happen; how often is unknown: 1." in "\n".join(lines)
    assert lines[-1] == "Where the figures do not fit: Someone 2020."


def test_no_finding_is_said() -> None:
    clean = replace(assessments.drawn(), findings=())
    assert short_answer(clean, "en").splitlines()[-1] == "No check of the printed figures found a fault."


@pytest.mark.parametrize(("number", "said"), [(1, "1 small note"), (3, "3 small notes")])
def test_small_notes_are_not_kept_back(number: int, said: str) -> None:
    """`check` lists them, so the short answer may not say that nothing was found."""
    drawn = assessments.drawn()
    notes = tuple(replace(drawn.findings[0], severity=Severity.NOTE) for _ in range(number))
    last = short_answer(replace(drawn, findings=notes), "en").splitlines()[-1]
    assert last.startswith(f"The checks of the printed figures left {said}")


def test_a_harm_that_only_a_claim_of_safety_names_is_not_denied() -> None:
    drawn = assessments.drawn()
    safe = replace(drawn.claims[1], rule="safe_serious_harm", verdict=Verdict.CONTRADICTED)
    answer = replace(drawn.answer, known_harms=())
    text = short_answer(replace(drawn, claims=(drawn.claims[0], safe), answer=answer), "en")
    assert "No harm is known" not in text
    assert "Serious harm is known or shown to happen: “" in text

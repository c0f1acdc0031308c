"""dossier.yaml: from keys to records."""

from pathlib import Path

import pytest

from evenhand.certainty.domains import DOMAINS as RATED_DOMAINS
from evenhand.dossier import find_faults, read_dossier
from evenhand.dossier.dossier_yaml import DOMAINS, read_frame
from evenhand.dossier.ledger import Ledger
from evenhand.dossier.records import Hand, Judgement, OutcomeType, Says, Words
from tests.dossier.conftest import line_of, replace

SMALLEST = """
evenhand: 1
title: T
question: {population: P, treatment: t, comparator: c, main_benefit: o}
treatments: {t: {name: T}, c: {name: C}}
outcomes:
  o: {name: O, hand: benefit, type: binary, unit: people}
scenarios:
  - {id: s, name: S, treatment: t, default: true}
"""


def test_the_smallest_dossier_leaves_everything_else_unsaid() -> None:
    ledger = Ledger("dossier.yaml")
    frame = read_frame(SMALLEST.encode(), ledger)
    assert not ledger.faults
    assert frame is not None
    assert frame.question.title == Words("T")
    assert (frame.question.searched, frame.question.answer_note) == (None, None)
    assert (frame.claims, frame.dependences, frame.cautions) == ((), (), ())
    outcome = frame.outcomes["o"]
    assert (outcome.threshold, outcome.measure, outcome.formula, outcome.higher_is_better) == (None, None, None, None)
    assert (outcome.serious, outcome.whole_numbers, outcome.judgements) == (False, False, ())
    assert frame.scenarios[0].values == {}


def test_every_key_arrives(blank: Path) -> None:
    dossier = read_dossier(blank)
    question = dossier.question
    assert question.title.ar
    assert (question.treatment, question.comparator, question.main_benefit) == ("example", "nothing", "relief")
    assert (question.searched, question.next_review) == ("2026-01-15", "2027-01-15")
    assert dossier.treatments["example"].features == {"needle"}
    assert dossier.treatments["placebo"].stands_for == "nothing"
    relief = dossier.outcomes["relief"]
    assert (relief.hand, relief.type, relief.measure, relief.threshold) == (
        Hand.BENEFIT,
        OutcomeType.BINARY,
        "RR",
        50.0,
    )
    assert relief.judgements[0] == Judgement(domain="indirectness", steps=-1, reason=relief.judgements[0].reason)
    assert dossier.outcomes["sleep"].higher_is_better is True
    assert dossier.outcomes["headache"].baseline == "headache_risk"
    infection = dossier.outcomes["infection"]
    assert (infection.only_with, infection.serious) == ("needle", True)
    assert infection.formula is not None
    assert infection.formula.names == ("reuse", "infection_risk", "sessions")
    assert [claim.id for claim in dossier.claims] == ["B1", "H1", "H2", "H3", "H4"]
    assert dossier.claims[1].says is Says.HARMS
    assert (dossier.claims[1].treatment, dossier.claims[1].comparator) == ("example", "nothing")  # the question's own
    assert dossier.scenarios[1].values["reuse"] == "reused_needles"
    picture = dossier.dependences[0]
    assert (picture.variable, picture.start, picture.stop) == ("reuse", 0.0, 1.0)
    assert [line.values for line in picture.lines] == [{"sessions": 6.0}, {"sessions": 12.0}]
    assert dossier.cautions[0].sources == ("example_case",)


def test_rows_are_lines_of_the_file(blank: Path) -> None:
    dossier = read_dossier(blank)
    path = blank / "dossier.yaml"
    assert dossier.outcomes["infection"].row == line_of(path, "  infection: #")
    assert dossier.claims[2].row == line_of(path, "  - id: H2")
    assert dossier.scenarios[1].row == line_of(path, "  - id: careless")
    assert dossier.dependences[0].row == line_of(path, "  - id: infection-by-reuse")


def test_the_domains_are_those_that_certainty_rates() -> None:
    assert tuple(DOMAINS) == RATED_DOMAINS


def test_a_faulty_entry_hides_no_slip_of_another(blank: Path) -> None:
    """Structure is checked by the models, sense by the reader; a file with both kinds of slip hears of both."""
    replace(blank / "dossier.yaml", "    hand: benefit #", "    hand: good #")  # an outcome that cannot be read
    replace(blank / "dossier.yaml", "    says: helps #", "    says: helps\n    novel: 1 #")  # an unknown key
    replace(blank / "dossier.yaml", "  - id: H2", "  - id: H3")  # a claim twice
    replace(blank / "dossier.yaml", "next_review: 2027-01-15", "next_review: 2027")  # a date that is none
    replace(blank / "dossier.yaml", "    default: true\n", "")
    row = line_of(blank / "dossier.yaml", "  - id: H3")
    assert sorted(fault.problem for fault in find_faults(blank)) == [
        "claims.1: unknown key 'novel'",
        f"claims: the id stands in row {row} already",
        "no default scenario",
        "outcomes.relief.hand: not one of its words",
        "question.next_review: not a date",
    ]


@pytest.mark.parametrize("text", ["5", "[a]", "just a sentence", "- evenhand: 1", "null"])
def test_a_file_that_is_no_mapping(text: str) -> None:
    ledger = Ledger("dossier.yaml")
    assert read_frame(text.encode(), ledger) is None
    assert len(ledger.faults) == 1


@pytest.mark.parametrize(
    "key", ["treatments", "outcomes", "claims", "scenarios", "dependences", "cautions", "question"]
)
@pytest.mark.parametrize("value", ["5", "text", "[]", "{}", "[1, a, null, [b]]", "{a: 1}", "{a: {b: [c]}}", "~"])
def test_any_shape_in_any_section_is_a_fault_at_most(key: str, value: str, blank: Path) -> None:
    kept = [line for line in SMALLEST.splitlines() if line]
    sections = {line.partition(":")[0] for line in kept}
    text = "\n".join(kept) if key not in sections else "\n".join(without(kept, key))
    (blank / "dossier.yaml").write_text(f"{text}\n{key}: {value}\n", encoding="utf-8")
    for fault in find_faults(blank):
        assert fault.problem
        assert fault.mend


def without(lines: list[str], key: str) -> list[str]:
    """The lines of every section but one."""
    kept, dropping = [], False
    for line in lines:
        if not line.startswith(" "):
            dropping = line.startswith(f"{key}:")
        if not dropping:
            kept.append(line)
    return kept


def test_sessions_come_from_the_regimen_only_where_both_are_numbers(blank: Path) -> None:
    replace(
        blank / "dossier.yaml",
        "values: {dose_mg: 10, sessions_per_week: 1, weeks: 6, reuse: reused_needles}",
        "values: {dose_mg: 10, sessions_per_week: 1, reuse: reused_needles}",
    )
    (fault,) = find_faults(blank)
    assert "scenario 'careless' gives no value to 'sessions'" in fault.problem


def test_a_formula_needs_no_values_where_it_does_not_apply(blank: Path) -> None:
    """Without the needle the outcome cannot come about, so that scenario says nothing of reuse."""
    replace(
        blank / "dossier.yaml",
        '    note: {en: "How often',
        '    note: {en: X}\n  - {id: none, name: None, treatment: nothing}\n  - id: twice\n    name: {en: "Twice"}\n'
        '    treatment: example\n    values: {sessions: 24, reuse: 0.5}\n    note: {en: "How often',
    )
    assert find_faults(blank) == ()


def test_an_event_that_is_to_become_rarer_says_so(blank: Path) -> None:
    replace(blank / "dossier.yaml", "    measure: RR #", "    better: lower\n    measure: RR #")
    assert read_dossier(blank).outcomes["relief"].higher_is_better is False

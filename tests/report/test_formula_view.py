"""A formula as HTML: its signs, its brackets, its names; and the same value when it is read back."""

import re
from dataclasses import replace

import pytest
from markupsafe import Markup, escape

from evenhand.dossier.formula import parse_formula
from evenhand.dossier.records import Words
from evenhand.messages import message
from evenhand.report.formula_view import formula_view, reason_view
from evenhand.report.lookup import Lookup
from evenhand.report.voice import Voice
from evenhand.words.catalogue import Catalogue
from tests.report import assessments


def drawn(text: str) -> str:
    return str(formula_view(parse_formula(text), escape, lambda value: escape(f"{value:g}")))


def raised(text: str) -> str:
    return f'<sup><span class="unseen">^(</span>{text}<span class="unseen">)</span></sup>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a", "a"),
        ("a*b", "a × b"),
        ("1 - (1 - a*b)**n", f"1 − (1 − a × b){raised('n')}"),
        ("a - (b - c)", "a − (b − c)"),
        ("(a - b) - c", "a − b − c"),
        ("a / (b * c)", "a / (b × c)"),
        ("a / b * c", "a / b × c"),
        ("-a ** 2", f"−a{raised('2')}"),
        ("(-a) ** 2", f"(−a){raised('2')}"),
        ("a * -b", "a × (−b)"),
        ("a - -b", "a − (−b)"),
        ("(a ** b) ** c", f"(a{raised('b')}){raised('c')}"),
        ("a ** b ** c", f"a{raised('b' + raised('c'))}"),
        ("max(a, b + 1)", "max(a, b + 1)"),
        ("100 * (exp(log(a / b) * (c - d)) - 1)", "100 × (exp(log(a / b) × (c − d)) − 1)"),
    ],
)
def test_signs_powers_and_no_bracket_too_many(text: str, html: str) -> None:
    assert drawn(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "1 - ((1 - a * b * (1 - c)) * (1 - b / c)) ** d",
        "-a ** 2 / (b - c - d) * -(a + b)",
        "a / (b / c) - (b - (c - d))",
        "min(a, b, c * d) ** (a / b) + sqrt(c + d)",
        "exp(-a) * -b ** -c",
    ],
)
def test_what_is_shown_means_the_same(text: str) -> None:
    """Read as text, hidden signs included, it parses again and has the same value."""
    shown = re.sub("<.*?>", "", drawn(text)).replace("×", "*").replace("−", "-").replace("^", "**")
    values = {"a": 0.7, "b": 1.3, "c": 2.1, "d": 0.4}
    assert parse_formula(shown).evaluate(values) == pytest.approx(parse_formula(text).evaluate(values), rel=1e-12)


def by_formula(text: str, key: str = "outlook.reason.formula", language: str = "en") -> Markup:
    assessment = assessments.drawn()
    known = next(iter(assessment.dossier.parameters.values()))
    share = replace(known, name="reuse", label=Words("Needles used <again>"))
    scenario = replace(assessment.dossier.scenarios[0], values={"share": "reuse", "sessions": 12.0})
    dossier = replace(
        assessment.dossier,
        parameters={**assessment.dossier.parameters, "reuse": share},
        scenarios=(scenario, *assessment.dossier.scenarios[1:]),
    )
    lookup = Lookup(replace(assessment, dossier=dossier))
    absolute = replace(assessment.absolutes[0], scenario=scenario.id, reason=message(key, formula=text, per_1000=2))
    return reason_view(lookup, Voice(Catalogue.load(language), dossier.sources), absolute)


def test_words_first_then_labels_that_lead_to_the_input() -> None:
    shown = by_formula("1 - (1 - share) ** sessions")
    assert shown.startswith("Worked out from figures")
    assert re.search('<a href="#input-reuse">.*Needles used &lt;again&gt;.*</a>', shown)
    assert "sessions</code> = 12" in shown
    assert "**" not in shown


def test_a_formula_that_left_its_range_says_so() -> None:
    shown = by_formula("share * 20", key="outlook.reason.formula_capped")
    assert "2 of 1,000 draws" in shown and "× 20" in shown


def test_a_formula_in_arabic_runs_from_left_to_right() -> None:
    assert 'class="formula" dir="ltr"' in by_formula("share * 20", language="ar")


def test_other_reasons_are_said_as_they_are() -> None:
    assert by_formula("", key="outlook.reason.not_measured") == "Nobody has measured it under this treatment."

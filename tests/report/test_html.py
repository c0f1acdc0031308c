"""The page as a document: landmarks, headings, links, languages, and every record that must be on it."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from evenhand.assessment import Assessment
from evenhand.dossier.records import Hand, Words
from evenhand.integrity.finding import Finding, Severity
from evenhand.messages import message
from evenhand.outlook.absolute import Absolute
from evenhand.report.html import SECTIONS, TERMS, render_html
from evenhand.words.catalogue import LANGUAGES
from tests.report import assessments
from tests.report.page import Element, Page

MADE: dict[str, Callable[[], Assessment]] = {
    "drawn": assessments.drawn,
    "many ways": assessments.many_ways,
    "bare": assessments.bare,
    "one claim": lambda: assessments.with_claims(1),
    "300 claims": lambda: assessments.with_claims(300),
    "each verdict": assessments.with_each_verdict,
    "nowhere measured": assessments.nowhere_measured,
    "hostile": lambda: assessments.hostile(ATTACK),
}
ATTACK = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}{n}\u202e\x00&lt;"
# Names that stay Latin in every language, and symbols of units.
LATIN_NAMES = re.compile(r"\b(evenhand|GRADE|GRIM|GRIMMER|REML|Knapp|Hartung|CI)\b")


@cache
def html(name: str, language: str) -> str:
    return render_html(MADE[name](), language)


@cache
def page(name: str, language: str) -> Page:
    return Page(html(name, language))


every_page = pytest.mark.parametrize(
    ("name", "language"), [(name, language) for name in MADE for language in LANGUAGES]
)


@every_page
def test_landmarks_and_headings_are_in_order(name: str, language: str) -> None:
    read = page(name, language)
    assert [len(read.all(tag)) for tag in ("main", "nav", "footer", "h1")] == [1, 1, 1, 1]
    assert read.all("header")[0].ancestors == ("html", "body")
    assert read.headings[0] == 1
    assert all(lower <= upper + 1 for upper, lower in zip(read.headings, read.headings[1:], strict=False))
    # The question is the title, and the answer is the first thing under it.
    assert read.headings[:2] == [1, 2]
    assert [element.attributes["id"] for element in read.all("section")] == list(SECTIONS)


@every_page
def test_ids_are_unique_and_links_lead_somewhere(name: str, language: str) -> None:
    read = page(name, language)
    twice = [identifier for identifier, number in Counter(read.ids).items() if number > 1]
    assert twice == []
    assert all(re.fullmatch(r"[A-Za-z][\w-]*", identifier) for identifier in read.ids)
    inside = [link for link in read.links if link.startswith("#")]
    assert inside
    assert {link[1:] for link in inside} <= set(read.ids)
    for attribute in ("aria-labelledby", "aria-describedby"):
        named = [element.attributes[attribute] for element in read.elements if attribute in element.attributes]
        assert {part for value in named for part in (value or "").split()} <= set(read.ids)


@every_page
def test_it_is_one_file_that_asks_for_nothing(name: str, language: str) -> None:
    read = page(name, language)
    assert not any(read.all(tag) for tag in ("script", "iframe", "img", "link", "object", "form", "base"))
    assert not any(attribute.startswith("on") for element in read.elements for attribute in element.attributes)
    outside = [link for link in read.links if not link.startswith("#")]
    assert all(link.startswith(("https://", "http://")) for link in outside)
    style = "".join(element.words for element in read.all("style"))
    assert "url(" not in style.replace("url(#", "") and "@import" not in style
    policy = next(element for element in read.all("meta") if element.attributes.get("http-equiv"))
    assert "default-src 'none'" in (policy.attributes["content"] or "")


@every_page
def test_no_gap_is_left_open(name: str, language: str) -> None:
    if name == "hostile":
        return  # it writes '{n}' itself; test_hostile_text_stays_text looks at it
    body = html(name, language).split("</style>")[1]
    assert re.findall(r"\{\w*\}|\{\{|\}\}|None|nan\b|[\ue000\ue001]", body) == []


@every_page
def test_tables_have_headings_and_scroll_by_keyboard(name: str, language: str) -> None:
    read = page(name, language)
    for element in read.all("th"):
        assert element.attributes.get("scope") in ("row", "col")
    for region in read.with_class("scroll"):
        assert region.attributes["tabindex"] == "0" and region.attributes["role"] == "region"
        assert region.attributes["aria-label"]
    labels = [region.attributes["aria-label"] for region in read.with_class("scroll")]
    assert len(labels) == len(set(labels)) or name == "hostile"


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_and_direction(language: str) -> None:
    root = page("drawn", language).all("html")[0].attributes
    assert (root["lang"], root["dir"]) == (language, {"en": "ltr", "ar": "rtl"}[language])


def test_arabic_page_marks_all_that_is_not_arabic() -> None:
    strangers = []
    for language, text, ancestors in page("drawn", "ar").pieces:
        if language == "en" or {"style", "svg", "title", "code"} & set(ancestors):
            continue
        rest = LATIN_NAMES.sub("", text)
        # Claim ids and symbols of a figure are one or two letters.
        strangers += re.findall(r"[A-Za-z]{3,}", rest)
    assert strangers == []


def test_untranslated_words_are_shown_in_english_and_marked() -> None:
    read = page("drawn", "ar")
    question = next(element for element in read.with_class("for-whom"))
    assert "Adults" in question.words
    marked = [piece for piece in read.pieces if piece[1] == "Adults"]
    assert {language for language, _, _ in marked} == {"en"}


@every_page
def test_every_claim_outcome_and_source_is_there(name: str, language: str) -> None:
    assessment, read = MADE[name](), page(name, language)
    for judged in assessment.claims:
        assert f"claim-{judged.claim}" in read.ids
    assert len(read.all("article")) == len(assessment.claims)
    for outcome in assessment.dossier.outcomes:
        assert f"outcome-{outcome}" in read.ids
    references = [identifier for identifier in read.ids if re.fullmatch(r"ref-\d+", identifier)]
    assert references == [f"ref-{number}" for number in range(1, len(assessment.dossier.sources) + 1)]
    assert {f"term-{term}" for term in TERMS} <= set(read.ids)


def test_numbers_are_followed_by_their_source() -> None:
    rows = [
        element
        for element in page("drawn", "en").all("tr")
        if (element.attributes.get("id") or "").startswith("outcome-")
    ]
    numbered = [row.words for row in rows if re.search(r"\d", re.sub(r"\[\d+\]|Claim \w+", "", row.words))]
    assert numbered
    assert all("[1]" in words for words in numbered)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_stays_text(language: str) -> None:
    read = page("hostile", language)
    assert read.all("script") == [] and read.all("img") == []
    title = read.all("h1")[0].words
    assert "<script>alert('x')</script>" in title
    assert "{{ 7*7 }}" in title and "{n}" in title
    assert "\u202e" not in title and "\x00" not in title


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://["])
def test_links_lead_to_the_web_only(address: str) -> None:
    assessment = assessments.drawn()
    source = replace(assessment.dossier.sources["paper"], url=address)
    hostile = replace(assessment, dossier=replace(assessment.dossier, sources={"paper": source}))
    assert not [link for link in Page(render_html(hostile, "en")).links if link == address]


def test_the_answer_is_gated_on_certainty() -> None:
    answer = page("drawn", "en").with_class("lead")[0].words
    assert answer.startswith("The evidence cannot tell whether")
    words = " ".join(
        element.words for element in page("drawn", "en").all("section") if element.attributes["id"] == "answer"
    )
    assert "probability" not in words.lower()
    sure = replace(assessments.with_each_verdict())
    assert "shows that" in Page(render_html(sure, "en")).with_class("lead")[0].words


def test_the_unmeasured_is_never_a_zero() -> None:
    read = page("nowhere measured", "en")
    for row in read.with_class("no-number"):
        assert not re.search(r"\b0\b", row.words)
    assert "Nobody has measured" in read.with_class("lead")[0].words
    gaps = read.with_class("gaps")[0].words
    assert all(f"Claim <{claim}>" in gaps for claim in ("B1", "H1", "H2", "H3"))


def test_a_counted_zero_is_shown_with_its_upper_limit() -> None:
    assessment = assessments.drawn()
    rash = assessment.absolutes[1]
    none = replace(rash, counts=(0, 64), value=replace(rash.value, value=0.0, lower=0.0, upper=46.0))
    judged = tuple(replace(item, absolute=none) if item.outcome == "rash" else item for item in assessment.claims)
    shown = replace(assessment, absolutes=(assessment.absolutes[0], none, *assessment.absolutes[2:]), claims=judged)
    words = Page(render_html(shown, "en")).all("main")[0].words
    assert "None of 64 treated people had this. It could still happen to as many as 46 of 1,000." in words


def test_inputs_that_were_not_read_are_flagged_where_they_are_used() -> None:
    pictures = [
        element
        for element in page("drawn", "en").all("figure")
        if "dependence" in (element.attributes.get("class") or "")
    ]
    assert len(pictures) == 1
    assert "nobody has checked: A share" in pictures[0].words


def test_benefits_and_harms_get_the_same_card() -> None:
    """A verdict changes a card; the hand does not."""
    assessment = assessments.drawn()
    claim, judged = assessment.dossier.claims[0], assessment.claims[0]
    harm = replace(claim, id="B2", hand=Hand.HARM)
    pair = replace(
        assessment,
        dossier=replace(assessment.dossier, claims=(claim, harm), dependences=()),
        dependences=(),
        claims=(judged, replace(judged, claim="B2")),
    )
    first, second = (card.words for card in Page(render_html(pair, "en")).all("article"))
    assert first.replace("Benefit", "Harm").replace("B1", "B2") == second.replace("Claim <B1>", "Claim <B2>")


def test_same_assessment_same_bytes_in_any_process() -> None:
    program = (
        "import hashlib;from tests.report.assessments import drawn;from evenhand.report.html import render_html;"
        "print(*(hashlib.sha256(render_html(drawn(), l).encode()).hexdigest() for l in ('en', 'ar')))"
    )
    root = Path(__file__).resolve().parents[2]
    prints = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PATH": "", "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Riyadh"))
    }
    assert len(prints) == 1


def test_one_figure_a_language_that_is_not_there() -> None:
    with pytest.raises(KeyError, match="no catalogue for language 'fr'"):
        render_html(assessments.bare(), "fr")


def test_citing_what_is_not_in_the_sources_is_an_error() -> None:
    assessment = assessments.drawn()
    orphan = replace(assessment, dossier=replace(assessment.dossier, sources={}))
    with pytest.raises(KeyError, match="'paper' is cited but is not in"):
        render_html(orphan, "en")


def test_translated_words_are_in_the_page_language() -> None:
    assessment = assessments.drawn()
    study = Words("A trial of 200 people.", "تجربة على 200 شخص.")
    told = replace(
        assessment,
        dossier=replace(assessment.dossier, question=replace(assessment.dossier.question, answer_note=study)),
    )
    assert "A trial of 200 people." in Page(render_html(told, "en")).with_class("would-tell")[0].words
    assert "تجربة على 200 شخص." in Page(render_html(told, "ar")).with_class("would-tell")[0].words


def test_a_finding_says_what_it_means_and_a_note_changes_nothing() -> None:
    assessment = assessments.drawn()
    study = next(iter(assessment.dossier.studies))
    found = [
        Finding(study=study, check=check, severity=severity, detail=message("verdict.evidence.nothing"))
        for check, severity in (
            ("attrition", Severity.SERIOUS),
            ("p-value", Severity.SERIOUS),
            ("baseline", Severity.NOTE),
        )
    ]
    words = [
        element.words
        for element in Page(render_html(replace(assessment, findings=tuple(found)), "en")).with_class("finding-means")
    ]
    assert ["who left" in words[0], "cannot all be right" in words[1], "changes nothing" in words[2]] == [True] * 3


def test_only_what_the_way_of_giving_changes_stands_in_the_first_table_of_scenarios() -> None:
    assessment = assessments.drawn()
    scenario = assessment.dossier.scenarios[0]
    twin = replace(scenario, id="twin", name=Words("Twin"))
    dossier = replace(assessment.dossier, scenarios=(*assessment.dossier.scenarios, twin))
    here = [item for item in assessment.absolutes if item.scenario == scenario.id and item.value is not None]
    there = [replace(item, scenario="twin") for item in here]
    changed = replace(there[0], value=replace(here[0].value, value=here[0].value.value + 1))

    def tables(twins: list[Absolute]) -> list[Element]:
        made = replace(assessment, dossier=dossier, absolutes=(*assessment.absolutes, *twins))
        return Page(render_html(made, "en")).with_class("scenario-table")

    (steady,) = tables(there)
    first, second = tables([changed, *there[1:]])
    name = dossier.outcomes[changed.outcome].name.en
    assert "details" in steady.ancestors and name in steady.words
    assert "details" not in first.ancestors and name in first.words
    assert "details" in second.ancestors and name not in second.words


def test_the_record_names_the_question_and_can_be_cited() -> None:
    assessment = assessments.drawn()
    question = assessment.dossier.question
    read = page("drawn", "en")
    record = read.with_class("record")[0].words
    citation = read.with_class("citation")[0].words
    for words in (question.population, assessment.dossier.treatments[question.treatment].name):
        assert words.en in record
    assert assessment.dossier.sha256[:12] in citation and str(assessment.seed) in citation
    assert question.title.en in citation and ".." not in citation

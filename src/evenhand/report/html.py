"""The report as one self-contained HTML page.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]

No script, no request, no date but the dossier's own: the same assessment gives the same bytes. Records become views in
the order of the page (so that sources are numbered as they are met), views become HTML in `templates/`.
"""

from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evenhand.assessment import Assessment
from evenhand.certainty.rating import Level
from evenhand.figures import Svg, certainty_mark
from evenhand.figures import stylesheet as figures_stylesheet
from evenhand.report.answer import answer_view
from evenhand.report.background import finding_rows, input_rows, prior_lines, references, study_rows
from evenhand.report.both_hands import hand_groups, scenario_columns, scenario_rows
from evenhand.report.cautions import caution_views
from evenhand.report.claim_cards import claim_cards
from evenhand.report.dependence_views import dependence_views
from evenhand.report.effect_tables import effect_views
from evenhand.report.lookup import Lookup, anchor
from evenhand.report.record import record_view
from evenhand.report.voice import Voice
from evenhand.verdicts.verdict import Verdict
from evenhand.words import key_of
from evenhand.words.catalogue import Catalogue

SECTIONS = (
    "answer",
    "hands",
    "claims",
    "cautions",
    "effects",
    "dependences",
    "findings",
    "unmeasured",
    "methods",
    "glossary",
    "sources",
    "about",
)
TERMS = (
    "certainty",
    "interval",
    "per_1000",
    "verdict",
    "baseline",
    "risk_of_bias",
    "assumption",
    "unverified",
    "posterior",
    "heterogeneity",
)
_FOLDER = Path(__file__).parent / "templates"


def render_html(assessment: Assessment, language: str) -> str:
    """The whole page, in one of the catalogue's languages.

    Parameters
    ----------
    assessment : Assessment
    language : str
        One of `words.catalogue.LANGUAGES`.

    Returns
    -------
    str
        A complete HTML document; it loads nothing and runs nothing.

    Raises
    ------
    KeyError
        For a language without a catalogue, or a source that is cited but not there.
    """
    lookup = Lookup(assessment)
    catalogue = Catalogue.load(language)
    voice = Voice(catalogue, assessment.dossier.sources)
    page = _page(lookup, voice)
    html = _environment().get_template("page.html.jinja").render(page)
    return f"{html.rstrip()}\n"


def _page(lookup: Lookup, voice: Voice) -> dict[str, Any]:
    """Everything the templates name. Sections come in the page's order: citing a source gives it its number."""
    assessment, dossier, question = lookup.assessment, lookup.dossier, lookup.dossier.question
    treatment = dossier.treatments[lookup.scenario.treatment if lookup.scenario else question.treatment]
    answer = answer_view(lookup, voice)
    hands = hand_groups(lookup, voice)
    columns, rows = scenario_columns(lookup, voice), scenario_rows(lookup, voice)
    cards = claim_cards(lookup, voice)
    cautions = caution_views(lookup, voice)
    effects = effect_views(lookup, voice)
    dependences = dependence_views(lookup, voice)
    findings = finding_rows(lookup, voice)
    inputs, studies = input_rows(lookup, voice), study_rows(lookup, voice)
    return {
        "language": voice.language,
        "direction": voice.catalogue.direction,
        "version": assessment.version,
        "stylesheet": Markup(_stylesheet()),  # noqa: S704  our own file
        "plain": {
            "title": voice.catalogue.say(question.title),
            "description": voice.catalogue.say(question.population),
            "comparator": voice.catalogue.say(dossier.treatments[question.comparator].name),
            "treatment": voice.catalogue.say(treatment.name),
        },
        "sections": SECTIONS,
        "terms": TERMS,
        "t": voice.text,
        "say": voice.say,
        "term": voice.term,
        "label": voice.catalogue.text,
        "mark": _marks(voice),
        "anchor": anchor,
        "semicolon": voice.text("report.semicolon"),
        "question": question,
        "scenario": lookup.scenario,
        "treatment": treatment.name,
        "comparator": dossier.treatments[question.comparator].name,
        "needle": "needle" in dossier.treatments[question.treatment].features,
        "answer": answer,
        "hands": hands,
        "scenario_columns": columns,
        "scenario_names": [voice.catalogue.say(scenario.name) for scenario in dossier.scenarios],
        "scenario_rows": rows,
        "cards": cards,
        "cautions": cautions,
        "effects": effects,
        "dependences": dependences,
        "findings": findings,
        "unmeasured": [card for card in cards if card.verdict == key_of(Verdict.NOT_MEASURED)],
        "record": record_view(lookup, voice),
        "priors": prior_lines(lookup, voice),
        "draws": assessment.draws,
        "seed_text": str(assessment.seed),
        "verdict_keys": [key_of(verdict) for verdict in Verdict],
        "inputs": inputs,
        "studies": studies,
        "references": references(voice),
        "dossier_hash": dossier.sha256,
        "notices": dossier.notices,
        # The question's own words are written by the templates, after this count is taken.
        "untranslated": _untranslated(lookup, voice),
    }


def _untranslated(lookup: Lookup, voice: Voice) -> int:
    question = lookup.dossier.question
    for words in (question.title, question.population, question.made_by, question.funding):
        if words is not None:
            voice.say(words)
    return len(voice.untranslated)


def _marks(voice: Voice) -> Callable[[str], Svg]:
    """GRADE's circles, each with ids of its own."""
    place = count(1)

    def mark(word: str) -> Svg:
        level = Level[word.upper().replace(" ", "_")]
        return certainty_mark(level, key=f"circles-{next(place)}", catalogue=voice.catalogue)

    return mark


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


@cache
def _stylesheet() -> str:
    return figures_stylesheet() + "\n" + (_FOLDER / "report.css").read_text(encoding="utf-8")

"""What a page says of a multiverse: its sentences count right, its picture stays small, its table has every option."""

import re
from dataclasses import replace

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from evenhand.dossier.records import Hand, Outcome, OutcomeType, Words
from evenhand.report.json_document import document, schema
from evenhand.report.multiverse_view import multiverse_view
from evenhand.report.voice import Voice
from evenhand.synthesis.sensitivity.bayes_ways import EXACT_COUNTS
from evenhand.synthesis.sensitivity.contrast_multiverse import FINDINGS, HIGH_RISK, NOT_ASSESSED
from evenhand.synthesis.sensitivity.multiverse import multiverse_of_counts, multiverse_of_effects, multiverse_of_means
from evenhand.synthesis.sensitivity.specification import CHOICES
from evenhand.words import key_of
from evenhand.words.catalogue import LANGUAGES, Catalogue
from tests.report.assessments import BCG, many_ways
from tests.report.page import Page

OUTCOME = Outcome(
    id="ill", name=Words("Ill", "مرض"), hand=Hand.HARM, type=OutcomeType.BINARY, unit=Words("points", "نقاط")
)
COUNTS = tuple(np.array(BCG, dtype=float).T)
SPARSE = tuple(np.array([(4, 23, 11, 39), (0, 30, 2, 31), (3, 23, 1, 22), (0, 10, 0, 12)], dtype=float).T)
MEANS = ([12.0, 10, 14], [4.0, 5, 3], [20, 30, 25], [10.0, 9, 11], [4.0, 4, 3], [21, 28, 25])


def view(found, measure="OR", language="en"):
    return multiverse_view(found, measure, OUTCOME, "key", Voice(Catalogue.load(language), {}))


def said(found, **options):
    return re.sub("<[^>]*>", "", " ".join(view(found, **options).sentences))


def test_the_sentences_count_what_the_rows_say():
    found = multiverse_of_counts(*COUNTS)
    m = len(found.estimated)
    assert said(found) == (
        f"We worked this out in {m} ways. All of them find fewer people with the treatment. "
        f"In {found.surely_fewer} of them the 95% range leaves out “no effect”. "
        "Of 1,000 people, the best guess is 9 fewer to 0.91 fewer. "
        "The answer hangs most on how the effect is expressed."
    )


def test_both_sides_are_told_the_larger_first():
    found = multiverse_of_counts(*SPARSE)
    assert found.fewer > found.more > 0
    assert f"Of these, {found.fewer} find fewer people with the treatment and {found.more} find more." in said(found)
    assert "In none of them" in said(found)


def test_a_scale_speaks_in_its_unit_and_a_ratio_in_ratios():
    assert "All of them find a higher figure with the treatment." in said(multiverse_of_means(*MEANS), measure="MD")
    assert "higher, in: points." in said(multiverse_of_means(*MEANS), measure="MD")
    notes = " ".join(view(multiverse_of_means(*MEANS), measure="MD").notes)
    assert "one standard deviation" in notes and "the mean without the treatment" in notes
    ratio = said(multiverse_of_effects([0.1, 0.5], [0.04, 0.04], measure="HR"), measure="HR")
    assert re.search(r"The best guess is 1\.1\d? to 1\.\d+ \(hazard ratio\)", ratio)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_there_whatever_was_chosen(language):
    flags = {name: [i == at for i in range(4)] for at, name in enumerate((HIGH_RISK, NOT_ASSESSED, FINDINGS))}
    everything = multiverse_of_counts(*SPARSE, flags=flags)
    seen = view(everything, language=language)
    assert len(seen.rows) == sum(
        len([option for option in choice.options if option.left_out is None])
        + any(option.left_out is not None for option in choice.options)
        for choice in everything.choices
    )
    assert {choice.name for choice in everything.choices} == set(CHOICES)
    hopeless = multiverse_of_counts(*SPARSE, flags={name: [True] * 4 for name in flags})
    catalogue = Catalogue.load(language)
    none_left = [catalogue.text(f"report.multiverse.nothing_left.{key_of(name)}") for name in hopeless.nothing_left]
    assert len(set(none_left) & set(view(hopeless, language=language).notes)) == len(flags)
    for name in CHOICES:
        assert catalogue.has(f"report.multiverse.hangs_on.{name}")
    means = multiverse_of_means(*MEANS)
    assert view(means, "MD", language).rows


def test_the_picture_shows_few_enough_and_always_the_one_that_leads():
    (effect,) = many_ways().effects
    found = effect.multiverse
    seen = view(found)
    assert len(found.estimated) > 120
    assert f"120 of the {len(found.estimated)} ways" in " ".join(seen.notes)
    intervals = re.search(r'<g [^>]*id="key-intervals"[^>]*>(.*?)</g>', seen.picture, re.DOTALL)[1]
    assert intervals.count("M") == 120
    assert 'id="key-main"' in seen.picture and "the way this page leads with" in seen.picture
    assert found.specifications[found.lead].model == EXACT_COUNTS
    assert len(seen.picture) < 50_000


def test_one_way_needs_no_picture():
    assert view(None) is None
    assert view(multiverse_of_effects([0.3], [0.04])) is None


def test_a_page_has_the_table_and_the_document_every_row():
    from evenhand.report.html import render_html

    assessment = many_ways()
    (block,) = Page(render_html(assessment, "en")).with_class("multiverse")
    assert "The same effect, worked out in other ways" in block.words
    found = assessment.effects[0].multiverse
    written = document(assessment, "en")
    assert list(Draft202012Validator(schema()).iter_errors(written)) == []
    assert len(written["multiverse"]) == len(found.specifications) == len(assessment.tables.multiverse)
    assert [row["leads"] for row in written["multiverse"]].index(True) == found.lead
    assert written["effects"][0]["multiverse"]["hangs_on"] == found.hangs_on.name
    frame = assessment.tables.multiverse
    assert frame["estimate"].to_numpy() == pytest.approx([one.estimate for one in found.specifications], nan_ok=True)
    alone = replace(assessment, effects=(replace(assessment.effects[0], multiverse=None),))
    assert document(alone, "en")["effects"][0]["multiverse"] is None
    assert alone.tables.multiverse.dtypes.to_dict() == frame.dtypes.to_dict()

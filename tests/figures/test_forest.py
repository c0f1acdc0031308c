"""Forest plots: their numbers against published ones, and what becomes of zeros, arrows and missing figures."""

import math
from dataclasses import replace

import pytest

from evenhand.dossier.records import Hand, OutcomeType, Words
from evenhand.figures import forest_rows, forest_svg
from evenhand.figures.forest_values import forest_values
from evenhand.figures.forest_words import span_words
from evenhand.figures.scale import Scale
from evenhand.words import Catalogue
from tests.figures.examples import (
    COMPARATOR,
    HOSTILE,
    TREATMENT,
    a_classical,
    a_contrast,
    a_pooled,
    a_study,
    an_arm,
    an_outcome,
    bcg,
    means,
    one_arm,
    with_zero_cells,
)
from tests.figures.reading import desc_of, parsed, plain, texts_of

EN, AR = Catalogue.load("en"), Catalogue.load("ar")


def rows(pooled, catalogue=EN, outcome=None, comparator=COMPARATOR, **others):
    return forest_rows(
        pooled,
        key="f",
        catalogue=catalogue,
        outcome=outcome or an_outcome(),
        treatment=TREATMENT,
        comparator=comparator,
        **others,
    )


def standalone(pooled, catalogue=EN, comparator=COMPARATOR):
    return forest_svg(
        pooled, key="f", catalogue=catalogue, outcome=an_outcome(), treatment=TREATMENT, comparator=comparator
    )


# Colditz et al. (1994), JAMA 271, fig. 1, risk ratios and 95 % limits; weights of the random-effects model with
# tau² = 0.3132 as Viechtbauer (2010), J. Stat. Softw. 36(3), fig. 5 prints them.
@pytest.mark.parametrize(
    ("place", "estimate", "weight"),
    [
        (0, "0.20 (0.08 to 0.50)", "6.0%"),
        (2, "0.24 (0.18 to 0.31)", "9.7%"),
        (7, "0.63 (0.39 to 1.00)", "8.7%"),
        (11, "1.01 (0.89 to 1.14)", "10.2%"),
        (12, "1.56 (0.37 to 6.53)", "3.8%"),
    ],
)
def test_bcg_rows(place, estimate, weight):
    row = rows(bcg()).rows[place]
    assert (row.estimate, row.weight) == (estimate, weight)


def test_weights_make_a_hundred():
    assert sum(study.weight for study in forest_values(bcg()).studies) == pytest.approx(100)


def test_the_exact_posterior_comes_first_and_the_classical_beside_it():
    table = rows(bcg())
    assert [row.kind for row in table.rows[13:]] == ["posterior", "classical", "prediction"]
    assert table.rows[13].estimate == "0.49 (0.33 to 0.73)"
    assert "0.49 (0.33 to 0.73)" in table.summary


# Clopper & Pearson's limits in closed form where no one or everyone has the event; 8 of 25 from their chart's formula.
def test_single_proportions_have_exact_limits():
    studies = forest_values(one_arm()).studies
    assert studies[1].span.value == 0
    assert studies[1].span.lower == 0
    assert studies[1].span.upper == pytest.approx(1000 * (1 - 0.025 ** (1 / 40)))
    assert studies[0].span.lower == pytest.approx(149.5, abs=0.05)
    assert studies[0].span.upper == pytest.approx(535.0, abs=0.05)


def test_a_zero_count_is_drawn_with_its_upper_limit():
    row = rows(one_arm(), comparator=None).rows[1]
    assert (row.treated, row.estimate) == ("0/40", "0 (0 to 88)")
    assert "<rect" in row.picture


def test_a_study_without_an_estimate_keeps_its_row_and_counts():
    table = rows(with_zero_cells())
    first = table.rows[0]
    assert (first.treated, first.control) == ("0/40", "0/41")
    assert first.estimate == "no estimate without adding to zero cells"
    assert "<rect" not in first.picture
    # No share of an estimate that does not exist.
    assert table.weight_heading is None
    assert all(row.weight is None for row in table.rows)
    assert any("no estimate" in text for text in texts_of(standalone(with_zero_cells())))


def test_unreported_counts_are_never_zero():
    study = a_study("Silent 2010")
    contrast = a_contrast(study, an_arm(study.id, n=30), an_arm(study.id, n=None, events=4), "OR", 0.3, 0.2)
    row = rows(a_pooled("OR", (contrast,), 0.3, 0.4)).rows[0]
    assert (row.treated, row.control) == ("not reported", "not reported")


def test_a_printed_difference_shows_no_arms():
    study = a_study("Paired 2012")
    contrast = a_contrast(study, an_arm(study.id, n=30, mean=1.2), None, "MD", 1.2, 0.1)
    row = rows(a_pooled("MD", (contrast,), 1.2, 0.3)).rows[0]
    assert (row.treated, row.control) == ("difference only, n 30", "")


def test_one_study_is_not_called_all_studies():
    pooled = replace(bcg(), contrasts=bcg().contrasts[:1], classical=a_classical(-0.9, 0.5), tau2=None)
    assert [row.label for row in rows(pooled).rows[1:]] == ["This study with our prior"]


def test_means_show_what_was_measured():
    row = rows(means(), outcome=an_outcome(Hand.BENEFIT, OutcomeType.CONTINUOUS, higher_is_better=True)).rows[0]
    assert (row.treated, row.control) == ("3.05 (1.4), n 30", "1.82 (1.4), n 30")


@pytest.mark.parametrize(
    ("outcome", "low", "high"),
    [
        (an_outcome(Hand.HARM), "favours Vaccine", "favours No vaccine"),
        (an_outcome(Hand.BENEFIT), "favours No vaccine", "favours Vaccine"),
        (an_outcome(Hand.HARM, OutcomeType.CONTINUOUS, higher_is_better=True), "favours No vaccine", "favours Vaccine"),
        (an_outcome(Hand.HARM, OutcomeType.CONTINUOUS), None, None),
    ],
)
def test_each_side_is_named_for_whom_it_favours(outcome, low, high):
    table = rows(bcg(), outcome=outcome)
    assert (table.low_side, table.high_side) == (low, high)


def test_one_arm_favours_nobody():
    table = rows(one_arm(), comparator=None)
    assert (table.low_side, table.high_side, table.control_heading) == (None, None, None)


def wide(spread):
    study = a_study("Wide 2009")
    arm = an_arm(study.id, n=9, events=1)
    return a_pooled("OR", (a_contrast(study, arm, arm, "OR", 0.1, spread), *with_zero_cells().contrasts[1:2]), 0.1, 0.2)


def test_an_interval_beyond_the_axis_ends_in_an_arrow():
    def heads(row):
        return row.picture.count("<path")

    assert heads(rows(wide(0.04)).rows[0]) == 0
    assert heads(rows(wide(100.0)).rows[0]) == 2


def test_an_interval_beyond_all_numbers_is_still_drawn():
    study = a_study("Separated 2015")
    arm = an_arm(study.id, n=9, events=9)
    pooled = replace(a_pooled("OR", (a_contrast(study, arm, arm, "OR", 800.0, 4e6),), 0.1, 0.2), upper=math.inf)
    table = rows(pooled)
    assert table.rows[1].estimate.endswith("to ∞)")
    assert "nan" not in "".join(row.picture for row in table.rows)
    assert "inf" not in "".join(row.picture for row in table.rows).replace("info", "")


def test_all_pictures_of_a_table_share_one_axis():
    table = rows(bcg())
    assert {parsed(row.picture).get("viewBox").split()[2] for row in table.rows} == {"240"}
    assert parsed(table.axis).get("viewBox").split()[2] == "240"
    values = forest_values(bcg())
    x = Scale(low=values.low, high=values.high, start=12, stop=228, log=True).at(1.0)
    assert all(f'x1="{x:.2f}"' in row.picture for row in table.rows)


def test_risk_of_bias_is_told_by_letter_and_by_shape():
    marks = [row.risk for row in rows(bcg()).rows[:4]]
    assert [texts_of(mark) for mark in marks] == [["L"], ["S"], ["H"], ["?"]]
    assert [desc_of(mark) for mark in marks] == ["low", "some concerns", "high", "not assessed"]
    outlines = [mark.split("<g>")[1].split("<text")[0] for mark in marks]
    assert len(set(outlines)) == 4


def test_labels_can_be_given_and_cannot_break_out():
    table = rows(bcg(), label_of=lambda study: f"{HOSTILE}{study.id}")
    assert all("<script" not in row.picture for row in table.rows)
    assert "<script" not in standalone(with_zero_cells(HOSTILE))


@pytest.mark.parametrize("pooled", [bcg(), with_zero_cells(), means()], ids=["bcg", "zero cells", "means"])
def test_arabic_mirrors_columns_and_not_the_axis(pooled):
    def by_place(catalogue):
        nodes = [node for node in parsed(standalone(pooled, catalogue)).iter() if node.tag.endswith("text")]
        return [(float(node.get("x")), plain("".join(node.itertext())).strip()) for node in nodes]

    english, arabic = by_place(EN), by_place(AR)
    name = pooled.contrasts[0].study.label
    side = {text: x for x, text in english}[name], {text: x for x, text in arabic}[name]
    assert side[0] < 100 < side[1]

    def ticks(places):
        return [x for x, text in places if text.replace("−", "-").replace(".", "").lstrip("-").isdigit()]

    assert ticks(english) == sorted(ticks(english))
    assert ticks(arabic) == sorted(ticks(arabic))
    assert len(ticks(arabic)) >= 3


def test_arabic_words_hold_the_numbers():
    desc = plain(desc_of(standalone(bcg(), AR)))
    assert all(number in desc for number in ("0.49", "0.33", "0.73"))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.2, "0.20"),
        (0.0086, "0.009"),
        (1.0, "1.00"),
        (29.66, "29.7"),
        (412.3, "412"),
        (2e6, "above 9,999"),
        (1e-9, "below 0.001"),
    ],
)
def test_ratios_are_written_alike(value, written):
    values = forest_values(bcg())
    span = replace(values.posterior, value=value, lower=value, upper=value)
    assert span_words(span, values, EN) == f"{written} ({written} to {written})"


def test_the_picture_stays_small():
    assert len(standalone(bcg()).encode()) < 25_000
    assert sum(len(row.picture.encode()) for row in rows(bcg()).rows) < 40_000


def test_words_of_the_dossier_stay_marked():
    table = rows(bcg(), catalogue=AR)
    assert isinstance(table.treated_heading, Words)


def test_a_difference_and_its_limits_have_the_same_decimals():
    table = rows(means(), outcome=an_outcome(Hand.BENEFIT, OutcomeType.CONTINUOUS, higher_is_better=True))
    assert table.rows[1].estimate == "1.80 (−0.13 to 3.73)"

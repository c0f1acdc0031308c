"""Pictures of dependences: each shows the numbers it was given, in words, marks and a table."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.dossier.records import Hand, Words
from evenhand.figures import dependence_legend, dependence_picture, dependence_table
from evenhand.figures.dependence_curve import moved_apart
from evenhand.figures.dependence_measured import result_words, total_dose_mg
from evenhand.outlook.absolute import CurveLine, CurvePoint, DrawnDependence, Interval
from evenhand.words import Catalogue
from tests.figures.examples import HOSTILE, a_dependence, bars, curves, measured
from tests.figures.reading import desc_of, parsed, plain, texts_of

EN, AR = Catalogue.load("en"), Catalogue.load("ar")
DRAWN = {"curve": curves(), "bars": bars(), "measured": measured()}


def picture(kind, drawn=None, **others):
    return dependence_picture(
        a_dependence(kind), drawn or DRAWN[kind], **({"key": "d", "catalogue": EN, "hand": Hand.HARM} | others)
    )


def strokes(svg):
    return [node for node in parsed(svg).iter() if node.get("stroke-width") == "2.2" and node.tag.endswith("path")]


def test_seven_lines_have_seven_rhythms_and_seven_labels():
    svg = picture("curve")
    assert len({node.get("stroke-dasharray") for node in strokes(svg)}) == 7
    texts = " ".join(texts_of(svg))
    assert all(
        name in texts for name in ("Western Pacific", "Africa", "Europe", "The Americas", "Anyone who is immune")
    )


def test_narrow_lines_end_in_letters_which_the_legend_explains():
    texts = texts_of(picture("curve", narrow=True))
    assert all(letter in texts for letter in "ABCDEFG")
    legend = dependence_legend(a_dependence("curve"), curves(), key="d", catalogue=EN)
    assert [EN.say(entry.words) for entry in legend[:2]] == ["Western Pacific", "Africa"]
    assert [texts_of(entry.svg) for entry in legend[:2]] == [["A"], ["B"]]


def test_a_line_alone_has_no_letter():
    (entry,) = dependence_legend(a_dependence("curve"), curves(1), key="d", catalogue=EN)
    assert texts_of(entry.svg) == []
    assert "A" not in texts_of(picture("curve", curves(1), narrow=True))


def test_a_curve_is_described_by_its_ends():
    desc = desc_of(picture("curve", curves(1)))
    assert "Western Pacific: 0 at 0, 122 (56 to 196) at 1 (Of 1,000 people; Share of needles used before)." in desc


def test_a_curves_table_has_computed_places_only():
    table = dependence_table(a_dependence("curve"), curves(2), catalogue=EN)
    assert [row[0] for row in table.rows] == ["0", "0.25", "0.5", "0.75", "1"]
    assert table.rows[-1][1] == "122 (56 to 196)"
    points = curves(1).lines[0].points[:12]
    uneven = DrawnDependence(id="d", unit="per 1000", lines=(CurveLine(name=Words("a"), points=points),))
    computed = {EN.number(round(point.x, 6)) for point in points}
    assert {row[0] for row in dependence_table(a_dependence("curve"), uneven, catalogue=EN).rows} <= computed


def one_line(*values):
    points = tuple(
        CurvePoint(x=float(x), value=Interval(value=v, lower=lo, upper=up)) for x, (v, lo, up) in enumerate(values)
    )
    return DrawnDependence(id="d", unit="per 1000", lines=(CurveLine(name=Words("a"), points=points),))


def test_a_band_that_dwarfs_its_line_is_cut_and_says_how_far_it_goes():
    svg = picture("curve", one_line((10, 1, 20), (12, 1, 900)))
    assert any("the shading goes on up to 900" in text for text in texts_of(svg))
    assert not any("goes on" in text for text in texts_of(picture("curve")))


@pytest.mark.parametrize(
    "drawn",
    [
        DrawnDependence(id="d", unit="per 1000"),
        DrawnDependence(id="d", unit="per 1000", lines=(CurveLine(name=Words("a"), points=()),)),
        one_line((5, 1, 9)),
        one_line((0, 0, 0), (0, 0, 0)),
        one_line((-5, -9, -1), (-3, -8, 4)),
        one_line((1000, 1000, 1000), (1000, 1000, 1000)),
    ],
    ids=["nothing", "no points", "one point", "zeros", "negative", "everybody"],
)
@pytest.mark.parametrize("kind", ["curve", "bars", "measured"])
def test_odd_data_are_drawn(kind, drawn):
    for narrow in (False, True):
        svg = picture(kind, drawn, narrow=narrow)
        assert "nan" not in svg.replace("finance", "")
        assert desc_of(svg)
    dependence_table(a_dependence(kind), drawn, catalogue=EN)


def bar_widths(svg):
    return [float(node.get("width")) for node in parsed(svg).iter() if node.tag.endswith("rect")]


def test_bars_are_as_long_as_their_numbers():
    widths = bar_widths(picture("bars"))
    assert widths[3] / widths[0] == pytest.approx(9.1 / 1.9, rel=0.01)
    assert "Skin type VI: −9.1 (−16.0 to −3.0)" in desc_of(picture("bars"))


def test_bars_keep_their_axis_in_arabic():
    def zero_is_right_of_ten(catalogue):
        nodes = [node for node in parsed(picture("bars", catalogue=catalogue)).iter() if node.tag.endswith("text")]
        places = {plain("".join(node.itertext())): float(node.get("x")) for node in nodes}
        return places["0"] > places["−10"]

    assert zero_is_right_of_ten(EN)
    assert zero_is_right_of_ten(AR)


def test_measured_results_stand_by_dose_and_undosed_ones_apart():
    svg = picture("measured")
    texts = texts_of(svg)
    assert texts.index("Without a place on the scale: no dose in mg for a person") < texts.index("phfda2011")
    assert "8 of 25" in texts
    marks = [node for node in parsed(svg).iter() if node.get("stroke-width") == "1.8"]
    assert len(marks) == 7
    assert "zubair2016, IV, 1,200 mg: 8 of 25." in plain(desc_of(svg))


def test_long_names_are_wrapped_not_cut():
    arm = "guinea pigs, forty milligrams for each kilogram of their own weight, three times a week"
    points = tuple(replace(point, arm=arm) for point in measured().measured)
    for narrow in (False, True):
        texts = texts_of(picture("measured", replace(measured(), measured=points), narrow=narrow))
        assert not any("…" in text for text in texts)
        assert " ".join(texts).count(arm) == len(points)


def test_not_reported_is_written_and_drawn_dashed():
    table = dependence_table(a_dependence("measured"), measured(), catalogue=EN)
    assert table.rows[-1] == (
        "wang2020",
        "IV",
        "randomised trial",
        "1,400",
        "3",
        "not reported",
        "not reported",
        "not reported",
    )
    dashed = [node for node in parsed(picture("measured")).iter() if node.get("stroke-dasharray") == "2 1.6"]
    assert len(dashed) == 1


def test_every_way_to_report_has_its_words():
    words = [result_words(point, EN) for point in measured().measured]
    assert words == [
        "0 of 30",
        "8 of 25",
        "no clear difference",
        "0 of 8",
        "a notice says so, without a figure",
        "happened to 1 described patient",
        "not reported",
    ]


def test_total_dose_needs_the_whole_regimen():
    handog, *_, wang = measured().measured
    assert total_dose_mg(handog) == 28000
    assert total_dose_mg(wang) is None


def test_the_measured_legend_names_what_occurs():
    words = [entry.words for entry in dependence_legend(a_dependence("measured"), measured(), key="d", catalogue=EN)]
    assert words[:2] == ["randomised trial", "groups compared, not randomised"]
    assert "survey" not in words
    assert words[-1] == "dashed: no figure was reported"


def test_labels_of_studies_can_be_given_and_cannot_break_out():
    svg = picture("measured", label_of=lambda study: f"{HOSTILE}{study}")
    assert "<script" not in svg
    assert parsed(svg) is not None


def test_units_follow_the_language():
    svg = picture("bars", catalogue=AR, unit=Words("mJ/cm²", "ملي جول لكل سم²"))
    assert "ملي جول لكل سم²" in texts_of(svg)


@pytest.mark.parametrize("kind", ["curve", "bars", "measured"])
@pytest.mark.parametrize("narrow", [False, True])
def test_pictures_stay_small(kind, narrow):
    assert len(picture(kind, narrow=narrow).encode()) < 25_000


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(10, 40)), min_size=1, max_size=7))
def test_labels_do_not_overlap(labels):
    ends, heights = (list(side) for side in zip(*labels, strict=True))
    centres = moved_apart(ends, heights, 0, 300)
    order = sorted(range(len(ends)), key=lambda place: ends[place])
    for above, below in itertools.pairwise(order):
        assert centres[below] - centres[above] >= (heights[above] + heights[below]) / 2 - 1e-6
    assert max(c + h / 2 for c, h in zip(centres, heights, strict=True)) <= 300 + 1e-6
    if sum(heights) <= 300:
        assert min(c - h / 2 for c, h in zip(centres, heights, strict=True)) >= -1e-6


def test_labels_stay_where_there_is_room():
    assert moved_apart([50, 200], [16, 16], 0, 300) == [50, 200]


def test_an_unknown_kind_is_not_drawn():
    with pytest.raises(KeyError):
        dependence_picture(replace(a_dependence("curve"), kind="pie"), curves(), key="d", catalogue=EN)

"""What holds for every picture there is, in each language: walked over one page that holds them all."""

import re
from collections import Counter

import pytest

from evenhand.certainty.rating import Level
from evenhand.dossier.records import Hand, OutcomeType, Words
from evenhand.figures import (
    certainty_mark,
    dependence_legend,
    dependence_picture,
    forest_rows,
    forest_svg,
    people_panels,
    people_picture,
)
from evenhand.outlook.absolute import Interval
from evenhand.words import LANGUAGES, Catalogue
from tests.figures.examples import (
    COMPARATOR,
    HOSTILE,
    TREATMENT,
    a_dependence,
    an_outcome,
    bars,
    bcg,
    curves,
    means,
    measured,
    one_arm,
    with_zero_cells,
)
from tests.figures.plots import plots
from tests.figures.reading import SVG, parsed


def all_figures(language: str) -> dict[str, str]:
    """Every kind of picture, by key."""
    catalogue = Catalogue.load(language)
    both = {
        "without": Interval(value=0.0, lower=0.0, upper=0.0),
        "with_treatment": Interval(value=50.0, lower=28.0, upper=94.0),
        "hand": Hand.HARM,
        "catalogue": catalogue,
        "outcome": Words(HOSTILE, "طفح"),
    }
    figures: dict[str, str] = {"pair": people_picture(key="pair", **both), **plots(language)}
    panels = people_panels(key="panels", **both)
    figures |= {"panels-without": panels.without.svg, "panels-with": panels.with_treatment.svg}
    figures |= {f"panels-{place}": entry.svg for place, entry in enumerate(panels.legend)}
    for level in (None, *Level):
        figures[f"certainty-{level}"] = certainty_mark(level, key=f"certainty-{level}", catalogue=catalogue)
    effects = {
        "bcg": (bcg(), an_outcome(), COMPARATOR),
        "zero": (with_zero_cells(HOSTILE), an_outcome(Hand.BENEFIT), COMPARATOR),
        "one": (one_arm(), an_outcome(), None),
        "means": (means(), an_outcome(Hand.BENEFIT, OutcomeType.CONTINUOUS, higher_is_better=True), COMPARATOR),
    }
    for name, (pooled, outcome, comparator) in effects.items():
        asked = {"catalogue": catalogue, "outcome": outcome, "treatment": TREATMENT, "comparator": comparator}
        figures[f"{name}-file"] = forest_svg(pooled, key=f"{name}-file", **asked)
        table = forest_rows(pooled, key=f"{name}-table", **asked)
        figures[f"{name}-table-axis"] = table.axis
        for place, row in enumerate(table.rows):
            figures[f"{name}-table-{place}"] = row.picture
            if row.risk is not None:
                figures[f"{name}-table-risk-{place}"] = row.risk
    for kind, drawn in (("curve", curves()), ("bars", bars()), ("measured", measured())):
        dependence = a_dependence(kind, title=Words(HOSTILE, "عنوان"), variable_name=Words(HOSTILE, "متغير"))
        for narrow in (False, True):
            key = f"{kind}-{narrow}"
            figures[key] = dependence_picture(
                dependence,
                drawn,
                key=key,
                catalogue=catalogue,
                hand=Hand.HARM,
                narrow=narrow,
                label_of=lambda _: HOSTILE,
            )
        legend = dependence_legend(dependence, drawn, key=kind, catalogue=catalogue)
        figures |= {f"{kind}-legend-{place}": entry.svg for place, entry in enumerate(legend)}
    return figures


@pytest.fixture(scope="module", params=LANGUAGES)
def figures(request):
    return all_figures(request.param)


def test_each_is_an_image_with_a_name_and_a_result(figures):
    for key, svg in figures.items():
        root = parsed(svg)
        assert root.get("role") == "img", key
        assert root.get("direction") == "ltr", key
        assert root.get("width") is None, key
        assert root.get("height") is None, key
        assert all(float(part) >= 0 for part in root.get("viewBox").split()), key
        by_id = {node.get("id"): node for node in root}
        for attribute, tag in (("aria-labelledby", "title"), ("aria-describedby", "desc")):
            named = by_id[root.get(attribute)]
            assert named.tag == f"{SVG}{tag}", key
            assert named.text.strip(), key


def test_ids_are_unique_on_a_page_that_holds_all(figures):
    ids = Counter(node.get("id") for svg in figures.values() for node in parsed(svg).iter() if node.get("id"))
    assert [name for name, times in ids.items() if times > 1] == []


def test_every_reference_leads_to_something_in_the_same_picture(figures):
    for key, svg in figures.items():
        root = parsed(svg)
        ids = {node.get("id") for node in root.iter()}
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= ids, key
        assert {node.get("href")[1:] for node in root.iter() if node.get("href")} <= ids, key


def test_every_number_is_a_number(figures):
    lengths = ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "stroke-width")
    for key, svg in figures.items():
        for node in parsed(svg).iter():
            for name in lengths:
                if node.get(name) is not None:
                    assert re.fullmatch(r"-?\d+(\.\d{1,2})?", node.get(name)), (key, name, node.get(name))
            for name in ("d", "points", "transform"):
                assert not re.search(r"nan|inf|-0[ ,)]", node.get(name) or ""), (key, node.get(name))
            for name in ("width", "height", "r"):
                assert float(node.get(name) or 0) >= 0, (key, name)


def test_nothing_acts_or_loads(figures):
    allowed = {
        "svg", "title", "desc", "g", "defs", "use", "path", "line", "rect", "circle", "text", "pattern",
    }  # fmt: skip
    for key, svg in figures.items():
        for node in parsed(svg).iter():
            assert node.tag.removeprefix(SVG) in allowed, key
            assert not [name for name in node.attrib if name.startswith("on") or name == "style"], key
        assert "\u202e" not in svg, key
        assert svg.count("http") == svg.count('xmlns="http://www.w3.org/2000/svg"'), key


def test_colour_comes_from_the_palette_alone(figures):
    for key, svg in figures.items():
        for node in parsed(svg).iter():
            for name in ("fill", "stroke"):
                value = node.get(name)
                assert value is None or value in ("none", "currentColor") or value.startswith("url(#"), (key, value)


def test_text_stays_on_the_picture(figures):
    for key, svg in figures.items():
        root = parsed(svg)
        width, height = (float(part) for part in root.get("viewBox").split()[2:])
        for node in root.iter(f"{SVG}text"):
            assert -1 <= float(node.get("x")) <= width + 1, (key, node.text)
            assert 0 <= float(node.get("y")) <= height + 1, (key, node.text)


def test_the_same_records_give_the_same_bytes():
    for language in LANGUAGES:
        assert all_figures(language) == all_figures(language)


def test_certainty_is_filled_circles_in_reading_order():
    def fills(language, level):
        svg = certainty_mark(level, key="c", catalogue=Catalogue.load(language))
        circles = [node for node in parsed(svg).iter() if node.tag == f"{SVG}circle"]
        circles.sort(key=lambda node: float(node.get("cx")))
        return [node.get("fill") != "none" for node in circles]

    assert fills("en", Level.LOW) == [True, True, False, False]
    assert fills("ar", Level.LOW) == [False, False, True, True]
    assert fills("en", None) == [False] * 4
    assert fills("en", Level.HIGH) == [True] * 4

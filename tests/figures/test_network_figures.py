"""Figures of networks, doses and time say what they were given: read back from the drawing, in both languages."""

import math
from itertools import combinations

import numpy as np
import pytest

from evenhand.figures import (
    FittedCurve,
    LeagueTriangles,
    SeenPoints,
    contribution_plot,
    dose_response_plot,
    league_html,
    league_plot,
    net_heat_plot,
    network_forest_plot,
    network_graph_plot,
    node_split_plot,
    rankogram_plot,
    time_course_plot,
)
from evenhand.figures.text_width import text_width
from evenhand.words import LANGUAGES
from tests.figures.reading import SVG, desc_of, parsed, plain, texts_of, title_of
from tests.figures.test_plots import Axes


def part(svg, identifier):
    return next(node for node in parsed(svg).iter() if node.get("id") == identifier)


def boxes_of(group):
    """Left, top, right, bottom of each line of text in a group."""
    found = []
    for node in group.iter(f"{SVG}text"):
        long = text_width(plain("".join(node.itertext())), float(node.get("font-size")))
        x, y = float(node.get("x")), float(node.get("y"))
        left = x - {"middle": 0.5, "end": 1.0}.get(node.get("text-anchor"), 0.0) * long
        found.append((left, y - 10, left + long, y + 3))
    return found


class TestGraph:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("size", [1, 2, 3, 7, 12, 25, 60, 200])
    def test_no_name_covers_another_or_a_disc(self, size, language):
        names = [f"treatment number {place}" for place in range(size)]
        svg = network_graph_plot(names, names[:-1], names[1:], people=range(1, size + 1), language=language)
        boxes = boxes_of(part(svg, "network-names"))
        assert len(boxes) == size
        for one, other in combinations(boxes, 2):
            assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
        discs = [[float(node.get(name)) for name in ("cx", "cy", "r")] for node in parsed(svg).iter(f"{SVG}circle")]
        for left, top, right, bottom in boxes:
            for x, y, r in discs[:size]:
                assert math.hypot(x - min(max(x, left), right), y - min(max(y, top), bottom)) >= r
        width, height = (float(part) for part in parsed(svg).get("viewBox").split()[2:])
        assert all(left >= 0 and top >= 0 and right <= width and bottom <= height for left, top, right, bottom in boxes)

    def test_areas_by_people_and_widths_by_studies(self):
        svg = network_graph_plot(
            ["a", "b", "c"], ["a", "b", "a"], ["b", "c", "b"], studies=[3, 2, 1], people=[400, 100, math.nan]
        )
        circles = list(part(svg, "network-points").iter(f"{SVG}circle"))
        assert float(circles[0].get("r")) ** 2 / float(circles[1].get("r")) ** 2 == pytest.approx(4.0)
        assert circles[-1].get("fill") == "none"
        widths = [float(node.get("stroke-width")) for node in part(svg, "network-edges").iter(f"{SVG}line")]
        # Rows of the same two treatments are one line: 3 + 1 studies, against 2.
        assert widths[0] / widths[1] == pytest.approx(2.0)
        assert "2 of 3 comparisons were made directly" in desc_of(svg)
        assert "Most studied: a v b: 4 studies" in desc_of(svg)

    def test_less_certain_is_more_broken(self):
        levels = ["high", "moderate", "low", "very low"]
        names = ["a", "b", "c", "d", "e"]
        svg = network_graph_plot(names, names[:-1], names[1:], certainty=levels)
        dashes = [node.get("stroke-dasharray") for node in part(svg, "network-edges").iter(f"{SVG}line")]
        assert dashes[0] is None
        assert len(set(dashes)) == 4
        assert sum(text.startswith("certainty: ") for text in texts_of(svg)) == 4

    def test_the_order_alone_decides_where_a_treatment_stands(self):
        names = ["a", "b", "c", "d"]
        one = network_graph_plot(names, ["a", "b"], ["b", "c"])
        other = network_graph_plot(names, ["c", "b", "a"], ["d", "a", "c"])
        places = [
            [(node.get("cx"), node.get("cy")) for node in part(svg, "network-points").iter(f"{SVG}circle")]
            for svg in (one, other)
        ]
        assert places[0] == places[1]
        assert "Compared with nothing: d" in desc_of(one)

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ((["a", "a"], [], []), "'a' stands twice"),
            ((["a", "b"], ["a"], ["c"]), "comparison 1 has 'c'"),
            ((["a", "b"], ["a"], ["a"]), "'a' with itself"),
            ((["a", "b"], ["a"], []), "1 entries of treat1 and 0 of treat2"),
        ],
    )
    def test_what_cannot_be_drawn(self, arguments, says):
        with pytest.raises(ValueError, match=says):
            network_graph_plot(*arguments)
        with pytest.raises(ValueError, match="certainty 'good'"):
            network_graph_plot(["a", "b"], ["a"], ["b"], certainty=["good"])


class TestLeague:
    NAMES = ("a", "b", "c")
    ESTIMATE = np.log(np.array([[1, 0.5, 0.25], [2, 1, 0.5], [4, 2, 1]]))

    def triangles(self):
        wide = (self.ESTIMATE, self.ESTIMATE - 1.0, self.ESTIMATE + 1.0)
        narrow = (np.where(np.eye(3)[::-1], np.nan, self.ESTIMATE), self.ESTIMATE - 0.1, self.ESTIMATE + 0.1)
        return LeagueTriangles(below=wide, above=narrow, below_name="network", above_name="direct")

    @pytest.mark.parametrize("draw", [league_plot, league_html])
    def test_each_cell_reads_from_the_higher_to_the_lower(self, draw):
        drawn = draw(self.NAMES, self.triangles(), order=["b", "a", "c"], measure="OR")
        # b v a is 2 in both triangles; c stands last, and b v c is 0.5.
        drawn = drawn[drawn.find("</desc>") + 1 :]
        assert drawn.count("2.00") == 2
        assert "0.50" in drawn
        assert "4.00" not in drawn
        assert "Below the diagonal: network." in drawn

    def test_html_has_a_heading_a_row_and_bold_where_the_null_is_left_out(self):
        html = league_html(self.NAMES, self.triangles(), measure="OR", language="ar")
        assert html.count('<th scope="row">') == 3
        assert html.count("<strong>") == 3  # a v b, b v c above; a v c below
        assert 'dir="rtl"' in html
        root = parsed(html)
        assert [len(list(row)) for row in root.iter("tr")] == [3, 3, 3]

    def test_one_square_leaves_the_other_triangle_empty(self):
        both = league_html(self.NAMES, LeagueTriangles(below=(self.ESTIMATE,) * 3), measure="OR")
        assert both.count("<td></td>") == 3

    def test_shapes_and_orders(self):
        with pytest.raises(ValueError, match="three of"):
            league_plot(self.NAMES, LeagueTriangles(below=(self.ESTIMATE[:2],) * 3))
        with pytest.raises(ValueError, match="order is not of the treatments"):
            league_plot(self.NAMES, self.triangles(), order=["a", "b", "d"])


class TestRankogram:
    TABLE = ((0.6, 0.3, 0.1), (0.4, 0.5, 0.1), (0.0, 0.2, 0.8))

    def test_sucra_follows_from_the_ranks_and_orders_the_panels(self):
        svg = rankogram_plot(["c", "a", "b"], self.TABLE)
        scores = [0.75, 0.65, 0.10]  # (P(1) + P(≤ 2)) / 2
        assert [text for text in texts_of(svg) if text.startswith("SUCRA")] == [
            f"SUCRA {score:.2f}" for score in scores
        ]
        assert "c: the best with a chance of 60%, SUCRA 0.75." in desc_of(svg)

    @pytest.mark.parametrize("cumulative", [False, True])
    def test_bars_are_as_high_as_their_probabilities(self, cumulative):
        svg = rankogram_plot(["c", "a", "b"], self.TABLE, cumulative=cumulative)
        heights = [float(node.get("height")) for node in parsed(svg).iter(f"{SVG}rect")]
        wanted = np.cumsum(self.TABLE, axis=1) if cumulative else np.array(self.TABLE)
        wanted = wanted[wanted > 0]
        assert np.array(heights) / heights[0] == pytest.approx(wanted / wanted[0], abs=1e-3)

    def test_one_treatment_and_tables_that_cannot_be(self):
        assert "SUCRA 1.00" in texts_of(rankogram_plot(["a"], [[1.0]]))
        with pytest.raises(ValueError, match="shape"):
            rankogram_plot(["a", "b"], [[1.0]])
        with pytest.raises(ValueError, match=r"ranks of 'b' have probabilities that add up to 0\.5"):
            rankogram_plot(["a", "b"], [[1, 0], [0.5, 0]])


def test_the_forest_has_no_row_of_the_reference_and_the_best_first():
    svg = network_forest_plot(
        ["a", "ref", "b"], [0.1, 0, -0.5], [-0.2, 0, -0.9], [0.4, 0, -0.1], reference="ref", scores=[0.3, 0.2, 0.9],
        measure="OR", level=0.9,
    )  # fmt: skip
    said = texts_of(svg)
    assert "ref" not in said
    assert said.index("b") < said.index("a")
    assert "0.61 (0.41 to 0.90)" in said
    assert any("90%" in text for text in said)
    assert "against ref" in title_of(svg)
    with pytest.raises(ValueError, match="no treatment besides 'ref'"):
        network_forest_plot(["ref"], [0], [0], [0], reference="ref")


def test_node_splits_count_those_that_differ():
    svg = node_split_plot(["a v b", "a v c"], [0, 1], [1, 1], [0, 5], [1, 1], p_value=[0.9, 0.004])
    assert title_of(svg) == "Direct and indirect evidence on 2 comparisons; 1 clearly differ"
    assert {"a v b", "a v c", "0.900", "0.004"} <= set(texts_of(svg))
    missing = node_split_plot(["a v b"], [math.nan], [math.nan], [0.2], [0.1])
    assert texts_of(missing).count("no estimate") == 1


def test_net_heat_shows_signs_and_boxes_by_contribution():
    svg = net_heat_plot(["a:b", "b:c"], [[0, 2.5], [-1.5, 0]], [[1.0, 0.25], [0, 1]])
    assert {"+2.5", "−1.5"} <= set(texts_of(svg))
    sides = [float(node.get("width")) for node in part(svg, "net-heat-boxes").iter(f"{SVG}rect")]
    assert (np.array(sides) / sides[0]) ** 2 == pytest.approx([1, 0.25, 0, 1])
    assert "a:b agrees better once b:c is let go: +2.5" in desc_of(svg)
    assert "No design" in desc_of(net_heat_plot(["a:b"], [[0]], [[1]]))
    with pytest.raises(ValueError, match="heat has shape"):
        net_heat_plot(["a:b"], [[0, 1]], [[1]])


class TestContributions:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_parts_are_as_wide_as_their_shares_in_order_of_risk(self, language):
        svg = contribution_plot(
            ["a v b"], ["1", "2", "3"], [[0.5, 0.2, 0.3]], risk=["high", "low", None], language=language
        )
        parts = [(float(r.get("x")), float(r.get("width"))) for r in part(svg, "contributions-bars").iter(f"{SVG}rect")]
        parts.sort(reverse=language == "ar")
        widths = np.array([width for _, width in parts])
        assert widths / widths.sum() == pytest.approx([0.2, 0.5, 0.3], abs=1e-3)

    def test_what_comes_from_high_risk_is_said(self):
        svg = contribution_plot(["a v b"], ["1", "2", "3"], [[0.5, 0.2, 0.3]], risk=["high", "low", "high"])
        assert "a v b comes most from 1 (50%). From sources at high risk of bias: 80%." in desc_of(svg)

    def test_what_cannot_be(self):
        with pytest.raises(ValueError, match=r"add up to 0\.7"):
            contribution_plot(["a v b"], ["1", "2"], [[0.5, 0.2]])
        with pytest.raises(ValueError, match="shape"):
            contribution_plot(["a v b"], ["1"], [[0.5, 0.5]])
        with pytest.raises(ValueError, match="risk 'grave'"):
            contribution_plot(["a v b"], ["1"], [[1.0]], risk=["grave"])
        with pytest.raises(ValueError, match="2 entries of risk for 1 sources"):
            contribution_plot(["a v b"], ["1"], [[1.0]], risk=["low", "low"])


class TestCurves:
    X = np.linspace(0, 40, 41)

    def test_a_curve_runs_through_its_values_and_its_half_dose_is_marked(self):
        fitted = np.log(2) * self.X / (10 + self.X)
        points = SeenPoints(x=[10.0], yi=[math.log(1.5)], ci_lower=[0.1], ci_upper=[0.9])
        svg = dose_response_plot([FittedCurve(name="Emax", x=self.X, fitted=fitted)], [points], ed50=10, measure="OR")
        axes = Axes(svg, log_y=True)
        last = part(svg, "dose-line-0").find(f"{SVG}path").get("d").rpartition("L")[2].split()
        assert axes.x(float(last[0])) == pytest.approx(40, abs=0.2)
        assert axes.y(float(last[1])) == pytest.approx(fitted[-1], abs=0.01)
        mark = part(svg, "dose-place-0").find(f"{SVG}line")
        assert axes.x(float(mark.get("x1"))) == pytest.approx(10, abs=0.2)
        assert "Emax: 1.00 at 0, 1.74 at 40." in desc_of(svg)
        assert "dose with half of the largest effect: 10." in desc_of(svg)

    def test_each_course_has_its_own_dash_and_name(self):
        curves = [FittedCurve(name=name, x=self.X, fitted=sign * self.X) for name, sign in (("a", 1), ("b", -1))]
        svg = time_course_plot(curves, stopped_at=12)
        dashes = [part(svg, f"time-line-{at}").find(f"{SVG}path").get("stroke-dasharray") for at in (0, 1)]
        assert dashes[0] != dashes[1]
        assert {"a", "b", "treatment stopped: 12"} <= set(texts_of(svg))
        assert "No measured values are shown." in desc_of(svg)

    def test_points_that_were_not_reported_are_counted(self):
        svg = dose_response_plot([], [SeenPoints(x=[1, 2, 3], yi=[0.1, math.nan, 0.3])])
        assert "Not shown: 1 value that was not reported." in texts_of(svg)
        assert "2 measured values are shown." in desc_of(svg)

    def test_what_cannot_be(self):
        with pytest.raises(ValueError, match="no curve and no point"):
            time_course_plot([])
        with pytest.raises(ValueError, match="together"):
            dose_response_plot([FittedCurve(name="a", x=[0, 1], fitted=[0, 1], ci_lower=[0, 0])])
        with pytest.raises(ValueError, match="belong to curve 3"):
            dose_response_plot([], [SeenPoints(x=[1], yi=[1], curve=3)])
        with pytest.raises(ValueError, match="fitted of 'a' has shape"):
            dose_response_plot([FittedCurve(name="a", x=[0, 1], fitted=[0])])

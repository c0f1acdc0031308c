"""Marks stand where the numbers say: each plot is read back through the numbers at its own axes."""

import math
import re
from statistics import NormalDist

import numpy as np
import pytest

from evenhand.figures import (
    ForestBias,
    ForestColumn,
    ForestGroup,
    Heterogeneity,
    baujat_plot,
    bubble_plot,
    cumulative_plot,
    drapery_plot,
    forest_plot,
    funnel_plot,
    gosh_plot,
    labbe_plot,
    multiverse_plot,
    profile_plot,
    qq_plot,
    radial_plot,
    risk_of_bias_plot,
)
from evenhand.figures.gosh import hexagons
from evenhand.figures.risk_tools import RISK_TOOLS
from evenhand.figures.text_width import text_width
from evenhand.words import LANGUAGES
from tests.figures.plots import ESTIMATE, EVENTS_C, EVENTS_T, LATITUDE, N_C, N_T, POOLED, SEI, VI, YI, plots
from tests.figures.reading import SVG, desc_of, parsed, plain, texts_of, title_of

NUMBER = re.compile(r"−?[\d,]*\.?\d+")
K = len(YI)
JUDGED = ("low", "some concerns", "high", "no information", None, "high")


class Axes:
    """The two axes of a plot, from the places of the numbers written at them."""

    def __init__(self, svg, *, log_x=False, log_y=False):
        self.root = parsed(svg)
        written = [
            # A number beside an upright axis has its baseline four units below its tick.
            (float(node.get("x")), float(node.get("y")) - 4, float(text.replace("−", "-").replace(",", "")))
            for node in self.root.iter(f"{SVG}text")
            if NUMBER.fullmatch(text := plain("".join(node.itertext())))
        ]
        self.x = self._axis(written, along=0, log=log_x)
        self.y = self._axis(written, along=1, log=log_y)

    @staticmethod
    def _axis(written, *, along, log):
        """The longest row of numbers in a line across, or up, read by least squares."""
        rows: dict[float, list[tuple[float, float]]] = {}
        for place in written:
            rows.setdefault(place[1 - along], []).append((place[along], place[2]))
        longest = max(rows.values(), key=len, default=[])
        if len(longest) < 2:
            return None
        places, values = (np.array(column) for column in zip(*longest, strict=True))
        values = np.log(values) if log else values
        slope, start = np.polyfit(places, values, 1)
        # The numbers at an axis are spaced as their values are.
        assert np.allclose(start + slope * places, values, atol=0.012 * np.ptp(values))
        return lambda at: start + slope * at

    def group(self, name):
        return next(node for node in self.root.iter(f"{SVG}g") if node.get("id") == name)

    def points(self, name):
        circles = self.group(name).iter(f"{SVG}circle")
        return [(self.x(float(node.get("cx"))), self.y(float(node.get("cy")))) for node in circles]

    def path(self, name):
        drawn = "".join(node.get("d") for node in self.group(name).iter(f"{SVG}path"))
        return [(self.x(float(x)), self.y(float(y))) for x, y in re.findall(r"[ML]?(-?[\d.]+) (-?[\d.]+)", drawn)]


def assert_same_points(found, wanted, within):
    found, wanted = (np.array(sorted(points)) for points in (found, wanted))
    assert found.shape == wanted.shape
    assert np.allclose(found, wanted, atol=within)


@pytest.mark.parametrize("language", LANGUAGES)
def test_funnel_points_are_the_studies(language):
    axes = Axes(funnel_plot(YI, SEI, measure="RR", language=language), log_x=True)
    assert_same_points(axes.points("funnel-points"), list(zip(YI, SEI, strict=True)), 0.01)


@pytest.mark.parametrize(
    ("y_axis", "height"),
    [("vi", lambda se: se**2), ("1/sei", lambda se: 1 / se), ("1/vi", lambda se: 1 / se**2)],
)
def test_funnel_on_other_axes(y_axis, height):
    axes = Axes(funnel_plot(YI, vi=VI, y_axis=y_axis))
    tall = height(SEI)
    assert_same_points(axes.points("funnel-points"), list(zip(YI, tall, strict=True)), 0.01 * tall.max())


@pytest.mark.parametrize(("y_axis", "se"), [("sei", lambda y: y), ("1/sei", lambda y: 1 / y)])
def test_contours_run_where_p_is_what_they_say(y_axis, se):
    axes = Axes(funnel_plot(YI, SEI, y_axis=y_axis, contours=(0.05,)))
    box = axes.group("funnel-contours")
    assert len(list(box)) == 2
    outline = axes.path("funnel-contours")
    low, high = (extreme(x for x, _ in outline) for extreme in (min, max))
    edge = [(x, y) for x, y in outline if low + 0.02 < x < high - 0.02]
    assert len(edge) >= (2 if y_axis == "sei" else 40)
    normal = NormalDist()
    for x, y in edge:
        if y > 0.02:
            assert 2 * normal.cdf(-abs(x) / se(y)) == pytest.approx(0.05, abs=0.006)


def test_filled_studies_are_open_and_counted():
    svg = funnel_plot(YI, SEI, filled=[False] * 12 + [True], estimate=ESTIMATE)
    fills = [node.get("fill") for node in Axes(svg).group("funnel-points").iter(f"{SVG}circle")]
    assert (fills.count("none"), fills.count("currentColor")) == (1, 12)
    assert "1 more was added" in desc_of(svg)
    assert "a study added by trim and fill" in texts_of(svg)


def test_the_pooled_curve_of_a_drapery_crosses_a_level_at_the_ends_of_its_interval():
    axes = Axes(drapery_plot(YI, SEI, estimate=-0.7, se=0.2, df=12))
    points = sorted(axes.path("drapery-pooled"))
    x, p = (np.array(column) for column in zip(*points, strict=True))
    t = 2.1788128296634177  # 97.5 % point of t with 12 degrees of freedom
    for end in (-0.7 - 0.2 * t, -0.7 + 0.2 * t):
        assert np.interp(end, x, p) == pytest.approx(0.05, abs=0.01)
    assert p.max() == pytest.approx(1, abs=0.01)


def test_radial_points_and_line():
    axes = Axes(radial_plot(YI, SEI, estimate=-0.5, tau2=0.1))
    spread = np.sqrt(VI + 0.1)
    assert_same_points(axes.points("radial-points"), list(zip(1 / spread, YI / spread, strict=True)), 0.03)
    (x0, y0), (x1, y1) = axes.path("radial-line")
    assert (y1 - y0) / (x1 - x0) == pytest.approx(-0.5, abs=0.01)


def test_labbe_points_and_line():
    svg = labbe_plot(EVENTS_T, N_T, EVENTS_C, N_C, estimate=math.log(0.5), measure="OR")
    axes = Axes(svg)
    risks = list(zip(np.array(EVENTS_C) / N_C, np.array(EVENTS_T) / N_T, strict=True))
    assert_same_points(axes.points("labbe-points"), risks, 0.002)
    for control, treated in axes.path("labbe-line"):
        odds = 0.5 * control / (1 - control)
        assert treated == pytest.approx(odds / (1 + odds), abs=0.002)


def test_baujat_points():
    axes = Axes(baujat_plot(YI**2 / VI, VI))
    assert_same_points(axes.points("baujat-points"), list(zip(YI**2 / VI, VI, strict=True)), 0.5)


def test_bubbles_have_areas_of_weights_and_the_line_its_values():
    x = np.linspace(10, 60, 11)
    svg = bubble_plot(LATITUDE, YI, vi=VI, line_x=x[::-1], fitted=0.25 - 0.03 * x[::-1], measure="RR")
    axes = Axes(svg, log_y=True)
    assert_same_points(axes.points("bubble-points"), list(zip(LATITUDE, YI, strict=True)), 0.25)
    assert_same_points(axes.path("bubble-line"), list(zip(x, 0.25 - 0.03 * x, strict=True)), 0.25)
    radii = sorted(float(node.get("r")) for node in axes.group("bubble-points").iter(f"{SVG}circle"))
    areas = sorted(np.maximum(15 * np.sqrt(VI.min() / VI), 2.5))
    assert np.allclose(radii, areas, atol=0.01)


def test_every_subset_is_in_the_nearest_hexagon():
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0, 500, (2, 20_000))
    centres, counts, inside = hexagons(x, y, 9.0, x < 100)
    assert counts.sum() == 20_000
    assert inside.sum() == (x < 100).sum()
    apart = np.hypot(x[:300, None] - centres[:, 0], y[:300, None] - centres[:, 1]).min(axis=1)
    assert apart.max() <= 9.0 + 1e-9  # no point is further from its centre than a corner is
    # Centres of neighbours are a hexagon's width apart, so that no two overlap.
    near = np.hypot(*(centres[:, None] - centres[None])[:300].transpose(2, 0, 1))
    assert near[near > 0].min() == pytest.approx(9 * math.sqrt(3))


def test_a_hundred_thousand_subsets_stay_small():
    rng = np.random.default_rng(1)
    svg = gosh_plot(rng.normal(0, 0.3, 100_000), rng.uniform(0, 100, 100_000), highlighted=np.arange(100_000) % 2 == 0)
    assert len(svg.encode()) < 150_000
    assert "100,000 subsets." in desc_of(svg)


def test_analyses_of_a_multiverse_stand_in_order_with_their_choices():
    estimates, chosen = [0.3, -0.2, 0.1], ["a", "b", "a"]
    svg = multiverse_plot(estimates, np.array(estimates) - 0.4, np.array(estimates) + 0.4, {"Which": chosen}, main=0)
    root = parsed(svg)
    groups = {node.get("id"): node for node in root.iter(f"{SVG}g")}
    starts = re.findall(r"M(-?[\d.]+) (-?[\d.]+)a", groups["multiverse-estimates"][0].get("d"))
    x, y = (np.array(column, dtype=float) for column in zip(*starts, strict=True))
    assert list(np.argsort(x)) == [0, 1, 2]
    assert y[0] > y[1] > y[2]  # from the lowest estimate to the highest
    assert (y[0] - y[2]) / (y[0] - y[1]) == pytest.approx(0.5 / 0.3, abs=0.02)
    marks = [
        [float(at) for at in re.findall(r"M(-?[\d.]+)", path.get("d"))]
        for path in groups["multiverse-choices"].iter(f"{SVG}path")
    ]
    # 'a' was chosen by the second and the third in order, 'b' by the first.
    assert [sorted(round((at - x[0]) / (x[1] - x[0])) for at in row) for row in marks] == [[1, 2], [0]]
    ring = groups["multiverse-main"][0]
    assert (float(ring.get("cx")), float(ring.get("cy"))) == (
        pytest.approx(x[2] + 4, abs=0.1),
        pytest.approx(y[2], abs=0.1),
    )
    assert "from −0.2 to 0.3" in plain(desc_of(svg))


def test_normal_places_are_those_of_blom():
    """Blom (1958) for five: Φ⁻¹(0.625 / 5.25) = −1.17976, Φ⁻¹(1.625 / 5.25) = −0.49720."""
    values = [0.4, -1.1, 2.0, -0.3, 0.1]
    axes = Axes(qq_plot(values))
    wanted = list(zip([-1.17976, -0.49720, 0, 0.49720, 1.17976], sorted(values), strict=True))
    assert_same_points(axes.points("qq-points"), wanted, 0.02)


def test_the_profile_is_cut_at_half_a_chi_squared_below_its_top():
    tau2 = np.linspace(0, 1, 101)
    axes = Axes(profile_plot(tau2, -40 * (tau2 - 0.4) ** 2, estimate=0.4, ci_lower=0.18, ci_upper=0.62))
    cut = axes.group("profile-cut")[0]
    assert axes.y(float(cut.get("y1"))) == pytest.approx(-3.841458820694124 / 2, abs=0.02)
    assert_same_points(axes.points("profile-points"), [(0.4, 0.0)], 0.02)
    ends = sorted(axes.x(float(node.get("x1"))) for node in axes.group("profile-limits"))
    assert ends == pytest.approx([0.18, 0.62], abs=0.005)


def marks_by_row(svg):
    """Squares and diamonds of a forest with their axis, top to bottom."""
    axes = Axes(svg, log_x=True)
    squares = [
        node for node in axes.root.iter(f"{SVG}rect") if node.get("width") == node.get("height") and not node.get("rx")
    ]
    diamonds = [node for node in axes.root.iter(f"{SVG}path") if node.get("stroke-linejoin") == "round"]
    return axes, squares, diamonds


@pytest.mark.parametrize("language", LANGUAGES)
def test_squares_and_diamonds_stand_at_their_estimates(language):
    axes, squares, diamonds = marks_by_row(
        forest_plot(YI, SEI, measure="RR", weights=1 / VI, summaries=[POOLED], language=language)
    )
    centres = [axes.x(float(node.get("x")) + float(node.get("width")) / 2) for node in squares]
    assert centres == pytest.approx(list(YI), abs=0.02)
    tips = sorted({axes.x(float(x)) for x in re.findall(r"(-?[\d.]+) -?[\d.]+", diamonds[0].get("d"))})
    assert tips == pytest.approx([POOLED.ci_lower, POOLED.estimate, POOLED.ci_upper], abs=0.02)


def test_areas_of_squares_are_weights():
    _, squares, _ = marks_by_row(forest_plot(YI[:2], SEI[:2], measure="RR", weights=[2.0, 1.0]))
    sides = [float(node.get("width")) for node in squares]
    assert sides[0] ** 2 / sides[1] ** 2 == pytest.approx(2, abs=0.01)


def test_an_endless_interval_is_an_arrow_and_a_study_without_an_estimate_keeps_its_row():
    svg = forest_plot(
        [0.1, math.nan], ci_lower=[-math.inf, math.nan], ci_upper=[0.3, math.nan], labels=["open", "none"], measure="OR"
    )
    assert "0.11" not in texts_of(svg)
    assert "1.11 (0 to 1.35)" in texts_of(svg)
    assert any(text.startswith("no estimate") for text in texts_of(svg))
    assert len(re.findall(r'<path d="M[\d.]+ [\d.]+L[\d.]+ [\d.]+V[\d.]+z"', svg)) == 1


def test_groups_have_their_own_rows_in_order():
    svg = forest_plot(
        YI,
        SEI,
        labels=[f"Trial {place}" for place in range(K)],
        measure="RR",
        groups=[
            ForestGroup(name="North", studies=[3, 1], summaries=[POOLED], heterogeneity=Heterogeneity(i2=12.4, q=1.3)),
            ForestGroup(name="South", studies=range(4, K)),
        ],
        heterogeneity=Heterogeneity(tau2=0.313, i2=92.2, q=152.23, df=12, p_value=2e-26),
        group_test=Heterogeneity(q=1.77, df=2, p_value=0.41),
    )
    rows = [text.replace("\u00a0", " ") for text in texts_of(svg)]
    by_height = sorted(
        (float(node.get("y")), plain("".join(node.itertext())))
        for node in parsed(svg).iter(f"{SVG}text")
        if float(node.get("x")) == 10
    )
    names = [text for _, text in by_height]
    order = ["Study", "Trial 0", "Trial 2", "North", "Trial 3", "Trial 1", "Random effects", "South", "Trial 4"]
    assert [text for text in names if text in order] == order
    assert (
        names.index("Random effects") < next(at for at, text in enumerate(names) if "I²" in text) < names.index("South")
    )
    joined = " ".join(rows)
    for said in ("I² = 12%, Q = 1.30", "τ² = 0.313", "Q = 152.2 (df 12)", "p < 0.001", "Q = 1.77 (df 2)", "p = 0.410"):
        assert said in joined


def test_a_wider_forest_has_a_longer_axis_and_the_same_text():
    def width(svg):
        return float(parsed(svg).get("viewBox").split()[2])

    small, large = (forest_plot(YI, SEI, measure="RR", width=asked) for asked in (600, 1000))
    assert (width(small), width(large)) == (600, 1000)
    assert sorted(set(texts_of(small)) - set(texts_of(large))) == sorted(
        text for text in set(texts_of(small)) - set(texts_of(large)) if NUMBER.fullmatch(text)
    )


def test_growing_and_shrinking_analyses_name_their_rows():
    growing = cumulative_plot(YI, SEI, labels=[f"T{place}" for place in range(K)], overall=POOLED, measure="RR")
    assert {"+ T0", "+ T12", "Random effects"} <= set(texts_of(growing))
    without = cumulative_plot(YI, SEI, labels=[f"T{place}" for place in range(K)], kind="leave-one-out")
    assert "without T3" in texts_of(without)
    # The lowest and the highest are said.
    assert f"T{int(np.argmin(YI))}" in plain(desc_of(without))
    assert f"T{int(np.argmax(YI))}" in plain(desc_of(without))


@pytest.mark.parametrize("tool", RISK_TOOLS.values(), ids=lambda tool: tool.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tool_has_words_and_marks_that_differ(tool, language):
    rows = [[judgement] * (len(tool.domains) + 1) for judgement in tool.judgements]
    svg = risk_of_bias_plot(rows, tool=tool.name, language=language)
    letters = [plain(text) for text in texts_of(svg)]
    assert all(any(text.startswith(f"{domain}:") for text in letters) for domain in tool.domains)
    bars = risk_of_bias_plot(rows, tool=tool.name, kind="summary", language=language)
    assert tool.name in plain(title_of(bars))
    shades = {
        (node.get("fill-opacity"), node.get("stroke-dasharray"))
        for node in Axes.group(Axes(bars), "bias-bars").iter(f"{SVG}rect")
    }
    assert len(shades) == len(tool.judgements)


def test_bars_are_shares_of_the_weights():
    rows = [["low"] * 6, ["high"] * 6, ["low"] * 6]
    bars = Axes(risk_of_bias_plot(rows, kind="summary", weights=[1, 2, 1])).group("bias-bars")
    widths = [float(node.get("width")) for node in bars.iter(f"{SVG}rect")][:2]
    assert widths[0] == pytest.approx(widths[1], abs=0.02)
    unweighted = Axes(risk_of_bias_plot(rows, kind="summary")).group("bias-bars")
    widths = [float(node.get("width")) for node in unweighted.iter(f"{SVG}rect")][:2]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.04)


def test_marks_of_bias_stand_beside_their_study_only():
    svg = forest_plot(YI, SEI, measure="RR", summaries=[POOLED], risk_of_bias=ForestBias(judgements=[JUDGED] * K))
    letters = [text for text in texts_of(svg) if text in ("L", "S", "H", "?")]
    assert {letter: letters.count(letter) for letter in letters} == {"L": K, "S": K, "H": 2 * K, "?": K}


# Text is measured without a font, so that a line may be a little longer than thought.
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_text_runs_off_its_picture(language):
    for key, svg in plots(language).items():
        root = parsed(svg)
        width = float(root.get("viewBox").split()[2])
        for node in root.iter(f"{SVG}text"):
            long = text_width(plain("".join(node.itertext())), float(node.get("font-size")))
            x, share = float(node.get("x")), {"middle": 0.5, "end": 1.0}.get(node.get("text-anchor"), 0.0)
            assert x - share * long >= -2, (key, node.text)
            assert x + (1 - share) * long <= width + 2, (key, node.text)


@pytest.mark.parametrize("k", [0, 1, 200])
def test_none_one_and_many_studies(k):
    rng = np.random.default_rng(7)
    yi, se = rng.normal(0, 1, k), rng.uniform(0.1, 1, k)
    n = np.full(k, 50)
    drawn = [
        forest_plot(yi, se, weights=1 / se, measure="OR"),
        cumulative_plot(yi, se),
        funnel_plot(yi, se, estimate=0.1, show_labels=True),
        drapery_plot(yi, se, estimate=0.1, se=0.2),
        radial_plot(yi, se, estimate=0.1, show_labels=True),
        labbe_plot(n / 5, n, n / 4, n),
        baujat_plot(yi**2, se, labels=[f"Trial {place}" for place in range(k)]),
        gosh_plot(yi, 50 * se),
        bubble_plot(yi, yi, se),
        multiverse_plot(yi, yi - se, yi + se, {"one": ["a"] * k}),
        qq_plot(yi),
        risk_of_bias_plot([JUDGED] * k),
        risk_of_bias_plot([JUDGED] * k, kind="summary"),
    ]
    for svg in drawn:
        assert parsed(svg).get("role") == "img"
        assert "nan" not in svg
        assert len(svg) < 350_000
    points = Axes(drawn[2]).group("funnel-points") if k else []
    assert len(list(points)) == k


def test_equal_effects_without_any_error_still_have_axes():
    yi, se = [0.3] * 3, [0.0] * 3
    for svg in (forest_plot(yi, se, measure="OR"), funnel_plot(yi, se), qq_plot(yi), bubble_plot(yi, yi, [1.0] * 3)):
        assert "nan" not in svg
        assert sum(NUMBER.fullmatch(text) is not None for text in texts_of(svg)) >= 2


def test_what_cannot_be_drawn_is_left_out_and_said():
    svg = funnel_plot([0.1, math.nan, 0.4], [0.2, 0.1, math.nan], language="en")
    assert "Not shown: 2 studies without the numbers this picture needs." in " ".join(texts_of(svg))
    assert "1 study." in desc_of(svg)


@pytest.mark.parametrize(
    ("draw", "told"),
    [
        (lambda: forest_plot([0.1, 0.2], [0.1, -0.2]), r"sei of study 2 \(index 1\) is -0.2"),
        (lambda: forest_plot([0.1, 0.2], [0.1]), "sei has shape"),
        (lambda: forest_plot([0.1]), "without an interval"),
        (lambda: forest_plot([0.1], [0.1], vi=[0.1]), "not both"),
        (lambda: forest_plot([-0.3], ci_lower=[0.5], ci_upper=[0.9]), "the logarithm of a ratio"),
        (lambda: forest_plot([0.1], [0.1], measure="QQ"), "no measure 'QQ'.*OR"),
        (lambda: forest_plot([0.1], [0.1], labels=["a", "b"]), "2 labels for 1 studies"),
        (lambda: forest_plot([0.1], [0.1], left=[ForestColumn(heading="n", cells=[])]), "column 'n' has 0 cells"),
        (lambda: forest_plot([0.1], [0.1], weights=[0]), "all weights are zero"),
        (lambda: forest_plot([0.1], [0.1], limits=(1, 0)), "the lower first"),
        (
            lambda: forest_plot([0.1], [0.1], groups=[ForestGroup(name="a", studies=[0, 0])]),
            "study 1 .index 0. is in 'a' and in 'a'",
        ),
        (lambda: forest_plot([0.1], [0.1], groups=[ForestGroup(name="a", studies=[4])]), "names study 4"),
        (lambda: cumulative_plot([0.1], [0.1], kind="sideways"), "no kind 'sideways'"),
        (lambda: funnel_plot([0.1], [0.1], y_axis="se"), "no axis 'se'"),
        (lambda: funnel_plot([0.1], [0.1], y_axis="n"), "needs n"),
        (lambda: funnel_plot([0.1], [0.1], contours=(1.2,)), "between 0 and 1"),
        (lambda: funnel_plot([0.1], [0.1], width=100), "cannot be drawn 100 wide"),
        (lambda: drapery_plot([0.1], [0.1], estimate=0.1), "estimate and se together"),
        (lambda: radial_plot([0.1], [0.1], estimate=math.nan), "estimate is not finite"),
        (lambda: labbe_plot([5], [4], [1], [4]), r"events_t of study 1 \(index 0\) is 5, above its 4"),
        (lambda: labbe_plot([1], [4], [1], [4], measure="HR"), "no line for 'HR'"),
        (lambda: bubble_plot([1], [0.1], [0.1], line_x=[1, 2]), "line_x and fitted together"),
        (lambda: multiverse_plot([1], [0], [2], {"a": []}), r"choices\['a'\] has 0 entries"),
        (lambda: multiverse_plot([1], [0], [2], {}, main=1), "main is 1"),
        (lambda: profile_plot([0, 1], [math.nan, -math.inf]), "no value of the log-likelihood"),
        (lambda: risk_of_bias_plot([["low"] * 5]), "RoB 2 needs 6"),
        (
            lambda: risk_of_bias_plot([["low"] * 5 + ["grave"]], labels=["Doe 2001"]),
            r"study 1 \(index 0, 'Doe 2001'\), overall: 'grave'",
        ),
        (lambda: risk_of_bias_plot([], tool="RoB 3"), "no tool 'RoB 3'"),
        (lambda: forest_plot(["a"], [0.1]), "not a number; write a number"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(draw, told):
    with pytest.raises(ValueError, match=told):
        draw()

"""Lines with their 95 % bands over a variable.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

Lines are told apart by dash, by a label at their end and by colour, in this order of trust. Bands that would flatten
everything else are cut at the top of the picture, which then says how far they go.
"""

from dataclasses import dataclass

from evenhand.dossier.records import Dependence, Words
from evenhand.figures.counts import amount, amount_and_range
from evenhand.figures.data_table import Cell, DataTable
from evenhand.figures.dependence_frame import Frame
from evenhand.figures.legend import KeyEntry
from evenhand.figures.palette import DASHES, GRID, LINES, SECONDARY, Paint, paint_of
from evenhand.figures.scale import Scale
from evenhand.figures.svg import Svg, element, figure, group, join, label, line, polyline
from evenhand.figures.text_width import text_width, wrapped
from evenhand.figures.ticks import linear_ticks, nice_end
from evenhand.outlook.absolute import CurveLine, CurvePoint, DrawnDependence
from evenhand.words.catalogue import Catalogue, Raw

_SIZE, _LINE_HEIGHT = 13.0, 15.5
_TABLE_ROWS = 7
# A band may be this many times as high as the highest line before it is cut.
_BAND_CUT = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    """Where the axes stand."""

    x: Scale
    y: Scale
    left: float
    right: float
    top: float
    bottom: float


def curve_picture(dependence: Dependence, drawn: DrawnDependence, frame: Frame) -> Svg:
    """All lines of one dependence."""
    lines = tuple(one for one in drawn.lines if one.points)
    plot = _plot(lines, frame)
    catalogue = frame.catalogue
    title_words = wrapped(catalogue.say(frame.unit_words(drawn)), _SIZE, frame.width - 20, 1)[0]
    height = plot.bottom + 50
    return figure(
        _axes(plot, title_words, dependence.variable_name, drawn, frame),
        *(_band(one, plot, _paint(place, frame), len(lines)) for place, one in enumerate(lines)),
        *(_stroke(one, plot, _paint(place, frame), DASHES[place % len(DASHES)]) for place, one in enumerate(lines)),
        _labels(lines, plot, frame),
        _beyond(lines, plot, drawn, frame),
        key=frame.key,
        title=catalogue.say(dependence.title),
        desc=_desc(dependence, drawn, catalogue, frame),
        width=frame.width,
        height=height,
        catalogue=catalogue,
        class_=frame.class_,
    )


def curve_legend(_dependence: Dependence, drawn: DrawnDependence, frame: Frame) -> tuple[KeyEntry, ...]:
    """Each line as it is drawn, with the letter that stands at its end in the narrow picture."""
    lines = tuple(one for one in drawn.lines if one.points)
    return tuple(
        KeyEntry(svg=_sample(place, one, frame, lettered=len(lines) > 1), words=_name(one))
        for place, one in enumerate(lines)
    )


def curve_table(dependence: Dependence, drawn: DrawnDependence, frame: Frame) -> DataTable:
    """Value and 95 % limits of every line at some round places of the variable."""
    catalogue = frame.catalogue
    lines = tuple(one for one in drawn.lines if one.points)
    head: Cell = dependence.variable_name or ""
    columns = (head, *(_name(one) for one in lines))
    if not lines:
        return DataTable(columns=columns, rows=())
    rows = tuple(
        (
            catalogue.number(round(x, 6)),
            *(amount_and_range(_nearest(one, x).value, drawn.unit, catalogue) for one in lines),
        )
        for x in _table_places(lines[0])
    )
    return DataTable(columns=columns, rows=rows)


def _name(one: CurveLine) -> Words | str:
    return one.name if isinstance(one.name, Words) else str(one.name)


def _paint(place: int, frame: Frame) -> Paint:
    return paint_of(frame.hand) if place == 0 else LINES[(place - 1) % len(LINES)]


def _letter(place: int, catalogue: Catalogue) -> str:
    letters = catalogue.text("figures.letters").split()
    return letters[place % len(letters)]


def _plot(lines: tuple[CurveLine, ...], frame: Frame) -> _Plot:
    values = [point.value for one in lines for point in one.points]
    xs = [point.x for one in lines for point in one.points] or [0.0, 1.0]
    highest = max([value.value for value in values], default=0.0)
    highest_band = max([value.upper for value in values], default=0.0)
    high = highest_band if highest <= 0 or highest_band <= _BAND_CUT * highest else _BAND_CUT / 2 * highest
    lowest = min([0.0, *(value.lower for value in values)])
    low = 0.0 if lowest >= 0 else -nice_end(-lowest)
    high = nice_end(high) if high > 0 else (0.0 if low < 0 else 1.0)
    y_ticks = linear_ticks(low, high)
    room = max(text_width(frame.catalogue.number(tick), 12) for tick in y_ticks)
    left, right = 14 + room, frame.width - (28 if frame.narrow else 190)
    top, bottom = 34.0, 260.0 if frame.narrow else 320.0
    x_high = max(xs) if max(xs) > min(xs) else min(xs) + 1
    return _Plot(
        x=Scale(low=min(xs), high=x_high, start=left, stop=right),
        y=Scale(low=low, high=high, start=bottom, stop=top),
        left=left,
        right=right,
        top=top,
        bottom=bottom,
    )


def _axes(plot: _Plot, unit: str, variable: Words | None, drawn: DrawnDependence, frame: Frame) -> Svg:
    catalogue = frame.catalogue
    parts = []
    for tick in plot.y.ticks():
        y = plot.y.at(tick)
        paint = SECONDARY if tick == 0 else GRID
        parts.append(group(line(plot.left, y, plot.right, y, stroke_width=1), **paint.attributes))
        number = amount(tick, drawn.unit, catalogue)
        parts.append(_quiet(number, plot.left - 7, y + 4, catalogue, "end"))
    foot = plot.bottom
    for tick in plot.x.ticks(5 if frame.narrow else 7):
        x = plot.x.at(tick)
        parts.append(group(line(x, foot, x, foot + 5, stroke_width=1), **SECONDARY.attributes))
        parts.append(_quiet(catalogue.number(tick), x, foot + 19, catalogue, "middle"))
    # Above its own axis, which stands at the left in every language.
    parts.append(label(unit, 2, 16, catalogue, font_size=_SIZE, font_weight="600"))
    if variable is not None:
        room = plot.right - plot.left
        shown = wrapped(catalogue.say(variable), _SIZE, room, 1)[0]
        words: str | Words = variable if shown == catalogue.say(variable) else shown
        middle = (plot.left + plot.right) / 2
        parts.append(label(words, middle, foot + 41, catalogue, anchor="middle", font_size=_SIZE, font_weight="600"))
    return join(*parts)


def _quiet(text: str, x: float, y: float, catalogue: Catalogue, anchor: str) -> Svg:
    return group(label(text, x, y, catalogue, anchor=anchor, font_size=12), **SECONDARY.attributes)


def _band(one: CurveLine, plot: _Plot, paint: Paint, count: int) -> Svg:
    if len(one.points) < 2 or all(point.value.lower == point.value.upper for point in one.points):
        return Svg("")
    above = [(plot.x.at(point.x), plot.y.at(point.value.upper)) for point in one.points]
    below = [(plot.x.at(point.x), plot.y.at(point.value.lower)) for point in one.points]
    shape = element(
        "path",
        d=polyline([*above, *reversed(below)], closed=True),
        fill="currentColor",
        fill_opacity=0.16 if count < 3 else 0.09,
    )
    return group(shape, **paint.attributes)


def _stroke(one: CurveLine, plot: _Plot, paint: Paint, dash: str | None) -> Svg:
    points = [(plot.x.at(point.x), plot.y.at(point.value.value)) for point in one.points]
    if len(points) == 1:
        return group(element("circle", cx=points[0][0], cy=points[0][1], r=4, fill="currentColor"), **paint.attributes)
    path = element(
        "path",
        d=polyline(points),
        fill="none",
        stroke="currentColor",
        stroke_width=2.2,
        stroke_linejoin="round",
        stroke_dasharray=dash,
    )
    return group(path, **paint.attributes)


def _labels(lines: tuple[CurveLine, ...], plot: _Plot, frame: Frame) -> Svg:
    """Names at the ends of the lines, or letters in the narrow picture, moved apart where they would overlap."""
    if len(lines) < 2 and frame.narrow:
        return Svg("")
    room = frame.width - plot.right - 22
    texts = [
        (_letter(place, frame.catalogue),) if frame.narrow else wrapped(frame.catalogue.say(_name(one)), _SIZE, room)
        for place, one in enumerate(lines)
    ]
    ends = [plot.y.at(one.points[-1].value.value) for one in lines]
    heights = [len(text) * _LINE_HEIGHT for text in texts]
    centres = moved_apart(ends, heights, plot.top - 6, plot.bottom + 8)
    parts = []
    for place, (text, end, height, centre) in enumerate(zip(texts, ends, heights, centres, strict=True)):
        leader = line(plot.right + 2, end, plot.right + 12, centre, stroke_width=1)
        first = centre - height / 2 + _LINE_HEIGHT * 0.78
        rows = [
            label(
                row,
                plot.right + 16,
                first + number * _LINE_HEIGHT,
                frame.catalogue,
                font_size=_SIZE,
                font_weight="600",
            )
            for number, row in enumerate(text)
        ]
        parts.append(group(leader, *rows, **_paint(place, frame).attributes))
    return join(*parts)


def moved_apart(centres: list[float], heights: list[float], top: float, bottom: float) -> list[float]:
    """Centres of labels, as near as can be to where they belong, without overlap and within [top, bottom].

    Where they cannot all fit they keep their order and run over at the top.
    """
    order = sorted(range(len(centres)), key=lambda place: centres[place])
    placed = list(centres)
    edge = top
    for place in order:
        placed[place] = max(centres[place], edge + heights[place] / 2)
        edge = placed[place] + heights[place] / 2
    edge = bottom
    for place in reversed(order):
        placed[place] = min(placed[place], edge - heights[place] / 2)
        edge = placed[place] - heights[place] / 2
    return placed


def _beyond(lines: tuple[CurveLine, ...], plot: _Plot, drawn: DrawnDependence, frame: Frame) -> Svg:
    highest = max((point.value.upper for one in lines for point in one.points), default=0.0)
    if highest <= plot.y.high:
        return Svg("")
    words = frame.catalogue.text("figures.dependence.beyond", number=Raw(amount(highest, drawn.unit, frame.catalogue)))
    shown = wrapped(f"↑ {words}", 12, plot.right - plot.left, 1)[0]
    return _quiet(shown, plot.right - 4, plot.top - 5, frame.catalogue, "end")


def _sample(place: int, one: CurveLine, frame: Frame, *, lettered: bool) -> Svg:
    # A line alone ends without a letter.
    key, width, height = f"{frame.key}-{place}", 44.0 if lettered else 30.0, 16.0
    stroke = line(1, 8, 28, 8, stroke_width=2.2, stroke_dasharray=DASHES[place % len(DASHES)])
    letter = label(
        _letter(place, frame.catalogue), 38, 12.5, frame.catalogue, anchor="middle", font_size=_SIZE, font_weight="600"
    )
    return figure(
        group(stroke, letter if lettered else "", **_paint(place, frame).attributes),
        key=key,
        title=frame.catalogue.text("figures.dependence.line", letter=_letter(place, frame.catalogue)),
        desc=frame.catalogue.say(_name(one)),
        width=width,
        height=height,
        catalogue=frame.catalogue,
        class_="figure-line",
    )


def _table_places(one: CurveLine) -> tuple[float, ...]:
    low, high = one.points[0].x, one.points[-1].x
    if not low < high:
        return (low,)
    # Only places the line was computed for: evenly spaced ones, or else those nearest to round numbers.
    last = len(one.points) - 1
    rows = next((rows for rows in range(_TABLE_ROWS, 2, -1) if last % rows == 0), None)
    if rows is not None:
        return tuple(point.x for point in one.points[:: last // rows])
    wanted = (low, *linear_ticks(low, high, _TABLE_ROWS), high)
    return tuple(dict.fromkeys(_nearest(one, x).x for x in wanted))


def _nearest(one: CurveLine, x: float) -> CurvePoint:
    return min(one.points, key=lambda point: (abs(point.x - x), point.x))


def _desc(dependence: Dependence, drawn: DrawnDependence, catalogue: Catalogue, frame: Frame) -> str:
    unit = catalogue.say(frame.unit_words(drawn))
    sentences = []
    for one in drawn.lines:
        if not one.points:
            continue
        first, last = one.points[0], one.points[-1]
        sentences.append(
            catalogue.text(
                "figures.dependence.from_to",
                name=_name(one),
                start=round(first.x, 6),
                stop=round(last.x, 6),
                first=Raw(amount_and_range(first.value, drawn.unit, catalogue)),
                last=Raw(amount_and_range(last.value, drawn.unit, catalogue)),
                unit=unit,
                variable=dependence.variable_name or "",
            )
        )
    return " ".join(sentences) or catalogue.text("figures.nothing")

"""The frame of a plot of one quantity against another: its area, two axes with numbers, and a key below.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

Numbers grow to the right in every language; the upright axis and its name stand where reading begins. No text is turned
on its side.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evenhand.figures.counts import three_figures
from evenhand.figures.palette import GRID, SECONDARY, Paint
from evenhand.figures.scale import Scale
from evenhand.figures.svg import Svg, coordinate, element, figure, group, join, label, line, polyline
from evenhand.figures.text_width import text_width, wrapped
from evenhand.words.catalogue import Catalogue

SIZE, SMALL = 13.0, 12.0
WIDTH, HEIGHT = 640.0, 420.0
_SMALLEST_AREA = 120.0
_EDGE, _LEADING = 12.0, 16.0
_SIGN = 30.0

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotAxis:
    """One axis: its ends, its name, and where it is marked."""

    low: float
    high: float
    name: str
    log: bool = False
    falling: bool = False  # numbers grow downwards
    # At most so many marks as (place, text), where the numbers are not the places.
    ticks: Callable[[int], tuple[tuple[float, str], ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotKey:
    """One sign of the key: its marks, drawn round the middle of a box 24 wide, and what it stands for."""

    sign: Svg
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The area of a plot and its two scales."""

    key: str
    catalogue: Catalogue
    width: float
    x: Scale
    y: Scale
    x_axis: PlotAxis
    y_axis: PlotAxis

    @property
    def left(self) -> float:
        """Of the area."""
        return self.x.start

    @property
    def right(self) -> float:
        """Of the area."""
        return self.x.stop

    @property
    def top(self) -> float:
        """Of the area."""
        return min(self.y.start, self.y.stop)

    @property
    def bottom(self) -> float:
        """Of the area."""
        return max(self.y.start, self.y.stop)

    @property
    def rtl(self) -> bool:
        """Whether reading begins at the right."""
        return self.catalogue.direction == "rtl"

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in the area."""
        return self.x.holds(x) and self.y.holds(y)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Place of a point; outside the area, on its edge."""
        return self.x.at(x), self.y.at(y)


def plot_panel(
    x: PlotAxis,
    y: PlotAxis,
    *,
    key: str,
    catalogue: Catalogue,
    width: float = WIDTH,
    height: float = HEIGHT,
    head: float = 0.0,
    side: float = 0.0,
    names: float = 0.0,
) -> Panel:
    """A panel of a given size; `height` is that of the area with its axes.

    `head` is kept free above the area, `side` where reading ends, and `names` at least where the upright axis stands.

    Raises
    ------
    ValueError
        For a width or height too small to draw in.
    """
    room = max(names, max((text_width(text, SMALL) for _, text in _ticks(y, catalogue)), default=10.0) + 16.0)
    start, stop = _EDGE + room, width - _EDGE - side
    if catalogue.direction == "rtl":
        start, stop = width - stop, width - start
    top, bottom = 12.0 + _LEADING * len(_name_lines(y.name, width)) + head, height - 46.0
    if stop - start < _SMALLEST_AREA or bottom - top < _SMALLEST_AREA:
        raise ValueError(
            f"a plot cannot be drawn {width:g} wide and {height:g} high. Mend: give a width and a height of at least "
            "240."
        )
    upright = (top, bottom) if y.falling else (bottom, top)
    return Panel(
        key=key,
        catalogue=catalogue,
        width=width,
        x=Scale(low=x.low, high=x.high, start=start, stop=stop, log=x.log),
        y=Scale(low=y.low, high=y.high, start=upright[0], stop=upright[1], log=y.log),
        x_axis=x,
        y_axis=y,
    )


def plot_picture(
    panel: Panel,
    *marks: str,
    title: str,
    desc: str,
    legend: Sequence[PlotKey] = (),
    notes: Sequence[str] = (),
    ground: Sequence[str] = (),
    tail: float = 0.0,
) -> Svg:
    """The panel with its marks as a whole picture.

    Parameters
    ----------
    tail : float
        Height below the area and its axis that the marks take themselves.
    ground : sequence of Svg
        Marks under the lines of the grid.
    notes : sequence of str
        Sentences below the key.
    """
    y = panel.bottom + (46.0 if panel.x_axis.name else 24.0) + tail
    below, y = _legend(panel, legend, y)
    said, y = _notes(panel, notes, y)
    return figure(
        *ground,
        _grid(panel),
        *marks,
        _axes(panel),
        _axis_names(panel),
        below,
        said,
        key=panel.key,
        title=title,
        desc=desc,
        width=panel.width,
        height=y + 4.0,
        catalogue=panel.catalogue,
        class_="figure figure-plot",
    )


def padded(values: Iterable[float], *, share: float = 0.05, least: float = 1e-9) -> tuple[float, float]:
    """Ends of an axis round some finite numbers, with a little room; round one number, room as large as itself."""
    ends = list(values)
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    room = share * (high - low) or max(0.5 * abs(low), least, 0.5 if low == 0 else 0.0)
    return low - room, high + room


def curve(panel: Panel, points: Points, **attributes: str | float | None) -> Svg:
    """A line through points given as values, cut at the edges of the area; nothing where none of it lies there."""
    paths = [polyline(list(part)) for part in clipped(panel, points)]
    if not paths:
        return Svg("")
    return element("path", d="".join(paths), fill="none", stroke="currentColor", **attributes)


def clipped(panel: Panel, points: Points) -> list[list[tuple[float, float]]]:
    """The parts of a line that lie in the area, as places (Liang & Barsky 1984, ACM Trans. Graphics 3, 1-22)."""
    places = [(panel.x.beyond(x), panel.y.beyond(y)) for x, y in points]
    parts: list[list[tuple[float, float]]] = []
    for first, second in pairwise(places):
        piece = _within(panel, first, second)
        if piece is None:
            continue
        start, stop = piece
        if parts and parts[-1][-1] == start:
            parts[-1].append(stop)
        else:
            parts.append([start, stop])
    return parts


def band(panel: Panel, lower: Points, upper: Points, **attributes: str | float | None) -> Svg:
    """The area between two lines given as values at the same x, held within the panel."""
    there = [panel.at(x, y) for x, y in lower]
    back = [panel.at(x, y) for x, y in reversed(upper)]
    return element("path", d=polyline([*there, *back], closed=True), fill="currentColor", **attributes)


def dot(x: float, y: float, radius: float, name: str = "", **attributes: str | float | None) -> Svg:
    """A point at a place; its name is shown where a pointer rests on it."""
    tip = (element("title", name),) if name else ()
    return element("circle", *tip, cx=x, cy=y, r=radius, **attributes)


def discs(places: Iterable[tuple[float, float]], radii: Iterable[float]) -> str:
    """The `d` of one path with a filled circle at each place; a thousand points take one element."""
    drawn = []
    for (x, y), r in zip(places, radii, strict=True):
        size, across = coordinate(r), coordinate(2 * r)
        arcs = f"a{size} {size} 0 1 0 {across} 0a{size} {size} 0 1 0 -{across} 0z"
        drawn.append(f"M{coordinate(x - r)} {coordinate(y)}{arcs}")
    return "".join(drawn)


def upright(panel: Panel, x: float, **attributes: str | float | None) -> Svg:
    """A line from top to bottom at a value; nothing beyond the axis."""
    if not panel.x.holds(x):
        return Svg("")
    return line(panel.x.at(x), panel.top, panel.x.at(x), panel.bottom, **attributes)


def level_line(panel: Panel, y: float, **attributes: str | float | None) -> Svg:
    """A line from side to side at a value; nothing beyond the axis."""
    if not panel.y.holds(y):
        return Svg("")
    return line(panel.left, panel.y.at(y), panel.right, panel.y.at(y), **attributes)


def sign_line(paint: Paint, **attributes: str | float | None) -> Svg:
    """A short line for the key."""
    return group(line(0, 0, 24, 0, **attributes), **paint.attributes)


def sign_dot(paint: Paint, **attributes: str | float | None) -> Svg:
    """A point for the key."""
    return group(dot(12, 0, 4.5, "", **attributes), **paint.attributes)


def sign_box(paint: Paint, **attributes: str | float | None) -> Svg:
    """A shaded area for the key."""
    box = element("rect", x=0, y=-6, width=24, height=12, stroke="currentColor", stroke_width=0.6, **attributes)
    return group(box, **paint.attributes)


def _within(
    panel: Panel, first: tuple[float, float], second: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The part of one stroke that lies in the area."""
    (x, y), dx, dy = first, second[0] - first[0], second[1] - first[1]
    enters, leaves = 0.0, 1.0
    for step, room in (
        (-dx, x - panel.left),
        (dx, panel.right - x),
        (-dy, y - panel.top),
        (dy, panel.bottom - y),
    ):
        if step == 0:
            if room < 0:
                return None
        elif step < 0:
            enters = max(enters, room / step)
        else:
            leaves = min(leaves, room / step)
    if enters >= leaves:
        return None
    start = first if enters == 0 else (x + enters * dx, y + enters * dy)
    stop = second if leaves == 1 else (x + leaves * dx, y + leaves * dy)
    return start, stop


def _ticks(axis: PlotAxis, catalogue: Catalogue, most: int = 6) -> list[tuple[float, str]]:
    if axis.ticks is not None:
        return list(axis.ticks(most))
    marks = Scale(low=axis.low, high=axis.high, start=0.0, stop=1.0, log=axis.log).ticks(most)
    return [(tick, catalogue.number(three_figures(tick))) for tick in marks]


def _name_lines(name: str, width: float) -> tuple[str, ...]:
    return wrapped(name, SIZE, width - 2 * _EDGE, 2) if name else ()


def _x_ticks(panel: Panel) -> list[tuple[float, str]]:
    """As many as do not touch each other at this width."""
    for most in range(max(2, int((panel.right - panel.left) / 60)), 1, -1):
        marks = _ticks(panel.x_axis, panel.catalogue, most)
        ends = [
            (panel.x.at(place) - text_width(text, SMALL) / 2, panel.x.at(place) + text_width(text, SMALL) / 2)
            for place, text in marks
        ]
        if all(ends[at + 1][0] - ends[at][1] > 6 for at in range(len(ends) - 1)):
            return marks
    return marks


def _grid(panel: Panel) -> Svg:
    return group(
        *(line(panel.x.at(at), panel.top, panel.x.at(at), panel.bottom, stroke_width=1) for at, _ in _x_ticks(panel)),
        *(
            line(panel.left, panel.y.at(at), panel.right, panel.y.at(at), stroke_width=1)
            for at, _ in _ticks(panel.y_axis, panel.catalogue)
        ),
        **GRID.attributes,
    )


def _axes(panel: Panel) -> Svg:
    side, out = (panel.right, 1) if panel.rtl else (panel.left, -1)
    parts = [
        line(panel.left, panel.bottom, panel.right, panel.bottom, stroke_width=1),
        line(side, panel.top, side, panel.bottom, stroke_width=1),
    ]
    for place, text in _x_ticks(panel):
        x = panel.x.at(place)
        parts += [
            line(x, panel.bottom, x, panel.bottom + 5, stroke_width=1),
            label(text, x, panel.bottom + 6 + SMALL, panel.catalogue, anchor="middle", font_size=SMALL),
        ]
    for place, text in _ticks(panel.y_axis, panel.catalogue):
        y = panel.y.at(place)
        parts += [
            line(side, y, side + out * 5, y, stroke_width=1),
            label(
                text,
                side + out * 8,
                y + 4,
                panel.catalogue,
                anchor="start" if panel.rtl else "end",
                font_size=SMALL,
            ),
        ]
    return group(*parts, **SECONDARY.attributes)


def _axis_names(panel: Panel) -> Svg:
    start, anchor = (panel.width - _EDGE, "end") if panel.rtl else (_EDGE, "start")
    parts = [
        label(text, start, 14 + at * _LEADING, panel.catalogue, anchor=anchor, font_size=SIZE)
        for at, text in enumerate(_name_lines(panel.y_axis.name, panel.width))
    ]
    if panel.x_axis.name:
        shown = wrapped(panel.x_axis.name, SIZE, panel.right - panel.left, 1)[0]
        parts.append(
            label(
                shown,
                (panel.left + panel.right) / 2,
                panel.bottom + 38,
                panel.catalogue,
                anchor="middle",
                font_size=SIZE,
            )
        )
    return join(*parts)


def _legend(panel: Panel, entries: Sequence[PlotKey], y: float) -> tuple[Svg, float]:
    """Signs with their words, in reading order, as many on a line as fit."""
    if not entries:
        return Svg(""), y
    room = panel.width - 2 * _EDGE
    parts: list[Svg] = []
    x, y = 0.0, y + 14.0
    for entry in entries:
        words = wrapped(entry.words, SMALL, room - _SIGN, 1)[0]
        long = _SIGN + text_width(words, SMALL)
        if x > 0 and x + long > room:
            x, y = 0.0, y + 20.0
        at = panel.width - _EDGE - x if panel.rtl else _EDGE + x
        sign = at - 24.0 if panel.rtl else at
        parts += [
            element("g", entry.sign, transform=f"translate({sign:.1f} {y - 4:.1f})"),
            label(
                words,
                at - _SIGN if panel.rtl else at + _SIGN,
                y,
                panel.catalogue,
                anchor="end" if panel.rtl else "start",
                font_size=SMALL,
            ),
        ]
        x += long + 20.0
    return join(*parts), y + 6.0


def _notes(panel: Panel, notes: Sequence[str], y: float) -> tuple[Svg, float]:
    parts: list[Svg] = []
    start, anchor = (panel.width - _EDGE, "end") if panel.rtl else (_EDGE, "start")
    for note in notes:
        for text in wrapped(note, SMALL, panel.width - 2 * _EDGE, 4):
            y += _LEADING
            parts.append(label(text, start, y, panel.catalogue, anchor=anchor, font_size=SMALL))
    return group(*parts, **SECONDARY.attributes), y + (4.0 if notes else 0.0)

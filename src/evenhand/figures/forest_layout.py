"""How a forest plot stands on one picture: columns of text and marks on both sides of an axis, row under row.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

Columns run in reading order, so in Arabic from the right; the axis grows to the right in every language. What the rows
say is the caller's: an assessed effect, plain arrays, an analysis repeated without one study.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evenhand.figures.forest_marks import axis as draw_axis
from evenhand.figures.forest_marks import grid, null_line, pooled_line
from evenhand.figures.palette import ANYWAY, GRID, SECONDARY
from evenhand.figures.scale import Scale
from evenhand.figures.svg import Svg, element, figure, group, label, line
from evenhand.figures.text_width import text_width, wrapped
from evenhand.words.catalogue import Catalogue

Stamp = Callable[[float, float], Svg]  # a mark round a place
AxisMark = Callable[[Scale, float], Svg]  # a mark on the axis, in the row whose middle is y

SIZE, PLOT = 13.0, 300.0
_SMALL, _LEADING = 12.0, 1.2
_ROW, _PADDING, _GUTTER, _MARGIN = 26.0, 11.0, 18.0, 10.0
_NARROWEST_PLOT, _WIDEST_NOTE, _NOTE_LINES = 160.0, 420.0, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its heading, and a text or a mark in each row."""

    heading: str
    cells: tuple[str, ...] = ()  # '' for none
    stamps: tuple[Stamp | None, ...] = ()  # instead of cells
    at_end: bool = True  # cells stand where reading ends, as numbers do
    longest: float = 240.0
    gutter: float = _GUTTER
    over: str = ""  # a heading above it, shared with neighbours that have the same

    @property
    def width(self) -> float:
        """As wide as its widest cell and the widest word of its heading, up to `longest`."""
        widest = max((text_width(cell, SIZE, bold=True) for cell in self.cells if cell), default=0.0)
        heading = max((text_width(word, SIZE, bold=True) for word in self.heading.split()), default=0.0)
        return min(self.longest, max(widest, heading, 22.0 if self.stamps else 40.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its mark on the axis, or words that run over all columns before the axis."""

    mark: AxisMark | None = None
    across: str = ""
    bold: bool = False
    rule_above: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A value to compare with, drawn as a dashed line through all rows."""

    value: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestAxis:
    """The axis, on the scale people read, and the lines that stand on it."""

    low: float
    high: float
    log: bool
    null: float | None = None
    pooled: float | None = None  # carried up through the studies as a dotted line
    thresholds: tuple[Threshold, ...] = ()
    sides: tuple[str, str] | None = None  # what the low and the high end favour
    name: str = ""


def forest_picture(
    rows: Sequence[Row],
    before: Sequence[Column],
    after: Sequence[Column],
    axis: ForestAxis,
    *,
    key: str,
    title: str,
    desc: str,
    catalogue: Catalogue,
    width: float | None = None,
) -> Svg:
    """Rows under headings, with an axis between the columns before it and the columns after it.

    Parameters
    ----------
    width : float or None
        Of the picture; the axis takes what the columns leave, and never less than 160. `None` gives it 300.
    """
    before = _with_room_for(rows, before)
    taken = 2 * _MARGIN + sum(column.width + column.gutter for column in (*before, *after))
    plot = PLOT if width is None else max(_NARROWEST_PLOT, width - taken)
    page = _Page(width=taken + plot, catalogue=catalogue)
    plot_start = _MARGIN + sum(column.width + column.gutter for column in before)
    starts = _starts(before, _MARGIN) + _starts(after, plot_start + plot, gutter_first=True)
    columns = [*before, *after]
    left, right = sorted((page.across(plot_start), page.across(plot_start + plot)))
    scale = Scale(low=axis.low, high=axis.high, start=left + 8, stop=right - 8, log=axis.log)
    top = _head(columns, axis)
    heights = [_height(row, place, columns, _before_width(before)) for place, row in enumerate(rows)]
    tops = [top + sum(heights[:place]) for place in range(len(rows))]
    body = top + sum(heights)
    ticks = scale.ticks()
    parts: list[str] = [
        grid(scale, ticks, top, body),
        null_line(axis.null, scale, top, body + 5),
        pooled_line(axis.pooled, scale, top, body),
        *(_threshold(threshold, scale, top, body) for threshold in axis.thresholds),
        group(line(_MARGIN, top, page.width - _MARGIN, top, stroke_width=1.4), **SECONDARY.attributes),
    ]
    for row, at in zip(rows, tops, strict=True):
        if row.rule_above:
            parts.append(group(line(_MARGIN, at, page.width - _MARGIN, at, stroke_width=1), **GRID.attributes))
    parts += _shared_headings(columns, starts, top, page)
    parts += _threshold_names(axis.thresholds, scale, top, page)
    for column, x in zip(columns, starts, strict=True):
        parts += _heading(column, x, top, page)
        parts += _cells(column, x, rows, tops, heights, page)
    for row, at, height in zip(rows, tops, heights, strict=True):
        if row.across:
            parts += _across(row, at, height, _before_width(before), page)
        if row.mark is not None:
            parts.append(row.mark(scale, at + height / 2))
    parts.append(draw_axis(scale, ticks, body + 5, catalogue))
    height = body + 34.0
    if axis.name:
        shown = wrapped(axis.name, _SMALL, right - left, 1)[0]
        parts.append(
            group(
                label(shown, (left + right) / 2, height + 8, catalogue, anchor="middle", font_size=_SMALL),
                **SECONDARY.attributes,
            )
        )
        height += 16
    if axis.sides is not None:
        parts.append(_sides(axis.sides, left, right, height + 8, catalogue))
        height += 18
    return figure(
        element("g", *parts),
        key=key,
        title=title,
        desc=desc,
        width=page.width,
        height=height,
        catalogue=catalogue,
        class_="figure figure-forest",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What every part of the picture has to know."""

    width: float
    catalogue: Catalogue

    @property
    def rtl(self) -> bool:
        return self.catalogue.direction == "rtl"

    def across(self, x: float) -> float:
        """A place counted from where reading begins, counted from the left."""
        return self.width - x if self.rtl else x

    def text(self, words: str, x: float, y: float, *, at_end: bool = False, bold: bool = False) -> Svg:
        """One line whose start, or end, stands at x counted from where reading begins."""
        anchor = "end" if at_end != self.rtl else "start"
        weight = "700" if bold else None
        return label(words, self.across(x), y, self.catalogue, anchor=anchor, font_size=SIZE, font_weight=weight)


def _starts(columns: Sequence[Column], start: float, *, gutter_first: bool = False) -> list[float]:
    starts = []
    for column in columns:
        start += column.gutter if gutter_first else 0.0
        starts.append(start)
        start += column.width + (0.0 if gutter_first else column.gutter)
    return starts


def _before_width(before: Sequence[Column]) -> float:
    """Room for words that run across the columns before the axis, up to the usual gutter."""
    return sum(column.width + column.gutter for column in before) - _GUTTER


def _with_room_for(rows: Sequence[Row], before: Sequence[Column]) -> list[Column]:
    """The columns, the first one widened where words that run across all of them would need many lines."""
    wanted = max((min(text_width(row.across, SIZE, bold=row.bold), _WIDEST_NOTE) for row in rows), default=0.0)
    missing = wanted / (1.0 if wanted < _WIDEST_NOTE / 2 else 2.0) - _before_width(before)
    if missing <= 0 or not before:
        return list(before)
    first = before[0]
    widened = Column(
        heading=first.heading,
        cells=first.cells,
        at_end=first.at_end,
        longest=first.longest,
        gutter=first.gutter + missing,
        over=first.over,
    )
    return [widened, *before[1:]]


def _lines(words: str, column: Column, *, bold: bool) -> tuple[str, ...]:
    return wrapped(words, SIZE * (1.06 if bold else 1.0), column.width + 1, 2)


def _height(row: Row, place: int, columns: Sequence[Column], room: float) -> float:
    most = max(
        (len(_lines(c.cells[place], c, bold=row.bold)) for c in columns if c.cells and c.cells[place]), default=1
    )
    if row.across:
        most = max(most, len(wrapped(row.across, SIZE * (1.06 if row.bold else 1.0), room, _NOTE_LINES)))
    return max(_ROW, most * _LEADING * SIZE + _PADDING)


def _head(columns: Sequence[Column], axis: ForestAxis) -> float:
    deepest = max((len(_heading_lines(column)) for column in columns), default=1)
    shared = 20.0 if any(column.over for column in columns) else 0.0
    named = 16.0 * len(axis.thresholds)
    return max(deepest * _LEADING * SIZE + 14.0 + shared, named + 14.0)


def _heading_lines(column: Column) -> tuple[str, ...]:
    return wrapped(column.heading, SIZE * 1.06, column.width + 1, 3)


def _heading(column: Column, x: float, top: float, page: _Page) -> list[Svg]:
    lines = _heading_lines(column)
    if column.stamps:
        middle = page.across(x + column.width / 2)
        return [
            label(
                text,
                middle,
                top - 9 - (len(lines) - 1 - at) * _LEADING * SIZE,
                page.catalogue,
                anchor="middle",
                font_size=SIZE,
                font_weight="700",
            )
            for at, text in enumerate(lines)
        ]
    return [
        page.text(
            text,
            x + (column.width if column.at_end else 0.0),
            top - 9 - (len(lines) - 1 - at) * _LEADING * SIZE,
            at_end=column.at_end,
            bold=True,
        )
        for at, text in enumerate(lines)
    ]


def _shared_headings(columns: Sequence[Column], starts: Sequence[float], top: float, page: _Page) -> list[Svg]:
    """Headings over several columns, with a fine rule below them."""
    parts: list[Svg] = []
    place = 0
    while place < len(columns):
        stop = place + 1
        while stop < len(columns) and columns[stop].over == columns[place].over:
            stop += 1
        if columns[place].over:
            deepest = max(len(_heading_lines(column)) for column in columns)
            y = top - 9 - deepest * _LEADING * SIZE - 4
            first, last = starts[place], starts[stop - 1] + columns[stop - 1].width
            shown = wrapped(columns[place].over, SIZE * 1.06, last - first + _GUTTER, 1)[0]
            middle = page.across((first + last) / 2)
            parts += [
                label(shown, middle, y, page.catalogue, anchor="middle", font_size=SIZE, font_weight="700"),
                group(
                    line(page.across(first), y + 4, page.across(last), y + 4, stroke_width=1), **SECONDARY.attributes
                ),
            ]
        place = stop
    return parts


def _cells(
    column: Column, x: float, rows: Sequence[Row], tops: Sequence[float], heights: Sequence[float], page: _Page
) -> list[Svg]:
    parts: list[Svg] = []
    for place, row in enumerate(rows):
        middle = tops[place] + heights[place] / 2
        if column.stamps:
            stamp = column.stamps[place]
            parts += [] if stamp is None else [stamp(page.across(x + column.width / 2), middle)]
        elif column.cells[place]:
            at = x + (column.width if column.at_end else 0.0)
            parts += _paragraph(
                _lines(column.cells[place], column, bold=row.bold), at, middle, page, column.at_end, row.bold
            )
    return parts


def _across(row: Row, top: float, height: float, room: float, page: _Page) -> list[Svg]:
    lines = wrapped(row.across, SIZE * (1.06 if row.bold else 1.0), room, _NOTE_LINES)
    parts = _paragraph(lines, _MARGIN, top + height / 2, page, at_end=False, bold=row.bold)
    return parts if row.bold else [group(*parts, **SECONDARY.attributes)]


def _paragraph(lines: Sequence[str], x: float, middle: float, page: _Page, at_end: bool, bold: bool) -> list[Svg]:
    """Lines round the middle of their row."""
    first = middle + 4.5 - 0.5 * _LEADING * SIZE * (len(lines) - 1)
    return [page.text(text, x, first + at * _LEADING * SIZE, at_end=at_end, bold=bold) for at, text in enumerate(lines)]


def _threshold(threshold: Threshold, scale: Scale, top: float, bottom: float) -> Svg:
    if not scale.holds(threshold.value):
        return Svg("")
    x = scale.at(threshold.value)
    return group(line(x, top, x, bottom, stroke_width=1.2, stroke_dasharray="6 3"), **ANYWAY.attributes)


def _threshold_names(thresholds: Sequence[Threshold], scale: Scale, top: float, page: _Page) -> list[Svg]:
    """Each on a line of its own above the axis, so that they never meet; a short stroke leads down."""
    parts: list[Svg] = []
    shown = [threshold for threshold in thresholds if scale.holds(threshold.value)]
    for level, threshold in enumerate(shown):
        x, y = scale.at(threshold.value), top - 8 - 16.0 * level
        name = wrapped(threshold.name, _SMALL, scale.stop - scale.start, 1)[0] if threshold.name else ""
        half = text_width(name, _SMALL) / 2
        middle = min(max(x, scale.start + half), scale.stop - half)
        parts.append(
            group(
                label(name, middle, y, page.catalogue, anchor="middle", font_size=_SMALL),
                **SECONDARY.attributes,
            )
        )
    return parts


def _sides(sides: tuple[str, str], left: float, right: float, y: float, catalogue: Catalogue) -> Svg:
    """Whom each side favours, at the ends of the axis, with arrows that point there."""
    low, high = (wrapped(words, _SMALL, (right - left) / 2 - 24, 1)[0] if words else "" for words in sides)
    return group(
        *(
            (label("←", left, y, catalogue, font_size=_SMALL), label(low, left + 16, y, catalogue, font_size=_SMALL))
            if low
            else ()
        ),
        *(
            (
                label("→", right, y, catalogue, anchor="end", font_size=_SMALL),
                label(high, right - 16, y, catalogue, anchor="end", font_size=_SMALL),
            )
            if high
            else ()
        ),
        **SECONDARY.attributes,
    )

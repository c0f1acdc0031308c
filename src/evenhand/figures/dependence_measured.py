"""What anybody measured, by dose: one row a result, for a dependence that nobody has modelled.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

No line is drawn through the results: they come from unequal kinds of studies. A mark's shape says which kind; it is
solid where people were counted or described, open where somebody only says so, dashed where no figure was reported.
"""

from dataclasses import dataclass

from evenhand.dossier.records import Dependence, Design, Status
from evenhand.figures.counts import three_figures
from evenhand.figures.data_table import DataTable
from evenhand.figures.dependence_frame import Frame
from evenhand.figures.legend import KeyEntry
from evenhand.figures.palette import GRID, SECONDARY, paint_of
from evenhand.figures.scale import Scale
from evenhand.figures.svg import Svg, element, figure, group, isolated, join, label, line, polyline
from evenhand.figures.text_width import wrapped
from evenhand.figures.ticks import nice_end
from evenhand.outlook.absolute import DrawnDependence, MeasuredPoint
from evenhand.words.catalogue import Catalogue, Raw

_SIZE, _SMALL = 13.0, 12.0
_LINE, _BASELINE = 16.0, 12.0
_HEAD, _BETWEEN, _MARK_ROW = 34.0, 12.0, 18.0
_LABELS, _RESULTS, _INDENT = 240.0, 190.0, 22.0
# Doses this far apart leave nothing to see of the small ones on a linear axis.
_LOG_RATIO = 30.0
_SHAPES: dict[str, tuple[tuple[float, float], ...]] = {
    Design.COMPARATIVE: ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    Design.ONE_ARM: ((0, -1.2), (1.15, 0.9), (-1.15, 0.9)),
    Design.SURVEY: ((0, 1.2), (1.15, -0.9), (-1.15, -0.9)),
    Design.CASE_REPORT: ((0, -1.35), (1.35, 0), (0, 1.35), (-1.35, 0)),
    Design.NOTICE: ((-1.3, -0.6), (1.3, -0.6), (1.3, 0.6), (-1.3, 0.6)),
    Design.ANIMAL: ((0, -1.3), (1.25, -0.4), (0.8, 1.1), (-0.8, 1.1), (-1.25, -0.4)),
    Design.LABORATORY: (
        (-0.45, -1.25), (0.45, -1.25), (0.45, -0.45), (1.25, -0.45), (1.25, 0.45), (0.45, 0.45),
        (0.45, 1.25), (-0.45, 1.25), (-0.45, 0.45), (-1.25, 0.45), (-1.25, -0.45), (-0.45, -0.45),
    ),
    Design.REVIEW: ((-0.6, -1.2), (0.6, -1.2), (1.25, 0), (0.6, 1.2), (-0.6, 1.2), (-1.25, 0)),
}  # fmt: skip
_SOLID = frozenset({Status.COUNTED, Status.HAPPENED})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One result laid out: its lines of text, and how high that makes it."""

    point: MeasuredPoint
    name: tuple[str, ...]  # study and group
    regimen: tuple[str, ...]
    result: tuple[str, ...]
    name_height: float  # of name and regimen
    height: float


def measured_picture(dependence: Dependence, drawn: DrawnDependence, frame: Frame) -> Svg:
    """Results with a dose along an axis of dose; those without one in a strip of their own below."""
    with_dose = tuple(_row(point, frame) for point in drawn.measured if point.dose_mg is not None)
    without = tuple(_row(point, frame) for point in drawn.measured if point.dose_mg is None)
    start = 2.0 if frame.narrow else _LABELS
    left, right = sorted((frame.across(start), frame.across(frame.width - _result_room(frame))))
    scale = _dose_scale(tuple(row.point for row in with_dose), left + 10, right - 10)
    parts: list[str] = []
    y = 4.0
    if scale is not None:
        y = _HEAD
        middles = []
        for row in with_dose:
            middles.append(y + _middle(row, frame))
            parts.append(_on_axis(row, y, scale, frame))
            y += row.height
        parts.insert(0, _axis(scale, _HEAD - 4, tuple(middles), y, frame))
        y += 34
    if without:
        parts += [
            group(line(2, y - 2, frame.width - 2, y - 2, stroke_width=1), **GRID.attributes) if with_dose else "",
            _start_label(frame.catalogue.text("figures.dependence.no_dose"), 2, y + 16, frame, font_weight="600"),
        ]
        y += 26
        for row in without:
            parts.append(_off_axis(row, y, frame))
            y += row.height
    return figure(
        *parts,
        key=frame.key,
        title=frame.catalogue.say(dependence.title),
        desc=_desc(drawn, frame),
        width=frame.width,
        height=max(y, 40.0) + 4,
        catalogue=frame.catalogue,
        class_=frame.class_,
    )


def measured_legend(_dependence: Dependence, drawn: DrawnDependence, frame: Frame) -> tuple[KeyEntry, ...]:
    """The marks of the study designs that occur, then those of the ways a result was reported."""
    designs = [design for design in Design if any(point.design == design for point in drawn.measured)]
    by_design = [
        (
            f"design-{design.name.lower()}",
            _mark(design, Status.COUNTED, 8, 8, frame),
            design_word(design, frame.catalogue),
        )
        for design in designs
    ]
    statuses = {
        "solid": (Status.COUNTED, any(point.status in _SOLID for point in drawn.measured)),
        "open": (Status.SAID, any(point.status in (Status.SAID, Status.DIRECTION) for point in drawn.measured)),
        "dashed": (Status.NOT_REPORTED, any(point.status == Status.NOT_REPORTED for point in drawn.measured)),
    }
    by_status = [
        (
            f"status-{name}",
            _mark(Design.RANDOMISED, status, 8, 8, frame),
            frame.catalogue.text(f"figures.dependence.mark.{name}"),
        )
        for name, (status, occurs) in statuses.items()
        if occurs
    ]
    return tuple(
        KeyEntry(
            svg=figure(
                mark,
                key=f"{frame.key}-{name}",
                title=frame.catalogue.text("figures.dependence.mark.title"),
                desc=words,
                width=16,
                height=16,
                catalogue=frame.catalogue,
                class_="figure-mark",
            ),
            words=words,
        )
        for name, mark, words in by_design + by_status
    )


def measured_table(_dependence: Dependence, drawn: DrawnDependence, frame: Frame) -> DataTable:
    """Every result with all that is known of its regimen; `not reported` is written out, never left empty."""
    catalogue = frame.catalogue
    names = ("study", "arm", "design", "dose", "frequency", "weeks", "total", "result")
    return DataTable(
        columns=tuple(catalogue.text(f"figures.dependence.column.{name}") for name in names),
        rows=tuple(
            (
                frame.label_of(point.study),
                point.arm,
                design_word(point.design, catalogue),
                _number_or_not(point.dose_mg, catalogue),
                _number_or_not(point.sessions_per_week, catalogue),
                _number_or_not(point.weeks, catalogue),
                _number_or_not(total_dose_mg(point), catalogue),
                result_words(point, catalogue),
            )
            for point in drawn.measured
        ),
    )


def total_dose_mg(point: MeasuredPoint) -> float | None:
    """Dose of the whole course; `None` where any part of the regimen is not reported."""
    if point.dose_mg is None or point.sessions_per_week is None or point.weeks is None:
        return None
    return point.dose_mg * point.sessions_per_week * point.weeks


def design_word(design: str, catalogue: Catalogue) -> str:
    """A study's design in the reader's language."""
    return catalogue.text(f"figures.design.{design.replace(' ', '_')}")


def result_words(point: MeasuredPoint, catalogue: Catalogue) -> str:
    """`8 of 25`, a direction, that it happened, that somebody says so, or that it is not reported."""
    if point.status == Status.DIRECTION and point.direction is not None:
        return catalogue.text(f"figures.dependence.direction.{point.direction.replace(' ', '_')}")
    if point.status == Status.HAPPENED:
        if point.events is None:
            return catalogue.text("figures.dependence.happened")
        return catalogue.text("figures.dependence.happened_to", n=point.events)
    if point.status == Status.SAID:
        return catalogue.text("figures.dependence.said")
    if point.status == Status.COUNTED and point.n is not None:
        if point.events is None:
            return catalogue.text("figures.dependence.scale", n=point.n)
        return catalogue.text("figures.dependence.counted", events=point.events, total=point.n)
    return catalogue.text("figures.not_reported")


def _regimen_words(point: MeasuredPoint, catalogue: Catalogue) -> str:
    parts = []
    if point.dose_mg is not None:
        parts.append(catalogue.text("figures.dependence.dose", dose=three_figures(point.dose_mg)))
    if point.sessions_per_week is not None:
        parts.append(catalogue.text("figures.dependence.a_week", n=three_figures(point.sessions_per_week)))
    if point.weeks is not None:
        parts.append(catalogue.text("figures.dependence.weeks", n=three_figures(point.weeks)))
    return str(catalogue.messages["list.comma"]).join(parts)


def _number_or_not(value: float | None, catalogue: Catalogue) -> str:
    return catalogue.text("figures.not_reported") if value is None else catalogue.number(three_figures(value))


def _dose_scale(points: tuple[MeasuredPoint, ...], start: float, stop: float) -> Scale | None:
    doses = [point.dose_mg for point in points if point.dose_mg is not None]
    if not doses:
        return None
    positive = [dose for dose in doses if dose > 0]
    if len(positive) == len(doses) and max(doses) / min(doses) > _LOG_RATIO:
        return Scale(low=min(doses) / 1.3, high=max(doses) * 1.3, start=start, stop=stop, log=True)
    return Scale(low=0.0, high=nice_end(max(doses)), start=start, stop=stop)


def _axis(scale: Scale, top: float, rows: tuple[float, ...], bottom: float, frame: Frame) -> Svg:
    """Ticks of dose: lines through all rows, or short ones on each row where names stand above the row."""
    catalogue = frame.catalogue
    parts = []
    for tick in scale.ticks(4 if frame.narrow else 5):
        x = scale.at(tick)
        if frame.narrow:
            lines = [line(x, middle - 4, x, middle + 4, stroke_width=1) for middle in rows]
        else:
            lines = [line(x, top, x, bottom + 4, stroke_width=1)]
        number = catalogue.number(three_figures(tick))
        parts += [
            group(*lines, **GRID.attributes),
            group(
                label(number, x, bottom + 18, catalogue, anchor="middle", font_size=_SMALL),
                **SECONDARY.attributes,
            ),
        ]
    title = catalogue.text("figures.dependence.column.dose")
    at, anchor = ((scale.start + scale.stop) / 2, "middle")
    if frame.narrow:
        at, anchor = (frame.width - 2, "end") if frame.rtl else (2.0, "start")
    parts.append(label(title, at, 16, catalogue, anchor=anchor, font_size=_SIZE, font_weight="600"))
    return join(*parts)


def _result_room(frame: Frame) -> float:
    return 118.0 if frame.narrow else _RESULTS


def _row(point: MeasuredPoint, frame: Frame) -> _Row:
    """Break a result's words into lines; in the narrow picture its name has the whole width."""
    catalogue = frame.catalogue
    dosed = point.dose_mg is not None
    room = frame.width - 8 if frame.narrow else _LABELS - 10 if dosed else frame.width - _RESULTS - _INDENT - 10
    if frame.narrow and not dosed:
        room -= _INDENT
    result_room = frame.width - _INDENT - 4 if frame.narrow and not dosed else _result_room(frame) - 8
    name = f"{frame.label_of(point.study)}, {point.arm}" if point.arm else frame.label_of(point.study)
    regimen = _regimen_words(point, catalogue)
    name_lines = wrapped(name, _SIZE, room, 4)
    regimen_lines = wrapped(regimen, _SMALL, room, 2)
    result_lines = wrapped(result_words(point, catalogue), _SIZE, result_room, 3)
    name_height = _LINE * (len(name_lines) + len(regimen_lines))
    result_height = _LINE * len(result_lines)
    if frame.narrow:
        height = name_height + (max(_MARK_ROW, result_height) if dosed else result_height)
    else:
        height = max(name_height, result_height)
    return _Row(
        point=point,
        name=name_lines,
        regimen=regimen_lines,
        result=result_lines,
        name_height=name_height,
        height=height + _BETWEEN,
    )


def _middle(row: _Row, frame: Frame) -> float:
    """From a row's top to its mark: beside its name, or below it in the narrow picture."""
    if frame.narrow:
        return row.name_height + _MARK_ROW / 2 + 2
    return (row.height - _BETWEEN) / 2


def _on_axis(row: _Row, top: float, scale: Scale, frame: Frame) -> Svg:
    """A result with a dose: whose it is, its mark, what came of it."""
    middle = top + _middle(row, frame)
    name_top = top if frame.narrow else middle - row.name_height / 2
    guide = group(line(scale.start, middle, scale.stop, middle, stroke_width=1), **GRID.attributes)
    return join(
        guide,
        _names(row, 2, name_top, frame),
        _result(row, frame.width - 2, middle - _LINE * len(row.result) / 2, frame, at_end=True),
        _mark(row.point.design, row.point.status, scale.at(row.point.dose_mg or 0.0), middle, frame),
    )


def _off_axis(row: _Row, top: float, frame: Frame) -> Svg:
    """A result that stands nowhere on the axis: its mark before its name."""
    mark = _mark(row.point.design, row.point.status, frame.across(10), top + _LINE / 2, frame)
    if frame.narrow:
        result = _result(row, 2 + _INDENT, top + row.name_height, frame, at_end=False)
    else:
        result = _result(row, frame.width - 2, top, frame, at_end=True)
    return join(mark, _names(row, 2 + _INDENT, top, frame), result)


def _names(row: _Row, x: float, top: float, frame: Frame) -> Svg:
    """Study and group, and under them the regimen."""
    names = [
        _start_label(isolated(text), x, top + _BASELINE + place * _LINE, frame) for place, text in enumerate(row.name)
    ]
    below = top + _LINE * len(row.name) + _BASELINE
    regimen = [
        _start_label(text, x, below + place * _LINE, frame, size=_SMALL) for place, text in enumerate(row.regimen)
    ]
    return join(*names, group(*regimen, **SECONDARY.attributes))


def _start_label(
    text: str, x: float, y: float, frame: Frame, *, size: float = _SIZE, font_weight: str | None = None
) -> Svg:
    """A line that begins where reading begins, `x` from that side."""
    anchor = "end" if frame.rtl else "start"
    return label(text, frame.across(x), y, frame.catalogue, anchor=anchor, font_size=size, font_weight=font_weight)


def _result(row: _Row, x: float, top: float, frame: Frame, *, at_end: bool) -> Svg:
    return join(
        *(
            label(
                text,
                frame.across(x),
                top + _BASELINE + place * _LINE,
                frame.catalogue,
                anchor="end" if at_end != frame.rtl else "start",
                font_size=_SIZE,
                font_weight="700" if row.point.status in _SOLID else None,
            )
            for place, text in enumerate(row.result)
        )
    )


def _mark(design: str, status: str, x: float, y: float, frame: Frame) -> Svg:
    look: dict[str, str | float | None] = {
        "fill": "currentColor" if status in _SOLID else "none",
        "stroke": "currentColor",
        "stroke_width": 1.8,
        "stroke_dasharray": "2 1.6" if status == Status.NOT_REPORTED else None,
    }
    size = 5.0
    if design in _SHAPES:
        shape = element(
            "path", d=polyline([(x + size * dx, y + size * dy) for dx, dy in _SHAPES[design]], closed=True), **look
        )
    else:
        shape = element("circle", cx=x, cy=y, r=5.4, **look)
    return group(shape, **paint_of(frame.hand).attributes)


def _desc(drawn: DrawnDependence, frame: Frame) -> str:
    catalogue = frame.catalogue
    sentences = [
        catalogue.text(
            "figures.dependence.measured_row",
            name=Raw(isolated(f"{frame.label_of(point.study)}, {point.arm}")),
            dose=Raw(
                catalogue.text("figures.dependence.no_dose")
                if point.dose_mg is None
                else catalogue.text("figures.dependence.dose", dose=three_figures(point.dose_mg))
            ),
            result=Raw(result_words(point, catalogue)),
        )
        for point in drawn.measured
    ]
    return " ".join(sentences) or catalogue.text("figures.nothing")

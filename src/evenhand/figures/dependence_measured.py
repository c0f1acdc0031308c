"""What anybody measured, by dose: one row a result, for a dependence that nobody has modelled.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

No line is drawn through the results: they come from unequal kinds of studies. A mark's shape says which kind; it is
solid where people were counted or described, open where somebody only says so, dashed where no figure was reported.
"""

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
_ROW, _HEAD = 44.0, 34.0
_LABELS, _RESULTS = 240.0, 190.0
_NARROW_ROW, _NARROW_ROW_WITHOUT_DOSE = 60.0, 42.0
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


def measured_picture(dependence: Dependence, drawn: DrawnDependence, frame: Frame) -> Svg:
    """Results with a dose along an axis of dose; those without one in a strip of their own below."""
    with_dose = tuple(point for point in drawn.measured if point.dose_mg is not None)
    without = tuple(point for point in drawn.measured if point.dose_mg is None)
    label_room = 2.0 if frame.narrow else _LABELS
    result_room = 118.0 if frame.narrow else _RESULTS
    left, right = sorted((frame.across(label_room), frame.across(frame.width - result_room)))
    scale = _dose_scale(with_dose, left + 10, right - 10)
    row = _NARROW_ROW if frame.narrow else _ROW
    bottom = _HEAD + row * len(with_dose)
    parts: list[str] = []
    if scale is not None:
        tops = [_HEAD + row * place for place in range(len(with_dose))]
        middles = tuple(top + _middle_of_row(frame) for top in tops)
        parts.append(_axis(scale, _HEAD - 4, middles, bottom, frame))
        parts += [_row(point, top, scale, frame) for point, top in zip(with_dose, tops, strict=True)]
    below = bottom + (34 if with_dose else -_HEAD + 6)
    if without:
        heading = label(
            frame.catalogue.text("figures.dependence.no_dose"),
            frame.across(2),
            below + 14,
            frame.catalogue,
            anchor="end" if frame.rtl else "start",
            font_size=_SIZE,
            font_weight="600",
        )
        rule = group(line(2, below - 4, frame.width - 2, below - 4, stroke_width=1), **GRID.attributes)
        parts += [rule, heading]
        below += 24
        row = _NARROW_ROW_WITHOUT_DOSE if frame.narrow else _ROW
        parts += [_row_without_dose(point, below + row * place, frame) for place, point in enumerate(without)]
        below += row * len(without)
    return figure(
        *parts,
        key=frame.key,
        title=frame.catalogue.say(dependence.title),
        desc=_desc(drawn, frame),
        width=frame.width,
        height=max(below, 40.0) + 4,
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


def _middle_of_row(frame: Frame) -> float:
    """From a row's top to its mark."""
    return _NARROW_ROW - 16 if frame.narrow else _ROW / 2


def _row(point: MeasuredPoint, top: float, scale: Scale, frame: Frame) -> Svg:
    """A result with a dose: whose it is, its mark, what came of it."""
    middle = top + _middle_of_row(frame)
    room = (116.0 if frame.narrow else _RESULTS) - 8
    guide = group(line(scale.start, middle, scale.stop, middle, stroke_width=1), **GRID.attributes)
    return join(
        guide,
        _names(point, top + (14 if frame.narrow else _ROW / 2 - 2), frame),
        _result(point, frame.width - 2, middle + 4.5, room, frame, at_end=True),
        _mark(point.design, point.status, scale.at(point.dose_mg or 0.0), middle, frame),
    )


def _row_without_dose(point: MeasuredPoint, top: float, frame: Frame) -> Svg:
    """A result that stands nowhere on the axis; in the narrow picture its words stand under its name."""
    if frame.narrow:
        regimen = 15 if _regimen_words(point, frame.catalogue) else 0
        return join(
            _names(point, top + 12, frame),
            _result(point, 2, top + 28 + regimen, frame.width - 4, frame, at_end=False),
        )
    middle = top + _ROW / 2
    return join(
        _names(point, middle - 2, frame),
        _result(point, frame.width - 2, middle + 4.5, frame.width - _LABELS - 20, frame, at_end=True),
    )


def _names(point: MeasuredPoint, y: float, frame: Frame) -> Svg:
    """Study and group, and under them the regimen."""
    catalogue = frame.catalogue
    anchor = "end" if frame.rtl else "start"
    room = frame.width - 8 if frame.narrow else _LABELS - 10
    name = f"{frame.label_of(point.study)}, {point.arm}" if point.arm else frame.label_of(point.study)
    regimen = _regimen_words(point, catalogue)
    # A name alone stands in the middle of its two lines, beside its result.
    shift = 0.0 if regimen or frame.narrow else 6.5
    shown = wrapped(name, _SIZE, room, 1)[0]
    first = label(isolated(shown), frame.across(2), y + shift, catalogue, anchor=anchor, font_size=_SIZE)
    if not regimen:
        return first
    second = label(
        wrapped(regimen, _SMALL, room, 1)[0], frame.across(2), y + 15, catalogue, anchor=anchor, font_size=_SMALL
    )
    return join(first, group(second, **SECONDARY.attributes))


def _result(point: MeasuredPoint, x: float, y: float, room: float, frame: Frame, *, at_end: bool) -> Svg:
    lines = wrapped(result_words(point, frame.catalogue), _SIZE, room, 2)
    top = y - 8.0 * (len(lines) - 1)
    return join(
        *(
            label(
                text,
                frame.across(x),
                top + place * 16,
                frame.catalogue,
                anchor="end" if at_end != frame.rtl else "start",
                font_size=_SIZE,
                font_weight="700" if point.status in _SOLID else None,
            )
            for place, text in enumerate(lines)
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

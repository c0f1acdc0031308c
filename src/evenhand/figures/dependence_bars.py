"""One bar a line of a dependence, with its interval and its number.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from evenhand.dossier.records import Dependence, Words
from evenhand.figures.counts import amount_and_range, three_figures
from evenhand.figures.data_table import DataTable
from evenhand.figures.dependence_frame import Frame
from evenhand.figures.palette import GRID, PAPER, SECONDARY, paint_of
from evenhand.figures.scale import Scale
from evenhand.figures.svg import Svg, element, figure, group, join, label, line
from evenhand.figures.text_width import text_width, wrapped
from evenhand.figures.ticks import nice_end
from evenhand.outlook.absolute import CurveLine, DrawnDependence
from evenhand.words.catalogue import Raw

_SIZE = 13.0
_LABELS, _HEAD = 210.0, 30.0


def bars_picture(dependence: Dependence, drawn: DrawnDependence, frame: Frame) -> Svg:
    """All bars on one axis that holds zero; it grows to the right in every language."""
    bars = tuple(one for one in drawn.lines if one.points)
    numbers = [amount_and_range(one.points[0].value, drawn.unit, frame.catalogue) for one in bars]
    value_room = max([text_width(number, _SIZE, bold=True) for number in numbers], default=60.0) + 14
    label_room = 0.0 if frame.narrow else _LABELS
    # Names stand before the bars and numbers after them, in reading order; the bars' own axis does not turn round.
    left, right = sorted((frame.across(label_room + 2), frame.across(frame.width - value_room)))
    row = 52.0 if frame.narrow else 38.0
    scale = _scale(bars, left + 8, right - 8)
    bottom = _HEAD + row * len(bars)
    return figure(
        _axis(scale, len(bars), row, drawn, frame),
        *(
            _bar(one, number, _HEAD + row * place, row, scale, frame)
            for place, (one, number) in enumerate(zip(bars, numbers, strict=True))
        ),
        key=frame.key,
        title=frame.catalogue.say(dependence.title),
        desc=_desc(bars, numbers, drawn, frame),
        width=frame.width,
        height=bottom + 28,
        catalogue=frame.catalogue,
        class_=frame.class_,
    )


def bars_table(_dependence: Dependence, drawn: DrawnDependence, frame: Frame) -> DataTable:
    """Value and 95 % limits of every bar."""
    catalogue = frame.catalogue
    return DataTable(
        columns=("", frame.unit_words(drawn)),
        rows=tuple(
            (_name(one), amount_and_range(one.points[0].value, drawn.unit, catalogue))
            for one in drawn.lines
            if one.points
        ),
    )


def _name(one: CurveLine) -> Words | str:
    return one.name if isinstance(one.name, Words) else str(one.name)


def _scale(bars: tuple[CurveLine, ...], start: float, stop: float) -> Scale:
    ends = [end for one in bars for end in (one.points[0].value.lower, one.points[0].value.upper)]
    lowest, highest = min([0.0, *ends]), max([0.0, *ends])
    low = -nice_end(-lowest) if lowest < 0 else 0.0
    return Scale(low=low, high=nice_end(highest) if highest > 0 or low == 0 else 0.0, start=start, stop=stop)


def _axis(scale: Scale, bars: int, row: float, drawn: DrawnDependence, frame: Frame) -> Svg:
    """Ticks with their lines: through all bars, or along each bar alone where names stand above the bars."""
    catalogue = frame.catalogue
    bottom = _HEAD + row * bars
    parts = []
    for tick in scale.ticks(4 if frame.narrow else 6):
        x = scale.at(tick)
        middles = [_HEAD + row * place + _middle(row, frame) for place in range(bars)]
        spans = [(middle - 12, middle + 12) for middle in middles] if frame.narrow else [(_HEAD - 4, bottom + 4)]
        number = label(catalogue.number(three_figures(tick)), x, bottom + 18, catalogue, anchor="middle", font_size=12)
        parts += [
            group(
                *(line(x, top, x, end, stroke_width=1) for top, end in spans),
                **(SECONDARY if tick == 0 else GRID).attributes,
            ),
            group(number, **SECONDARY.attributes),
        ]
    unit = frame.unit_words(drawn)
    at, anchor = (frame.width - 2, "end") if frame.rtl else (2.0, "start")
    parts.append(label(unit, at, 14, catalogue, anchor=anchor, font_size=_SIZE, font_weight="600"))
    return join(*parts)


def _middle(row: float, frame: Frame) -> float:
    """From a row's top to the middle of its bar."""
    return row - 14 if frame.narrow else row / 2


def _bar(one: CurveLine, number: str, top: float, row: float, scale: Scale, frame: Frame) -> Svg:
    value, thick = one.points[0].value, 16.0
    middle = top + _middle(row, frame)
    zero, end = scale.at(0.0), scale.at(value.value)
    bar = element(
        "rect",
        x=min(zero, end),
        y=middle - thick / 2,
        width=max(abs(end - zero), 0.75),
        height=thick,
        fill="currentColor",
        fill_opacity=0.8,
    )
    low, high = scale.at(value.lower), scale.at(value.upper)
    # A pale line under the whisker keeps it visible on the bar itself.
    whisker = (
        Svg("")
        if low == high
        else join(
            group(line(low, middle, high, middle, stroke_width=4.5), **PAPER.attributes),
            group(
                line(low, middle, high, middle, stroke_width=1.6),
                line(low, middle - 5, low, middle + 5, stroke_width=1.6),
                line(high, middle - 5, high, middle + 5, stroke_width=1.6),
            ),
        )
    )
    start, stop = ("end", "start") if frame.rtl else ("start", "end")
    name_y = top + 18 if frame.narrow else middle + 4.5
    room = frame.width - 8 if frame.narrow else _LABELS - 6
    lines = wrapped(frame.catalogue.say(_name(one)), _SIZE, room, 1 if frame.narrow else 2)
    shift = 0.0 if frame.narrow else 8.0 * (len(lines) - 1)
    names = [
        label(text, frame.across(2), name_y - shift + place * 16, frame.catalogue, anchor=start, font_size=_SIZE)
        for place, text in enumerate(lines)
    ]
    shown = label(
        number,
        frame.across(frame.width - 2),
        middle + 4.5,
        frame.catalogue,
        anchor=stop,
        font_size=_SIZE,
        font_weight="700",
    )
    return join(group(bar, **paint_of(frame.hand).attributes), whisker, *names, shown)


def _desc(bars: tuple[CurveLine, ...], numbers: list[str], drawn: DrawnDependence, frame: Frame) -> str:
    catalogue = frame.catalogue
    unit = catalogue.say(frame.unit_words(drawn))
    sentences = [
        catalogue.text("figures.dependence.bar", name=_name(one), numbers=Raw(number), unit=unit)
        for one, number in zip(bars, numbers, strict=True)
    ]
    return " ".join(sentences) or catalogue.text("figures.nothing")

"""A table for a terminal: names, figures, and a forest plot drawn with characters.

Pipeline: dossier → integrity → effects → synthesis → workbench → [report]
"""

import math
import unicodedata
from collections.abc import Callable, Sequence

from evenhand.figures.scale import Scale

_WIDTH = 80  # characters of the whole, as a terminal has at the least
_WIDEST_FOREST, _LEAST_FOREST = 33, 17  # characters of the drawn axis
_LONGEST_LABEL = 32  # for a start; shorter where the figures need the room
_SAME_TENFOLD = 1e-12
_SHORTEST_LABEL = 8
Limits = tuple[float, float, float]  # estimate, lower, upper
TextRow = tuple[str, str, str, Limits | None, str]  # name, figures, a share, what is drawn and its mark


def forest_axis(limits: Sequence[Limits], width: int, *, log: bool, null: float | None) -> Scale | None:
    """From the lowest to the highest estimate and a little beyond: a very wide interval does not set the axis.

    Parameters
    ----------
    limits : sequence of (estimate, lower, upper)
        Of all rows, on the scale people read.
    width : int
        Characters of the axis.
    log : bool
        Whether they are ratios.
    null : float or None
        No effect, on the same scale.
    """
    estimates = [one[0] for one in limits if math.isfinite(one[0])]
    narrow = [end for one in limits for end in one[1:] if math.isfinite(end)]
    if not narrow or (log and min(narrow) <= 0):
        return None
    ends = sorted(narrow)
    also = [] if null is None else [null]
    low, high = min([*estimates, *also, ends[len(ends) // 5]]), max([*estimates, *also, ends[-1 - len(ends) // 5]])
    if high - low <= _SAME_TENFOLD * max(1.0, abs(high)):
        return None
    return Scale(low=low, high=high, start=0, stop=width - 1, log=log)


def _drawn(limits: Limits | None, scale: Scale | None, mark: str) -> str:
    if limits is None or scale is None or not all(map(math.isfinite, limits)):
        return ""
    width = int(scale.stop) + 1
    cells = [" "] * width
    if scale.holds(0.0 if not scale.log else 1.0):
        cells[round(scale.at(1.0 if scale.log else 0.0))] = "┊"
    start, stop = round(scale.at(limits[1])), round(scale.at(limits[2]))
    if scale.at(limits[1]) < width - 1 and scale.at(limits[2]) > 0:
        cells[start : stop + 1] = "─" * (stop + 1 - start)
    if limits[1] < scale.low:
        cells[0] = "◂"
    if limits[2] > scale.high:
        cells[-1] = "▸"
    if mark:
        cells[round(scale.at(limits[0]))] = mark
    return "".join(cells).rstrip()


def forest_lines(rows: Sequence[TextRow], axis: Callable[[int], Scale | None]) -> list[str]:
    """Lines of `_WIDTH` at most: the forest is drawn narrower for wide figures, and long names are cut."""
    text_width, weight_width = max(_columns(row[1]) for row in rows), max(_columns(row[2]) for row in rows)
    figures = text_width + weight_width + 6
    longest = max(min(_LONGEST_LABEL, _columns(row[0])) for row in rows)
    forest = max(_LEAST_FOREST, min(_WIDEST_FOREST, _WIDTH - figures - longest))
    labels = [_short(row[0], max(_SHORTEST_LABEL, min(longest, _WIDTH - figures - forest))) for row in rows]
    widths = (max(map(_columns, labels)), text_width, weight_width)
    scale = axis(forest)
    lines = [
        f"{_left(label, widths[0])}  {_right(text, widths[1])}  {_right(weight, widths[2])}  "
        f"{_drawn(limits, scale, mark)}".rstrip()
        for label, (_, text, weight, limits, mark) in zip(labels, rows, strict=True)
    ]
    return [lines[0], "─" * (sum(widths) + 6 + forest), *lines[1:]]


def _columns(text: str) -> int:
    """Columns of a terminal: two for a Chinese character, none for a mark that only says how to set others."""
    return sum(
        0 if unicodedata.category(one) in ("Mn", "Cf") else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )


def _left(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _right(text: str, width: int) -> str:
    return " " * (width - _columns(text)) + text


def short_p(value: float) -> str:
    """`= 0.041`, or that it is below 0.001."""
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def short_number(value: float) -> str:
    """About three figures."""
    if not math.isfinite(value):
        return "?"
    size = abs(value)
    if size >= 1e5 or 0 < size < 1e-3:
        return f"{value:.2g}"
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def _short(label: str, width: int) -> str:
    if _columns(label) <= width:
        return label
    while _columns(label) > width - 1:
        label = label[:-1]
    return f"{label.rstrip()}…"

"""Names beside points, as many as find a free place.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from evenhand.figures.plot_panel import SMALL, Panel, Points, clipped
from evenhand.figures.svg import Svg, isolated, label
from evenhand.figures.text_width import text_width, wrapped

_LONGEST = 150.0
_STEP = 5.0
Box = tuple[float, float, float, float]  # left, top, right, bottom


def point_labels(
    panel: Panel,
    places: Sequence[tuple[float, float, float]],
    names: Sequence[str],
    order: Sequence[int],
    *,
    lines: Sequence[Points] = (),
) -> list[Svg]:
    """Names of points that cover neither each other nor a point; a name without a free place is left out.

    Parameters
    ----------
    places : sequence of (x, y, radius)
        Of all points, in drawing units.
    names : sequence of str
        One a point.
    order : sequence of int
        Points to be named, the most important first.
    lines : sequence of lines through values
        Not to be covered either, where there is another place.
    """
    taken: list[Box] = [(x - r, y - r, x + r, y + r) for x, y, r in places]
    strokes = [box for points in lines for part in clipped(panel, points) for box in _along(part)] if order else []
    drawn: list[Svg] = []
    for point in order:
        words = wrapped(names[point], SMALL, _LONGEST, 1)
        if not words:
            continue
        boxes = [box for box in _around(*places[point], text_width(words[0], SMALL)) if _is_free(box, taken, panel)]
        if boxes:
            box = min(boxes, key=lambda box: sum(_meet(box, stroke) for stroke in strokes))
            taken.append(box)
            drawn.append(label(isolated(words[0]), box[0], box[3] - 3, panel.catalogue, font_size=SMALL))
    return drawn


def _around(x: float, y: float, r: float, long: float) -> list[Box]:
    """Places for a line of text round a point, the best first: beside it, above and below, then at its corners."""
    beside = [(x + r + 3, y + 4), (x - r - 3 - long, y + 4)]
    centred = [(x - long / 2, y - r - 4), (x - long / 2, y + r + 12)]
    corners = [(left, base) for left in (x + 2, x - long - 2) for base in (y - r - 4, y + r + 12)]
    return [(left, base - 10, left + long, base + 3) for left, base in (*beside, *centred, *corners)]


def _along(part: Sequence[tuple[float, float]]) -> list[Box]:
    """A line as a chain of small boxes."""
    boxes = []
    for (x, y), (to_x, to_y) in pairwise(part):
        steps = max(1, math.ceil(math.hypot(to_x - x, to_y - y) / _STEP))
        for at in range(steps + 1):
            a, b = x + (to_x - x) * at / steps, y + (to_y - y) * at / steps
            boxes.append((a - 1, b - 1, a + 1, b + 1))
    return boxes


def _is_free(box: Box, taken: Sequence[Box], panel: Panel) -> bool:
    left, top, right, bottom = box
    if left < panel.left or right > panel.right or top < panel.top or bottom > panel.bottom:
        return False
    return not any(_meet(box, other) for other in taken)


def _meet(box: Box, other: Box) -> bool:
    return not (box[2] < other[0] or box[0] > other[2] or box[3] < other[1] or box[1] > other[3])

"""Names beside points, as many as find a free place.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from collections.abc import Sequence

from evenhand.figures.plot_panel import SMALL, Panel
from evenhand.figures.svg import Svg, isolated, label
from evenhand.figures.text_width import text_width, wrapped

_LONGEST = 150.0
Box = tuple[float, float, float, float]  # left, top, right, bottom


def point_labels(
    panel: Panel, places: Sequence[tuple[float, float, float]], names: Sequence[str], order: Sequence[int]
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
    """
    taken: list[Box] = [(x - r, y - r, x + r, y + r) for x, y, r in places]
    drawn: list[Svg] = []
    for point in order:
        x, y, radius = places[point]
        words = wrapped(names[point], SMALL, _LONGEST, 1)
        if not words:
            continue
        long = text_width(words[0], SMALL)
        for left, baseline in (
            (x + radius + 3, y + 4),
            (x - radius - 3 - long, y + 4),
            (x - long / 2, y - radius - 4),
            (x - long / 2, y + radius + 12),
        ):
            box = (left, baseline - 10, left + long, baseline + 3)
            if _is_free(box, taken, panel):
                taken.append(box)
                drawn.append(label(isolated(words[0]), left, baseline, panel.catalogue, font_size=SMALL))
                break
    return drawn


def _is_free(box: Box, taken: Sequence[Box], panel: Panel) -> bool:
    left, top, right, bottom = box
    if left < panel.left or right > panel.right or top < panel.top or bottom > panel.bottom:
        return False
    return all(right < other[0] or left > other[2] or bottom < other[1] or top > other[3] for other in taken)

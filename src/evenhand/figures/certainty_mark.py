"""GRADE's four circles, as many filled as there is certainty.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from evenhand.certainty.rating import Level
from evenhand.figures.svg import Svg, coordinate, element, figure
from evenhand.words.catalogue import Catalogue

_CIRCLES = 4
_RADIUS, _STEP, _HEIGHT = 6.5, 17.0, 16.0


def certainty_mark(level: Level | None, *, key: str, catalogue: Catalogue) -> Svg:
    """Filled and empty circles with their meaning as words; none filled where nothing was rated.

    A filled circle carries a cross as GRADE's ⊕ does, so that fill is not told by lightness alone.
    """
    filled = 0 if level is None else int(level) + 1
    word = catalogue.text(f"certainty.word.{'none' if level is None else level.name.lower()}")
    width = _CIRCLES * _STEP
    # Circles fill from where reading begins.
    places = range(_CIRCLES) if catalogue.direction == "ltr" else range(_CIRCLES - 1, -1, -1)
    return figure(
        *(_circle(_STEP * (at + 0.5), filled=place < filled) for place, at in enumerate(places)),
        key=key,
        title=catalogue.text("figures.certainty.title", word=word),
        desc=catalogue.text("figures.certainty.desc", filled=filled, circles=_CIRCLES),
        width=width,
        height=_HEIGHT,
        catalogue=catalogue,
        class_="figure-circles",
    )


def _circle(x: float, *, filled: bool) -> Svg:
    y = _HEIGHT / 2
    ring = element("circle", cx=x, cy=y, r=_RADIUS, fill="none", stroke="currentColor", stroke_width=1.5)
    if not filled:
        return ring
    left, top, arm = coordinate(x - _RADIUS), coordinate(y - _RADIUS), coordinate(2 * _RADIUS)
    cross = element(
        "path",
        d=f"M{left} {coordinate(y)}h{arm}M{coordinate(x)} {top}v{arm}",
        stroke="currentColor",
        stroke_width=1.5,
    )
    return Svg(ring.replace('fill="none"', 'fill="currentColor" fill-opacity="0.28"') + cross)

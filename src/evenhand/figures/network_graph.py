"""Network graph: which treatments were compared with which, by how many studies, in how many people, and how surely.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

Treatments stand on a circle in the order they are given, the first at the top, then clockwise. Each name stands outside
the circle on a line of its own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.palette import ANYWAY, DASHES, PAPER, SECONDARY
from evenhand.figures.plot_arrays import column
from evenhand.figures.plot_panel import dot
from evenhand.figures.svg import Svg, element, figure, group, isolated, label, line
from evenhand.figures.text_width import text_width, wrapped
from evenhand.words.catalogue import Catalogue, Raw, key_of

CERTAINTIES = ("high", "moderate", "low", "very low")
_DASH_OF: Mapping[str | None, str | None] = dict(zip(CERTAINTIES, (None, DASHES[1], DASHES[4], DASHES[6]), strict=True))
_SIZE, _SMALL, _LEADING = 13.0, 12.0, 18.0
_SMALLEST_RADIUS, _ARC = 120.0, 22.0  # of the circle; of it, for each treatment
_LARGEST_NODE, _LEAST_NODE, _PLAIN_NODE = 18.0, 4.0, 9.0
_THICKEST, _THINNEST = 10.0, 1.2
_GAP, _LONGEST_NAME, _MARGIN = 12.0, 190.0, 12.0
_ALONG = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73)  # where on an edge its number may stand


@dataclass(frozen=True, slots=True)
class _Edge:
    first: int
    second: int
    studies: float
    certainty: str | None


def network_graph_plot(
    treatments: Sequence[str],
    treat1: Sequence[str],
    treat2: Sequence[str],
    *,
    studies: Any = None,
    people: Any = None,
    certainty: Sequence[str | None] | None = None,
    show_numbers: bool = True,
    title: str | None = None,
    language: str = "en",
    key: str = "network",
) -> Svg:
    """Every treatment as a disc, every comparison that was made as a line between two.

    Parameters
    ----------
    treatments : sequence of str, shape (T,)
        In the order in which they stand round the circle.
    treat1, treat2 : sequence of str, shape (m,)
        The two treatments of each comparison; rows of the same two are put together.
    studies : array_like, shape (m,), or None
        How many studies made it: the width of the line. None counts rows.
    people : array_like, shape (T,), or None
        How many were given each treatment: the area of its disc; nan is unknown, an open disc. None draws all alike.
    certainty : sequence of str or None, shape (m,)
        'high', 'moderate', 'low' or 'very low': solid, then ever more broken; None for a comparison not judged.
    show_numbers : bool
        Whether each line says its number of studies, where there is a free place.
    title, key
        As in `funnel_plot`.

    Returns
    -------
    Svg

    Raises
    ------
    ValueError
        For a treatment that is not among `treatments`, one compared with itself, a name given twice, columns of
        different lengths, no word of certainty.

    References
    ----------
    Salanti, Higgins, Ades & Ioannidis (2008). Statist. Meth. Med. Res. 17, 279-301.
    """
    catalogue = Catalogue.load(language)
    names = [str(name) for name in treatments]
    edges = _edges(names, treat1, treat2, studies, certainty)
    sizes = None if people is None else column("people", people, len(names), least=0.0)
    radii = _radii(sizes, len(names))
    radius = max(_SMALLEST_RADIUS, _ARC * len(names) / (2 * math.pi), len(names) * _LEADING / 4)
    outside = radius + float(radii.max(initial=_PLAIN_NODE)) + _GAP
    shown = [next(iter(wrapped(name, _SIZE, _LONGEST_NAME, 1)), "") for name in names]
    room = max((text_width(name, _SIZE) for name in shown), default=0.0)
    width = 2 * (outside + room + _MARGIN)
    centre = width / 2
    angles = [2 * math.pi * t / max(1, len(names)) for t in range(len(names))]
    lifted = _label_heights(angles, outside)
    top = min([-outside, *lifted]) - _LEADING
    bottom = max([outside, *lifted]) + _LEADING
    middle = _MARGIN - top
    places = [(centre + radius * math.sin(a), middle - radius * math.cos(a)) for a in angles]
    most = max((edge.studies for edge in edges), default=1.0) or 1.0
    legend, height = _key_below(edges, sizes, width, middle + bottom + 10, catalogue)
    return figure(
        group(
            *(_line_of(edge, names, places, most, catalogue) for edge in edges),
            id=f"{key}-edges",
            **SECONDARY.attributes,
        ),
        *(_numbers(edges, places, radii, catalogue) if show_numbers else ()),
        group(
            *(_disc(names[t], places[t], float(radii[t]), sizes, t, catalogue) for t in range(len(names))),
            id=f"{key}-points",
            **ANYWAY.attributes,
        ),
        group(
            *(
                _name(shown[t], places[t], float(radii[t]), centre, middle, lifted[t], outside, angles[t], catalogue)
                for t in range(len(names))
            ),
            id=f"{key}-names",
        ),
        legend,
        key=key,
        title=title or catalogue.text("figures.network.title", n=len(names)),
        desc=_desc(names, edges, sizes, catalogue),
        width=width,
        height=height,
        catalogue=catalogue,
        class_="figure figure-network",
    )


def _edges(
    names: Sequence[str], treat1: Sequence[str], treat2: Sequence[str], studies: Any, certainty: Any
) -> list[_Edge]:
    """Comparisons, those of the same two treatments put together, in the order of their treatments."""
    place = {name: t for t, name in enumerate(names)}
    if len(place) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"'{twice}' stands twice among the treatments. Mend: name each once.")
    if len(treat1) != len(treat2):
        raise ValueError(f"{len(treat1)} entries of treat1 and {len(treat2)} of treat2. Mend: give two a comparison.")
    m = len(treat1)
    counts = np.ones(m) if studies is None else column("studies", studies, m, least=0.0)
    judged = [None] * m if certainty is None else list(certainty)
    if len(judged) != m:
        raise ValueError(f"{len(judged)} entries of certainty for {m} comparisons. Mend: give one a comparison.")
    found: dict[tuple[int, int], tuple[float, str | None]] = {}
    for row, (one, other) in enumerate(zip(treat1, treat2, strict=True)):
        for name in (one, other):
            if name not in place:
                raise ValueError(f"comparison {row + 1} has '{name}', which is not among the treatments. Mend: add it.")
        if one == other:
            raise ValueError(f"comparison {row + 1} is of '{one}' with itself. Mend: correct one of its names.")
        if judged[row] is not None and judged[row] not in CERTAINTIES:
            raise ValueError(f"certainty '{judged[row]}'. Mend: give one of {', '.join(CERTAINTIES)}, or None.")
        pair = (min(place[one], place[other]), max(place[one], place[other]))
        before, level = found.get(pair, (0.0, None))
        found[pair] = (before + float(np.nan_to_num(counts[row])), judged[row] or level)
    return [_Edge(i, j, count, level) for (i, j), (count, level) in sorted(found.items())]


def _radii(people: Floats | None, size: int) -> Floats:
    if people is None or not np.nanmax(people, initial=0.0) > 0:
        return np.full(size, _PLAIN_NODE)
    share = np.nan_to_num(people) / np.nanmax(people)
    return np.maximum(_LEAST_NODE, _LARGEST_NODE * np.sqrt(share))


def _label_heights(angles: Sequence[float], outside: float) -> list[float]:
    """Heights of the names below the centre: beside their discs, and a line apart on each side of the circle."""
    heights = [-outside * math.cos(a) for a in angles]
    for right in (True, False):
        side = [t for t, a in enumerate(angles) if _is_right(a) == right]
        # From the top down; the names of the left side run round the circle from the bottom up.
        side.sort(key=lambda t: (heights[t], t if right else -t))
        wanted = sum(heights[t] for t in side)
        for above, below in pairwise(side):
            heights[below] = max(heights[below], heights[above] + _LEADING)
        # Pushing goes down only: half of it is given back, where the column as a whole has room.
        shift = (sum(heights[t] for t in side) - wanted) / max(1, len(side))
        for t in side:
            heights[t] -= shift
    return heights


def _is_right(angle: float) -> bool:
    return math.sin(angle) > -1e-9 and not math.isclose(angle, math.pi)


def _name(
    words: str,
    place: tuple[float, float],
    radius: float,
    centre: float,
    middle: float,
    height: float,
    outside: float,
    angle: float,
    catalogue: Catalogue,
) -> Svg:
    right = _is_right(angle)
    away = math.sqrt(max(outside**2 - height**2, 16.0))
    x = centre + away if right else centre - away
    y = middle + height
    moved = math.hypot(x - place[0], y - place[1]) > radius + 2 * _GAP
    toward = math.atan2(y - place[1], x - place[0])
    leader = line(
        place[0] + radius * math.cos(toward),
        place[1] + radius * math.sin(toward),
        x + (-2 if right else 2),
        y,
        stroke_width=0.8,
    )
    text = label(isolated(words), x, y + 4.5, catalogue, anchor="start" if right else "end", font_size=_SIZE)
    return group(group(leader, **SECONDARY.attributes), text) if moved else text


def _line_of(
    edge: _Edge, names: Sequence[str], places: Sequence[tuple[float, float]], most: float, catalogue: Catalogue
) -> Svg:
    (x1, y1), (x2, y2) = places[edge.first], places[edge.second]
    said = _said_of(edge, names, catalogue)
    thick = max(_THINNEST, _THICKEST * edge.studies / most)
    return group(
        element("title", said),
        line(x1, y1, x2, y2, stroke_width=thick, stroke_opacity="0.55", stroke_dasharray=_DASH_OF.get(edge.certainty)),
    )


def _said_of(edge: _Edge, names: Sequence[str], catalogue: Catalogue) -> str:
    studies = catalogue.text("figures.network.studies", n=round(edge.studies))
    return catalogue.text(
        "figures.network.edge", first=names[edge.first], second=names[edge.second], studies=Raw(studies)
    )


def _numbers(
    edges: Sequence[_Edge], places: Sequence[tuple[float, float]], radii: Floats, catalogue: Catalogue
) -> list[Svg]:
    """The number of studies on each line, on paper, where it covers neither a disc nor another number."""
    taken = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(places, radii, strict=True)]
    boxes, texts = [], []
    for edge in sorted(edges, key=lambda one: -one.studies):
        words = catalogue.number(round(edge.studies))
        half = text_width(words, _SMALL) / 2 + 2
        (x1, y1), (x2, y2) = places[edge.first], places[edge.second]
        for share in _ALONG:
            x, y = x1 + share * (x2 - x1), y1 + share * (y2 - y1)
            box = (x - half, y - 8, x + half, y + 8)
            if not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
                taken.append(box)
                boxes.append(
                    element(
                        "rect", x=box[0], y=box[1], width=2 * half, height=16, fill="currentColor", fill_opacity=0.8
                    )
                )
                texts.append(label(words, x, y + 4.3, catalogue, anchor="middle", font_size=_SMALL))
                break
    return [group(*boxes, **PAPER.attributes), group(*texts, **SECONDARY.attributes)]


def _disc(
    name: str,
    place: tuple[float, float],
    radius: float,
    people: Floats | None,
    t: int,
    catalogue: Catalogue,
) -> Svg:
    known = people is None or math.isfinite(people[t])
    said = isolated(name)
    if people is not None and known:
        said = catalogue.text("figures.network.node", name=name, n=round(float(people[t])))
    if known:
        return dot(*place, radius, said, fill="currentColor")
    under = group(dot(*place, radius, "", fill="currentColor"), **PAPER.attributes)
    return group(under, dot(*place, radius, said, fill="none", stroke="currentColor", stroke_width=1.5))


def _key_below(
    edges: Sequence[_Edge], people: Floats | None, width: float, y: float, catalogue: Catalogue
) -> tuple[Svg, float]:
    """What size, width and dashes mean; one line each, so that none is cut."""
    entries: list[tuple[Svg, str]] = []
    if people is not None:
        entries.append((dot(12, 0, 6, "", fill="currentColor"), catalogue.text("figures.network.size")))
    if edges:
        entries.append(
            (line(0, 0, 24, 0, stroke_width=5, stroke_opacity="0.55"), catalogue.text("figures.network.width"))
        )
    for level in CERTAINTIES:
        if any(edge.certainty == level for edge in edges):
            words = catalogue.text("figures.network.certainty", word=catalogue.text(f"certainty.word.{key_of(level)}"))
            entries.append((line(0, 0, 24, 0, stroke_width=3, stroke_dasharray=_DASH_OF[level]), words))
    rtl = catalogue.direction == "rtl"
    parts: list[Svg] = []
    for sign, words in entries:
        for at, text in enumerate(wrapped(words, _SMALL, width - 2 * _MARGIN - 30, 3)):
            y += _LEADING
            if at == 0:
                left = width - _MARGIN - 24 if rtl else _MARGIN
                parts.append(element("g", sign, transform=f"translate({left:.1f} {y - 4:.1f})"))
            start = width - _MARGIN - 30 if rtl else _MARGIN + 30
            parts.append(label(text, start, y, catalogue, anchor="end" if rtl else "start", font_size=_SMALL))
    return group(*parts, **SECONDARY.attributes), y + 10


def _desc(names: Sequence[str], edges: Sequence[_Edge], people: Floats | None, catalogue: Catalogue) -> str:
    """How much was compared, the best-studied comparison, the treatment most people had, who stands alone."""
    possible = len(names) * (len(names) - 1) // 2
    said = [catalogue.text("figures.network.desc", made=len(edges), possible=possible)]
    if edges:
        most = max(edges, key=lambda edge: edge.studies)
        said.append(catalogue.text("figures.network.most", comparison=Raw(_said_of(most, names, catalogue))))
    if people is not None and np.isfinite(people).any():
        t = int(np.nanargmax(people))
        said.append(catalogue.text("figures.network.node", name=names[t], n=round(float(people[t]))))
    alone = [name for t, name in enumerate(names) if not any(t in (edge.first, edge.second) for edge in edges)]
    if alone:
        said.append(catalogue.text("figures.network.alone", names=alone))
    return " ".join(said)

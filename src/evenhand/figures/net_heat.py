"""Net heat plot: which designs pull the network's effects apart, and which of the others they lean on.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

A square's grey box shows how much the design of its column counts in the estimate of its row; its ground, with the
sign and the number, how Q between designs would change were the column's design let go.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.counts import three_figures
from evenhand.figures.palette import ANYWAY, LINES, SECONDARY
from evenhand.figures.svg import Svg, element, figure, group, isolated, label
from evenhand.figures.text_width import text_width, wrapped
from evenhand.words.catalogue import Catalogue, Raw

_SIZE, _SMALL, _CELL, _MARGIN, _LEADING = 13.0, 12.0, 46.0, 12.0, 16.0
_NAMES = 230.0
_DEEPEST, _BOX = 0.45, 40.0


def net_heat_plot(
    designs: Sequence[str],
    heat: Any,
    contribution: Any,
    *,
    title: str | None = None,
    language: str = "en",
    key: str = "net-heat",
) -> Svg:
    """Designs against designs.

    Parameters
    ----------
    designs : sequence of str, shape (d,)
        'A:B', or 'A:B (of A:B:C)'; the rows and columns, in their order. Columns carry the number of their row.
    heat : array_like, shape (d, d)
        By how much the inconsistency of the row falls (above 0) or grows (below 0) once the column's design is let go;
        nan where that cannot be.
    contribution : array_like, shape (d, d)
        How much the column's design counts in the network estimate of the row; its absolute value is drawn.
    title, key
        As in `funnel_plot`.

    Raises
    ------
    ValueError
        For tables of another shape.

    References
    ----------
    Krahn, Binder & König (2013). BMC Med. Res. Methodol. 13, 35.
    """
    catalogue = Catalogue.load(language)
    size = len(designs)
    warm, counted = (_table(name, values, size) for name, values in (("heat", heat), ("contribution", contribution)))
    largest = float(np.nanmax(np.abs(warm), initial=0.0)) or 1.0
    fullest = float(np.nanmax(np.abs(counted), initial=0.0)) or 1.0
    names = [f"{at + 1}. {name}" for at, name in enumerate(designs)]
    room = min(_NAMES, max((text_width(name, _SIZE) for name in names), default=0.0) + 12)
    width = max(2 * _MARGIN + room + size * _CELL, 340.0)
    rtl = catalogue.direction == "rtl"
    anchor = "end" if rtl else "start"

    def across(x: float, wide: float = 0.0) -> float:
        return width - x - wide if rtl else x

    falls: list[Svg] = []
    grows: list[Svg] = []
    boxes: list[Svg] = []
    words: list[Svg] = []
    top = _MARGIN + 20
    for i in range(size):
        shown = next(iter(wrapped(names[i], _SIZE, room - 8, 1)), "")
        y = top + i * _CELL
        words.append(
            label(isolated(shown), across(_MARGIN), y + _CELL / 2 + 4.5, catalogue, anchor=anchor, font_size=_SIZE)
        )
        words.append(
            label(catalogue.number(i + 1), across(_MARGIN + room + (i + 0.5) * _CELL), top - 8, catalogue,
                  anchor="middle", font_size=_SMALL)
        )  # fmt: skip
        for j in range(size):
            x, value = across(_MARGIN + room + j * _CELL, _CELL), float(warm[i, j])
            if math.isfinite(value) and value:
                ground = element("rect", x=x, y=y, width=_CELL, height=_CELL, fill="currentColor",
                                 fill_opacity=f"{_DEEPEST * abs(value) / largest:.3f}")  # fmt: skip
                (falls if value > 0 else grows).append(ground)
            side = _BOX * math.sqrt(abs(float(np.nan_to_num(counted[i, j]))) / fullest)
            boxes.append(
                element("rect", x=x + (_CELL - side) / 2, y=y + (_CELL - side) / 2, width=side, height=side,
                        fill="currentColor", fill_opacity=0.2, stroke="currentColor", stroke_opacity=0.5,
                        stroke_width=0.8)
            )  # fmt: skip
            if math.isfinite(value) and abs(value) >= 0.05 * largest:
                words.append(
                    label(_signed(value, catalogue), x + _CELL / 2, y + _CELL / 2 + 4, catalogue, anchor="middle",
                          font_size=_SMALL)
                )  # fmt: skip
    y = top + size * _CELL + 4
    notes = []
    for note in ("box", "falls", "grows"):
        for text in wrapped(catalogue.text(f"figures.net_heat.{note}"), _SMALL, width - 2 * _MARGIN, 4):
            y += _LEADING
            notes.append(label(text, across(_MARGIN), y, catalogue, anchor=anchor, font_size=_SMALL))
    return figure(
        group(*falls, id=f"{key}-falls", **LINES[2].attributes),
        group(*grows, id=f"{key}-grows", **LINES[1].attributes),
        group(*boxes, id=f"{key}-boxes", **SECONDARY.attributes),
        group(*words, **ANYWAY.attributes),
        group(*notes, **SECONDARY.attributes),
        key=key,
        title=title or catalogue.text("figures.net_heat.title", n=size),
        desc=_desc(designs, warm, catalogue),
        width=width,
        height=y + 10,
        catalogue=catalogue,
        class_="figure figure-heat",
    )


def _table(name: str, values: Any, size: int) -> Floats:
    table = np.asarray(values, dtype=float)
    if table.shape != (size, size):
        raise ValueError(
            f"{name} has shape {table.shape}, and {(size, size)} is needed. Mend: give a row and a column a design."
        )
    return table


def _signed(value: float, catalogue: Catalogue) -> str:
    text = catalogue.number(three_figures(value), 1)
    if value <= 0:
        return text
    # Inside the mark that keeps a number from being turned round, where there is one.
    return f"{text[0]}+{text[1:]}" if text[0] in "\u2066\u2067\u2068" else f"+{text}"


def _desc(designs: Sequence[str], heat: Floats, catalogue: Catalogue) -> str:
    """The hottest square, where there is one."""
    apart = np.where(np.eye(len(designs), dtype=bool) | ~np.isfinite(heat), -math.inf, heat)
    if not apart.size or not float(apart.max()) > 0:
        return catalogue.text("figures.net_heat.cool")
    i, j = (int(place) for place in np.unravel_index(int(np.argmax(apart)), apart.shape))
    return catalogue.text(
        "figures.net_heat.desc", row=designs[i], column=designs[j], number=Raw(_signed(float(heat[i, j]), catalogue))
    )

"""League table: every treatment against every other, as a picture and as a table of a page.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

Treatments run down the diagonal. Each cell reads from the treatment that stands higher to the one below it, in both
triangles, so that the two cells of a pair can be held against each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape as escaped
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.effect_scale import EffectScale, effect_scale
from evenhand.figures.forest_values import Span
from evenhand.figures.palette import ANYWAY, SECONDARY
from evenhand.figures.svg import Svg, element, figure, group, isolated, label
from evenhand.figures.text_width import text_width, wrapped
from evenhand.words.catalogue import Catalogue, Raw

_SIZE, _SMALL, _LEADING = 13.0, 12.0, 16.0
_LEAST_CELL, _ROW, _PADDING, _MARGIN = 96.0, 44.0, 10.0, 12.0
Square = tuple[Any, Any, Any]  # estimate, lower, upper: each (T, T), row less column


@dataclass(frozen=True, slots=True, kw_only=True)
class LeagueTriangles:
    """What both triangles are made of, on the analysis scale: row less column, nan where two cannot be compared."""

    below: Square  # (estimate, ci_lower, ci_upper)
    above: Square | None = None  # None: the same, and the triangle above is left empty
    below_name: str = ""  # 'network'
    above_name: str = ""  # 'direct evidence'


@dataclass(frozen=True, slots=True)
class _Cell:
    words: str  # '' where there is none
    clear: bool  # its interval does not hold the null


def league_plot(
    treatments: Sequence[str],
    triangles: LeagueTriangles,
    *,
    order: Sequence[str] | None = None,
    measure: str | None = None,
    effect_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "league",
) -> Svg:
    """The league table as a picture; cells whose interval leaves out "no effect" are shaded and bold.

    Parameters
    ----------
    treatments : sequence of str, shape (T,)
        Of the rows and columns of the squares.
    triangles : LeagueTriangles
    order : sequence of str or None
        How they run down the diagonal, the best first; None keeps theirs.
    measure, effect_label, title, key
        As in `forest_plot`.

    Raises
    ------
    ValueError
        For squares of another shape, or an order that is not of these treatments.
    """
    catalogue = Catalogue.load(language)
    scale = effect_scale(measure, effect_label, catalogue)
    names, cells = _cells(treatments, triangles, order, scale, catalogue)
    size = len(names)
    words = [cell.words for row in cells for cell in row]
    widest = max((text_width(text, _SMALL, bold=True) for one in words for text in _two_lines(one)), default=0.0)
    wide = max(_LEAST_CELL, widest + _PADDING)
    width, rtl = 2 * _MARGIN + max(wide * size, 320.0), catalogue.direction == "rtl"
    parts, shades = [], []
    for i in range(size):
        for j in range(size):
            left = width - _MARGIN - (j + 1) * wide if rtl else _MARGIN + j * wide
            top = _MARGIN + i * _ROW
            shown = wrapped(names[i], _SIZE, wide - _PADDING, 2) if i == j else _two_lines(cells[i][j].words)
            bold = i == j or cells[i][j].clear
            shade = 0.14 if i == j else 0.05 if bold else 0.0
            shades.append(
                element("rect", x=left, y=top, width=wide, height=_ROW, fill="currentColor", fill_opacity=shade,
                        stroke="currentColor", stroke_opacity=0.35, stroke_width=0.8)
            )  # fmt: skip
            parts += [
                label(
                    isolated(text) if i == j else text,
                    left + wide / 2,
                    top + _ROW / 2 + 4.5 + (at - (len(shown) - 1) / 2) * _LEADING,
                    catalogue,
                    anchor="middle",
                    font_size=_SIZE if i == j else _SMALL,
                    font_weight="700" if bold else None,
                )
                for at, text in enumerate(shown)
            ]
    y = _MARGIN + size * _ROW + 4
    notes = []
    for note in _notes(triangles, scale, catalogue):
        for text in wrapped(note, _SMALL, width - 2 * _MARGIN, 4):
            y += _LEADING
            anchor = "end" if rtl else "start"
            notes.append(
                label(text, width - _MARGIN if rtl else _MARGIN, y, catalogue, anchor=anchor, font_size=_SMALL)
            )
    return figure(
        group(*shades, **SECONDARY.attributes),
        group(*parts, id=f"{key}-cells", **ANYWAY.attributes),
        group(*notes, **SECONDARY.attributes),
        key=key,
        title=title or catalogue.text("figures.league.title", n=size, effect=Raw(scale.name)),
        desc=_desc(names, cells, catalogue),
        width=width,
        height=y + 10,
        catalogue=catalogue,
        class_="figure figure-league",
    )


def league_html(
    treatments: Sequence[str],
    triangles: LeagueTriangles,
    *,
    order: Sequence[str] | None = None,
    measure: str | None = None,
    effect_label: str | None = None,
    title: str | None = None,
    language: str = "en",
) -> Svg:
    """The same as a table of a page: a heading a row, and every cell a text that can be copied.

    Parameters as in `league_plot`.
    """
    catalogue = Catalogue.load(language)
    scale = effect_scale(measure, effect_label, catalogue)
    names, cells = _cells(treatments, triangles, order, scale, catalogue)
    rows = []
    for i, row in enumerate(cells):
        written = []
        for j, cell in enumerate(row):
            if i == j:
                written.append(f'<th scope="row"><bdi>{escaped(names[i])}</bdi></th>')
            else:
                words = escaped(cell.words)
                written.append(f"<td><strong>{words}</strong></td>" if cell.clear else f"<td>{words}</td>")
        rows.append(f"<tr>{''.join(written)}</tr>")
    notes = " ".join(_notes(triangles, scale, catalogue))
    caption = title or catalogue.text("figures.league.title", n=len(names), effect=Raw(scale.name))
    return Svg(
        f'<table class="league" lang="{language}" dir="{catalogue.direction}"><caption>{escaped(caption)}. '
        f"{escaped(notes)}</caption><tbody>{''.join(rows)}</tbody></table>"
    )


def _cells(
    treatments: Sequence[str],
    triangles: LeagueTriangles,
    order: Sequence[str] | None,
    scale: EffectScale,
    catalogue: Catalogue,
) -> tuple[list[str], list[list[_Cell]]]:
    names = [str(name) for name in treatments]
    asked = names if order is None else [str(name) for name in order]
    if len(set(names)) != len(names) or sorted(asked) != sorted(names):
        raise ValueError(f"order is not of the treatments {', '.join(names)}. Mend: give each of them once.")
    below = _square(triangles.below, len(names), "below")
    above = None if triangles.above is None else _square(triangles.above, len(names), "above")
    place = [names.index(name) for name in asked]
    rows = []
    for i in range(len(asked)):
        row = []
        for j in range(len(asked)):
            square = below if i > j else above
            if i == j or square is None:
                row.append(_Cell("", clear=False))
                continue
            high, low = place[min(i, j)], place[max(i, j)]
            estimate, lower, upper = (float(part[high, low]) for part in square)
            row.append(_cell(scale.span(estimate, lower, upper), scale, catalogue))
        rows.append(row)
    return asked, rows


def _square(square: Square, size: int, name: str) -> tuple[Floats, Floats, Floats]:
    parts = tuple(np.asarray(part, dtype=float) for part in square)
    if len(parts) != 3 or any(part.shape != (size, size) for part in parts):
        shapes = ", ".join(str(part.shape) for part in parts)
        raise ValueError(
            f"{name} has parts of shape {shapes}, and three of {(size, size)} are needed. Mend: give estimate, "
            "ci_lower and ci_upper of every treatment (row) less every other (column)."
        )
    return parts[0], parts[1], parts[2]


def _cell(span: Span | None, scale: EffectScale, catalogue: Catalogue) -> _Cell:
    if span is None:
        return _Cell("–", clear=False)
    clear = scale.null is not None and not span.lower <= scale.null <= span.upper
    return _Cell(scale.words(span, catalogue), clear=clear)


def _two_lines(words: str) -> tuple[str, ...]:
    """The estimate above its interval, where the cell has both."""
    head, bracket, tail = words.partition(" (")
    return (head, f"({tail}") if bracket else (words,) if words else ()


def _notes(triangles: LeagueTriangles, scale: EffectScale, catalogue: Catalogue) -> list[str]:
    notes = [catalogue.text("figures.league.reading", effect=Raw(scale.name))]
    if triangles.below_name:
        notes.append(catalogue.text("figures.league.below", name=triangles.below_name))
    if triangles.above is not None and triangles.above_name:
        notes.append(catalogue.text("figures.league.above", name=triangles.above_name))
    return notes


def _desc(names: Sequence[str], cells: Sequence[Sequence[_Cell]], catalogue: Catalogue) -> str:
    """Pair by pair below the diagonal."""
    said = [
        catalogue.text("figures.league.row", first=names[j], second=names[i], effect=Raw(cells[i][j].words))
        for i in range(len(names))
        for j in range(i)
    ]
    return " ".join(said) or catalogue.text("figures.nothing")

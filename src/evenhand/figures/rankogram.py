"""Rankogram: how likely each treatment is to be the best, the second, … the worst; a panel a treatment.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.palette import ANYWAY, BENEFIT, GRID, SECONDARY
from evenhand.figures.plot_arrays import column
from evenhand.figures.svg import Svg, element, figure, group, isolated, join, label, line, polyline
from evenhand.figures.text_width import text_width, wrapped
from evenhand.words.catalogue import Catalogue, Raw

_SIZE, _SMALL = 13.0, 12.0
_PANEL, _TALL, _HEAD, _FOOT = 188.0, 84.0, 26.0, 26.0
_BESIDE, _MARGIN, _ACROSS = 34.0, 12.0, 3
_ADDS_UP = 1e-6
_MOST_TICKS = 10


def rankogram_plot(
    treatments: Sequence[str],
    probabilities: Any,
    *,
    sucra: Any = None,
    cumulative: bool = False,
    title: str | None = None,
    language: str = "en",
    key: str = "rankogram",
) -> Svg:
    """A small bar chart for each treatment, all of the same scale, the best first.

    Parameters
    ----------
    treatments : sequence of str, shape (T,)
    probabilities : array_like, shape (T, T)
        Of treatment (row) having rank 1, 2, … T (column); rank 1 is the best. Each row adds up to 1.
    sucra : array_like, shape (T,), or None
        Surface under the cumulative ranking, 0 to 1; None computes it from the ranks.
    cumulative : bool
        Whether bars are the probabilities of that rank or a better one.
    title, key
        As in `funnel_plot`.

    Raises
    ------
    ValueError
        For a table of another shape, a probability outside 0 to 1, or a row that does not add up to 1.

    References
    ----------
    Salanti, Ades & Ioannidis (2011). J. Clin. Epidemiol. 64, 163-171.
    """
    catalogue = Catalogue.load(language)
    size = len(treatments)
    table = _ranks(treatments, probabilities)
    scores = _sucra(table) if sucra is None else column("sucra", sucra, size)
    order = sorted(range(size), key=lambda t: (-scores[t], t))
    heights = np.cumsum(table, axis=1) if cumulative else table
    across = max(1, min(_ACROSS, size))
    down = -(-size // across)
    width = 2 * _MARGIN + across * (_PANEL + _BESIDE)
    panels = []
    for at, t in enumerate(order):
        row, place = divmod(at, across)
        left = _MARGIN + (across - 1 - place if catalogue.direction == "rtl" else place) * (_PANEL + _BESIDE)
        top = _MARGIN + row * (_HEAD + _TALL + _FOOT)
        panels.append(_panel(str(treatments[t]), heights[t], float(scores[t]), left, top, catalogue))
    y = _MARGIN + down * (_HEAD + _TALL + _FOOT) + 8
    rtl = catalogue.direction == "rtl"
    notes = []
    words = catalogue.text("figures.rankogram.cumulative" if cumulative else "figures.rankogram.axis")
    for text in wrapped(words, _SMALL, width - 2 * _MARGIN, 4):
        y += 16
        notes.append(
            label(text, width - _MARGIN if rtl else _MARGIN, y, catalogue, anchor="end" if rtl else "start",
                  font_size=_SMALL)
        )  # fmt: skip
    return figure(
        join(*panels),
        group(*notes, **SECONDARY.attributes),
        key=key,
        title=title or catalogue.text("figures.rankogram.title", n=size),
        desc=_desc([str(treatments[t]) for t in order], scores[order], table[order, 0], catalogue),
        width=width,
        height=y + 10,
        catalogue=catalogue,
        class_="figure figure-rankogram",
    )


def _ranks(treatments: Sequence[str], probabilities: Any) -> Floats:
    table = np.asarray(probabilities, dtype=float)
    size = len(treatments)
    if table.shape != (size, size):
        raise ValueError(
            f"probabilities has shape {table.shape}, and {(size, size)} is needed. Mend: give a row a treatment and a "
            "column a rank."
        )
    for name, row in zip(treatments, table, strict=True):
        if not (np.all(row >= -_ADDS_UP) and abs(float(row.sum()) - 1.0) <= 1e-3):
            raise ValueError(
                f"the ranks of '{name}' have probabilities that add up to {row.sum():g}. Mend: give probabilities of 0 "
                "or more that add up to 1."
            )
    return np.asarray(np.clip(table, 0.0, 1.0))


def _sucra(table: Floats) -> Floats:
    size = table.shape[0]
    if size < 2:
        return np.ones(size)
    return np.asarray(np.cumsum(table, axis=1)[:, :-1].sum(axis=1) / (size - 1))


def _panel(name: str, heights: Floats, score: float, left: float, top: float, catalogue: Catalogue) -> Svg:
    """One treatment: its name, bars from rank 1 at the left, percent at the side."""
    start, floor = left + _BESIDE, top + _HEAD + _TALL
    step = (_PANEL - 8.0) / heights.size
    bars = [
        element(
            "rect",
            element(
                "title", catalogue.text("figures.rankogram.bar", rank=rank + 1, percent=_percent(share, catalogue))
            ),
            x=start + rank * step + 0.1 * step,
            y=floor - _TALL * float(share),
            width=0.8 * step,
            height=_TALL * float(share),
            fill="currentColor",
            fill_opacity=0.75,
        )
        for rank, share in enumerate(heights)
        if share > 0
    ]
    every = -(-heights.size // _MOST_TICKS)
    ticks = [
        label(catalogue.number(rank + 1), start + (rank + 0.5) * step, floor + 15, catalogue, anchor="middle",
              font_size=_SMALL)
        for rank in range(0, heights.size, every)
    ]  # fmt: skip
    sides = [
        label(catalogue.text("figures.forest.percent", number=percent), start - 4, floor - _TALL * percent / 100 + 4,
              catalogue, anchor="end", font_size=_SMALL)
        for percent in (0, 50, 100)
    ]  # fmt: skip
    score_words = catalogue.text("figures.rankogram.sucra", number=Raw(catalogue.number(score, 2)))
    room = _PANEL - 18 - text_width(score_words, _SMALL)
    heading = isolated(next(iter(wrapped(name, _SIZE * 1.06, room, 1)), ""))
    stop = left + _BESIDE + _PANEL - 8
    ends = (stop, "end", start, "start") if catalogue.direction == "rtl" else (start, "start", stop, "end")
    edge = [(start, floor - _TALL), (start, floor), (start + _PANEL - 8, floor)]
    return group(
        group(
            *(
                line(start, floor - _TALL * share, start + _PANEL - 8, floor - _TALL * share, stroke_width=1)
                for share in (0.5, 1.0)
            ),
            **GRID.attributes,
        ),
        group(*bars, **BENEFIT.attributes),
        group(
            element("path", d=polyline(edge), fill="none", stroke="currentColor", stroke_width=1),
            *ticks,
            *sides,
            label(score_words, ends[2], top + 12, catalogue, anchor=ends[3], font_size=_SMALL),
            **SECONDARY.attributes,
        ),
        group(
            label(heading, ends[0], top + 12, catalogue, anchor=ends[1], font_size=_SIZE, font_weight="700"),
            **ANYWAY.attributes,
        ),
    )


def _percent(share: float, catalogue: Catalogue) -> Raw:
    return Raw(catalogue.text("figures.forest.percent", number=round(100 * float(share))))


def _desc(names: Sequence[str], scores: Floats, best: Floats, catalogue: Catalogue) -> str:
    said = [
        catalogue.text(
            "figures.rankogram.row",
            name=name,
            percent=_percent(float(chance), catalogue),
            number=Raw(catalogue.number(float(score), 2)),
        )
        for name, score, chance in zip(names, scores, best, strict=True)
    ]
    return " ".join(said) or catalogue.text("figures.nothing")

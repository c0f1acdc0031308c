"""Contribution bars: from which studies or comparisons each effect of a network comes, and how trustworthy they are.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.palette import ANYWAY, SECONDARY
from evenhand.figures.svg import Svg, element, figure, group, isolated, label
from evenhand.figures.text_width import text_width, wrapped
from evenhand.words.catalogue import Catalogue, Raw, key_of

RISKS = ("low", "some concerns", "high")
_UNJUDGED = "unclear"
_ORDER = (*RISKS, _UNJUDGED)
_SHADES: Mapping[str | None, float] = {"low": 0.04, "some concerns": 0.18, "high": 0.42, _UNJUDGED: 0.0, None: 0.0}
_SIZE, _SMALL, _BAR, _ROW, _MARGIN, _LEADING = 13.0, 12.0, 20.0, 30.0, 12.0, 16.0
_WIDEST_NAMES = 0.36  # of the picture
_ADDS_UP = 1e-3


def contribution_plot(
    effects: Sequence[str],
    sources: Sequence[str],
    shares: Any,
    *,
    risk: Sequence[str | None] | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "contributions",
    width: float = 680.0,
) -> Svg:
    """A bar an effect, its parts the sources that it comes from.

    Parameters
    ----------
    effects : sequence of str, shape (r,)
        The network's estimates, 'A v B': one bar each.
    sources : sequence of str, shape (c,)
        Studies, or direct comparisons.
    shares : array_like, shape (r, c)
        How much of an effect comes from a source, 0 to 1; a row adds up to 1. A row of nan is an effect that cannot be
        estimated, and has no bar.
    risk : sequence of str or None, shape (c,)
        Risk of bias of each source, 'low', 'some concerns' or 'high', None where not judged: the parts are then
        gathered by it, low first. Without it, parts stand from the largest to the smallest.
    title, key, width
        As in `funnel_plot`.

    Raises
    ------
    ValueError
        For a table of another shape, shares below 0 or that do not add up to 1, no word of risk.

    References
    ----------
    Papakonstantinou, Nikolakopoulou, Rücker, Chaimani, Schwarzer, Egger & Salanti (2018). F1000Research 7, 610.
    """
    catalogue = Catalogue.load(language)
    table = _shares(effects, sources, shares)
    judged: list[str | None] = [None] * len(sources) if risk is None else list(risk)
    for one in judged:
        if one is not None and one not in RISKS:
            raise ValueError(f"risk '{one}'. Mend: give one of {', '.join(RISKS)}, or None.")
    if len(judged) != len(sources):
        raise ValueError(f"{len(judged)} entries of risk for {len(sources)} sources. Mend: give one a source.")
    if risk is not None:
        judged = [one or _UNJUDGED for one in judged]
    rtl = catalogue.direction == "rtl"
    room = min(_WIDEST_NAMES * width, max((text_width(str(name), _SIZE) for name in effects), default=0.0) + 14)
    start, stop = _MARGIN + room, width - _MARGIN - 14
    names, bars = [], []
    numbered: list[int] = []
    y = _MARGIN
    for effect, row in zip(effects, table, strict=True):
        middle = y + _ROW / 2
        shown = next(iter(wrapped(str(effect), _SIZE, room - 8, 1)), "")
        names.append(
            label(isolated(shown), width - _MARGIN if rtl else _MARGIN, middle + 4.5, catalogue,
                  anchor="end" if rtl else "start", font_size=_SIZE)
        )  # fmt: skip
        done = 0.0
        for part in _ordered(row, judged, grouped=risk is not None):
            left, right = (start + (stop - start) * share for share in (done, done + row[part]))
            done += float(row[part])
            if rtl:
                left, right = width - right, width - left
            short = _short(str(sources[part]), part, right - left, judged[part], catalogue)
            numbered += [part] if short == str(part + 1) and risk is None and part not in numbered else []
            bars.append(
                _part(left, right, middle, str(sources[part]), short, float(row[part]), judged[part], catalogue)
            )
        y += _ROW
    ticks = [
        label(catalogue.text("figures.forest.percent", number=percent),
              width - start - (stop - start) * percent / 100 if rtl else start + (stop - start) * percent / 100,
              y + 14, catalogue, anchor="middle",
              font_size=_SMALL)
        for percent in (0, 25, 50, 75, 100)
    ]  # fmt: skip
    told = [f"{part + 1}: {isolated(str(sources[part]))}" for part in sorted(numbered)]
    below, y = _notes(_risk_words(judged, catalogue) if risk is not None else told, width, y + 20, catalogue)
    return figure(
        group(*bars, id=f"{key}-bars", **ANYWAY.attributes),
        group(*names, **ANYWAY.attributes),
        group(*ticks, *below, **SECONDARY.attributes),
        key=key,
        title=title or catalogue.text("figures.contributions.title", n=len(effects)),
        desc=_desc(effects, sources, table, judged, catalogue, by_risk=risk is not None),
        width=width,
        height=y + 10,
        catalogue=catalogue,
        class_="figure figure-contributions",
    )


def _shares(effects: Sequence[str], sources: Sequence[str], shares: Any) -> Floats:
    table = np.asarray(shares, dtype=float)
    if table.shape != (len(effects), len(sources)):
        raise ValueError(
            f"shares has shape {table.shape}, and {(len(effects), len(sources))} is needed. Mend: give a row an effect "
            "and a column a source."
        )
    for effect, row in zip(effects, table, strict=True):
        if not np.isnan(row).all() and not (np.all(row >= -_ADDS_UP) and abs(float(row.sum()) - 1) <= _ADDS_UP):
            raise ValueError(
                f"the shares of '{effect}' add up to {row.sum():g}. Mend: give shares of 0 or more that add up to 1."
            )
    return np.asarray(np.clip(np.nan_to_num(table), 0.0, 1.0))


def _ordered(row: Floats, judged: Sequence[str | None], *, grouped: bool) -> list[int]:
    """Sources with a share, those of low risk first where they are gathered by it, then by size."""
    there = [part for part in range(row.size) if row[part] > 1e-6]
    return sorted(there, key=lambda part: (_ORDER.index(judged[part] or _UNJUDGED) if grouped else 0, -row[part], part))


def _short(source: str, part: int, room: float, risk: str | None, catalogue: Catalogue) -> str:
    """What fits into a part of a bar: the letter of its risk; without one its name, or its number, or nothing."""
    asked = [source, str(part + 1)] if risk is None else [catalogue.text(f"figures.bias.letter.{key_of(risk)}")]
    return next((words for words in asked if text_width(words, _SMALL) <= room - 6), "")


def _part(
    left: float,
    right: float,
    middle: float,
    source: str,
    short: str,
    share: float,
    risk: str | None,
    catalogue: Catalogue,
) -> Svg:
    """A part of a bar: its name where there is room, its shade and letter the risk of bias."""
    percent = Raw(catalogue.text("figures.forest.percent", number=round(100 * share)))
    said = catalogue.text("figures.contributions.part", name=source, percent=percent)
    box = element(
        "rect", element("title", said), x=left, y=middle - _BAR / 2, width=right - left, height=_BAR,
        fill="currentColor", fill_opacity=_SHADES[risk], stroke="currentColor", stroke_width=0.8,
        stroke_dasharray="3 3" if risk == _UNJUDGED else None,
    )  # fmt: skip
    if not short:
        return box
    words = isolated(short) if risk is None else short
    return group(box, label(words, (left + right) / 2, middle + 4.3, catalogue, anchor="middle", font_size=_SMALL))


def _risk_words(judged: Sequence[str | None], catalogue: Catalogue) -> list[str]:
    """What the letters and shades mean."""
    return [
        catalogue.text(
            "figures.contributions.risk",
            letter=catalogue.text(f"figures.bias.letter.{key_of(one)}"),
            word=catalogue.text(f"figures.bias.judgement.{key_of(one)}"),
        )
        for one in _ORDER
        if one in judged
    ]


def _notes(said: Sequence[str], width: float, y: float, catalogue: Catalogue) -> tuple[list[Svg], float]:
    """What stands in the parts, as many on a line as fit."""
    rtl = catalogue.direction == "rtl"
    parts: list[Svg] = []
    x = width
    for words in said:
        text = next(iter(wrapped(words, _SMALL, width - 2 * _MARGIN, 1)), "")
        long = text_width(text, _SMALL)
        if x + long > width - _MARGIN:
            x, y = _MARGIN, y + _LEADING
        parts.append(
            label(text, width - x if rtl else x, y, catalogue, anchor="end" if rtl else "start", font_size=_SMALL)
        )
        x += long + 20
    return parts, y


def _desc(
    effects: Sequence[str],
    sources: Sequence[str],
    table: Floats,
    judged: Sequence[str | None],
    catalogue: Catalogue,
    *,
    by_risk: bool,
) -> str:
    """Effect by effect: its largest source, and how much comes from sources of high risk."""
    said = []
    for effect, row in zip(effects, table, strict=True):
        if not row.any():
            continue
        at = int(np.argmax(row))
        percent = Raw(catalogue.text("figures.forest.percent", number=round(100 * float(row[at]))))
        said.append(catalogue.text("figures.contributions.desc", name=str(effect), source=sources[at], percent=percent))
        if by_risk:
            grave = math.fsum(float(share) for share, one in zip(row, judged, strict=True) if one == "high")
            percent = Raw(catalogue.text("figures.forest.percent", number=round(100 * grave)))
            said.append(catalogue.text("figures.contributions.high", percent=percent))
    return " ".join(said) or catalogue.text("figures.nothing")

"""Risk of bias of all studies: a traffic-light table of domains, or a bar a domain.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

Each judgement is a shape with a letter, and darker where it is graver; no colour has a meaning.
"""

from collections.abc import Sequence
from typing import Any

from evenhand.figures.palette import ANYWAY, GRID, PAPER, SECONDARY
from evenhand.figures.plot_arrays import column, names_of
from evenhand.figures.risk_mark import judgement_shape
from evenhand.figures.risk_tools import RiskTool, judged, risk_tool
from evenhand.figures.svg import Svg, element, figure, group, isolated, label, line
from evenhand.figures.text_width import text_width, wrapped
from evenhand.words.catalogue import Catalogue, key_of

_SIZE, _SMALL = 13.0, 12.0
_MARGIN, _ROW, _CELL, _HEAD = 12.0, 28.0, 40.0, 34.0
_NAMES, _LEADING = 260.0, 16.0
_BAR = 22.0
_SHADES = {"low": 0.0, "low except confounding": 0.06, "some concerns": 0.16, "moderate": 0.16, "high": 0.32}
_SHADES |= {"serious": 0.32, "critical": 1.0}


def risk_of_bias_plot(
    judgements: Sequence[Sequence[str | None]],
    *,
    labels: Sequence[str] | None = None,
    tool: str = "RoB 2",
    kind: str = "traffic-light",
    overall: bool = True,
    weights: Any = None,
    title: str | None = None,
    language: str = "en",
    key: str = "bias",
    width: float = 640.0,
) -> Svg:
    """Judgements of every domain of every study.

    Parameters
    ----------
    judgements : sequence of sequence of str
        One row a study: a judgement a domain in the tool's order, then the overall one; None or '' for none.
    labels : sequence of str or None
        Names of the studies; their numbers where there are none.
    tool : str
        A name of `RISK_TOOLS`: 'RoB 2', 'ROBINS-I 2016', 'ROBINS-I 2025', 'QUADAS-2', 'QUADAS-2 applicability'.
    kind : {'traffic-light', 'summary'}
        A table of marks, or a bar a domain.
    overall : bool
        Whether the last column is the judgement of the whole study.
    weights : array_like, shape (k,), or None
        What a study counts in the bars of the summary; None counts studies.
    title, key
        As in `funnel_plot`.
    width : float
        Of the summary. A traffic-light table is as wide as its words and columns.

    References
    ----------
    McGuinness & Higgins (2021). Res. Synth. Methods 12, 55-61.
    """
    catalogue = Catalogue.load(language)
    asked = risk_tool(tool)
    names = names_of(labels, len(judgements))
    rows = judged(judgements, asked, names, overall=overall)
    counted = column("weights", [1.0] * len(rows) if weights is None else weights, len(rows), least=0.0)
    if kind == "traffic-light":
        return _lights(rows, names, asked, catalogue, key, title, overall)
    if kind == "summary":
        return _bars(rows, counted.tolist(), asked, catalogue, key, title, overall, width)
    raise ValueError(f"no kind '{kind}'. Mend: give 'traffic-light' or 'summary'.")


def domain_words(tool: RiskTool, domain: str, catalogue: Catalogue) -> str:
    """What a domain is about; the whole study for 'overall'."""
    if domain == "overall":
        return catalogue.text("figures.bias.overall")
    return catalogue.text(f"figures.bias.domain.{tool.key}.{domain.lower()}")


def judgement_word(judgement: str, catalogue: Catalogue) -> str:
    """A judgement in the reader's language."""
    return catalogue.text(f"figures.bias.judgement.{key_of(judgement)}")


def _columns(tool: RiskTool, overall: bool) -> tuple[str, ...]:
    return (*tool.domains, *(("overall",) if overall else ()))


def _lights(
    rows: Sequence[Sequence[str | None]],
    names: Sequence[str],
    tool: RiskTool,
    catalogue: Catalogue,
    key: str,
    title: str | None,
    overall: bool,
) -> Svg:
    columns = _columns(tool, overall)
    heading = catalogue.text("figures.forest.heading.study")
    # Each domain in full below the table, each sign in its key: neither fits a heading.
    domains = [f"{at}: {domain_words(tool, at, catalogue)}" for at in tool.domains]
    known = [one for one in tool.judgements if any(one in row for row in rows)]
    room = min(_NAMES, max(text_width(name, _SIZE, bold=True) for name in (*names, heading)) + 14)
    widest = max((text_width(text, _SMALL) for text in domains), default=0.0)
    width = max(2 * _MARGIN + room + len(columns) * _CELL + 10, min(widest + 2 * _MARGIN, 560.0), 320.0)
    rtl = catalogue.direction == "rtl"

    def across(x: float) -> float:
        return width - x if rtl else x

    anchor = "end" if rtl else "start"
    start = _MARGIN + room + _CELL / 2
    body = _HEAD + _ROW * len(rows)
    parts: list[Svg] = [
        label(heading, across(_MARGIN), _HEAD - 10, catalogue, anchor=anchor, font_size=_SIZE, font_weight="700")
    ]
    for at, domain in enumerate(columns):
        short = catalogue.text("figures.bias.overall_short") if domain == "overall" else domain
        parts.append(
            label(
                short,
                across(start + at * _CELL + (6 if domain == "overall" else 0)),
                _HEAD - 10,
                catalogue,
                anchor="middle",
                font_size=_SIZE,
                font_weight="700",
            )
        )
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        middle = _HEAD + _ROW * (place + 0.5)
        shown = wrapped(name, _SIZE, room - 8, 1)
        parts += [
            group(
                line(_MARGIN, middle - _ROW / 2, width - _MARGIN, middle - _ROW / 2, stroke_width=1), **GRID.attributes
            ),
            label(
                isolated(shown[0]) if shown else "",
                across(_MARGIN),
                middle + 4.5,
                catalogue,
                anchor=anchor,
                font_size=_SIZE,
            ),
            *(
                judgement_shape(
                    one, across(start + at * _CELL + (6 if columns[at] == "overall" else 0)), middle, catalogue
                )
                for at, one in enumerate(row)
                if one is not None
            ),
        ]
    parts.append(group(line(_MARGIN, body, width - _MARGIN, body, stroke_width=1), **SECONDARY.attributes))
    below, y = _key(known, width, body + 22, catalogue)
    parts += below
    y += 8
    for text in domains:
        for part in wrapped(text, _SMALL, width - 2 * _MARGIN, 2):
            parts.append(
                group(
                    label(part, across(_MARGIN), y, catalogue, anchor=anchor, font_size=_SMALL), **SECONDARY.attributes
                )
            )
            y += _LEADING
    return figure(
        group(*parts, **ANYWAY.attributes),
        key=key,
        title=title or catalogue.text("figures.bias.title", n=len(rows), tool=tool.name),
        desc=_desc(rows, names, tool, catalogue, overall),
        width=width,
        height=y,
        catalogue=catalogue,
        class_="figure figure-bias",
    )


def _bars(
    rows: Sequence[Sequence[str | None]],
    weights: Sequence[float],
    tool: RiskTool,
    catalogue: Catalogue,
    key: str,
    title: str | None,
    overall: bool,
    width: float,
) -> Svg:
    columns = _columns(tool, overall)
    names = [domain_words(tool, domain, catalogue) for domain in columns]
    rtl = catalogue.direction == "rtl"
    room = min(0.42 * width, max(text_width(name, _SIZE, bold=True) for name in names) + 14)
    start, stop = _MARGIN + room, width - _MARGIN - 12
    y = _MARGIN
    parts: list[Svg] = []
    total = sum(weights)
    for at, (domain, name) in enumerate(zip(columns, names, strict=True)):
        lines = wrapped(name, _SIZE * 1.06, room - 8, 3)
        tall = max(_BAR + 10, len(lines) * _LEADING + 8)
        middle = y + tall / 2
        parts += [
            label(
                text,
                width - _MARGIN if rtl else _MARGIN,
                middle + 4.5 - (len(lines) - 1) * _LEADING / 2 + place * _LEADING,
                catalogue,
                anchor="end" if rtl else "start",
                font_size=_SIZE,
                font_weight="700" if domain == "overall" else None,
            )
            for place, text in enumerate(lines)
        ]
        done = 0.0
        for judgement in (*tool.judgements, None):
            share = (
                sum(w for row, w in zip(rows, weights, strict=True) if row[at] == judgement) / total if total else 0.0
            )
            if share > 0:
                left, right = (start + (stop - start) * part for part in (done, done + share))
                if rtl:
                    left, right = width - right, width - left
                parts.append(_segment(left, right, middle, judgement, catalogue))
                done += share
        y += tall
    ticks = [
        label(
            catalogue.text("figures.forest.percent", number=percent),
            (width - start - (stop - start) * percent / 100) if rtl else start + (stop - start) * percent / 100,
            y + 16,
            catalogue,
            anchor="middle",
            font_size=_SMALL,
        )
        for percent in (0, 25, 50, 75, 100)
    ]
    known = [one for one in tool.judgements if any(one in row for row in rows)]
    below, y = _key(known, width, y + 42, catalogue)
    return figure(
        group(*parts, id=f"{key}-bars", **ANYWAY.attributes),
        group(*ticks, **SECONDARY.attributes),
        group(*below, **ANYWAY.attributes),
        key=key,
        title=title or catalogue.text("figures.bias.title", n=len(rows), tool=tool.name),
        desc=_shares(rows, weights, tool, catalogue, columns),
        width=width,
        height=y,
        catalogue=catalogue,
        class_="figure figure-bias",
    )


def _segment(left: float, right: float, middle: float, judgement: str | None, catalogue: Catalogue) -> Svg:
    """A part of a bar with its letter; dashed where there is no judgement or no answer."""
    shade = _SHADES.get(judgement or "")
    box = element(
        "rect",
        x=left,
        y=middle - _BAR / 2,
        width=right - left,
        height=_BAR,
        fill="currentColor",
        fill_opacity=f"{shade or 0.0:g}",
        stroke="currentColor",
        stroke_width=1.2,
        stroke_dasharray="3 3" if shade is None else None,
    )
    if judgement is None or right - left < 16:
        return box
    letter = label(
        catalogue.text(f"figures.bias.letter.{key_of(judgement)}"),
        (left + right) / 2,
        middle + 4.5,
        catalogue,
        anchor="middle",
        font_size=_SMALL,
        font_weight="700",
    )
    return group(box, group(letter, **PAPER.attributes) if judgement == "critical" else letter)


def _key(known: Sequence[str], width: float, y: float, catalogue: Catalogue) -> tuple[list[Svg], float]:
    """Every sign that occurs, with its word; as many on a line as fit."""
    rtl = catalogue.direction == "rtl"
    parts: list[Svg] = []
    x = _MARGIN
    for one in known:
        words = judgement_word(one, catalogue)
        long = 28 + text_width(words, _SMALL)
        if x > _MARGIN and x + long > width - _MARGIN:
            x, y = _MARGIN, y + 24
        parts += [
            judgement_shape(one, width - x - 10 if rtl else x + 10, y - 4, catalogue),
            label(
                words,
                width - x - 25 if rtl else x + 25,
                y,
                catalogue,
                anchor="end" if rtl else "start",
                font_size=_SMALL,
            ),
        ]
        x += long + 18
    return parts, y + 18


def _desc(
    rows: Sequence[Sequence[str | None]], names: Sequence[str], tool: RiskTool, catalogue: Catalogue, overall: bool
) -> str:
    """Study by study: the overall judgement, or all of them where there is none."""
    said = []
    for row, name in zip(rows, names, strict=True):
        parts = row[-1:] if overall else row
        words = [judgement_word(one, catalogue) if one else catalogue.text("figures.risk.unclear") for one in parts]
        said.append(catalogue.text("figures.bias.row", name=name, words=words))
    return " ".join(said) or catalogue.text("figures.nothing")


def _shares(
    rows: Sequence[Sequence[str | None]],
    weights: Sequence[float],
    tool: RiskTool,
    catalogue: Catalogue,
    columns: Sequence[str],
) -> str:
    total = sum(weights)
    said = []
    for at, domain in enumerate(columns):
        parts = []
        for judgement in tool.judgements:
            share = sum(w for row, w in zip(rows, weights, strict=True) if row[at] == judgement)
            if share and total:
                percent = catalogue.text("figures.forest.percent", number=round(100 * share / total))
                parts.append(f"{judgement_word(judgement, catalogue)} {percent}")
        if parts:
            said.append(catalogue.text("figures.bias.row", name=domain_words(tool, domain, catalogue), words=parts))
    return " ".join(said) or catalogue.text("figures.nothing")

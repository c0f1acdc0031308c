"""A pooled file of studies as a table with a forest of text, for a terminal.

Pipeline: dossier → integrity → effects → synthesis → workbench → [report]
"""

import math
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from evenhand.figures.scale import Scale
from evenhand.synthesis.pooled import Classical
from evenhand.words.catalogue import Catalogue, Raw
from evenhand.workbench.pool_file import PooledFile

_WIDTH = 80  # characters of the whole, as a terminal has at the least
_WIDEST_FOREST, _LEAST_FOREST = 33, 17  # characters of the drawn axis
_LONGEST_LABEL = 32  # for a start; shorter where the figures need the room
_SAME_TENFOLD = 1e-12
_SHORTEST_LABEL = 8
Limits = tuple[float, float, float]  # estimate, lower, upper
_Row = tuple[str, str, str, Limits | None, str]  # name, figures, weight, what is drawn and its mark


def pooled_text(pooled: PooledFile, language: str) -> str:
    """Each study, all of them together, a new setting, and what they disagree by.

    Returns
    -------
    str
        Lines without a line end after the last; no markup, no colour.
    """
    catalogue = Catalogue.load(language)
    studies = [_limits_of_study(pooled, i) for i in range(len(pooled.file.labels))]
    result = pooled.result
    together = _shown(pooled, (result.estimate, result.ci_lower, result.ci_upper))
    new = _shown(pooled, (result.estimate, result.pi_lower, result.pi_upper))
    rows: list[_Row] = [
        (catalogue.text("pool.study"), _measure_name(pooled, catalogue), catalogue.text("pool.weight"), None, "")
    ]
    weights = iter(result.weights)
    for label, limits, used in zip(pooled.file.labels, studies, pooled.used, strict=True):
        share = next(weights, math.nan) if used else math.nan
        weight = "" if math.isnan(share) else catalogue.text("pool.percent", number=f"{share:.1f}")
        text = _interval(limits, catalogue) if used else catalogue.text("pool.left_out")
        rows.append((label, text, weight, limits if used else None, "■"))
    summary = catalogue.text("pool.together", n=result.k)
    rows.append((summary, _interval(together, catalogue), "", together, "◆"))
    if all(map(math.isfinite, new)):
        rows.append((catalogue.text("pool.new"), _range(new, catalogue), "", new, ""))
    table = _table(rows, lambda width: _axis(pooled, [*studies, together], width))
    return "\n".join(["", *table, "", *_said(pooled, catalogue)])


def _limits_of_study(pooled: PooledFile, i: int) -> Limits:
    from scipy.special import ndtri

    half = -float(ndtri((1 - pooled.level) / 2)) * math.sqrt(pooled.vi[i]) if pooled.used[i] else math.nan
    yi = float(pooled.yi[i])
    return _shown(pooled, (yi, yi - half, yi + half))


def _shown(pooled: PooledFile, limits: Limits) -> Limits:
    estimate, lower, upper = (float(end) for end in pooled.file.measure.to_display(np.array(limits)))
    return estimate, lower, upper


def _axis(pooled: PooledFile, limits: Sequence[Limits], width: int) -> Scale | None:
    """From the lowest to the highest estimate and a little beyond: a very wide interval does not set the axis."""
    estimates = [one[0] for one in limits if math.isfinite(one[0])]
    narrow = [end for one in limits for end in one[1:] if math.isfinite(end)]
    measure = pooled.file.measure
    log = measure.is_ratio
    null = [] if measure.null is None else [float(measure.to_display(np.array(measure.null)))]
    if not narrow or (log and min(narrow) <= 0):
        return None
    ends = sorted(narrow)
    low, high = min([*estimates, *null, ends[len(ends) // 5]]), max([*estimates, *null, ends[-1 - len(ends) // 5]])
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


def _table(rows: Sequence[_Row], axis: Callable[[int], Scale | None]) -> list[str]:
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


def _said(pooled: PooledFile, catalogue: Catalogue) -> list[str]:
    result = pooled.result
    lines = [
        catalogue.text(
            "pool.how", measure=Raw(pooled.file.measure.name), method=Raw(result.method), test=Raw(result.test)
        )
    ]
    if math.isfinite(result.p_value):
        lines[0] += " " + catalogue.text("pool.p_value", p=Raw(_p(result.p_value)))
    if result.k > 1 and math.isfinite(result.tau2):
        lines.append(_spread(result, catalogue))
    if result.k == 1:
        lines.append(catalogue.text("pool.one_study"))
    return lines


def _spread(result: Classical, catalogue: Catalogue) -> str:
    text = catalogue.text("pool.tau2", tau2=Raw(f"{result.tau2:.4g}"))
    if math.isfinite(result.i2):
        text += " " + catalogue.text("pool.i2", i2=Raw(f"{result.i2:.0f}"))
    if math.isfinite(result.q):
        text += " " + catalogue.text("pool.q", q=Raw(f"{result.q:.4g}"), df=result.k - 1, p=Raw(_p(result.q_p_value)))
    return text


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def _measure_name(pooled: PooledFile, catalogue: Catalogue) -> str:
    name = pooled.file.measure.name
    name = catalogue.text("pool.effect") if name == "GEN" else name
    return catalogue.text("pool.heading", measure=Raw(name), percent=Raw(f"{100 * pooled.level:g}"))


def _interval(limits: Limits, catalogue: Catalogue) -> str:
    if not math.isfinite(limits[0]):
        return catalogue.text("pool.none")
    return f"{_number(limits[0])} ({_range(limits, catalogue)})"


def _range(limits: Limits, catalogue: Catalogue) -> str:
    return catalogue.interval(_number(limits[1]), _number(limits[2]))


def _number(value: float) -> str:
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

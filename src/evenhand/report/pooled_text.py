"""A pooled file of studies as a table with a forest of text, for a terminal.

Pipeline: dossier → integrity → effects → synthesis → workbench → [report]
"""

import math

import numpy as np

from evenhand.report.text_forest import Limits, TextRow, forest_axis, forest_lines, short_number, short_p
from evenhand.synthesis.pooled import Classical
from evenhand.words.catalogue import Catalogue, Raw
from evenhand.workbench.pool_file import PooledFile


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
    rows: list[TextRow] = [
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
    measure = pooled.file.measure
    null = None if measure.null is None else float(measure.to_display(np.array(measure.null)))
    drawn = [*studies, together]
    table = forest_lines(rows, lambda width: forest_axis(drawn, width, log=measure.is_ratio, null=null))
    return "\n".join(["", *table, "", *_said(pooled, catalogue)])


def _limits_of_study(pooled: PooledFile, i: int) -> Limits:
    from scipy.special import ndtri

    half = -float(ndtri((1 - pooled.level) / 2)) * math.sqrt(pooled.vi[i]) if pooled.used[i] else math.nan
    yi = float(pooled.yi[i])
    return _shown(pooled, (yi, yi - half, yi + half))


def _shown(pooled: PooledFile, limits: Limits) -> Limits:
    estimate, lower, upper = (float(end) for end in pooled.file.measure.to_display(np.array(limits)))
    return estimate, lower, upper


def _said(pooled: PooledFile, catalogue: Catalogue) -> list[str]:
    result = pooled.result
    lines = [
        catalogue.text(
            "pool.how", measure=Raw(pooled.file.measure.name), method=Raw(result.method), test=Raw(result.test)
        )
    ]
    if math.isfinite(result.p_value):
        lines[0] += " " + catalogue.text("pool.p_value", p=Raw(short_p(result.p_value)))
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
        text += " " + catalogue.text(
            "pool.q", q=Raw(f"{result.q:.4g}"), df=result.k - 1, p=Raw(short_p(result.q_p_value))
        )
    return text


def _measure_name(pooled: PooledFile, catalogue: Catalogue) -> str:
    name = pooled.file.measure.name
    name = catalogue.text("pool.effect") if name == "GEN" else name
    return catalogue.text("pool.heading", measure=Raw(name), percent=Raw(f"{100 * pooled.level:g}"))


def _interval(limits: Limits, catalogue: Catalogue) -> str:
    if not math.isfinite(limits[0]):
        return catalogue.text("pool.none")
    return f"{short_number(limits[0])} ({_range(limits, catalogue)})"


def _range(limits: Limits, catalogue: Catalogue) -> str:
    return catalogue.interval(short_number(limits[1]), short_number(limits[2]))

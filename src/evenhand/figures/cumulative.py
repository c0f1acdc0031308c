"""Cumulative and leave-one-out forest plots: the pooled effect as studies are added, or as each is left out.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from evenhand.distributions import Floats
from evenhand.figures.counts import three_figures
from evenhand.figures.effect_scale import EffectScale, effect_scale
from evenhand.figures.forest import ForestColumn, ForestSummary, interval_ends
from evenhand.figures.forest_layout import Column, ForestAxis, Row, forest_picture
from evenhand.figures.forest_marks import diamond, study_mark
from evenhand.figures.forest_values import readable_ends
from evenhand.figures.palette import BENEFIT
from evenhand.figures.plot_arrays import column, names_of
from evenhand.figures.svg import Svg, isolated
from evenhand.words.catalogue import Catalogue, Raw

KINDS = ("cumulative", "leave-one-out")
_MARK = 12.0  # percent: squares of one size, since a pooled effect has no weight


def cumulative_plot(
    estimate: Any,
    se: Any = None,
    *,
    ci_lower: Any = None,
    ci_upper: Any = None,
    labels: Sequence[str] | None = None,
    kind: str = "cumulative",
    overall: ForestSummary | None = None,
    i2: Any = None,
    tau2: Any = None,
    right: Sequence[ForestColumn] = (),
    low_side: str = "",
    high_side: str = "",
    measure: str | None = None,
    effect_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "cumulative",
    width: float | None = None,
) -> Svg:
    """One pooled effect a row.

    Parameters
    ----------
    estimate : array_like, shape (k,)
        Pooled effect after each study is added, or without it; on the analysis scale. nan where there is none.
    se, ci_lower, ci_upper : array_like, shape (k,), or None
        Standard errors for intervals of ± 1.96, or the intervals themselves.
    labels : sequence of str or None
        The study added, or left out, in each row.
    kind : {'cumulative', 'leave-one-out'}
        Decides what the rows are called: `+ study`, or `without study`.
    overall : ForestSummary or None
        All studies together: a diamond below, carried up as a dotted line.
    i2, tau2 : array_like, shape (k,), or None
        Heterogeneity of each row (I² in percent), as columns.
    right : sequence of ForestColumn
        Columns of the caller's own.
    low_side, high_side, measure, effect_label, title, key, width
        As in `forest_plot`.

    References
    ----------
    Lau et al. (1992). N. Engl. J. Med. 327, 248-254.
    """
    catalogue = Catalogue.load(language)
    if kind not in KINDS:
        raise ValueError(f"no kind '{kind}'. Mend: give one of {', '.join(KINDS)}.")
    values = column("estimate", estimate)
    k = values.size
    names = names_of(labels, k)
    lower, upper = interval_ends(values, se, None, ci_lower, ci_upper)
    scale = effect_scale(measure, effect_label, catalogue)
    spans = [scale.span(*(float(v) for v in ends)) for ends in zip(values, lower, upper, strict=True)]
    word = "figures.cumulative.row" if kind == "cumulative" else "figures.cumulative.without"
    rows = [Row(mark=partial(study_mark, span, _MARK)) for span in spans]
    cells = [catalogue.text(word, name=isolated(name)) for name in names]
    numbers = [scale.words(span, catalogue) for span in spans]
    together = None if overall is None else scale.span(overall.estimate, overall.ci_lower, overall.ci_upper)
    if overall is not None and together is not None:
        rows.append(Row(mark=partial(diamond, together, paint=BENEFIT, filled=True), bold=True, rule_above=True))
        cells.append(isolated(overall.name))
        numbers.append(scale.words(together, catalogue))
    blank = ("",) * (len(rows) - k)
    after = [
        Column(
            heading=catalogue.text("figures.forest.heading.effect", measure=Raw(scale.name)),
            cells=tuple(numbers),
            longest=230.0,
        )
    ]
    if i2 is not None:
        shares = tuple(_percent(value, catalogue) for value in column("i2", i2, k))
        after.append(Column(heading="I²", cells=(*shares, *blank)))
    if tau2 is not None:
        variances = tuple(
            catalogue.number(three_figures(value)) if math.isfinite(value) else "–" for value in column("tau2", tau2, k)
        )
        after.append(Column(heading="τ²", cells=(*variances, *blank)))
    for own in right:
        if len(own.cells) != k:
            raise ValueError(f"column '{own.heading}' has {len(own.cells)} cells for {k} rows. Mend: give one a row.")
        after.append(
            Column(
                heading=isolated(own.heading),
                cells=(*(isolated(str(cell)) for cell in own.cells), *blank),
                at_end=own.numbers,
                over=isolated(own.over) if own.over else "",
            )
        )
    every = [span for span in (*spans, together) if span is not None]
    low, high = readable_ends(
        [*(span.value for span in every), *([] if scale.null is None else [scale.null])],
        (end for span in every for end in (span.lower, span.upper)),
        log=scale.log,
    )
    return forest_picture(
        rows,
        [Column(heading=catalogue.text(f"figures.cumulative.heading.{_KEYS[kind]}"), cells=tuple(cells), at_end=False)],
        after,
        ForestAxis(
            low=low,
            high=high,
            log=scale.log,
            null=scale.null,
            pooled=None if together is None else together.value,
            sides=(isolated(low_side), isolated(high_side)) if low_side or high_side else None,
            name=catalogue.text("figures.plot.log_scale", effect=Raw(scale.name)) if scale.log else scale.name,
        ),
        key=key,
        title=title or catalogue.text(f"figures.cumulative.title.{_KEYS[kind]}", n=k),
        desc=_desc(values, names, numbers, scale, kind, catalogue),
        catalogue=catalogue,
        width=width,
    )


_KEYS = {"cumulative": "cumulative", "leave-one-out": "left_out"}


def _percent(value: float, catalogue: Catalogue) -> str:
    return catalogue.text("figures.forest.percent", number=round(value)) if math.isfinite(value) else "–"


def _desc(
    values: Floats, names: Sequence[str], numbers: Sequence[str], scale: EffectScale, kind: str, catalogue: Catalogue
) -> str:
    """First and last row of a growing analysis; the lowest and the highest without one study."""
    usable = [at for at in range(len(names)) if math.isfinite(values[at])]
    if not usable:
        return catalogue.text("figures.nothing")
    if kind == "cumulative":
        shown = [usable[0], usable[-1]]
    else:
        shown = [min(usable, key=lambda at: float(values[at])), max(usable, key=lambda at: float(values[at]))]
    word = "figures.cumulative.row" if kind == "cumulative" else "figures.cumulative.without"
    said = [
        catalogue.text(
            "figures.forest.row", name=Raw(catalogue.text(word, name=isolated(names[at]))), numbers=Raw(numbers[at])
        )
        for at in dict.fromkeys(shown)
    ]
    return " ".join([f"{scale.name}.", *said])

"""Forest plot of a network: every treatment against one reference, the best first.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.figures.forest import ForestColumn, forest_plot
from evenhand.figures.plot_arrays import column
from evenhand.figures.svg import Svg
from evenhand.words.catalogue import Catalogue


def network_forest_plot(
    treatments: Sequence[str],
    estimate: Any,
    ci_lower: Any,
    ci_upper: Any,
    *,
    reference: str,
    scores: Any = None,
    score_label: str | None = None,
    studies: Any = None,
    level: float = 0.95,
    measure: str | None = None,
    effect_label: str | None = None,
    low_side: str = "",
    high_side: str = "",
    title: str | None = None,
    language: str = "en",
    key: str = "network-forest",
    width: float | None = None,
) -> Svg:
    """Effects of all treatments against a reference, one under the other.

    Parameters
    ----------
    treatments : sequence of str, shape (T,)
        The reference may be among them; it has no row.
    estimate, ci_lower, ci_upper : array_like, shape (T,)
        Treatment less reference on the analysis scale; nan for one that nothing joins to it, which keeps its row.
    reference : str
        What all are held against.
    scores : array_like, shape (T,), or None
        P-scores or SUCRA: their column, and the order of the rows; without them rows stand as given.
    score_label : str or None
        Heading of that column; None writes 'P-score'.
    studies : array_like, shape (T,), or None
        How many studies compare a treatment with the reference themselves, a column.
    level : float
        Of the intervals.
    measure, effect_label, low_side, high_side, title, key, width
        As in `forest_plot`.

    Raises
    ------
    ValueError
        For columns of unequal lengths, or no treatment besides the reference.
    """
    catalogue = Catalogue.load(language)
    effects = column("estimate", estimate, len(treatments))
    lower, upper = column("ci_lower", ci_lower, len(treatments)), column("ci_upper", ci_upper, len(treatments))
    ranks = None if scores is None else column("scores", scores, len(treatments))
    direct = None if studies is None else column("studies", studies, len(treatments), least=0.0)
    rows = [t for t, name in enumerate(treatments) if name != reference]
    if not rows:
        raise ValueError(f"there is no treatment besides '{reference}'. Mend: give the treatments it is compared with.")
    if ranks is not None:
        rows.sort(key=lambda t: (math.isnan(ranks[t]), -ranks[t], t))
    right = []
    if direct is not None:
        cells = ["" if math.isnan(direct[t]) else catalogue.number(round(float(direct[t]))) for t in rows]
        right.append(ForestColumn(heading=catalogue.text("figures.network.direct_studies"), cells=cells))
    if ranks is not None:
        cells = ["" if math.isnan(ranks[t]) else catalogue.number(float(ranks[t]), 2) for t in rows]
        right.append(ForestColumn(heading=score_label or catalogue.text("network.score"), cells=cells))
    order = np.array(rows)
    return forest_plot(
        effects[order],
        ci_lower=lower[order],
        ci_upper=upper[order],
        labels=[treatments[t] for t in rows],
        right=right,
        low_side=low_side,
        high_side=high_side,
        measure=measure,
        effect_label=effect_label,
        name_label=catalogue.text("network.treatment"),
        level=level,
        title=title or catalogue.text("figures.network.forest_title", name=reference),
        language=language,
        key=key,
        width=width,
    )

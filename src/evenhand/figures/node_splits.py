"""Node-split forest: for each comparison the direct evidence, the indirect, and both together.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.figures.forest import ForestColumn, ForestGroup, forest_plot
from evenhand.figures.plot_arrays import column
from evenhand.figures.svg import Svg
from evenhand.words.catalogue import Catalogue


def node_split_plot(
    comparisons: Sequence[str],
    direct: Any,
    se_direct: Any,
    indirect: Any,
    se_indirect: Any,
    *,
    network: Any = None,
    se_network: Any = None,
    p_value: Any = None,
    measure: str | None = None,
    effect_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "node-splits",
    width: float | None = None,
) -> Svg:
    """Two ways to the same effect, one under the other, with the probability that they differ as much by chance.

    Parameters
    ----------
    comparisons : sequence of str, shape (m,)
        'A v B'.
    direct, se_direct, indirect, se_indirect : array_like, shape (m,)
        On the analysis scale; nan where a comparison has no such evidence.
    network, se_network : array_like, shape (m,), or None
        Both kinds together.
    p_value : array_like, shape (m,), or None
        Of the difference of direct and indirect.
    measure, effect_label, title, key, width
        As in `forest_plot`.

    References
    ----------
    Dias, Welton, Caldwell & Ades (2010). Statist. Med. 29, 932-944.
    """
    catalogue = Catalogue.load(language)
    m = len(comparisons)
    kinds = [("direct", direct, se_direct), ("indirect", indirect, se_indirect)]
    if (network is None) != (se_network is None):
        raise ValueError("give network and se_network together, or neither.")
    if network is not None:
        kinds.append(("network", network, se_network))
    effects = np.stack([column(name, values, m) for name, values, _ in kinds], axis=1)
    errors = np.stack([column(f"se_{name}", values, m, least=0.0) for name, _, values in kinds], axis=1)
    chance = None if p_value is None else column("p_value", p_value, m, least=0.0)
    rows = len(kinds)
    right = []
    if chance is not None:
        # The difference is one of the comparison, and stands in its first row.
        cells = [_p(chance[at], catalogue) if not kind else "" for at in range(m) for kind in range(rows)]
        right.append(ForestColumn(heading=catalogue.text("figures.node_splits.p"), cells=cells))
    differing = 0 if chance is None else int(np.sum(chance < 0.05))
    return forest_plot(
        effects.ravel(),
        np.where(np.isfinite(effects), errors, np.nan).ravel(),
        labels=[catalogue.text(f"figures.node_splits.{name}") for _ in range(m) for name, _, _ in kinds],
        groups=[
            ForestGroup(name=str(name), studies=range(rows * at, rows * (at + 1)))
            for at, name in enumerate(comparisons)
        ],
        right=right,
        measure=measure,
        effect_label=effect_label,
        name_label=catalogue.text("figures.node_splits.evidence"),
        title=title or catalogue.text("figures.node_splits.title", n=m, differing=differing),
        language=language,
        key=key,
        width=width,
    )


def _p(value: float, catalogue: Catalogue) -> str:
    if math.isnan(value):
        return ""
    return catalogue.text("figures.node_splits.p_small") if value < 0.001 else catalogue.number(value, 3)

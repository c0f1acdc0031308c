"""A pooled file of studies as a forest plot.

Pipeline: dossier → integrity → effects → synthesis → workbench → figures → [report]
"""

import math

import numpy as np

from evenhand.figures.forest import ForestColumn, ForestSummary, Heterogeneity, forest_plot
from evenhand.figures.svg import Svg
from evenhand.synthesis.wald import quantile
from evenhand.words.catalogue import Catalogue
from evenhand.workbench.pool_file import PooledFile


def pooled_forest(pooled: PooledFile, language: str) -> Svg:
    """Studies with their counts or means, the pooled effect, and where a new study may lie."""
    catalogue, result = Catalogue.load(language), pooled.result
    used = np.array(pooled.used)
    summaries = [
        ForestSummary(
            name=catalogue.text("pool.together", n=result.k),
            estimate=result.estimate,
            ci_lower=result.ci_lower,
            ci_upper=result.ci_upper,
        )
    ]
    if result.k > 1 and result.tau2 > 0 and math.isfinite(result.pi_lower):
        summaries.append(
            ForestSummary(
                name=catalogue.text("pool.new"),
                estimate=result.estimate,
                ci_lower=result.pi_lower,
                ci_upper=result.pi_upper,
                prediction=True,
            )
        )
    weights = np.full(used.size, np.nan)
    if result.weights:
        weights[used] = result.weights
    name = pooled.file.measure.name
    effects = np.where(used, pooled.yi, np.nan)
    half = quantile(pooled.level, None) * np.sqrt(np.where(used, pooled.vi, np.nan))
    return forest_plot(
        effects,
        ci_lower=effects - half,
        ci_upper=effects + half,
        labels=pooled.file.labels,
        weights=weights if result.weights else None,
        summaries=summaries,
        heterogeneity=Heterogeneity(
            tau2=_known(result.tau2),
            i2=_known(result.i2),
            q=_known(result.q),
            df=result.k - 1,
            p_value=_known(result.q_p_value),
        )
        if result.k > 1
        else None,
        left=_arms(pooled, catalogue),
        measure=None if name == "GEN" else name,
        level=pooled.level,
        title=pooled.file.name,
        language=language,
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _arms(pooled: PooledFile, catalogue: Catalogue) -> list[ForestColumn]:
    """Both groups' events of people, or means with their SDs."""
    figures, columns = pooled.file.figures, []
    for group in ("_1", "_2"):
        if {f"events{group}", f"n{group}"} <= set(figures):
            pairs = zip(figures[f"events{group}"], figures[f"n{group}"], strict=True)
            cells = [f"{events:g}/{n:g}" if math.isfinite(events + n) else "" for events, n in pairs]
        elif {f"mean{group}", f"sd{group}"} <= set(figures):
            pairs = zip(figures[f"mean{group}"], figures[f"sd{group}"], strict=True)
            cells = [f"{mean:.4g} ({sd:.3g})" if math.isfinite(mean + sd) else "" for mean, sd in pairs]
        else:
            continue
        columns.append(ForestColumn(heading=catalogue.text(f"pool.group{group}"), cells=cells))
    return columns

"""A file's network as a table with a forest of text, for a terminal.

Pipeline: dossier → integrity → effects → synthesis → workbench → [report]
"""

import math

import numpy as np

from evenhand.report.text_forest import Limits, TextRow, forest_axis, forest_lines, short_number, short_p
from evenhand.words.catalogue import Catalogue, Raw
from evenhand.workbench.network_answer import NetworkAnswer

_CLEAR = 0.05  # of the test that direct and indirect evidence differ; a test of low power, so never called agreement
_MOST_NAMED = 8


def network_text(answer: NetworkAnswer, language: str) -> str:
    """Each treatment against the reference, best first, and how far the studies agree.

    Returns
    -------
    str
        Lines without a line end after the last; no markup, no colour.
    """
    catalogue = Catalogue.load(language)
    score = answer.p_scores if answer.sucra is None else answer.sucra
    limits = [_shown(answer, t) for t in range(len(answer.treatments))]
    heading = catalogue.text("network.score" if answer.sucra is None else "network.sucra")
    rows: list[TextRow] = [(catalogue.text("network.treatment"), _heading(answer, catalogue), heading, None, "")]
    for t in answer.ranking:
        is_reference = t == answer.reference
        figures = catalogue.text("network.reference") if is_reference else _interval(limits[t], catalogue)
        rank = f"{score[t]:.2f}" if math.isfinite(score[t]) else ""
        rows.append((answer.treatments[t], figures, rank, None if is_reference else limits[t], "■"))
    drawn = [one for t, one in enumerate(limits) if t != answer.reference]
    measure = answer.file.measure
    null = float(measure.to_display(np.array(0.0)))
    table = forest_lines(rows, lambda width: forest_axis(drawn, width, log=measure.is_ratio, null=null))
    return "\n".join(["", *table, "", *_said(answer, catalogue)])


def _shown(answer: NetworkAnswer, t: int) -> Limits:
    ends = np.array([answer.estimate[t], answer.ci_lower[t], answer.ci_upper[t]])
    with np.errstate(over="ignore"):
        estimate, lower, upper = (float(end) for end in answer.file.measure.to_display(ends))
    return estimate, lower, upper


def _heading(answer: NetworkAnswer, catalogue: Catalogue) -> str:
    name = answer.file.measure.name
    name = catalogue.text("pool.effect") if name == "GEN" else name
    return catalogue.text("pool.heading", measure=Raw(name), percent=Raw(f"{100 * answer.level:g}"))


def _interval(limits: Limits, catalogue: Catalogue) -> str:
    if not math.isfinite(limits[0]):
        return catalogue.text("pool.none")
    return f"{short_number(limits[0])} ({catalogue.interval(short_number(limits[1]), short_number(limits[2]))})"


def _said(answer: NetworkAnswer, catalogue: Catalogue) -> list[str]:
    small = "small_good" if answer.small_values_good else "small_bad"
    reference = answer.treatments[answer.reference]
    lines = [
        catalogue.text(
            "network.how", n=answer.k, measure=Raw(answer.file.measure.name), method=Raw(answer.method), name=reference
        ),
        f"{catalogue.text('network.ranked')} {catalogue.text(f'network.{small}')}",
        *([] if answer.priors is None else [_priors(answer.priors, catalogue)]),
        _spread(answer, catalogue),
        _coherence(answer, catalogue),
    ]
    if len(answer.pieces) > 1:
        lines.append(
            catalogue.text(
                "network.pieces", n=len(answer.pieces), pieces=Raw("; ".join(map(_listed, answer.pieces[:_MOST_NAMED])))
            )
        )
    return lines


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")


def _spread(answer: NetworkAnswer, catalogue: Catalogue) -> str:
    if answer.q.df < 1:
        return catalogue.text("network.no_spread")
    parts = []
    if math.isfinite(answer.tau2):
        parts.append(catalogue.text("pool.tau2", tau2=Raw(f"{answer.tau2:.4g}")))
    if math.isfinite(answer.i2):
        parts.append(catalogue.text("pool.i2", i2=Raw(f"{answer.i2:.0f}")))
    p = Raw(short_p(answer.q.p_value))
    parts.append(catalogue.text("pool.q", q=Raw(f"{answer.q.q:.4g}"), df=answer.q.df, p=p))
    return " ".join(parts)


def _priors(priors: tuple[str, str], catalogue: Catalogue) -> str:
    of_tau, of_effects = (Raw(prior) for prior in priors)
    return catalogue.text("network.priors", tau=of_tau, effects=of_effects)


def _coherence(answer: NetworkAnswer, catalogue: Catalogue) -> str:
    """Whether direct and indirect evidence differ; of a test that seldom finds it, no more is said than it found."""
    part = answer.incoherence
    if part.df < 1:
        return catalogue.text("network.coherence.untestable")
    if math.isnan(part.p_value):
        return catalogue.text("network.coherence.unknown")
    found = "differ" if part.p_value < _CLEAR else "unseen"
    return catalogue.text(
        f"network.coherence.{found}", q=Raw(f"{part.q:.4g}"), df=part.df, p=Raw(short_p(part.p_value))
    )

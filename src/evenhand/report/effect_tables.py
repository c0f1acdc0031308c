"""Every pooled effect with both ways of estimating it side by side, and its forest plot.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from evenhand.effects import MEASURES
from evenhand.figures import ForestTable, forest_rows
from evenhand.report.claim_cards import CertaintyView, certainty_view
from evenhand.report.lookup import Lookup, anchor
from evenhand.report.multiverse_view import MultiverseView, multiverse_view
from evenhand.report.voice import Voice
from evenhand.synthesis.pooled import Classical


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimate with its interval, as printed."""

    value: Markup
    range: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectView:
    """One row of the table, and what its details show."""

    anchor: str
    outcome: Markup
    hand: str
    treatment: Markup
    comparator: Markup | None
    other_treatment: bool
    measure: Markup
    exact: Estimate
    classical: Estimate | None
    classical_name: str | None
    p_value: Markup | None
    k: int
    n: Markup
    tau2: Markup
    i2: Markup
    likelihood: Markup
    prior_mu: str
    prior_tau: str
    certainty: CertaintyView | None
    forest: ForestTable
    multiverse: MultiverseView | None  # where there is more than one way to analyse it
    cites: Markup


def effect_views(lookup: Lookup, voice: Voice) -> tuple[EffectView, ...]:
    """Effects of the question's treatment first, then of other treatments, which say nothing of the question's own."""
    question = lookup.dossier.question
    effects = sorted(lookup.assessment.effects, key=lambda effect: effect.pooled.treatment != question.treatment)
    views = []
    for place, effect in enumerate(effects):
        pooled = effect.pooled
        outcome = lookup.dossier.outcomes[pooled.outcome]
        treatments = lookup.dossier.treatments
        classical = pooled.classical
        views.append(
            EffectView(
                anchor=anchor("effect", f"{pooled.outcome}-{pooled.treatment}-{place}"),
                outcome=voice.say(outcome.name),
                hand=outcome.hand.value,
                treatment=voice.say(treatments[pooled.treatment].name),
                comparator=voice.say(treatments[pooled.comparator].name) if pooled.comparator else None,
                other_treatment=pooled.treatment != question.treatment,
                measure=voice.text(MEASURES[pooled.measure].label),
                exact=_estimate(voice, pooled.estimate, pooled.lower, pooled.upper),
                classical=_classical(voice, classical, pooled.measure),
                classical_name=None if classical is None else classical.method,
                p_value=None if classical is None else _p(voice, classical.p_value),
                k=pooled.k,
                n=voice.text("report.effects.not_said") if pooled.n is None else voice.number(pooled.n),
                tau2=_or_dash(voice, pooled.tau2),
                i2=_or_dash(
                    voice, None if classical is None or classical.k < 2 else classical.i2, digits=0, suffix="%"
                ),
                likelihood=_likelihood(voice, pooled.posterior.likelihood),
                prior_mu=pooled.posterior.prior_mu,
                prior_tau=pooled.posterior.prior_tau,
                certainty=certainty_view(effect.rating, voice),
                forest=forest_rows(
                    pooled,
                    key=anchor("forest", f"{place}-{pooled.outcome}"),
                    catalogue=voice.catalogue,
                    outcome=outcome,
                    treatment=treatments[pooled.treatment].name,
                    comparator=treatments[pooled.comparator].name if pooled.comparator else None,
                ),
                multiverse=multiverse_view(
                    effect.multiverse,
                    pooled.measure,
                    outcome,
                    anchor("multiverse", f"{place}-{pooled.outcome}"),
                    voice,
                ),
                cites=voice.cite(contrast.study.source for contrast in pooled.contrasts),
            )
        )
    return tuple(views)


def _estimate(voice: Voice, value: float, lower: float, upper: float) -> Estimate:
    ends = voice.catalogue.interval(voice.catalogue.number(_rounded(lower)), voice.catalogue.number(_rounded(upper)))
    return Estimate(value=voice.number(_rounded(value)), range=Markup.escape(ends))


def _classical(voice: Voice, classical: Classical | None, measure: str) -> Estimate | None:
    if classical is None or not np.isfinite(classical.estimate):
        return None
    scale = MEASURES[measure].to_display
    value, lower, upper = (
        float(scale(np.float64(x)))  # type: ignore[arg-type]
        for x in (classical.estimate, classical.ci_lower, classical.ci_upper)
    )
    if not np.isfinite([value, lower, upper]).all():
        return None
    return _estimate(voice, value, lower, upper)


def _rounded(value: float) -> float:
    """Three figures, so that a number and its limits read alike."""
    return float(f"{value:.3g}") if np.isfinite(value) else value


def _p(voice: Voice, p_value: float) -> Markup:
    if not np.isfinite(p_value):
        return voice.text("report.effects.none")
    if p_value < 0.001:
        return voice.text("report.amount.below", limit=0.001)
    return voice.number(p_value, 3 if p_value < 0.1 else 2)


def _or_dash(voice: Voice, value: float | None, digits: int | None = None, suffix: str = "") -> Markup:
    if value is None or not np.isfinite(value):
        return voice.text("report.effects.none")
    return voice.number(_rounded(value) if digits is None else value, digits) + Markup.escape(suffix)


def _likelihood(voice: Voice, name: str) -> Markup:
    key = f"report.likelihood.{name.replace(' ', '_')}"
    return voice.text(key) if voice.catalogue.has(key) else voice.say(name)

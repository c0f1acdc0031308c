"""The assessment as one JSON document, for programs: every number of the report, and the words beside it.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]

`assessment.schema.json` in this folder (and, as a link, in `schema/`) describes it field by field.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from numbers import Integral, Real
from typing import Any, cast

from evenhand.assessment import Assessment, Effect
from evenhand.certainty.rating import Rating
from evenhand.distributions import Distribution
from evenhand.dossier.records import Scenario, Words
from evenhand.effects.contrast import Contrast
from evenhand.outlook.absolute import DrawnDependence
from evenhand.synthesis.sensitivity.specification import Multiverse
from evenhand.tables import (
    absolute_row,
    claim_row,
    effect_row,
    finding_row,
    parameter_row,
    relative_size,
    size,
    source_row,
    specification_rows,
)
from evenhand.verdicts.verdict import JudgedClaim
from evenhand.words.catalogue import Catalogue, without_isolates

SCHEMA_VERSION = 1
_FIGURES = 12  # significant digits: more than any result has, few enough that no platform's last bit shows


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every document meets."""
    text = files("evenhand.report").joinpath("assessment.schema.json").read_text(encoding="utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def to_json(document: dict[str, Any]) -> str:
    """The document as text: keys in their fixed order, indented by one, ends with a line feed."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def document(assessment: Assessment, language: str) -> dict[str, Any]:
    """Everything the report says, as plain values.

    Parameters
    ----------
    assessment : Assessment
    language : str
        Of the texts for people; keys, ids and fixed words (verdicts, certainty) are the same in every language.

    Returns
    -------
    dict
        Strings, numbers, booleans, None, lists and dicts only. A number that is not known, not finite or not
        measured is None, never 0. Numbers carry 12 significant digits. Texts hold no direction isolates.
    """
    catalogue = Catalogue.load(language)
    dossier, question = assessment.dossier, assessment.dossier.question
    say = catalogue.say
    written = {
        "evenhand": assessment.version,
        "schema": SCHEMA_VERSION,
        "language": language,
        "dossier": {
            "title": say(question.title),
            "population": say(question.population),
            "treatment": question.treatment,
            "comparator": question.comparator,
            "main_benefit": question.main_benefit,
            "searched": question.searched,
            "next_review": question.next_review,
            "made_by": say(question.made_by) if question.made_by else None,
            "funding": say(question.funding) if question.funding else None,
            "sha256": dossier.sha256,
            "notices": dossier.notices,
        },
        "scenario": assessment.scenario,
        "scenarios": [_scenario(scenario, catalogue) for scenario in dossier.scenarios],
        "treatments": [
            {
                "id": treatment.id,
                "name": say(treatment.name),
                "features": sorted(treatment.features),
                "stands_for": treatment.stands_for,
            }
            for treatment in dossier.treatments.values()
        ],
        "outcomes": [
            {
                "id": outcome.id,
                "name": say(outcome.name),
                "hand": outcome.hand.value,
                "type": outcome.type.value,
                "unit": say(outcome.unit),
                "serious": outcome.serious,
                "higher_is_better": outcome.higher_is_better,
                "threshold": outcome.threshold,
                "horizon": say(outcome.horizon) if outcome.horizon else None,
            }
            for outcome in dossier.outcomes.values()
        ],
        "answer": {
            **asdict(assessment.answer),
            "note": say(question.answer_note) if question.answer_note else None,
        },
        "claims": [_claim(judged, assessment, catalogue) for judged in assessment.claims],
        "effects": [_effect(effect, catalogue) for effect in assessment.effects],
        "multiverse": [asdict(row) for effect in assessment.effects for row in specification_rows(effect)],
        "absolute": [asdict(absolute_row(absolute, dossier, catalogue)) for absolute in assessment.absolutes],
        "findings": [asdict(finding_row(finding, catalogue)) for finding in assessment.findings],
        "dependences": [_dependence(drawn, assessment, catalogue) for drawn in assessment.dependences],
        "cautions": [
            {
                "id": caution.id,
                "who": say(caution.who),
                "why": say(caution.why),
                "ask": say(caution.ask),
                "sources": caution.sources,
            }
            for caution in dossier.cautions
        ],
        "parameters": [asdict(parameter_row(parameter, catalogue)) for parameter in dossier.parameters.values()],
        "sources": [asdict(source_row(source)) for source in dossier.sources.values()],
        "seed": assessment.seed,
        "draws": assessment.draws,
        "options": {"scenario": assessment.scenario, "language": language, "interval": 0.95},
    }
    plain: dict[str, Any] = _plain(written)
    return plain


def _scenario(scenario: Scenario, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "id": scenario.id,
        "name": catalogue.say(scenario.name),
        "treatment": scenario.treatment,
        "default": scenario.default,
        "values": scenario.values,
        "note": catalogue.say(scenario.note) if scenario.note else None,
    }


def _claim(judged: JudgedClaim, assessment: Assessment, catalogue: Catalogue) -> dict[str, Any]:
    dossier = assessment.dossier
    row = asdict(claim_row(judged, dossier, catalogue))
    shown = None
    if judged.pooled is not None or (judged.absolute is not None and judged.absolute.value is not None):
        amount = size(judged.absolute, dossier, catalogue)
        shown = asdict(relative_size(judged.pooled)) | {
            "absolute": asdict(amount) if judged.absolute is not None else None
        }
    return row | {"effect": shown, "rating": _rating(judged.rating, catalogue) if judged.rating else None}


def _effect(effect: Effect, catalogue: Catalogue) -> dict[str, Any]:
    pooled, posterior = effect.pooled, effect.pooled.posterior
    return asdict(effect_row(effect)) | {
        "prior": {"mu": posterior.prior_mu, "tau": posterior.prior_tau},
        "posterior": {  # all on the measure's analysis scale
            "mu": _distribution(posterior.mu),
            "tau": _distribution(posterior.tau) if posterior.tau is not None else None,
            "prediction": _distribution(posterior.prediction),
            "log_marginal": posterior.log_marginal,
        },
        "classical": asdict(pooled.classical) if pooled.classical else None,
        "rating": _rating(effect.rating, catalogue),
        "multiverse": _summary(effect.multiverse) if effect.multiverse is not None else None,
        "studies": [_contrast(contrast, catalogue) for contrast in pooled.contrasts],
        "left_out": [_contrast(contrast, catalogue) for contrast in pooled.left_out],
    }


def _summary(found: Multiverse) -> dict[str, Any]:
    """What all analyses say together; they stand one by one in the document's own `multiverse`."""
    return {
        "scale": found.scale,
        "baseline_risk": found.baseline_risk,
        "unit_sd": found.unit_sd,
        "baseline_mean": found.baseline_mean,
        "specifications": len(found.specifications),
        "estimated": len(found.estimated),
        "more": found.more,
        "fewer": found.fewer,
        "surely_more": found.surely_more,
        "surely_fewer": found.surely_fewer,
        "lowest": found.lowest,
        "highest": found.highest,
        "hangs_on": found.hangs_on.name if found.hangs_on is not None else None,
        "nothing_left": found.nothing_left,
        "choices": [asdict(choice) for choice in found.choices],
    }


def _distribution(distribution: Distribution) -> dict[str, float]:
    return {
        "mean": distribution.mean,
        "sd": distribution.sd,
        "lower": distribution.quantile(0.025),
        "median": distribution.quantile(0.5),
        "upper": distribution.quantile(0.975),
    }


def _rating(rating: Rating, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "level": rating.level.word,
        "start": rating.start.word,
        "start_reason": catalogue.say(rating.start_reason),
        "steps": [
            {"domain": step.domain, "steps": step.steps, "reason": catalogue.say(step.reason), "by": step.by}
            for step in rating.steps
        ],
    }


def _contrast(contrast: Contrast, catalogue: Catalogue) -> dict[str, Any]:
    events_t, n_t, events_c, n_c = contrast.counts or (contrast.treated.events, contrast.treated.n, None, None)
    return {
        "study": contrast.study.id,
        "label": contrast.study.label,
        "design": contrast.study.design.value,
        "risk_of_bias": contrast.study.risk_of_bias.value,
        "followup_weeks": contrast.followup_weeks,
        "yi": contrast.yi,
        "vi": contrast.vi,
        "events_treated": events_t,
        "n_treated": n_t,
        "events_control": events_c,
        "n_control": n_c,
        "how": catalogue.say(contrast.how),
        "source": contrast.treated.source,
    }


def _dependence(drawn: DrawnDependence, assessment: Assessment, catalogue: Catalogue) -> dict[str, Any]:
    asked = next(dependence for dependence in assessment.dossier.dependences if dependence.id == drawn.id)
    return {
        "id": drawn.id,
        "claim": asked.claim,
        "outcome": asked.outcome,
        "kind": asked.kind,
        "title": catalogue.say(asked.title),
        "read": catalogue.say(asked.read),
        "unit": drawn.unit,
        "variable": asked.variable,
        "variable_name": catalogue.say(asked.variable_name) if asked.variable_name else None,
        "lines": [
            {
                "name": catalogue.say(cast("Words", line.name)),
                "points": [{"x": point.x, **asdict(point.value)} for point in line.points],
            }
            for line in drawn.lines
        ],
        "measured": [asdict(point) for point in drawn.measured],
        "unverified": drawn.unverified,
        "assumptions": drawn.assumptions,
        "sources": asked.sources,
    }


def _plain(value: Any) -> Any:
    """Plain JSON values: texts without isolates, tuples as lists, finite numbers of 12 figures, numpy's as Python's."""
    match value:
        case None | bool():
            return value
        case str():
            return without_isolates(value)
        case Integral():
            return int(value)
        case Real():
            return float(f"{float(value):.{_FIGURES}g}") if math.isfinite(value) else None
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    raise TypeError(f"a JSON document cannot hold a {type(value).__name__}")

"""Assessments that a page must survive, made from the small one by replacing records."""

import math
from dataclasses import fields, is_dataclass, replace
from typing import Any

from evenhand.assessment import Assessment
from evenhand.dossier.records import RiskOfBias, Says, Words
from evenhand.outlook.absolute import Basis, CurveLine, CurvePoint, Interval
from evenhand.synthesis.pool import pool
from evenhand.synthesis.sensitivity.contrast_multiverse import multiverse_of_contrasts
from evenhand.verdicts.verdict import Answer, JudgedClaim, Verdict
from tests.small_assessment import small_assessment

NO_ANSWER = Answer(benefit=None, can_tell=False, known_harms=(), uncertain_harms=(), unmeasured=())
# Free text of the records: what an author of a dossier may write anything into. Ids are checked by the reader.
FREE_TEXT = frozenset(
    {
        *(
            "title",
            "authors",
            "journal",
            "year",
            "doi",
            "pmid",
            "url",
            "note",
            "label",
            "population",
            "blinding",
            "funding",
        ),
        *(
            "arm",
            "percent",
            "p_value",
            "unit",
            "searched",
            "next_review",
            "version",
            "likelihood",
            "prior_mu",
            "prior_tau",
        ),
        "check",
    }
)


def drawn() -> Assessment:
    """The small assessment with a curve that has numbers, and a comparator with its own scenario."""
    small = small_assessment()
    points = tuple(CurvePoint(x=float(x), value=Interval(value=x, lower=x / 2, upper=2.0 * x)) for x in range(5))
    curve = replace(
        small.dependences[0], lines=(CurveLine(name=Words("All", "الكل"), points=points),), unverified=("a_share",)
    )
    untreated = replace(
        small.dossier.scenarios[0],
        id="untreated",
        name=Words("Left alone", "بلا علاج"),
        treatment="nothing",
        default=False,
    )
    without = tuple(
        replace(item, scenario="untreated", treatment="nothing", value=Interval(value=180.0, lower=60.0, upper=390.0))
        if item.outcome == "cured"
        else replace(item, scenario="untreated", treatment="nothing", value=None, basis=Basis.NOT_MEASURED, counts=None)
        for item in small.absolutes
    )
    cured = replace(small.absolutes[0], difference=Interval(value=153.0, lower=-60.0, upper=420.0))
    return replace(
        small,
        dossier=replace(small.dossier, scenarios=(*small.dossier.scenarios, untreated)),
        absolutes=(cured, *small.absolutes[1:], *without),
        dependences=(curve,),
    )


# Events and people, vaccinated then not, of 13 trials of BCG (Colditz et al. 1994, JAMA 271, 698-702).
BCG = (
    (4, 123, 11, 139),
    (6, 306, 29, 303),
    (3, 231, 11, 220),
    (62, 13598, 248, 12867),
    (33, 5069, 47, 5808),
    (180, 1541, 372, 1451),
    (8, 2545, 10, 629),
    (505, 88391, 499, 88391),
    (29, 7499, 45, 7277),
    (17, 1716, 65, 1665),
    (186, 50634, 141, 27338),
    (5, 2498, 3, 2341),
    (27, 16913, 29, 17854),
)


def many_ways() -> Assessment:
    """The drawn assessment with 13 trials behind its effect, two of them at high risk of bias, and its multiverse."""
    small = drawn()
    (effect,) = small.effects
    (first,) = effect.pooled.contrasts
    assert first.control is not None
    control, contrasts = first.control, []
    for place, (events_t, n_t, events_c, n_c) in enumerate(BCG):
        risk = RiskOfBias.HIGH if place < 2 else RiskOfBias.LOW
        contrasts.append(
            replace(
                first,
                study=replace(first.study, id=f"t{place}", label=f"Trial {place + 1}", risk_of_bias=risk),
                treated=replace(first.treated, events=events_t, n=n_t),
                control=replace(control, events=events_c, n=n_c),
                yi=math.log(events_t * (n_c - events_c) / (events_c * (n_t - events_t))),
                vi=1 / events_t + 1 / (n_t - events_t) + 1 / events_c + 1 / (n_c - events_c),
            )
        )
    pooled = pool(contrasts)
    assert pooled is not None
    return replace(small, effects=(replace(effect, pooled=pooled, multiverse=multiverse_of_contrasts(pooled)),))


def bare() -> Assessment:
    """A dossier with a question and outcomes, and nothing that answers it."""
    small = small_assessment()
    dossier = replace(
        small.dossier, claims=(), dependences=(), cautions=(), parameters={}, studies={}, results=(), sources={}
    )
    return replace(
        small, dossier=dossier, findings=(), effects=(), absolutes=(), dependences=(), claims=(), answer=NO_ANSWER
    )


def with_claims(count: int) -> Assessment:
    """The small assessment with its second claim, a harm, repeated until there are `count` claims."""
    small = drawn()
    claim, judged = small.dossier.claims[1], small.claims[1]
    names = [f"X{place}" for place in range(count)]
    return replace(
        small,
        dossier=replace(small.dossier, claims=tuple(replace(claim, id=name) for name in names), dependences=()),
        claims=tuple(replace(judged, claim=name) for name in names),
        dependences=(),
        answer=replace(NO_ANSWER, known_harms=tuple(names)),
    )


def with_each_verdict() -> Assessment:
    """One claim a verdict; the last denies harms, as 'it is harmless' does."""
    small = drawn()
    claim, judged = small.dossier.claims[0], small.claims[0]
    names = {verdict: f"V{place}" for place, verdict in enumerate(Verdict)}
    claims = [replace(claim, id=name) for name in names.values()]
    claims[-1] = replace(claims[-1], says=Says.SAFE)
    difference = small.absolutes[0]
    return replace(
        small,
        dossier=replace(small.dossier, claims=tuple(claims), dependences=()),
        dependences=(),
        claims=tuple(
            replace(judged, claim=name, verdict=verdict, absolute=difference) for verdict, name in names.items()
        ),
        answer=replace(NO_ANSWER, benefit="V0", can_tell=True),
    )


def nowhere_measured() -> Assessment:
    """Claims without a number anywhere: no results, no differences, no scenario of the comparator."""
    small = small_assessment()
    absolutes = tuple(replace(item, value=None, basis=Basis.NOT_MEASURED, counts=None) for item in small.absolutes)
    claims = tuple(
        JudgedClaim(
            claim=judged.claim,
            verdict=Verdict.NOT_MEASURED,
            rating=None,
            reasons=(),
            outcome=None,
            pooled=None,
            absolute=None,
            rule="nothing_measured",
        )
        for judged in small.claims
    )
    return replace(
        small,
        dossier=replace(small.dossier, results=(), dependences=()),
        effects=(),
        findings=(),
        dependences=(),
        absolutes=absolutes,
        claims=claims,
        answer=replace(NO_ANSWER, benefit="B1", unmeasured=("B1", "H1", "H2", "H3")),
    )


def hostile(text: str) -> Assessment:
    """The drawn assessment with `text` in every text field of its dossier."""
    return _everywhere(drawn(), text)


def _everywhere(value: Any, text: str) -> Any:
    if isinstance(value, Words):
        return Words(text, text)
    if isinstance(value, tuple):
        return tuple(_everywhere(item, text) for item in value)
    if isinstance(value, dict):
        return {key: _everywhere(item, text) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changes = {}
        for field in fields(value):
            old = getattr(value, field.name)
            is_text = isinstance(old, str) or old is None
            free = field.name in FREE_TEXT and is_text and not (field.name == "unit" and old == "per 1000")
            changes[field.name] = text if free else _everywhere(old, text)
        return replace(value, **changes)
    return value

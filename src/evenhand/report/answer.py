"""The first lines of the page: what can be told, the harms that are known, and the study that would tell.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

from dataclasses import dataclass, replace

from markupsafe import Markup

from evenhand.dossier.records import Outcome, OutcomeType
from evenhand.figures.people import PeoplePanels, people_panels
from evenhand.messages import Message, message
from evenhand.report.amounts import PER_1000, value_of
from evenhand.report.claim_sizes import amount_sentences, short_size, size_sentences
from evenhand.report.lookup import Lookup, anchor
from evenhand.report.voice import Voice
from evenhand.verdicts.rules import SERIOUS_HARM_DENIED
from evenhand.verdicts.verdict import JudgedClaim, Verdict
from evenhand.words import key_of

_NAMED = 3  # serious harms named in the second sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """One claim in a list of the answer."""

    id: str
    anchor: str
    text: Markup
    verdict: str  # key of the verdict's word and shape
    size: Markup
    serious: bool
    cites: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class HandPanel:
    """One hand's outcome in people out of 1,000: words and numbers, then the picture."""

    hand: str
    name: Markup
    anchor: str
    horizon: Markup | None
    sentences: tuple[Markup, ...]
    level: str | None
    picture: PeoplePanels | None  # None for a scale, which no people can be drawn for
    cites: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """Everything above the first table."""

    lead: Markup
    main: ClaimLine | None
    serious: Markup | None
    known: tuple[ClaimLine, ...]
    uncertain: tuple[ClaimLine, ...]
    unmeasured: tuple[ClaimLine, ...]
    study: Markup | None
    benefit: HandPanel | None
    harm: HandPanel | None


def answer_lead(lookup: Lookup) -> Message:
    """The one sentence a reader takes home, gated on certainty: no direction where the evidence cannot tell."""
    question = lookup.dossier.question
    answer = lookup.assessment.answer
    judged = lookup.judged.get(answer.benefit or "")
    if judged is None:
        outcome = lookup.dossier.outcomes[question.main_benefit].name
        return message("report.answer.lead.no_claim", outcome=outcome)
    claim = lookup.claims[judged.claim].text
    if answer.can_tell or judged.verdict in (Verdict.NOT_MEASURED, Verdict.CONTRADICTED):
        return message(f"report.answer.lead.{key_of(judged.verdict)}", claim=claim)
    return message("report.answer.lead.cannot_tell", claim=claim)


def known_harms(lookup: Lookup) -> tuple[str, ...]:
    """Claims on harms that happen: serious ones first, of these first what the scenario asked about lets happen."""
    claims = [claim for claim in lookup.assessment.answer.known_harms if claim in lookup.judged]
    return tuple(
        sorted(
            claims,
            key=lambda claim: (
                not is_serious(lookup, claim),
                lookup.elsewhere(lookup.judged[claim].absolute) is not None,
            ),
        )
    )


def serious_harms(lookup: Lookup) -> Message | None:
    """The first of the serious harms that happen, by name: claimed ones, and those that a claim of safety denies."""
    claimed = [lookup.judged[claim] for claim in known_harms(lookup) if is_serious(lookup, claim)]
    denied = [judged for judged in lookup.assessment.claims if judged.rule == SERIOUS_HARM_DENIED]
    outcomes = dict.fromkeys(judged.outcome for judged in (*claimed, *denied))
    named = [lookup.dossier.outcomes[outcome].name for outcome in outcomes if outcome is not None]
    if not named:
        return None
    harms = tuple(message("report.quoted", text=name) for name in named[:_NAMED])
    return message(f"report.answer.{'serious' if known_harms(lookup) else 'serious_only'}", harms=harms)


def is_serious(lookup: Lookup, claim: str) -> bool:
    """Whether the outcome that decided a claim endangers life, needs hospital or lasts."""
    outcome = lookup.dossier.outcomes.get(lookup.judged[claim].outcome or "")
    return outcome is not None and outcome.serious


def answer_view(lookup: Lookup, voice: Voice) -> AnswerView:
    """Sentences, lists and the picture of both hands, in the order in which they are read."""
    answer, question = lookup.assessment.answer, lookup.dossier.question
    lead = voice.say(answer_lead(lookup))
    known = _lines(lookup, voice, known_harms(lookup))
    serious = serious_harms(lookup)
    uncertain = _lines(lookup, voice, answer.uncertain_harms)
    benefit = _panel(lookup, voice, answer.benefit, question.main_benefit)
    harm_claim = _harm_with_a_number(lookup)
    return AnswerView(
        lead=lead,
        main=_line(lookup, voice, answer.benefit) if answer.benefit in lookup.judged else None,
        serious=voice.say(serious) if serious is not None else None,
        known=known,
        uncertain=uncertain,
        unmeasured=_lines(lookup, voice, answer.unmeasured),
        study=voice.say(question.answer_note) if question.answer_note else None,
        benefit=benefit,
        harm=_panel(lookup, voice, harm_claim, lookup.judged[harm_claim].outcome) if harm_claim else None,
    )


def _picture(lookup: Lookup, voice: Voice, outcome: Outcome) -> PeoplePanels | None:
    """Two arrays of 1,000 people, without and with; for what nobody measured, no people at all."""
    absolute, without = lookup.absolute(outcome.id), lookup.without(outcome.id)
    if outcome.type is not OutcomeType.BINARY:
        return None
    return people_panels(
        key=anchor("people", outcome.id),
        without=without.value if without else None,
        with_treatment=absolute.value if absolute else None,
        hand=outcome.hand,
        catalogue=voice.catalogue,
        outcome=outcome.name,
    )


def _harm_with_a_number(lookup: Lookup) -> str | None:
    """The claim whose harm is drawn: the first known one with a number in people, else the first uncertain one."""
    answer = lookup.assessment.answer
    for claim_id in (*known_harms(lookup), *answer.uncertain_harms):
        judged = lookup.judged.get(claim_id)
        if judged is None or judged.outcome is None:
            continue
        absolute = lookup.absolute(judged.outcome)
        value = value_of(absolute)
        if absolute is not None and value is not None and absolute.unit == PER_1000 and value.upper > 0:
            return claim_id
    return None


def _panel(lookup: Lookup, voice: Voice, claim_id: str | None, outcome_id: str | None) -> HandPanel | None:
    outcome = lookup.dossier.outcomes.get(outcome_id or "")
    if outcome is None:
        return None
    judged = lookup.judged.get(claim_id or "")
    absolute, without = lookup.absolute(outcome.id), lookup.without(outcome.id)
    if judged is not None and judged.outcome == outcome.id:
        # A claim may carry the numbers of another scenario; picture and words are of the one asked about.
        sentences = size_sentences(replace(judged, absolute=absolute), lookup.dossier, without, voice.catalogue)
    elif absolute is not None and (value := value_of(absolute)) is not None:
        sentences = amount_sentences(absolute, value, outcome, without, voice.catalogue)
    else:
        sentences = (message("report.size.not_measured"),)
    rating = judged.rating if judged is not None else None
    return HandPanel(
        hand=outcome.hand.value,
        name=voice.say(outcome.name),
        anchor=anchor("claim", claim_id) if judged is not None and claim_id else anchor("outcome", outcome.id),
        horizon=voice.say(outcome.horizon) if outcome.horizon else None,
        sentences=tuple(voice.say(sentence) for sentence in sentences),
        level=rating.level.word if rating else None,
        picture=_picture(lookup, voice, outcome),
        cites=voice.cite(absolute.sources if absolute else ()),
    )


def _lines(lookup: Lookup, voice: Voice, claim_ids: tuple[str, ...]) -> tuple[ClaimLine, ...]:
    return tuple(_line(lookup, voice, claim_id) for claim_id in claim_ids if claim_id in lookup.judged)


def _line(lookup: Lookup, voice: Voice, claim_id: str | None) -> ClaimLine:
    judged: JudgedClaim = lookup.judged[claim_id or ""]
    claim = lookup.claims[judged.claim]
    outcome = lookup.dossier.outcomes.get(judged.outcome or "")
    scenario_asked = lookup.scenario
    absolute = judged.absolute
    if absolute is None and scenario_asked is not None and claim.treatment == scenario_asked.treatment:
        # Of another treatment, the figures of the one asked about say nothing.
        absolute = lookup.absolute(judged.outcome)
    short = short_size(absolute, outcome, voice.catalogue)
    if outcome is not None and absolute is not None and absolute.unit != PER_1000 and value_of(absolute) is not None:
        # A figure on a scale says nothing without the name of what goes up or down.
        short = message("verdict.evidence.of", outcome=outcome.name, sentence=short)
    size = voice.say(short)
    if value_of(absolute) is not None and (scenario := lookup.elsewhere(absolute)) is not None:
        size = Markup("{}. {}").format(size, voice.text("report.size.for_scenario", scenario=scenario.name))
    return ClaimLine(
        id=claim.id,
        anchor=anchor("claim", claim.id),
        text=voice.say(claim.text),
        verdict=key_of(judged.verdict),
        size=size,
        serious=is_serious(lookup, claim.id),
        cites=voice.cite(absolute.sources if absolute else claim.sources),
    )

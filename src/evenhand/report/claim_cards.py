"""Each claim as a card: its verdict, its size, the reasons, and all that stands behind them.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from evenhand.certainty.rating import Rating
from evenhand.dossier.records import Hand, OutcomeType, Says
from evenhand.messages import Message, message
from evenhand.outlook.absolute import Basis
from evenhand.report.amounts import is_number
from evenhand.report.both_hands import Inputs, inputs_of
from evenhand.report.claim_sizes import short_size, size_sentences
from evenhand.report.evidence_rows import EvidenceGroup, evidence_groups
from evenhand.report.formula_view import reason_view
from evenhand.report.lookup import Lookup, anchor
from evenhand.report.voice import Voice
from evenhand.verdicts.verdict import JudgedClaim
from evenhand.words import key_of

_MOST_SOURCES = 4  # beside the sentence; more stand in the details


@dataclass(frozen=True, slots=True, kw_only=True)
class CertaintyStep:
    """One GRADE domain of a card."""

    domain: Markup
    steps: int
    moved: Markup  # 'one step down', 'no step'
    reason: Markup
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertaintyView:
    """Where the level started and every step it took."""

    level: str
    start: str
    start_reason: Markup
    steps: tuple[CertaintyStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonGroup:
    """What was found on one outcome of a claim."""

    about: Markup | None  # the outcome, where the claim has several
    sentences: tuple[Markup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCard:
    """One claim."""

    id: str
    anchor: str
    hand: str
    praise: bool  # said in the treatment's favour: a benefit, or that a harm does not happen
    text: Markup
    verdict: str
    treatment: Markup
    comparator: Markup
    other_treatment: bool  # the claim is judged on another treatment than the question's
    outcomes: tuple[tuple[str, Markup], ...]  # anchor in the table of both hands, name
    size_of: Markup | None  # a scale is named, since its figures say nothing by themselves
    size: tuple[Markup, ...]
    for_scenario: Markup | None  # where the numbers are not of the scenario asked about
    by_formula: bool
    horizon: Markup | None
    certainty: CertaintyView | None
    rule: str  # its name in the table of rules
    reason: Markup | None  # the fact that decided
    found: ReasonGroup | None  # on the outcome that decided
    further: tuple[ReasonGroup, ...]  # on the others
    note: Markup | None
    depends: Markup | None
    inputs: Inputs
    how: Markup | None
    evidence: tuple[EvidenceGroup, ...]
    dependences: tuple[tuple[str, Markup], ...]  # anchor of the picture, its title
    size_cites: Markup
    cites: Markup
    many_sources: bool  # so many that they would bury the sentence


def claim_cards(lookup: Lookup, voice: Voice) -> tuple[ClaimCard, ...]:
    """Every claim in the dossier's order, benefits and harms alike."""
    return tuple(_card(lookup, voice, judged) for judged in lookup.assessment.claims)


def certainty_view(rating: Rating | None, voice: Voice) -> CertaintyView | None:
    """A rating with its steps in words; a domain the catalogue does not name keeps its own name."""
    if rating is None:
        return None
    return CertaintyView(
        level=rating.level.word,
        start=rating.start.word,
        start_reason=voice.say(rating.start_reason),
        steps=tuple(
            CertaintyStep(
                domain=_domain(step.domain, voice),
                steps=step.steps,
                moved=_moved(step.steps, voice),
                reason=voice.say(step.reason),
                by=step.by,
            )
            for step in rating.steps
        ),
    )


def _domain(name: str, voice: Voice) -> Markup:
    key = f"certainty.domain.{name}"
    return voice.text(key) if voice.catalogue.has(key) else voice.say(name.replace("_", " "))


def _moved(steps: int, voice: Voice) -> Markup:
    if steps == 0:
        return voice.text("report.certainty.no_step")
    return voice.text("report.certainty.down" if steps < 0 else "report.certainty.up", n=abs(steps))


def _reason_groups(reasons: Sequence[Message], voice: Voice) -> tuple[ReasonGroup, ...]:
    """Reasons under the outcome they speak of, in their order; what the flags say already is not said again."""
    groups: dict[Markup | None, list[Markup]] = {}
    for reason in reasons:
        about, sentence = None, reason
        if reason.key == "verdict.evidence.of":
            about, sentence = voice.say(reason.params["outcome"]), reason.params["sentence"]
        if isinstance(sentence, Message) and sentence.key == "verdict.evidence.formula_rests_on":
            continue
        groups.setdefault(about, []).append(voice.say(sentence))
    return tuple(ReasonGroup(about=about, sentences=tuple(sentences)) for about, sentences in groups.items())


def _card(lookup: Lookup, voice: Voice, judged: JudgedClaim) -> ClaimCard:
    claim, dossier = lookup.claims[judged.claim], lookup.dossier
    shown = lookup.dossier.outcomes.get(judged.outcome or "")
    if claim.says is Says.SAFE and shown is not None:
        # 'It happens to more people' would say the opposite of the claim: only what was found of the worst harm.
        worst = short_size(judged.absolute, shown, voice.catalogue)
        sizes: tuple[Message, ...] = (message("verdict.evidence.of", outcome=shown.name, sentence=worst),)
    else:
        sizes = size_sentences(judged, dossier, lookup.without(judged.outcome), voice.catalogue)
    absolute = judged.absolute
    elsewhere = lookup.elsewhere(absolute) if is_number(absolute) else None
    scale = shown if shown is not None and shown.type is OutcomeType.CONTINUOUS and is_number(absolute) else None
    groups = _reason_groups(judged.reasons[1:], voice)
    of_claim = tuple(dict.fromkeys(key for key in claim.sources if not absolute or key not in absolute.sources))
    return ClaimCard(
        id=claim.id,
        anchor=anchor("claim", claim.id),
        hand=claim.hand.value,
        praise=claim.hand is Hand.BENEFIT or claim.says is Says.SAFE,
        text=voice.say(claim.text),
        verdict=key_of(judged.verdict),
        treatment=voice.say(dossier.treatments[claim.treatment].name),
        comparator=voice.say(dossier.treatments[claim.comparator].name),
        other_treatment=claim.treatment != dossier.question.treatment,
        outcomes=tuple(
            (anchor("outcome", item), voice.say(dossier.outcomes[item].name))
            for item in claim.outcomes
            if item in dossier.outcomes
        ),
        size_of=voice.say(scale.name) if scale is not None else None,
        size=tuple(voice.say(sentence) for sentence in sizes),
        for_scenario=voice.text("report.size.for_scenario", scenario=elsewhere.name) if elsewhere and sizes else None,
        by_formula=absolute is not None and absolute.basis is Basis.FORMULA,
        horizon=voice.say(shown.horizon) if shown is not None and shown.horizon else None,
        certainty=certainty_view(judged.rating, voice),
        rule=judged.rule,
        reason=voice.say(judged.reasons[0]) if judged.reasons else None,
        found=groups[0] if groups else None,
        further=groups[1:],
        note=voice.say(claim.note) if claim.note else None,
        depends=voice.say(claim.depends) if claim.depends else None,
        inputs=inputs_of(
            lookup, voice, absolute.unverified if absolute else (), absolute.assumptions if absolute else ()
        ),
        how=reason_view(lookup, voice, absolute) if absolute else None,
        size_cites=voice.cite(absolute.sources if absolute else ()),
        cites=voice.cite(of_claim),
        many_sources=len(of_claim) > _MOST_SOURCES,
        evidence=evidence_groups(claim, dossier, voice),
        dependences=tuple(
            (anchor("dependence", item.id), voice.say(item.title))
            for item in dossier.dependences
            if item.claim == claim.id
        ),
    )

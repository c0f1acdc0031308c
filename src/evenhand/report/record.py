"""What a committee writes down before it reads on: the question in its parts, what was read, and what was left out.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

from collections import Counter
from dataclasses import dataclass

from markupsafe import Markup

from evenhand.dossier.records import Design, Hand, OutcomeType, Status
from evenhand.report.lookup import Lookup
from evenhand.report.voice import Voice
from evenhand.words import key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """The assessment in one short list."""

    population: Markup
    treatment: Markup
    comparator: Markup
    main_benefit: Markup
    outcomes: Markup
    studies: Markup
    designs: tuple[tuple[str, int], ...]  # of the studies that gave the question's treatment
    left_out: tuple[Markup, ...]
    citation: Markup


def record_view(lookup: Lookup, voice: Voice) -> RecordView:
    """Counts are of the dossier's own rows; nothing is searched for here."""
    dossier, question = lookup.dossier, lookup.dossier.question
    own = [row for row in dossier.results if row.treatment == question.treatment]
    studies = dict.fromkeys(row.study for row in own)
    designs = Counter(dossier.studies[study].design for study in studies)
    measured = [outcome for outcome in dossier.outcomes.values() if outcome.type is not OutcomeType.MECHANISM]
    return RecordView(
        population=voice.say(question.population),
        treatment=voice.say(dossier.treatments[question.treatment].name),
        comparator=voice.say(dossier.treatments[question.comparator].name),
        main_benefit=voice.say(dossier.outcomes[question.main_benefit].name),
        outcomes=voice.text(
            "report.record.outcome_count",
            benefits=sum(outcome.hand is Hand.BENEFIT for outcome in measured),
            harms=sum(outcome.hand is Hand.HARM for outcome in measured),
        ),
        studies=voice.text("report.record.study_count", own=len(studies), n=len(dossier.studies)),
        designs=tuple((key_of(design.value), designs[design]) for design in Design if designs[design]),
        left_out=_left_out(lookup, voice, len(studies)),
        citation=_citation(lookup, voice),
    )


def _left_out(lookup: Lookup, voice: Voice, own_studies: int) -> tuple[Markup, ...]:
    """What stands in the files and decides nothing; a kind without a case is not listed."""
    dossier, treatment = lookup.dossier, lookup.dossier.question.treatment
    of_claims = {claim.treatment for claim in dossier.claims}
    counts = {
        "other_treatments": len(dossier.studies) - own_studies,
        "other_effects": sum(effect.pooled.treatment not in of_claims for effect in lookup.assessment.effects),
        "not_reported": sum(
            row.status is Status.NOT_REPORTED and row.treatment == treatment for row in dossier.results
        ),
    }
    return tuple(voice.text(f"report.record.{name}", n=count) for name, count in counts.items() if count)


def _citation(lookup: Lookup, voice: Voice) -> Markup:
    """One line to copy; what the dossier does not say is left out."""
    dossier, question = lookup.dossier, lookup.dossier.question
    parts = [
        voice.say(question.made_by) if question.made_by else None,
        voice.say(question.title),
        voice.say(lookup.scenario.name) if lookup.scenario else None,
        voice.text("report.record.searched", date=question.searched) if question.searched else None,
        voice.text(
            "report.record.made_with",
            program=f"evenhand {lookup.assessment.version}",
            hash=dossier.sha256[:12],
            seed=str(lookup.assessment.seed),
            draws=lookup.assessment.draws,
        ),
    ]
    return Markup(" ").join(part if part.striptags().endswith(".") else part + "." for part in parts if part)

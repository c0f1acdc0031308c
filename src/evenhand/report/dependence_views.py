"""What each dependence picture needs around it: how to read it, its key, what it rests on, and its numbers.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

from dataclasses import dataclass

from markupsafe import Markup

from evenhand.figures import DataTable, KeyEntry, Svg, dependence_legend, dependence_picture, dependence_table
from evenhand.report.both_hands import Inputs, inputs_of
from evenhand.report.lookup import Lookup, anchor
from evenhand.report.voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class DependenceView:
    """One picture, drawn for a wide and for a narrow page."""

    anchor: str
    kind: str
    hand: str
    title: Markup
    plain_title: str
    read: Markup
    claim: str
    claim_anchor: str
    wide: Svg
    narrow: Svg
    legend: tuple[KeyEntry, ...]
    table: DataTable
    inputs: Inputs
    left_out: Markup | None  # places at which the formula gave no number
    cites: Markup


def dependence_views(lookup: Lookup, voice: Voice) -> tuple[DependenceView, ...]:
    """Every dependence that was drawn, in the dossier's order."""
    drawn = {item.id: item for item in lookup.assessment.dependences}
    studies = lookup.dossier.studies
    views = []
    for dependence in lookup.dossier.dependences:
        numbers = drawn.get(dependence.id)
        if numbers is None:
            continue
        outcome = lookup.dossier.outcomes[dependence.outcome]
        key = anchor("curve", dependence.id)

        def label_of(study: str) -> str:
            return studies[study].label if study in studies else study

        wide, narrow = (
            dependence_picture(
                dependence,
                numbers,
                key=f"{key}-{'narrow' if is_narrow else 'wide'}",
                catalogue=voice.catalogue,
                hand=outcome.hand,
                unit=outcome.unit,
                narrow=is_narrow,
                label_of=label_of,
            )
            for is_narrow in (False, True)
        )
        measured_sources = [studies[point.study].source for point in numbers.measured if point.study in studies]
        views.append(
            DependenceView(
                anchor=anchor("dependence", dependence.id),
                kind=dependence.kind,
                hand=outcome.hand.value,
                title=voice.say(dependence.title),
                plain_title=voice.catalogue.say(dependence.title),
                read=voice.say(dependence.read),
                claim=dependence.claim,
                claim_anchor=anchor("claim", dependence.claim),
                wide=wide,
                narrow=narrow,
                legend=dependence_legend(dependence, numbers, key=key, catalogue=voice.catalogue, hand=outcome.hand),
                table=dependence_table(
                    dependence, numbers, catalogue=voice.catalogue, unit=outcome.unit, label_of=label_of
                ),
                inputs=inputs_of(lookup, voice, numbers.unverified, numbers.assumptions),
                left_out=voice.text("report.dependences.without_number", n=numbers.without_number)
                if numbers.without_number
                else None,
                cites=voice.cite((*dependence.sources, *measured_sources)),
            )
        )
    return tuple(views)

"""Reasons for this reader to be careful, each with the question to ask.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

from dataclasses import dataclass

from markupsafe import Markup

from evenhand.report.lookup import Lookup, anchor
from evenhand.report.voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class CautionView:
    """One caution."""

    anchor: str
    who: Markup
    why: Markup
    ask: Markup
    cites: Markup


def caution_views(lookup: Lookup, voice: Voice) -> tuple[CautionView, ...]:
    """Every caution of the dossier, in its order."""
    return tuple(
        CautionView(
            anchor=anchor("caution", caution.id),
            who=voice.say(caution.who),
            why=voice.say(caution.why),
            ask=voice.say(caution.ask),
            cites=voice.cite(caution.sources),
        )
        for caution in lookup.dossier.cautions
    )

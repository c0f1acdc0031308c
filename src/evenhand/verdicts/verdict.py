"""The fixed words in which a claim is judged, and the record that carries one.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → [verdicts] → report
"""

from dataclasses import dataclass
from enum import StrEnum

from evenhand.certainty.rating import Rating
from evenhand.messages import Message
from evenhand.outlook.absolute import Absolute
from evenhand.synthesis.pooled import Pooled


class Verdict(StrEnum):
    """GRADE's own words (Santesso et al. 2020, J Clin Epidemiol 119, 126-135), and three for what they leave out."""

    SUPPORTED = "supported"
    PROBABLY = "probably"
    MAY_BE = "may be"
    VERY_UNCERTAIN = "very uncertain"
    NOT_MEASURED = "not measured"
    CONTRADICTED = "contradicted"
    KNOWN_RATE_UNKNOWN = "known to happen, rate unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedClaim:
    """A claim with its verdict and all that led to it."""

    claim: str  # id
    verdict: Verdict
    rating: Rating | None  # None where nothing was measured
    reasons: tuple[Message, ...]  # the facts that decided, first the one that did
    outcome: str | None  # the outcome whose size is shown
    pooled: Pooled | None
    absolute: Absolute | None  # under the default scenario
    rule: str  # name of the rule in verdicts.rules.RULES that decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the first lines of a report say, gated on certainty."""

    benefit: str | None  # claim id on the good thing people come for
    can_tell: bool  # False: no probability of net benefit is shown to a reader
    known_harms: tuple[str, ...]  # claim ids known or shown to happen, serious ones first
    uncertain_harms: tuple[str, ...]  # claim ids on harms that may be, or are very uncertain
    unmeasured: tuple[str, ...]  # claim ids nobody has measured, benefits first

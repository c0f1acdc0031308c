"""The whole line on one page: a dossier in, an assessment out.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [assessment] → report
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evenhand.certainty.rating import Rating
from evenhand.dossier.records import Dossier
from evenhand.integrity.finding import Finding
from evenhand.outlook.absolute import Absolute, DrawnDependence
from evenhand.synthesis.pooled import Pooled
from evenhand.verdicts.verdict import Answer, JudgedClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A pooled effect and how sure it is."""

    pooled: Pooled
    rating: Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Everything a report says, as records."""

    dossier: Dossier
    scenario: str  # id of the scenario asked about
    findings: tuple[Finding, ...]
    effects: tuple[Effect, ...]
    absolutes: tuple[Absolute, ...]  # every outcome under every scenario
    dependences: tuple[DrawnDependence, ...]
    claims: tuple[JudgedClaim, ...]
    answer: Answer
    seed: int
    draws: int
    version: str

"""Where the page finds a record of the assessment: by claim, by outcome under a scenario, with and without treatment.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

import re
from collections.abc import Mapping

from evenhand.assessment import Assessment
from evenhand.certainty.rating import Rating
from evenhand.dossier.records import Claim, Scenario
from evenhand.outlook.absolute import Absolute
from evenhand.outlook.inputs import comparator_scenario
from evenhand.verdicts.verdict import JudgedClaim


class Lookup:
    """Indexes over one assessment, built once a page."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.dossier = assessment.dossier
        self.claims: Mapping[str, Claim] = {claim.id: claim for claim in self.dossier.claims}
        self.judged: Mapping[str, JudgedClaim] = {judged.claim: judged for judged in assessment.claims}
        self.scenarios: Mapping[str, Scenario] = {scenario.id: scenario for scenario in self.dossier.scenarios}
        self._absolutes = {(item.scenario, item.outcome): item for item in assessment.absolutes}

    @property
    def scenario(self) -> Scenario | None:
        """The scenario asked about."""
        return self.scenarios.get(self.assessment.scenario)

    def absolute(self, outcome: str | None, scenario: str | None = None) -> Absolute | None:
        """An outcome under a scenario (the one asked about unless told)."""
        return self._absolutes.get((scenario or self.assessment.scenario, outcome or ""))

    def without(self, outcome: str | None) -> Absolute | None:
        """The same outcome under the question's comparator."""
        scenario = comparator_scenario(self.dossier, self.dossier.question.comparator)
        return None if scenario is None else self.absolute(outcome, scenario.id)

    def elsewhere(self, absolute: Absolute | None) -> Scenario | None:
        """The scenario of a number that is not of the one asked about."""
        if absolute is None or absolute.scenario == self.assessment.scenario:
            return None
        return self.scenarios.get(absolute.scenario)

    def claims_on(self, outcome: str) -> tuple[str, ...]:
        """Ids of the claims that speak of an outcome, in the dossier's order."""
        return tuple(claim.id for claim in self.dossier.claims if outcome in claim.outcomes)

    def rating(self, outcome: str, treatment: str) -> Rating | None:
        """How sure: of the outcome under the question's treatment, else of the effect pooled under another."""
        if treatment == self.dossier.question.treatment and outcome in self.assessment.ratings:
            return self.assessment.ratings[outcome]
        for effect in self.assessment.effects:
            if (effect.pooled.outcome, effect.pooled.treatment) == (outcome, treatment):
                return effect.rating
        return None


def anchor(prefix: str, name: str) -> str:
    """An id for the page: letters, digits, `-` and `_` of the dossier's own id."""
    return f"{prefix}-{re.sub(r'[^A-Za-z0-9_-]', '-', name)}"

"""The whole line on one page: a dossier in, an assessment out.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [assessment] → report
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evenhand.certainty.grade import rate
from evenhand.certainty.rating import Rating
from evenhand.dossier.records import Dossier, Result, Scenario
from evenhand.effects.evidence import Evidence, gather
from evenhand.integrity import check_integrity
from evenhand.integrity.finding import Finding
from evenhand.outlook.absolute import Absolute, DrawnDependence
from evenhand.outlook.absolutes import Outlook
from evenhand.outlook.dependences import draw_dependence
from evenhand.outlook.inputs import Inputs
from evenhand.synthesis.pool import pool
from evenhand.synthesis.pooled import Pooled
from evenhand.synthesis.sensitivity.contrast_multiverse import multiverse_of_contrasts
from evenhand.synthesis.sensitivity.specification import Multiverse
from evenhand.verdicts.answer import answer
from evenhand.verdicts.claims import Weighed, judge_claim
from evenhand.verdicts.verdict import Answer, JudgedClaim

if TYPE_CHECKING:
    from evenhand.tables import Tables

DRAWS = (
    16_000  # joint draws by strata of every uncertain quantity; a 95 % limit is then within 1 % of the interval width
)

Progress = Callable[[str], None]  # told the catalogue key of each stage as it begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A pooled effect and how sure it is."""

    pooled: Pooled
    rating: Rating
    multiverse: Multiverse | None = None  # every defensible analysis of it; None for one arm alone


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
    ratings: Mapping[str, Rating] = field(
        default_factory=dict
    )  # of every outcome measured under the question's treatment
    seed: int
    draws: int
    version: str

    @property
    def tables(self) -> "Tables":
        """The same as data frames: `assessment.tables.claims`."""
        from evenhand.tables import Tables

        return Tables(self)

    def _repr_html_(self) -> str:
        """The claims with their verdicts, for a notebook."""
        return self.tables._repr_html_()


class UnknownScenario(LookupError):  # noqa: N818  # read as a sentence where it is caught
    """A scenario the dossier does not have."""


def assess(
    dossier: Dossier, scenario: str | None = None, *, draws: int = DRAWS, progress: Progress | None = None
) -> Assessment:
    """Weigh a dossier.

    Parameters
    ----------
    dossier : Dossier
        From `read_dossier`.
    scenario : str, optional
        Id of the scenario the answer is about; the dossier's default unless given. All scenarios are computed.
    draws : int
        Joint draws of the uncertain quantities. Chance is seeded from the dossier's content: the same files give the
        same assessment.
    progress : callable, optional
        Called with the name of each stage as it begins.

    Raises
    ------
    UnknownScenario
        When the dossier has no such scenario.
    """
    from evenhand import __version__

    tell = progress or (lambda _: None)
    asked = _scenario(dossier, scenario)
    seed = int(dossier.sha256[:15], 16)

    tell("integrity")
    findings = check_integrity(dossier)

    tell("synthesis")
    line = _Line(dossier, findings, Inputs.of(dossier, draws, seed), asked)

    tell("outlook")
    absolutes = line.outlook.all()
    dependences = tuple(draw_dependence(dossier, item, line.outlook) for item in dossier.dependences)

    tell("verdicts")
    claims = tuple(judge_claim(dossier, claim, line.weigh) for claim in dossier.claims)
    return Assessment(
        dossier=dossier,
        scenario=asked.id,
        findings=findings,
        effects=tuple(line.effects()),
        absolutes=absolutes,
        dependences=dependences,
        claims=claims,
        answer=answer(dossier, claims),
        ratings=line.ratings(),
        seed=seed,
        draws=draws,
        version=__version__,
    )


def _scenario(dossier: Dossier, asked: str | None) -> Scenario:
    if asked is None:
        return next(scenario for scenario in dossier.scenarios if scenario.default)
    for scenario in dossier.scenarios:
        if scenario.id == asked:
            return scenario
    known = ", ".join(scenario.id for scenario in dossier.scenarios)
    raise UnknownScenario(f"no scenario '{asked}'; this dossier has: {known}")


class _Line:
    """The pooled effects of one dossier, each computed once, whoever asks."""

    def __init__(self, dossier: Dossier, findings: tuple[Finding, ...], inputs: Inputs, asked: Scenario) -> None:
        self.dossier = dossier
        self.findings = findings
        self._evidence: dict[tuple[str, str, str], Evidence] = {}
        self._pooled: dict[tuple[str, str, str], Pooled | None] = {}
        self._one_arm: dict[tuple[str, str, str], Pooled | None] = {}
        self._weighed: dict[tuple[str, str, str], Weighed] = {}
        self._rows: dict[str, list[Result]] = {outcome: [] for outcome in dossier.outcomes}
        for row in dossier.results:
            self._rows[row.outcome].append(row)
        comparator = dossier.question.comparator
        # Of thousands of pairs most have no row: what nobody measured is not looked for.
        pairs = [
            (outcome, treatment)
            for outcome, rows in self._rows.items()
            for treatment in dict.fromkeys(name for row in rows for name in (row.treatment, row.comparator))
            if treatment is not None
        ]
        evidence = {pair: self.evidence(*pair, comparator) for pair in pairs}
        pooled = {pair: found for pair in pairs if (found := self.pooled(*pair, comparator)) is not None}
        # An arm alone is only asked where nothing compares it, and of the comparator never.
        alone = [pair for pair in pairs if pair not in pooled and pair[1] != comparator]
        one_arm = {pair: found for pair in alone if (found := self.one_arm(*pair, comparator)) is not None}
        self.outlook = Outlook(dossier, evidence, pooled, one_arm, inputs)
        self._asked = asked

    def evidence(self, outcome: str, treatment: str, comparator: str) -> Evidence:
        key = (outcome, treatment, comparator)
        if key not in self._evidence:
            self._evidence[key] = gather(self.dossier, *key, rows=self._rows[outcome])
        return self._evidence[key]

    def pooled(self, outcome: str, treatment: str, comparator: str) -> Pooled | None:
        """The contrast with a comparator, over its studies."""
        key = (outcome, treatment, comparator)
        if key not in self._pooled:
            self._pooled[key] = pool(self.evidence(*key).contrasts)
        return self._pooled[key]

    def one_arm(self, outcome: str, treatment: str, comparator: str) -> Pooled | None:
        """The proportion or mean of treated arms that have no counted control."""
        key = (outcome, treatment, comparator)
        if key not in self._one_arm:
            self._one_arm[key] = pool(self.evidence(*key).one_arm)
        return self._one_arm[key]

    def weigh(self, outcome: str, treatment: str, comparator: str) -> Weighed:
        """One outcome all the way to its certainty and its size."""
        key = (outcome, treatment, comparator)
        if key not in self._weighed:
            evidence = self.evidence(*key)
            pooled = self.pooled(*key)
            if pooled is None and not evidence.has_formula:
                pooled = self.one_arm(*key)
            self._weighed[key] = Weighed(
                evidence=evidence,
                pooled=pooled,
                rating=rate(self.dossier, evidence, pooled, self.findings),
                absolute=self._size(*key, pooled),
            )
        return self._weighed[key]

    def _size(self, outcome: str, treatment: str, comparator: str, pooled: Pooled | None) -> Absolute | None:
        """The absolute number that shows a claim's size: the scenario asked about, where it has any.

        A danger that the scenario asked about shuts out (new needles) is shown under the scenario where it is
        largest, so that the claim is judged by what it is about.
        """
        scenarios = [item for item in self.dossier.scenarios if item.treatment == treatment]
        if not scenarios:
            return None
        scenarios.sort(key=lambda item: (item is not self._asked, not item.default))
        sizes = [self.outlook.against(self.dossier.outcomes[outcome], item, comparator, pooled) for item in scenarios]
        measured = [size for size in sizes if size.value is not None]
        if not measured:
            return sizes[0]
        first = measured[0]
        if first.value is not None and first.value.lower == first.value.upper == 0.0:
            return max(measured, key=lambda size: abs(size.value.value) if size.value is not None else 0.0)
        return first

    def ratings(self) -> dict[str, Rating]:
        """The certainty of every outcome measured under the treatment asked about."""
        question = self.dossier.question
        weighed = {name: self.weigh(name, question.treatment, question.comparator) for name in self.dossier.outcomes}
        return {name: one.rating for name, one in weighed.items() if one.rating is not None}

    def effects(self) -> Iterator[Effect]:
        """Every effect there is: treatments against each other, in the dossier's order, and treated arms alone.

        A control that stands for the question's comparator is counted as that; of two active treatments, the one
        listed first is the treated one, so that no comparison appears twice.
        """
        reference = self.dossier.question.comparator
        active = [
            item.id for item in self.dossier.treatments.values() if item.stands_for is None and item.id != reference
        ]
        for outcome in self.dossier.outcomes:
            given = {name for row in self._rows[outcome] for name in (row.treatment, row.comparator)}
            order = [item for item in active if item in given]
            for place, treatment in enumerate(order):
                for comparator in (reference, *order[place + 1 :]):
                    pooled = self.pooled(outcome, treatment, comparator)
                    if pooled is not None:
                        yield self._effect(pooled, comparator)
                if self.pooled(outcome, treatment, reference) is None:
                    alone = self.one_arm(outcome, treatment, reference)
                    if alone is not None:
                        yield self._effect(alone, reference)

    def _effect(self, pooled: Pooled, comparator: str) -> Effect:
        evidence = self.evidence(pooled.outcome, pooled.treatment, comparator)
        rating = rate(self.dossier, evidence, pooled, self.findings)
        assert rating is not None  # noqa: S101  # what was pooled is evidence
        return Effect(pooled=pooled, rating=rating, multiverse=self._multiverse(pooled))

    def _multiverse(self, pooled: Pooled) -> Multiverse | None:
        named = self.dossier.outcomes[pooled.outcome].baseline
        # The named risk is that of the question's comparator; against another, its own arms count.
        of_question = named is not None and pooled.comparator == self.dossier.question.comparator
        risk = self.dossier.parameters[named].value if of_question and named is not None else None
        inside = risk is not None and 0 < risk < 1
        return multiverse_of_contrasts(pooled, self.findings, baseline_risk=risk if inside else None)

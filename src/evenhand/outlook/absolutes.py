"""Every outcome under every scenario: of 1,000 people, or on its scale.

Pipeline: dossier → integrity → effects → synthesis → certainty → [outlook] → verdicts → report
"""

from collections.abc import Mapping

import numpy as np

from evenhand.distributions import Beta, Distribution, Floats
from evenhand.dossier.records import Dossier, Outcome, OutcomeType, Parameter, Result, Scenario, Status
from evenhand.effects.baseline_risk import risk_with_treatment
from evenhand.effects.evidence import Evidence
from evenhand.messages import Message, message
from evenhand.outlook.absolute import Absolute, Basis, Interval
from evenhand.outlook.inputs import Inputs, comparator_scenario
from evenhand.outlook.people import PEOPLE, interval_of, interval_of_draws
from evenhand.synthesis.pooled import Pooled

PER_PEOPLE = "per 1000"


class Outlook:
    """Absolute numbers of one dossier, from its pooled effects and its inputs.

    Parameters
    ----------
    dossier : Dossier
    evidence : mapping of (outcome, treatment) to Evidence against the question's comparator
    pooled : mapping of (outcome, treatment) to a pooled contrast with the question's comparator
    one_arm : mapping of (outcome, treatment) to a pooled proportion or mean of treated arms
    inputs : Inputs
    """

    def __init__(
        self,
        dossier: Dossier,
        evidence: Mapping[tuple[str, str], Evidence],
        pooled: Mapping[tuple[str, str], Pooled],
        one_arm: Mapping[tuple[str, str], Pooled],
        inputs: Inputs,
    ) -> None:
        self.dossier = dossier
        self.evidence = evidence
        self.pooled = pooled
        self.one_arm = one_arm
        self.inputs = inputs
        self._reference = comparator_scenario(dossier)

    def all(self) -> tuple[Absolute, ...]:
        """Every outcome under every scenario, in the dossier's order."""
        return tuple(
            self.of(outcome, scenario)
            for outcome in self.dossier.outcomes.values()
            if outcome.type is not OutcomeType.MECHANISM
            for scenario in self.dossier.scenarios
        )

    def of(self, outcome: Outcome, scenario: Scenario) -> Absolute:
        """One outcome under one scenario, by the best kind of evidence there is."""
        treatment = self.dossier.treatments[scenario.treatment]
        if outcome.only_with is not None and outcome.only_with not in treatment.features:
            return self._impossible(outcome, scenario)
        if outcome.formula is not None:
            return self._by_formula(outcome, scenario)
        if scenario.treatment == self.dossier.question.comparator:
            return self._without(outcome, scenario)
        if (outcome.id, scenario.treatment) in self.pooled:
            return self._by_contrast(outcome, scenario)
        if (outcome.id, scenario.treatment) in self.one_arm:
            return self._by_one_arm(outcome, scenario)
        return self._not_measured(outcome, scenario, self._why_not_measured(outcome, scenario))

    def _impossible(self, outcome: Outcome, scenario: Scenario) -> Absolute:
        zero = Interval(value=0.0, lower=0.0, upper=0.0)
        return self._absolute(outcome, scenario, Basis.IMPOSSIBLE, zero, None, message("outlook.reason.impossible"))

    def _by_formula(self, outcome: Outcome, scenario: Scenario) -> Absolute:
        formula = outcome.formula
        assert formula is not None  # noqa: S101  # `of` asks only then
        missing = self.inputs.lacks(formula.names, scenario.values)
        if missing:
            reason = message("outlook.reason.formula_lacks", names=", ".join(missing))
            return self._not_measured(outcome, scenario, reason)
        draws = self.formula_draws(outcome, scenario.values)
        difference = None
        if self._reference is not None and scenario is not self._reference:
            without = self._reference_draws(outcome)
            if without is not None:
                difference = interval_of_draws(draws - without, _factor(outcome))
        return self._absolute(
            outcome,
            scenario,
            Basis.FORMULA,
            interval_of_draws(draws, _factor(outcome)),
            difference,
            message("outlook.reason.formula", formula=formula.text),
            inputs=self.inputs.used(formula.names, scenario.values),
        )

    def formula_draws(self, outcome: Outcome, *overrides: Mapping[str, float | str]) -> Floats:
        """Draws of an outcome's formula under some values."""
        formula = outcome.formula
        assert formula is not None  # noqa: S101  # callers have looked
        value = formula.evaluate(self.inputs.variables(formula.names, *overrides))
        draws = np.broadcast_to(np.asarray(value, dtype=np.float64), (self.inputs.draws,))
        return np.clip(draws, 0.0, 1.0) if outcome.type is OutcomeType.BINARY else draws

    def _reference_draws(self, outcome: Outcome) -> Floats | None:
        """The formula where the treatment is left undone: zero where it takes the treatment to bring it about."""
        reference = self._reference
        if reference is None or outcome.formula is None:
            return None
        treatment = self.dossier.treatments[reference.treatment]
        if outcome.only_with is not None and outcome.only_with not in treatment.features:
            return np.zeros(self.inputs.draws)
        if self.inputs.lacks(outcome.formula.names, reference.values):
            return None
        return self.formula_draws(outcome, reference.values)

    def _without(self, outcome: Outcome, scenario: Scenario) -> Absolute:
        if outcome.type is OutcomeType.CONTINUOUS:
            return self._not_measured(outcome, scenario, message("outlook.reason.reference"))
        baseline = self.baseline(outcome)
        if baseline is None:
            return self._not_measured(outcome, scenario, message("outlook.reason.no_baseline"))
        distribution, reason, parameter = baseline
        return self._absolute(
            outcome,
            scenario,
            Basis.CONTRAST,
            interval_of(distribution, PEOPLE),
            None,
            reason,
            inputs=() if parameter is None else (parameter,),
        )

    def baseline(self, outcome: Outcome) -> tuple[Distribution, Message, Parameter | None] | None:
        """Risk without treatment: the named input, else the control arms of the main comparison together."""
        if outcome.baseline is not None:
            parameter = self.dossier.parameters[outcome.baseline]
            return parameter.distribution, message("outlook.reason.baseline_input", input=parameter.label), parameter
        pooled = self.pooled.get((outcome.id, self.dossier.question.treatment))
        if pooled is None:
            return None
        counts = [contrast.counts for contrast in pooled.contrasts if contrast.counts is not None]
        if not counts:
            return None
        events, n = sum(count[2] for count in counts), sum(count[3] for count in counts)
        reason = message("outlook.reason.baseline_controls", events=events, total=n)
        return Beta.from_count(events, n), reason, None

    def _by_contrast(self, outcome: Outcome, scenario: Scenario) -> Absolute:
        pooled = self.pooled[outcome.id, scenario.treatment]
        effect = pooled.posterior.mu
        reason = self._regimen_reason(pooled, scenario)
        if outcome.type is OutcomeType.CONTINUOUS:
            if pooled.measure != "MD":
                return self._not_measured(outcome, scenario, message("outlook.reason.no_unit"))
            interval = interval_of(effect)
            return self._absolute(outcome, scenario, Basis.CONTRAST, interval, interval, reason)
        baseline = self.baseline(outcome)
        if baseline is None:
            return self._not_measured(outcome, scenario, message("outlook.reason.no_baseline"))
        distribution, _, parameter = baseline
        without = self.inputs.draw(f"baseline:{outcome.id}", distribution)
        effects = self.inputs.draw(f"effect:{outcome.id}:{scenario.treatment}", effect)
        with_treatment = risk_with_treatment(without, effects, pooled.measure)
        return self._absolute(
            outcome,
            scenario,
            Basis.CONTRAST,
            interval_of_draws(with_treatment, PEOPLE),
            interval_of_draws(with_treatment - without, PEOPLE),
            reason,
            inputs=() if parameter is None else (parameter,),
        )

    def _by_one_arm(self, outcome: Outcome, scenario: Scenario) -> Absolute:
        pooled = self.one_arm[outcome.id, scenario.treatment]
        reason = message("outlook.reason.one_arm", n=pooled.k)
        if outcome.type is OutcomeType.CONTINUOUS:
            return self._absolute(outcome, scenario, Basis.ONE_ARM, interval_of(pooled.posterior.mu), None, reason)
        arms = [contrast.treated for contrast in pooled.contrasts]
        counts = (sum(arm.events or 0 for arm in arms), sum(arm.n or 0 for arm in arms))
        interval = Interval(value=PEOPLE * pooled.estimate, lower=PEOPLE * pooled.lower, upper=PEOPLE * pooled.upper)
        return self._absolute(outcome, scenario, Basis.ONE_ARM, interval, None, reason, counts=counts)

    def _why_not_measured(self, outcome: Outcome, scenario: Scenario) -> Message:
        evidence = self.evidence.get((outcome.id, scenario.treatment))
        if evidence is not None and evidence.cases:
            return message("outlook.reason.cases_only")
        if any(
            row.outcome == outcome.id and row.treatment == scenario.treatment and row.status is Status.NOT_REPORTED
            for row in self.dossier.results
        ):
            return message("outlook.reason.not_reported")
        return message("outlook.reason.not_measured")

    def _regimen_reason(self, pooled: Pooled, scenario: Scenario) -> Message:
        """Whether the scenario's regimen is the one that was studied."""
        given = self.inputs.given((scenario.values,))
        measured = {(arm.dose_mg, arm.sessions_per_week, arm.weeks) for arm in _treated(pooled)}
        asked = tuple(given.get(name) for name in ("dose_mg", "sessions_per_week", "weeks"))
        same = any(all(m is None or m == a for m, a in zip(one, asked, strict=True)) for one in measured)
        return message("outlook.reason.contrast" if same else "outlook.reason.contrast_other_regimen", n=pooled.k)

    def _not_measured(self, outcome: Outcome, scenario: Scenario, reason: Message) -> Absolute:
        return self._absolute(outcome, scenario, Basis.NOT_MEASURED, None, None, reason)

    def _absolute(
        self,
        outcome: Outcome,
        scenario: Scenario,
        basis: Basis,
        value: Interval | None,
        difference: Interval | None,
        reason: Message,
        *,
        counts: tuple[int, int] | None = None,
        inputs: tuple[Parameter, ...] = (),
    ) -> Absolute:
        return Absolute(
            outcome=outcome.id,
            scenario=scenario.id,
            treatment=scenario.treatment,
            basis=basis,
            value=value,
            difference=difference,
            unit=PER_PEOPLE if outcome.type is OutcomeType.BINARY else outcome.unit.en,
            reason=reason,
            counts=counts,
            unverified=tuple(item.name for item in inputs if not item.verified),
            assumptions=tuple(item.name for item in inputs if item.kind == "assumption"),
            sources=self._sources(outcome, scenario, basis, inputs),
        )

    def _sources(
        self, outcome: Outcome, scenario: Scenario, basis: Basis, inputs: tuple[Parameter, ...]
    ) -> tuple[str, ...]:
        keys = [item.source for item in inputs if item.source is not None]
        table = {Basis.CONTRAST: self.pooled, Basis.ONE_ARM: self.one_arm}.get(basis)
        if table is not None:
            pooled = table.get((outcome.id, scenario.treatment)) or table.get(
                (outcome.id, self.dossier.question.treatment)
            )
            keys += [] if pooled is None else [contrast.treated.source for contrast in pooled.contrasts]
        return tuple(dict.fromkeys(keys))


def _treated(pooled: Pooled) -> list[Result]:
    return [contrast.treated for contrast in pooled.contrasts]


def _factor(outcome: Outcome) -> float:
    return PEOPLE if outcome.type is OutcomeType.BINARY else 1.0

"""Every outcome under every scenario: of 1,000 people, or on its scale.

Pipeline: dossier → integrity → effects → synthesis → certainty → [outlook] → verdicts → report
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from evenhand.certainty.weights import study_weights
from evenhand.distributions import Beta, Distribution, Floats
from evenhand.dossier.records import Dossier, Outcome, OutcomeType, Parameter, Result, Scenario
from evenhand.effects.baseline_risk import risk_with_treatment
from evenhand.effects.contrast import Contrast
from evenhand.effects.evidence import Evidence
from evenhand.messages import Message, message
from evenhand.outlook.absolute import Absolute, Basis, Interval
from evenhand.outlook.inputs import Inputs, comparator_scenario
from evenhand.outlook.people import PEOPLE, interval_of, interval_of_draws
from evenhand.synthesis.pooled import Pooled

PER_PEOPLE = "per 1000"
_STRONGEST = 0.99  # correlation of a baseline with its effect: one short of making either follow from the other


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
        self._made: dict[tuple[str, str], Absolute] = {}

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
        key = (outcome.id, scenario.id)
        if key not in self._made:
            self._made[key] = self._of(outcome, scenario)
        return self._made[key]

    def against(self, outcome: Outcome, scenario: Scenario, comparator: str, pooled: Pooled | None) -> Absolute:
        """The same, with the difference taken from another comparator than the question's.

        Parameters
        ----------
        comparator : str
            Id of a treatment.
        pooled : Pooled or None
            The contrast of the scenario's treatment with that comparator, where there is one.
        """
        usual = self.of(outcome, scenario)
        if comparator == self.dossier.question.comparator or usual.basis is Basis.IMPOSSIBLE:
            return usual
        if outcome.formula is not None:
            return usual if usual.value is None else self._by_formula(outcome, scenario, comparator)
        if pooled is not None and pooled.comparator is not None:
            return self._by_contrast(outcome, scenario, pooled, _control_arms(pooled))
        return replace(usual, difference=None)

    def _of(self, outcome: Outcome, scenario: Scenario) -> Absolute:
        treatment = self.dossier.treatments[scenario.treatment]
        if outcome.only_with is not None and outcome.only_with not in treatment.features:
            return self._impossible(outcome, scenario)
        if outcome.formula is not None:
            return self._by_formula(outcome, scenario, self.dossier.question.comparator)
        if scenario.treatment == self.dossier.question.comparator:
            return self._without(outcome, scenario)
        if (outcome.id, scenario.treatment) in self.pooled:
            pooled = self.pooled[outcome.id, scenario.treatment]
            return self._by_contrast(outcome, scenario, pooled, self.baseline(outcome))
        if (outcome.id, scenario.treatment) in self.one_arm:
            return self._by_one_arm(outcome, scenario)
        return self._not_measured(outcome, scenario, self._why_not_measured(outcome, scenario))

    def _impossible(self, outcome: Outcome, scenario: Scenario) -> Absolute:
        zero = Interval(value=0.0, lower=0.0, upper=0.0)
        return self._absolute(outcome, scenario, Basis.IMPOSSIBLE, zero, None, message("outlook.reason.impossible"))

    def _by_formula(self, outcome: Outcome, scenario: Scenario, comparator: str) -> Absolute:
        formula = outcome.formula
        assert formula is not None  # noqa: S101  # `of` asks only then
        missing = self.inputs.lacks(formula.names, scenario.values)
        if missing:
            reason = message("outlook.reason.formula_lacks", names=", ".join(missing))
            return self._not_measured(outcome, scenario, reason)
        raw = self._raw_draws(outcome, scenario.values)
        broken = float(np.mean(~np.isfinite(raw)))
        if broken:
            reason = message("outlook.reason.formula_broken", formula=formula.text, per_1000=_at_least_one(broken))
            return self._not_measured(outcome, scenario, reason)
        draws = _within_bounds(outcome, raw)
        difference = None
        without = None if scenario.treatment == comparator else self._reference_draws(outcome, comparator)
        if without is not None and np.isfinite(without).all():
            difference = interval_of_draws(draws - without, _factor(outcome))
        beyond = float(np.mean(draws != raw))
        reason = message("outlook.reason.formula", formula=formula.text)
        if beyond:
            reason = message("outlook.reason.formula_capped", formula=formula.text, per_1000=_at_least_one(beyond))
        return self._absolute(
            outcome,
            scenario,
            Basis.FORMULA,
            interval_of_draws(draws, _factor(outcome)),
            difference,
            reason,
            inputs=self.inputs.used(formula.names, scenario.values),
        )

    def formula_draws(self, outcome: Outcome, *overrides: Mapping[str, float | str]) -> Floats:
        """Draws of an outcome's formula under some values; a risk stays within 0 and 1."""
        return _within_bounds(outcome, self._raw_draws(outcome, *overrides))

    def _raw_draws(self, outcome: Outcome, *overrides: Mapping[str, float | str]) -> Floats:
        formula = outcome.formula
        assert formula is not None  # noqa: S101  # callers have looked
        value = formula.evaluate(self.inputs.variables(formula.names, *overrides))
        return np.broadcast_to(np.asarray(value, dtype=np.float64), (self.inputs.draws,))

    def _reference_draws(self, outcome: Outcome, comparator: str) -> Floats | None:
        """The formula under the comparator: zero where it lacks what brings the outcome about; None if not known."""
        treatment = self.dossier.treatments[comparator]
        if outcome.only_with is not None and outcome.only_with not in treatment.features:
            return np.zeros(self.inputs.draws)
        reference = comparator_scenario(self.dossier, comparator)
        if reference is None or outcome.formula is None:
            return None
        if self.inputs.lacks(outcome.formula.names, reference.values):
            return None
        return self.formula_draws(outcome, reference.values)

    def _without(self, outcome: Outcome, scenario: Scenario) -> Absolute:
        if outcome.type is OutcomeType.CONTINUOUS:
            return self._not_measured(outcome, scenario, message("outlook.reason.reference"))
        baseline = self.baseline(outcome)
        if baseline is None:
            return self._not_measured(outcome, scenario, message("outlook.reason.no_baseline"))
        return self._absolute(
            outcome,
            scenario,
            Basis.CONTRAST,
            interval_of(baseline.distribution, PEOPLE),
            None,
            baseline.reason,
            inputs=baseline.inputs,
        )

    def baseline(self, outcome: Outcome) -> "_Baseline | None":
        """Risk without treatment: the named input, else the control arms of the main comparison together.

        Where the main comparison has none, those of the first other treatment that was compared: one risk without
        treatment serves every scenario.
        """
        if outcome.baseline is not None:
            parameter = self.dossier.parameters[outcome.baseline]
            reason = message("outlook.reason.baseline_input", input=parameter.label)
            return _Baseline(distribution=parameter.distribution, reason=reason, parameter=parameter)
        for treatment in (self.dossier.question.treatment, *self.dossier.treatments):
            pooled = self.pooled.get((outcome.id, treatment))
            found = None if pooled is None else _control_arms(pooled)
            if found is not None:
                return found
        return None

    def _by_contrast(
        self, outcome: Outcome, scenario: Scenario, pooled: Pooled, baseline: "_Baseline | None"
    ) -> Absolute:
        effect = pooled.posterior.mu
        reason = self._regimen_reason(pooled, scenario)
        if outcome.type is OutcomeType.CONTINUOUS:
            if pooled.measure != "MD":
                return self._not_measured(outcome, scenario, message("outlook.reason.no_unit"))
            interval = interval_of(effect)
            return self._absolute(outcome, scenario, Basis.CONTRAST, interval, interval, reason)
        if baseline is None:
            return self._not_measured(outcome, scenario, message("outlook.reason.no_baseline"))
        names = f"baseline:{outcome.id}", f"effect:{outcome.id}:{scenario.treatment}"
        if pooled.comparator != self.dossier.question.comparator:
            names = f"{names[0]}:{pooled.comparator}", f"{names[1]}:{pooled.comparator}"
        without = self.inputs.draw(names[0], baseline.distribution)
        effects = self.inputs.draw_with(names[1], effect, names[0], _correlation(baseline, pooled))
        with_treatment = risk_with_treatment(without, effects, pooled.measure)
        return self._absolute(
            outcome,
            scenario,
            Basis.CONTRAST,
            interval_of_draws(with_treatment, PEOPLE),
            interval_of_draws(with_treatment - without, PEOPLE),
            reason,
            inputs=baseline.inputs,
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
        if evidence is not None and evidence.contrasts:
            return message("outlook.reason.no_spread")
        if evidence is not None and evidence.not_reported:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Baseline:
    """Risk without treatment, and what it was taken from."""

    distribution: Distribution
    reason: Message
    parameter: Parameter | None = None  # a named input
    contrasts: tuple[Contrast, ...] = ()  # whose control arms it is

    @property
    def inputs(self) -> tuple[Parameter, ...]:
        """The named input, where it is one."""
        return () if self.parameter is None else (self.parameter,)


def _control_arms(pooled: Pooled) -> _Baseline | None:
    """The control arms of a comparison as one; None where none was counted."""
    counted = tuple(contrast for contrast in pooled.contrasts if contrast.counts is not None)
    if not counted:
        return None
    counts = [contrast.counts for contrast in counted if contrast.counts is not None]
    events, n = sum(count[2] for count in counts), sum(count[3] for count in counts)
    return _Baseline(
        distribution=Beta.from_count(events, n),
        reason=message("outlook.reason.baseline_controls", events=events, total=n),
        contrasts=counted,
    )


def _correlation(baseline: _Baseline, pooled: Pooled) -> float:
    """How the risk without treatment goes along with the effect, where both come from the same control arms.

    A control group that by chance had many events makes the risk look high and the effect small. Drawn apart, the two
    would give a risk with treatment far more spread than the treated arms themselves leave it. To first order, with
    the effect Σ w_i y_i and the risk's logit Σ u_i logit(p_i), their covariance is -Σ w_i u_i g_i, where g_i is the
    covariance of a control arm's part in y_i with its logit: 1/(n p (1 - p)) on a log odds ratio, 1/(n p) on a log risk
    ratio, 1/n on a risk difference. Zero for a named input, which has nothing to do with the trials.
    """
    own = {contrast.study.id: share for contrast, share in zip(pooled.contrasts, study_weights(pooled), strict=True)}
    shared = [(contrast.counts, own[contrast.study.id]) for contrast in baseline.contrasts if contrast.study.id in own]
    people = sum(contrast.counts[3] for contrast in baseline.contrasts if contrast.counts is not None)
    if not shared:
        return 0.0
    covariance = 0.0
    for counts, weight in shared:
        assert counts is not None  # noqa: S101  # a baseline's contrasts are counted
        _, _, events, n = counts
        p = (events + 0.5) / (n + 1.0)
        slope = {"OR": 1.0 / (p * (1.0 - p)), "RR": 1.0 / p}.get(pooled.measure, 1.0)
        covariance -= weight * n / people * slope / n
    risk = baseline.distribution.mean
    spread = pooled.posterior.mu.sd * math.sqrt(1.0 / (people * risk * (1.0 - risk)))
    return max(-_STRONGEST, covariance / spread)


def _within_bounds(outcome: Outcome, draws: Floats) -> Floats:
    return np.clip(draws, 0.0, 1.0) if outcome.type is OutcomeType.BINARY else draws


def _at_least_one(share: float) -> int:
    """A share above 0, of 1,000 draws, never rounded to none."""
    return max(1, round(PEOPLE * share))


def _treated(pooled: Pooled) -> list[Result]:
    return [contrast.treated for contrast in pooled.contrasts]


def _factor(outcome: Outcome) -> float:
    return PEOPLE if outcome.type is OutcomeType.BINARY else 1.0

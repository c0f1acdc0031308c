"""One row an arm, as in a dossier's results.csv: which arms are compared, and what each study says.

Pipeline: dossier → integrity → effects → synthesis → [workbench] → report
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.dossier.ledger import Ledger, shown
from evenhand.dossier.records import (
    Design,
    Dossier,
    Hand,
    Outcome,
    OutcomeType,
    Question,
    Result,
    RiskOfBias,
    Study,
    Treatment,
    Words,
)
from evenhand.dossier.results_csv import read_free_standing
from evenhand.effects import MEASURES, Kind, Measure
from evenhand.effects.contrast import Contrast
from evenhand.effects.contrasts import contrasts_of
from evenhand.workbench.study_columns import columns_of

# What is not a treatment but the lack of one, by the first word of its name.
_CONTROLS = frozenset(
    {"placebo", "control", "controls", "sham", "nothing", "none", "no", "untreated", "vehicle", "saline", "usual"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Which arms are compared on which outcome, and each study's contrast."""

    outcome: str
    treatment: str
    control: str
    measure: Measure
    contrasts: tuple[Contrast, ...]
    figures: Mapping[str, Floats]  # by column, as if there were one row a study
    dossier: Dossier  # the same rows, as the integrity checks take them


def compared_arms(
    content: bytes,
    ledger: Ledger,
    asked: Measure | None,
    *,
    outcome: str | None,
    treatment: str | None,
    control: str | None,
) -> Comparison | None:
    """The comparison asked for, or the only one there is; None, with the fault noted, where it is not clear."""
    results = read_free_standing(content, ledger)
    if ledger.faults or not results:
        return None
    chosen = _one_of(outcome, "outcome", _names(row.outcome for row in results), ledger)
    if chosen is None:
        return None
    rows = [row for row in results if row.outcome == chosen]
    arms = _treated_and_control(_names(row.treatment for row in rows), treatment, control, ledger)
    if arms is None:
        return None
    dossier = _dossier(ledger.file, rows, *arms, asked)
    contrasts = contrasts_of(dossier, dossier.outcomes[chosen], *arms)
    if not contrasts:
        ledger.fault(
            f"no study compares '{arms[0]}' with '{arms[1]}' on '{chosen}'",
            "choose other arms with --treatment and --control",
        )
        return None
    measure = MEASURES[contrasts[0].measure]
    return Comparison(
        outcome=chosen,
        treatment=arms[0],
        control=arms[1],
        measure=measure,
        contrasts=contrasts,
        figures=_figures(contrasts, measure),
        dossier=dossier,
    )


def _names(names: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order of the file."""
    return tuple(dict.fromkeys(names))


def _one_of(asked: str | None, what: str, there: Sequence[str], ledger: Ledger) -> str | None:
    listed = ", ".join(shown(name) for name in there)
    if asked is None and len(there) == 1:
        return there[0]
    if asked is None:
        ledger.fault(f"{len(there)} {what}s, and one can be pooled at a time", f"choose --{what} of {listed}")
        return None
    if asked not in there:
        ledger.fault(f"no row of {what} '{shown(asked)}'", f"choose --{what} of {listed}")
        return None
    return asked


def _treated_and_control(
    there: Sequence[str], treatment: str | None, control: str | None, ledger: Ledger
) -> tuple[str, str] | None:
    asked = ((treatment, "treatment"), (control, "control"))
    if None in [_one_of(name, what, there, ledger) for name, what in asked if name]:
        return None
    controls = [name for name in there if name.casefold().replace("-", " ").split()[0] in _CONTROLS]
    if control is None:
        left = [name for name in controls if name != treatment] or [name for name in there if name != treatment]
        control = left[-1] if len(left) == 1 or (not controls and len(there) == 2) else None
    if treatment is None:
        left = [name for name in there if name != control]
        treatment = left[0] if len(left) == 1 else None
    if treatment is None or control is None or treatment == control:
        listed = ", ".join(shown(name) for name in there)
        ledger.fault(f"{len(there)} treatments: {listed}", "choose two with --treatment and --control")
        return None
    ledger.notice(f"group 1 is '{shown(treatment)}', group 2 '{shown(control)}'")
    return treatment, control


def _dossier(file: str, rows: Sequence[Result], treatment: str, control: str, asked: Measure | None) -> Dossier:
    """The rows in the frame that contrasts and integrity checks take; nothing in it was judged by anybody."""
    name = Words(file)
    outcome = rows[0].outcome
    counted = any(row.events is not None or row.percent is not None for row in rows)
    if asked is not None:
        counted = asked.kind is Kind.COUNTS
    return Dossier(
        question=Question(title=name, population=name, treatment=treatment, comparator=control, main_benefit=outcome),
        treatments={row.treatment: Treatment(id=row.treatment, name=Words(row.treatment)) for row in rows},
        outcomes={
            outcome: Outcome(
                id=outcome,
                name=Words(outcome),
                hand=Hand.BENEFIT,
                type=OutcomeType.BINARY if counted else OutcomeType.CONTINUOUS,
                unit=name,
                measure=None if asked is None else asked.name,
            )
        },
        claims=(),
        scenarios=(),
        dependences=(),
        cautions=(),
        parameters={},
        studies={row.study: _study(row.study) for row in rows},
        results=tuple(rows),
        sources={},
        sha256="",
    )


def _study(name: str) -> Study:
    return Study(
        id=name,
        label=name,
        year=None,
        design=Design.COMPARATIVE,
        risk_of_bias=RiskOfBias.UNCLEAR,
        risk_of_bias_reason=None,
        blinding=None,
        population=None,
        n_randomised=None,
        n_analysed=None,
        funding=None,
        source="",
    )


def _figures(contrasts: Sequence[Contrast], measure: Measure) -> Mapping[str, Floats]:
    """As columns of a file with one row a study: the arms' figures, or effects where one study gives only those."""
    if measure.kind is Kind.COUNTS and all(contrast.counts is not None for contrast in contrasts):
        counts = np.array([contrast.counts for contrast in contrasts], dtype=np.float64)
        return dict(zip(columns_of(measure), counts.T, strict=True))
    if measure.kind is Kind.MEANS and all(_has_both_means(contrast) for contrast in contrasts):
        means = [(*_mean(contrast.treated), *_mean(contrast.control)) for contrast in contrasts]
        return dict(zip(columns_of(measure), np.array(means, dtype=np.float64).T, strict=True))
    return {
        "yi": np.array([contrast.yi for contrast in contrasts]),
        "vi": np.array([contrast.vi for contrast in contrasts]),
    }


def _has_both_means(contrast: Contrast) -> bool:
    return contrast.control is not None and None not in (*_mean(contrast.treated), *_mean(contrast.control))


def _mean(arm: Result | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if arm is None else (arm.mean, arm.sd, None if arm.n is None else float(arm.n))

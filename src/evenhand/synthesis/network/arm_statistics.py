"""What each arm of a study says by itself, so that the effects between all its arms follow with their covariance.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Floats
from evenhand.effects.standardised_mean_difference import small_sample_correction
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells

# Value and variance of each arm; columns of shape (a,) as they are after any correction for zeros.
Arms = Callable[[Mapping[str, Floats]], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmMeasure:
    """An effect measure that is the difference of two arms' own figures."""

    name: str
    columns: tuple[str, ...]
    arms: Arms | None  # None: standardised by all arms of the study
    has_log_of_events: bool = False  # nobody or everybody in all arms says nothing of it
    small_sample: bool = False
    customary: ZeroCells = HALF_WHERE_ZERO  # what is done with zeros where nothing is said

    def fault(self, figures: Mapping[str, float]) -> str | None:
        """What is wrong with the figures of one arm, and the mend."""
        for name in self.columns:
            value = figures[name]
            if not math.isfinite(value) or abs(value) > 1e50:
                return f"{name} = {value:g} is no number to compute with: compare it with the source"
            if name != "mean" and (value < 0 or (value == 0 and name != "events")):
                least = "0 or more" if name == "events" else "above 0"
                return f"{name} = {value:g}; it must be {least}: compare it with the source"
        if "events" in figures and "n" in figures and figures["events"] > figures["n"]:
            return f"{figures['events']:g} events among {figures['n']:g} people: compare both with the source"
        if self.name == "ROM" and figures["mean"] <= 0:
            return f"mean = {figures['mean']:g}: a ratio of means needs means above 0; use MD or SMD"
        return None


@dataclass(frozen=True, slots=True, eq=False)
class ArmEffects:
    """One study's arms: the values of which effects are differences, and how they vary."""

    values: Floats  # (a,)
    variances: Floats  # (a,), of independent arms
    shared: Floats | None = None  # (a,), d / √(2N): what the common standard deviation adds to every covariance

    def in_order(self, order: NDArray[np.intp]) -> tuple[Floats, Floats, Floats | None]:
        """Effects (a − 1,) against the first in that order, their covariance, and the arms' variances."""
        values, variances = self.values[order], self.variances[order]
        v = variances[0] + np.diag(variances[1:])
        if self.shared is None:
            return values[1:] - values[0], v, variances
        along = self.shared[order]
        along = along[1:] - along[0]
        return values[1:] - values[0], v + np.outer(along, along), None


@dataclass(frozen=True, slots=True, eq=False)
class StudiesOfArms:
    """The studies that say something, and what was done or left out."""

    effects: dict[str, ArmEffects]
    notices: tuple[str, ...]


def arms_of_study(
    measure: ArmMeasure,
    labels: Sequence[str],
    rows: Sequence[NDArray[np.intp]],
    columns: Mapping[str, Floats],
    zero_cells: ZeroCells | None,
    people_added: float = 2.0,
) -> StudiesOfArms:
    """Each study's arms, corrected for zeros if need be.

    Parameters
    ----------
    labels, rows
        Studies, and the places of their arms in `columns`.
    columns : mapping of ndarray, shape (m,)
        Checked figures.
    zero_cells : ZeroCells or None
        None is what is customary for the measure: half to all cells of a study with an empty one, or nothing.
    people_added : float
        By how many times of what is added to the events the people grow.

    Raises
    ------
    ValueError
        Where what is to be done with zeros is shared out by the size of two arms, which several arms do not have.
    """
    correction = measure.customary if zero_cells is None else zero_cells
    if correction.share != "equally":
        raise ValueError("zero_cells: a share by arm size is defined for two arms; use share='equally'")
    counted = "events" in measure.columns
    own = {
        label: {name: column[at] for name, column in columns.items()} for label, at in zip(labels, rows, strict=True)
    }
    corrected = _corrected(own, correction, people_added) if counted else {}
    effects, empty, added, undefined = {}, list[str](), list[str](), list[str]()
    for label, figures in own.items():
        if counted:
            cells = _cells(figures)
            if (measure.has_log_of_events or correction.drop00) and bool((cells == 0).all(axis=1).any()):
                empty.append(label)
                continue
            if label in corrected:
                figures = corrected[label]
                added.append(label)
        one = (
            _standardised(figures, measure)
            if measure.arms is None
            else ArmEffects(*_without_warnings(measure.arms, figures))
        )
        if not (np.isfinite(one.values).all() and np.isfinite(one.variances).all() and (one.variances > 0).all()):
            undefined.append(label)
            continue
        effects[label] = one
    notices = []
    if empty:
        notices.append(
            f"{_listed(empty)}: nobody, or everybody, has the event in every arm, and that says nothing of a ratio; "
            f"left out"
        )
    if added:
        notices.append(f"{_listed(added)}: {correction.add:g} added to each cell of every arm, for a cell is empty")
    if undefined:
        why = "an empty cell" if counted else "so few people"
        notices.append(f"{_listed(undefined)}: with {why} {measure.name} or its variance is not defined; left out")
    return StudiesOfArms(effects, tuple(notices))


def _cells(figures: Mapping[str, Floats]) -> Floats:
    """Counts in rows, (2, a) of those with and without the event, or (1, a) of events in person-time."""
    events = figures["events"]
    return np.stack([events, figures["n"] - events]) if "n" in figures else events[None, :]


def _corrected(
    studies: Mapping[str, Mapping[str, Floats]], correction: ZeroCells, people_added: float
) -> dict[str, dict[str, Floats]]:
    """The studies to which something is added."""
    has_zero = {label: bool((_cells(figures) == 0).any()) for label, figures in studies.items()}
    chosen = {
        "none": set[str](),
        "only0": {label for label, has in has_zero.items() if has},
        "if0all": set(studies) if any(has_zero.values()) else set(),
        "all": set(studies),
    }[correction.to]
    corrected = {}
    for label, figures in studies.items():
        if label in chosen and correction.add > 0:
            more = {"events": figures["events"] + correction.add}
            if "n" in figures:
                more["n"] = figures["n"] + people_added * correction.add
            corrected[label] = {**figures, **more}
    return corrected


def _without_warnings(arms: Arms, figures: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return arms(figures)


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(f"'{label}'" for label in labels[:8])
    return (
        ("study " if len(labels) == 1 else "studies ")
        + shown
        + (f" and {len(labels) - 8} more" if len(labels) > 8 else "")
    )


def _log_odds(arm: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    without = arm["n"] - arm["events"]
    return np.log(arm["events"] / without), 1 / arm["events"] + 1 / without


def _log_risk(arm: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    return np.log(arm["events"] / arm["n"]), 1 / arm["events"] - 1 / arm["n"]


def _risk(arm: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    risk = arm["events"] / arm["n"]
    return risk, risk * (1 - risk) / arm["n"]


def _arcsine(arm: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    return np.arcsin(np.sqrt(arm["events"] / arm["n"])), 0.25 / arm["n"]


def _log_rate(arm: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    return np.log(arm["events"] / arm["time"]), 1 / arm["events"]


def _rate(arm: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    return arm["events"] / arm["time"], arm["events"] / arm["time"] ** 2


def _mean(arm: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    return arm["mean"], arm["sd"] ** 2 / arm["n"]


def _log_mean(arm: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    return np.log(arm["mean"]), arm["sd"] ** 2 / (arm["n"] * arm["mean"] ** 2)


def _standardised(arm: Mapping[str, Floats], measure: ArmMeasure) -> ArmEffects:
    """By the standard deviation of all arms; the variance of d is 1/n₁ + 1/n₂ + d² / 2N (Crippa & Orsini 2016)."""
    freedom = arm["n"] - 1
    pooled = math.sqrt(float(freedom @ arm["sd"] ** 2) / float(freedom.sum())) if freedom.sum() > 0 else math.nan
    factor = float(small_sample_correction(np.array([freedom.sum()]))[0]) if measure.small_sample else 1.0
    values = factor * (arm["mean"] - arm["mean"][0]) / pooled
    return ArmEffects(values, factor**2 / arm["n"], values / math.sqrt(2 * float(arm["n"].sum())))


_COUNTS, _RATES, _MEANS = ("events", "n"), ("events", "time"), ("mean", "sd", "n")
ARM_MEASURES: Mapping[str, ArmMeasure] = {
    measure.name: measure
    for measure in (
        ArmMeasure(name="OR", columns=_COUNTS, arms=_log_odds, has_log_of_events=True),
        ArmMeasure(name="RR", columns=_COUNTS, arms=_log_risk, has_log_of_events=True),
        ArmMeasure(name="RD", columns=_COUNTS, arms=_risk),
        ArmMeasure(name="AS", columns=_COUNTS, arms=_arcsine, customary=AS_COUNTED),
        ArmMeasure(name="IRR", columns=_RATES, arms=_log_rate, has_log_of_events=True),
        ArmMeasure(name="IRD", columns=_RATES, arms=_rate),
        ArmMeasure(name="MD", columns=_MEANS, arms=_mean),
        ArmMeasure(name="ROM", columns=_MEANS, arms=_log_mean),
        ArmMeasure(name="SMD", columns=_MEANS, arms=None),
        ArmMeasure(name="SMDG", columns=_MEANS, arms=None, small_sample=True),
    )
}

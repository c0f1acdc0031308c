"""What studies say of many treatments: every row checked, the rows of a study joined, the pieces of the network named.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.zero_cells import ZeroCells
from evenhand.number_columns import number_column
from evenhand.synthesis.network.arm_statistics import ARM_MEASURES, ArmMeasure, arms_of_study
from evenhand.synthesis.network.multi_arm import contrasts_of_pairs

_LARGEST = 1e50  # effect; its square is the largest variance, and one over it the smallest
_FAULTS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkStudy:
    """One study's effects of its arms against its first arm, on the analysis scale."""

    label: str
    treatments: tuple[int, ...]  # one an arm, a ≥ 2 of them, rising: places in `NetworkEvidence.treatments`
    yi: Floats = field(repr=False)  # (a − 1,), arm 1 … less arm 0
    v: Floats = field(repr=False)  # (a − 1, a − 1), their sampling covariance
    arm_variances: Floats | None = field(default=None, repr=False)  # (a,), where the covariance is made of such

    @property
    def design(self) -> tuple[int, ...]:
        """The set of its treatments, rising."""
        return self.treatments

    def pairs(self) -> list[tuple[int, int, float, float]]:
        """Each comparison (treatment 1, treatment 2, effect of 1 less 2, its variance), a (a − 1) / 2 of them."""
        y = np.concatenate([[0.0], self.yi])
        v = np.zeros((y.size, y.size))
        v[1:, 1:] = self.v
        return [
            (self.treatments[i], self.treatments[j], float(y[i] - y[j]), float(v[i, i] + v[j, j] - 2 * v[i, j]))
            for i in range(y.size)
            for j in range(i + 1, y.size)
        ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkEvidence:
    """All studies of a network."""

    treatments: tuple[str, ...]  # T names, in alphabetical order, capitals or not
    studies: tuple[NetworkStudy, ...] = field(repr=False)
    reference: int  # the treatment that effects are given against
    measure: str  # 'OR'; 'GEN' for effects given as they are
    notices: tuple[str, ...]  # what was left out or changed, and what does not hang together
    components: tuple[tuple[int, ...], ...]  # pieces that share no treatment; one where all hang together

    def index(self, treatment: str) -> int:
        """Its place in `treatments`.

        Raises
        ------
        ValueError
            Where no study has it; it says which names come nearest.
        """
        if treatment in self.treatments:
            return self.treatments.index(treatment)
        near = get_close_matches(treatment, self.treatments, n=3, cutoff=0.5)
        shown = near or self.treatments[:10]
        mend = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(shown)}"
        if not near and len(self.treatments) > len(shown):
            mend += f" and {len(self.treatments) - len(shown)} more"
        raise ValueError(f"no study has a treatment called '{treatment}': {mend}")

    def with_reference(self, treatment: str) -> "NetworkEvidence":
        """The same evidence, its effects to be given against another treatment."""
        return replace(self, reference=self.index(treatment))

    @property
    def is_connected(self) -> bool:
        """Whether every treatment can be compared with every other."""
        return len(self.components) == 1


def network_from_contrasts(
    study: Iterable[Any],
    treat1: Iterable[Any],
    treat2: Iterable[Any],
    yi: Any,
    sei: Any,
    *,
    reference: str | None = None,
    measure: str = "GEN",
    tolerance: float = 0.001,
) -> NetworkEvidence:
    """A network from one row a comparison, all a (a − 1) / 2 of them for a study of a arms.

    The standard errors of all comparisons of a study say what the covariance of its effects is: that of 1 − 2 and
    1 − 3 is half of v12 + v13 − v23 (Rücker & Schwarzer 2014, Statist. Med. 33, 4353-4369, §2.2).

    Parameters
    ----------
    study, treat1, treat2 : iterable of str, shape (m,)
        Rows with the same study are the comparisons of one study.
    yi, sei : array_like, shape (m,)
        Effect of `treat1` less `treat2` on the analysis scale (log ratios), and its standard error (> 0). A row without
        either (None, nan) is left out, and said so.
    reference : str, optional
        That effects are given against; if not given, the treatment of most studies.
    measure : str
        What the effects are, for those who show them.
    tolerance : float
        By how much the effects of one study may contradict each other (1 − 2 plus 2 − 3 against 1 − 3) beyond the
        rounding of the numbers themselves; what is within it is mended by weighted least squares.

    Returns
    -------
    NetworkEvidence

    Raises
    ------
    ValueError
        Naming each study, its values and the mend: a treatment against itself, a comparison given twice, comparisons
        missing, effects or standard errors of one study that contradict each other, a standard error not above 0.
    """
    labels, first, second = _names("study", study), _names("treat1", treat1), _names("treat2", treat2)
    effects, errors = number_column("yi", yi, of="comparison"), number_column("sei", sei, of="comparison")
    _check_lengths(study=labels, treat1=first, treat2=second, yi=effects, sei=errors)
    if not 0 <= tolerance < math.inf:
        raise ValueError(f"tolerance = {tolerance}: by how much effects may contradict each other is 0 or more")
    faults, notices = list[str](), list[str]()
    rows: dict[str, list[int]] = {}
    for i, label in enumerate(labels):
        if first[i] == second[i]:
            faults.append(f"study '{label}' (row {i + 1}) compares '{first[i]}' with itself: correct one of the names")
        elif math.isnan(effects[i]) or math.isnan(errors[i]):
            notices.append(f"study '{label}', {first[i]} v {second[i]}: no effect or no standard error; left out")
        elif not (abs(effects[i]) <= _LARGEST and 1 / _LARGEST <= errors[i] <= _LARGEST):
            faults.append(
                f"study '{label}' (row {i + 1}): yi = {effects[i]:g}, sei = {errors[i]:g}; an effect is finite, a "
                f"standard error finite and above 0: compare both with the source"
            )
        else:
            rows.setdefault(label, []).append(i)
    raise_faults(faults)
    in_use = {name for own in rows.values() for i in own for name in (first[i], second[i])}
    names = tuple(sorted(in_use, key=_alphabetical))
    place = {name: i for i, name in enumerate(names)}
    studies = []
    for label, own in rows.items():
        if len(own) == 1:
            i = own[0]
            one, other = place[first[i]], place[second[i]]
            effect = effects[i] if one > other else -effects[i]
            studies.append(
                NetworkStudy(
                    label=label,
                    treatments=(min(one, other), max(one, other)),
                    yi=np.array([effect]),
                    v=np.array([[errors[i] ** 2]]),
                )
            )
            continue
        try:
            arms, y, v, arm_variances, notice = contrasts_of_pairs(
                label, [first[i] for i in own], [second[i] for i in own], effects[own], errors[own], place, tolerance
            )
        except ValueError as fault:
            faults.append(str(fault))
            continue
        if notice:
            notices.append(notice)
        studies.append(NetworkStudy(label=label, treatments=arms, yi=y, v=v, arm_variances=arm_variances))
    raise_faults(faults)
    return _assembled(names, studies, reference, measure, [*notices, *_lost({*first, *second}, names)])


def network_from_arms(
    study: Iterable[Any],
    treatment: Iterable[Any],
    *,
    measure: str,
    reference: str | None = None,
    zero_cells: ZeroCells | None = None,
    cochrane_risk_ratio: bool = True,
    **figures: Any,
) -> NetworkEvidence:
    """A network from one row an arm: the figures of each arm, turned into the effects of its study.

    Parameters
    ----------
    study, treatment : iterable of str, shape (m,)
        Rows with the same study are its arms.
    measure : str
        A name in `ARM_MEASURES`: OR, RR, RD, AS of `events` and `n`; IRR, IRD of `events` and `time`; MD, ROM, SMD of
        `mean`, `sd` and `n`. SMD is by the standard deviation of all arms of its study together, so that its effects
        agree with each other (Crippa & Orsini 2016, BMC Med. Res. Methodol. 16, 91, eq. 4-5); SMDG the same times
        Hedges' factor for small studies.
    reference : str, optional
        As for `network_from_contrasts`.
    zero_cells : ZeroCells, optional
        What is added to the arms of a study of which one has no event or nothing but events. If not given, half to
        each cell of every arm of such a study, as most programs do, and a notice says where.
    cochrane_risk_ratio : bool
        Whether the people of an arm of a risk ratio grow by twice what is added to its events, once for each cell, as
        in RevMan and metafor; else by it once, as in meta and netmeta.
    **figures : array_like, shape (m,)
        The measure's columns. An arm without one of its figures is left out, and said so.

    Returns
    -------
    NetworkEvidence
        Studies in which nobody, or everybody, has the event say nothing of a ratio; they are left out with a notice.

    Raises
    ------
    ValueError
        Naming each study, its values and the mend: one arm alone, a treatment twice in a study, events beyond the
        people, numbers that cannot be.
    """
    if measure not in ARM_MEASURES:
        raise ValueError(f"measure '{measure}': of arms there are {', '.join(ARM_MEASURES)}")
    chosen = ARM_MEASURES[measure]
    labels, arms = _names("study", study), _names("treatment", treatment)
    columns = _columns_of(chosen, figures)
    _check_lengths(study=labels, treatment=arms, **columns)
    faults, notices = list[str](), list[str]()
    rows: dict[str, list[int]] = {}
    for i, label in enumerate(labels):
        rows.setdefault(label, []).append(i)
    for label, own in rows.items():
        faults += _faults_of_arms(label, [arms[i] for i in own], [i + 1 for i in own])
    reported = ~np.any([np.isnan(column) for column in columns.values()], axis=0)
    for i in np.flatnonzero(~reported).tolist():
        missing = " and ".join(name for name, column in columns.items() if math.isnan(column[i]))
        notices.append(f"study '{labels[i]}', {arms[i]}: {missing} not reported; the arm is left out")
    faults += [
        f"study '{labels[i]}', {arms[i]} (row {i + 1}): {fault}"
        for i in np.flatnonzero(reported).tolist()
        for fault in [chosen.fault({name: float(column[i]) for name, column in columns.items()})]
        if fault
    ]
    raise_faults(faults)
    kept = {label: [i for i in own if reported[i]] for label, own in rows.items()}
    used = {label: own for label, own in kept.items() if len(own) > 1}
    notices += [
        f"study '{label}' is left out: {len(own)} of its arms can be used"
        for label, own in kept.items()
        if len(own) < 2
    ]
    people_added = 2.0 if measure != "RR" or cochrane_risk_ratio else 1.0
    studies_of = arms_of_study(
        chosen, list(used), [np.array(own) for own in used.values()], columns, zero_cells, people_added
    )
    notices += studies_of.notices
    in_use = {arms[i] for label in studies_of.effects for i in used[label]}
    names = tuple(sorted(in_use, key=_alphabetical))
    place = {name: i for i, name in enumerate(names)}
    studies = []
    for label, one in studies_of.effects.items():
        places = np.array([place[arms[i]] for i in used[label]])
        order = np.argsort(places)
        y, v, arm_variances = one.in_order(order)
        studies.append(
            NetworkStudy(
                label=label, treatments=tuple(int(t) for t in places[order]), yi=y, v=v, arm_variances=arm_variances
            )
        )
    return _assembled(names, studies, reference, measure, [*notices, *_lost(set(arms), names)])


def raise_faults(faults: Sequence[str]) -> None:
    """All faults at once, the first few of them in full.

    Raises
    ------
    ValueError
        Where there is any.
    """
    if faults:
        more = len(faults) - _FAULTS_SHOWN
        raise ValueError("; ".join(faults[:_FAULTS_SHOWN]) + (f"; and {more} more of this kind" if more > 0 else ""))


def _columns_of(measure: ArmMeasure, figures: Mapping[str, Any]) -> dict[str, Floats]:
    unknown = [name for name in figures if name not in measure.columns]
    missing = [name for name in measure.columns if figures.get(name) is None]
    if unknown or missing:
        wrong = f"no {' and '.join(missing)}" if missing else f"what is {' and '.join(unknown)}?"
        raise ValueError(f"measure '{measure.name}' is made of {', '.join(measure.columns)}: {wrong}")
    return {name: number_column(name, figures[name], of="arm") for name in measure.columns}


def _faults_of_arms(label: str, arms: Sequence[str], rows: Sequence[int]) -> list[str]:
    if len(arms) == 1:
        return [
            f"study '{label}' has one arm ('{arms[0]}', row {rows[0]}): it compares nothing; add an arm or leave it out"
        ]
    faults = []
    for name in sorted({name for name in arms if arms.count(name) > 1}):
        twice = " and ".join(str(row) for row, arm in zip(rows, arms, strict=True) if arm == name)
        faults.append(
            f"study '{label}' has '{name}' in rows {twice}: put arms of one treatment together, give them names of "
            f"their own, or two studies labels of their own"
        )
    return faults


def _assembled(
    names: tuple[str, ...],
    studies: Sequence[NetworkStudy],
    reference: str | None,
    measure: str,
    notices: Sequence[str],
) -> NetworkEvidence:
    if not studies:
        raise_faults(["no study compares two treatments", *notices])
    components = pieces(len(names), [one.treatments for one in studies])
    evidence = NetworkEvidence(
        treatments=names,
        studies=tuple(studies),
        reference=_most_studied(len(names), studies),
        measure=measure,
        notices=(*notices, *_alike(names), *_reported_twice(names, studies), *_disconnected(names, components)),
        components=components,
    )
    return evidence if reference is None else evidence.with_reference(str(reference))


def pieces(size: int, designs: Iterable[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """The sets of treatments 0 … size − 1 that studies join, the largest first."""
    parent = list(range(size))

    def root(treatment: int) -> int:
        while parent[treatment] != treatment:
            parent[treatment] = parent[parent[treatment]]
            treatment = parent[treatment]
        return treatment

    for design in designs:
        first = root(design[0])
        for other in design[1:]:
            parent[root(other)] = first
    members: dict[int, list[int]] = {}
    for treatment in range(size):
        members.setdefault(root(treatment), []).append(treatment)
    return tuple(tuple(piece) for piece in sorted(members.values(), key=lambda piece: (-len(piece), piece)))


def _most_studied(size: int, studies: Sequence[NetworkStudy]) -> int:
    count = np.zeros(size, dtype=int)
    for one in studies:
        count[list(one.treatments)] += 1
    return int(np.argmax(count))


def _lost(named: set[str], names: Sequence[str]) -> list[str]:
    """Treatments that are no longer in the network."""
    lost = sorted(named - set(names), key=_alphabetical)
    return [f"no study is left with {', '.join(lost)}: not in the network"] if lost else []


def _alike(names: Sequence[str]) -> list[str]:
    """Names that differ in capitals or spaces alone."""
    seen: dict[str, str] = {}
    notices = []
    for name in names:
        plain = "".join(name.casefold().split())
        if plain in seen:
            notices.append(
                f"treatments '{seen[plain]}' and '{name}' are taken as two: if they are one, name them alike"
            )
        seen.setdefault(plain, name)
    return notices


def _reported_twice(names: Sequence[str], studies: Sequence[NetworkStudy]) -> list[str]:
    """Two studies with the same treatments, effects and standard errors to the last digit are hardly two."""
    seen: dict[tuple[Any, ...], str] = {}
    notices = []
    for one in studies:
        figures = (one.treatments, one.yi.tobytes(), one.v.tobytes())
        if figures in seen:
            said = ", ".join(names[t] for t in one.treatments)
            notices.append(
                f"studies '{seen[figures]}' and '{one.label}' give the same effects and standard errors for {said}: if "
                f"they report the same people, leave one out"
            )
        else:
            seen[figures] = one.label
    return notices


def _disconnected(names: Sequence[str], components: Sequence[Sequence[int]]) -> list[str]:
    if len(components) == 1:
        return []
    shown = [", ".join(names[t] for t in piece[:6]) + (", …" if len(piece) > 6 else "") for piece in components[:6]]
    more = f" and {len(components) - 6} more" if len(components) > 6 else ""
    return [
        f"the evidence falls into {len(components)} pieces that no study joins: {' | '.join(shown)}{more}. Effects "
        f"between pieces cannot be estimated; a study of one treatment of each with another would join them"
    ]


def _names(column: str, values: Iterable[Any]) -> list[str]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(f"{column} is a single {type(values).__name__}; give one name a row")
    names = [_name(value) for value in values]
    for i, name in enumerate(names):
        if not name:
            raise ValueError(f"{column}[{i}] is empty: every row has its name")
    return names


def _name(value: Any) -> str:
    if value is None or (isinstance(value, (float, np.floating)) and math.isnan(value)):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)  # a column of whole numbers with gaps is read as 1.0, 2.0
    return str(value).strip()


def _check_lengths(**columns: Sequence[Any] | Floats) -> None:
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError("columns of different lengths: " + ", ".join(f"{n} has {k}" for n, k in lengths.items()))
    if not next(iter(lengths.values())):
        raise ValueError("no row: nothing to compare")


def _alphabetical(name: str) -> tuple[str, str]:
    return name.casefold(), name

"""Odds ratios of many treatments from sparse counts: Mantel-Haenszel in each design, least squares over designs.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.number_columns import number_column
from evenhand.synthesis.network.evidence import NetworkEvidence, NetworkStudy, network_from_arms, pieces
from evenhand.synthesis.network.league import League
from evenhand.synthesis.network.network_fit import fit_network
from evenhand.synthesis.network.q_decomposition import QPart


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MantelHaenszelNetwork:
    """T treatments' log odds ratios, all studies of one design sharing theirs; nan where nothing joins two."""

    treatments: tuple[str, ...]
    reference: int  # its place in them
    level: float
    k: int  # studies used
    designs: tuple[NetworkStudy, ...] = field(repr=False)  # each pooled as if it were one study
    effects: Floats = field(repr=False)  # (T,), against the reference
    se: Floats = field(repr=False)
    ci_lower: Floats = field(repr=False)
    ci_upper: Floats = field(repr=False)
    q_inc: QPart  # of designs about the network's effects
    league: League = field(repr=False)  # every treatment less every other
    notices: tuple[str, ...]  # the studies, arms and designs left out, and the pieces of a network in several


def mantel_haenszel_network(
    study: Iterable[Any],
    treatment: Iterable[Any],
    *,
    events: Any,
    n: Any,
    reference: str | None = None,
    level: float = 0.95,
) -> MantelHaenszelNetwork:
    """Common log odds ratios of a network, nothing added to cells without events.

    Parameters
    ----------
    study, treatment : iterable of str, shape (m,)
        Rows with the same study are its arms.
    events, n : array_like, shape (m,)
        People with the event, and all people, of each arm. An arm without either is left out, and said so.
    reference : str, optional
        That effects are given against; if not given, the treatment of most studies.
    level : float
        Of all intervals.

    Returns
    -------
    MantelHaenszelNetwork
        Left out, each with a notice: studies in which nobody or everybody has the event, arms in which that is so over
        all studies of a design, and designs of which one arm is left.

    Raises
    ------
    ValueError
        For rows that `network_from_arms` does not take, a level outside 0 to 1, and where nothing is left.

    References
    ----------
    Efthimiou et al. (2019). Statist. Med. 38, 2992-3012; Greenland (1989). Biometrics 45, 183-191.
    """
    if not 0 < level < 1:
        raise ValueError(f"level = {level}: give the intervals' coverage between 0 and 1, such as 0.95")
    labels, arms = ([_plain(one) for one in column] for column in (study, treatment))
    # The rows are checked as those of any network of arms; its effects, and what it adds to cells, are not used.
    checked = network_from_arms(labels, arms, measure="RD", events=events, n=n)
    notices = [one for one in checked.notices if "arm is left out" in one or "arms can be used" in one]
    a, people = number_column("events", events, of="arm"), number_column("n", n, of="arm")
    place = {name: i for i, name in enumerate(checked.treatments)}
    kept = {one.label: one.treatments for one in checked.studies}
    rows_of: dict[str, dict[int, int]] = {label: {} for label in kept}
    for i, (label, arm) in enumerate(zip(labels, arms, strict=True)):
        if label in kept and arm in place:
            rows_of[label][place[arm]] = i
    strata: dict[tuple[int, ...], list[Floats]] = {}
    for label, design in kept.items():
        rows = [rows_of[label][t] for t in design]
        table = np.array([a[rows], people[rows] - a[rows]])
        if (table.sum(axis=1) == 0).any():
            who = "nobody" if a[rows].sum() == 0 else "everybody"
            notices.append(f"study '{label}': {who} has the event, which says nothing of an odds ratio; left out")
        else:
            strata.setdefault(design, []).append(table)
    pooled, k = list[NetworkStudy](), 0
    for design, tables in strata.items():
        counts = np.array(tables)  # (studies, 2, arms)
        named = ":".join(checked.treatments[t] for t in design)
        usable = (counts.sum(axis=0) > 0).all(axis=0)
        for t in np.flatnonzero(~usable).tolist():
            said = "nobody" if counts[:, 0, t].sum() == 0 else "everybody"
            notices.append(
                f"design {named}: {said} on {checked.treatments[design[t]]} has the event; the arm is left out"
            )
        if usable.sum() < 2:
            notices.append(f"design {named}: fewer than two arms are left; left out")
            continue
        left = tuple(t for t, use in zip(design, usable, strict=True) if use)
        one = _pooled_design(counts[:, :, usable], left, named)
        if one is None:
            notices.append(f"design {named}: no study has events and people without in arms apart; left out")
            continue
        pooled.append(one)
        k += len(tables)
    if not pooled:
        raise ValueError("no design has an odds ratio: give studies with events, and people without, in two arms")
    return _network_of(checked, pooled, k, reference, level, notices)


def _plain(name: Any) -> str:
    """A study's or treatment's name as text, empty where there is none."""
    return "" if name is None or name != name else str(name).strip()


def _pooled_design(counts: Floats, design: tuple[int, ...], label: str) -> NetworkStudy | None:
    """One design's log odds ratios of each arm against the first; None where a pair has none.

    Every pair's own estimate is averaged over the ways through the other arms, so that they agree (Mickey & Elashoff
    1985, Biometrics 41, 623-635).
    """
    a, b = counts[:, 0], counts[:, 1]
    size = len(design)
    n = (a + b).sum(axis=1)
    cross = np.einsum("sx,sy,s->xy", a, b, 1 / n)
    if (cross[~np.eye(size, dtype=bool)] <= 0).any():
        return None
    log_ratio = np.log(cross) - np.log(cross.T)
    pairs = list(combinations(range(size), 2))
    covariance = np.array([[_covariance(a, b, n, cross, one, other) for other in pairs] for one in pairs])
    # Each arm less the first, as (L_j+ − L_0+)/m in terms of the pairs.
    incidence = np.zeros((size, len(pairs)))
    for i, (x, y) in enumerate(pairs):
        incidence[x, i], incidence[y, i] = 1.0, -1.0
    through = (incidence[1:] - incidence[0]) / size
    own = np.array([log_ratio[pair] for pair in pairs])
    return NetworkStudy(label=label, treatments=design, yi=through @ own, v=through @ covariance @ through.T)


def _covariance(a: Floats, b: Floats, n: Floats, cross: Floats, one: tuple[int, int], other: tuple[int, int]) -> float:
    """Of the log odds ratios of two pairs of arms (Greenland 1989)."""
    if one == other:
        x, y = one
        up, down = a[:, x] * b[:, y] / n, a[:, y] * b[:, x] / n
        p, q = (a[:, x] + b[:, y]) / n, (a[:, y] + b[:, x]) / n
        cxy, cyx = cross[x, y], cross[y, x]
        total = p @ up / cxy**2 + (p @ down + q @ up) / (cxy * cyx) + q @ down / cyx**2
        return float(total / 2)
    shared = set(one) & set(other)
    if not shared:
        return 0.0
    x = shared.pop()
    y, z = (pair[1 - pair.index(x)] for pair in (one, other))
    sign = 1.0 if one.index(x) == other.index(x) else -1.0
    people = a[:, x] + b[:, x]
    total = (
        a[:, x] * b[:, y] * b[:, z] / (cross[x, y] * cross[x, z])
        + people * b[:, y] * a[:, z] / (cross[x, y] * cross[z, x])
        + people * a[:, y] * b[:, z] / (cross[y, x] * cross[x, z])
        + b[:, x] * a[:, y] * a[:, z] / (cross[y, x] * cross[z, x])
    )
    return sign * float((total / n**2).sum()) / 3


def _network_of(
    checked: NetworkEvidence,
    pooled: list[NetworkStudy],
    k: int,
    reference: str | None,
    level: float,
    notices: list[str],
) -> MantelHaenszelNetwork:
    """The consistency model on the designs' estimates."""
    used = sorted({t for one in pooled for t in one.treatments})
    names = tuple(checked.treatments[t] for t in used)
    if lost := [name for name in checked.treatments if name not in names]:
        notices.append(f"no study is left with {', '.join(lost)}: not in the network")
    place = {t: i for i, t in enumerate(used)}
    designs = tuple(replace(one, treatments=tuple(place[t] for t in one.treatments)) for one in pooled)
    components = pieces(len(names), [one.treatments for one in designs])
    if len(components) > 1:
        shown = "; ".join(", ".join(names[t] for t in piece) for piece in components)
        notices.append(f"the network is in {len(components)} pieces that no study joins: {shown}")
    arms = [t for one in designs for t in one.treatments]
    evidence = NetworkEvidence(
        treatments=names,
        studies=designs,
        reference=max(range(len(names)), key=lambda t: (arms.count(t), -t)),
        measure="OR",
        notices=tuple(notices),
        components=components,
    )
    asked = checked.treatments[checked.reference] if reference is None else reference
    if reference is not None or asked in names:
        evidence = evidence.with_reference(asked)
    fit = fit_network(evidence, method="EE", level=level)
    return MantelHaenszelNetwork(
        treatments=names,
        reference=evidence.reference,
        level=level,
        k=k,
        designs=designs,
        effects=fit.effects,
        se=fit.se,
        ci_lower=fit.ci_lower,
        ci_upper=fit.ci_upper,
        q_inc=fit.q_parts.total,
        league=fit.league(),
        notices=tuple(notices),
    )

"""What each treatment of a network is made of: components by name, and those that act together.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import pairwise

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.network.evidence import raise_faults

_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComponentDesign:
    """The terms whose sum is a treatment's effect: c of them, components first, then interactions."""

    components: tuple[str, ...]  # in alphabetical order, capitals or not; without the inactive one
    interactions: tuple[tuple[str, ...], ...]  # components that, given together, have an effect of their own
    inactive: str | None  # the component that does nothing
    separator: str
    composition: Mapping[str, str] = field(repr=False)  # of treatments whose name does not say it
    treatments: tuple[str, ...] = field(repr=False)  # T names
    matrix: Floats = field(repr=False)  # (T, c), 1 where a treatment has the term, else 0

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the c terms; an interaction is 'A*B'."""
        return (*self.components, *("*".join(together) for together in self.interactions))

    def row(self, treatment: str) -> Floats:
        """The terms of a treatment, (c,), also of a combination that no study has.

        Raises
        ------
        ValueError
            Where it has a component that no study has; it says which names come nearest.
        """
        if treatment in self.treatments:
            own: Floats = self.matrix[self.treatments.index(treatment)]
            return own
        parts = _parts(self.composition.get(treatment, treatment), self.separator)
        known = (*self.components, *([] if self.inactive is None else [self.inactive]))
        for part in parts:
            if part not in known:
                raise ValueError(f"no study has a component called '{part}': {_nearest(part, known)}")
        return _row(frozenset(parts), self.components, self.interactions)


def component_design(
    treatments: Sequence[str],
    *,
    inactive: str | None = None,
    separator: str = "+",
    interactions: Iterable[Sequence[str]] = (),
    composition: Mapping[str, str] | None = None,
) -> ComponentDesign:
    """Read the components of treatments from their names.

    Parameters
    ----------
    treatments : sequence of str, shape (T,)
        'A+B' is made of 'A' and 'B'; spaces about a name do not count.
    inactive : str, optional
        The component that does nothing, such as placebo: a treatment of it alone has no effect, and together with
        others it adds none. If not given, every component has an effect.
    separator : str
        What stands between components.
    interactions : iterable of sequences of str
        Components that, given together, do more or less than their sum: [('A', 'B')] adds the term 'A*B' to every
        treatment that has both; three together are a term of their own beside those of two.
    composition : mapping of str to str, optional
        For treatments whose name does not say what they are made of: {'triple cream': 'A+B+C'}.

    Raises
    ------
    ValueError
        Naming each treatment and the mend: an empty component, one that is there twice, an unknown treatment in
        `composition`, an unknown component as inactive or in an interaction, an interaction that no treatment has.
    """
    if not separator.strip():
        raise ValueError(f"separator '{separator}': give what stands between components, such as '+'")
    wanted = list(interactions)
    if any(isinstance(together, str) for together in wanted):
        raise ValueError("interactions are given as groups of components: [('A', 'B')]")
    composition = {} if composition is None else dict(composition)
    faults = [
        f"composition names the treatment '{name}', which no study has: {_nearest(name, treatments)}"
        for name in composition
        if name not in treatments
    ]
    made_of = {name: _parts(composition.get(name, name), separator) for name in treatments}
    for name, parts in made_of.items():
        if not all(parts):
            faults.append(
                f"treatment '{name}' has an empty component: mend the name, choose a separator other than "
                f"'{separator}', or say in `composition` what it is made of"
            )
        twice = sorted({part for part in parts if parts.count(part) > 1})
        if twice:
            faults.append(
                f"treatment '{name}' has {', '.join(map(repr, twice))} twice: name a component once, and another dose "
                f"by a name of its own"
            )
    raise_faults(faults)
    named = sorted({part for parts in made_of.values() for part in parts}, key=lambda name: (name.casefold(), name))
    if inactive is not None and inactive not in named:
        raise ValueError(f"inactive: no study has a component called '{inactive}': {_nearest(inactive, named)}")
    components = tuple(name for name in named if name != inactive)
    groups = tuple(dict.fromkeys(tuple(sorted(map(str, together), key=str.casefold)) for together in wanted))
    present = [frozenset(parts) for parts in made_of.values()]
    raise_faults([fault for group in groups for fault in _faults_of_interaction(group, components, present)])
    return ComponentDesign(
        components=components,
        interactions=groups,
        inactive=inactive,
        separator=separator,
        composition=composition,
        treatments=tuple(treatments),
        matrix=np.array([_row(parts, components, groups) for parts in present]),
    )


def _parts(name: str, separator: str) -> list[str]:
    return [part.strip() for part in name.split(separator.strip())]


def _row(parts: frozenset[str], components: Sequence[str], interactions: Sequence[tuple[str, ...]]) -> Floats:
    there = [component in parts for component in components]
    together = [parts.issuperset(group) for group in interactions]
    return np.array([*there, *together], dtype=np.float64)


def _faults_of_interaction(
    group: tuple[str, ...], components: Sequence[str], present: Sequence[frozenset[str]]
) -> list[str]:
    said = "*".join(group)
    if len(group) < 2 or any(one == other for one, other in pairwise(group)):
        return [f"interaction {said}: it is of two or more different components"]
    unknown = [name for name in group if name not in components]
    if unknown:
        return [f"interaction {said}: there is no active component '{unknown[0]}': {_nearest(unknown[0], components)}"]
    if not any(parts.issuperset(group) for parts in present):
        return [f"interaction {said}: no treatment has all of them; leave it out"]
    return []


def _nearest(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"there are {', '.join(known[:_SHOWN])}{more}"

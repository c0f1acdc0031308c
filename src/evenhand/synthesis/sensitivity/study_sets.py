"""Which studies a multiverse pools: all, all but one, or those without a flaw.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evenhand.synthesis.sensitivity.specification import ALL_STUDIES, ONE_LEFT_OUT

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudySet:
    """Some of k studies."""

    name: str  # 'all', 'one left out', 'without high risk of bias'
    left_out: str | None  # the one study's label
    used: Flags  # (k,)


def study_sets(
    labels: Sequence[str], flags: Mapping[str, Sequence[bool]], *, leave_one_out: bool
) -> tuple[tuple[StudySet, ...], tuple[str, ...]]:
    """The sets of studies worth pooling, each once, and the names of those that would be empty.

    Parameters
    ----------
    labels : sequence of str, shape (k,)
        Made different where they are not.
    flags : mapping of str to sequence of bool, shape (k,)
        What may be held against a study ('high risk of bias'), and whether it is.
    leave_one_out : bool
        Whether each study is left out in turn.

    Raises
    ------
    ValueError
        Naming a flag that has not one entry a study.
    """
    k = len(labels)
    sets = [StudySet(name=ALL_STUDIES, left_out=None, used=np.ones(k, dtype=np.bool_))]
    empty = []
    for flag, flawed in flags.items():
        used = ~np.asarray(flawed, dtype=np.bool_)
        if used.shape != (k,):
            raise ValueError(f"flags['{flag}'] has {used.size} entries for {k} studies. Mend: give one a study.")
        name = f"without {flag}"
        if not used.any():
            empty.append(name)
        elif not any((used == known.used).all() for known in sets):
            sets.append(StudySet(name=name, left_out=None, used=used))
    if leave_one_out and k > 1:
        for i, label in enumerate(_different(labels)):
            used = np.arange(k) != i
            # A study that alone bears a flag is left out already, for a reason.
            if not any((used == known.used).all() for known in sets[: len(flags) + 1]):
                sets.append(StudySet(name=ONE_LEFT_OUT, left_out=label, used=used))
    return tuple(sets), tuple(empty)


def _different(labels: Sequence[str]) -> list[str]:
    often, seen = Counter(labels), Counter[str]()
    different = []
    for label in labels:
        seen[label] += 1
        different.append(f"{label} ({seen[label]})" if often[label] > 1 else label)
    return different

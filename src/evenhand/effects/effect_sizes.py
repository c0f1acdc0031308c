"""Effects of many studies from their columns, with every figure looked at first.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects import Kind, Measure, measure_named
from evenhand.effects.doubts import doubts_of
from evenhand.effects.zero_cells import ZeroCells
from evenhand.messages import Message
from evenhand.number_columns import number_column

_COUNTED = ("events", "homozygous", "heterozygous")
_NOT_BELOW_ZERO = (*_COUNTED, "sd", "vi", "r2", "superiority")
_ABOVE_ZERO = ("n", "time", "ratio", "ci_lower", "ci_upper")
_AT_MOST_ONE = ("r", "r2", "superiority", "alpha")
_MOST_SAID = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectSizes:
    """One effect a study, on the measure's analysis scale."""

    measure: Measure
    studies: tuple[str, ...]
    yi: Floats  # shape (k,); nan where the study gives no estimate
    vi: Floats
    doubts: tuple[Message, ...]  # what may be a mistake, though it is possible


def effect_sizes(
    measure: str, *, studies: Sequence[str] | None = None, whole: bool = True, **columns: ArrayLike | Any
) -> EffectSizes:
    """Effects and their sampling variances, from columns under the names of the measure's arguments.

    Parameters
    ----------
    measure : str
        Name or alias: 'OR', 'smd', 'AUC'.
    studies : sequence of str, optional
        Their names, by which a fault calls them; else they are called by their row.
    whole : bool
        Whether counts must be whole numbers. Events that were divided by a design effect are not.
    **columns
        One array an argument, each of shape (k,), and the measure's options: `events_t=…, n_t=…, zero_cells=…`. None
        and nan are figures that were not reported.

    Returns
    -------
    EffectSizes

    Raises
    ------
    ValueError
        With every fault at once, each with study, value and mend: a missing or unknown column, a negative standard
        deviation, events above n, a count that is not whole.
    """
    chosen = measure_named(measure)
    figures, options = _sorted_out(chosen, columns)
    names = _names(studies, next(iter(figures.values())).size)
    _refuse_faults(chosen.kind, figures, names, whole=whole)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        yi, vi = chosen.estimate(*figures.values(), **options)
        doubts = doubts_of(chosen, figures, names)
    return EffectSizes(measure=chosen, studies=names, yi=yi, vi=vi, doubts=doubts)


def checked_figures(measure: Measure, columns: Mapping[str, ArrayLike]) -> dict[str, Floats]:
    """A measure's figures as arrays of one shape (k,); errors as in `effect_sizes`."""
    figures, _ = _sorted_out(measure, columns)
    _refuse_faults(measure.kind, figures, _names(None, next(iter(figures.values())).size), whole=True)
    return figures


def _refuse_faults(kind: Kind, figures: Mapping[str, Floats], names: Sequence[str], *, whole: bool) -> None:
    faults = _faults(kind, figures, names, whole=whole)
    if faults:
        more = [f"… and {len(faults) - _MOST_SAID} more"] if len(faults) > _MOST_SAID else []
        raise ValueError("\n".join([*faults[:_MOST_SAID], *more]))


def _sorted_out(measure: Measure, columns: Mapping[str, Any]) -> tuple[dict[str, Floats], dict[str, Any]]:
    """The figures in the order of the measure's arguments, and its options."""
    unknown = [name for name in columns if name not in measure.arguments and name not in measure.options]
    missing = [name for name in measure.arguments if name not in columns]
    if unknown or missing:
        wrong = [f"{name} is missing" for name in missing] + [f"{name} is not known" for name in unknown]
        takes = ", ".join((*measure.arguments, *measure.options))
        raise ValueError(f"{measure.name}: {'; '.join(wrong)}. It takes {takes}")
    figures = {name: number_column(name, columns[name]) for name in measure.arguments}
    sizes = {name: column.size for name, column in figures.items() if column.size != 1}
    if len(set(sizes.values())) > 1:
        said = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise ValueError(f"{measure.name}: columns differ in length ({said}); give each one entry a study")
    shared = np.broadcast_arrays(*figures.values())
    options = {name: value for name, value in columns.items() if name in measure.options}
    if "zero_cells" in options and not isinstance(options["zero_cells"], ZeroCells):
        raise ValueError(f"zero_cells is {options['zero_cells']!r}; write for instance ZeroCells(add=0.5, to='only0')")
    return dict(zip(figures, shared, strict=True)), options


def _names(studies: Sequence[str] | None, k: int) -> tuple[str, ...]:
    if studies is None:
        return tuple(f"row {row + 1}" for row in range(k))
    if len(studies) != k:
        raise ValueError(f"{len(studies)} studies are named and {k} have figures; name each")
    return tuple(str(name) for name in studies)


def _faults(kind: Kind, figures: Mapping[str, Floats], names: Sequence[str], *, whole: bool) -> list[str]:
    found: list[tuple[int, str]] = []

    def note(wrong: np.ndarray, name: str, problem: str, mend: str) -> None:
        found.extend(
            (int(row), f"{name} is {figures[name][row]:g}, {problem}; {mend}") for row in np.flatnonzero(wrong)
        )

    with np.errstate(invalid="ignore"):
        for name, values in figures.items():
            stem = name.removesuffix("_t").removesuffix("_c").removesuffix("_after").removesuffix("_before")
            note(np.isinf(values), name, "not a number that can be measured", "leave it out (None)")
            if stem.startswith(_NOT_BELOW_ZERO):
                note(values < 0, name, "below 0", "copy it from the source again, without a sign")
            if stem in _ABOVE_ZERO:
                note(values <= 0, name, "not above 0", _mend_above_zero(stem))
            if stem in _AT_MOST_ONE:
                low = -1.0 if stem == "r" else -np.inf
                note(
                    (values > 1) | (values < low), name, "beyond what it can be", "write it as a share, not in percent"
                )
            if whole and stem.startswith(_COUNTED):
                odd = np.isfinite(values) & (values != np.round(values))
                note(odd, name, "no whole count", "write people, not percent; or whole=False for adjusted counts")
        for events, people in _parts_of(kind):
            more = figures[events] > figures[people]
            note(more, events, f"more than {people}", f"compare {events} and {people} with the source")
    if kind is Kind.PRINTED_RATIO:
        outside = (figures["ratio"] < figures["ci_lower"]) | (figures["ratio"] > figures["ci_upper"])
        note(outside, "ratio", "outside its interval", "look whether ratio and limits are of one comparison")
    return [f"{names[row]}: {said}" for row, said in sorted(found, key=lambda fault: fault[0])]


def _mend_above_zero(stem: str) -> str:
    if stem in ("ratio", "ci_lower", "ci_upper"):
        return "write the ratio itself, not its logarithm"
    return "leave the study out, or copy it from the source again"


def _parts_of(kind: Kind) -> tuple[tuple[str, str], ...]:
    """Which counts are parts of which."""
    match kind:
        case Kind.COUNTS:
            return ("events_t", "n_t"), ("events_c", "n_c")
        case Kind.ONE_COUNT:
            return (("events", "n"),)
        case Kind.MATCHED_MARGINS:
            return ("events_t", "n"), ("events_c", "n")
        case _:
            return ()

"""One row a study of events and of people or person-time, as plain numbers.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Iterable, Sequence
from typing import Any

from evenhand.number_columns import number_column
from evenhand.synthesis.counts.checked_counts import MOST_PEOPLE


def rows_of_counts(counts: Any, names: Sequence[str]) -> list[tuple[Any, ...]]:
    """Each study's figures: Python's whole numbers where a name says events or people, else floats.

    Whatever type the figures came in: eight bits, in which 100 + 100 is negative, text, decimals.

    Raises
    ------
    ValueError
        Naming study (counted from 0), figure, value and mend, where a row has not one figure a name, or a count is
        missing or not whole.
    """
    if isinstance(counts, str) or not isinstance(counts, Iterable):
        raise ValueError(f"counts is {counts!r}; give {', '.join(names)} of each study")
    if hasattr(counts, "to_numpy"):
        counts = counts.to_numpy()  # a data frame gives out its columns' names first
    rows = []
    for i, row in enumerate(counts):
        figures = number_column(f"counts[{i}]", row, of="figure")
        if figures.size != len(names):
            raise ValueError(f"counts[{i}] has {figures.size} figures; give {', '.join(names)}")
        rows.append(
            tuple(_figure(f"counts[{i}], {name}", name, x) for name, x in zip(names, figures.tolist(), strict=True))
        )
    return rows


def column_of_counts(name: str, values: Any) -> list[Any]:
    """One arm's events, people or person-times; errors as in `rows_of_counts`."""
    return [_figure(f"{name}[{i}]", name, x) for i, x in enumerate(number_column(name, values).tolist())]


def _figure(place: str, name: str, value: float) -> float:
    if name.startswith("time"):
        return value
    if value != value:
        raise ValueError(f"{place} is not reported; leave the study out")
    if value > MOST_PEOPLE:
        raise ValueError(f"{place} = {value:g}: more people than there are; compare it with the source")
    if not value.is_integer():
        raise ValueError(f"{place} = {value:g}: a count is a whole number; compare it with the source")
    return int(value)

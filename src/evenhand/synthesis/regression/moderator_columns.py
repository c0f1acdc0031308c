"""Columns of moderators, read from a table of any make: numbers or categories, and what is missing.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import numbers
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.dossier.nearest import mend_of_name

# A mapping of columns, a data frame, or a sequence of records.
ModeratorData = Mapping[str, Any] | Sequence[Mapping[str, Any]] | Any
_MISSING_TYPES = {"NAType", "NaTType", "MaskedConstant"}
_REAL = (numbers.Real, Decimal)


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column: numbers, or labels of categories; one of the two is None."""

    name: str
    numbers: Floats | None  # (k,), nan where missing
    labels: tuple[str | None, ...] | None  # (k,), None where missing
    levels: tuple[str, ...] = ()  # of labels, in their order: sorted, unless the column brings an order of its own

    @property
    def size(self) -> int:
        """Studies."""
        return len(self.labels) if self.labels is not None else 0 if self.numbers is None else self.numbers.size

    @property
    def missing(self) -> tuple[int, ...]:
        """Studies, counted from 0, without a value."""
        if self.numbers is not None:
            return tuple(np.flatnonzero(np.isnan(self.numbers)).tolist())
        return tuple(i for i, label in enumerate(self.labels or ()) if label is None)


def read_columns(data: ModeratorData, names: Iterable[str]) -> dict[str, Column]:
    """The named columns of a mapping of columns, a data frame or a sequence of records.

    A column of numbers is numeric; of text, categorical; of truth values, categorical with levels FALSE and TRUE. None,
    nan and empty text are missing.

    Raises
    ------
    ValueError
        Where a column is not there (naming those that are), columns differ in length, an infinite number occurs, or a
        column mixes numbers and text.
    """
    wanted = list(names)
    if not wanted:
        return {}
    table = _table(data)
    columns = {}
    for name in wanted:
        if name not in table:
            listed = ", ".join(map(str, table)) or "none"
            mend = mend_of_name(name, [str(known) for known in table], "give the column in data")
            raise ValueError(f"column '{name}' is not in the data, which has {listed}. Mend: {mend}")
        columns[name] = _column(name, table[name])
    longest = max(column.size for column in columns.values())
    for column in columns.values():
        if column.size != longest:
            raise ValueError(f"column '{column.name}' has {column.size} values where another has {longest}")
    return columns


def _table(data: ModeratorData) -> Mapping[str, Any]:
    if data is None:
        return {}
    if isinstance(data, Mapping):
        return data
    if hasattr(data, "columns") and hasattr(data, "__getitem__"):
        return {str(name): data[name] for name in data.columns}
    if isinstance(data, Sequence) and all(isinstance(record, Mapping) for record in data):
        known = dict.fromkeys(name for record in data for name in record)
        return {name: [record.get(name) for record in data] for name in known}
    raise ValueError(
        f"data of type {type(data).__name__}: give a mapping of columns, a data frame or a list of records"
    )


def _column(name: str, values: Any) -> Column:
    categories = getattr(getattr(values, "cat", None), "categories", None)  # a data frame's own order of levels
    if isinstance(values, str) or not isinstance(values, Iterable) or getattr(values, "ndim", 1) == 0:
        values = [values]
    listed = [None if _is_missing(value) else value for value in _plain(values)]
    present = [value for value in listed if value is not None]
    if categories is not None:
        return Column(name, None, _texts(listed), tuple(map(level_text, categories)))
    if all(isinstance(value, (bool, np.bool_)) for value in present) and present:
        return Column(name, None, _texts(listed), ("FALSE", "TRUE"))
    is_number = [isinstance(value, _REAL) and not isinstance(value, (bool, np.bool_)) for value in present]
    if all(is_number):
        array = np.array([np.nan if value is None else float(value) for value in listed])
        for i in np.flatnonzero(np.isinf(array)):
            raise ValueError(f"column '{name}', study {i}: {array[i]} is not finite; write None where it is not known")
        return Column(name, array, None)
    if any(is_number):
        odd = next(i for i, value in enumerate(listed) if value is not None and not isinstance(value, _REAL))
        raise ValueError(
            f"column '{name}' mixes numbers and text: study {odd} has '{listed[odd]}'. "
            "Mend: write None for a missing number, or make every value text"
        )
    labels = _texts(listed)
    return Column(name, None, labels, tuple(sorted({label for label in labels if label is not None})))


def _plain(values: Any) -> list[Any]:
    return list(values.tolist() if hasattr(values, "tolist") else values)


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in _MISSING_TYPES:
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, _REAL) and bool(value != value)


def _texts(values: Iterable[Any]) -> tuple[str | None, ...]:
    return tuple(None if value is None else level_text(value) for value in values)


def level_text(value: Any) -> str:
    """A level as tables print it: 3 for 3.0, TRUE for a truth value."""
    if isinstance(value, (bool, np.bool_)):
        return "TRUE" if value else "FALSE"
    return f"{float(value):.15g}" if isinstance(value, _REAL) else str(value)

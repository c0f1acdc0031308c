"""Columns of numbers as people hold them, lists, tables' columns, masked arrays, decimals, as plain arrays.

Pipeline: beside the line; dossier → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NUMBERS = "fiub"  # numpy's kinds of real numbers, and of true and false
_NOT_REPORTED = ("NoneType", "NAType", "NaTType", "MaskedConstant")  # by name, as pandas may not be there


def number_column(name: str, values: Any, *, of: str = "study") -> Floats:
    """One number an entry as a new array of shape (k,), which shares nothing with what was given.

    Parameters
    ----------
    name : str
        What an error calls it: 'yi'.
    values : array_like or iterable of numbers
        A list, an array, a column of a table (whatever its index), a generator; of floats, whole numbers, decimals,
        fractions or numbers written out. A single number is a column of one.
    of : str
        What each entry belongs to.

    Returns
    -------
    ndarray, shape (k,)
        nan where nothing is reported: None, nan, a masked entry, pandas' NA.

    Raises
    ------
    ValueError
        Naming entry, value and mend, where one is no number, or where there are rows and columns.
    """
    array = _as_array(name, values, of)
    if array.ndim == 0:
        array = array.reshape(1)
    if array.ndim != 1:
        mend = f"give one number a {of}"
        if 1 in array.shape and array.ndim == 2:
            mend += ", as a column by itself: of a table one column, of a matrix .ravel()"
        raise ValueError(f"{name} has shape {array.shape}; {mend}")
    return _as_numbers(name, array)


def number_table(name: str, values: Any) -> Floats:
    """Numbers in rows and columns as a new array, of whatever dimensions; nan and errors as in `number_column`."""
    return _as_numbers(name, _as_array(name, values, "row"))


def _as_array(name: str, values: Any, of: str) -> NDArray[Any]:
    if isinstance(values, np.ma.MaskedArray):
        # What lies under a mask is not to be read.
        array = np.array(values.data, dtype=object)
        array[np.ma.getmaskarray(values)] = None
        return array
    if isinstance(values, (list, tuple)) and any(value is np.ma.masked for value in values):
        values = [None if value is np.ma.masked else value for value in values]
    if values is None or isinstance(values, (str, bytes, dict, set, frozenset)):
        said = "missing" if values is None else f"a {type(values).__name__}"
        raise ValueError(f"{name} is {said}; give one number a {of}, in their order, as a list or an array")
    if not hasattr(values, "__array__") and not hasattr(values, "__len__") and isinstance(values, Iterable):
        values = list(values)
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"{name}: entries of different lengths; give one number a {of}") from None


def _as_numbers(name: str, array: NDArray[Any]) -> Floats:
    if array.dtype.kind in _NUMBERS:
        return np.array(array, dtype=np.float64, order="C")
    if array.dtype.kind not in "OUSc":
        raise ValueError(f"{name} holds {array.dtype}, not numbers; give numbers")
    numbers = np.empty(array.shape)
    for place in np.ndindex(array.shape):
        numbers[place] = _number(name, place, array[place])
    return numbers


def _number(name: str, place: tuple[int, ...], value: Any) -> float:
    if value is None or type(value).__name__ in _NOT_REPORTED:
        return np.nan
    if isinstance(value, (complex, np.complexfloating)) and value.imag == 0:
        value = value.real
    at = ", ".join(str(index) for index in place)
    try:
        return float(value if not isinstance(value, np.complexfloating) else complex(value))  # type: ignore[arg-type]
    except OverflowError:
        raise ValueError(f"{name}[{at}] is too large for a number; change the unit") from None
    except (TypeError, ValueError):
        mend = "write a number, with a point for decimals, or None where none was reported"
        raise ValueError(f"{name}[{at}] = {_short(value)}: not a number; {mend}") from None


def _short(value: Any) -> str:
    said = repr(str(value) if isinstance(value, str) else value)
    return said if len(said) <= 40 else f"{said[:37]}…"

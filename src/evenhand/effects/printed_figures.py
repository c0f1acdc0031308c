"""What papers print, looked at before anything is recovered from it.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np

from evenhand.distributions import Floats
from evenhand.number_columns import number_table

P = ParamSpec("P")
R = TypeVar("R")

_OPTIONS = ("level", "allocation", "vtype", "distribution", "correct", "yates", "back", "leave_out_skewed")
_NOT_BELOW_ZERO = ("n", "n_t", "n_c", "events", "events_t", "events_c", "se", "sd", "variance", "chi_square", "f")


def of_printed_figures(recover: Callable[P, R]) -> Callable[P, R]:
    """A function that recovers an effect or a spread, given its figures as plain arrays, each looked at.

    Figures may come as `number_column` takes them, each of shape () or (k,); None and nan are figures that were not
    reported, and give nan. What cannot be computed from them is nan too, in silence.

    Raises
    ------
    ValueError
        From the function, naming figure, study (counted from 0), value and mend: where a figure is no number, is
        infinite or cannot be, or columns differ in length.
    """
    signature = inspect.signature(recover)

    @wraps(recover)
    def looked_at(*args: P.args, **kwargs: P.kwargs) -> R:
        given = signature.bind(*args, **kwargs)
        figures: dict[str, Floats] = {}
        for name, value in given.arguments.items():
            if name in _OPTIONS:
                _check_option(name, value)
            elif value is not signature.parameters[name].default:
                figures[name] = _checked(name, value)
        sizes = {name: figure.size for name, figure in figures.items() if figure.size != 1}
        if len(set(sizes.values())) > 1:
            said = ", ".join(f"{name} {size}" for name, size in sizes.items())
            raise ValueError(f"columns differ in length ({said}); give each one entry a study")
        given.arguments.update(figures)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return recover(*given.args, **given.kwargs)

    return looked_at


def _check_option(name: str, value: Any) -> None:
    if name == "level" and not 0 < value < 1:
        raise ValueError(f"level = {value}: a level lies between 0 and 1, e.g. 0.95")
    if name == "allocation" and not 0 < value < np.inf:
        raise ValueError(f"allocation = {value}: write treated people to one control, above 0")


def _checked(name: str, value: Any) -> Floats:
    figure = np.full((), np.nan) if value is None else number_table(name, value)
    if figure.ndim > 1:
        raise ValueError(f"{name} has shape {figure.shape}; give one entry a study")
    _refuse(name, figure, np.isinf(figure), "not a number that can be measured; leave it out (None)")
    if name in _NOT_BELOW_ZERO:
        _refuse(name, figure, figure < 0, "below 0; copy it from the source again, without a sign")
    if name == "p_value":
        _refuse(name, figure, np.abs(figure) > 1, "a p-value lies between 0 and 1; write it as the source prints it")
    return figure


def _refuse(name: str, figure: Floats, wrong: Any, says: str) -> None:
    for i in np.flatnonzero(wrong):
        place = f"{name}[{i}]" if figure.ndim else name
        raise ValueError(f"{place} = {figure.flat[i]:g}: {says}")

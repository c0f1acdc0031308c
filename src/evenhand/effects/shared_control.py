"""Effects of several treatments against one control arm, with the covariance that the control gives them.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report

The part of a contrast's variance that comes from the control arm is common to all contrasts with it, and so is their
covariance (Gleser & Olkin 2009, in The Handbook of Research Synthesis and Meta-Analysis, 2nd ed., ch. 19).
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects import MEASURES
from evenhand.effects.covariance import BlockCovariance, from_matrices
from evenhand.effects.effect_sizes import checked_figures
from evenhand.effects.zero_cells import AS_COUNTED, ZeroCells

Columns = Mapping[str, Floats]

# What the control arm adds to the variance of each measure.
_PART_OF_THE_CONTROL: Mapping[str, Callable[[Columns], Floats]] = {
    "OR": lambda at: 1 / at["events_c"] + 1 / (at["n_c"] - at["events_c"]),
    "RR": lambda at: 1 / at["events_c"] - 1 / at["n_c"],
    "RD": lambda at: at["events_c"] * (at["n_c"] - at["events_c"]) / at["n_c"] ** 3,
    "AS": lambda at: 1 / (4 * at["n_c"]),
    "IRR": lambda at: 1 / at["events_c"],
    "IRD": lambda at: at["events_c"] / at["time_c"] ** 2,
    "IRSD": lambda at: 1 / (4 * at["time_c"]),
    "MD": lambda at: at["sd_c"] ** 2 / at["n_c"],
    "ROM": lambda at: (at["sd_c"] / at["mean_c"]) ** 2 / at["n_c"],
}


def shared_control(
    measure: str,
    study: Sequence[object] | ArrayLike,
    *,
    zero_cells: ZeroCells = AS_COUNTED,
    correct: bool = True,
    **columns: ArrayLike,
) -> tuple[Floats, BlockCovariance]:
    """Effects and their covariance, where treatments of one study are compared with one control arm.

    Parameters
    ----------
    measure : {'OR', 'RR', 'RD', 'AS', 'IRR', 'IRD', 'IRSD', 'MD', 'ROM', 'SMD'}
        SMD takes the standard deviation pooled over all arms of the study, as its covariance asks for one scale.
    study : array_like, shape (k,)
        Contrasts of one study share their control arm, of which the row repeats the figures.
    zero_cells : ZeroCells
        What is added to zero cells of counts; by default nothing.
    correct : bool
        Whether SMD is corrected for its small-sample bias.
    **columns : array_like, shape (k,)
        The measure's arguments: `events_t=…, n_t=…, events_c=…, n_c=…`.

    Returns
    -------
    yi : ndarray, shape (k,)
        Effects on the measure's analysis scale.
    covariance : BlockCovariance
        A block a study.

    Raises
    ------
    ValueError
        For a measure without such a covariance, a missing column, or a study whose rows differ on their control.
    """
    measure = measure.upper()
    if measure not in (*_PART_OF_THE_CONTROL, "SMD"):
        raise ValueError(
            f"no covariance of '{measure}' with a shared control: write SMD, {', '.join(_PART_OF_THE_CONTROL)}"
        )
    arguments = MEASURES[measure].arguments
    missing = [name for name in arguments if name not in columns]
    if missing:
        raise ValueError(f"{measure} needs {', '.join(arguments)}; {', '.join(missing)} is missing")
    at = checked_figures(MEASURES[measure], {name: columns[name] for name in arguments})
    names = [str(name) for name in np.asarray(study).tolist()]
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        rows.setdefault(name, []).append(row)
    _refuse_other_controls(rows, at)
    if measure == "SMD":
        yi, matrices = _standardised(list(rows.values()), at, correct=correct)
    else:
        yi, matrices = _by_parts(measure, list(rows.values()), at, zero_cells)
    return yi, from_matrices(tuple(rows), list(rows.values()), matrices, len(names))


def _by_parts(measure: str, groups: list[list[int]], at: Columns, zero_cells: ZeroCells) -> tuple[Floats, list[Floats]]:
    options = {"zero_cells": zero_cells} if "zero_cells" in MEASURES[measure].options else {}
    yi, vi = MEASURES[measure].estimate(*at.values(), **options)
    figures = dict(at)
    if "n_c" in at and "events_c" in at:
        corrected = zero_cells.in_two_arms(at["events_t"], at["n_t"], at["events_c"], at["n_c"])
        figures = dict(zip(at, corrected, strict=True))
    elif "time_c" in at:
        figures["events_t"], figures["events_c"] = zero_cells.in_two_rates(
            at["events_t"], at["time_t"], at["events_c"], at["time_c"]
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        part = _PART_OF_THE_CONTROL[measure](figures)
    matrices = []
    for rows in groups:
        # An addition that follows the arms' sizes differs from row to row; the covariance is then their mean.
        shared = 0.5 * np.add.outer(part[rows], part[rows])
        np.fill_diagonal(shared, vi[rows])
        matrices.append(shared)
    return yi, matrices


def _standardised(groups: list[list[int]], at: Columns, *, correct: bool) -> tuple[Floats, list[Floats]]:
    """Gleser & Olkin (2009): with n people in all arms, cov(d, d') = 1 / n_c + d d' / (2 n)."""
    from evenhand.effects.standardised_mean_difference import small_sample_correction

    yi = np.full(at["n_t"].shape, np.nan)
    matrices = []
    for rows in groups:
        n_t, n_c = at["n_t"][rows], at["n_c"][rows[0]]
        people = n_t.sum() + n_c
        freedom = people - len(rows) - 1
        squares = ((n_t - 1) * at["sd_t"][rows] ** 2).sum() + (n_c - 1) * at["sd_c"][rows[0]] ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            d = (at["mean_t"][rows] - at["mean_c"][rows[0]]) / np.sqrt(squares / freedom)
            if correct:
                d = d * small_sample_correction(np.asarray([freedom]))
            yi[rows] = d
            matrices.append(np.diag(1 / n_t) + 1 / n_c + np.outer(d, d) / (2 * people))
    return yi, matrices


def _refuse_other_controls(rows: Mapping[str, list[int]], at: Columns) -> None:
    for study, own in rows.items():
        for name, column in at.items():
            if name.endswith("_c") and not np.all(column[own] == column[own[0]]):
                values = ", ".join(f"{value:g}" for value in column[own])
                raise ValueError(
                    f"study {study}: {name} is {values}; repeat the shared control arm's figure in each row"
                )

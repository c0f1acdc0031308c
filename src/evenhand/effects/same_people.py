"""Effects on several outcomes of the same two arms, with the covariance that the people give them.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects import MEASURES
from evenhand.effects.covariance import BlockCovariance, from_matrices
from evenhand.effects.effect_sizes import checked_figures
from evenhand.number_columns import number_table


def same_people(
    measure: str,
    study: Sequence[object] | ArrayLike,
    *,
    r: float | ArrayLike,
    correct: bool = True,
    **columns: ArrayLike,
) -> tuple[Floats, BlockCovariance]:
    """Effects and their covariance, where several outcomes were measured in the same people.

    Parameters
    ----------
    measure : {'MD', 'SMD', 'ROM'}
    study : array_like, shape (k,)
        Rows of one study are outcomes of the same two arms.
    r : float or array_like, shape (k, k)
        Correlation of any two outcomes within an arm; or that of each two rows, of which those within studies are read.
    correct : bool
        Whether SMD and ROM are corrected for their small-sample bias.
    **columns : array_like, shape (k,)
        `mean_t, sd_t, n_t, mean_c, sd_c, n_c`, a row an outcome.

    Returns
    -------
    yi : ndarray, shape (k,)
        Effects on the measure's analysis scale.
    covariance : BlockCovariance
        A block a study. For MD the sum over the arms of r sd sd' / n; for ROM the same of coefficients of variation;
        for SMD r (1/n_t + 1/n_c) + r² g g' / (2 (n_t + n_c)).

    Raises
    ------
    ValueError
        For another measure, or a correlation beyond -1 and 1.

    References
    ----------
    Gleser & Olkin (2009), in The Handbook of Research Synthesis and Meta-Analysis, 2nd ed., ch. 19. Wei & Higgins
    (2013). Statist. Med. 32, 1191-1205.
    """
    measure = measure.upper()
    if measure not in ("MD", "SMD", "ROM"):
        raise ValueError(f"no covariance of '{measure}' on the same people: write MD, SMD or ROM")
    missing = [name for name in MEASURES[measure].arguments if name not in columns]
    if missing:
        raise ValueError(f"{measure} needs {', '.join(MEASURES[measure].arguments)}; {', '.join(missing)} is missing")
    at = checked_figures(MEASURES[measure], {name: columns[name] for name in MEASURES[measure].arguments})
    options = {"correct": correct} if "correct" in MEASURES[measure].options else {}
    yi, vi = MEASURES[measure].estimate(*at.values(), **options)
    k = yi.size
    correlation = np.broadcast_to(number_table("r", r), (k, k))
    if not (np.abs(correlation) <= 1).all():
        raise ValueError("r: a correlation lies between -1 and 1")
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(np.asarray(study).tolist()):
        rows.setdefault(str(name), []).append(row)
    matrices = []
    for own in rows.values():
        matrix = _of_one_study(measure, yi[own], {name: at[name][own] for name in at}, correlation[np.ix_(own, own)])
        np.fill_diagonal(matrix, vi[own])
        matrices.append(matrix)
    return yi, from_matrices(tuple(rows), list(rows.values()), matrices, k)


def _of_one_study(measure: str, yi: Floats, at: dict[str, Floats], r: Floats) -> Floats:
    # Where an outcome lacks some people, those who have both carry the covariance: at most the smaller number.
    n_t, n_c = (np.minimum.outer(at[name], at[name]) for name in ("n_t", "n_c"))
    if measure == "SMD":
        return np.asarray(r * (1 / n_t + 1 / n_c) + r**2 * np.outer(yi, yi) / (2 * (n_t + n_c)))
    spread_t, spread_c = at["sd_t"], at["sd_c"]
    if measure == "ROM":
        spread_t, spread_c = spread_t / at["mean_t"], spread_c / at["mean_c"]
    return np.asarray(r * (np.outer(spread_t, spread_t) / n_t + np.outer(spread_c, spread_c) / n_c))

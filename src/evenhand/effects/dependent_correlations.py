"""Correlations of several variables in the same people, with their covariance.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.number_columns import number_table


def covariance_of_correlations(
    r: ArrayLike, n: float, *, fisher_z: bool = False
) -> tuple[tuple[tuple[int, int], ...], Floats, Floats]:
    """The correlations below the diagonal of a matrix, and the sampling covariance of each two of them.

    Parameters
    ----------
    r : array_like, shape (p, p)
        Correlation matrix of p variables.
    n : float
        People in whom all were measured.
    fisher_z : bool
        Whether to take Fisher's z of each; variances are then 1 / (n - 3).

    Returns
    -------
    pairs : tuple of (int, int)
        Which two variables each correlation is of, the first with the second, the first with the third and so on.
    yi : ndarray, shape (p (p - 1) / 2,)
    covariance : ndarray, shape (m, m)

    Raises
    ------
    ValueError
        Where `r` is no correlation matrix, or people are too few.

    References
    ----------
    Steiger (1980). Psychological Bulletin 87, 245-251, eqs 3, 11 (after Pearson & Filon 1898).
    """
    matrix = number_table("r", r)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.allclose(matrix, matrix.T):
        raise ValueError(f"r has shape {matrix.shape}; give a square, symmetric matrix of correlations")
    if not np.allclose(np.diag(matrix), 1.0) or (np.abs(matrix) > 1 + 1e-12).any():
        raise ValueError("r: correlations lie between -1 and 1, and each variable has 1 with itself")
    if n <= 3:
        raise ValueError(f"n is {n}; correlations need more than 3 people")
    pairs = tuple(combinations(range(matrix.shape[0]), 2))
    first, second = np.array(pairs, dtype=int).reshape(-1, 2).T
    j, k, h, m = first[:, None], second[:, None], first[None, :], second[None, :]
    r_jk, r_hm = matrix[j, k], matrix[h, m]
    r_jh, r_jm, r_kh, r_km = matrix[j, h], matrix[j, m], matrix[k, h], matrix[k, m]
    psi = (
        0.5 * r_jk * r_hm * (r_jh**2 + r_jm**2 + r_kh**2 + r_km**2)
        + r_jh * r_km
        + r_jm * r_kh
        - (r_jk * r_jh * r_jm + r_jk * r_kh * r_km + r_jh * r_kh * r_hm + r_jm * r_km * r_hm)
    )
    yi = matrix[first, second]
    if not fisher_z:
        return pairs, yi, np.asarray(psi / (n - 1))
    scale = 1 - yi**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return pairs, np.arctanh(yi), np.asarray(psi / np.outer(scale, scale) / (n - 3))

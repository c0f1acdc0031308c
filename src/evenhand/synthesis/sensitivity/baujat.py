"""Baujat's plot: what each study adds to the heterogeneity, and what it does to the result.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evenhand.distributions import Floats
from evenhand.number_columns import number_table
from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.sensitivity.leave_one_out import leave_one_out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baujat:
    """One place a study; both arrays have shape (k,)."""

    heterogeneity: Floats  # horizontal: squared Pearson residual; with equal effects the study's part of Q
    influence: Floats  # vertical: squared change of its fitted value when it is left out, over that one's variance


def baujat(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    X: npt.ArrayLike | None = None,
    *,
    method: str = "EE",
    test: str = "z",
) -> Baujat:
    """Where each study stands (Baujat, Mahé, Pignon & Hill 2002, Statist. Med. 21, 2641-2652, p. 2645).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and their sampling variances (> 0).
    X : array_like, shape (k, p), optional
        Design matrix; None is an intercept alone.
    method, test : str
        As for `meta_analysis`. The paper's own plot has equal effects; with another method residuals are over
        √(vi + tau2).

    Returns
    -------
    Baujat
        `influence` is nan where the model without the study does not exist.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be pooled, or a method or test there is not.
    """
    design = None if X is None else number_table("X", X)
    fit = fit_linear(yi, vi, design, method=method, test=test)
    without = leave_one_out(yi, vi, design, method=method, test=test)
    moved = fit.fitted - np.einsum("ip,ip->i", fit.X, without.estimate.reshape(fit.k, fit.p))
    variance = np.einsum("ip,ipq,iq->i", fit.X, without.covariance, fit.X)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Baujat(heterogeneity=(fit.yi - fit.fitted) ** 2 / (fit.vi + fit.tau2), influence=moved**2 / variance)

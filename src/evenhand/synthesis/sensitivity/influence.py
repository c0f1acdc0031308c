"""What each study does to the fit: deleted residuals, Cook's distances and their kin.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from evenhand.distributions import Floats
from evenhand.number_columns import number_table
from evenhand.synthesis.linear_fit import LinearFit, fit_linear
from evenhand.synthesis.many_fits import Flags, ManyFits
from evenhand.synthesis.many_projections import inverse_triangle, projected
from evenhand.synthesis.sensitivity.leave_one_out import leave_one_out

if TYPE_CHECKING:
    from pandas import DataFrame

_NUMBERS = 1_000_000  # of one intermediate array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Influence:
    """One entry a study, shape (k,); nan where the model without the study does not exist."""

    rstudent: Floats  # deleted residual over its standard error
    dffits: Floats  # change of the study's fitted value, in standard errors
    cook_d: Floats  # squared distance between the coefficients with and without it
    cov_r: Floats  # determinant of the coefficients' covariance without the study, over that with it
    tau2_del: Floats  # tau2 without it
    q_del: Floats  # Q without it
    hat: Floats  # leverage
    weight: Floats  # percent
    dfbetas: Floats  # (k, p): change of each coefficient, in standard errors
    influential: Flags  # by the rules of thumb in `influence`
    fit: LinearFit  # with all studies
    without: ManyFits  # row i: without study i

    def to_frame(self) -> "DataFrame":
        """One row a study."""
        from pandas import DataFrame

        p = self.dfbetas.shape[1]
        names = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "q_del", "hat", "weight")
        betas = {"dfbetas" if p == 1 else f"dfbetas_{j + 1}": self.dfbetas[:, j] for j in range(p)}
        return DataFrame({name: getattr(self, name) for name in names} | betas | {"influential": self.influential})


def influence(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    X: npt.ArrayLike | None = None,
    *,
    method: str = "REML",
    test: str = "knha",
) -> Influence:
    """Diagnostics of Viechtbauer & Cheung (2010, Res. Synth. Methods 1, 112-125), tau2 estimated anew each time.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and their sampling variances (> 0).
    X : array_like, shape (k, p), optional
        Design matrix; None is an intercept alone.
    method, test
        As for `meta_analysis`.

    Returns
    -------
    Influence
        A study is flagged where |DFFITS| > 3 √(p / (k − p)), the lower tail of χ² with p degrees of freedom at its
        Cook's distance is above ½, its leverage is above 3 p / k, or any |DFBETAS| > 1.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be pooled, or a method or test there is not.
    """
    from scipy.special import chdtr

    design = None if X is None else number_table("X", X)
    fit = fit_linear(yi, vi, design, method=method, test=test)
    without = leave_one_out(yi, vi, design, method=method, test=test)
    k, p = fit.k, fit.p
    beta = without.estimate.reshape(k, p)
    change = fit.beta - beta
    moved = np.einsum("ip,ip->i", fit.X, change)
    total = fit.vi + without.tau2
    of_prediction = np.einsum("ip,ipq,iq->i", fit.X, without.covariance, fit.X)
    with np.errstate(divide="ignore", invalid="ignore"):
        dffits = moved / np.sqrt(without.scale * fit.hat * total)
        dfbetas = change / np.sqrt(without.scale[:, None] * _variances_at(fit, without.tau2))
        rstudent = (fit.yi - np.einsum("ip,ip->i", fit.X, beta)) / np.sqrt(total + of_prediction)
        cov_r = np.linalg.det(without.covariance) / np.linalg.det(fit.covariance)
        cook_d = _squared_distances(change, fit.covariance)
        influential = (
            (np.abs(dffits) > 3 * np.sqrt(p / (k - p)) if k > p else np.zeros(k, dtype=bool))
            | (chdtr(p, cook_d) > 0.5)
            | (fit.hat > 3 * p / k)
            | (np.abs(dfbetas) > 1).any(axis=1)
        )
    return Influence(
        rstudent=rstudent,
        dffits=dffits,
        cook_d=cook_d,
        cov_r=cov_r,
        tau2_del=without.tau2,
        q_del=without.q,
        hat=fit.hat,
        weight=fit.weights,
        dfbetas=dfbetas,
        influential=influential & without.exists,
        fit=fit,
        without=without,
    )


def _variances_at(fit: LinearFit, tau2: Floats) -> Floats:
    """Diagonals of (X'WX)⁻¹ with all studies, for each of the variances (m,); shape (m, p)."""
    known = np.where(np.isfinite(tau2), tau2, 0.0)
    columns = tuple(np.ascontiguousarray(fit.X[:, j : j + 1]) for j in range(fit.p))
    parts = []
    for some in np.array_split(known, -(-known.size * fit.k // _NUMBERS)):
        inverse = inverse_triangle(projected(fit.yi[:, None], 1.0 / (fit.vi[:, None] + some), columns))
        parts.append(np.einsum("abm,abm->ma", inverse, inverse))
    return np.concatenate(parts)


def _squared_distances(change: Floats, covariance: Floats) -> Floats:
    """d'C⁻¹d for each row of `change`; nan where the covariance is singular, as with identical effects."""
    sizes = np.sqrt(np.diagonal(covariance))
    if not (sizes > 0).all():
        return np.full(change.shape[0], np.nan)
    scaled = change / sizes
    solved = np.linalg.solve(covariance / np.outer(sizes, sizes), scaled.T)
    return np.asarray(np.einsum("ip,pi->i", scaled, solved))

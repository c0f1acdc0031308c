"""Many random-effects fits at once: subsets, permutations, outcomes.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from evenhand.distributions import Floats
from evenhand.number_columns import number_table
from evenhand.synthesis.linear_fit import TESTS
from evenhand.synthesis.many_projections import coefficients, full_rank, inverse_triangle, projected
from evenhand.synthesis.many_variances import Studies, many_variances
from evenhand.synthesis.normal_kernel import LARGEST
from evenhand.synthesis.tau2.estimators import ESTIMATORS
from evenhand.synthesis.wald import check_level

if TYPE_CHECKING:
    from pandas import DataFrame

Flags = npt.NDArray[np.bool_]
_NUMBERS_AT_ONCE = 20_000  # of one intermediate array, so that a few of them stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ManyFits:
    """One entry a fit, shape (m,); what belongs to a coefficient has shape (m, p) where a design was given."""

    method: str
    test: str
    level: float
    k: npt.NDArray[np.intp]  # studies
    estimate: Floats
    se: Floats
    covariance: Floats  # of the coefficients, (m, p, p); p = 1 without a design
    statistic: Floats
    p_value: Floats
    df: Floats  # of the test; nan for a normal one
    quantile: Floats  # of the test at `level`: an interval is estimate ± quantile · se
    ci_lower: Floats
    ci_upper: Floats
    tau2: Floats
    q: Floats
    q_p_value: Floats
    i2: Floats  # percent
    h2: Floats
    scale: Floats  # what the test multiplies the coefficients' variance by
    log_likelihood: Floats
    restricted_log_likelihood: Floats
    exists: Flags  # False: too few studies, or columns that they do not tell apart; all figures are then nan
    tau2_estimable: Flags  # False: as many coefficients as studies, tau2 is 0 for want of one more

    def to_frame(self) -> "DataFrame":
        """A row a fit; with a design a column for each coefficient, as `estimate_0`. Covariances stay here."""
        from pandas import DataFrame

        columns: dict[str, npt.NDArray[np.generic]] = {}
        for name in (one.name for one in fields(self)):
            values = getattr(self, name)
            if name == "covariance" or not isinstance(values, np.ndarray):
                continue
            if values.ndim == 1:
                columns[name] = values
            else:
                columns |= {f"{name}_{j}": values[:, j] for j in range(values.shape[1])}
        return DataFrame(columns)

    def _repr_html_(self) -> str:
        """The fits as a table, the first and last where they are many, for a notebook."""
        return str(self.to_frame()._repr_html_())  # type: ignore[operator]


def many_fits(
    yi: Sequence[float] | npt.NDArray[np.floating],
    vi: Sequence[float] | npt.NDArray[np.floating],
    used: npt.ArrayLike | None = None,
    X: npt.ArrayLike | None = None,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> ManyFits:
    """Fit m random-effects models by inverse variance, each to its own studies.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (m, k)
        Effects and sampling variances; one row where all fits share them. A study that a fit does not use may hold
        anything.
    used : array_like of 0 and 1 or of bool, shape (m, k), optional
        Which studies each fit has; all of them if None.
    X : array_like, shape (k, p) or (m, k, p), optional
        Design matrix; None is an intercept alone.
    method, test, level
        As for `meta_analysis`. A method that has no vectorised form is worked off one fit at a time.

    Returns
    -------
    ManyFits
        tau2 of ML and REML is at the likelihood's highest peak, as in `one_variance`. A fit that does not exist (too
        few studies for its columns) is a row of nan that says so. With as many coefficients as studies the test is
        normal.

    Raises
    ------
    ValueError
        Naming fit, study and value that cannot be pooled, or a method or test there is not.
    """
    if method not in ESTIMATORS:
        raise ValueError(f"method '{method}': there are {', '.join(ESTIMATORS)}")
    if test not in TESTS:
        raise ValueError(f"test '{test}': there are {', '.join(TESTS)}")
    if ESTIMATORS[method].needs_weights:
        raise ValueError(
            f"method '{method}' is made of the user's weights, which many fits do not take: use fit_linear"
        )
    check_level(level)
    effects, variances, masks = _checked(yi, vi, used)
    design = _checked_design(X, *masks.shape)
    m, k = masks.shape
    step = max(1, _NUMBERS_AT_ONCE // k)
    parts = [
        _fitted(
            _part(effects, start, step),
            _part(variances, start, step),
            masks[start : start + step],
            None if design is None else _part(design, start, step),
            method,
            test,
        )
        for start in range(0, m, step)
    ]
    columns = {name: np.concatenate([part[name] for part in parts], axis=-1) for name in parts[0]}
    return _tested(columns, method, test, level, squeeze=design is None)


def joined(parts: Sequence[ManyFits]) -> ManyFits:
    """Fits made in several calls, as one."""
    whole = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(ManyFits)
        if field.name not in ("method", "test", "level")
    }
    return ManyFits(method=parts[0].method, test=parts[0].test, level=parts[0].level, **whole)


def _part(rows: Floats, start: int, step: int) -> Floats:
    """The rows of one chunk of fits; the one row that all fits share is in every chunk."""
    return rows if rows.shape[0] == 1 else rows[start : start + step]


def _checked(yi: npt.ArrayLike, vi: npt.ArrayLike, used: npt.ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    """Effects, variances (1 or m, k) and masks (m, k); what a fit does not use is made harmless."""
    effects = np.atleast_2d(number_table("yi", yi))
    variances = np.atleast_2d(number_table("vi", vi))
    m = max(effects.shape[0], variances.shape[0])
    masks = np.ones((m, effects.shape[1])) if used is None else np.atleast_2d(number_table("used", used))
    if effects.ndim != 2 or variances.ndim != 2 or masks.ndim != 2:
        raise ValueError("yi and vi have shape (k,) or (m, k), used has (m, k)")
    k = effects.shape[1]
    if k == 0:
        raise ValueError("no study: nothing to pool")
    if variances.shape[1] != k or masks.shape[1] != k:
        raise ValueError(
            f"{k} effects (yi) but {variances.shape[1]} variances (vi) and {masks.shape[1]} columns of used"
        )
    if {effects.shape[0], variances.shape[0]} - {1, masks.shape[0]}:
        raise ValueError(
            f"{effects.shape[0]} rows of yi and {variances.shape[0]} of vi, but used has {masks.shape[0]}: "
            "give one row for all fits, or one for each"
        )
    for fit, study in np.argwhere((masks != 0) & (masks != 1)):
        raise ValueError(f"used[{fit}, {study}] = {masks[fit, study]}: a study is used (1) or not (0)")
    effects = _harmless(effects, masks, np.abs(effects) <= LARGEST, "yi", "an effect must be a finite number", 0.0)
    good = (variances >= LARGEST**-2) & (variances <= LARGEST**2)
    variances = _harmless(variances, masks, good, "vi", "a sampling variance must be finite and above 0", 1.0)
    return effects, variances, masks


def _harmless(values: Floats, masks: Floats, good: Flags, name: str, says: str, filler: float) -> Floats:
    if good.all():
        return values
    for fit, study in np.argwhere(~good & (masks > 0)):
        value = np.broadcast_to(values, masks.shape)[fit, study]
        raise ValueError(f"{name}[{study}] of fit {fit} = {value}: {says}")
    return np.where(good, values, filler)


def _checked_design(design: npt.ArrayLike | None, m: int, k: int) -> Floats | None:
    """The design matrix, shape (1 or m, k, p)."""
    if design is None:
        return None
    matrix = number_table("X", design)
    matrix = matrix[None] if matrix.ndim == 2 else matrix
    if matrix.ndim != 3 or matrix.shape[0] not in (1, m) or matrix.shape[1] != k or matrix.shape[2] == 0:
        raise ValueError(f"X has shape {np.shape(design)}: it should be ({k}, p) or ({m}, {k}, p)")
    for fit, study, column in np.argwhere(~np.isfinite(matrix)):
        raise ValueError(f"X[{fit}, {study}, {column}] = {matrix[fit, study, column]}: a moderator must be finite")
    return matrix


def _fitted(
    effects: Floats, variances: Floats, masks: Floats, design: Floats | None, method: str, test: str
) -> dict[str, Floats]:
    """One chunk of fits, by column; coefficients have shape (p, m), all else (m,)."""
    m = masks.shape[0]
    columns = (
        (np.ones((1, 1)),)
        if design is None
        else tuple(np.ascontiguousarray(design[:, :, a].T) for a in range(design.shape[2]))
    )
    p = len(columns)
    used = np.ascontiguousarray(masks.T)
    everything = Studies(
        yi=np.ascontiguousarray(effects.T), vi=np.ascontiguousarray(variances.T), used=used, columns=columns
    )
    exists = used.sum(axis=0) > 0 if design is None else full_rank(used, columns)
    results = _nowhere(m, p) | {"k": used.sum(axis=0), "exists": exists}
    there = np.flatnonzero(exists)
    if there.size == 0:
        return results
    studies = everything if there.size == m else everything.some(there)
    about = np.zeros(there.size)
    if design is None:
        # About one of its effects, so that effects far from 0 and close together keep their digits; about the one of
        # most weight, so that what is left of it does.
        shared = studies.yi.shape[1] == 1
        surest = np.argmin(np.where(studies.used > 0, studies.vi, np.inf), axis=0)
        about = np.broadcast_to(studies.yi, studies.used.shape)[surest, np.arange(there.size)]
        about = np.full(there.size, studies.yi[np.argmin(studies.vi.min(axis=1)), 0]) if shared else about
        moved = studies.yi - (about[:1] if shared else about)
        studies = Studies(yi=moved, vi=studies.vi, used=studies.used, columns=columns)
    part = _estimated(studies, method, test)
    part["estimate"] = part["estimate"] + about
    for name, values in part.items():
        results[name][..., there] = values
    return results


def _nowhere(m: int, p: int) -> dict[str, Floats]:
    """Columns of nan, for fits that do not exist."""
    single = ("tau2", "q", "i2", "h2", "scale", "log_likelihood", "restricted_log_likelihood")
    wide = {"estimate": np.full((p, m), np.nan), "covariance": np.full((p, p, m), np.nan)}
    return wide | {name: np.full(m, np.nan) for name in single}


def _estimated(studies: Studies, method: str, test: str) -> dict[str, Floats]:
    p, k = len(studies.columns), studies.k
    residual_df = k - p
    zero = np.zeros(k.size)
    tau2 = zero.copy()
    several = np.flatnonzero(residual_df > 0)
    if several.size == k.size:
        tau2 = many_variances(method, studies)
    elif several.size:
        tau2[several] = many_variances(method, studies.some(several))
    fit = studies.at(tau2)
    at_zero = fit if method == "EE" else studies.at(zero)
    scale = np.ones(k.size)
    if test in ("knha", "adhoc"):
        scale = np.where(residual_df > 0, fit.y_p_y / np.maximum(residual_df, 1), 1.0)
        scale = np.maximum(1.0, scale) if test == "adhoc" else scale
    inverse = inverse_triangle(fit)
    q, q_df = at_zero.y_p_y, np.maximum(residual_df, 1)
    if method == "EE":
        i2 = np.where(q > 0, np.maximum(0.0, 100 * (q - residual_df) / np.where(q > 0, q, 1.0)), 0.0)
        h2 = q / q_df
    else:
        typical = q_df / np.where(residual_df > 0, at_zero.tr_p, 1.0)
        i2, h2 = 100 * tau2 / (typical + tau2), tau2 / typical + 1.0
    single = residual_df == 0
    log_of_two_pi = math.log(2 * math.pi)
    design_log_det = (
        np.log(k)
        if studies.columns[0].shape == (1, 1)
        else projected(studies.yi, studies.used, studies.columns).log_det
    )
    return {
        "estimate": coefficients(fit),
        "covariance": scale * (inverse**2 if p == 1 else np.einsum("acm,bcm->abm", inverse, inverse)),
        "tau2": tau2,
        "q": np.where(single, 0.0, q),
        "i2": np.where(single, 0.0, i2),
        "h2": np.where(single, 1.0, h2),
        "scale": scale,
        "log_likelihood": studies.log_likelihood(tau2, fit, restricted=False) - 0.5 * k * log_of_two_pi,
        "restricted_log_likelihood": studies.log_likelihood(tau2, fit, restricted=True)
        - 0.5 * (residual_df * log_of_two_pi - design_log_det),
    }


def _tested(columns: dict[str, Floats], method: str, test: str, level: float, *, squeeze: bool) -> ManyFits:
    from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

    estimate, k = columns["estimate"], columns["k"]
    se = np.sqrt(np.einsum("aam->am", columns["covariance"]))
    residual_df = k - estimate.shape[0]
    exists = columns["exists"].astype(bool)
    normal = (residual_df < 1) | (test == "z")
    tail = 0.5 * (1.0 - level)
    half = np.full(k.size, -float(ndtri(tail)))
    if not normal.all():
        half = np.where(normal, half, _by_df(lambda df: -stdtrit(df, tail), residual_df))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / se
    distance = -np.abs(statistic)
    p_value = 2 * (ndtr(distance) if normal.all() else np.where(normal, ndtr(distance), stdtr(residual_df, distance)))
    q_p_value = np.where(residual_df > 0, chdtrc(np.maximum(residual_df, 1), columns["q"]), 1.0)

    def of_coefficients(values: Floats) -> Floats:
        return np.ascontiguousarray(values[0] if squeeze else values.T)

    return ManyFits(
        method=method,
        test=test,
        level=level,
        k=k.astype(np.intp),
        estimate=of_coefficients(estimate),
        se=of_coefficients(se),
        covariance=np.ascontiguousarray(np.moveaxis(columns["covariance"], -1, 0)),
        statistic=of_coefficients(statistic),
        p_value=of_coefficients(p_value),
        df=np.where(normal | ~exists, np.nan, residual_df),
        quantile=half,
        ci_lower=of_coefficients(estimate - half * se),
        ci_upper=of_coefficients(estimate + half * se),
        tau2=columns["tau2"],
        q=columns["q"],
        q_p_value=np.where(exists, q_p_value, np.nan),
        i2=columns["i2"],
        h2=columns["h2"],
        scale=columns["scale"],
        log_likelihood=columns["log_likelihood"],
        restricted_log_likelihood=columns["restricted_log_likelihood"],
        exists=exists,
        tau2_estimable=exists & (residual_df > 0),
    )


def _by_df(function: Callable[[Floats], Floats], df: Floats) -> Floats:
    """A function of the degrees of freedom, asked once for each that occurs."""
    different, where = np.unique(np.maximum(df, 1), return_inverse=True)
    return np.asarray(function(different))[where]

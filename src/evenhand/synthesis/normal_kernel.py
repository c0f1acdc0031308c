"""The one kernel of every normal random-effects model: weighted least squares, given the between-study variance.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Everything is O(k p²) in k studies and p coefficients: a k × k matrix is never formed. What depends on weights comes
from an orthonormal basis Z of √W·X (k, p), as P = W − WX(X'WX)⁻¹X'W is √W(I − ZZ')√W.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.number_columns import number_column, number_table

_MOST_NUMBERS = 4_000_000  # of one intermediate array; a longer list of variances is worked off in parts
LARGEST = 1e25  # effect; its square is the largest variance, and one over it the smallest: their cubes are finite
_COLLINEAR = 1e-12  # least share of a column that the columns before it leave unexplained
_NOT_REPORTED = "leave the study out if none was reported"
_ROUNDED = 1e-14  # of an entry of orthonormal columns: no more than rounding
_HEAVY = 0.9  # leverage from which 1 − leverage is summed from the other studies, lest digits cancel


def checked_studies(yi: ArrayLike, vi: ArrayLike) -> tuple[Floats, Floats]:
    """The effects and their variances as arrays of shape (k,).

    Raises
    ------
    ValueError
        Naming study (counted from 0) and value, where lengths differ, there is no study, an effect is not finite or a
        variance not above 0.
    """
    effects, variances = number_column("yi", yi), number_column("vi", vi)
    if effects.size != variances.size:
        raise ValueError(f"{effects.size} effects (yi) but {variances.size} variances (vi); give one of each a study")
    effects = checked_effects(effects)
    for i in np.flatnonzero(~(np.isfinite(variances) & (variances > 0))):
        mend = _NOT_REPORTED if np.isnan(variances[i]) else "it is the standard error squared: look into the source"
        raise ValueError(f"vi[{i}] = {variances[i]}: a sampling variance must be finite and above 0; {mend}")
    for i in np.flatnonzero((variances > LARGEST**2) | (variances < LARGEST**-2)):
        raise ValueError(f"vi[{i}] = {variances[i]}: out of the range of numbers; change the unit")
    return effects, variances


def checked_effects(yi: ArrayLike) -> Floats:
    """The effects as an array of shape (k,); errors as in `checked_studies`."""
    effects = number_column("yi", yi)
    if effects.size == 0:
        raise ValueError("no study: nothing to pool")
    for i in np.flatnonzero(~np.isfinite(effects)):
        raise ValueError(f"yi[{i}] = {effects[i]}: an effect must be a finite number; {_NOT_REPORTED}")
    for i in np.flatnonzero(np.abs(effects) > LARGEST):
        raise ValueError(f"yi[{i}] = {effects[i]}: out of the range of numbers; change the unit")
    return effects


def checked_design(X: ArrayLike | None, k: int) -> Floats | None:
    """The design matrix as an array of shape (k, p); None, the intercept alone, stays None.

    Raises
    ------
    ValueError
        Naming row and column, where the shape does not fit, an entry is not finite, there are more coefficients than
        studies, or a column is a sum of the columns before it.
    """
    if X is None:
        return None
    design = number_table("X", X)
    if design.ndim == 1:
        design = design[:, None]
    if design.ndim != 2 or design.shape[0] != k or design.shape[1] == 0:
        raise ValueError(f"the design matrix has shape {design.shape}: it must have a row for each of {k} studies")
    for i, j in np.argwhere(~np.isfinite(design)):
        raise ValueError(f"X[{i}, {j}] = {design[i, j]}: a moderator must be a finite number; {_NOT_REPORTED}")
    if design.shape[1] > k:
        raise ValueError(f"{design.shape[1]} coefficients but {k} studies: leave out moderators")
    for i, j in np.argwhere(np.abs(design) > LARGEST**2):
        raise ValueError(f"X[{i}, {j}] = {design[i, j]}: out of the range of numbers; change the unit")
    lengths = np.sqrt((design**2).sum(axis=0))
    for j in np.flatnonzero(lengths == 0):
        raise ValueError(f"column {j} of the design matrix is all 0: leave it out")
    unexplained = np.abs(np.diagonal(np.linalg.qr(design / lengths, mode="r")))
    for j in np.flatnonzero(unexplained < _COLLINEAR):
        raise ValueError(f"column {j} of the design matrix is a sum of the columns before it: leave it out")
    return design


@dataclass(frozen=True, slots=True, eq=False)
class GivenTau2:
    """The coefficients for each of q between-study variances."""

    beta: Floats  # (q, p)
    covariance: Floats  # (q, p, p), (X'WX)⁻¹
    log_det_precision: Floats  # (q,), log|X'WX|
    q: Floats  # (q,), weighted sum of squared residuals
    sum_log_variances: Floats  # (q,), of the studies' total variances

    @property
    def mean(self) -> Floats:
        """Weighted mean of a model with the intercept alone, (q,)."""
        return self.beta[:, 0]

    @property
    def sum_of_weights(self) -> Floats:
        """Its precision, (q,)."""
        precision: Floats = np.exp(self.log_det_precision)
        return precision


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """Least squares for one set of weights."""

    wi: Floats  # (k,)
    basis: Floats  # (k, p), Z, orthonormal, of √W·X
    shift: Floats  # (p,), coefficients of the model's own basis about its unweighted fit
    root: Floats  # (p, p), √W·(model's basis) = Z · root
    residual: Floats  # (k,), effect − fitted

    @property
    def q(self) -> float:
        """Weighted sum of squared residuals."""
        return float(self.wi @ self.residual**2)

    @property
    def leverage(self) -> Floats:
        """Diagonal of X(X'WX)⁻¹X'W, (k,)."""
        if self.basis.shape[1] == 1:
            return self.basis[:, 0] ** 2
        squares: Floats = np.einsum("ij,ij->i", self.basis, self.basis)
        return squares

    @property
    def free(self) -> Floats:
        """1 − leverage, to its last digits where one study has nearly all the weight, (k,)."""
        leverage = self.leverage
        free = 1.0 - leverage
        heavy = np.flatnonzero(leverage > _HEAVY)  # fewer than 2p
        for i in heavy:
            free[i] = self._free_of(int(i))
        return free

    def _free_of(self, i: int) -> float:
        """1 / (1 + z'(Z₋ᵢ'Z₋ᵢ)⁻¹z) for row i: what the other studies, by themselves, leave open."""
        others = np.delete(self.basis, i, axis=0)
        if self.basis.shape[1] == 1:
            rest = float(others[:, 0] @ others[:, 0])
            own = float(self.basis[i, 0] ** 2)
            return rest / (rest + own)
        if others.shape[0] < others.shape[1]:
            return 0.0
        root = np.asarray(np.linalg.qr(others).R)
        # Where no other study tells of a column, only the rounding of orthonormal columns is left.
        if np.abs(np.diagonal(root)).min() < _ROUNDED:
            return 0.0
        along = np.linalg.solve(root.T, self.basis[i])
        return 1.0 / (1.0 + float(along @ along))

    def trace(self, d: Floats) -> float:
        """tr((I − ZZ')D) for D = diag(d), d ≥ 0: tr P with d = wi, tr PV with d = wi·vi."""
        return float(self.free @ d)

    def trace_of_two(self, d: Floats, e: Floats) -> float:
        """tr((I − ZZ')D(I − ZZ')E) for diagonal D, E ≥ 0: tr PP with d = e = wi, tr PVPV with d = e = wi·vi.

        It is Σᵢⱼ mᵢⱼ² dᵢ eⱼ with M = I − ZZ', which is Σ dᵢeᵢ(1 − 2hᵢ) + tr(Z'DZ Z'EZ). Where a leverage is near 1 the
        terms cancel, so that the few rows of that kind are summed entry by entry.
        """
        z, leverage = self.basis, self.leverage
        heavy = leverage > _HEAVY
        if not heavy.any():
            return float((d * e) @ (1.0 - 2.0 * leverage)) + _pair(z, d, e)
        light = ~heavy
        total = float((d * e)[light] @ (1.0 - 2.0 * leverage[light])) + _pair(z[light], d[light], e[light])
        rows = np.flatnonzero(heavy)
        entries = z[rows] @ z.T  # (heavy, k)
        entries[np.arange(rows.size), rows] = self.free[rows]
        entries *= entries
        total += float(d[rows] @ entries @ e)
        return total + float(e[rows] @ entries[:, light] @ d[light])


def _pair(z: Floats, d: Floats, e: Floats) -> float:
    """tr(Z'DZ Z'EZ)."""
    if z.shape[1] == 1:
        squares = z[:, 0] ** 2
        return float(squares @ d) * float(squares @ e)
    return float(np.sum((z.T @ (z * d[:, None])) * (z.T @ (z * e[:, None]))))


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """What the likelihoods are made of, for each of q between-study variances; every array has shape (q,)."""

    q: Floats  # weighted sum of squared residuals, y'Py
    q2: Floats  # the same with squared weights, y'PPy
    sum_of_weights: Floats  # tr W
    trace: Floats  # tr P
    sum_log_variances: Floats
    log_det_precision: Floats  # log|X'WX|


@dataclass(frozen=True, slots=True, eq=False)
class NormalModel:
    """y ~ N(Xβ, V + τ²I), about its unweighted fit and in an orthonormal basis, where rounding does least harm."""

    yi: Floats  # (k,)
    vi: Floats  # (k,)
    X: Floats  # (k, p)
    basis: Floats  # (k, p), spans the columns of X
    root: Floats  # (p, p), X = basis · root
    about: Floats  # (p,), coefficients of X of which `residual` is what is left
    residual: Floats  # (k,)
    weights: Floats | None = None  # (k,), the user's, for the estimators and fits that take them

    @classmethod
    def of(cls, yi: Floats, vi: Floats, X: Floats | None = None, weights: Floats | None = None) -> "NormalModel":
        """From checked arrays; X is None for the intercept alone."""
        if X is None or (X.shape[1] == 1 and bool((X == 1.0).all())):
            ones, surest = np.ones((yi.size, 1)), float(yi[np.argmin(vi)])
            # About one of the effects, so that identical effects leave exactly 0; about the one of most weight, so that
            # what is left of it keeps its digits however great its weight.
            return cls(yi, vi, ones, ones, np.eye(1), np.array([surest]), yi - surest, weights)
        basis, root = np.linalg.qr(X)
        about = np.linalg.solve(root, basis.T @ yi)
        residual = yi - X @ about
        residual -= basis @ (basis.T @ residual)
        # An exact fit leaves rounding, which is not heterogeneity.
        if np.abs(residual).max() <= 8 * X.shape[1] * np.finfo(float).eps * np.abs(yi).max():
            residual = np.zeros_like(residual)
        return cls(yi, vi, X, basis, root, about, residual, weights)

    @property
    def k(self) -> int:
        """Studies."""
        return int(self.yi.size)

    @property
    def p(self) -> int:
        """Coefficients."""
        return int(self.X.shape[1])

    @property
    def df(self) -> int:
        """k − p, the residual degrees of freedom."""
        return self.k - self.p

    @property
    def is_mean(self) -> bool:
        """Whether the intercept stands alone."""
        return self.basis is self.X

    @property
    def unweighted_residual(self) -> Floats:
        """Effect less its unweighted fit, (k,)."""
        return self.residual - self.residual.mean() if self.is_mean else self.residual

    @property
    def log_det_gram(self) -> float:
        """log|X'X|."""
        if self.is_mean:
            return math.log(self.k)
        return 2.0 * float(np.log(np.abs(np.diagonal(self.root))).sum())

    def weighted(self, wi: Floats) -> Weighted:
        """Least squares with weights `wi`, shape (k,), ≥ 0."""
        root_w = np.sqrt(wi)
        if self.p == 1:
            column = self.basis[:, 0]
            z = root_w * column
            length = math.sqrt(z @ z)
            z /= length
            shift = float(z @ (root_w * self.residual)) / length
            return Weighted(wi, z[:, None], np.array([shift]), np.array([[length]]), self.residual - shift * column)
        # Heaviest rows first: then Householder's QR keeps the digits of the light rows too (Cox & Higham 1998).
        order = np.argsort(-wi)
        sorted_basis, root = np.linalg.qr((root_w[:, None] * self.basis)[order])
        basis = np.empty_like(sorted_basis)
        basis[order] = sorted_basis
        shifts = np.linalg.solve(root, basis.T @ (root_w * self.residual))
        residual = self.residual - self.basis @ shifts
        # One step of refinement.
        more = np.linalg.solve(root, basis.T @ (root_w * residual))
        return Weighted(wi, basis, shifts + more, root, residual - self.basis @ more)

    def at(self, tau2: float) -> Weighted:
        """Least squares with inverse-variance weights."""
        return self.weighted(1.0 / (self.vi + tau2))

    def beta(self, fit: Weighted) -> Floats:
        """Coefficients of X, (p,)."""
        if self.is_mean:
            return self.about + fit.shift
        coefficients: Floats = self.about + np.linalg.solve(self.root, fit.shift)
        return coefficients

    def inverse_root(self, fit: Weighted) -> Floats:
        """T, (p, p), with (X'WX)⁻¹ = T T'."""
        return np.asarray(np.linalg.inv(fit.root @ self.root), dtype=np.float64)

    def scan(self, tau2: Floats) -> Scan:
        """The likelihoods' parts for every variance in `tau2`, shape (q,)."""
        columns = []
        for wi, residual, root, leverage, _ in self._chunks(tau2):
            weighted = wi * residual
            if self.is_mean:
                # Σ w(1 − h) as a sum of positive terms, which cannot cancel where one study has nearly all the weight.
                trace: Floats = 2.0 * (wi[:, 1:] * np.cumsum(wi[:, :-1], axis=1)).sum(axis=1) / wi.sum(axis=1)
            else:
                trace = (wi * (1.0 - leverage)).sum(axis=1)
            columns.append(
                (
                    (weighted * residual).sum(axis=1),
                    (weighted * weighted).sum(axis=1),
                    wi.sum(axis=1),
                    trace,
                    -np.log(wi).sum(axis=1),
                    _log_det(root @ self.root),
                )
            )
        return Scan(*(np.concatenate(column) for column in zip(*columns, strict=True)))

    def given(self, tau2: Floats) -> GivenTau2:
        """Coefficients and what a posterior is made of, for every variance in `tau2`, shape (q,)."""
        columns = []
        for wi, residual, root, _, shift in self._chunks(tau2):
            whole = root @ self.root
            inverse = np.linalg.inv(whole)
            beta = self.about + np.linalg.solve(self.root, shift.T).T
            covariance = inverse @ np.swapaxes(inverse, 1, 2)
            q = (wi * residual**2).sum(axis=1)
            columns.append((beta, covariance, _log_det(whole), q, -np.log(wi).sum(axis=1)))
        return GivenTau2(*(np.concatenate(column) for column in zip(*columns, strict=True)))

    def _chunks(self, tau2: Floats) -> Iterator[tuple[Floats, Floats, Floats, Floats, Floats]]:
        """Weights (q, k), residuals (q, k), roots (q, p, p), leverages (q, k), shifts (q, p): as fit in memory."""
        numbers = tau2.size * self.k * self.p
        for chunk in np.array_split(tau2, max(1, -(-numbers // _MOST_NUMBERS))):
            wi = 1.0 / (self.vi + chunk[:, None])
            if self.p == 1:
                u = self.basis[:, 0]
                wu = wi * u
                precision = wu @ u
                shift = ((wu @ self.residual) / precision)[:, None]
                leverage = wu * u / precision[:, None]
                yield wi, self.residual - shift * u, np.sqrt(precision)[:, None, None], leverage, shift
                continue
            root_w = np.sqrt(wi)
            basis, root = np.linalg.qr(root_w[:, :, None] * self.basis)
            along = np.einsum("qkp,qk->qp", basis, root_w * self.residual)
            shift = np.linalg.solve(root, along[:, :, None])[:, :, 0]
            yield wi, self.residual - shift @ self.basis.T, root, (basis**2).sum(axis=2), shift


def _log_det(root: Floats) -> Floats:
    """log|R'R| of each triangular R, (q, p, p)."""
    log_det: Floats = 2.0 * np.log(np.abs(np.diagonal(root, axis1=1, axis2=2))).sum(axis=1)
    return log_det


def given_tau2(yi: Floats, vi: Floats, tau2: Floats, X: Floats | None = None) -> GivenTau2:
    """Weighted least squares for every variance in `tau2`, shape (q,); X has shape (k, p), None is the mean alone."""
    return NormalModel.of(yi, vi, X).given(tau2)

"""Weighted least squares on a network, given the between-study variance: one Laplacian and one Cholesky factor.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

A study of a arms is y ~ N(Dθ, V + τ²(I + J)/2): every two of its arms' effects differ between studies by the same τ².
Divided by the root of (I + J)/2 and turned onto the axes of what V has become, it is a − 1 independent rows of
variances λ + τ², each a sum of the study's treatment effects. So the whole network is one model of rows with a
single variance, with at most a entries a row; X'WX is its Laplacian, T × T, and nothing of size k × k or of all
comparisons by all comparisons is ever formed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Floats
from evenhand.synthesis.network.evidence import NetworkEvidence, NetworkStudy
from evenhand.synthesis.normal_kernel import Scan

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class StudyRows:
    """The independent rows of one study: K⁻¹ and then U', with (I + J)/2 = KK' and K⁻¹VK⁻' = U diag(λ) U'."""

    X: Floats  # (a − 1, a), by arm; each row adds up to 0
    yi: Floats  # (a − 1,)
    vi: Floats  # (a − 1,), λ


def rows_of(yi: Floats, v: Floats) -> StudyRows:
    """Rows of studies of a arms, any number of them at once: yi (…, a − 1) against arm 0, v (…, a − 1, a − 1)."""
    p = yi.shape[-1]
    contrast = np.concatenate([-np.ones((p, 1)), np.eye(p)], axis=1)
    if p == 1:
        return StudyRows(np.broadcast_to(contrast, (*yi.shape[:-1], 1, 2)), yi, v[..., 0])
    inverse = np.linalg.inv(np.linalg.cholesky(0.5 * (np.eye(p) + 1.0)))
    lam, axes = np.linalg.eigh(inverse @ v @ inverse.T)
    turned = np.swapaxes(axes, -1, -2) @ inverse
    return StudyRows(turned @ contrast, (turned @ yi[..., None])[..., 0], lam)


@dataclass(frozen=True, slots=True, eq=False)
class GivenNetwork:
    """The network for each of q between-study variances, each piece of it against a treatment of its own."""

    beta: Floats  # (q, T), 0 for the treatment a piece is given against
    covariance: Floats  # (q, T, T), with rows of 0 there
    log_det_precision: Floats  # (q,), log|X'WX|
    q: Floats  # (q,), weighted sum of squared residuals
    sum_log_variances: Floats  # (q,), of the rows: log|V + τ²(I + J)/2| but for a constant


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkModel:
    """The rows of all studies, about their unweighted fit."""

    size: int  # T, treatments
    kept: Places  # (p,), treatments whose effects are the coefficients: all but one a piece
    yi: Floats  # (m,), m = Σ (a − 1)
    vi: Floats  # (m,)
    study: Places  # (m,), place of its study
    entry_row: Places  # (e,), of the entries of X
    entry_treatment: Places  # (e,)
    entry: Floats  # (e,)
    pair_row: Places  # (f,), of the entries of each row's product with itself
    pair_cell: Places  # (f,), T · i + j
    pair: Floats  # (f,)
    about: Floats  # (T,), effects of which `residual` is what is left
    residual: Floats  # (m,)

    @classmethod
    def of(cls, evidence: NetworkEvidence) -> "NetworkModel":
        """The model of checked evidence."""
        return cls.of_studies(evidence.studies, evidence.components)

    @classmethod
    def of_studies(cls, studies: Sequence[NetworkStudy], components: Sequence[Sequence[int]]) -> "NetworkModel":
        """The model of some studies; `components` are all pieces; a treatment nobody has is a piece by itself."""
        size = sum(len(piece) for piece in components)
        parts = list(_by_number_of_arms(studies))
        counts = [one.shape[0] for one, *_ in parts]
        offsets = np.concatenate([[0], np.cumsum(counts)])
        entry_row, entry_treatment, entry, pair_row, pair_cell, pair, yi, vi, study = ([] for _ in range(9))
        for offset, (X, arms, y, v, of_study) in zip(offsets, parts, strict=False):
            rows = np.arange(offset, offset + X.shape[0])
            a = X.shape[1]
            entry_row.append(np.repeat(rows, a))
            entry_treatment.append(arms.ravel())
            entry.append(X.ravel())
            pair_row.append(np.repeat(rows, a * a))
            pair_cell.append((size * arms[:, :, None] + arms[:, None, :]).ravel())
            pair.append((X[:, :, None] * X[:, None, :]).ravel())
            yi.append(y)
            vi.append(v)
            study.append(of_study)
        effects, variances, owner = np.concatenate(yi), np.concatenate(vi), np.concatenate(study)
        at, of, coefficient = np.concatenate(entry_row), np.concatenate(entry_treatment), np.concatenate(entry)
        # A piece is given against the treatment most is known of: its pivots then lose the fewest digits.
        known = np.bincount(of, coefficient**2 / variances[at], minlength=size)
        dropped = [piece[int(np.argmax(known[list(piece)]))] for piece in components]
        model = cls(
            size=size,
            kept=np.setdiff1d(np.arange(size), dropped),
            yi=effects,
            vi=variances,
            study=owner,
            entry_row=at,
            entry_treatment=of,
            entry=coefficient,
            pair_row=np.concatenate(pair_row),
            pair_cell=np.concatenate(pair_cell),
            pair=np.concatenate(pair),
            about=np.zeros(size),
            residual=effects,
        )
        about = model.weighted(np.ones(effects.size)).beta
        residual = effects - model.fitted(about)
        # An exact fit leaves rounding, which is not heterogeneity.
        if np.abs(residual).max() <= 64 * np.finfo(float).eps * np.abs(effects).max():
            residual = np.zeros_like(residual)
        return replace(model, about=about, residual=residual)

    @property
    def k(self) -> int:
        """Rows, Σ (a − 1)."""
        return int(self.yi.size)

    @property
    def p(self) -> int:
        """Coefficients, T less the number of pieces."""
        return int(self.kept.size)

    @property
    def df(self) -> int:
        """Rows less coefficients: the degrees of freedom of Q."""
        return self.k - self.p

    @property
    def unweighted_residual(self) -> Floats:
        """Row less its unweighted fit, (m,)."""
        return self.residual

    @property
    def log_det_gram(self) -> float:
        """log|X'X|."""
        return _log_det(_cholesky(self.gram(np.ones(self.k))))

    def fitted(self, effects: Floats) -> Floats:
        """Xθ, (m,), for effects of shape (T,)."""
        return _sums(self.entry_row, self.entry * effects[self.entry_treatment], self.k)

    def back(self, rows: Floats) -> Floats:
        """X'r, (T,), for r of shape (m,)."""
        return _sums(self.entry_treatment, self.entry * rows[self.entry_row], self.size)

    def laplacian(self, d: Floats) -> Floats:
        """X'DX, (T, T), for a weight each row, shape (m,)."""
        cells = _sums(self.pair_cell, self.pair * d[self.pair_row], self.size**2)
        return cells.reshape(self.size, self.size)

    def gram(self, d: Floats) -> Floats:
        """The same without one treatment a piece, (p, p)."""
        return self.laplacian(d)[np.ix_(self.kept, self.kept)]

    def weighted(self, wi: Floats) -> "WeightedNetwork":
        """Least squares with a weight each row, shape (m,), > 0."""
        factor = _cholesky(self.gram(wi))
        shift = _solved(factor, self.back(wi * self.residual)[self.kept])
        effects = np.zeros(self.size)
        effects[self.kept] = shift
        residual = self.residual - self.fitted(effects)
        # One step of refinement.
        more = np.zeros(self.size)
        more[self.kept] = _solved(factor, self.back(wi * residual)[self.kept])
        return WeightedNetwork(self, wi, self.about + effects + more, factor, residual - self.fitted(more))

    def at(self, tau2: float) -> "WeightedNetwork":
        """Least squares with inverse-variance weights."""
        return self.weighted(1.0 / (self.vi + tau2))

    def scan(self, tau2: Floats) -> Scan:
        """The likelihoods' parts for every variance in `tau2`, shape (q,)."""
        columns = []
        for fit in self._each(tau2):
            weighted = fit.wi * fit.residual
            columns.append(
                (
                    weighted @ fit.residual,
                    weighted @ weighted,
                    fit.wi.sum(),
                    fit.trace(fit.wi),
                    -np.log(fit.wi).sum(),
                    _log_det(fit.factor),
                )
            )
        return Scan(*(np.array(column) for column in zip(*columns, strict=True)))

    def given(self, tau2: Floats) -> GivenNetwork:
        """Effects, their covariance and what a posterior is made of, for every variance in `tau2`, shape (q,)."""
        beta, covariance = np.empty((tau2.size, self.size)), np.empty((tau2.size, self.size, self.size))
        scalars = np.empty((3, tau2.size))
        for i, fit in enumerate(self._each(tau2)):
            beta[i], covariance[i] = fit.beta, fit.covariance()
            scalars[:, i] = _log_det(fit.factor), fit.q, -np.log(fit.wi).sum()
        return GivenNetwork(beta, covariance, *scalars)

    def _each(self, tau2: Floats) -> Iterator["WeightedNetwork"]:
        for one in tau2:
            yield self.at(float(one))


@dataclass(frozen=True, slots=True, eq=False)
class WeightedNetwork:
    """Least squares for one set of weights."""

    model: NetworkModel
    wi: Floats  # (m,)
    beta: Floats  # (T,), 0 for the treatment a piece is given against
    factor: Floats  # (p, p), lower Cholesky factor of X'WX without those
    residual: Floats  # (m,)

    @property
    def q(self) -> float:
        """Weighted sum of squared residuals."""
        return float(self.wi @ self.residual**2)

    def covariance(self) -> Floats:
        """(X'WX)⁻¹, (T, T), with rows of 0 for the treatments that effects are given against."""
        kept, size = self.model.kept, self.model.size
        inverse = _inverse(self.factor)
        if kept.size == size - 1:
            # One piece: two blocks about the missing row, quicker than by index.
            at = int(np.setdiff1d(np.arange(size), kept)[0])
            whole = np.zeros((size, size))
            whole[:at, :at], whole[at + 1 :, at + 1 :] = inverse[:at, :at], inverse[at:, at:]
            whole[:at, at + 1 :], whole[at + 1 :, :at] = inverse[:at, at:], inverse[at:, :at]
            return whole
        whole = np.zeros((size, size))
        whole[np.ix_(kept, kept)] = inverse
        return whole

    @property
    def leverage(self) -> Floats:
        """Weight of each row times the variance of its fitted value, (m,)."""
        return self._leverage_by(self.covariance())

    def _leverage_by(self, covariance: Floats) -> Floats:
        model = self.model
        variance = _sums(model.pair_row, model.pair * covariance.ravel()[model.pair_cell], model.k)
        return self.wi * variance

    def trace(self, d: Floats) -> float:
        """tr((I − H)D) with H the hat matrix on the rows over the root of their variance, and D = diag(d)."""
        # What leverage leaves is not below 0, though rounding may be.
        return float(np.maximum(0.0, 1.0 - self.leverage) @ d)

    def trace_of_two(self, d: Floats, e: Floats) -> float:
        """tr((I − H)D(I − H)E) for diagonal D, E: tr PP with d = e = wi."""
        covariance = self.covariance()
        leverage = self._leverage_by(covariance)
        one = covariance @ self.model.laplacian(self.wi * d)
        other = one if e is d else covariance @ self.model.laplacian(self.wi * e)
        return float((d * e) @ (1.0 - 2.0 * leverage)) + float((one * other.T).sum())


def laplacian(evidence: NetworkEvidence, tau2: float) -> Floats:
    """X'WX of the whole network, (T, T), each row adding up to 0: for independent arms the sum of their stars.

    A study of arms with variances v has weights w = 1 / (v + tau2/2), and its share is diag(w) − ww'/Σw.
    """
    model = NetworkModel.of(evidence)
    return model.laplacian(1.0 / (model.vi + tau2))


def _by_number_of_arms(
    studies: Sequence[NetworkStudy],
) -> Iterator[tuple[Floats, Places, Floats, Floats, Places]]:
    """X (m, a), arms (m, a), yi (m,), vi (m,), study (m,) of the studies of each number of arms."""
    groups: dict[int, list[int]] = {}
    for i, one in enumerate(studies):
        groups.setdefault(len(one.treatments), []).append(i)
    for a, own in groups.items():
        rows = rows_of(np.array([studies[i].yi for i in own]), np.array([studies[i].v for i in own]))
        arms = np.repeat(np.array([studies[i].treatments for i in own], dtype=np.intp), a - 1, axis=0)
        owner = np.repeat(np.array(own, dtype=np.intp), a - 1)
        yield rows.X.reshape(-1, a), arms, rows.yi.ravel(), rows.vi.ravel(), owner


def _sums(places: Places, values: Floats, size: int) -> Floats:
    """The sum of the values of each place."""
    return np.asarray(np.bincount(places, values, minlength=size), dtype=np.float64)


def _cholesky(matrix: Floats) -> Floats:
    if not matrix.size:
        return matrix
    return np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)


def _solved(factor: Floats, right: Floats) -> Floats:
    from scipy.linalg.lapack import dpotrs

    if not factor.size:
        return right
    solution: Floats = dpotrs(factor, right, lower=1)[0]
    return solution


def _inverse(factor: Floats) -> Floats:
    from scipy.linalg.lapack import dpotri

    if not factor.size:
        return factor
    lower = np.tril(dpotri(factor, lower=1)[0])
    inverse: Floats = lower + np.tril(lower, -1).T
    return inverse


def _log_det(factor: Floats) -> float:
    return 2.0 * float(np.log(np.diagonal(factor)).sum())

"""Location-scale models: moderators of the mean effect, and moderators of how much true effects differ.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

y_i ~ N(x_i'β, v_i + τ_i²), with log τ_i² = z_i'α, or τ_i² = z_i'α ≥ 0 under the identity link (Viechtbauer &
López-López 2022, Res. Synth. Methods 13, 697-715). β follows from α by least squares; α is climbed to from several
places by Newton's method with the exact gradient and Hessian, in an orthogonal basis of the scale's columns.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.pooled import FitStatistics
from evenhand.synthesis.regression.design_matrix import DesignMatrix, design_matrix
from evenhand.synthesis.regression.linear_contrasts import JointTest, joint_test
from evenhand.synthesis.regression.mixed_effects import complete_studies
from evenhand.synthesis.regression.model_comparison import LikelihoodRatio, likelihood_ratio
from evenhand.synthesis.regression.model_formula import ModelFormula, parse_model_formula
from evenhand.synthesis.regression.moderator_columns import ModeratorData
from evenhand.synthesis.wald import quantile, wald

if TYPE_CHECKING:
    from pandas import DataFrame

LINKS = ("log", "identity")
METHODS = ("REML", "ML")
_MOST_STEPS = 200
_LONGEST_STEP = 3.0  # of any study's log τ²
_SLOPE = 1e-9  # of the likelihood in units of a standard error, below which a place is flat
_NEARLY_FLAT = 1e-5  # enough where rounding allows no less
_ROUNDING = 1e-12  # of the likelihood: a smaller rise cannot be told from none
# A τ² below this share of the study's own variance is 0 for every purpose, and has no logarithm to estimate.
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocationScale:
    """A fitted location-scale model; location and scale have a coefficient each name."""

    method: str  # 'REML', 'ML'
    link: str  # 'log', 'identity'
    test: str  # 'z', 't'
    level: float
    k: int
    names: tuple[str, ...]  # (p,) of the location
    beta: Floats  # (p,), analysis scale
    covariance: Floats  # (p, p)
    se: Floats
    statistic: Floats
    p_value: Floats
    ci_lower: Floats
    ci_upper: Floats
    scale_names: tuple[str, ...]  # (q,)
    alpha: Floats  # (q,), of log τ², or of τ²
    covariance_alpha: Floats  # (q, q), from the observed information; nan where there is none
    se_alpha: Floats
    statistic_alpha: Floats
    p_value_alpha: Floats
    ci_lower_alpha: Floats
    ci_upper_alpha: Floats
    tau2: Floats  # (k,), squared analysis scale
    omnibus: JointTest  # that the location's moderators are 0
    omnibus_scale: JointTest  # that the scale's moderators are 0
    against_one_variance: LikelihoodRatio | None  # of the same model with one τ²; None where the scale has no moderator
    fit: FitStatistics
    converged: bool
    reason: str  # why not, or why α has no standard error: '', 'too few studies', 'variance at zero', 'not flat'
    design: DesignMatrix
    scale_design: DesignMatrix

    def to_frame(self) -> "DataFrame":
        """One row a coefficient, location above scale."""
        from pandas import DataFrame

        part = ["location"] * len(self.names) + ["scale"] * len(self.scale_names)
        columns = {
            "estimate": (self.beta, self.alpha), "se": (self.se, self.se_alpha),
            "statistic": (self.statistic, self.statistic_alpha), "p_value": (self.p_value, self.p_value_alpha),
            "ci_lower": (self.ci_lower, self.ci_lower_alpha), "ci_upper": (self.ci_upper, self.ci_upper_alpha),
        }  # fmt: skip
        index = [part, [*self.names, *self.scale_names]]
        return DataFrame({name: np.concatenate(pair) for name, pair in columns.items()}, index=index)

    def predict_tau2(self, data: ModeratorData = None) -> tuple[Floats, Floats, Floats]:
        """τ² and its interval at other moderators of the scale, shape (m,) each; without `data`, the fitted studies."""
        Z = self.scale_design.matrix if data is None else self.scale_design.for_new(data)
        middle = Z @ self.alpha
        half = quantile(self.level, None if self.test == "z" else float(self.k - Z.shape[1])) * np.sqrt(
            np.einsum("ij,jk,ik->i", Z, self.covariance_alpha, Z)
        )
        if self.link == "log":
            with np.errstate(over="ignore"):
                return np.exp(middle), np.exp(middle - half), np.exp(middle + half)
        return np.maximum(middle, 0.0), np.maximum(middle - half, 0.0), np.maximum(middle + half, 0.0)


def fit_location_scale(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    formula: str | ModelFormula = "~ 1",
    scale: str | ModelFormula = "~ 1",
    data: ModeratorData = None,
    *,
    link: str = "log",
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
    reference: Mapping[str, object] | None = None,
    missing: str = "leave out",
    collinear: str = "drop",
) -> LocationScale:
    """Regress effects on moderators while the heterogeneity depends on moderators of its own.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    formula, scale : str
        Model formulas of the mean and of the heterogeneity, as in `meta_regression`.
    data : mapping of columns, data frame or sequence of records
    link : 'log' or 'identity'
    method : 'REML' or 'ML'
    test : 'z' or 't'
        't' has k − p degrees of freedom for the location, k − q for the scale.
    level : float
        Of the intervals.
    reference, missing, collinear
        As in `meta_regression`.

    Returns
    -------
    LocationScale
        Where a group's heterogeneity is estimated as 0, its log τ² has no estimate: `reason` is 'variance at zero',
        α is where the climb ended, and standard errors of α are nan. β and its errors stand.

    Raises
    ------
    ValueError
        Naming study, column or character, its value and the mend.
    """
    for name, value, allowed in (("link", link, LINKS), ("method", method, METHODS), ("test", test, ("z", "t"))):
        if value not in allowed:
            raise ValueError(f"{name} '{value}': there are {', '.join(allowed)}")
    effects, variances, design, scale_design = _designs(
        yi, vi, formula, scale, data, reference=reference, missing=missing, collinear=collinear
    )
    k, p, q = effects.size, len(design.names), len(scale_design.names)
    plain = fit_linear(effects, variances, design.matrix, method=method, test="z", level=level)
    surface = _Surface(
        NormalModel.of(effects, variances, design.matrix), scale_design.matrix, link, restricted=method == "REML"
    )
    if k - p < q:
        climbed = _Climbed(np.full(q, math.nan), False)
    elif link == "log":
        climbed = _highest_climb(surface, plain.tau2)
    else:
        climbed = _highest_inside(surface, plain.tau2)
    return _result(surface, climbed, design, scale_design, plain.tau2, (method, link, test, level))


def _designs(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    formula: str | ModelFormula,
    scale: str | ModelFormula,
    data: ModeratorData,
    *,
    reference: Mapping[str, object] | None,
    missing: str,
    collinear: str,
) -> tuple[Floats, Floats, DesignMatrix, DesignMatrix]:
    """Effects, variances and both designs, of the studies that are complete in both."""
    effects, variances, gaps = complete_studies(yi, vi)
    designs = []
    for _ in range(2):  # what one formula leaves out, the other has to leave out too
        designs = [
            design_matrix(
                f, data, k=effects.size, reference=_of(f, reference), missing=missing, collinear=collinear,
                also_missing=gaps,
            )
            for f in (formula, scale)
        ]  # fmt: skip
        gaps = sorted({gap for design in designs for gap in design.left_out})
    kept = list(designs[0].kept)
    return effects[kept], variances[kept], designs[0], designs[1]


def _of(formula: str | ModelFormula, reference: Mapping[str, object] | None) -> dict[str, object] | None:
    """The references that this one of the two formulas has a use for."""
    model = parse_model_formula(formula) if isinstance(formula, str) else formula
    return {name: level for name, level in (reference or {}).items() if name in model.columns} or None


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """The likelihood at one α, with its slopes in α."""

    log_likelihood: float
    gradient: Floats  # (q,)
    hessian: Floats  # (q, q)
    tau2: Floats  # (k,)


@dataclass(frozen=True, slots=True, eq=False)
class _Surface:
    """The log likelihood, full or restricted, over α."""

    model: NormalModel
    Z: Floats  # (k, q)
    link: str
    restricted: bool

    def tau2(self, alpha: Floats) -> Floats:
        """Between-study variance of each study, (k,)."""
        linear = self.Z @ alpha
        return np.exp(np.clip(linear, -700.0, 700.0)) if self.link == "log" else np.maximum(linear, 0.0)

    def at(self, alpha: Floats) -> _Place:
        """Value, gradient and Hessian."""
        tau2 = self.tau2(alpha)
        wi = 1.0 / (self.model.vi + tau2)
        fit = self.model.weighted(wi)
        n = self.model.df if self.restricted else self.model.k
        value = -0.5 * (n * math.log(2 * math.pi) - float(np.log(wi).sum()) + fit.q)
        if self.restricted:
            # ½ log|X'X| − ½ log|X'WX|, in the model's own basis; the intercept alone is no orthonormal one.
            value -= float(np.log(np.abs(np.diagonal(fit.root))).sum())
            value += 0.5 * math.log(self.model.k) if self.model.basis is self.model.X else 0.0
        rate = self.Z * tau2[:, None] if self.link == "log" else self.Z  # dτ²/dα, (k, q)
        pull = wi * fit.residual  # Py
        diagonal = wi * fit.free if self.restricted else wi  # of P, or of W
        excess = pull**2 - diagonal
        gradient = 0.5 * rate.T @ excess
        # ½ tr(P Dⱼ P Dₗ) − y'P Dⱼ P Dₗ P y, and the bend of τ² itself.
        moved = rate * pull[:, None]
        spread = np.sqrt(wi)[:, None] * moved
        inner = fit.basis.T @ spread
        hessian = -(spread.T @ spread - inner.T @ inner) + 0.5 * self._traces(rate, wi, fit.basis)
        if self.link == "log":
            hessian += 0.5 * self.Z.T @ (self.Z * (tau2 * excess)[:, None])
        return _Place(value, gradient, hessian, tau2)

    def _traces(self, rate: Floats, wi: Floats, basis: Floats) -> Floats:
        """tr(P Dⱼ P Dₗ), or tr(W Dⱼ W Dₗ), (q, q)."""
        weighted = wi[:, None] * rate
        if not self.restricted:
            return np.asarray(weighted.T @ weighted)
        leverage = np.einsum("ij,ij->i", basis, basis)
        squares = np.einsum("ia,ij,ib->jab", basis, weighted, basis)
        return np.asarray(
            weighted.T @ (weighted * (1 - 2 * leverage)[:, None]) + np.einsum("jab,lab->jl", squares, squares)
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Climbed:
    alpha: Floats  # (q,)
    converged: bool


def _highest_climb(surface: _Surface, tau2: float) -> _Climbed:
    """The highest of the peaks that several climbs reach, under the log link."""
    # γ in an orthogonal basis of columns of length √k: no unit of a moderator makes the climb crooked.
    basis, root = np.linalg.qr(surface.Z)
    basis, root = basis * math.sqrt(surface.model.k), root / math.sqrt(surface.model.k)
    turned = _Surface(surface.model, basis, "log", surface.restricted)
    climbs = [_climb(turned, start) for start in _starts(turned, tau2)]
    heights = [turned.at(climb.alpha).log_likelihood for climb in climbs]
    best = climbs[int(np.argmax(np.round(heights, 9)))]  # the first of those that reach the same peak
    return _Climbed(np.asarray(np.linalg.solve(root, best.alpha)), best.converged)


def _starts(surface: _Surface, tau2: float) -> list[Floats]:
    """Where climbs begin: one variance for all, small and large, and what the squared residuals suggest."""
    vi, Z = surface.model.vi, surface.Z
    residual2 = surface.model.unweighted_residual**2
    typical = float(np.median(vi))
    levels = [max(tau2, 0.01 * typical), 0.1 * typical, typical, max(float(residual2.mean()), 0.01 * typical)]
    logs = [np.full(vi.size, math.log(level)) for level in levels]
    logs.append(np.log(np.maximum(residual2 - vi, 0.1 * typical)))
    starts = [np.linalg.lstsq(Z, log, rcond=None)[0] for log in logs]
    for j in range(Z.shape[1]):
        for sign in (-1.0, 1.0):
            step = np.zeros(Z.shape[1])
            step[j] = sign * 1.5
            starts.append(starts[0] + step)
    return starts


def _climb(surface: _Surface, start: Floats) -> _Climbed:
    """Newton's method, turned uphill where the likelihood bends the wrong way, with steps that always rise."""
    alpha, place = start, surface.at(start)
    for _ in range(_MOST_STEPS):
        step, slope, concave = _step(surface, place)
        if concave and slope < _SLOPE:
            return _Climbed(alpha, True)
        promised = float(place.gradient @ step)
        if promised < _ROUNDING * max(1.0, abs(place.log_likelihood)):
            # The likelihood's own digits end here; its gradient's do not yet.
            following = surface.at(alpha + step)
            closer = _step(surface, following)[1] < slope
            if closer:
                alpha, place = alpha + step, following
                continue
            return _Climbed(alpha, concave and slope < _NEARLY_FLAT)
        size = 1.0
        following = surface.at(alpha + step)
        while following.log_likelihood < place.log_likelihood + 1e-4 * size * promised and size > 1e-10:
            size *= 0.5
            following = surface.at(alpha + size * step)
        alpha, place = alpha + size * step, following
        if bool((place.tau2 < 1e-3 * _NOTHING * surface.model.vi).any()):
            return _Climbed(alpha, True)
    return _Climbed(alpha, False)


def _step(surface: _Surface, place: _Place) -> tuple[Floats, float, bool]:
    """Newton's step uphill, the steepest slope in units of a standard error, and whether all bends are downwards."""
    values, vectors = np.linalg.eigh(-place.hessian)
    # A direction that bends upwards or hardly at all is climbed by its steepness.
    bends = np.maximum(np.abs(values), 1e-8 * max(1.0, float(np.abs(values).max())))
    slopes = vectors.T @ place.gradient
    step = vectors @ (slopes / bends)
    longest = float(np.abs(surface.Z @ step).max())
    step = step * min(1.0, _LONGEST_STEP / longest) if longest > 0 else step
    return step, float(np.abs(slopes / np.sqrt(bends)).max()), bool(values.min() > 0)


def _highest_inside(surface: _Surface, tau2: float) -> _Climbed:
    """The highest place where every τ² is at least 0, under the identity link."""
    from scipy.optimize import minimize

    # In units of a typical variance, so that the search's own tolerances mean the same in every unit of the effect.
    unit = max(float(np.median(surface.model.vi)), tau2)
    basis, root = np.linalg.qr(surface.Z)
    basis, root = basis * math.sqrt(surface.model.k), root / math.sqrt(surface.model.k)
    turned = _Surface(surface.model, basis, "identity", surface.restricted)
    best, height = np.zeros(basis.shape[1]), -math.inf
    for level in (tau2, 0.1 * unit, unit, 4 * unit):
        start = np.linalg.lstsq(basis, np.full(surface.model.k, level), rcond=None)[0] / unit
        found = minimize(
            lambda gamma: -turned.at(unit * gamma).log_likelihood,
            start,
            jac=lambda gamma: -unit * turned.at(unit * gamma).gradient,
            constraints={"type": "ineq", "fun": lambda gamma: basis @ gamma, "jac": lambda gamma: basis},
            method="SLSQP",
            options={"maxiter": 500, "ftol": 1e-14},
        )
        inside = _pushed_inside(basis, unit * found.x)
        reached = turned.at(inside).log_likelihood
        if reached > height + 1e-9:
            best, height = inside, reached
    return _polished(turned, best, root)


def _pushed_inside(basis: Floats, gamma: Floats) -> Floats:
    """The search may end a rounding error outside: towards one positive variance until none is below 0."""
    lowest = float((basis @ gamma).min())
    if lowest >= 0:
        return gamma
    ones = np.linalg.lstsq(basis, np.ones(basis.shape[0]), rcond=None)[0]
    return gamma - lowest * ones if (basis @ ones).min() > 0 else gamma


def _polished(surface: _Surface, gamma: Floats, root: Floats) -> _Climbed:
    """Newton's last steps, where the best place is not at the edge."""
    place = surface.at(gamma)
    for _ in range(20):
        if (place.tau2 <= _NOTHING * surface.model.vi).any():
            return _Climbed(np.asarray(np.linalg.solve(root, gamma)), True)
        step = np.linalg.lstsq(-place.hessian, place.gradient, rcond=None)[0]
        following = surface.at(gamma + step)
        if not following.log_likelihood > place.log_likelihood:
            break
        gamma, place = gamma + step, following
    values = np.linalg.eigvalsh(-place.hessian)
    flat = bool(values.min() > 0 and np.abs(place.gradient).max() / math.sqrt(values.min()) < _NEARLY_FLAT)
    return _Climbed(np.asarray(np.linalg.solve(root, gamma)), flat)


def _result(
    surface: _Surface,
    climbed: _Climbed,
    design: DesignMatrix,
    scale_design: DesignMatrix,
    one_tau2: float,
    chosen: tuple[str, str, str, float],
) -> LocationScale:
    method, link, test, level = chosen
    model, q = surface.model, surface.Z.shape[1]
    exists = bool(np.isfinite(climbed.alpha).all())
    place = surface.at(climbed.alpha) if exists else None
    tau2 = place.tau2 if place else np.full(model.k, one_tau2)
    fitted = model.weighted(1.0 / (model.vi + tau2))
    inverse_root = model.inverse_root(fitted)
    beta, covariance = model.beta(fitted), inverse_root @ inverse_root.T
    se = np.sqrt(np.diagonal(covariance))
    at_zero = exists and bool((tau2 <= _NOTHING * model.vi).any())
    covariance_alpha = np.full((q, q), math.nan)
    if place and climbed.converged and not at_zero:
        covariance_alpha = _inverse_information(-place.hessian)
    se_alpha = np.sqrt(np.diagonal(covariance_alpha))
    df = float(model.df) if test == "t" and model.df > 0 else None
    df_alpha = float(model.k - q) if test == "t" and model.k > q else None
    location, scale = wald(beta, se, df, level), wald(climbed.alpha, se_alpha, df_alpha, level)
    moderators = [j for j, term in enumerate(design.term_of) if term] or [0]
    of_scale = [j for j, term in enumerate(scale_design.term_of) if term] or [0]
    log_likelihood = place.log_likelihood if place else math.nan
    constant = scale_design.names == ("intercept",)
    against = None
    if not constant and place and scale_design.spans_intercept:
        one = _Surface(model, np.ones((model.k, 1)), "identity", surface.restricted).at(np.array([one_tau2]))
        against = likelihood_ratio(log_likelihood, one.log_likelihood, q - 1)
    reason = "variance at zero" if at_zero else "" if climbed.converged else "not flat"
    reason = reason if exists else "too few studies"
    return LocationScale(
        method=method, link=link, test=test, level=level, k=model.k,
        names=design.names, beta=beta, covariance=covariance, se=se,
        statistic=location.statistic, p_value=location.p_value,
        ci_lower=location.ci_lower, ci_upper=location.ci_upper,
        scale_names=scale_design.names, alpha=climbed.alpha, covariance_alpha=covariance_alpha, se_alpha=se_alpha,
        statistic_alpha=scale.statistic, p_value_alpha=scale.p_value,
        ci_lower_alpha=scale.ci_lower, ci_upper_alpha=scale.ci_upper,
        tau2=place.tau2 if place else np.full(model.k, math.nan),
        omnibus=joint_test(beta[moderators], covariance[np.ix_(moderators, moderators)], df),
        omnibus_scale=joint_test(climbed.alpha[of_scale], covariance_alpha[np.ix_(of_scale, of_scale)], df_alpha),
        against_one_variance=against,
        fit=_statistics(log_likelihood, model, q, restricted=surface.restricted),
        converged=climbed.converged,
        reason=reason,
        design=design, scale_design=scale_design,
    )  # fmt: skip


def _inverse_information(information: Floats) -> Floats:
    try:
        np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return np.full(information.shape, math.nan)
    return np.asarray(np.linalg.inv(information))


def _statistics(log_likelihood: float, model: NormalModel, q: int, *, restricted: bool) -> FitStatistics:
    parameters = model.p + q
    n = model.df if restricted else model.k
    n_at_least = max(n, parameters + 2)
    saturated = 0.0 if restricted else -0.5 * float(np.log(2 * math.pi * model.vi).sum())
    return FitStatistics(
        log_likelihood=log_likelihood,
        deviance=2 * (saturated - log_likelihood),
        aic=2 * parameters - 2 * log_likelihood,
        bic=parameters * math.log(max(n, 1)) - 2 * log_likelihood,
        aicc=2 * parameters * n_at_least / (n_at_least - parameters - 1) - 2 * log_likelihood,
    )

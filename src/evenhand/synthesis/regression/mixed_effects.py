"""Meta-regression: the mean effect as a linear function of what differs between studies.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evenhand.distributions import Floats
from evenhand.number_columns import number_column
from evenhand.synthesis.linear_fit import LinearFit, fit_linear
from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.notebook_tables import coefficient_frame, coefficient_html
from evenhand.synthesis.regression.collinearity import Inflation, variance_inflation
from evenhand.synthesis.regression.design_matrix import DesignMatrix, design_matrix
from evenhand.synthesis.regression.linear_contrasts import (
    JointTest,
    LinearContrasts,
    contrast_matrix,
    joint_test,
    linear_contrasts,
)
from evenhand.synthesis.regression.model_formula import ModelFormula
from evenhand.synthesis.regression.moderator_columns import ModeratorData
from evenhand.synthesis.regression.predictions import Predictions, predict_at
from evenhand.synthesis.tau2.bounds import Bounds
from evenhand.synthesis.tau2.estimators import ESTIMATORS
from evenhand.synthesis.tau2.q_profile import q_profile

if TYPE_CHECKING:
    from pandas import DataFrame

Numbers = Sequence[float | None] | Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetaRegression:
    """A fitted meta-regression; `fit` holds estimates, tests and heterogeneity, in the order of `names`."""

    formula: str
    names: tuple[str, ...]  # (p,) of the coefficients
    fit: LinearFit
    design: DesignMatrix
    tested: tuple[int, ...]  # coefficients in `omnibus`, counted from 0
    omnibus: JointTest  # that all tested coefficients are 0
    r2: float | None  # percent of the heterogeneity that the moderators explain; None without any to explain it
    tau2_known: bool  # given, not estimated

    @property
    def left_out(self) -> tuple[tuple[int, str], ...]:
        """Study, counted from 0, and column for each missing value."""
        return self.design.left_out

    @property
    def dropped(self) -> tuple[str, ...]:
        """Columns left out of the model since those before them explain them."""
        return self.design.dropped

    @property
    def residual(self) -> Floats:
        """Effect less its fitted value, shape (k,)."""
        difference: Floats = self.fit.yi - self.fit.fitted
        return difference

    def to_frame(self) -> "DataFrame":
        """One row a coefficient."""
        return coefficient_frame(self.fit, self.names)

    def predict(self, data: ModeratorData = None, *, level: float | None = None) -> Predictions:
        """Mean effect and prediction interval at other moderators; without `data`, at the fitted studies."""
        return predict_at(self.fit, self.design.matrix if data is None else self.design.for_new(data), level)

    def tau2_interval(self, level: float | None = None) -> Bounds:
        """Interval of the residual between-study variance, by the Q-profile."""
        if not self.fit.tau2_estimable:
            return Bounds.nowhere()
        model = NormalModel.of(self.fit.yi, self.fit.vi, self.fit.X)
        return q_profile(model, self.fit.level if level is None else level)

    def contrast(
        self,
        contrasts: Mapping[str, float] | Mapping[str, Mapping[str, float]] | Sequence[Sequence[float]] | Floats,
    ) -> LinearContrasts:
        """Sums of coefficients.

        Parameters
        ----------
        contrasts : mapping or array_like, shape (m, p)
            {'intercept': 1, 'ablat': 33}, or {'at 33': {…}, 'at 44': {…}}, or a row of numbers a contrast. The
            difference between two settings is the row `design.for_new(a) - design.for_new(b)`.
        """
        if isinstance(contrasts, Mapping):
            matrix, labels = contrast_matrix(contrasts, self.names)
        else:
            matrix = np.atleast_2d(np.asarray(contrasts, dtype=np.float64))
            labels = tuple(str(i + 1) for i in range(matrix.shape[0]))
        return linear_contrasts(self.fit, matrix, labels)

    def test_of(self, *terms: str | int) -> JointTest:
        """The test that the coefficients of these terms, by name or counted from 0, are all 0."""
        chosen = _chosen(terms, self.design)
        return joint_test(self.fit.beta[chosen], self.fit.covariance[np.ix_(chosen, chosen)], self.fit.df)

    def inflation(self, *, by_term: bool = False) -> tuple[Inflation, ...]:
        """Variance inflation of each coefficient but the intercept, or of each term with all its coefficients."""
        of = self.design.term_of
        if by_term:
            terms = sorted({t for t in of if t})
            groups = [[j for j, t in enumerate(of) if t == term] for term in terms]
            names = [self.design.formula.label(self.design.formula.terms[t - 1]) for t in terms]
        else:
            groups = [[j] for j, t in enumerate(of) if t]
            names = [self.names[j] for j, t in enumerate(of) if t]
        intercept = of.index(0) if 0 in of else None
        return variance_inflation(self.fit.covariance, names, groups, intercept)

    def _repr_html_(self) -> str:
        """The coefficients as a table, for a notebook."""
        return coefficient_html(self.fit, self.names)


def meta_regression(
    yi: Numbers,
    vi: Numbers,
    formula: str | ModelFormula = "~ 1",
    data: ModeratorData = None,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
    btt: str | int | Sequence[str | int] | None = None,
    weights: str | Sequence[float] | Floats | None = None,
    tau2: float | None = None,
    reference: Mapping[str, object] | None = None,
    missing: str = "leave out",
    collinear: str = "drop",
) -> MetaRegression:
    """Regress effects on moderators, with residual heterogeneity.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0); None or nan where missing.
    formula : str
        Right-hand side in R's notation: '~ ablat', '~ ablat * alloc', '~ factor(x) - 1', '~ I(x^2)', '~ poly(x, 2)',
        '~ rcs(x, 4)', '~ log(x)'.
    data : mapping of columns, data frame or sequence of records
        The moderators; text is a category, coded against its first level in sorted order.
    method, test, level, weights, tau2
        As in `fit_linear`.
    btt : str, int or sequence of them, optional
        Coefficients or terms in the omnibus test, by name or counted from 0. All but the intercept where nothing is
        said; without an intercept, all.
    reference : mapping, optional
        Column to the level that the others are compared with.
    missing : 'leave out' or 'refuse'
    collinear : 'drop' or 'refuse'
        A column that the columns before it explain.

    Returns
    -------
    MetaRegression
        With `r2` = 100 (1 − tau2 / tau2 without moderators), not below 0 (Raudenbush 2009, in Cooper, Hedges &
        Valentine, p. 311); for equal effects the adjusted R² of the weighted regression.

    Raises
    ------
    ValueError
        Naming study, column or character, its value and the mend.
    """
    effects, variances, gaps = complete_studies(yi, vi)
    design = design_matrix(
        formula, data, k=effects.size, reference=reference, missing=missing, collinear=collinear, also_missing=gaps
    )
    kept = list(design.kept)
    if weights is not None and not isinstance(weights, str):
        own = number_column("weights", weights)
        if own.shape != effects.shape:
            raise ValueError(f"{own.size} weights but {effects.size} studies")
        weights = own[kept]
    fit = fit_linear(
        effects[kept], variances[kept], design.matrix, method=method, test=test, level=level, weights=weights, tau2=tau2
    )
    tested = _default_tested(design) if btt is None else _chosen([btt] if isinstance(btt, (str, int)) else btt, design)
    return MetaRegression(
        formula=design.formula.text,
        names=design.names,
        fit=fit,
        design=design,
        tested=tuple(tested),
        omnibus=joint_test(fit.beta[tested], fit.covariance[np.ix_(tested, tested)], fit.df),
        r2=_explained(fit, design, fixed=tau2 is not None),
        tau2_known=tau2 is not None,
    )


def complete_studies(yi: Numbers, vi: Numbers) -> tuple[Floats, Floats, list[tuple[int, str]]]:
    """Effects and variances with nan where missing, shape (k,) each, and which those are: study and 'yi' or 'vi'.

    Raises
    ------
    ValueError
        Naming the study, counted from 0, whose value is no number, infinite, or no variance.
    """
    effects, variances = number_column("yi", yi), number_column("vi", vi)
    if effects.shape != variances.shape:
        raise ValueError(f"{effects.size} effects (yi) but {variances.size} variances (vi); give one of each a study")
    for i in np.flatnonzero(np.isinf(effects)):
        raise ValueError(f"yi[{i}] = {effects[i]}: an effect must be a finite number")
    for i in np.flatnonzero(np.isinf(variances) | (variances <= 0)):
        raise ValueError(f"vi[{i}] = {variances[i]}: a sampling variance must be finite and above 0")
    columns = (("yi", effects), ("vi", variances))
    return effects, variances, [(int(i), name) for name, column in columns for i in np.flatnonzero(np.isnan(column))]


def _default_tested(design: DesignMatrix) -> list[int]:
    moderators = [j for j, term in enumerate(design.term_of) if term]
    return moderators or [0]


def _chosen(terms: Sequence[str | int], design: DesignMatrix) -> list[int]:
    chosen: list[int] = []
    for term in terms:
        if isinstance(term, str):
            chosen += design.columns_of(term)
        elif 0 <= term < len(design.names):
            chosen.append(term)
        else:
            raise ValueError(f"coefficient {term}: there are {len(design.names)}, counted from 0")
    if not chosen:
        raise ValueError(f"no coefficient to test; there are {', '.join(design.names)}")
    return sorted(set(chosen))


def _explained(fit: LinearFit, design: DesignMatrix, *, fixed: bool) -> float | None:
    """Percent of heterogeneity that the moderators explain."""
    if not any(design.term_of) or fixed:
        return None
    if fit.method == "EE":
        return _adjusted_r2(fit)
    if fit.k < 2 or not fit.tau2_estimable:
        return None
    estimator = ESTIMATORS[fit.method]
    total = estimator.tau2(fit.yi, fit.vi, None, fit.user_weights)
    return max(0.0, 100.0 * (total - fit.tau2) / total) if total > 0 else 0.0


def _adjusted_r2(fit: LinearFit) -> float | None:
    """Adjusted R² of the regression weighted by 1 / vi, with an intercept beside the moderators."""
    total = NormalModel.of(fit.yi, fit.vi).at(0.0).q
    rank = int(np.linalg.matrix_rank(np.column_stack([np.ones(fit.k), fit.X])))
    if rank == fit.p:
        left = fit.q
    else:
        basis = np.linalg.qr(np.column_stack([np.ones(fit.k), fit.X]) / np.sqrt(fit.vi)[:, None])[0]
        scaled = fit.yi / np.sqrt(fit.vi)
        left = float(np.sum((scaled - basis @ (basis.T @ scaled)) ** 2))
    if fit.k <= rank or total == 0:
        return None
    return max(0.0, 100.0 * (1.0 - (left / (fit.k - rank)) / (total / (fit.k - 1))))

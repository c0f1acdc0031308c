"""Bayesian meta-regression without sampling: the exact posterior of every coefficient, prediction and study.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evenhand.distributions import Distribution, Floats, NormalMixture
from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.posterior.prior_names import tau_prior
from evenhand.synthesis.posterior.priors import Flat, NormalPrior, TauPrior
from evenhand.synthesis.posterior.tau_mixture import CoefficientPrior, TauMixture, tau_mixture
from evenhand.synthesis.regression.design_matrix import DesignMatrix, design_matrix
from evenhand.synthesis.regression.linear_contrasts import contrast_matrix
from evenhand.synthesis.regression.mixed_effects import complete_studies
from evenhand.synthesis.regression.model_formula import ModelFormula
from evenhand.synthesis.regression.moderator_columns import ModeratorData

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegressionPosterior:
    """Exact posterior of a meta-regression on the analysis scale."""

    formula: str
    names: tuple[str, ...]  # (p,) of the coefficients
    coefficients: tuple[NormalMixture, ...]  # (p,)
    tau: Distribution  # between-study sd beside the moderators
    shrinkage: tuple[NormalMixture, ...]  # each complete study's true effect
    prior_beta: tuple[str, ...]  # (p,)
    prior_tau: str
    log_marginal: float  # a flat prior's density counts as 1
    design: DesignMatrix
    mixture: TauMixture

    def mean_effect(self, data: ModeratorData) -> tuple[NormalMixture, ...]:
        """Posterior of the mean effect at each row of other moderators."""
        return tuple(self.mixture.mean_at(row) for row in self.design.for_new(data))

    def new_study(self, data: ModeratorData) -> tuple[NormalMixture, ...]:
        """Posterior of a new study's true effect there."""
        return tuple(self.mixture.new_study_at(row) for row in self.design.for_new(data))

    def contrast(self, times: Mapping[str, float]) -> NormalMixture:
        """Posterior of a sum of coefficients, {'intercept': 1, 'ablat': 33}."""
        return self.mixture.mean_at(contrast_matrix(times, self.names)[0][0])

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """`n` joint draws: the coefficients, (n, p), and tau, (n,)."""
        mixture = self.mixture
        which = rng.choice(mixture.weights.size, size=n, p=mixture.weights)
        roots = np.linalg.cholesky(mixture.covariance)[which]
        noise = rng.standard_normal((n, len(self.names)))
        return mixture.beta[which] + np.einsum("nij,nj->ni", roots, noise), mixture.tau[which]

    def to_frame(self, level: float = 0.95) -> "DataFrame":
        """One row a coefficient, and one for tau."""
        from pandas import DataFrame

        rows = [*self.coefficients, self.tau]
        tail = 0.5 * (1 - level)
        return DataFrame(
            {
                "mean": [row.mean for row in rows], "sd": [row.sd for row in rows],
                "lower": [row.quantile(tail) for row in rows], "median": [row.quantile(0.5) for row in rows],
                "upper": [row.quantile(1 - tail) for row in rows],
            },
            index=[*self.names, "tau"],
        )  # fmt: skip


def regression_posterior(
    yi: Sequence[float | None] | Floats,
    vi: Sequence[float | None] | Floats,
    formula: str | ModelFormula = "~ 1",
    data: ModeratorData = None,
    *,
    prior_beta: CoefficientPrior | Mapping[str, CoefficientPrior] | None = None,
    prior_tau: TauPrior | str,
    reference: Mapping[str, object] | None = None,
    missing: str = "leave out",
    collinear: str = "drop",
    nodes: int = 16,
    tolerance: float = 1e-13,
) -> RegressionPosterior:
    """Posterior of the coefficients and the residual between-study sd.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0); None where missing.
    formula, data, reference, missing, collinear
        As in `meta_regression`.
    prior_beta : Flat, NormalPrior or mapping, optional
        One prior for all coefficients, or one for each coefficient named, the others flat. Flat where nothing is said.
    prior_tau : TauPrior or str
        As a record, or by name: 'half-normal(0.5)', as `tau_prior` reads it.
    nodes, tolerance : int, float
        Of the quadrature, as in `integrate_density`.

    Raises
    ------
    ValueError
        Naming study, column or coefficient, its value and the mend; or where the posterior does not exist.

    References
    ----------
    Röver & Friede (2023). Comput. Methods Programs Biomed. 229, 107303.
    """
    effects, variances, gaps = complete_studies(yi, vi)
    design = design_matrix(
        formula, data, k=effects.size, reference=reference, missing=missing, collinear=collinear, also_missing=gaps
    )
    kept = list(design.kept)
    priors = _priors(prior_beta, design.names)
    X = None if design.names == ("intercept",) else design.matrix
    model = NormalModel.of(effects[kept], variances[kept], X)
    prior_tau = tau_prior(prior_tau)
    mixture = tau_mixture(model, priors, prior_tau, nodes=nodes, tolerance=tolerance)
    rows = np.eye(len(design.names))
    return RegressionPosterior(
        formula=design.formula.text,
        names=design.names,
        coefficients=tuple(mixture.mean_at(row) for row in rows),
        tau=mixture.tau_distribution(),
        shrinkage=tuple(
            mixture.study_at(row, effect, sampling)
            for row, effect, sampling in zip(design.matrix, model.yi, model.vi, strict=True)
        ),
        prior_beta=tuple(str(prior) for prior in priors),
        prior_tau=str(prior_tau),
        log_marginal=mixture.log_marginal,
        design=design,
        mixture=mixture,
    )


def _priors(
    given: CoefficientPrior | Mapping[str, CoefficientPrior] | None, names: Sequence[str]
) -> list[CoefficientPrior]:
    by_name = given if isinstance(given, Mapping) else dict.fromkeys(names, given or Flat())
    for name, prior in by_name.items():
        if name not in names:
            raise ValueError(f"prior of '{name}': no such coefficient; there are {', '.join(names)}")
        if not isinstance(prior, (Flat, NormalPrior)):
            raise ValueError(f"prior of '{name}' is '{prior}': a normal likelihood takes flat or normal(m, s)")
    return [by_name.get(name, Flat()) for name in names]

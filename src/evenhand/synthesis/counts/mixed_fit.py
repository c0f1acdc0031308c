"""What a generalised linear mixed model of counts gives.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass

from evenhand.synthesis.counts.common_effect import ChiSquareTest
from evenhand.synthesis.pooled import FitStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedFit:
    """One effect estimated from counts by their exact likelihood; fields are named as in `Classical`."""

    measure: str  # 'OR', 'IRR', 'PLO', 'IRLN'
    model: str  # 'UM.FS', 'UM.RS', 'CM.EL', 'CM.AL'; 'one arm'
    method: str  # 'EE', 'ML'
    test: str  # 'z', 't'
    estimate: float  # log odds (rate) ratio, or log odds (rate); infinite where the counts do not bound it
    se: float
    statistic: float
    df: int | None  # of the test; None for 'z'
    p_value: float
    ci_lower: float
    ci_upper: float
    pi_lower: float  # of a new study's effect
    pi_upper: float
    tau2: float  # between-study variance of the effect
    se_tau2: float  # nan at 0
    sigma2: float  # between-study variance of the level; nan where studies have levels of their own
    correlation: float  # of effect and level; nan where not estimated
    i2: float  # percent, 0 to 100
    h2: float
    wald: ChiSquareTest  # of one effect in all studies; nan where a study's own estimate is infinite
    likelihood_ratio: ChiSquareTest  # the same, from likelihoods, which exist however few the events
    fit: FitStatistics | None  # the true log likelihood, every constant in it
    k: int  # studies that say something
    k_given: int
    quadrature_error: float  # change of the log likelihood by more nodes
    converged: bool
    reason: str | None  # why not, or None

    @property
    def q(self) -> float:
        """Heterogeneity by likelihoods."""
        return self.likelihood_ratio.statistic

    @property
    def q_p_value(self) -> float:
        """Of `q`."""
        return self.likelihood_ratio.p_value

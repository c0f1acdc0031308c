"""Network meta-analysis: the effects of many treatments from all comparisons at once, direct and by way of others.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Floats
from evenhand.synthesis.heterogeneity import h_of_q
from evenhand.synthesis.network.direct_evidence import DirectEvidence, direct_evidence
from evenhand.synthesis.network.evidence import NetworkEvidence
from evenhand.synthesis.network.league import League, LeagueTable, league_of, league_of_direct, league_table
from evenhand.synthesis.network.network_kernel import NetworkModel
from evenhand.synthesis.network.p_scores import p_scores
from evenhand.synthesis.network.q_decomposition import QDecomposition, QPart, q_decomposition
from evenhand.synthesis.tau2.bounds import Bounds
from evenhand.synthesis.tau2.dersimonian_laird import dersimonian_laird
from evenhand.synthesis.tau2.maximum_likelihood import maximum_likelihood
from evenhand.synthesis.tau2.one_variance_model import OneVarianceModel
from evenhand.synthesis.tau2.paule_mandel import paule_mandel
from evenhand.synthesis.tau2.q_profile import q_profile
from evenhand.synthesis.tau2.reml import restricted_maximum_likelihood
from evenhand.synthesis.wald import quantile

# Of the one between-study variance that all comparisons share. EE: equal effects, none.
NETWORK_METHODS: Mapping[str, Callable[[OneVarianceModel], float]] = {
    "REML": restricted_maximum_likelihood,
    "ML": maximum_likelihood,
    "DL": dersimonian_laird,
    "PM": paule_mandel,
    "EE": lambda _model: 0.0,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkContrast:
    """One treatment less another, on the analysis scale."""

    treatment: str
    against: str
    estimate: float
    se: float
    statistic: float
    p_value: float  # two-sided
    ci_lower: float
    ci_upper: float
    pi_lower: float  # of the effect in a new study; nan without degrees of freedom
    pi_upper: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkFit:
    """Effects of T treatments against the reference; nan for those that no chain of studies joins to it."""

    evidence: NetworkEvidence = field(repr=False)
    method: str  # 'REML'; 'EE' is the common-effect model
    level: float  # of all intervals
    treatments: tuple[str, ...]  # T names
    reference: int  # its place in them
    k: int  # studies
    effects: Floats = field(repr=False)  # (T,), treatment − reference, analysis scale; 0 for the reference
    covariance: Floats = field(repr=False)  # (T, T), of the effects against the reference
    tau2: float  # between-study variance of every comparison, squared analysis scale
    tau2_estimable: bool  # False: no degrees of freedom are left, and tau2 is 0 for want of them
    q: float  # weighted sum of squared residuals with inverse sampling variances
    df: int  # Σ (arms − 1) less the treatments, plus the pieces
    q_p_value: float  # nan with no degrees of freedom
    i2: float  # percent, from Q; nan with no degrees of freedom
    i2_lower: float
    i2_upper: float
    q_parts: QDecomposition = field(repr=False)
    basis: Floats = field(repr=False)  # (T,), effects against one treatment a piece
    basis_covariance: Floats = field(repr=False)  # (T, T), theirs
    notices: tuple[str, ...] = field(repr=False)  # of the evidence, and of what this model could not do

    @property
    def tau(self) -> float:
        """Between-study standard deviation, analysis scale."""
        return math.sqrt(self.tau2)

    @property
    def se(self) -> Floats:
        """Standard errors of the effects, (T,)."""
        return np.sqrt(np.maximum(np.diagonal(self.covariance), 0.0))

    @property
    def ci_lower(self) -> Floats:
        """Lower confidence limits of the effects, (T,)."""
        return self.effects - quantile(self.level, None) * self.se

    @property
    def ci_upper(self) -> Floats:
        """Upper confidence limits of the effects, (T,)."""
        return self.effects + quantile(self.level, None) * self.se

    @property
    def pi_lower(self) -> Floats:
        """Lower limits of the effects in a new study, (T,); nan for the reference and without degrees of freedom."""
        return self.effects - self._prediction_half(self.se)

    @property
    def pi_upper(self) -> Floats:
        """Upper limits of the effects in a new study, (T,)."""
        return self.effects + self._prediction_half(self.se)

    def _prediction_half(self, se: Floats) -> Floats:
        """Of an estimate ± t √(se² + tau2)."""
        with np.errstate(invalid="ignore"):
            half: Floats = quantile(self.level, float(self.df)) * np.sqrt(se**2 + self.tau2)
        return np.where(se > 0, half, np.nan)

    def contrast(self, treatment: str, against: str | None = None) -> NetworkContrast:
        """Effect of `treatment` less `against`, which is the reference if not given.

        Raises
        ------
        ValueError
            Where no study has one of them.
        """
        from scipy.special import ndtr

        a = self.evidence.index(treatment)
        b = self.reference if against is None else self.evidence.index(against)
        estimate, se = math.nan, math.nan
        if _piece_of(self.evidence, a) == _piece_of(self.evidence, b):
            v = self.basis_covariance
            estimate = float(self.basis[a] - self.basis[b])
            se = math.sqrt(max(0.0, float(v[a, a] + v[b, b] - 2 * v[a, b])))
        half = quantile(self.level, None) * se
        ahead = float(self._prediction_half(np.array([se]))[0])
        statistic = estimate / se if se > 0 else math.nan
        return NetworkContrast(
            treatment=self.treatments[a],
            against=self.treatments[b],
            estimate=estimate,
            se=se,
            statistic=statistic,
            p_value=2.0 * float(ndtr(-abs(statistic))),
            ci_lower=estimate - half,
            ci_upper=estimate + half,
            pi_lower=estimate - ahead,
            pi_upper=estimate + ahead,
        )

    def league(self) -> League:
        """Every treatment less every other, with the fit's intervals."""
        league = league_of(self.treatments, self.basis, self.basis_covariance, self.level)
        apart = _pieces(self.evidence)[:, None] != _pieces(self.evidence)[None, :]
        for square in (league.estimate, league.se, league.ci_lower, league.ci_upper):
            square[apart] = np.nan
        return league

    def direct(self) -> DirectEvidence:
        """Each comparison from its own studies alone, with this fit's between-study variance."""
        return direct_evidence(self.evidence, self.tau2)

    def league_table(self, upper: "NetworkFit | None" = None, *, order: tuple[str, ...] | None = None) -> LeagueTable:
        """This fit's effects below the diagonal; above it those of another fit, or if none is given the direct ones."""
        above = league_of_direct(self.direct(), self.level) if upper is None else upper.league()
        return league_table(self.league(), above, order)

    def p_scores(self, *, small_values_good: bool) -> Floats:
        """How sure one may be that a treatment is better, on average over the others, (T,); see `p_scores`."""
        return p_scores(self.effects, self.covariance, small_values_good=small_values_good)

    def tau2_interval(self) -> Bounds:
        """Q-profile interval of the between-study variance; nan where no degrees of freedom are left."""
        if not self.tau2_estimable:
            return Bounds(math.nan, math.nan)
        return q_profile(NetworkModel.of(self.evidence), self.level)

    @property
    def q_het(self) -> QPart:
        """Disagreement among studies of one design."""
        return self.q_parts.heterogeneity

    @property
    def q_inc(self) -> QPart:
        """Disagreement between designs."""
        return self.q_parts.inconsistency

    @property
    def statistic(self) -> Floats:
        """Effects over their standard errors, (T,); nan for the reference."""
        se = self.se
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(se > 0, self.effects / se, np.nan)

    @property
    def p_value(self) -> Floats:
        """Two-sided, (T,); nan for the reference."""
        from scipy.special import ndtr

        chance: Floats = 2.0 * ndtr(-np.abs(self.statistic))
        return chance


def fit_network(
    evidence: NetworkEvidence, *, method: str = "REML", level: float = 0.95, tau2: float | None = None
) -> NetworkFit:
    """Fit all comparisons of a network with one between-study variance.

    Within a study of several arms every comparison has that variance, and two of them that share an arm half of it as
    covariance.

    Parameters
    ----------
    evidence : NetworkEvidence
        Also of several pieces that no study joins: effects are then given within each.
    method : str
        A name in `NETWORK_METHODS`: 'REML', 'ML', 'DL' (Jackson, White & Riley 2012, Statist. Med. 31, 3805-3820, with
        one variance), 'PM', or 'EE' for equal effects (the common-effect model).
    level : float
        Of all intervals.
    tau2 : float, optional
        A between-study variance taken as known.

    Returns
    -------
    NetworkFit
        Prediction intervals by t with the degrees of freedom of Q.

    Raises
    ------
    ValueError
        For a method, level or variance there is not.

    References
    ----------
    Rücker (2012). Res. Synth. Methods 3, 312-324; Rücker & Schwarzer (2014). Statist. Med. 33, 4353-4369.
    """
    if method not in NETWORK_METHODS:
        raise ValueError(f"method '{method}': there are {', '.join(NETWORK_METHODS)}")
    if not 0 < level < 1:
        raise ValueError(f"level = {level}: a level lies between 0 and 1")
    if tau2 is not None and not (math.isfinite(tau2) and tau2 >= 0):
        raise ValueError(f"tau2 = {tau2}: a between-study variance is finite and not below 0")
    model = NetworkModel.of(evidence)
    estimable = model.df > 0
    notices = list(evidence.notices)
    if tau2 is None:
        tau2 = float(NETWORK_METHODS[method](model)) if estimable else 0.0
        if not estimable and method != "EE":
            notices.append(
                "no comparison is made twice, by studies or by way of others: how much studies differ cannot be "
                "estimated, and the between-study variance is taken as 0"
            )
    fit = model.at(tau2)
    basis, basis_covariance = fit.beta, fit.covariance()
    effects, covariance = _against(evidence, basis, basis_covariance)
    parts = q_decomposition(evidence, model)
    h, h_lower, h_upper = h_of_q(parts.total.q, model.df, level)
    return NetworkFit(
        evidence=evidence,
        method=method,
        level=level,
        treatments=evidence.treatments,
        reference=evidence.reference,
        k=len(evidence.studies),
        effects=effects,
        covariance=covariance,
        tau2=tau2,
        tau2_estimable=estimable,
        q=parts.total.q,
        df=model.df,
        q_p_value=parts.total.p_value,
        i2=_i2(h),
        i2_lower=_i2(h_lower),
        i2_upper=_i2(h_upper),
        q_parts=parts,
        basis=basis,
        basis_covariance=basis_covariance,
        notices=tuple(notices),
    )


def _i2(h: float) -> float:
    return 100.0 * (1.0 - 1.0 / h**2)


def _against(evidence: NetworkEvidence, basis: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Effects (T,) and covariance (T, T) against the reference; nan for other pieces of the network."""
    r = evidence.reference
    effects = basis - basis[r]
    along = covariance[r]
    against = covariance - along[:, None] - along[None, :] + along[r]
    against[r, :] = against[:, r] = 0.0
    if not evidence.is_connected:
        apart = _pieces(evidence) != _piece_of(evidence, r)
        effects[apart] = np.nan
        against[apart, :] = against[:, apart] = np.nan
    return effects, against


def _pieces(evidence: NetworkEvidence) -> NDArray[np.intp]:
    """The piece of each treatment, (T,)."""
    piece = np.empty(len(evidence.treatments), dtype=np.intp)
    for i, members in enumerate(evidence.components):
        piece[list(members)] = i
    return piece


def _piece_of(evidence: NetworkEvidence, treatment: int) -> int:
    return next(i for i, members in enumerate(evidence.components) if treatment in members)

"""Component network meta-analysis: the effect of a treatment as the sum of what it is made of.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

With C the terms of each treatment, (T, c), the effects are θ = Cβ. The rows of a network are independent and of one
between-study variance already (`network_kernel`), so that the model is a regression of them on XC. Studies need not say
everything: what they leave open is the space that no row of XC reaches, and whatever lies outside it is estimated,
in whichever pieces the network falls; the rest is nan.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.heterogeneity import h_of_q
from evenhand.synthesis.network.component_design import ComponentDesign, component_design
from evenhand.synthesis.network.evidence import NetworkEvidence
from evenhand.synthesis.network.league import League, league_of
from evenhand.synthesis.network.network_fit import NETWORK_METHODS, NetworkContrast
from evenhand.synthesis.network.network_kernel import NetworkModel
from evenhand.synthesis.network.p_scores import p_scores
from evenhand.synthesis.network.q_decomposition import QPart, q_part
from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.tau2.bounds import Bounds
from evenhand.synthesis.tau2.q_profile import q_profile
from evenhand.synthesis.wald import check_level, quantile, wald

# Terms are 0 and 1, so that what studies compare is whole numbers: what is left of it is rounding or of size 1 / c.
_OPEN = 1e-8
_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class TermEffect:
    """The effect that a component, or an interaction, adds to a treatment, on the analysis scale."""

    term: str  # 'A', or 'A*B'
    estimate: float  # nan where studies cannot tell it from that of others
    se: float
    statistic: float
    p_value: float  # two-sided
    ci_lower: float
    ci_upper: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComponentFit:
    """Effects of components, and of every treatment made of them."""

    evidence: NetworkEvidence = field(repr=False)
    design: ComponentDesign = field(repr=False)
    method: str  # 'REML'; 'EE' is the common-effect model
    level: float  # of all intervals
    treatments: tuple[str, ...]  # T names
    reference: int  # its place in them
    k: int  # studies
    terms: tuple[TermEffect, ...] = field(repr=False)  # c of them, components first
    # (T,), treatment − reference, analysis scale; nan where neither studies nor components join the two
    effects: Floats = field(repr=False)
    covariance: Floats = field(repr=False)  # (T, T), of the effects against the reference
    comparable: tuple[tuple[int, ...], ...]  # sets of treatments that can be compared with each other
    tau2: float  # between-study variance of every comparison, squared analysis scale
    tau2_estimable: bool  # False: no degrees of freedom are left, and tau2 is 0 for want of them
    q: QPart  # of the additive model, with inverse sampling variances
    network_q: QPart  # of the network without the assumption
    additivity: QPart  # their difference: whether effects add up; nan with no degrees of freedom
    i2: float  # percent, from Q; nan with no degrees of freedom
    i2_lower: float
    i2_upper: float
    coefficients: Floats = field(repr=False)  # (c,), the shortest that fit: only contrasts that are estimable mean much
    # (c, r): a contrast l of estimable terms has standard error |l · root|
    root: Floats = field(repr=False)
    directions: Floats = field(repr=False)  # (c, r), orthonormal: what studies tell of the terms
    notices: tuple[str, ...] = field(repr=False)  # of the evidence, and of what this model assumes or could not do

    @property
    def tau(self) -> float:
        """Between-study standard deviation, analysis scale."""
        return math.sqrt(self.tau2)

    @property
    def se(self) -> Floats:
        """Standard errors of the effects, (T,)."""
        return np.sqrt(np.diagonal(self.covariance))

    @property
    def ci_lower(self) -> Floats:
        """Lower confidence limits of the effects, (T,)."""
        return self.effects - quantile(self.level, None) * self.se

    @property
    def ci_upper(self) -> Floats:
        """Upper confidence limits of the effects, (T,)."""
        return self.effects + quantile(self.level, None) * self.se

    def contrast(self, treatment: str, against: str | None = None) -> NetworkContrast:
        """Effect of `treatment` less `against`, which is the reference if not given.

        Either may be any combination of components, as 'A+C', whether or not a study has it; against the inactive
        component it is the whole effect. Prediction intervals are by t with the degrees of freedom of Q.

        Raises
        ------
        ValueError
            Where no study has one of the components.
        """
        against = self.treatments[self.reference] if against is None else against
        difference = self.design.row(treatment) - self.design.row(against)
        estimate, se = _estimated(difference, self.coefficients, self.root, self.directions)
        one = wald(np.array(estimate), np.array(se), None, self.level)
        ahead = quantile(self.level, float(self.q.df)) * math.sqrt(se**2 + self.tau2) if se > 0 else math.nan
        return NetworkContrast(
            treatment=treatment,
            against=against,
            estimate=estimate,
            se=se,
            statistic=float(one.statistic),
            p_value=float(one.p_value),
            ci_lower=float(one.ci_lower),
            ci_upper=float(one.ci_upper),
            pi_lower=estimate - ahead,
            pi_upper=estimate + ahead,
        )

    def league(self) -> League:
        """Every treatment less every other; nan where two cannot be compared, 0 for two of the same components."""
        # By what they are made of, as the digits of two equal variances do not cancel to 0.
        distinct, place = np.unique(self.design.matrix, axis=0, return_inverse=True)
        reached = distinct @ self.root
        square = league_of(self.treatments, distinct @ self.coefficients, reached @ reached.T, self.level)
        group = np.empty(len(self.treatments), dtype=np.intp)
        for i, members in enumerate(self.comparable):
            group[list(members)] = i
        apart = group[:, None] != group[None, :]
        arrays = [
            np.where(apart, np.nan, values[np.ix_(place, place)])
            for values in (square.estimate, square.se, square.ci_lower, square.ci_upper)
        ]
        return League(
            treatments=self.treatments,
            level=self.level,
            estimate=arrays[0],
            se=arrays[1],
            ci_lower=arrays[2],
            ci_upper=arrays[3],
        )

    def p_scores(self, *, small_values_good: bool) -> Floats:
        """How sure one may be that a treatment is better, on average over the others, (T,); see `p_scores`.

        Treatments of the same components are one.
        """
        _, first, place = np.unique(self.design.matrix, axis=0, return_index=True, return_inverse=True)
        scores = p_scores(
            self.effects[first], self.covariance[np.ix_(first, first)], small_values_good=small_values_good
        )
        return scores[place]

    def tau2_interval(self) -> Bounds:
        """Q-profile interval of the between-study variance; nan where no degrees of freedom are left."""
        if not self.tau2_estimable:
            return Bounds(math.nan, math.nan)
        return q_profile(_rows(NetworkModel.of(self.evidence), self.design.matrix @ self.directions), self.level)


def fit_components(
    evidence: NetworkEvidence,
    *,
    inactive: str | None = None,
    separator: str = "+",
    interactions: Iterable[Sequence[str]] = (),
    composition: Mapping[str, str] | None = None,
    method: str = "REML",
    level: float = 0.95,
    tau2: float | None = None,
) -> ComponentFit:
    """Fit all comparisons of a network as differences of sums of components, with one between-study variance.

    Parameters
    ----------
    evidence : NetworkEvidence
        Also of several pieces that no study joins: a component that is in two of them joins them.
    inactive, separator, interactions, composition
        What treatments are made of; see `component_design`.
    method : str
        A name in `NETWORK_METHODS`: 'REML', 'ML', 'DL', 'PM', or 'EE' for equal effects (the common-effect model).
    level : float
        Of all intervals.
    tau2 : float, optional
        A between-study variance taken as known.

    Returns
    -------
    ComponentFit
        `additivity` tests the sum against the network that assumes none, by Q with inverse sampling variances.

    Raises
    ------
    ValueError
        For a method, level or variance there is not, for components that cannot be (see `component_design`), and where
        no study compares treatments of different components.

    References
    ----------
    Welton, Caldwell, Adamopoulos & Vedhara (2009). Am. J. Epidemiol. 169, 1158-1165; Rücker, Petropoulou & Schwarzer
    (2020). Biom. J. 62, 808-821; Rücker, Schmitz & Schwarzer (2021). BMC Med. Res. Methodol. 21, 168 (pieces).
    """
    if method not in NETWORK_METHODS:
        raise ValueError(f"method '{method}': there are {', '.join(NETWORK_METHODS)}")
    check_level(level)
    if tau2 is not None and not (math.isfinite(tau2) and tau2 >= 0):
        raise ValueError(f"tau2 = {tau2}: a between-study variance is finite and not below 0")
    design = component_design(
        evidence.treatments,
        inactive=inactive,
        separator=separator,
        interactions=interactions,
        composition=composition,
    )
    directions = _directions(evidence, design)
    if not directions.shape[1]:
        raise ValueError(
            "no study compares treatments of different components: nothing can be said of any; look into the names, "
            "`separator` and `inactive`"
        )
    network = NetworkModel.of(evidence)
    model = _rows(network, design.matrix @ directions)
    estimable = model.df > 0
    notices = [*evidence.notices, *_assumed(evidence, design)]
    if tau2 is None:
        tau2 = float(NETWORK_METHODS[method](model)) if estimable else 0.0
        if not estimable and method != "EE":
            notices.append(
                "no more rows than effects of components: how much studies differ cannot be estimated, and the "
                "between-study variance is taken as 0"
            )
    fit = model.at(tau2)
    coefficients = directions @ model.beta(fit)
    root = directions @ model.inverse_root(fit)
    terms = tuple(
        _term(name, unit, coefficients, root, directions, level)
        for name, unit in zip(design.terms, np.eye(len(design.terms)), strict=True)
    )
    comparable = _comparable(design.matrix, directions)
    effects, covariance = _against(design.matrix, evidence.reference, comparable, coefficients, root)
    additive, free = q_part(model.at(0.0).q, model.df), q_part(network.at(0.0).q, network.df)
    df = additive.df - free.df
    h, h_lower, h_upper = h_of_q(additive.q, additive.df, level)
    return ComponentFit(
        evidence=evidence,
        design=design,
        method=method,
        level=level,
        treatments=evidence.treatments,
        reference=evidence.reference,
        k=len(evidence.studies),
        terms=terms,
        effects=effects,
        covariance=covariance,
        comparable=comparable,
        tau2=tau2,
        tau2_estimable=estimable,
        q=additive,
        network_q=free,
        # The sum is a special case of the network: the difference is not below 0, though rounding may be.
        additivity=q_part(max(0.0, additive.q - free.q) if df > 0 else 0.0, df),
        i2=_i2(h),
        i2_lower=_i2(h_lower),
        i2_upper=_i2(h_upper),
        coefficients=coefficients,
        root=root,
        directions=directions,
        notices=(*notices, *_left_open(terms, design), *_apart(evidence, comparable)),
    )


def _i2(h: float) -> float:
    return 100.0 * (1.0 - 1.0 / h**2)


def _directions(evidence: NetworkEvidence, design: ComponentDesign) -> Floats:
    """Orthonormal basis, (c, r), of the differences of terms that studies compare."""
    pairs = np.array(sorted({(one.treatments[0], other) for one in evidence.studies for other in one.treatments[1:]}))
    compared = np.unique(design.matrix[pairs[:, 1]] - design.matrix[pairs[:, 0]], axis=0)
    if not compared.size:
        return np.zeros((len(design.terms), 0))
    _, size, across = np.linalg.svd(compared, full_matrices=False)
    basis: Floats = across[size > _OPEN * max(1.0, float(size[0]))].T
    return basis


def _rows(network: NetworkModel, terms: Floats) -> NormalModel:
    """The network's rows as a regression on X · terms, (m, r)."""
    design = np.column_stack([network.fitted(column) for column in terms.T])
    return NormalModel.of(network.yi, network.vi, design)


def _estimated(contrast: Floats, coefficients: Floats, root: Floats, directions: Floats) -> tuple[float, float]:
    """Estimate and standard error of a contrast of terms, (c,); nan where studies leave it open."""
    if np.abs(contrast - directions @ (directions.T @ contrast)).max(initial=0.0) > _OPEN:
        return math.nan, math.nan
    return float(contrast @ coefficients), float(np.linalg.norm(contrast @ root))


def _term(name: str, unit: Floats, coefficients: Floats, root: Floats, directions: Floats, level: float) -> TermEffect:
    estimate, se = _estimated(unit, coefficients, root, directions)
    one = wald(np.array(estimate), np.array(se), None, level)
    return TermEffect(
        term=name,
        estimate=estimate,
        se=se,
        statistic=float(one.statistic),
        p_value=float(one.p_value),
        ci_lower=float(one.ci_lower),
        ci_upper=float(one.ci_upper),
    )


def _comparable(matrix: Floats, directions: Floats) -> tuple[tuple[int, ...], ...]:
    """Treatments that differ by nothing that studies leave open, the largest set first."""
    left = matrix - (matrix @ directions) @ directions.T
    waiting = np.arange(matrix.shape[0])
    groups = []
    while waiting.size:
        together = np.abs(left[waiting] - left[waiting[0]]).max(axis=1, initial=0.0) <= _OPEN
        groups.append(tuple(int(t) for t in waiting[together]))
        waiting = waiting[~together]
    return tuple(sorted(groups, key=lambda group: (-len(group), group)))


def _against(
    matrix: Floats, reference: int, comparable: Sequence[Sequence[int]], coefficients: Floats, root: Floats
) -> tuple[Floats, Floats]:
    """Effects (T,) and covariance (T, T) against the reference; nan for what cannot be compared with it."""
    difference = matrix - matrix[reference]
    reached = difference @ root
    effects, covariance = difference @ coefficients, reached @ reached.T
    apart = np.ones(matrix.shape[0], dtype=bool)
    apart[list(next(group for group in comparable if reference in group))] = False
    effects[apart] = np.nan
    covariance[apart, :] = covariance[:, apart] = np.nan
    return effects, covariance


def _assumed(evidence: NetworkEvidence, design: ComponentDesign) -> list[str]:
    """Treatments that the model cannot tell apart."""
    same: dict[bytes, list[str]] = {}
    for name, row in zip(evidence.treatments, design.matrix, strict=True):
        same.setdefault(row.tobytes(), []).append(name)
    return [
        f"{_list(names)} are made of the same active components: they are taken to have the same effect"
        for names in same.values()
        if len(names) > 1
    ]


def _left_open(terms: Sequence[TermEffect], design: ComponentDesign) -> list[str]:
    """Terms without an effect of their own, and why."""
    lost = [one.term for one in terms if math.isnan(one.estimate)]
    if not lost:
        return []
    mend = "" if design.inactive is not None else "; to name what does nothing as `inactive` may set them apart"
    return [
        f"studies cannot tell by itself the effect of {_list(lost)}: what always goes together, or is in every arm of "
        f"its studies, cannot be told apart{mend}"
    ]


def _apart(evidence: NetworkEvidence, comparable: Sequence[Sequence[int]]) -> list[str]:
    """What became of the pieces of the network."""
    if len(comparable) == 1 and evidence.is_connected:
        return []
    if len(comparable) == 1:
        return [
            f"here the {len(evidence.components)} pieces of the evidence are joined after all, by the components they "
            f"share: effects between pieces stand on the assumption that effects add up, which no study tests there"
        ]
    said = " | ".join(_list([evidence.treatments[t] for t in group]) for group in comparable[:_SHOWN])
    more = f" and {len(comparable) - _SHOWN} more" if len(comparable) > _SHOWN else ""
    return [f"components do not join all treatments; those that can be compared with each other: {said}{more}"]


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")

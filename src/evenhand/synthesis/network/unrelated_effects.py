"""The model without consistency: each comparison has an effect of its own, all one between-study variance.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass, field

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.network.evidence import NetworkEvidence, NetworkStudy
from evenhand.synthesis.network.network_fit import NETWORK_METHODS, NetworkFit
from evenhand.synthesis.network.network_kernel import NetworkModel, Places, WeightedNetwork
from evenhand.synthesis.wald import wald


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnrelatedEffects:
    """The c comparisons of a study's arms with its first, each with its own mean; beside the consistency model.

    Where the model without consistency fits better, its variance between studies is smaller or single studies lie far
    nearer their means: there is evidence that direct and indirect estimates disagree.
    """

    treatments: tuple[str, ...]
    method: str
    first: Places = field(repr=False)  # (c,), places; effects are those of `second` less `first`
    second: Places = field(repr=False)
    k: Places = field(repr=False)  # (c,), studies
    estimate: Floats = field(repr=False)  # (c,), analysis scale
    se: Floats = field(repr=False)
    ci_lower: Floats = field(repr=False)
    ci_upper: Floats = field(repr=False)
    network: Floats = field(repr=False)  # (c,), what the consistency model says of the same
    network_se: Floats = field(repr=False)
    tau2: float  # between-study variance
    tau2_estimable: bool  # False: every comparison has one study, and tau2 is 0 for want of others
    network_tau2: float
    q: float  # weighted sum of squared residuals with inverse sampling variances
    df: int
    network_q: float
    network_df: int
    study_q: Floats = field(repr=False)  # (k,), each study's part of the residual deviance, tau2 in the weights
    network_study_q: Floats = field(repr=False)  # (k,), in the consistency model


def unrelated_effects(fit: NetworkFit) -> UnrelatedEffects:
    """Fit unrelated mean effects to the evidence of a fit, by its method.

    A study of several arms informs the effects of its other arms against its first, by the treatments' order, and not
    those between the others: a choice, as in NICE's documents, that results depend on where there are such studies.

    References
    ----------
    Dias, Welton, Sutton, Caldwell, Lu & Ades (2013). Med. Decis. Making 33, 641-656; NICE DSU Technical Support
    Document 4, §2.
    """
    evidence = fit.evidence
    studies, components, pairs = _star_apart(evidence)
    model = NetworkModel.of_studies(studies, components)
    estimable = model.df > 0
    tau2 = float(NETWORK_METHODS[fit.method](model)) if estimable else 0.0
    own = model.at(tau2)
    first, second, node, base = (np.array(column, dtype=np.intp) for column in zip(*pairs, strict=True))
    covariance = own.covariance()
    estimate = own.beta[node] - own.beta[base]
    se = np.sqrt(covariance[node, node] + covariance[base, base] - 2 * covariance[node, base])
    interval = wald(estimate, se, None, fit.level)
    v = fit.basis_covariance
    counted = {(int(i), int(j)): 0 for i, j in zip(first, second, strict=True)}
    for one in evidence.studies:
        for other in one.treatments[1:]:
            counted[one.treatments[0], other] += 1
    return UnrelatedEffects(
        treatments=fit.treatments,
        method=fit.method,
        first=first,
        second=second,
        k=np.array(list(counted.values()), dtype=np.intp),
        estimate=estimate,
        se=se,
        ci_lower=interval.ci_lower,
        ci_upper=interval.ci_upper,
        network=fit.basis[second] - fit.basis[first],
        network_se=np.sqrt(v[first, first] + v[second, second] - 2 * v[first, second]),
        tau2=tau2,
        tau2_estimable=estimable,
        network_tau2=fit.tau2,
        q=model.at(0.0).q if estimable else 0.0,
        df=model.df,
        network_q=fit.q,
        network_df=fit.df,
        study_q=_by_study(own, len(studies)),
        network_study_q=_by_study(NetworkModel.of(evidence).at(fit.tau2), len(studies)),
    )


def _star_apart(
    evidence: NetworkEvidence,
) -> tuple[list[NetworkStudy], list[tuple[int, ...]], list[tuple[int, int, int, int]]]:
    """Each first arm a star by itself whose points are no other star's: a network in which all is consistent.

    Studies on those nodes, the stars, and (first, second, node, node of the star's middle) of each comparison.
    """
    compared = sorted({(one.treatments[0], other) for one in evidence.studies for other in one.treatments[1:]})
    node, stars = dict[tuple[int, int], int](), dict[int, list[int]]()
    size = 0
    for first, second in compared:
        if first not in stars:
            stars[first] = [size]
            size += 1
        node[first, second] = size
        stars[first].append(size)
        size += 1
    studies = [
        NetworkStudy(
            label=one.label,
            treatments=(stars[one.treatments[0]][0], *(node[one.treatments[0], other] for other in one.treatments[1:])),
            yi=one.yi,
            v=one.v,
        )
        for one in evidence.studies
    ]
    return studies, [tuple(star) for star in stars.values()], [(i, j, node[i, j], stars[i][0]) for i, j in compared]


def _by_study(fit: WeightedNetwork, count: int) -> Floats:
    return np.asarray(np.bincount(fit.model.study, fit.wi * fit.residual**2, minlength=count), dtype=np.float64)

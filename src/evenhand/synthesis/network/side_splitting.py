"""Direct against indirect evidence for every comparison, all from one fit of the network.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Floats
from evenhand.synthesis.network.evidence import NetworkStudy
from evenhand.synthesis.network.left_out_rows import left_out_contrast, pieces_without
from evenhand.synthesis.network.network_fit import NETWORK_METHODS, NetworkFit
from evenhand.synthesis.network.network_kernel import NetworkModel
from evenhand.synthesis.network.pooled_designs import pooled_designs
from evenhand.synthesis.wald import wald

_ALL_DIRECT = 1e-9  # share of information that is not direct, below which it is rounding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideSplitting:
    """The c comparisons that studies make, each from its own studies, from all others, and from all.

    Effects are those of `first` less `second` on the analysis scale. nan for what there is no evidence of: the indirect
    effect, and its difference, where nothing but the direct studies joins the two.
    """

    method: str  # 'SIDE' or 'SIDDE'
    treatments: tuple[str, ...]
    tau2: float  # taken as known, of the whole network
    first: NDArray[np.intp] = field(repr=False)  # (c,), places of treatments, first < second
    second: NDArray[np.intp] = field(repr=False)
    k: NDArray[np.intp] = field(repr=False)  # (c,), studies with both
    network: Floats = field(repr=False)  # (c,)
    network_se: Floats = field(repr=False)
    direct: Floats = field(repr=False)
    direct_se: Floats = field(repr=False)
    direct_share: Floats = field(repr=False)  # of the information in the network estimate, 0 to 1
    indirect: Floats = field(repr=False)
    indirect_se: Floats = field(repr=False)
    difference: Floats = field(repr=False)  # direct less indirect
    difference_se: Floats = field(repr=False)
    statistic: Floats = field(repr=False)
    p_value: Floats = field(repr=False)  # two-sided
    ci_lower: Floats = field(repr=False)  # of the difference
    ci_upper: Floats = field(repr=False)


def side_splitting(fit: NetworkFit, *, method: str = "SIDE", refit_tau2: bool = True) -> SideSplitting:
    """Split every comparison with direct evidence.

    Parameters
    ----------
    fit : NetworkFit
        Its between-study variance is taken for the direct estimates, and for SIDE; a fit by 'EE' has none.
    method : str
        'SIDE': the indirect estimate is calculated back from the network's and the direct one, which it is independent
        of where all studies have two arms (Bucher et al. 1997; Dias et al. 2010, Statist. Med. 29, 932-944, §2;
        König, Krahn & Binder 2013, Statist. Med. 32, 5414-5429).
        'SIDDE': the indirect estimate is that of the network without any study that has both treatments, also without
        its other arms (Efthimiou et al. 2019, Statist. Med. 38, 2992-3012, §3).
    refit_tau2 : bool
        For SIDDE, whether the remaining studies' own between-study variance is estimated, by the fit's method, as in
        netmeta, or that of the whole network kept.

    Returns
    -------
    SideSplitting

    Raises
    ------
    ValueError
        For a method there is not.
    """
    if method not in ("SIDE", "SIDDE"):
        raise ValueError(f"method '{method}': there are SIDE, SIDDE")
    own = fit.direct()
    a, b, v = own.first, own.second, fit.basis_covariance
    network = fit.basis[a] - fit.basis[b]
    variance = v[a, a] + v[b, b] - 2 * v[a, b]
    share = np.minimum(variance / own.se**2, 1.0)
    if method == "SIDE":
        with np.errstate(divide="ignore", invalid="ignore"):
            rest = np.where(1.0 - share > _ALL_DIRECT, 1.0 - share, np.nan)
            indirect = (network - share * own.estimate) / rest
            indirect_variance = variance / rest
    else:
        refit = refit_tau2 and fit.method != "EE"
        indirect, indirect_variance = (_refitted if refit else _at_one_variance)(fit, a, b)
    # Independent, as far as SIDE goes, so that the variances add up.
    difference = own.estimate - indirect
    difference_se = np.sqrt(own.se**2 + indirect_variance)
    test = wald(difference, difference_se, None, fit.level)
    return SideSplitting(
        method=method,
        treatments=fit.treatments,
        tau2=fit.tau2,
        first=a,
        second=b,
        k=own.k,
        network=network,
        network_se=np.sqrt(variance),
        direct=own.estimate,
        direct_se=own.se,
        direct_share=share,
        indirect=indirect,
        indirect_se=np.sqrt(indirect_variance),
        difference=difference,
        difference_se=difference_se,
        statistic=test.statistic,
        p_value=test.p_value,
        ci_lower=test.ci_lower,
        ci_upper=test.ci_upper,
    )


def _at_one_variance(fit: NetworkFit, first: NDArray[np.intp], second: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Effect and variance of each pair without any design that has both of it."""
    designs = pooled_designs(fit.evidence, fit.tau2)
    having = _places_of_pairs(designs.studies)
    estimate, variance = np.empty(first.size), np.empty(first.size)
    for c, pair in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        estimate[c], variance[c] = left_out_contrast(designs, having[pair], *pair)
    return estimate, variance


def _refitted(fit: NetworkFit, first: NDArray[np.intp], second: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """The same with the between-study variance of the studies that are left."""
    evidence = fit.evidence
    having = _places_of_pairs(evidence.studies)
    estimate, variance = np.full(first.size, np.nan), np.full(first.size, np.nan)
    for c, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        left = pieces_without(having[i, j], evidence.studies, evidence.components)
        if any(i in piece and j in piece for piece in left):
            gone = set(having[i, j])
            rest = [one for at, one in enumerate(evidence.studies) if at not in gone]
            model = NetworkModel.of_studies(rest, left)
            own = model.at(float(NETWORK_METHODS[fit.method](model)) if model.df > 0 else 0.0)
            v = own.covariance()
            estimate[c], variance[c] = own.beta[i] - own.beta[j], v[i, i] + v[j, j] - 2 * v[i, j]
    return estimate, variance


def _places_of_pairs(studies: Sequence[NetworkStudy]) -> dict[tuple[int, int], list[int]]:
    """Which studies have both of each pair of treatments."""
    having: dict[tuple[int, int], list[int]] = {}
    for at, one in enumerate(studies):
        for pair in combinations(one.treatments, 2):
            having.setdefault(pair, []).append(at)
    return having

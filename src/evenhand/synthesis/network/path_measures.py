"""How direct, how many ways round and how broad the evidence for each network estimate is.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.network.comparison_rows import study_laplacian
from evenhand.synthesis.network.direct_weights import Pairs, chosen_pairs, pieces_of
from evenhand.synthesis.network.evidence import NetworkStudy
from evenhand.synthesis.network.network_fit import NetworkFit
from evenhand.synthesis.network.pooled_designs import pooled_designs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathMeasures:
    """Measures of r network estimates; nan for two treatments that no chain of studies joins."""

    treatments: tuple[str, ...]
    pairs: Pairs = field(repr=False)  # (r, 2), places of the treatments
    direct_share: Floats = field(repr=False)  # (r,), of the information, 0 to 1
    mean_path: Floats = field(repr=False)  # (r,), direct estimates in a row, on average; 1 where all is direct
    parallel_designs: Floats = field(repr=False)  # (r,), one over the largest flow through a design; 1 for a bottleneck
    parallel_studies: Floats = field(repr=False)  # (r,), through a study


def path_measures(fit: NetworkFit, *, comparisons: Sequence[tuple[str, str]] | None = None) -> PathMeasures:
    """Direct evidence proportion, mean path length and minimal parallelism.

    The flow through a design of several arms is half the sum of the currents in and out at its arms, whichever arm its
    effects are given against.

    Parameters
    ----------
    fit : NetworkFit
        Its between-study variance counts; a fit by 'EE' has none.
    comparisons : sequence of (str, str), optional
        Which estimates; all T (T − 1) / 2 if not given.

    Raises
    ------
    ValueError
        For a treatment that no study has.

    References
    ----------
    König, Krahn & Binder (2013). Statist. Med. 32, 5414-5429, §3.4.
    """
    pairs = chosen_pairs(fit.evidence, comparisons)
    piece = pieces_of(fit.evidence)
    apart = piece[pairs[:, 0]] != piece[pairs[:, 1]]
    along = fit.basis_covariance[pairs[:, 0]] - fit.basis_covariance[pairs[:, 1]]
    total, largest = _flows(pooled_designs(fit.evidence, fit.tau2).studies, 0.0, along)
    _, largest_of_study = _flows(fit.evidence.studies, fit.tau2, along)
    share = _direct_share(fit, pairs, along)
    for measure in (share, total, largest, largest_of_study):
        measure[apart] = np.nan
    return PathMeasures(
        treatments=fit.treatments,
        pairs=pairs,
        direct_share=share,
        mean_path=total,
        parallel_designs=1.0 / largest,
        parallel_studies=1.0 / largest_of_study,
    )


def _flows(studies: Sequence[NetworkStudy], tau2: float, along: Floats) -> tuple[Floats, Floats]:
    """Sum and largest of the flows through each study, (r,) each, of potentials (r, T)."""
    total, largest = np.zeros(along.shape[0]), np.zeros(along.shape[0])
    for one in studies:
        through = 0.5 * np.abs(along[:, list(one.treatments)] @ study_laplacian(one, tau2)).sum(axis=1)
        total += through
        largest = np.maximum(largest, through)
    return total, largest


def _direct_share(fit: NetworkFit, pairs: Pairs, along: Floats) -> Floats:
    direct, size = fit.direct(), len(fit.treatments)
    variance = np.full((size, size), np.inf)
    variance[direct.first, direct.second] = variance[direct.second, direct.first] = direct.se**2
    rows = np.arange(pairs.shape[0])
    network = along[rows, pairs[:, 0]] - along[rows, pairs[:, 1]]
    share: Floats = np.minimum(network / variance[pairs[:, 0], pairs[:, 1]], 1.0)
    return share

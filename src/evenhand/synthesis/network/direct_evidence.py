"""Each comparison from the studies that make it themselves, pooled by itself.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Floats
from evenhand.synthesis.network.evidence import NetworkEvidence


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DirectEvidence:
    """The c comparisons of which there are studies; effects are those of `first` less `second`."""

    treatments: tuple[str, ...]
    tau2: float  # taken as known
    first: NDArray[np.intp] = field(repr=False)  # (c,), places of treatments, first < second, in rising order
    second: NDArray[np.intp] = field(repr=False)
    k: NDArray[np.intp] = field(repr=False)  # (c,), studies
    estimate: Floats = field(repr=False)  # (c,), analysis scale
    se: Floats = field(repr=False)


def direct_evidence(evidence: NetworkEvidence, tau2: float) -> DirectEvidence:
    """Inverse-variance means of each comparison's studies, with the between-study variance of the whole network.

    A study of several arms counts in each of its comparisons with the variance of that comparison alone.
    """
    size = len(evidence.treatments)
    pairs = [pair for one in evidence.studies for pair in one.pairs()]
    cell = np.array([size * i + j for i, j, _, _ in pairs])
    yi = np.array([pair[2] for pair in pairs])
    wi = 1.0 / (np.array([pair[3] for pair in pairs]) + tau2)
    cells, at = np.unique(cell, return_inverse=True)
    total = np.bincount(at, wi)
    return DirectEvidence(
        treatments=evidence.treatments,
        tau2=tau2,
        first=cells // size,
        second=cells % size,
        k=np.bincount(at),
        estimate=np.bincount(at, wi * yi) / total,
        se=1.0 / np.sqrt(total),
    )

"""Pieces of a network that no study joins, and which single comparison would join them best.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.network.network_fit import NetworkFit


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningComparison:
    """The comparison that a study would have to make to join two pieces of a network."""

    first_piece: tuple[str, ...]
    second_piece: tuple[str, ...]
    first: str  # the treatment of the first piece to compare
    second: str  # with this one of the second
    # What the network would add, on average over the effects between the two pieces, to the study's own sampling
    # variance: squared analysis scale; 0 for two pieces of one treatment each.
    added_variance: float


def joining_comparisons(fit: NetworkFit) -> tuple[JoiningComparison, ...]:
    """For every two pieces the comparison that would join them with the most precise effects between them.

    An effect of a treatment of one piece against one of the other runs within each piece to the arms of the joining
    study. Its variance is the study's own and those of the two ways, so that the best arms are those of which the rest
    of their piece is known best on average, whatever the study's size.

    Returns
    -------
    tuple of JoiningComparison
        The best first; none where the network is one piece. Of P pieces P − 1 such studies join all.
    """
    pieces = fit.evidence.components
    centres = [_centre(fit.basis_covariance[np.ix_(piece, piece)]) for piece in pieces]
    names = [tuple(fit.treatments[t] for t in piece) for piece in pieces]
    joins = [
        JoiningComparison(
            first_piece=names[i],
            second_piece=names[j],
            first=names[i][centres[i][0]],
            second=names[j][centres[j][0]],
            added_variance=centres[i][1] + centres[j][1],
        )
        for i, j in combinations(range(len(pieces)), 2)
    ]
    return tuple(sorted(joins, key=lambda join: join.added_variance))


def _centre(covariance: Floats) -> tuple[int, float]:
    """The treatment of which the others are known best, and the mean variance of the effects against it, itself too."""
    variance = np.diagonal(covariance)[:, None] + np.diagonal(covariance)[None, :] - 2 * covariance
    mean = variance.mean(axis=0)
    at = int(np.argmin(mean))
    return at, max(0.0, float(mean[at]))

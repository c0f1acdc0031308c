"""Each study's likelihood with two random effects integrated out, for many parameter values at once.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

An arm's counts have natural parameters η = base + first z₁ + second z₂ with standard normal z. The log integrand is
concave with curvature at least 1, so that Newton's method with halved steps always finds its peak.
"""

from collections.abc import Sequence

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.counts.study_integrals import Counts, hermite

_MOST_STEPS = 100
_MOST_NUMBERS = 4_000_000  # of one intermediate array


def log_double_integrals(
    counts: Sequence[Counts],
    bases: Sequence[Floats],
    first: Sequence[Floats],
    second: Sequence[Floats],
    nodes: int,
) -> Floats:
    """Log of ∫∫ Π p(x | base + first z₁ + second z₂) φ(z₁) φ(z₂) dz₁ dz₂ for every study; shape (m, k).

    Parameters
    ----------
    counts : sequence of Counts
        One an arm.
    bases, first, second : sequence of ndarray, shape (m, k)
        One an arm.
    nodes : int
        Of adaptive Gauss–Hermite quadrature in each dimension, about the peak and along the curvature's own axes; 1 is
        Laplace's approximation.
    """
    rows = max(1, _MOST_NUMBERS // (bases[0].shape[-1] * nodes**2))
    parts = []
    for start in range(0, bases[0].shape[0], rows):
        chunk = slice(start, start + rows)
        base, one, two = ([array[chunk, :, None] for array in arrays] for arrays in (bases, first, second))
        parts.append(_integrals(counts, base, one, two, nodes))
    return np.concatenate(parts)


def _integrals(
    counts: Sequence[Counts], bases: list[Floats], first: list[Floats], second: list[Floats], nodes: int
) -> Floats:
    z1, z2, top = _peak(counts, bases, first, second)
    _, _, h11, h12, h22 = _derivatives(counts, bases, first, second, z1, z2)
    # H = L L'; z = peak + L'⁻¹ x has the curvature's own spread.
    l11 = np.sqrt(h11)
    l21 = h12 / l11
    l22 = np.sqrt(h22 - l21**2)
    x, log_weights = hermite(nodes)
    x1, x2 = (axis.ravel() for axis in np.meshgrid(x, x, indexing="ij"))
    of_both = (log_weights[:, None] + log_weights[None, :]).ravel()
    away2 = x2 / l22
    away1 = (x1 - l21 * away2) / l11
    logs = _log_integrand(counts, bases, first, second, z1 + away1, z2 + away2) + of_both
    sums = np.log(np.exp(logs - top).sum(axis=-1))
    total: Floats = sums + (top - np.log(l11 * l22))[..., 0] - np.log(2 * np.pi)
    return total


def _log_integrand(
    counts: Sequence[Counts],
    bases: Sequence[Floats],
    first: Sequence[Floats],
    second: Sequence[Floats],
    z1: Floats,
    z2: Floats,
) -> Floats:
    total: Floats = -0.5 * (z1 * z1 + z2 * z2)
    for count, base, one, two in zip(counts, bases, first, second, strict=True):
        total = total + count.log(base + one * z1 + two * z2)
    return total


def _derivatives(
    counts: Sequence[Counts],
    bases: Sequence[Floats],
    first: Sequence[Floats],
    second: Sequence[Floats],
    z1: Floats,
    z2: Floats,
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Gradient, and the three second derivatives with their signs turned."""
    g1, g2 = -z1, -z2
    h11, h12, h22 = np.ones_like(z1), np.zeros_like(z1), np.ones_like(z1)
    for count, base, one, two in zip(counts, bases, first, second, strict=True):
        up, down = count.slopes(base + one * z1 + two * z2)
        g1, g2 = g1 + one * up, g2 + two * up
        h11, h12, h22 = h11 + one**2 * down, h12 + one * two * down, h22 + two**2 * down
    return g1, g2, h11, h12, h22


def _peak(
    counts: Sequence[Counts], bases: Sequence[Floats], first: Sequence[Floats], second: Sequence[Floats]
) -> tuple[Floats, Floats, Floats]:
    z1, z2 = np.zeros_like(bases[0]), np.zeros_like(bases[0])
    value = _log_integrand(counts, bases, first, second, z1, z2)
    for _ in range(_MOST_STEPS):
        g1, g2, h11, h12, h22 = _derivatives(counts, bases, first, second, z1, z2)
        determinant = h11 * h22 - h12**2
        step1, step2 = (h22 * g1 - h12 * g2) / determinant, (h11 * g2 - h12 * g1) / determinant
        cut = np.ones_like(z1)
        for _ in range(40):
            tried = _log_integrand(counts, bases, first, second, z1 + cut * step1, z2 + cut * step2)
            # Rounding alone may make the last, tiny steps look like losses.
            worse = tried < value - 1e-12 * (1 + np.abs(value))
            if not worse.any():
                break
            cut = np.where(worse, 0.5 * cut, cut)
        z1, z2 = z1 + cut * step1, z2 + cut * step2
        value = tried
        if max(np.abs(cut * step1).max(initial=0.0), np.abs(cut * step2).max(initial=0.0)) < 1e-10:
            break
    return z1, z2, value

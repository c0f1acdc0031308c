"""Each study's likelihood with its random effect integrated out, for many parameter values at once.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

A study's counts have natural parameters η = base + slope · z with z standard normal. The log integrand over z is
concave, so its peak is bracketed from the start: its slope falls by at least 1 a unit of z.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.counts.log_partition import LogPartition

_DROP = 40.0  # natural log below the peak, beyond which an integrand is left out
_MOST_STEPS = 200
_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """One count a study, with its distribution."""

    x: Floats  # (k,); 0 where the partition counts from x itself
    partition: LogPartition
    constant: Floats  # (k,): log of what does not depend on η

    def log(self, eta: Floats) -> Floats:
        """Log probability of the counts, `eta` of shape (..., k, q)."""
        logs: Floats = self.constant[:, None] + self.x[:, None] * eta - self.partition.value(eta)
        return logs

    def slopes(self, eta: Floats) -> tuple[Floats, Floats]:
        """First derivative of the log, and minus its second."""
        mean, variance = self.partition.moments(eta)
        return self.x[:, None] - mean, variance


def log_integrals(counts: Sequence[Counts], bases: Sequence[Floats], slopes: Sequence[Floats], nodes: int) -> Floats:
    """Log of ∫ Π p(x | base + slope z) φ(z) dz for every study; shape (m, k).

    Parameters
    ----------
    counts : sequence of Counts
        The study's counts: one, or one an arm.
    bases, slopes : sequence of ndarray, shape (m, k)
        One a count.
    nodes : int
        Above 0: adaptive Gauss–Hermite quadrature with so many nodes, about the peak and scaled by its curvature (1 is
        Laplace's approximation), as Pinheiro & Bates (1995), J. Comput. Graph. Stat. 4, 12-35. Below 0: so many steps
        of the trapezoid rule between the ends of the integrand, which converges exponentially for a smooth integrand
        that has ended.
    """
    bases = [base[..., None] for base in bases]
    slopes = [slope[..., None] for slope in slopes]
    if all(not slope.any() for slope in slopes):
        return _log_integrand(counts, bases, slopes, np.zeros_like(bases[0]))[..., 0]
    peak = _peak(counts, bases, slopes)
    top = _log_integrand(counts, bases, slopes, peak)
    _, curvature = _derivatives(counts, bases, slopes, peak)
    if nodes > 0:
        x, log_weights = hermite(nodes)
        sd = curvature**-0.5
        logs = _log_integrand(counts, bases, slopes, peak + sd * x) + log_weights
        total: Floats = (np.log(np.exp(logs - top).sum(axis=-1)) + (top + np.log(sd))[..., 0]) - _LOG_SQRT_2PI
        return total
    low, high = (_end(counts, bases, slopes, peak, top, curvature, side) for side in (-1.0, 1.0))
    step = (high - low) / -nodes
    places = low + step * np.arange(1, -nodes)
    logs = _log_integrand(counts, bases, slopes, places)
    by_trapezes: Floats = (np.log(np.exp(logs - top).sum(axis=-1)) + (top + np.log(step))[..., 0]) - _LOG_SQRT_2PI
    return by_trapezes


def hermite(nodes: int) -> tuple[Floats, Floats]:
    """Places x, and log of weights with e^(x²/2) taken in, for the weight function e^(−x²/2)."""
    x, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return x, np.log(weights) + 0.5 * x**2


def _log_integrand(counts: Sequence[Counts], bases: Sequence[Floats], slopes: Sequence[Floats], z: Floats) -> Floats:
    """Without the normal's constant; shape (m, k, q)."""
    total: Floats = -0.5 * z * z
    for count, base, slope in zip(counts, bases, slopes, strict=True):
        total = total + count.log(base + slope * z)
    return total


def _derivatives(
    counts: Sequence[Counts], bases: Sequence[Floats], slopes: Sequence[Floats], z: Floats
) -> tuple[Floats, Floats]:
    """First derivative in z, and minus the second, which is at least 1."""
    first, second = -z, np.ones_like(z)
    for count, base, slope in zip(counts, bases, slopes, strict=True):
        up, down = count.slopes(base + slope * z)
        first = first + slope * up
        second = second + slope**2 * down
    return first, second


def _peak(counts: Sequence[Counts], bases: Sequence[Floats], slopes: Sequence[Floats]) -> Floats:
    """Newton's method between bounds; where it leaves them, or does not halve its moves, they are halved instead."""
    z = np.zeros_like(bases[0])
    first, second = _derivatives(counts, bases, slopes, z)
    low, high = np.minimum(first, 0.0), np.maximum(first, 0.0)
    before = np.full_like(z, np.inf)
    for _ in range(_MOST_STEPS):
        move = first / second
        step = z + move
        settled = np.abs(move) <= 1e-13 * (1 + np.abs(z))
        good = ((step > low) & (step < high) & (np.abs(move) < 0.5 * before)) | settled
        following = np.where(settled, z, np.where(good, step, 0.5 * (low + high)))
        before = np.where(good, np.abs(move), np.inf)
        moved = np.abs(following - z).max(initial=0.0)
        z = following
        first, second = _derivatives(counts, bases, slopes, z)
        low, high = np.where(first > 0, z, low), np.where(first < 0, z, high)
        if moved < 1e-11:
            break
    return z


def _end(
    counts: Sequence[Counts],
    bases: Sequence[Floats],
    slopes: Sequence[Floats],
    peak: Floats,
    top: Floats,
    curvature: Floats,
    side: float,
) -> Floats:
    """A place on one side where the integrand has fallen by `_DROP`, but not by half as much again.

    First where a normal with the peak's curvature would have; then by Newton's method from beyond, which stays beyond
    as the log is concave, and halving, as Newton's steps are short on the flank of an exponential.
    """
    outer = peak + side * np.sqrt(2 * _DROP)
    beyond = peak + side * 1.15 * np.sqrt(2 * _DROP / curvature)
    inside = peak
    for _ in range(60):
        fallen = top - _log_integrand(counts, bases, slopes, beyond)
        short, far = fallen < _DROP, fallen > 1.5 * _DROP
        if not (short | far).any():
            break
        inside, outer = np.where(short, beyond, inside), np.where(short, outer, beyond)
        slope, _ = _derivatives(counts, bases, slopes, outer)
        newton = outer + (top - _DROP - _log_integrand(counts, bases, slopes, outer)) / slope
        middle = 0.5 * (inside + outer)
        # The nearer of both to the peak, unless that has turned out to be too near.
        nearer = np.where((newton - middle) * side < 0, newton, middle)
        nearer = np.where((nearer - inside) * side > 0, nearer, middle)
        beyond = np.where(short | far, nearer, beyond)
    return np.where(fallen < _DROP, outer, beyond)

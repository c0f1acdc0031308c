"""A smooth function as a sum of narrow normals, which the heterogeneity between studies can widen exactly.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

What theta_i ~ N(mu, tau²) does to a study's likelihood is a convolution with a normal. Of a sum of normals the
convolution is again one, at every tau including 0: the integral over theta_i needs no quadrature whose nodes would have
to suit a narrow likelihood and a narrow tau at once.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.posterior.study_likelihood import StudyLikelihood

# Sd of each normal in spacings of their grid. Wider, the system for the heights loses digits (its condition is
# exp(π²·1.3²/2) = 4,000); narrower, the sum has ripples (of exp(-2π²·1.3²) = 3e-15).
_SD_IN_SPACINGS = 1.3
_BANDS = 12  # neighbours a normal reaches before it is below 1e-17
_TOLERANCE = 1e-10
_MOST_HALVINGS = 7


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NormalTerms:
    """f(x) = Σ height · exp(−(x − place)² / (2 sd²)), plus a step Φ(side · (x − step_place) / step_sd) if `side`."""

    places: Floats  # (q,)
    heights: Floats  # (q,), of either sign
    sd: float
    side: int = 0
    step_place: float = 0.0
    step_sd: float = 1.0
    error: float = 0.0  # largest seen halfway between places, where it is largest

    def at(self, x: Floats) -> Floats:
        """The sum at `x`, shape (p,)."""
        return sum_of_bells(x, self.places, self.sd**2, self.heights) + self.step(x, 0.0)

    def step(self, x: Floats, tau2: float) -> Floats:
        """The step's share after widening by `tau2`."""
        from scipy.special import ndtr

        if not self.side:
            return np.zeros_like(x)
        widened: Floats = ndtr(self.side * (x - self.step_place) / math.hypot(self.step_sd, math.sqrt(tau2)))
        return widened


def sum_of_bells(x: Floats, places: Floats, variance: float, heights: Floats) -> Floats:
    """Σ height · exp(−(x − place)² / (2 variance)) at each x, shape (p,)."""
    bells = x[:, None] - places
    bells *= bells
    bells *= -0.5 / variance
    np.exp(bells, out=bells)
    # Not a matrix product: for sizes like these its threads cost more than they bring.
    total: Floats = np.einsum("ij,j->i", bells, heights)
    return total


def heights_of(values: Floats) -> Floats:
    """Heights of normals at the places of an even grid that pass through `values`, shape (q,) or (q, columns)."""
    from scipy.linalg import solveh_banded

    bands = min(_BANDS + 1, values.shape[0])
    kernel = np.exp(-0.5 * (np.arange(bands) / _SD_IN_SPACINGS) ** 2)
    heights: Floats = solveh_banded(np.repeat(kernel[:, None], values.shape[0], axis=1), values, lower=True)
    return heights


def sd_for(spacing: float) -> float:
    """The sd of the normals on a grid of this spacing."""
    return _SD_IN_SPACINGS * spacing


def normal_terms(study: StudyLikelihood) -> NormalTerms:
    """A study's likelihood over its highest value, as normals on a grid that halves until they agree between places."""

    def likelihood(theta: Floats) -> Floats:
        return np.exp(study.log(theta) - study.log_peak)

    step = NormalTerms(
        places=np.empty(0), heights=np.empty(0), sd=1.0, side=study.plateau, step_place=study.peak, step_sd=study.width
    )
    # The step must have ended, too, before the grid does.
    reach = 7.0 * step.step_sd if study.plateau else 0.0
    low, high = min(study.low, study.peak - reach), max(study.high, study.peak + reach)
    return _fitted(lambda x: likelihood(x) - step.step(x, 0.0), low, high, 0.5 * study.width, step)


def _fitted(
    function: Callable[[Floats], Floats], low: float, high: float, spacing: float, step: NormalTerms
) -> NormalTerms:
    best: NormalTerms | None = None
    for _ in range(_MOST_HALVINGS):
        margin = 6 * sd_for(spacing)
        places = np.arange(low - margin, high + margin + spacing, spacing)
        values = function(places)
        terms = NormalTerms(
            places=places,
            heights=heights_of(values),
            sd=sd_for(spacing),
            side=step.side,
            step_place=step.step_place,
            step_sd=step.step_sd,
        )
        between = 0.5 * (places[1:] + places[:-1])
        error = float(np.abs(terms.at(between) - terms.step(between, 0.0) - function(between)).max())
        if best is None or error < best.error:
            kept = np.abs(terms.heights) > 1e-15
            best = NormalTerms(
                places=places[kept],
                heights=terms.heights[kept],
                sd=terms.sd,
                side=step.side,
                step_place=step.step_place,
                step_sd=step.step_sd,
                error=error,
            )
        if error < _TOLERANCE:
            break
        spacing *= 0.7
    if best is None:
        raise AssertionError("at least one spacing is tried")
    return best

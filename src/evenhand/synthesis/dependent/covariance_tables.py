"""Covariances of random effects as functions of unconstrained parameters, with their derivatives.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Every structure is a table of covariances, one entry for each lag (or each pair of levels), which the pairs of effects
look up. A variance is the square of its parameter and a correlation the sine of an angle, so that the ends of their
ranges are ordinary places where a slope is 0: a search steps onto them exactly, instead of creeping along a logarithm.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a structure."""

    kind: str  # 'sigma2', 'tau2', 'rho'
    name: str  # level, pair of levels, or ''
    transform: (
        str  # 'square': value = x²; 'sine': low + (high − low)(1 + sin x)/2; 'exp'; 'angle' has no value of its own
    )
    low: float = -1.0
    fixed: float | None = None  # the value it is held at

    def value(self, x: float) -> float:
        """On the scale people read."""
        if self.transform == "square":
            return x * x
        if self.transform == "exp":
            return float(np.exp(x))
        return float(self.low + (1.0 - self.low) * 0.5 * (1.0 + np.sin(x)))

    def slope(self, x: float) -> float:
        """Derivative of `value`."""
        if self.transform == "square":
            return 2.0 * x
        if self.transform == "exp":
            return float(np.exp(x))
        return float((1.0 - self.low) * 0.5 * np.cos(x))

    def unconstrained(self, value: float) -> float:
        """The x ≥ 0 (or angle between ±π/2) that has this value."""
        if self.transform == "square":
            return float(np.sqrt(value))
        if self.transform == "exp":
            return float(np.log(value))
        return float(np.arcsin(np.clip(2.0 * (value - self.low) / (1.0 - self.low) - 1.0, -1.0, 1.0)))


class OneVariance:
    """σ² for the same group; with a known correlation σ² times it."""

    def __init__(self, pattern: Floats, parameter: Parameter) -> None:
        self.pattern = pattern
        self.parameters = (parameter,)

    def table(self, x: Floats) -> tuple[Floats, Floats]:
        """Covariances, shape (entries,), and their derivatives, shape (entries, 1)."""
        return x[0] ** 2 * self.pattern, (2 * x[0] * self.pattern)[:, None]


class ByLag:
    """τ² times a correlation that falls with the lag: one entry for each lag that occurs."""

    def __init__(self, structure: str, lags: Floats, parameters: tuple[Parameter, ...]) -> None:
        self.structure = structure
        self.lags = lags
        self.parameters = parameters

    def table(self, x: Floats) -> tuple[Floats, Floats]:
        """Covariances, shape (lags,), and their derivatives, shape (lags, parameters)."""
        tau = x[0]
        if len(self.parameters) == 1:
            same = (self.lags == 0).astype(np.float64)
            return tau**2 * same, (2 * tau * same)[:, None]
        rho, slope = self.parameters[1].value(x[1]), self.parameters[1].slope(x[1])
        correlation, in_rho = correlation_at_lag(self.structure, self.lags, rho)
        return tau**2 * correlation, np.column_stack([2 * tau * correlation, tau**2 * slope * in_rho])


class ByLevel:
    """τ_a τ_b times a correlation of levels a and b: entries are the rows of G one after the other."""

    def __init__(self, structure: str, levels: int, parameters: tuple[Parameter, ...]) -> None:
        self.structure = structure
        self.levels = levels
        self.parameters = parameters
        self._lag = np.abs(np.arange(levels)[:, None] - np.arange(levels)).astype(np.float64)

    def table(self, x: Floats) -> tuple[Floats, Floats]:
        """Covariances, shape (levels²,), and their derivatives, shape (levels², parameters)."""
        size = self.levels
        tau = x[:size]
        correlation, slopes = self._correlation(x[size:])
        spread = np.multiply.outer(tau, tau)
        derivatives = np.zeros((size, size, len(self.parameters)))
        for a in range(size):
            # d(τ_a τ_b r_ab): row a and column a alike, the diagonal twice.
            derivatives[a, :, a] += tau * correlation[a]
            derivatives[:, a, a] += tau * correlation[a]
        derivatives[:, :, size:] = spread[:, :, None] * slopes
        return (spread * correlation).ravel(), derivatives.reshape(size * size, -1)

    def correlation(self, x: Floats) -> Floats:
        """Correlations of the levels, shape (levels, levels)."""
        return self._correlation(x[self.levels :])[0]

    def _correlation(self, angles: Floats) -> tuple[Floats, Floats]:
        size = self.levels
        if self.structure in ("DIAG", "GDIAG"):
            return np.eye(size), np.zeros((size, size, 0))
        if self.structure in ("UN", "GEN"):
            return correlation_from_angles(angles, size)
        if not angles.size:
            return np.eye(size), np.zeros((size, size, 0))
        rho, slope = self.parameters[size].value(angles[0]), self.parameters[size].slope(angles[0])
        lag = np.minimum(self._lag, 1.0) if self.structure == "HCS" else self._lag
        correlation, in_rho = correlation_at_lag("AR" if self.structure == "HAR" else "CS", lag, rho)
        return correlation, (slope * in_rho)[:, :, None]


Table = OneVariance | ByLag | ByLevel


def correlation_at_lag(structure: str, lag: Floats, rho: float) -> tuple[Floats, Floats]:
    """Correlation at each lag, and its derivative by rho; any shape.

    Spatial structures are the exponential, Gaussian and rational quadratic of Pinheiro & Bates (2000), Mixed-Effects
    Models in S and S-PLUS, table 5.2, with rho as range.
    """
    if structure == "CS":
        apart = lag > 0
        return np.where(apart, rho, 1.0), apart.astype(np.float64)
    if structure in ("AR", "CAR"):
        with np.errstate(divide="ignore", invalid="ignore"):
            at_lag = np.where(lag == 0, 1.0, np.power(rho, lag))
            slope = np.where(lag == 0, 0.0, np.where(lag == 1, 1.0, lag * np.power(rho, lag - 1)))
        return at_lag, np.nan_to_num(slope, posinf=0.0, neginf=0.0)
    ratio = lag / rho
    if structure == "SPEXP":
        at_lag = np.exp(-ratio)
        return at_lag, at_lag * ratio / rho
    if structure == "SPGAU":
        at_lag = np.exp(-(ratio**2))
        return at_lag, at_lag * 2 * ratio**2 / rho
    at_lag = 1.0 / (1.0 + ratio**2)
    return at_lag, at_lag**2 * 2 * ratio**2 / rho


def correlation_from_angles(angles: Floats, size: int) -> tuple[Floats, Floats]:
    """Any correlation matrix from size(size − 1)/2 angles, and its derivatives, shape (size, size, angles).

    Row i of its Cholesky factor is a point on a sphere: sin a_0, cos a_0 sin a_1, …, the product of all cosines
    (Pinheiro & Bates 1996, Stat. Comput. 6, 289-296, section 2.3). The first correlation is the sine of the first
    angle.
    """
    factor = np.zeros((size, size))
    slopes = np.zeros((size, size, angles.size))
    factor[0, 0] = 1.0
    start = 0
    for i in range(1, size):
        sines, cosines = np.sin(angles[start : start + i]), np.cos(angles[start : start + i])
        parts = np.concatenate([sines, [1.0]])
        for j in range(i + 1):
            factor[i, j] = parts[j] * np.prod(cosines[:j])
            for of in range(min(j + 1, i)):
                # Products without the factor that is differentiated, as dividing by it may be by 0.
                without = np.prod(np.delete(cosines[:j], of)) if of < j else np.prod(cosines[:j])
                slopes[i, j, start + of] = -sines[of] * without * parts[j] if of < j else cosines[j] * without
        start += i
    in_factor = np.einsum("iaq,ja->ijq", slopes, factor)
    return factor @ factor.T, in_factor + in_factor.transpose(1, 0, 2)


def parameters_of_covariance(G: Floats) -> Floats:
    """Roots of variances, then angles, that have this covariance matrix; the way back from a free `ByLevel`."""
    tau = np.sqrt(np.maximum(np.diagonal(G), 0.0))
    spread = np.multiply.outer(tau, tau)
    correlation = np.divide(G, spread, out=np.eye(tau.size), where=spread > 0)
    angles: list[float] = []
    factor = np.zeros_like(correlation)
    factor[0, 0] = 1.0
    for i in range(1, tau.size):
        left = 1.0
        for j in range(i):
            known = correlation[i, j] - float(factor[i, :j] @ factor[j, :j])
            wanted = known / factor[j, j] if factor[j, j] > 1e-9 else 0.0
            angle = float(np.arcsin(np.clip(wanted / left, -1.0, 1.0))) if left > 1e-9 else 0.0
            factor[i, j] = left * np.sin(angle)
            left *= float(np.cos(angle))
            angles.append(angle)
        factor[i, i] = left
    return np.concatenate([tau, angles])

"""What is believed before the studies are read, by name, so that a report can print it.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Priors of the mean effect have the log density of mu; priors of the between-study sd have that of tau, given the
studies' sampling variances `vi`, from which Jeffreys' and DuMouchel's take their scale. Definitions follow Röver
(2020), J. Stat. Softw. 93(6), section 2.2.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evenhand.distributions import Floats


class MuPrior(Protocol):
    """Prior of the mean effect."""

    def log_density(self, mu: Floats) -> Floats:
        """Natural log of the density at `mu`, any shape."""


class TauPrior(Protocol):
    """Prior of the between-study sd."""

    @property
    def support(self) -> tuple[float, float]:
        """Ends between which the density is not 0; the second may be infinite."""

    def log_density(self, tau: Floats, vi: Floats) -> Floats:
        """Natural log of the density at `tau` > 0, any shape, given the sampling variances."""

    def scale(self, vi: Floats) -> float | None:
        """A tau about which the density changes; None where it has no scale of its own."""


def _text(number: float) -> str:
    return f"{number:.4g}"


@dataclass(frozen=True, slots=True)
class Flat:
    """Improper uniform prior of the mean, with density 1."""

    def __str__(self) -> str:
        return "flat"

    def log_density(self, mu: Floats) -> Floats:
        """Zero everywhere."""
        return np.zeros_like(mu)


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """Normal prior of the mean."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _above_zero("sd", self.sd)

    def __str__(self) -> str:
        return f"normal({_text(self.mean)}, {_text(self.sd)})"

    def log_density(self, mu: Floats) -> Floats:
        """Normal log density."""
        return -0.5 * ((mu - self.mean) / self.sd) ** 2 - math.log(self.sd * math.sqrt(2 * math.pi))


@dataclass(frozen=True, slots=True)
class JeffreysProportion:
    """The mean is the logit of a proportion that is Beta(½, ½)."""

    def __str__(self) -> str:
        return "logit of Beta(0.5, 0.5)"

    def log_density(self, mu: Floats) -> Floats:
        """Log density of the logit: ½ log p + ½ log(1 − p) − log π."""
        return -0.5 * np.abs(mu) - np.log1p(np.exp(-np.abs(mu))) - math.log(math.pi)


@dataclass(frozen=True, slots=True)
class HalfT:
    """|t| with `df` degrees of freedom, times `spread`."""

    spread: float
    df: float

    def __post_init__(self) -> None:
        _above_zero("scale", self.spread)
        _above_zero("df", self.df)

    def __str__(self) -> str:
        return (
            f"half-Cauchy({_text(self.spread)})" if self.df == 1 else f"half-t({_text(self.spread)}, {_text(self.df)})"
        )

    @property
    def support(self) -> tuple[float, float]:
        """0 to infinity."""
        return 0.0, math.inf

    def log_density(self, tau: Floats, vi: Floats) -> Floats:
        """Log density of a half-t."""
        df = self.df
        constant = (
            math.lgamma((df + 1) / 2) - math.lgamma(df / 2) + math.log(2 / (self.spread * math.sqrt(df * math.pi)))
        )
        with np.errstate(over="ignore"):
            return constant - (df + 1) / 2 * np.log1p((tau / self.spread) ** 2 / df)

    def scale(self, vi: Floats) -> float:
        """Its spread."""
        return self.spread


def half_cauchy(spread: float) -> HalfT:
    """Half-t with one degree of freedom."""
    return HalfT(spread, 1.0)


@dataclass(frozen=True, slots=True)
class HalfNormal:
    """|z| times `spread`, z standard normal."""

    spread: float

    def __post_init__(self) -> None:
        _above_zero("scale", self.spread)

    def __str__(self) -> str:
        return f"half-normal({_text(self.spread)})"

    @property
    def support(self) -> tuple[float, float]:
        """0 to infinity."""
        return 0.0, math.inf

    def log_density(self, tau: Floats, vi: Floats) -> Floats:
        """Log density of a half-normal."""
        with np.errstate(over="ignore"):
            return 0.5 * math.log(2 / math.pi) - math.log(self.spread) - 0.5 * (tau / self.spread) ** 2

    def scale(self, vi: Floats) -> float:
        """Its spread."""
        return self.spread


@dataclass(frozen=True, slots=True)
class UniformPrior:
    """Every tau between `low` and `high` alike."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low < self.high < math.inf:
            raise ValueError(f"uniform({self.low}, {self.high}): needs 0 ≤ low < high, both finite")

    def __str__(self) -> str:
        return f"uniform({_text(self.low)}, {_text(self.high)})"

    @property
    def support(self) -> tuple[float, float]:
        """From `low` to `high`."""
        return self.low, self.high

    def log_density(self, tau: Floats, vi: Floats) -> Floats:
        """Log density; −inf outside."""
        inside = (tau >= self.low) & (tau <= self.high)
        return np.where(inside, -math.log(self.high - self.low), -np.inf)

    def scale(self, vi: Floats) -> float | None:
        """None: it is flat as far as it goes."""
        return None


@dataclass(frozen=True, slots=True)
class ImproperUniform:
    """Density 1 for every tau."""

    def __str__(self) -> str:
        return "improper uniform"

    @property
    def support(self) -> tuple[float, float]:
        """0 to infinity."""
        return 0.0, math.inf

    def log_density(self, tau: Floats, vi: Floats) -> Floats:
        """Zero everywhere."""
        return np.zeros_like(tau)

    def scale(self, vi: Floats) -> float | None:
        """None: it is flat."""
        return None


@dataclass(frozen=True, slots=True)
class Exponential:
    """Exponential with `rate`."""

    rate: float

    def __post_init__(self) -> None:
        _above_zero("rate", self.rate)

    def __str__(self) -> str:
        return f"exponential({_text(self.rate)})"

    @property
    def support(self) -> tuple[float, float]:
        """0 to infinity."""
        return 0.0, math.inf

    def log_density(self, tau: Floats, vi: Floats) -> Floats:
        """Log density of an exponential."""
        return math.log(self.rate) - self.rate * tau

    def scale(self, vi: Floats) -> float:
        """Its mean."""
        return 1.0 / self.rate


@dataclass(frozen=True, slots=True)
class LogNormalPrior:
    """exp(z), z normal with mean `meanlog` and sd `sdlog`."""

    meanlog: float
    sdlog: float

    def __post_init__(self) -> None:
        _above_zero("sdlog", self.sdlog)

    def __str__(self) -> str:
        return f"log-normal({_text(self.meanlog)}, {_text(self.sdlog)})"

    @property
    def support(self) -> tuple[float, float]:
        """0 to infinity."""
        return 0.0, math.inf

    def log_density(self, tau: Floats, vi: Floats) -> Floats:
        """Log density of a log-normal."""
        log_tau = np.log(tau)
        return (
            -log_tau
            - math.log(self.sdlog * math.sqrt(2 * math.pi))
            - 0.5 * ((log_tau - self.meanlog) / self.sdlog) ** 2
        )

    def scale(self, vi: Floats) -> float:
        """Its median."""
        return math.exp(self.meanlog)


@dataclass(frozen=True, slots=True)
class LogTPrior:
    """exp(location + spread · t), t with `df` degrees of freedom."""

    location: float
    spread: float
    df: float

    def __post_init__(self) -> None:
        _above_zero("scale", self.spread)
        _above_zero("df", self.df)

    def __str__(self) -> str:
        return f"log-t({_text(self.location)}, {_text(self.spread)}, {_text(self.df)})"

    @property
    def support(self) -> tuple[float, float]:
        """0 to infinity."""
        return 0.0, math.inf

    def log_density(self, tau: Floats, vi: Floats) -> Floats:
        """Log density of a log-t."""
        df = self.df
        constant = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - math.log(self.spread * math.sqrt(df * math.pi))
        log_tau = np.log(tau)
        return constant - log_tau - (df + 1) / 2 * np.log1p(((log_tau - self.location) / self.spread) ** 2 / df)

    def scale(self, vi: Floats) -> float:
        """Its median."""
        return math.exp(self.location)


@dataclass(frozen=True, slots=True)
class Jeffreys:
    """Improper: the root of Fisher's information on tau, √Σ(tau / (vi + tau²))²; no constant in front."""

    def __str__(self) -> str:
        return "Jeffreys"

    @property
    def support(self) -> tuple[float, float]:
        """0 to infinity."""
        return 0.0, math.inf

    def log_density(self, tau: Floats, vi: Floats) -> Floats:
        """Log of the root of the information."""
        tau = np.asarray(tau, dtype=np.float64)
        # tau / (v + tau²) as 1 / (v / tau + tau): tau² may be too large or too small for a float.
        terms = 1.0 / (vi / tau[..., None] + tau[..., None])
        log_density: Floats = 0.5 * np.log((terms**2).sum(axis=-1))
        return log_density

    def scale(self, vi: Floats) -> float:
        """A typical standard error."""
        return _harmonic_se(vi)


@dataclass(frozen=True, slots=True)
class DuMouchel:
    """s / (s + tau)², where s² is the harmonic mean of the sampling variances; its median is s."""

    def __str__(self) -> str:
        return "DuMouchel"

    @property
    def support(self) -> tuple[float, float]:
        """0 to infinity."""
        return 0.0, math.inf

    def log_density(self, tau: Floats, vi: Floats) -> Floats:
        """Log density."""
        s = _harmonic_se(vi)
        return math.log(s) - 2 * np.log(s + tau)

    def scale(self, vi: Floats) -> float:
        """Its median."""
        return _harmonic_se(vi)


def default_priors(
    *, measure_is_log: bool, vi: Sequence[float] | Floats | None = None, n: Sequence[float | None] | None = None
) -> tuple[MuPrior, TauPrior]:
    """The priors used where a dossier asks for no others.

    Parameters
    ----------
    measure_is_log : bool
        Whether effects are log odds ratios, log risk ratios or the like.
    vi : array_like, shape (k,), optional
        Sampling variances; needed for a measure that is not a log.
    n : sequence, shape (k,), optional
        Participants of each study (None where unknown).

    Returns
    -------
    MuPrior, TauPrior
        On log scales normal(0, 2.82), by which 95 % of odds ratios lie between 1/250 and 250, and half-normal(0.5)
        (Günhan, Röver & Friede 2020, Res. Synth. Methods 11, 74-90).
        On other scales a flat prior of the mean, as the unit has no natural size, and a half-normal with an eighth of
        the unit information standard deviation, √(Σn / Σ1/vi), as its scale. That is the sd an effect would have from
        one participant: about 4 for a log odds ratio, so that the same eighth gives half-normal(0.5) there, and about
        2 sd for a mean difference of equal arms, so that the scale is a quarter of the outcome's own sd (Röver, Bender,
        Dias, Schmid, Schmidli, Sturtz, Weber & Friede 2021, Res. Synth. Methods 12, 448-474). Where a study's size is
        unknown, DuMouchel's prior, whose scale comes from the sampling variances alone.

    Raises
    ------
    ValueError
        Where the measure is not a log and `vi` is missing.
    """
    if measure_is_log:
        return NormalPrior(0.0, 2.82), HalfNormal(0.5)
    if vi is None:
        raise ValueError(
            "the prior of a measure that is not a log takes its scale from the sampling variances: give vi"
        )
    if n is None or any(size is None for size in n):
        return Flat(), DuMouchel()
    sizes = np.array([float(size) for size in n if size is not None])
    unit_information_sd = math.sqrt(float(sizes.sum() / (1.0 / np.asarray(vi, dtype=np.float64)).sum()))
    return Flat(), HalfNormal(unit_information_sd / 8)


def _harmonic_se(vi: Floats) -> float:
    return math.sqrt(1.0 / float(np.mean(1.0 / vi)))


def _above_zero(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} = {value}: must be finite and above 0")

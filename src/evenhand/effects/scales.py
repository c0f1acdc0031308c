"""The scales on which effects are read, beside those on which they are computed.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats


def identity(x: Floats) -> Floats:
    """Read as computed."""
    return x


def expit(x: Floats) -> Floats:
    """Log odds to probability."""
    # Written with tanh so that no exponential overflows at large log odds.
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(x)))


def logit(p: Floats) -> Floats:
    """Probability to log odds."""
    return np.log(p) - np.log1p(-np.asarray(p))


def sine_squared(x: Floats) -> Floats:
    """Arcsine-transformed proportion back to the proportion; below 0 and above π/2 it stays at 0 and 1."""
    return np.sin(np.clip(x, 0.0, np.pi / 2)) ** 2


def arcsine_root(p: Floats) -> Floats:
    """Proportion to the arcsine of its square root."""
    return np.arcsin(np.sqrt(p))


def normal_cdf(z: Floats) -> Floats:
    """Probit to probability."""
    from scipy.special import ndtr

    return np.asarray(ndtr(z))


def probit(p: Floats) -> Floats:
    """Probability to probit: the normal quantile."""
    from scipy.special import ndtri

    return np.asarray(ndtri(p))


def square(x: Floats) -> Floats:
    """Square root back to the number; below 0 it stays at 0."""
    return np.square(np.maximum(x, 0.0))

"""Correlation of two measurements, plain, freed of its bias, and on Fisher's scale.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.standardised_mean_difference import average_over_studies
from evenhand.effects.zero_cells import nan_where_undefined


def correlation(r: Floats, n: Floats, *, vtype: Literal["LS", "AV", "H0"] = "LS") -> tuple[Floats, Floats]:
    """Pearson's correlation and its sampling variance (1 - r²)² / (n - 1).

    Parameters
    ----------
    r, n : ndarray, shape (k,)
        Correlation, and the people behind it; one entry a study.
    vtype : {"LS", "AV", "H0"}
        With the study's own correlation; with the studies' average, weighted by their size; (1 - r²) / (n - 2), on
        which the t test of no correlation rests.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Correlation, -1 to 1, and its variance.

    References
    ----------
    Borenstein (2009) in The Handbook of Research Synthesis and Meta-Analysis, 2nd ed., eq. 12.27.
    """
    r, n = np.asarray(r, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        vi = (1 - r**2) / (n - 2) if vtype == "H0" else _large_sample(r, n, vtype) / (n - 1)
        return nan_where_undefined(r, vi)


def unbiased_correlation(r: Floats, n: Floats, *, vtype: Literal["LS", "UB", "AV"] = "LS") -> tuple[Floats, Floats]:
    """Pearson's correlation freed of its bias towards 0, and its sampling variance.

    Arguments as in `correlation`; "UB" takes the unbiased estimate of the variance. Needs n of 5 or more. Olkin & Pratt
    (1958), Annals of Mathematical Statistics 29, 201-211, eq. 2.3; Hedges (1989), Journal of Applied Psychology 74,
    469-477, without its approximation.
    """
    r, n = np.asarray(r, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        # With n of 4 or fewer the series has no sum, or no expectation to be unbiased for.
        yi = np.where(n > 4, r * hypergeometric(0.5, 0.5, (n - 2) / 2, r), np.nan)
        if vtype == "UB":
            vi = yi**2 - 1 + (n - 3) / (n - 2) * (1 - r**2) * hypergeometric(1.0, 1.0, n / 2, r)
        else:
            vi = _large_sample(yi, n, vtype) / (n - 1)
    return nan_where_undefined(yi, vi)


def fisher_z_of_correlation(r: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Fisher's z of the correlation, and its sampling variance 1 / (n - 3); shape (k,).

    References
    ----------
    Fisher (1921). Metron 1, 3-32.
    """
    freedom = np.asarray(n, dtype=float) - 3
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.arctanh(r), np.where(freedom > 0, 1 / freedom, np.nan))


def hypergeometric(a: float, b: float, c: Floats, r: Floats) -> Floats:
    """Gauss's ₂F₁(a, b; c; 1 - r²) for a, b > 0 and c > a + b (c ≥ a + b where r ≠ 0); shape (k,).

    Euler's integral with t = u² / (1 + u²), by the double-exponential rule (Takahasi & Mori 1974), over the same
    integral at r = 1, where the function is 1. The library's series gives nan for c of a hundred or more.
    """
    c, r = np.broadcast_arrays(*(np.atleast_1d(np.asarray(figure, dtype=float)) for figure in (c, r)))
    # A few thousand at a time, so that memory does not grow with the nodes.
    starts = range(0, c.size, _AT_ONCE)
    parts = [_by_nodes(a, b, c[start : start + _AT_ONCE], r[start : start + _AT_ONCE]) for start in starts]
    return np.concatenate(parts) if parts else np.empty(0)


def _by_nodes(a: float, b: float, c: Floats, r: Floats) -> Floats:
    log_u = np.pi / 2 * np.sinh(_NODES)
    fixed = 2 * b * log_u + np.log(np.cosh(_NODES))
    log_one_plus = np.logaddexp(0.0, 2 * log_u)
    with np.errstate(divide="ignore", invalid="ignore"):
        c, log_r = c[:, None], np.log(np.abs(r))[:, None]
        above = fixed - (c - a) * log_one_plus - a * np.logaddexp(0.0, 2 * (log_u + log_r))
        below = fixed - c * log_one_plus
        top = below.max(axis=1, keepdims=True)
        return np.asarray(np.exp(above - top).sum(axis=1) / np.exp(below - top).sum(axis=1))


_AT_ONCE = 4096
_NODES = np.linspace(-4.2, 4.2, 401)


def _large_sample(r: Floats, n: Floats, vtype: str) -> Floats:
    """(1 - ρ²)², ρ being what stands for the true correlation; shape (k,)."""
    match vtype:
        case "LS":
            return np.asarray((1 - r**2) ** 2)
        case "AV":
            return np.asarray((1 - average_over_studies(r, n) ** 2) ** 2 + 0 * r)
        case _:
            raise ValueError(f"correlation: vtype is '{vtype}'; write 'LS', 'AV', or what else the measure takes")


CORRELATION = Measure(
    name="COR",
    label="effects.measure.COR",
    kind=Kind.CORRELATION,
    estimate=correlation,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
UNBIASED_CORRELATION = Measure(
    name="UCOR",
    label="effects.measure.UCOR",
    kind=Kind.CORRELATION,
    estimate=unbiased_correlation,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
FISHER_Z_OF_CORRELATION = Measure(
    name="ZCOR",
    label="effects.measure.ZCOR",
    kind=Kind.CORRELATION,
    estimate=fisher_z_of_correlation,
    to_display=np.tanh,
    from_display=np.arctanh,
    null=0.0,
)

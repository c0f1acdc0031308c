"""Several studies' p-values in one, where no effects can be had.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.number_columns import number_column

COMBINATIONS = ("fisher", "stouffer")


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedP:
    """Evidence that at least one study's null hypothesis is false; it says nothing of how large an effect is."""

    method: str
    k: int
    statistic: float  # χ² of Fisher, z of Stouffer
    df: int | None  # 2k for Fisher
    p_value: float


def combined_p_value(
    p_values: Sequence[float] | Floats, *, method: str = "fisher", weights: Sequence[float] | Floats | None = None
) -> CombinedP:
    """Combine independent one-sided p-values, all in the same direction.

    Parameters
    ----------
    p_values : array_like, shape (k,)
        In 0 to 1.
    method : str
        'fisher' −2 Σ log p, strong where one study is; 'stouffer' Σ w z / √Σ w², strong where most point one way.
    weights : array_like, shape (k,), optional
        For 'stouffer', > 0: the square roots of the studies' sizes, for example.

    Raises
    ------
    ValueError
        Naming the study and the value that is no p-value or weight.

    References
    ----------
    Fisher (1932). Statistical Methods for Research Workers, 4th ed., section 21.1; Stouffer et al. (1949). The American
    Soldier, vol. 1, p. 45; Liptak (1958). Magyar Tud. Akad. Mat. Kutató Int. Közl. 3, 171-197, for the weights.
    """
    from scipy.special import gammaincc, ndtr, ndtri

    p = number_column("p_values", p_values)
    if method not in COMBINATIONS:
        raise ValueError(f"method '{method}': there are {', '.join(COMBINATIONS)}")
    if p.size == 0:
        raise ValueError("no p-value: nothing to combine")
    for i in np.flatnonzero(~((p >= 0) & (p <= 1))):
        raise ValueError(f"p_values[{i}] = {p[i]}: a p-value lies between 0 and 1")
    if method == "fisher":
        if weights is not None:
            raise ValueError("Fisher's method has no weights: leave them out, or use 'stouffer'")
        with np.errstate(divide="ignore"):
            statistic = float(-2.0 * np.log(p).sum())
        return CombinedP(
            method=method, k=p.size, statistic=statistic, df=2 * p.size,
            p_value=0.0 if math.isinf(statistic) else float(gammaincc(p.size, 0.5 * statistic)),
        )  # fmt: skip
    w = np.ones(p.size) if weights is None else number_column("weights", weights)
    if w.shape != p.shape:
        raise ValueError(f"{w.size} weights but {p.size} p-values")
    for i in np.flatnonzero(~(np.isfinite(w) & (w > 0))):
        raise ValueError(f"weights[{i}] = {w[i]}: a weight is finite and above 0")
    z = -ndtri(p)
    # Infinite both ways where a p is 0 and another 1: then nothing can be said.
    with np.errstate(invalid="ignore"):
        statistic = float(w @ z) / math.sqrt(float(w @ w))
    return CombinedP(method=method, k=p.size, statistic=statistic, df=None, p_value=float(ndtr(-statistic)))

"""What an estimator of the between-study variance is.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Callable
from dataclasses import dataclass

from evenhand.distributions import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimator:
    """A way to estimate tau2 from effects and variances of shape (k,), k ≥ 2."""

    name: str  # 'REML'
    title: str
    reference: str
    tau2: Callable[[Floats, Floats], float]  # (yi, vi) → squared analysis scale
    se_tau2: Callable[[Floats, Floats, float], float]  # (yi, vi, tau2) → its standard error
    likelihood: str | None = None  # 'full', 'restricted' where it maximises one

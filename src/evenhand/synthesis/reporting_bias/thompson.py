"""Thompson and Sharp's test: Egger's, with a variance between studies that is added, not multiplied.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import replace

from evenhand.distributions import Floats
from evenhand.synthesis.reporting_bias.asymmetry import Asymmetry, asymmetry_test


def thompson_test(
    yi: Sequence[float] | Floats, vi: Sequence[float] | Floats, *, method: str = "REML", level: float = 0.95
) -> Asymmetry:
    """Regress effects on standard errors in a mixed-effects model, with t of k − 2 degrees of freedom.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    method : str
        Estimator of the variance between studies, a name in `ESTIMATORS`.
    level : float
        Of the interval about the limit estimate.

    References
    ----------
    Thompson & Sharp (1999). Statist. Med. 18, 2693-2708, methods 3a to 3d.
    """
    return replace(asymmetry_test(yi, vi, method=method, test="t", level=level), test="Thompson")

"""The model refitted without each study in turn.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from evenhand.distributions import Floats
from evenhand.synthesis.many_fits import ManyFits, joined, many_fits
from evenhand.synthesis.normal_kernel import checked_studies

_MASKS = 1_000_000


def leave_one_out(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    X: npt.ArrayLike | None = None,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> ManyFits:
    """Fit without each study in turn, tau2 estimated anew.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and their sampling variances (> 0).
    X : array_like, shape (k, p), optional
        Design matrix; None is an intercept alone.
    method, test, level
        As for `meta_analysis`.

    Returns
    -------
    ManyFits
        Row i is the fit without study i. Where the others cannot tell the coefficients apart, or there is no other,
        the row says that it does not exist.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be pooled, or a method or test there is not.
    """
    effects, variances = checked_studies(yi, vi)
    k = effects.size
    # Some rows at a time: all masks together would be a k × k matrix.
    step = max(1, _MASKS // k)
    return joined(
        [
            many_fits(
                effects,
                variances,
                np.arange(k) != np.arange(start, min(start + step, k))[:, None],
                X,
                method=method,
                test=test,
                level=level,
            )
            for start in range(0, k, step)
        ]
    )

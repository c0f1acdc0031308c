"""A pooled effect's standard error and degrees of freedom that allow for tau2 being an estimate.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

from evenhand.distributions import Floats


def kenward_roger(vi: Floats, tau2: float) -> tuple[float, float]:
    """Standard error and degrees of freedom of the mean of studies weighted by 1 / (vi + tau2), tau2 by REML.

    With s_j = Σ wʲ the expected information of tau2 is I = (s2 − 2 s3/s1 + (s2/s1)²) / 2, the variance of the mean
    v = 1/s1 + 2 (s3 − s2²/s1) / (I s1²), and the degrees of freedom 2 I / (v s2)². (Kenward and Roger's own would have
    1/s1 for v there; meta-analysis has it so since Partlett and Riley.)

    References
    ----------
    Kenward & Roger (1997). Biometrics 53, 983-997; Partlett & Riley (2017). Statist. Med. 36, 301-317.
    """
    # In units of the largest weight, so that powers neither overflow nor vanish.
    unit = 1.0 / (float(vi.min()) + tau2)
    wi = 1.0 / ((vi + tau2) * unit)
    s1, s2 = float(wi.sum()), float(wi @ wi)
    # s3 − s2²/s1 = Σ w (w − s2/s1)² + …, as a sum of squares, which does not cancel.
    spread = float(wi @ (wi - s2 / s1) ** 2)
    rest = s1 - wi
    # tr PP, entry by entry of P: w(1 − w/s1) on the diagonal and w w'/s1 off it.
    trace = float((wi * rest) @ (wi * rest)) / s1**2 + float((wi**2) @ (s2 - wi**2)) / s1**2
    information = 0.5 * trace
    variance = 1.0 / s1 + 2.0 * spread / (information * s1**2)
    return math.sqrt(variance / unit), 2.0 * information / (variance * s2) ** 2

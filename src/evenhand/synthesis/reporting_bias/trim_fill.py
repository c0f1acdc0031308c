"""Trim and fill: studies that a symmetric funnel would have on its thin side, put in.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.messages import Message, message
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.pooled import Classical
from evenhand.synthesis.reporting_bias.asymmetry import asymmetry_test

COUNTERS = ("L0", "R0", "Q0")
SIDES = ("auto", "left", "right")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimAndFill:
    """The studies a symmetric funnel would have beside those seen, and the effect pooled with them."""

    estimator: str  # 'L0', 'R0', 'Q0'
    side: str | None  # 'left', 'right': where studies were put in; None where no side could be chosen
    k0: int  # studies put in
    se_k0: float  # of their estimated number; nan where its variance formula leaves its range
    p_k0: float  # P(at least k0 | none is missing); nan but for R0
    filled_yi: tuple[float, ...]  # the studies put in, that of the most extreme seen last
    filled_vi: tuple[float, ...]
    pooled: Classical  # of all k + k0
    converged: bool  # False: the count goes round in a circle, and `k0` is the largest in it
    not_computed: Message | None = None  # why there is no number; `pooled` is then of the studies seen


def trim_and_fill(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    estimator: str = "L0",
    side: str = "auto",
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> TrimAndFill:
    """Estimate how many extreme studies are missing on one side, mirror their counterparts, and pool all.

    It is a picture of what asymmetry might do, not a correction to believe in: it goes wrong where effects differ.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    estimator : str
        'L0', 'R0' or 'Q0', of the number of missing studies.
    side : str
        Where they are missing: 'left', 'right', or 'auto': against the slope of the effects on their standard errors.
    method, test, level
        As in `meta_analysis`, for every fit and for the last.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be used, or an option there is not.

    References
    ----------
    Duval & Tweedie (2000). J. Am. Stat. Assoc. 95, 89-98; Duval & Tweedie (2000). Biometrics 56, 455-463.
    """
    effects, variances = checked_studies(yi, vi)
    if estimator not in COUNTERS:
        raise ValueError(f"estimator '{estimator}': there are {', '.join(COUNTERS)}")
    if side not in SIDES:
        raise ValueError(f"side '{side}': there are {', '.join(SIDES)}")
    seen = meta_analysis(effects, variances, method=method, test=test, level=level)
    thin_side: str | None = None if side == "auto" else side
    reason = None
    if effects.size < 3:
        reason = message("bias.none.few_studies", k=effects.size, least=3)
    elif thin_side is None:
        slope = asymmetry_test(effects, variances, method=method)
        reason = slope.not_computed
        thin_side = None if reason else "right" if slope.slope < 0 else "left"
    if reason is not None:
        return TrimAndFill(
            estimator=estimator, side=thin_side, k0=0, se_k0=math.nan, p_k0=math.nan, filled_yi=(), filled_vi=(),
            pooled=seen, converged=True, not_computed=reason,
        )  # fmt: skip
    # Studies missing on the right are those missing on the left of the mirror image.
    sign = -1.0 if thin_side == "right" else 1.0
    order = np.argsort(sign * effects, kind="stable")
    ordered, its_variances = sign * effects[order], variances[order]
    k0, se_k0, centre, converged = _missing(ordered, its_variances, estimator, method)
    filled_yi = sign * (2 * centre - ordered[ordered.size - k0 :])
    filled_vi = its_variances[ordered.size - k0 :]
    pooled = seen
    if k0:
        pooled = meta_analysis(
            np.concatenate([effects, filled_yi]),
            np.concatenate([variances, filled_vi]),
            method=method,
            test=test,
            level=level,
        )
    return TrimAndFill(
        estimator=estimator,
        side=thin_side,
        k0=k0,
        se_k0=se_k0,
        p_k0=0.5 ** (k0 + 1) if estimator == "R0" else math.nan,
        filled_yi=tuple(filled_yi.tolist()),
        filled_vi=tuple(filled_vi.tolist()),
        pooled=pooled,
        converged=converged,
    )


def _missing(yi: Floats, vi: Floats, estimator: str, method: str) -> tuple[int, float, float, bool]:
    """Number missing on the left, its standard error, the centre without as many on the right, and whether all agree.

    `yi` ascends. Each count follows from the one before it alone, so that a count seen before closes a circle.
    """
    found: dict[int, tuple[int, float, float]] = {}
    k0 = 0
    while k0 not in found:
        kept = yi.size - k0
        centre = meta_analysis(yi[:kept], vi[:kept], method=method, test="z").estimate
        found[k0] = (*_count(yi - centre, estimator), centre)
        k0 = found[k0][0]
    circle = [k0]
    while (following := found[circle[-1]][0]) != k0:
        circle.append(following)
    largest = max(circle)
    return largest, found[largest][1], found[largest][2], len(circle) == 1


def _count(centred: Floats, estimator: str) -> tuple[int, float]:
    """Missing studies by the signed ranks of `centred`, shape (k,), and the standard error of their number."""
    k = centred.size
    ranks = np.empty(k)
    ranks[np.argsort(np.abs(centred), kind="stable")] = np.arange(1, k + 1)
    if estimator == "R0":
        # The run of highest ranks that all lie on the right.
        run = k - float(ranks[centred <= 0].max(initial=0))
        missing = run - 1
        variance = 2 * max(0.0, missing) + 2
        return _within(missing, k), math.sqrt(variance)
    sum_right = float(ranks[centred > 0].sum())
    if estimator == "L0":
        missing = (4 * sum_right - k * (k + 1)) / (2 * k - 1)
        return _within(missing, k), 4 * _root(_variance_of_sum(k, missing)) / (2 * k - 1)
    missing = k - 0.5 - math.sqrt(max(0.0, 2 * k**2 - 4 * sum_right + 0.25))
    spread = _root((k - 0.5) ** 2 - missing * (2 * k - missing - 1))
    return _within(missing, k), 2 * _root(_variance_of_sum(k, missing)) / spread if spread else math.nan


def _within(missing: float, k: int) -> int:
    # At least one study must be left to find the centre from.
    return min(max(0, round(missing)), k - 1)


def _variance_of_sum(k: int, missing: float) -> float:
    """Of the sum of ranks on the right, `missing` of the lowest on the left being absent."""
    m = missing
    return (k * (k + 1) * (2 * k + 1) + 10 * m**3 + 27 * m**2 + 17 * m - 18 * k * m**2 - 18 * k * m + 6 * k**2 * m) / 24


def _root(variance: float) -> float:
    return math.sqrt(variance) if variance >= 0 else math.nan

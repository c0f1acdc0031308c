"""Selection models: the pooled effect were every result seen, not the more likely ones more often.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evenhand.distributions import Floats
from evenhand.number_columns import number_column
from evenhand.synthesis.linear_fit import LinearFit, fit_linear
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.reporting_bias.bounded_newton import Maximum, hills
from evenhand.synthesis.reporting_bias.selection_likelihood import (
    Selection,
    SelectionLikelihood,
    smooth_selection,
    step_selection,
)
from evenhand.synthesis.reporting_bias.selection_weights import WEIGHT_FUNCTIONS
from evenhand.synthesis.wald import check_level, chi_square_tail, wald

ALTERNATIVES = ("greater", "less", "two.sided")
SELECTION_MODELS = (*WEIGHT_FUNCTIONS, "stepfun", "trunc", "truncest")
PRECISIONS = ("sei", "vi", "ninv", "sqrtninv")
_SHIFTS = (0.0, -0.5, -1.5, 0.7)  # of the starting effect, in standard deviations of a result
# A tau2 or a weight this small counts as 0 where standard errors are made: there the curvature is no guide to them.
_TAU2_AS_ZERO = 1e-4
_WEIGHT_AS_ZERO = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Peak:
    """A place from which the likelihood falls on all sides."""

    log_likelihood: float
    beta: Floats  # (p,)
    tau2: float
    delta: Floats  # (d,)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SelectionModel:
    """Coefficients and between-study variance of all results, seen or not, and how results were selected."""

    kind: str  # a name in SELECTION_MODELS
    alternative: str  # the direction in which results were selected
    method: str  # 'ML', 'EE'
    level: float
    k: int
    steps: tuple[float, ...]  # cutpoints, of p or of the effect
    studies_in_interval: tuple[int, ...]  # of a step function: studies between the cutpoints
    beta: Floats  # (p,)
    covariance: Floats  # (p, p)
    se: Floats  # (p,)
    statistic: Floats  # (p,)
    p_value: Floats  # (p,)
    ci_lower: Floats  # (p,)
    ci_upper: Floats  # (p,)
    tau2: float
    se_tau2: float
    delta: Floats  # (d,), of the weights; a step function's begins with its fixed 1
    se_delta: Floats  # (d,), nan where fixed or without a standard error
    delta_at_bound: tuple[bool, ...]  # (d,), estimates that lie on a bound of the search
    log_likelihood: float
    log_likelihood_unadjusted: float  # of the same studies, nothing selected
    lrt: float  # likelihood-ratio test of no selection; nan where no weight was estimated
    lrt_df: int
    lrt_p_value: float
    converged: bool
    se_reason: str | None  # 'not a peak', 'tau2 near 0', 'weight near 0', 'unseen': why a standard error is missing
    other_peaks: tuple[Peak, ...]  # others that were met, the likelier first: more than none is a warning
    unadjusted: LinearFit

    @property
    def estimate(self) -> float:
        """The first coefficient: with no moderators, the pooled effect."""
        return float(self.beta[0])


def selection_model(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    X: npt.ArrayLike | None = None,
    *,
    kind: str = "stepfun",
    steps: Sequence[float] | float | None = None,
    delta: Sequence[float | None] | None = None,
    alternative: str = "greater",
    method: str = "ML",
    prec: str | None = None,
    ni: Sequence[float] | Floats | None = None,
    delta_max: float = 100.0,
    level: float = 0.95,
) -> SelectionModel:
    """Fit a model of results that were seen more or less often by their p-values, by maximum likelihood.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and their sampling variances (> 0).
    X : array_like, shape (k, p), optional
        Design matrix; None is an intercept alone.
    kind : str
        The weight of a result. 'beta', 'halfnorm', 'negexp', 'logistic', 'power', 'negexppow': a formula in its p-value
        (see `WEIGHT_FUNCTIONS`). 'stepfun': constant between the `steps` (Vevea & Hedges 1995, Psychometrika 60,
        419-435). 'trunc': 1 beyond an effect of `steps` (0 if None), delta at and below it (Rust, Lehmann & Farley
        1990, J. Mark. Res. 27, 220-226); 'truncest' looks for that cutpoint too.
    steps : float or sequence of float, optional
        Of 'stepfun' the p-values between the intervals (0.025 if None); of the others, save 'beta', one p-value up to
        which the weight is 1.
    delta : sequence of float or None, optional
        Weights to hold fixed, None being estimated (Vevea & Woods 2005, Psychol. Methods 10, 428-443). A step
        function's begin with that of the first interval, 1.
    alternative : str
        'greater', 'less': one-sided p-values of effects above or below 0. 'two.sided'.
    method : str
        'ML' with, 'EE' without a between-study variance.
    prec : str, optional
        Of the smooth weights but 'beta': delta times a measure of imprecision, which is scaled to at most 1. 'sei',
        'vi', or 'ninv', 'sqrtninv' of the sample sizes `ni`.
    delta_max : float
        Upper bound of the weights' parameters.
    level : float
        Of the confidence intervals.

    Returns
    -------
    SelectionModel
        p-values of 'beta' and 'power' are taken no nearer than 1e-5 to 0 and 1; a peak of 'beta' that exists for this
        reason only comes last. Standard errors come from the exact
        second derivatives; where tau2 (below 1e-4 and a tenth of the smallest vi) or a weight (below 1e-4) is as good
        as 0, from those of the other parameters. `se_reason` says why one is missing.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be fitted, or an option that does not fit.
    """
    effects, variances = checked_studies(yi, vi)
    _check_options(kind, alternative, method, prec, ni, level, delta_max, effects.size)
    sign = -1.0 if alternative == "less" else 1.0
    unadjusted = fit_linear(effects, variances, X, method=method, test="z", level=level)  # type: ignore[arg-type]
    job = _Job(kind, alternative, method, level, sign, unadjusted, delta_max)
    if kind == "truncest":
        return _with_best_cutpoint(job, delta)
    cuts = _checked_steps(kind, steps)
    return _fitted(job, _prepared(job, cuts, prec, ni), cuts, _fixed(kind, delta, cuts))


@dataclass(frozen=True, slots=True)
class _Job:
    """What all attempts at one fit share."""

    kind: str
    alternative: str
    method: str
    level: float
    sign: float  # −1: effects are mirrored, so that selection is always upward
    unadjusted: LinearFit
    delta_max: float


def _check_options(
    kind: str,
    alternative: str,
    method: str,
    prec: str | None,
    ni: Sequence[float] | Floats | None,
    level: float,
    delta_max: float,
    k: int,
) -> None:
    if kind not in SELECTION_MODELS:
        raise ValueError(f"kind '{kind}': there are {', '.join(SELECTION_MODELS)}")
    if alternative not in ALTERNATIVES:
        raise ValueError(f"alternative '{alternative}': there are {', '.join(ALTERNATIVES)}")
    if kind.startswith("trunc") and alternative == "two.sided":
        raise ValueError(f"alternative 'two.sided': '{kind}' cuts off one side, say 'greater' or 'less'")
    if method not in ("ML", "EE"):
        raise ValueError(
            f"method '{method}': a selection model is fitted by ML, or by EE without a between-study variance"
        )
    check_level(level)
    if not delta_max > 0:
        raise ValueError(f"delta_max = {delta_max}: a weight's bound is above 0")
    if prec is None:
        return
    if prec not in PRECISIONS:
        raise ValueError(f"prec '{prec}': there are {', '.join(PRECISIONS)}")
    if kind not in WEIGHT_FUNCTIONS or not WEIGHT_FUNCTIONS[kind].takes_precision:
        raise ValueError(f"prec '{prec}': the weight of '{kind}' takes no precision")
    if prec in ("ninv", "sqrtninv"):
        if ni is None or np.shape(ni) != (k,):
            raise ValueError(f"prec '{prec}': give the sample size of each of the {k} studies as `ni`")
        for i, n in enumerate(number_column("ni", ni)):
            if not (math.isfinite(n) and n > 0):
                raise ValueError(f"ni[{i}] = {n}: a sample size is finite and above 0")


def _checked_steps(kind: str, steps: Sequence[float] | float | None) -> tuple[float, ...]:
    """The cutpoints that separate intervals: rising, for p-values without the 1 at the end."""
    given = () if steps is None else tuple(number_column("steps", steps, of="cutpoint").tolist())
    if kind == "trunc":
        if len(given) > 1 or not all(map(math.isfinite, given)):
            raise ValueError(f"steps = {given}: 'trunc' has one cutpoint, an effect")
        return given or (0.0,)
    if kind == "beta" and given:
        raise ValueError(f"steps = {given}: the beta weight has none")
    for step in given:
        if not 0 < step <= 1:
            raise ValueError(f"steps: {step} is no p-value between 0 and 1")
    cuts = tuple(sorted(set(given) - {1.0}))
    if kind == "stepfun":
        if given and not cuts:
            raise ValueError("steps: a step function needs a p-value below 1")
        return cuts or (0.025,)
    if len(cuts) > 1:
        raise ValueError(f"steps = {given}: '{kind}' has one p-value, up to which the weight is 1")
    return cuts


def _fixed(kind: str, delta: Sequence[float | None] | None, cuts: tuple[float, ...]) -> tuple[float | None, ...]:
    """The parameters' fixed values, None where estimated; of a step function without its leading 1."""
    count = len(cuts) if kind == "stepfun" else 1 if kind.startswith("trunc") else len(WEIGHT_FUNCTIONS[kind].null)
    if delta is None:
        return (None,) * count
    values = tuple(None if value is None else float(value) for value in delta)
    if kind == "stepfun":
        if len(values) != count + 1:
            raise ValueError(f"delta has {len(values)} values: {len(cuts)} cutpoints make {count + 1} intervals")
        if values[0] not in (None, 1.0):
            raise ValueError(
                f"delta[0] = {values[0]}: the first interval's weight is 1, the others' are relative to it"
            )
        values = values[1:]
    if len(values) != count:
        raise ValueError(f"delta has {len(values)} values: '{kind}' has {count}")
    for i, value in enumerate(values):
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise ValueError(f"delta[{i}] = {value}: a weight's parameter is finite and not below 0")
    return values


def _prepared(
    job: _Job, cuts: tuple[float, ...], prec: str | None, ni: Sequence[float] | Floats | None
) -> tuple[Selection, tuple[int, ...]]:
    """The way to select, and how many studies lie between the cutpoints."""
    from scipy.special import log_ndtr, ndtri

    root = np.sqrt(job.unadjusted.vi)
    zi = job.sign * job.unadjusted.yi / root
    two_sided = job.alternative == "two.sided"
    if job.kind == "trunc":
        interval = np.asarray(job.sign * job.unadjusted.yi <= job.sign * cuts[0], dtype=np.intp)
        place = (job.sign * cuts[0] / root)[:, None]
        return step_selection(place, interval, mirrored=False), tuple(np.bincount(interval, minlength=2).tolist())
    log_p = math.log(2) + log_ndtr(-np.abs(zi)) if two_sided else log_ndtr(-zi)
    if job.kind == "stepfun":
        interval = np.searchsorted(np.log(cuts), log_p, side="left")
        places = -ndtri(np.array(cuts) / (2 if two_sided else 1))[None, :]
        counts = tuple(np.bincount(interval, minlength=len(cuts) + 1).tolist())
        return step_selection(places, interval, mirrored=two_sided), counts
    precision = None
    if prec is not None:
        sizes = np.ones_like(root) if ni is None else number_column("ni", ni)
        measures = {"sei": root, "vi": job.unadjusted.vi, "ninv": 1 / sizes, "sqrtninv": 1 / np.sqrt(sizes)}
        precision = measures[prec] / measures[prec].max()
    weight, threshold = WEIGHT_FUNCTIONS[job.kind], cuts[0] if cuts else None
    return smooth_selection(weight, zi, precision, two_sided=two_sided, threshold=threshold), ()


def _fitted(
    job: _Job,
    prepared: tuple[Selection, tuple[int, ...]],
    cuts: tuple[float, ...],
    fixed: tuple[float | None, ...],
) -> SelectionModel:
    selection, counts = prepared
    fit = job.unadjusted
    likelihood = SelectionLikelihood(yi=job.sign * fit.yi, vi=fit.vi, X=fit.X, selection=selection)
    held = np.array([value is not None for value in fixed])
    at = np.array([np.nan if value is None else value for value in fixed])
    lowest = np.concatenate([np.full(fit.p, -np.inf), [0.0], np.where(held, at, selection.lowest)])
    top = 0.0 if job.method == "EE" else np.inf
    highest = np.concatenate([np.full(fit.p, np.inf), [top], np.where(held, at, job.delta_max)])
    starts = _starts(job, selection, lowest[fit.p + 1 :], highest[fit.p + 1 :])
    found = hills(likelihood.value, likelihood.expansion, starts, lowest, highest) or [_nowhere(lowest.size)]
    return _reported(job, _in_order(job, found, lowest), counts, cuts, held)


def _in_order(job: _Job, peaks: list[Maximum], lowest: Floats) -> list[Maximum]:
    """Highest first, but last those of 'beta' that only its floor of p-values holds up.

    Towards p = 0 the weight p^(δ − 1) grows as exp((1 − δ) y² / 2v), and results thin out as exp(−y² / 2(v + τ²)):
    unless δ > τ² / (v + τ²), the mean weight is infinite, and the likelihood 0. With p-values held above 0 it is
    finite, and may rise towards the bound of δ. Towards p = 1 of one side the same holds of the other parameter.
    """
    if job.kind != "beta":
        return peaks
    none = _unadjusted_log_likelihood(job.unadjusted)
    first, v = job.unadjusted.p + 1, float(job.unadjusted.vi.min())
    last = first + (1 if job.alternative == "two.sided" else 2)

    def is_held_up(peak: Maximum) -> bool:
        tau2, delta = float(peak.theta[first - 1]), peak.theta[first:last]
        at_bound = delta <= lowest[first:last] * (1 + 1e-9)
        return bool((at_bound & (delta <= tau2 / (v + tau2))).any())

    # A peak less likely than no selection is no better.
    return sorted(peaks, key=lambda peak: peak.value < none or is_held_up(peak))


def _nowhere(size: int) -> Maximum:
    """Under fixed weights that leave some study practically no chance to be seen."""
    missing = np.full(size, np.nan)
    return Maximum(
        theta=missing,
        value=math.nan,
        gradient=missing,
        hessian=np.full((size, size), np.nan),
        at_bound=(False,) * size,
        converged=False,
    )


def _starts(job: _Job, selection: Selection, lowest: Floats, highest: Floats) -> list[list[Floats]]:
    """For each set of weights, from none to strong selection, with and without a between-study variance: effects."""
    fit = job.unadjusted
    typical = float(np.median(fit.vi))
    spread = math.sqrt(fit.tau2 + typical)
    some = [fit.tau2 + 0.05 * typical, 0.3 * fit.tau2 + 0.02 * typical, 2 * fit.tau2 + 0.3 * typical]
    level = np.linalg.lstsq(fit.X, np.ones(fit.k), rcond=None)[0]
    weights: list[Floats] = []
    for start in (selection.null, *selection.starts):
        delta = np.clip(start, lowest, highest)
        if not any(np.array_equal(delta, other) for other in weights):
            weights.append(delta)
    return [
        [
            np.concatenate([job.sign * fit.beta + shift * spread * level, [tau2], delta])
            for tau2 in variances
            for shift in _SHIFTS
        ]
        for delta in weights
        for variances in (([0.0],) if job.method == "EE" else ([0.0], some))
    ]


def _reported(
    job: _Job,
    peaks: list[Maximum],
    counts: tuple[int, ...],
    cuts: tuple[float, ...],
    held: npt.NDArray[np.bool_],
) -> SelectionModel:
    fit, p, found = job.unadjusted, job.unadjusted.p, peaks[0]
    covariance, reason = _covariance(job, found, held)
    beta, tau2, delta = job.sign * found.theta[:p], float(found.theta[p]), found.theta[p + 1 :]
    with np.errstate(invalid="ignore"):
        spread = np.sqrt(np.diagonal(covariance))
    tests = wald(beta, spread[:p], None, job.level)
    none = _unadjusted_log_likelihood(fit)
    free = int((~held).sum())
    lrt = max(0.0, 2 * (found.value - none)) if free else math.nan
    bounds = found.at_bound[p + 1 :]
    first = [1.0] if job.kind == "stepfun" else []
    return SelectionModel(
        kind=job.kind,
        alternative=job.alternative,
        method=job.method,
        level=job.level,
        k=fit.k,
        steps=cuts,
        studies_in_interval=counts,
        beta=beta,
        covariance=covariance[:p, :p],
        se=spread[:p],
        statistic=tests.statistic,
        p_value=tests.p_value,
        ci_lower=tests.ci_lower,
        ci_upper=tests.ci_upper,
        tau2=tau2,
        se_tau2=float(spread[p]),
        delta=np.concatenate([first, delta]),
        se_delta=np.concatenate([np.full(len(first), np.nan), spread[p + 1 :]]),
        delta_at_bound=(
            *(False for _ in first),
            *(b and not h for b, h in zip(bounds, held.tolist(), strict=True)),
        ),
        log_likelihood=found.value,
        log_likelihood_unadjusted=none,
        lrt=lrt,
        lrt_df=free,
        lrt_p_value=chi_square_tail(lrt, free) if free else math.nan,
        converged=found.converged,
        se_reason=reason,
        other_peaks=tuple(
            Peak(
                log_likelihood=peak.value,
                beta=job.sign * peak.theta[:p],
                tau2=float(peak.theta[p]),
                delta=np.concatenate([first, peak.theta[p + 1 :]]),
            )
            for peak in peaks[1:]
            if peak.converged
        ),
        unadjusted=fit,
    )


def _unadjusted_log_likelihood(fit: LinearFit) -> float:
    total = fit.vi + fit.tau2
    return float(-0.5 * (np.log(2 * math.pi * total) + (fit.yi - fit.fitted) ** 2 / total).sum())


def _covariance(job: _Job, found: Maximum, held: npt.NDArray[np.bool_]) -> tuple[Floats, str | None]:
    """Inverse of the information in (β, τ², δ), nan where there is none, and why."""
    fit, p = job.unadjusted, job.unadjusted.p
    size = found.theta.size
    if not np.isfinite(found.hessian).all():
        return np.full((size, size), np.nan), "unseen"
    estimated = np.concatenate([np.ones(p + 1, dtype=bool), ~held])
    reason = None
    if job.method == "EE":
        estimated[p] = False
    elif found.theta[p] < min(_TAU2_AS_ZERO, float(fit.vi.min()) / 10):
        estimated[p], reason = False, "tau2 near 0"
    if job.kind in ("beta", "stepfun", "trunc", "truncest"):
        as_zero = estimated[p + 1 :] & (found.theta[p + 1 :] < _WEIGHT_AS_ZERO)
        if as_zero.any():
            estimated[p + 1 :] &= ~as_zero
            reason = "weight near 0"
    which = np.flatnonzero(estimated)
    covariance = np.full((size, size), np.nan)
    information = -found.hessian[np.ix_(which, which)]
    scale = np.sqrt(np.maximum(np.diagonal(information), 1e-300))
    curvature, directions = np.linalg.eigh(information / np.outer(scale, scale))
    if not (np.diagonal(information) > 0).all() or curvature[0] <= 1e-10 * curvature[-1]:
        return covariance, "not a peak"
    inverse = (directions / curvature) @ directions.T / np.outer(scale, scale)
    covariance[np.ix_(which, which)] = inverse
    return covariance, reason


def _with_best_cutpoint(job: _Job, delta: Sequence[float | None] | None) -> SelectionModel:
    """'trunc' at the cutpoint of highest likelihood.

    Between two effects the likelihood rises or falls all the way as the cutpoint moves, as only the chance of being
    seen changes. So the best cutpoint is at an effect, or as close below one as numbers allow.
    """
    values = (None, None) if delta is None else tuple(delta)
    if len(values) != 2:
        raise ValueError(f"delta has {len(values)} values: 'truncest' has a weight and a cutpoint")
    if values[1] is not None:
        cuts = [float(values[1])]
    else:
        own = job.sign * job.unadjusted.yi
        places = np.unique(np.concatenate([np.nextafter(own, -np.inf), own]))
        # With all studies on one side the cutpoint is nowhere in particular, unless they are all in one place.
        cuts = (job.sign * (places[1:-1] if places.size > 2 else places[:1])).tolist()
    cut_job = _Job("trunc", job.alternative, job.method, job.level, job.sign, job.unadjusted, job.delta_max)
    fixed = _fixed("trunc", values[:1], ())
    fits = [_fitted(cut_job, _prepared(cut_job, (cut,), None, None), (cut,), fixed) for cut in cuts]
    best = max(fits, key=lambda fit: fit.log_likelihood)
    return _as_truncest(best, estimated=values[1] is None)


def _as_truncest(fit: SelectionModel, *, estimated: bool) -> SelectionModel:
    from dataclasses import replace

    # The likelihood jumps at its peak in the cutpoint, which therefore has no standard error.
    df = fit.lrt_df + (1 if estimated else 0)
    return replace(
        fit,
        kind="truncest",
        delta=np.append(fit.delta, fit.steps[0]),
        se_delta=np.append(fit.se_delta, np.nan),
        delta_at_bound=(*fit.delta_at_bound, False),
        lrt_df=df,
        lrt=max(0.0, 2 * (fit.log_likelihood - fit.log_likelihood_unadjusted)) if df else math.nan,
        lrt_p_value=chi_square_tail(max(0.0, 2 * (fit.log_likelihood - fit.log_likelihood_unadjusted)), df)
        if df
        else math.nan,
    )

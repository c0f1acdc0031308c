"""The pooled effect under every defensible choice: measure, studies, zero cells, model and interval.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects import Measure, measure_named
from evenhand.effects.zero_cells import AS_COUNTED, BY_ARM_SIZE, HALF_WHERE_ZERO, ZeroCells
from evenhand.synthesis.counts.checked_counts import checked_arms, checked_level
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.pooled import Posterior
from evenhand.synthesis.sensitivity.bayes_ways import DEFAULT_PRIOR, EXACT_COUNTS, bayes_ways, way_of_posterior
from evenhand.synthesis.sensitivity.common_scale import CommonScale, OwnScale, PeopleScale, UnitScale
from evenhand.synthesis.sensitivity.counted_ways import counted_ways
from evenhand.synthesis.sensitivity.inverse_variance_ways import (
    MAIN_INTERVAL,
    MAIN_MODEL,
    inverse_variance_ways,
    with_an_effect,
)
from evenhand.synthesis.sensitivity.specification import (
    ALL_STUDIES,
    ONE_LEFT_OUT,
    Multiverse,
    Specification,
    choices_of,
)
from evenhand.synthesis.sensitivity.study_sets import StudySet, study_sets
from evenhand.synthesis.sensitivity.ways import Way

LeaveOneOut = Literal["main model", "every model", "none"]
MEASURES_OF_COUNTS = ("OR", "RR", "RD")
MEASURES_OF_MEANS = ("MD", "SMD", "ROM")
_NO_FLAGS: Mapping[str, Sequence[bool]] = {}
_ZERO_CELLS: tuple[tuple[str, ZeroCells], ...] = (
    ("half", HALF_WHERE_ZERO),
    ("half by arm size", BY_ARM_SIZE),
    ("half unless both are zero", ZeroCells(to="only0", drop00=True)),
    ("left out", AS_COUNTED),
)


def multiverse_of_counts(
    events_t: ArrayLike,
    n_t: ArrayLike,
    events_c: ArrayLike,
    n_c: ArrayLike,
    *,
    labels: Sequence[str] | None = None,
    flags: Mapping[str, Sequence[bool]] = _NO_FLAGS,
    measure: str = "OR",
    baseline_risk: float | None = None,
    posterior: Posterior | None = None,
    leave_one_out: LeaveOneOut = "main model",
    level: float = 0.95,
) -> Multiverse:
    """Pool two arms' counts in every defensible way, in people of 1,000 more or fewer.

    Odds ratios, risk ratios and risk differences; eight estimators of tau2 with three intervals; Mantel–Haenszel, and
    for odds ratios Peto and the conditional models; posteriors under several priors; all studies, without each, and
    without those that bear a flag; and, where a zero cell leaves a study without an effect, what may be done about it.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : array_like, shape (k,)
        People with the event, and all people, treated and control; one entry a study.
    labels : sequence of str, shape (k,), optional
        The studies' names.
    flags : mapping of str to sequence of bool, shape (k,)
        What may be held against a study, and whether it is: {'high risk of bias': [False, True, …]}.
    measure : {'OR', 'RR', 'RD'}
        Of the specification that leads.
    baseline_risk : float, optional
        Risk without treatment, between 0 and 1. Unless given, that of all control arms together, with Jeffreys' half.
        It is held fixed: what differs between specifications is the effect alone.
    posterior : Posterior, optional
        The posterior that a report leads with, of all studies on `measure`. Without it REML with Knapp–Hartung leads.
    leave_one_out : {'main model', 'every model', 'none'}
        Whether studies are left out in turn under REML and Knapp–Hartung of each measure, under all estimators, or not.
    level : float
        Of the intervals.

    Returns
    -------
    Multiverse
        A specification that gives no estimate is a row too, with its reason.

    Raises
    ------
    ValueError
        Naming study and value that cannot be, or an option there is not.

    References
    ----------
    Steegen, Tuerlinckx, Gelman & Vanpaemel (2016). Perspect. Psychol. Sci. 11, 702-712; Voracek, Kossmeier & Tran
    (2019). Z. Psychol. 227, 64-82.
    """
    counts = checked_arms(events_t, n_t, events_c, n_c)
    if measure not in MEASURES_OF_COUNTS:
        raise ValueError(f"measure '{measure}': counts are read as {', '.join(MEASURES_OF_COUNTS)}")
    _, n1, events, n2 = counts
    if baseline_risk is None:
        baseline_risk = float((events.sum() + 0.5) / (n2.sum() + 1.0))
    if not 0 < baseline_risk < 1:
        raise ValueError(f"baseline_risk = {baseline_risk}: a risk without treatment lies between 0 and 1")
    scale = PeopleScale(baseline_risk=baseline_risk)
    sets, empty = study_sets(_labels(labels, events.size), flags, leave_one_out=leave_one_out != "none")
    rows: list[Specification] = []
    for one in _first(measure, MEASURES_OF_COUNTS):
        for place, (word, yi, vi) in enumerate(_conventions(one, counts)):
            rows += _of_effects(one, yi, vi, n1 + n2, word, sets, scale, leave_one_out, level, main=place == 0)
        judged = [each for each in sets if each.name != ONE_LEFT_OUT]
        rows += [_specification(one, "none", way, scale) for way in counted_ways(counts, one.name, judged, level=level)]
    return _multiverse(rows, scale, empty, measure_named(measure), posterior, sets[0], level)


def multiverse_of_means(
    mean_t: ArrayLike,
    sd_t: ArrayLike,
    n_t: ArrayLike,
    mean_c: ArrayLike,
    sd_c: ArrayLike,
    n_c: ArrayLike,
    *,
    labels: Sequence[str] | None = None,
    flags: Mapping[str, Sequence[bool]] = _NO_FLAGS,
    measure: str = "MD",
    unit_sd: float | None = None,
    baseline_mean: float | None = None,
    posterior: Posterior | None = None,
    leave_one_out: LeaveOneOut = "main model",
    level: float = 0.95,
) -> Multiverse:
    """Pool two arms' means in every defensible way, in the outcome's unit.

    Mean differences, standardised mean differences and, where all means are above 0, ratios of means; else as
    `multiverse_of_counts`. For studies that all measured in one unit: of several units a standardised difference is no
    choice but a need, and `multiverse_of_effects` takes it alone.

    Parameters
    ----------
    mean_t, sd_t, n_t, mean_c, sd_c, n_c : array_like, shape (k,)
        Mean, standard deviation and participants, treated and control; one entry a study.
    measure : {'MD', 'SMD', 'ROM'}
        Of the specification that leads.
    unit_sd : float, optional
        What one standard deviation is in the outcome's unit. Unless given, that within all arms together.
    baseline_mean : float, optional
        Mean without treatment. Unless given, that of all people in the control arms.
    labels, flags, posterior, leave_one_out, level
        As in `multiverse_of_counts`.

    Raises
    ------
    ValueError
        Naming study and value that cannot be, or an option there is not.
    """
    figures = _checked_means(mean_t=mean_t, sd_t=sd_t, n_t=n_t, mean_c=mean_c, sd_c=sd_c, n_c=n_c)
    mean_1, sd_1, n1, mean_2, sd_2, n2 = figures
    if measure not in MEASURES_OF_MEANS:
        raise ValueError(f"measure '{measure}': means are read as {', '.join(MEASURES_OF_MEANS)}")
    if unit_sd is None:
        unit_sd = math.sqrt(float(((n1 - 1) @ sd_1**2 + (n2 - 1) @ sd_2**2) / (n1 + n2 - 2).sum()))
    if baseline_mean is None:
        baseline_mean = float(n2 @ mean_2 / n2.sum())
    if not (math.isfinite(unit_sd) and unit_sd > 0):
        raise ValueError(f"unit_sd = {unit_sd}: a standard deviation is finite and above 0")
    if not math.isfinite(baseline_mean):
        raise ValueError(f"baseline_mean = {baseline_mean}: a mean is a finite number")
    positive = (min(mean_1.min(), mean_2.min(), baseline_mean)) > 0
    if measure == "ROM" and not positive:
        raise ValueError("measure 'ROM': a ratio needs all means, and the baseline mean, above 0; take 'MD' or 'SMD'")
    scale = UnitScale(unit_sd=unit_sd, baseline_mean=baseline_mean)
    sets, empty = study_sets(_labels(labels, n1.size), flags, leave_one_out=leave_one_out != "none")
    rows: list[Specification] = []
    for one in _first(measure, MEASURES_OF_MEANS if positive else MEASURES_OF_MEANS[:2]):
        yi, vi = one.estimate(*figures)
        # A measure that some study does not allow (SMD of two people) would compare other studies, not another choice.
        if one.name == measure or with_an_effect(yi, vi).all():
            rows += _of_effects(one, yi, vi, n1 + n2, "none", sets, scale, leave_one_out, level, main=True)
    return _multiverse(rows, scale, empty, measure_named(measure), posterior, sets[0], level)


def multiverse_of_effects(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    measure: str = "GEN",
    n: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    flags: Mapping[str, Sequence[bool]] = _NO_FLAGS,
    posterior: Posterior | None = None,
    leave_one_out: LeaveOneOut = "main model",
    level: float = 0.95,
) -> Multiverse:
    """Pool effects known only as `yi` and `vi` in every defensible way, on their own analysis scale.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    measure : str
        A name in `MEASURES` that compares two groups; 'GEN' for any other effect, with 0 for none.
    n : array_like, shape (k,), optional
        Participants, from which the prior of a measure that is not a log takes its scale.
    labels, flags, posterior, leave_one_out, level
        As in `multiverse_of_counts`.

    Raises
    ------
    ValueError
        Naming study and value that cannot be pooled, or an option there is not; or for a measure of one group.
    """
    effects, variances = checked_studies(np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64))
    known = measure_named(measure)
    if known.null is None:
        raise ValueError(f"measure '{measure}': it compares nothing, so no analysis of it can point one way or another")
    sizes = None if n is None else np.asarray(n, dtype=np.float64)
    if sizes is not None and sizes.shape != effects.shape:
        raise ValueError(f"{sizes.size} numbers of participants (n) but {effects.size} studies")
    scale = OwnScale()
    sets, empty = study_sets(_labels(labels, effects.size), flags, leave_one_out=leave_one_out != "none")
    rows = _of_effects(known, effects, variances, sizes, "none", sets, scale, leave_one_out, level, main=True)
    return _multiverse(rows, scale, empty, known, posterior, sets[0], level)


def _labels(labels: Sequence[str] | None, k: int) -> Sequence[str]:
    if labels is None:
        return [f"study {i + 1}" for i in range(k)]
    if len(labels) != k:
        raise ValueError(f"{len(labels)} labels for {k} studies. Mend: give one a study.")
    return labels


def _first(measure: str, measures: Sequence[str]) -> list[Measure]:
    """The measures, the one that leads before the others."""
    return [measure_named(name) for name in sorted(measures, key=lambda name: name != measure)]


def _checked_means(**figures: ArrayLike) -> tuple[Floats, ...]:
    arrays = {name: np.atleast_1d(np.asarray(values, dtype=np.float64)) for name, values in figures.items()}
    sizes = {array.shape for array in arrays.values()}
    if len(sizes) > 1 or any(len(size) != 1 for size in sizes):
        said = ", ".join(f"{name} {array.size}" for name, array in arrays.items())
        raise ValueError(f"figures of different length: {said}. Mend: give one of each a study.")
    if next(iter(sizes)) == (0,):
        raise ValueError("no study: nothing to pool")
    least = {"mean": -math.inf, "sd": 0.0, "n": 1.0}
    for name, array in arrays.items():
        bound = least[name.partition("_")[0]]
        for i in np.flatnonzero(~(np.isfinite(array) & (array > bound))):
            raise ValueError(
                f"{name}[{i}] = {array[i]}: a mean is finite, a standard deviation above 0, and an arm has two people "
                "or more; leave the study out if it is not reported"
            )
    return tuple(arrays.values())


def _conventions(measure: Measure, counts: tuple[Floats, ...]) -> list[tuple[str, Floats, Floats]]:
    """The studies' effects under each treatment of zero cells that makes a difference."""
    yi, vi = measure.estimate(*counts)
    if with_an_effect(yi, vi).all():
        return [("none", yi, vi)]
    different: list[tuple[str, Floats, Floats]] = []
    for word, zero_cells in _ZERO_CELLS:
        yi, vi = measure.estimate(*counts, zero_cells=zero_cells)
        vi = np.where(with_an_effect(yi, vi), vi, np.nan)
        if not any(np.array_equal(vi, other, equal_nan=True) for _, _, other in different):
            different.append((word, yi, vi))
    return different


def _of_effects(
    measure: Measure,
    yi: Floats,
    vi: Floats,
    n: Floats | None,
    zero_cells: str,
    sets: Sequence[StudySet],
    scale: CommonScale,
    leave_one_out: LeaveOneOut,
    level: float,
    *,
    main: bool,
) -> list[Specification]:
    """One set of effects in every way; priors and other sets of studies only where `main`."""
    checked_level(level)
    if leave_one_out not in ("main model", "every model", "none"):
        raise ValueError(f"leave_one_out '{leave_one_out}': there are 'main model', 'every model', 'none'")
    judged = [one for one in sets if one.name != ONE_LEFT_OUT]
    every = leave_one_out == "every model"
    # Other ways with empty cells are tried on all studies: crossed with every set, they would outnumber all else.
    tried = sets if main or every else sets[:1]
    ways = inverse_variance_ways(yi, vi, tried, every_model_without_one=every, level=level)
    if main:
        ways += bayes_ways(yi, vi, n, measure, judged, level=level)
    return [_specification(measure, zero_cells, way, scale) for way in ways]


def _specification(measure: Measure, zero_cells: str, way: Way, scale: CommonScale) -> Specification:
    native = np.array([way.estimate, way.ci_lower, way.ci_upper])
    shared = scale.of(measure.name, native).tolist()
    with np.errstate(over="ignore"):
        shown = np.asarray(measure.to_display(native)).tolist()
    return Specification(
        measure=measure.name,
        studies=way.studies.name,
        left_out=way.studies.left_out,
        zero_cells=zero_cells,
        model=way.model,
        interval=way.interval,
        prior=way.prior,
        estimate=shared[0],
        ci_lower=shared[1],
        ci_upper=shared[2],
        native_estimate=shown[0],
        native_ci_lower=shown[1],
        native_ci_upper=shown[2],
        k=way.k,
        tau2=way.tau2,
        converged=way.converged,
        reason=way.reason,
    )


def _multiverse(
    rows: list[Specification],
    scale: CommonScale,
    empty: tuple[str, ...],
    measure: Measure,
    posterior: Posterior | None,
    everything: StudySet,
    level: float,
) -> Multiverse:
    rows, lead = _with_lead(rows, scale, measure, posterior, everything, level)
    return Multiverse(
        scale=scale.name,
        baseline_risk=scale.baseline_risk if isinstance(scale, PeopleScale) else None,
        unit_sd=scale.unit_sd if isinstance(scale, UnitScale) else None,
        baseline_mean=scale.baseline_mean if isinstance(scale, UnitScale) else None,
        specifications=tuple(rows),
        lead=lead,
        nothing_left=empty,
        choices=choices_of(rows),
    )


def _with_lead(
    rows: list[Specification],
    scale: CommonScale,
    measure: Measure,
    posterior: Posterior | None,
    everything: StudySet,
    level: float,
) -> tuple[list[Specification], int | None]:
    """The rows, among them the one that leads, and its place."""
    if posterior is not None:
        counted = posterior.likelihood != "normal"
        if not counted and posterior.tau is None and posterior.prior_mu == "flat":
            # One study under a flat prior is that study's own estimate, which stands there already.
            return rows, _place(rows, measure, "EE", "z")
        k = int(everything.used.sum())
        way = way_of_posterior(posterior, EXACT_COUNTS if counted else DEFAULT_PRIOR, everything, k, level)
        kept = [
            one
            for one in rows
            if counted or (one.measure, one.model, one.studies) != (measure.name, DEFAULT_PRIOR, ALL_STUDIES)
        ]
        return [_specification(measure, "none", way, scale), *kept], 0
    by_reml = _place(rows, measure, MAIN_MODEL, MAIN_INTERVAL)
    return rows, _place(rows, measure, "EE", "z") if by_reml is None else by_reml


def _place(rows: Sequence[Specification], measure: Measure, model: str, interval: str) -> int | None:
    wanted = (measure.name, ALL_STUDIES, model, interval)
    places = (
        i
        for i, one in enumerate(rows)
        if (one.measure, one.studies, one.model, one.interval) == wanted and one.is_estimated
    )
    return next(places, None)

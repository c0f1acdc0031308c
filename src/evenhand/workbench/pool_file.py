"""A file of studies pooled: effects, one estimate across them, and what was done to get there.

Pipeline: dossier → integrity → effects → synthesis → [workbench] → report
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Floats
from evenhand.dossier.faults import DossierError, Fault
from evenhand.dossier.ledger import shown
from evenhand.dossier.nearest import mend_of_word
from evenhand.effects import Kind
from evenhand.effects.zero_cells import ZeroCells
from evenhand.synthesis.counts.common_effect import CommonEffect
from evenhand.synthesis.counts.generalised_linear import mixed_model, mixed_model_of_one_arm
from evenhand.synthesis.counts.mantel_haenszel_rates import mantel_haenszel_rates
from evenhand.synthesis.counts.mantel_haenszel_tables import mantel_haenszel
from evenhand.synthesis.counts.mixed_fit import MixedFit
from evenhand.synthesis.counts.peto_method import peto
from evenhand.synthesis.pairwise import TESTS, meta_analysis
from evenhand.synthesis.pooled import Classical, Posterior
from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.hypergeometric_posterior import hypergeometric_posterior
from evenhand.synthesis.posterior.priors import default_priors
from evenhand.synthesis.prediction import PREDICTIONS as prediction_kinds  # noqa: N811  # ours leaves one out
from evenhand.synthesis.tau2.estimators import ESTIMATORS
from evenhand.workbench.study_columns import columns_of
from evenhand.workbench.study_file import StudyFile

# Simulation asks for a generator, which a command does not have.
PREDICTIONS = tuple(kind for kind in prediction_kinds if kind != "NNF")
_MIXED = ("UM.FS", "UM.RS", "CM.EL", "CM.AL")
OF_COUNTS = ("MH", "PETO", *_MIXED)
BAYES = "BAYES"
# Generalised Q asks for weights of its own, which a file does not hold.
METHODS = (*(name for name in ESTIMATORS if not name.startswith("GENQ")), *OF_COUNTS, BAYES)
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledFile:
    """What one file of studies says together."""

    file: StudyFile
    yi: Floats  # shape (rows,), analysis scale; nan where a study gives none
    vi: Floats
    used: tuple[bool, ...]  # which rows are pooled
    result: Classical
    posterior: Posterior | None  # of method 'BAYES'
    level: float
    prediction: str  # kind of the new study's interval
    zero_cells: ZeroCells | None  # as asked; None: what is customary for the measure
    notices: tuple[str, ...]  # of reading and of pooling


def pool_study_file(
    file: StudyFile,
    *,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
    prediction: str = "test",
    zero_cells: ZeroCells | None = None,
) -> PooledFile:
    """Pool a file's studies.

    Parameters
    ----------
    file : StudyFile
    method : str
        A name in `METHODS`: an estimator of tau2, 'MH' (Mantel-Haenszel), 'PETO', a mixed model of counts by name, or
        'BAYES', the exact posterior with evenhand's default priors.
    test : str
        A name in `TESTS`.
    level : float
        Of the intervals.
    prediction : str
        A name in `PREDICTIONS`: how the interval of a new study's effect is made, where effects are pooled by inverse
        variance.
    zero_cells : ZeroCells, optional
        What is added to zero cells for a study's own effect; without it, what is customary for the measure. Said in
        the notices. Methods of counts need none for the pool.

    Raises
    ------
    DossierError
        Where the method needs counts and the file has none, or no study can be pooled.
    """
    if method not in METHODS:
        raise ValueError(f"method '{method}': {mend_of_word(method, METHODS)}")
    if test not in TESTS:
        raise ValueError(f"test '{test}': {mend_of_word(test, TESTS)}")
    yi, vi = file.effects(zero_cells)
    counted = method in OF_COUNTS or (method == BAYES and file.measure.name == "OR" and file.from_arms)
    used = _complete(file) if counted else np.isfinite(yi) & np.isfinite(vi) & (vi > 0)
    if not used.any():
        raise _fault(file, "no study can be pooled", "give each study all its figures")
    notices = (*file.notices, *_left_out(file, used), *([] if counted else _added(file, yi, used, zero_cells)))
    posterior = None
    if method == BAYES:
        posterior = _posterior(file, yi[used], vi[used], used, counted=counted)
        result = _as_classical(posterior, yi[used], vi[used], level)
    elif method in OF_COUNTS:
        result = _of_counts(file, used, method, test, level)
    else:
        result = _of_effects(file, yi[used], vi[used], method, test, level, prediction)
    return PooledFile(
        file=file,
        yi=yi,
        vi=vi,
        used=tuple(used.tolist()),
        result=replace(result, level=level),
        posterior=posterior,
        level=level,
        prediction=prediction,
        zero_cells=zero_cells,
        notices=notices,
    )


def _complete(file: StudyFile) -> NDArray[np.bool_]:
    """Rows with all their counts."""
    _require_counts(file)
    return np.asarray(np.isfinite(np.stack([*file.figures.values()])).all(axis=0), dtype=np.bool_)


def _require_counts(file: StudyFile) -> None:
    if not file.from_arms or file.measure.kind not in (Kind.COUNTS, Kind.RATES, Kind.ONE_COUNT, Kind.ONE_RATE):
        raise _fault(
            file,
            "this method pools counts, and the file gives effects",
            "give events_1, n_1, events_2, n_2, or choose another method",
        )


def _fault(file: StudyFile, problem: str, mend: str) -> DossierError:
    return DossierError([Fault(file=file.name, problem=problem, mend=mend)])


def _left_out(file: StudyFile, used: NDArray[np.bool_]) -> tuple[str, ...]:
    """Which studies are not pooled, and why."""
    said = []
    for i in np.flatnonzero(~used):
        complete = all(math.isfinite(figures[i]) for figures in file.figures.values())
        why = "it gives no estimate without adding to zero cells" if complete else "a figure is not reported"
        said.append(f"{file.name}, row {file.lines[i]}: study '{shown(file.labels[i])}' is left out, as {why}")
    return tuple(said)


def _added(file: StudyFile, yi: Floats, used: NDArray[np.bool_], zero_cells: ZeroCells | None) -> tuple[str, ...]:
    """To which studies something was added so that they have an effect: those whose effect is another as counted."""
    if not file.from_arms or file.measure.customary_zero_cells is None:
        return ()
    as_counted, _ = file.effects(ZeroCells(to="none"))
    touched = [
        shown(label)
        for label, one, other, is_used in zip(file.labels, yi, as_counted, used, strict=True)
        if is_used and one != other
    ]
    if not touched:
        return ()
    added = (zero_cells or file.measure.customary_zero_cells).add
    named = ", ".join(touched[:_MOST_NAMED]) + (", …" if len(touched) > _MOST_NAMED else "")
    return (
        f"{added:g} was added to each cell of {named}, as zero cells give no such effect; "
        "'--method CM.EL' and '--method MH' pool the counts as they are",
    )


def _posterior(file: StudyFile, yi: Floats, vi: Floats, used: NDArray[np.bool_], *, counted: bool) -> Posterior:
    if counted:
        counts = np.stack([file.figures[column][used] for column in columns_of(file.measure)], axis=1).astype(int)
        return hypergeometric_posterior([(a, n, c, m) for a, n, c, m in counts.tolist()])
    prior_mu, prior_tau = default_priors(measure_is_log=file.measure.is_ratio, vi=vi.tolist(), n=_people(file, used))
    return exact_posterior(yi, vi, prior_mu=prior_mu, prior_tau=prior_tau)


def _people(file: StudyFile, used: NDArray[np.bool_]) -> list[int | None]:
    sizes = [file.figures[column][used] for column in ("n_1", "n_2") if column in file.figures]
    return np.sum(sizes, axis=0).astype(int).tolist() if len(sizes) == 2 else [None] * int(used.sum())


def _of_effects(
    file: StudyFile, yi: Floats, vi: Floats, method: str, test: str, level: float, prediction: str
) -> Classical:
    try:
        return meta_analysis(yi, vi, method=method, test=test, level=level, prediction=prediction)
    except ValueError as error:
        problem, _, mend = str(error).partition(": ")
        raise _fault(file, problem, mend or "choose another method or test") from None


def _of_counts(file: StudyFile, used: NDArray[np.bool_], method: str, test: str, level: float) -> Classical:
    """A method that takes counts as they are, in the columns of a table."""
    counts, measure = [file.figures[column][used] for column in columns_of(file.measure)], file.measure.name
    try:
        if method in _MIXED:
            tested = "t" if test == "t" else "z"  # the scaling of 'knha' belongs to inverse variances
            if file.measure.kind.is_one_arm:
                return _mixed(mixed_model_of_one_arm(*counts, measure=measure, test=tested, level=level), method)
            return _mixed(mixed_model(*counts, measure=measure, model=method, test=tested, level=level), method)
        if method == "PETO":
            return _one_effect(peto(*counts, level=level), method)
        pool_tables = mantel_haenszel_rates if file.measure.kind is Kind.RATES else mantel_haenszel
        return _one_effect(pool_tables(*counts, measure=measure, level=level), method)
    except ValueError as error:
        problem, _, mend = str(error).partition(": ")
        raise _fault(file, f"{method} of {measure}: {problem}", mend or "choose another method or measure") from None


def _one_effect(common: CommonEffect, method: str) -> Classical:
    """One effect in all studies: no variance between them, and a new study has the same."""
    return Classical(
        method=method,
        test="z",
        estimate=common.estimate,
        se=common.se,
        ci_lower=common.ci_lower,
        ci_upper=common.ci_upper,
        p_value=common.p_value,
        tau2=0.0,
        i2=common.i2,
        q=common.q,
        q_p_value=common.q_p_value,
        pi_lower=common.ci_lower,
        pi_upper=common.ci_upper,
        k=common.k,
        statistic=common.statistic,
        h2=common.h2,
    )


def _mixed(fit: MixedFit, method: str) -> Classical:
    """A mixed model in the columns of a table; Q is that of the likelihoods."""
    return Classical(
        method=method,
        test=fit.test,
        estimate=fit.estimate,
        se=fit.se,
        ci_lower=fit.ci_lower,
        ci_upper=fit.ci_upper,
        p_value=fit.p_value,
        tau2=fit.tau2,
        i2=fit.i2,
        q=fit.q,
        q_p_value=fit.q_p_value,
        pi_lower=fit.pi_lower,
        pi_upper=fit.pi_upper,
        k=fit.k,
        converged=fit.converged,
        statistic=fit.statistic,
        df=fit.df,
        h2=fit.h2,
        se_tau2=fit.se_tau2,
        fit=fit.fit,
    )


def _as_classical(posterior: Posterior, yi: Floats, vi: Floats, level: float) -> Classical:
    """A posterior in the columns of a table: its median and sd, and limits that hold `level` of it."""
    tail = (1 - level) / 2
    fixed = meta_analysis(yi[np.isfinite(vi)], vi[np.isfinite(vi)], method="EE") if np.isfinite(vi).any() else None
    return Classical(
        method=BAYES,
        test="z",
        estimate=posterior.mu.quantile(0.5),
        se=posterior.mu.sd,
        ci_lower=posterior.mu.quantile(tail),
        ci_upper=posterior.mu.quantile(1 - tail),
        p_value=math.nan,
        tau2=math.nan if posterior.tau is None else posterior.tau.quantile(0.5) ** 2,
        i2=math.nan,
        q=math.nan if fixed is None else fixed.q,
        q_p_value=math.nan if fixed is None else fixed.q_p_value,
        pi_lower=posterior.prediction.quantile(tail),
        pi_upper=posterior.prediction.quantile(1 - tail),
        k=yi.size,
    )

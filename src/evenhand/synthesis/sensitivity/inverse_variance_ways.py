"""The same effects pooled by inverse variance in every usual way: estimators of tau2 and intervals, set by set.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from evenhand.distributions import Floats
from evenhand.synthesis.many_fits import ManyFits, many_fits
from evenhand.synthesis.sensitivity.specification import ONE_LEFT_OUT
from evenhand.synthesis.sensitivity.study_sets import StudySet
from evenhand.synthesis.sensitivity.ways import NO_STUDY, Way, no_way

ESTIMATORS_TRIED = ("EE", "REML", "DL", "PM", "ML", "EB", "SJ", "HE")
INTERVALS_TRIED = ("z", "knha", "adhoc")
MAIN_MODEL, MAIN_INTERVAL = "REML", "knha"


def with_an_effect(yi: Floats, vi: Floats) -> npt.NDArray[np.bool_]:
    """Which studies can be pooled by inverse variance."""
    return np.isfinite(yi) & np.isfinite(vi) & (vi > 0)


def inverse_variance_ways(
    yi: Floats, vi: Floats, sets: Sequence[StudySet], *, every_model_without_one: bool, level: float
) -> list[Way]:
    """Pool each set of studies by each estimator and interval that its number of studies leaves different.

    One study has no variance between studies and no degrees of freedom: it stands as it is. Equal effects are tested
    against the normal, as scaling their standard error would be random effects by another name.

    Parameters
    ----------
    yi, vi : ndarray, shape (k,)
        Effects and sampling variances; a study without them is not pooled.
    sets : sequence of StudySet
    every_model_without_one : bool
        Whether sets without one study are pooled in every way, or by REML and Knapp–Hartung alone.
    level : float
        Of the intervals.
    """
    usable = with_an_effect(yi, vi)
    effects, variances = np.where(usable, yi, 0.0), np.where(usable, vi, 1.0)
    masks = np.array([one.used & usable for one in sets])
    k = masks.sum(axis=1)
    ways = [no_way("EE", "z", one, 0, NO_STUDY) for one, size in zip(sets, k.tolist(), strict=True) if size == 0]
    for model in ESTIMATORS_TRIED:
        briefly = [one.name == ONE_LEFT_OUT and not every_model_without_one for one in sets]
        rows = np.array(
            [
                size > 0 and model in (("EE",) if size == 1 else (MAIN_MODEL,) if brief else ESTIMATORS_TRIED)
                for brief, size in zip(briefly, k.tolist(), strict=True)
            ]
        )
        if not rows.any():
            continue
        fits = many_fits(effects, variances, masks[rows], method=model, test="z", level=level)
        intervals = ("z",) if model == "EE" else INTERVALS_TRIED
        limits = {test: _limits(fits, effects, variances, masks[rows], test, level) for test in intervals}
        for row, at in enumerate(np.flatnonzero(rows).tolist()):
            for test in (MAIN_INTERVAL,) if briefly[at] and model != "EE" else intervals:
                ways.append(
                    Way(
                        model=model,
                        interval=test,
                        studies=sets[at],
                        estimate=float(fits.estimate[row]),
                        ci_lower=float(limits[test][0][row]),
                        ci_upper=float(limits[test][1][row]),
                        k=int(k[at]),
                        tau2=float(fits.tau2[row]),
                    )
                )
    return ways


def _limits(
    fits: ManyFits, yi: Floats, vi: Floats, masks: npt.NDArray[np.bool_], test: str, level: float
) -> tuple[Floats, Floats]:
    """Both ends of the interval of another test of fits made with 'z': tau2 need not be searched for anew."""
    if test == "z":
        return fits.ci_lower, fits.ci_upper
    from scipy.special import stdtrit

    df = fits.k - 1
    wi = masks / (vi + fits.tau2[:, None])
    # Knapp & Hartung (2003), Statist. Med. 22, 2693-2710: the weighted mean square about the estimate.
    scale = (wi * (yi - fits.estimate[:, None]) ** 2).sum(axis=1) / df
    scale = np.maximum(scale, 1.0) if test == "adhoc" else scale
    half = -stdtrit(df, 0.5 * (1 - level)) * np.sqrt(scale) * fits.se
    return fits.estimate - half, fits.estimate + half

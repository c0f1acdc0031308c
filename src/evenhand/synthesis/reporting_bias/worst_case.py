"""Worst-case meta-analysis and S-value: how strong selection must be to explain an effect away.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Affirmative studies, significant in the effect's direction, are taken to be published with certainty or `ratio` times as
readily as the others. Nothing is assumed of which effects are true.
"""

import math
import numbers
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.messages import Message, message
from evenhand.synthesis.dependent.robust_variance import robust
from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.wald import quantile, wald

MODELS = ("common", "robust")
# A selection ratio this large leaves nothing of the affirmative studies; what it does not reach, none does.
_LARGEST_RATIO = 1e8


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedForSelection:
    """The pooled effect were affirmative studies published `ratio` times as readily as the others."""

    model: str  # 'common', 'robust'
    ratio: float  # infinity: the affirmative studies left out, the worst case
    k: int
    k_affirmative: int
    affirmative: tuple[bool, ...]  # in the order given
    estimate: float
    se: float
    df: float | None  # None for a normal interval
    p_value: float
    ci_lower: float
    ci_upper: float
    not_computed: Message | None = None  # why there is no number


@dataclass(frozen=True, slots=True, kw_only=True)
class SValue:
    """The least selection ratio that takes the estimate, or its interval, to a threshold."""

    model: str
    threshold: float
    estimate: float  # ratio that moves the estimate there; infinity where none does, 1 where it is there already
    ci: float  # ratio that moves the interval's limit nearest the threshold there
    worst_case: CorrectedForSelection


def corrected_for_selection(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    ratio: float,
    *,
    model: str = "robust",
    positive: bool | None = None,
    cluster: Sequence[Hashable] | None = None,
    alpha: float = 0.05,
    tails: int = 1,
    small: bool = True,
    method: str = "REML",
    level: float = 0.95,
) -> CorrectedForSelection:
    """Weigh affirmative studies down by the ratio at which they were favoured.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    ratio : float
        How many times as readily an affirmative study was published, ≥ 1; infinity leaves only the others.
    model : str
        'common': inverse-variance weights and their variance. 'robust': random-effects weights, with the sandwich
        variance of `cluster`.
    positive : bool, optional
        Whether selection favours positive effects. None: the sign of the uncorrected estimate.
    cluster : sequence, length k, optional
        Label of the paper or sample each effect comes from; None: each its own. For 'robust' only.
    alpha, tails : float, int
        A study is affirmative if significant at this two-sided level, and (`tails` 1) in the direction favoured.
    small : bool
        'common': t with k − 1 degrees of freedom; False: normal. 'robust': CR2 with Satterthwaite's degrees of freedom,
        the sampling variances its working model; False: CR1 with one fewer than clusters.
    method : str
        Estimator of tau2 for 'robust', from the studies as they are.
    level : float
        Of the interval.

    Returns
    -------
    CorrectedForSelection
        Without numbers where no study is left in the worst case.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be used, or an option there is not.

    References
    ----------
    Mathur & VanderWeele (2020). J. R. Stat. Soc. C 69, 1091-1119, sections 3.1 and 3.2.
    """
    if not isinstance(ratio, numbers.Real) or not 1 <= ratio < math.inf:
        raise ValueError(f"ratio = {ratio}: a selection ratio is 1 or more")
    selection = _Selection.of(yi, vi, model, positive, cluster, alpha, tails, small, method, level)
    return selection.corrected(ratio)


def s_value(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    threshold: float = 0.0,
    model: str = "robust",
    positive: bool | None = None,
    cluster: Sequence[Hashable] | None = None,
    alpha: float = 0.05,
    tails: int = 1,
    small: bool = True,
    method: str = "REML",
    level: float = 0.95,
) -> SValue:
    """Find the least selection ratio that takes the estimate, and its interval, to `threshold`.

    Parameters
    ----------
    threshold : float
        An effect to be explained away, on the analysis scale; 0 is no effect.

    Others as in `corrected_for_selection`.

    References
    ----------
    Mathur & VanderWeele (2020). J. R. Stat. Soc. C 69, 1091-1119, section 3.3.
    """
    if not math.isfinite(threshold):
        raise ValueError(f"threshold = {threshold}: an effect is a finite number")
    selection = _Selection.of(yi, vi, model, positive, cluster, alpha, tails, small, method, level)
    sign = 1.0 if selection.positive else -1.0

    def of_estimate(ratio: float) -> float:
        return sign * (selection.corrected(ratio).estimate - threshold)

    def of_interval(ratio: float) -> float:
        result = selection.corrected(ratio)
        return sign * ((result.ci_lower if selection.positive else result.ci_upper) - threshold)

    return SValue(
        model=model,
        threshold=threshold,
        estimate=_least_ratio(of_estimate),
        ci=_least_ratio(of_interval),
        worst_case=selection.corrected(math.inf),
    )


def _least_ratio(above: Callable[[float], float]) -> float:
    """The smallest ratio at which `above` is no longer positive.

    An interval's limit can turn back as weights grow unequal, so that the first crossing is looked for on a grid.
    """
    from scipy.optimize import brentq

    grid = np.geomspace(1.0, _LARGEST_RATIO, 81)
    before = 1.0
    for ratio in grid:
        value = above(float(ratio))
        if not value > 0:  # nan: no interval is left
            if math.isnan(value):
                return math.inf
            return float(ratio) if ratio == 1.0 else float(brentq(above, before, float(ratio), xtol=1e-12, rtol=1e-13))
        before = float(ratio)
    return math.inf


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Selection:
    yi: Floats
    vi: Floats
    wi: Floats  # before any study is weighed down
    model: str
    positive: bool
    is_affirmative: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]"
    cluster: "np.ndarray[tuple[int, ...], np.dtype[np.intp]]"
    small: bool
    level: float

    @classmethod
    def of(
        cls,
        yi: Sequence[float] | Floats,
        vi: Sequence[float] | Floats,
        model: str,
        positive: bool | None,
        cluster: Sequence[Hashable] | None,
        alpha: float,
        tails: int,
        small: bool,
        method: str,
        level: float,
    ) -> "_Selection":
        from scipy.special import ndtri

        effects, variances = checked_studies(yi, vi)
        if model not in MODELS:
            raise ValueError(f"model '{model}': there are {', '.join(MODELS)}")
        if not 0 < alpha < 1:
            raise ValueError(f"alpha = {alpha}: a level lies between 0 and 1")
        if tails not in (1, 2):
            raise ValueError(f"tails = {tails}: selection looks at 1 or 2 of them")
        pooled = meta_analysis(effects, variances, method="EE" if model == "common" else method, level=level)
        favoured = pooled.estimate >= 0 if positive is None else positive
        z = (effects if favoured else -effects) / np.sqrt(variances)
        z = np.abs(z) if tails == 2 else z
        return cls(
            yi=effects,
            vi=variances,
            wi=1 / (variances + pooled.tau2),
            model=model,
            positive=favoured,
            is_affirmative=z > -ndtri(alpha / 2),
            cluster=_numbered(cluster, effects.size),
            small=small,
            level=level,
        )

    def corrected(self, ratio: float) -> CorrectedForSelection:
        """The effect with this selection undone."""
        # Weighing affirmative studies by 1 / ratio is weighing the others by ratio.
        share = np.where(self.is_affirmative, 0.0 if math.isinf(ratio) else 1 / ratio, 1.0)
        total = float((share * self.wi).sum())
        if total == 0.0:
            return self._result(ratio, math.nan, math.nan, None, message("bias.none.all_affirmative"))
        estimate = float((share * self.wi * self.yi).sum()) / total
        used = share > 0
        if self.model == "common":
            se = math.sqrt(float((share**2 * self.wi).sum())) / total
            df = float(used.sum() - 1)
            return self._result(ratio, estimate, se, df if self.small and df > 0 else None, None)
        if np.unique(self.cluster[used]).size < 2:
            return self._result(ratio, estimate, math.nan, None, None)
        fit = fit_linear(self.yi[used], self.vi[used], method="EE", test="z", weights=(share * self.wi)[used], tau2=0.0)
        spread = robust(fit, self.cluster[used].tolist(), kind="CR2" if self.small else "CR1")
        return self._result(ratio, estimate, float(spread.se[0]), float(spread.df[0]), None)

    def _result(
        self, ratio: float, estimate: float, se: float, df: float | None, reason: Message | None
    ) -> CorrectedForSelection:
        if math.isnan(se):
            p_value = lower = upper = math.nan
        else:
            p_value = float(wald(np.array([estimate]), np.array([se]), df, self.level).p_value[0])
            half = quantile(self.level, df) * se
            lower, upper = estimate - half, estimate + half
        return CorrectedForSelection(
            model=self.model,
            ratio=ratio,
            k=self.yi.size,
            k_affirmative=int(self.is_affirmative.sum()),
            affirmative=tuple(self.is_affirmative.tolist()),
            estimate=estimate,
            se=se,
            df=df,
            p_value=p_value,
            ci_lower=lower,
            ci_upper=upper,
            not_computed=reason,
        )


def _numbered(cluster: Sequence[Hashable] | None, k: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.intp]]":
    """Clusters as numbers from 0, in order of appearance."""
    if cluster is None:
        return np.arange(k)
    labels = list(cluster)
    if len(labels) != k:
        raise ValueError(f"{len(labels)} clusters but {k} studies; give one label a study")
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return np.array([numbers[label] for label in labels], dtype=np.intp)

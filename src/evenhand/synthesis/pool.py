"""From a study's contrasts to one pooled effect, by the likelihood its numbers allow.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Counts keep their exact likelihood, so that an empty cell needs no added half; everything else is a normal
random-effects model.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evenhand.effects import MEASURES, Measure
from evenhand.effects.contrast import Contrast
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.pooled import Classical, Pooled, Posterior
from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.hypergeometric_posterior import hypergeometric_posterior
from evenhand.synthesis.posterior.priors import default_priors
from evenhand.synthesis.posterior.proportion_posterior import proportion_posterior

_LIMITS = (0.5, 0.025, 0.975)


def pool(contrasts: Sequence[Contrast]) -> Pooled | None:
    """Pool contrasts of one outcome, one treatment and one comparator.

    Parameters
    ----------
    contrasts : sequence of Contrast
        All on one measure; either all two-armed or all of one arm.

    Returns
    -------
    Pooled or None
        None where there is nothing to pool: no contrast, or none with a spread. A ratio or difference of risks whose
        cells leave it undefined is pooled as odds ratio, which the exact likelihood can always give; `measure` says so.
    """
    if not contrasts:
        return None
    measure = MEASURES[contrasts[0].measure]
    if measure.is_one_arm:
        return _pool_one_arm(contrasts, measure)
    counts = [contrast.counts for contrast in contrasts]
    all_counted = all(count is not None for count in counts)
    if all_counted and (measure.name == "OR" or not all(_has_spread(contrast) for contrast in contrasts)):
        return _pool_counts(contrasts, MEASURES["OR"])
    return _pool_normal(contrasts, measure)


def _has_spread(contrast: Contrast) -> bool:
    return math.isfinite(contrast.yi) and math.isfinite(contrast.vi) and contrast.vi > 0


def _pool_one_arm(contrasts: Sequence[Contrast], measure: Measure) -> Pooled | None:
    events = [contrast.treated.events for contrast in contrasts]
    totals = [contrast.treated.n for contrast in contrasts]
    if any(count is None for count in (*events, *totals)):
        return _pool_normal(contrasts, measure)
    posterior = proportion_posterior(
        [count for count in events if count is not None], [total for total in totals if total is not None]
    )
    return _pooled(contrasts, (), measure, posterior)


def _pool_counts(contrasts: Sequence[Contrast], measure: Measure) -> Pooled:
    counts = [contrast.counts for contrast in contrasts if contrast.counts is not None]
    posterior = hypergeometric_posterior(counts)
    same = contrasts[0].measure == measure.name
    used = contrasts if same else [_as_odds_ratio(contrast) for contrast in contrasts]
    return _pooled(used, (), measure, posterior)


def _as_odds_ratio(contrast: Contrast) -> Contrast:
    """The same counts on the log odds ratio, nan where a cell is empty."""
    assert contrast.counts is not None  # noqa: S101  # callers have looked
    arrays = [np.asarray([count], dtype=np.float64) for count in contrast.counts]
    yi, vi = MEASURES["OR"].estimate(*arrays)
    return replace(contrast, measure="OR", yi=float(yi[0]), vi=float(vi[0]))


def _pool_normal(contrasts: Sequence[Contrast], measure: Measure) -> Pooled | None:
    used = [contrast for contrast in contrasts if _has_spread(contrast)]
    if not used:
        return None
    yi, vi = [contrast.yi for contrast in used], [contrast.vi for contrast in used]
    prior_mu, prior_tau = default_priors(measure_is_log=measure.is_ratio, vi=vi, n=[contrast.n for contrast in used])
    posterior = exact_posterior(yi, vi, prior_mu=prior_mu, prior_tau=prior_tau)
    left_out = tuple(contrast for contrast in contrasts if not _has_spread(contrast))
    return _pooled(used, left_out, measure, posterior)


def _pooled(used: Sequence[Contrast], left_out: tuple[Contrast, ...], measure: Measure, posterior: Posterior) -> Pooled:
    if len(used) == 1 and posterior.shrinkage:
        posterior = _of_one_study(posterior)
    middle, lower, upper = (float(measure.to_display(np.asarray(posterior.mu.quantile(level)))) for level in _LIMITS)
    classical = _classical(used)
    return Pooled(
        outcome=used[0].outcome,
        treatment=used[0].treatment,
        comparator=used[0].comparator,
        measure=measure.name,
        contrasts=tuple(used),
        left_out=left_out,
        posterior=posterior,
        classical=classical,
        estimate=middle,
        lower=lower,
        upper=upper,
        tau2=classical.tau2 if classical is not None and classical.tau2_estimable else None,
    )


def _of_one_study(posterior: Posterior) -> Posterior:
    """With one study the effect is that study's own.

    Its data say nothing of the spread between studies, and the prior's spread would drown a large trial. What the
    effect might be elsewhere stays in `prediction`, which keeps that spread.
    """
    return replace(posterior, mu=posterior.shrinkage[0], tau=None)


def _classical(used: Sequence[Contrast]) -> Classical | None:
    """REML with Knapp–Hartung; None where an empty cell leaves a study without an estimate of its own."""
    if not all(_has_spread(contrast) for contrast in used):
        return None
    return meta_analysis([contrast.yi for contrast in used], [contrast.vi for contrast in used])

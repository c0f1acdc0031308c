"""The multiverse of an effect that was pooled from a dossier's contrasts.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Mapping, Sequence

import numpy as np

from evenhand.distributions import Floats
from evenhand.dossier.records import RiskOfBias
from evenhand.effects import MEASURES
from evenhand.effects.contrast import Contrast
from evenhand.effects.printed import spreads_of_arms
from evenhand.integrity.finding import Finding, Severity
from evenhand.synthesis.pooled import Pooled
from evenhand.synthesis.sensitivity.multiverse import (
    MEASURES_OF_COUNTS,
    multiverse_of_counts,
    multiverse_of_effects,
    multiverse_of_means,
)
from evenhand.synthesis.sensitivity.specification import Multiverse

HIGH_RISK, NOT_ASSESSED, FINDINGS = "high risk of bias", "unassessed risk of bias", "integrity findings"
_SAME = 1e-9  # relative


def multiverse_of_contrasts(
    pooled: Pooled, findings: Sequence[Finding] = (), *, baseline_risk: float | None = None
) -> Multiverse | None:
    """Every defensible analysis of a pooled contrast, led by its posterior.

    Counts are read in three measures, means of one unit likewise; any other effect keeps its own.

    Parameters
    ----------
    pooled : Pooled
    findings : sequence of Finding
        What the checks found; a study with a concern or worse on this outcome is left out in some specifications.
    baseline_risk : float, optional
        Risk without treatment; the control arms' own unless given.

    Returns
    -------
    Multiverse or None
        None where one arm stands alone: no analysis of it points to more or fewer.
    """
    measure = MEASURES[pooled.measure]
    if pooled.comparator is None or measure.null is None:
        return None
    contrasts = pooled.contrasts
    labels, flags = [contrast.study.label for contrast in contrasts], _flags(pooled, findings)
    counts = [contrast.counts for contrast in contrasts if contrast.counts is not None]
    if measure.name in MEASURES_OF_COUNTS and len(counts) == len(contrasts):
        return multiverse_of_counts(
            *np.array(counts, dtype=np.float64).T,
            labels=labels,
            flags=flags,
            measure=measure.name,
            baseline_risk=baseline_risk,
            posterior=pooled.posterior,
        )
    # A standardised difference or a ratio is asked for where studies measured in different units.
    means = _means(contrasts) if measure.name == "MD" else None
    if means is not None:
        return multiverse_of_means(*means, labels=labels, flags=flags, posterior=pooled.posterior)
    sizes = [contrast.n for contrast in contrasts]
    return multiverse_of_effects(
        [contrast.yi for contrast in contrasts],
        [contrast.vi for contrast in contrasts],
        measure=measure.name,
        n=None if None in sizes else np.array(sizes, dtype=np.float64),
        labels=labels,
        flags=flags,
        posterior=pooled.posterior,
    )


def _flags(pooled: Pooled, findings: Sequence[Finding]) -> Mapping[str, Sequence[bool]]:
    doubted = {
        finding.study
        for finding in findings
        if finding.severity is not Severity.NOTE and finding.outcome in (None, pooled.outcome)
    }
    studies = [contrast.study for contrast in pooled.contrasts]
    flags = {
        HIGH_RISK: [study.risk_of_bias is RiskOfBias.HIGH for study in studies],
        NOT_ASSESSED: [study.risk_of_bias is RiskOfBias.UNCLEAR for study in studies],
        FINDINGS: [study.id in doubted for study in studies],
    }
    return {flag: flawed for flag, flawed in flags.items() if any(flawed)}


def _means(contrasts: Sequence[Contrast]) -> Floats | None:
    """Both arms' means, SDs and sizes, shape (6, k); None unless they are what every difference was made of."""
    rows = []
    for contrast in contrasts:
        if contrast.control is None:
            return None
        sd_t, sd_c, _ = spreads_of_arms(contrast.treated, contrast.control)
        row = (contrast.treated.mean, sd_t, contrast.treated.n, contrast.control.mean, sd_c, contrast.control.n)
        rows.append([np.nan if figure is None else float(figure) for figure in row])
    figures = np.array(rows).T
    yi, vi = MEASURES["MD"].estimate(*figures)
    used = np.array([[contrast.yi for contrast in contrasts], [contrast.vi for contrast in contrasts]])
    if not np.allclose([yi, vi], used, rtol=_SAME, atol=0) or min(figures[2].min(), figures[5].min()) < 2:
        return None
    return figures

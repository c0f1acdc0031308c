"""One pooled effect as a multiverse takes it down, before it is put on the shared scale.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass

from evenhand.synthesis.sensitivity.study_sets import StudySet

CREDIBLE = "credible"
NO_STUDY = "no study of this set has an effect of its own"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """An estimate and its interval on the analysis scale, and how they were made."""

    model: str
    interval: str
    studies: StudySet
    estimate: float
    ci_lower: float
    ci_upper: float
    k: int
    tau2: float | None
    prior: str | None = None
    converged: bool = True
    reason: str | None = None


def no_way(model: str, interval: str, studies: StudySet, k: int, reason: str, prior: str | None = None) -> Way:
    """A model that gives no estimate, and why."""
    return Way(
        model=model,
        interval=interval,
        studies=studies,
        estimate=math.nan,
        ci_lower=math.nan,
        ci_upper=math.nan,
        k=k,
        tau2=None,
        prior=prior,
        converged=False,
        reason=reason,
    )

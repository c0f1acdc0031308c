"""Contrasts or counts to one effect: a full posterior, and the classical estimates beside it.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

| module | what it is for |
|---|---|
| `pool` | one outcome's contrasts to a `Pooled`; chooses among the posteriors |
| `pairwise` | `meta_analysis`: the table that reviewers expect |
| `normal_kernel` | weighted least squares given tau2, on which every normal model stands |
| `tau2/` | estimators of the between-study variance |
| `posterior/` | exact posteriors, and their priors by name |
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenhand.synthesis.pairwise import TESTS, meta_analysis
    from evenhand.synthesis.pooled import Classical, Pooled, Posterior
    from evenhand.synthesis.tau2.estimator import Estimator
    from evenhand.synthesis.tau2.estimators import ESTIMATORS

# Imported when first asked for, as a record needs no quadrature. The functions named like their modules (`pool`) are
# left to these: one name cannot be both.
_HOME = {
    "ESTIMATORS": "tau2.estimators",
    "TESTS": "pairwise",
    "meta_analysis": "pairwise",
    "Estimator": "tau2.estimator",
    "Classical": "pooled",
    "Pooled": "pooled",
    "Posterior": "pooled",
}

__all__ = ["ESTIMATORS", "TESTS", "Classical", "Estimator", "Pooled", "Posterior", "meta_analysis"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)

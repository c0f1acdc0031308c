"""Contrasts or counts to one effect: a full posterior, and the classical estimates beside it.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

| module | what it is for |
|---|---|
| `pool` | one outcome's contrasts to a `Pooled`; chooses among the posteriors below |
| `exact_posterior` | effects with known variances: the normal model, by a grid on tau |
| `hypergeometric_posterior` | events of two arms, by their exact likelihood |
| `proportion_posterior` | events of one arm, by the binomial likelihood |
| `classical` | the table that reviewers expect; its estimators of tau2 stand in `ESTIMATORS` |
| `priors` | priors of mu and tau, by name |
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenhand.synthesis.classical import ESTIMATORS, TESTS, fit_classical
    from evenhand.synthesis.estimator import Estimator
    from evenhand.synthesis.pooled import Classical, Pooled, Posterior

# Imported when first asked for, as a record needs no quadrature. The functions named like their modules (`pool`) are
# left to these: one name cannot be both.
_HOME = {
    "ESTIMATORS": "classical",
    "TESTS": "classical",
    "fit_classical": "classical",
    "Estimator": "estimator",
    "Classical": "pooled",
    "Pooled": "pooled",
    "Posterior": "pooled",
}

__all__ = ["ESTIMATORS", "TESTS", "Classical", "Estimator", "Pooled", "Posterior", "fit_classical"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)

"""Weight functions of selection models: how likely a result with a given p-value is to be seen.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogWeights:
    """Logs of the weights and their derivatives in the d parameters; each entry has the p-values' shape."""

    value: Floats
    first: tuple[Floats, ...]  # d
    second: tuple[tuple[Floats, ...], ...]  # d × d


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightFunction:
    """A smooth weight w(p; delta)."""

    name: str
    title: str
    formula: str
    reference: str
    log_weights: Callable[[Floats, Floats, Floats, Floats], LogWeights]  # (log p, log(1 − p), precision, delta)
    null: tuple[float, ...]  # parameters at which nothing is selected
    lowest: tuple[float, ...]  # each parameter's bound
    starts: tuple[tuple[float, ...], ...]  # where the search begins, the null aside
    p_floor: float = 0.0  # p-values are taken no nearer than this to 0 and 1
    tail_of_p: bool = False  # w still changes where p is below 1e-17
    takes_precision: bool = True


def _beta(log_p: Floats, log_q: Floats, _precision: Floats, delta: Floats) -> LogWeights:
    zero = np.zeros_like(log_p)
    return LogWeights(
        value=(delta[0] - 1) * log_p + (delta[1] - 1) * log_q,
        first=(log_p, log_q),
        second=((zero, zero), (zero, zero)),
    )


def _power(_log_p: Floats, log_q: Floats, precision: Floats, delta: Floats) -> LogWeights:
    slope = precision * log_q
    return LogWeights(value=delta[0] * slope, first=(slope,), second=((np.zeros_like(slope),),))


def _half_normal(log_p: Floats, _log_q: Floats, precision: Floats, delta: Floats) -> LogWeights:
    slope = -precision * np.exp(2 * log_p)
    return LogWeights(value=delta[0] * slope, first=(slope,), second=((np.zeros_like(slope),),))


def _negative_exponential(log_p: Floats, _log_q: Floats, precision: Floats, delta: Floats) -> LogWeights:
    slope = -precision * np.exp(log_p)
    return LogWeights(value=delta[0] * slope, first=(slope,), second=((np.zeros_like(slope),),))


def _logistic(log_p: Floats, _log_q: Floats, precision: Floats, delta: Floats) -> LogWeights:
    unit = precision * np.exp(log_p)
    decay = np.exp(-delta[0] * unit)
    return LogWeights(
        value=math.log(2) - delta[0] * unit - np.log1p(decay),
        first=(-unit / (1 + decay),),
        second=((-(unit**2) * decay / (1 + decay) ** 2,),),
    )


def _negative_exponential_power(log_p: Floats, _log_q: Floats, precision: Floats, delta: Floats) -> LogWeights:
    scale, power = float(delta[0]), float(delta[1])
    part = precision * np.exp(log_p / power)
    tilt = part * log_p / power**2
    return LogWeights(
        value=-scale * part,
        first=(-part, scale * tilt),
        second=((np.zeros_like(part), tilt), (tilt, -scale * tilt * (log_p / power**2 + 2 / power))),
    )


_PRESTON = "Preston, Ashby & Smyth (2004). J. Eval. Clin. Pract. 10, 313-322"

WEIGHT_FUNCTIONS: dict[str, WeightFunction] = {
    weight.name: weight
    for weight in (
        WeightFunction(
            name="beta",
            title="Beta",
            formula="p^(δ1 − 1) (1 − p)^(δ2 − 1)",
            reference="Citkowicz & Vevea (2017). Psychol. Methods 22, 28-41",
            log_weights=_beta,
            null=(1.0, 1.0),
            lowest=(1e-5, 1e-5),
            starts=((0.6, 1.0), (1.0, 2.5), (2.0, 1.0), (0.7, 0.7), (4.0, 3.0), (10.0, 2.0)),
            p_floor=1e-5,
            takes_precision=False,
        ),
        WeightFunction(
            name="halfnorm",
            title="Half-normal",
            formula="exp(−δ p²)",
            reference=_PRESTON,
            log_weights=_half_normal,
            null=(0.0,),
            lowest=(0.0,),
            starts=((1.0,), (6.0,), (30.0,)),
        ),
        WeightFunction(
            name="negexp",
            title="Negative exponential",
            formula="exp(−δ p)",
            reference=_PRESTON,
            log_weights=_negative_exponential,
            null=(0.0,),
            lowest=(0.0,),
            starts=((1.0,), (6.0,), (30.0,)),
        ),
        WeightFunction(
            name="logistic",
            title="Logistic",
            formula="2 exp(−δ p) / (1 + exp(−δ p))",
            reference=_PRESTON,
            log_weights=_logistic,
            null=(0.0,),
            lowest=(0.0,),
            starts=((1.0,), (6.0,), (30.0,)),
        ),
        WeightFunction(
            name="power",
            title="Power",
            formula="(1 − p)^δ",
            reference=_PRESTON,
            log_weights=_power,
            null=(0.0,),
            lowest=(0.0,),
            starts=((0.5,), (2.0,), (10.0,)),
            p_floor=1e-5,
        ),
        WeightFunction(
            name="negexppow",
            title="Negative exponential of a power",
            formula="exp(−δ1 p^(1 / δ2))",
            reference="Begg & Mazumdar (1994). Biometrics 50, 1088-1101",
            log_weights=_negative_exponential_power,
            null=(0.0, 1.0),
            # At 0 the weight is 1 at every p below 1: the power itself is bounded away from it.
            lowest=(0.0, 1e-3),
            starts=((1.0, 1.0), (4.0, 0.4), (3.0, 3.0), (8.0, 1.0), (3.0, 0.1), (50.0, 0.03)),
            tail_of_p=True,
        ),
    )
}

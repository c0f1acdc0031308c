"""Where to begin the search for several variances.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.covariance_tables import ByLevel, Parameter
from evenhand.synthesis.dependent.covariance_terms import Term
from evenhand.synthesis.dependent.grouped_rows import Flags
from evenhand.synthesis.dependent.marginal_likelihood import Problem


def parameter_scale(problem: Problem) -> Floats:
    """How large a step in each parameter is: a typical sd for square roots of variances, one radian for angles."""
    sd = float(np.sqrt(total_variance(problem)))
    return np.array(
        [
            sd / _size_of_slope(term, place) if parameter.transform == "square" else 1.0
            for term in problem.terms
            for place, parameter in enumerate(term.table.parameters)
        ]
    )


def _size_of_slope(term: Term, place: int) -> float:
    """Typical size of the covariate whose coefficients vary; 1 for any other variance."""
    return 1.0 if term.slopes is None else float(np.sqrt((term.slopes[:, place] ** 2).mean())) or 1.0


def total_variance(problem: Problem) -> float:
    """A rough variance of the true effects: what the residuals have beyond a typical sampling variance."""
    k, p = problem.X.shape
    typical = float(np.median(problem.sampling.variances))
    spread = float(problem.yi @ problem.yi) / max(1, k - p)
    return max(spread - float(problem.sampling.variances.mean()), 0.1 * spread, 0.05 * typical) or 1.0


def starts(problem: Problem) -> list[Floats]:
    """Starting points: the variance shared evenly, given to one term above the others, and with unlike correlations."""
    total, terms = total_variance(problem), len(problem.terms)
    if terms == 0:
        return [np.empty(0)]
    shares = [np.full(terms, 1.0 / terms)]
    if terms > 1:
        for favoured in range(terms):
            uneven = np.full(terms, 0.1 / (terms - 1))
            uneven[favoured] = 0.9
            shares.append(uneven)
    else:
        shares += [np.array([0.2]), np.array([3.0])]
    # Full likelihoods of few effects often have their peak at 0, where no other start looks.
    shares.append(np.full(terms, 0.01 / terms))
    has_correlation = any(parameter.kind == "rho" for term in problem.terms for parameter in term.table.parameters)
    found = []
    for share in shares:
        for lean in (0.3, -0.3, 0.9, -0.9) if has_correlation else (0.0,):
            found.append(_point(problem, total * share, lean))
    return found


def across_from(problem: Problem, peak: Floats) -> list[Floats]:
    """Places on the other side of a peak, by one parameter: with few effects a likelihood may be higher there.

    A variance at 0 is given some, another nearly none; a range is made long or short; the one correlation of a term is
    turned round, alone and with each of these. A free covariance has no side to be turned to.
    """
    scale = parameter_scale(problem)
    # Nothing at 0 exactly, as no climb begins where the slope is 0.
    begun = np.where(np.abs(peak) < 0.02 * scale, 0.02 * scale, peak)
    found: list[Floats] = []
    place = 0
    for term in problem.terms:
        parameters = term.table.parameters
        turned = [place + i for i, p in enumerate(parameters) if p.transform == "sine" and p.fixed is None]
        for i, parameter in enumerate(parameters):
            for other in _other_values(parameter, float(peak[place + i]), float(scale[place + i])):
                near = begun.copy()
                near[place + i] = other
                found.append(near)
                if turned and place + i not in turned:
                    both = near.copy()
                    both[turned] = _turned(float(peak[turned[0]]))
                    found.append(both)
        place += len(parameters)
    return found


def _other_values(parameter: Parameter, value: float, scale: float) -> list[float]:
    if parameter.fixed is not None or parameter.transform == "angle":
        return []
    if parameter.transform == "square":
        return [0.5 * scale] if abs(value) < 0.1 * scale else [0.05 * scale]
    return [value - 2.0, value + 2.0] if parameter.transform == "exp" else [_turned(value)]


def _turned(angle: float) -> float:
    """An angle well on the other side of 0."""
    angle = float(np.arcsin(np.sin(angle)))
    return -float(np.copysign(min(1.2, max(0.5, abs(angle))), angle))


def movable(terms: tuple[Term, ...]) -> Flags:
    """Whether the likelihood changes with each parameter, shape (q,).

    A free covariance's angles move other correlations, too, even where their own pair of levels is never seen.
    """
    found: list[bool] = []
    for term in terms:
        free = isinstance(term.table, ByLevel) and term.table.structure in ("UN", "GEN") and term.estimable[0]
        found += [True] * len(term.estimable) if free else list(term.estimable)
    return np.array(found, dtype=bool)


def _point(problem: Problem, variances: Floats, lean: float) -> Floats:
    values: list[float] = []
    for term, variance in zip(problem.terms, variances, strict=True):
        for place, parameter in enumerate(term.table.parameters):
            if parameter.fixed is not None:
                values.append(parameter.unconstrained(parameter.fixed))
            elif parameter.transform == "square":
                values.append(float(np.sqrt(variance)) / _size_of_slope(term, place) if term.estimable[place] else 0.0)
            elif parameter.transform == "exp":
                lags = getattr(term.table, "lags", np.ones(1))
                positive = lags[lags > 0]
                middle = float(np.median(positive)) if positive.size else 1.0
                values.append(float(np.log(middle * 2.0 ** (4 * lean - 1))))
            else:
                values.append(float(np.arcsin(lean)) if parameter.transform == "angle" else _angle(parameter.low, lean))
    return np.array(values)


def _angle(low: float, lean: float) -> float:
    """The angle of a correlation this share of the way from 0 to the end of its range."""
    rho = lean if lean >= 0 else -lean * low
    return float(np.arcsin(np.clip(2.0 * (rho - low) / (1.0 - low) - 1.0, -0.99, 0.99)))

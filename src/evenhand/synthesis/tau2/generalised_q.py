"""Between-study variance from the generalised Q with the user's weights: by its mean, or by its median.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Q = Σ a (y − ŷ)² with any weights a. Its distribution is known at every variance, so median estimate and interval are
exact.
"""

import math

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import NormalModel, Weighted
from evenhand.synthesis.tau2.bounds import Bounds
from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.quadratic_form import QuadraticForm
from evenhand.synthesis.tau2.rising_root import rising_root

_LEAST_SHARE = 1e-9  # below, digits of the interval are lost: at 1e-10 the fifth, at 1e-12 the first


class GeneralisedQ:
    """Q for one set of weights (k,), and its distribution at each between-study variance."""

    def __init__(self, model: NormalModel, weights: Floats) -> None:
        self._vi = model.vi
        self._df = model.df
        self.fit: Weighted = model.weighted(weights)
        self.q = self.fit.q
        self._counted = weights > 0  # a study without weight is no part of Q

    @property
    def others_share(self) -> float:
        """Of the weight, what the heaviest study leaves to the others."""
        heaviest = int(self.fit.wi.argmax())
        others = float(self.fit.wi[:heaviest].sum() + self.fit.wi[heaviest + 1 :].sum())
        return others / (others + float(self.fit.wi[heaviest]))

    def upper(self, tau2: float) -> float:
        """P(Q > the one observed) where the between-study variance is `tau2`; rises from there to 1."""
        d = (self.fit.wi * (self._vi + tau2))[self._counted]
        return QuadraticForm(d, self.fit.basis[self._counted]).upper(self.q)

    def variance_where_upper_is(self, probability: float) -> float:
        """The variance at which P(Q > the one observed) is `probability`; 0 where it is more from the start."""
        if self.q == 0.0:
            return 0.0
        # Where the mean of Q is what was observed, the scale of the answer.
        scale = self.q / self.fit.trace(self.fit.wi) + float(self._vi.min())
        return rising_root(lambda tau2: self.upper(tau2) - probability, scale)


def weights_of(model: NormalModel) -> Floats:
    """The user's weights; without any, the inverse sampling variances."""
    return 1.0 / model.vi if model.weights is None else model.weights


def generalised_q(model: NormalModel) -> float:
    """(Q − tr PV) / tr P, with P that of the user's weights."""
    fit = model.weighted(weights_of(model))
    # A moment estimate can fall below zero; a variance cannot.
    return max(0.0, (fit.q - fit.trace(fit.wi * model.vi)) / fit.trace(fit.wi))


def median_unbiased_generalised_q(model: NormalModel) -> float:
    """The variance at which the observed Q is the median of its distribution."""
    return GeneralisedQ(model, weights_of(model)).variance_where_upper_is(0.5)


def _standard_error(model: NormalModel, tau2: float) -> float:
    """From the variance of Q, a quadratic form in normals."""
    fit = model.weighted(weights_of(model))
    wv = fit.wi * model.vi
    spread = (
        2 * fit.trace_of_two(wv, wv)
        + 4 * tau2 * fit.trace_of_two(fit.wi, wv)
        + 2 * tau2**2 * fit.trace_of_two(fit.wi, fit.wi)
    )
    return math.sqrt(spread) / fit.trace(fit.wi)


GENERALISED_Q = Estimator(
    name="GENQ",
    title="Generalised Q",
    reference="DerSimonian & Kacker (2007). Contemp. Clin. Trials 28, 105-114",
    estimate=generalised_q,
    standard_error=_standard_error,
    needs_weights=True,
)
GENERALISED_Q_MEDIAN = Estimator(
    name="GENQM",
    title="Generalised Q, median-unbiased",
    reference="Viechtbauer (2021). Median-unbiased estimators. European Congress of Methodology, Valencia",
    estimate=median_unbiased_generalised_q,
    standard_error=_standard_error,
    needs_weights=True,
)


def generalised_q_interval(model: NormalModel, weights: Floats, level: float) -> Bounds:
    """The variances at which Q, with any fixed weights (k,), is a quantile of its own distribution: exact.

    With weights 1 / vi it is Biggerstaff and Jackson's (2008, Statist. Med. 27, 6093-6110) interval, with their square
    roots Jackson's (2013, Res. Synth. Methods 4, 220-229). nan where one study has all the weight but a part in 10⁹,
    of which no digits of Q's distribution are left.
    """
    form = GeneralisedQ(model, weights)
    if form.others_share < _LEAST_SHARE:
        return Bounds(math.nan, math.nan)
    low, high = 0.5 * (1 - level), 0.5 * (1 + level)
    if form.upper(0.0) > high:
        return Bounds.nowhere()
    return Bounds(form.variance_where_upper_is(low), form.variance_where_upper_is(high))

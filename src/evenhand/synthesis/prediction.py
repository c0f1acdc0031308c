"""Where the effect of a new study is to be expected: intervals of several kinds, and chances beyond a threshold.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.kenward_roger import kenward_roger
from evenhand.synthesis.linear_fit import LinearFit, checked_fit
from evenhand.synthesis.tau2.generalised_q import GeneralisedQ
from evenhand.synthesis.wald import check_level, quantile

# All are estimate ± quantile · √(se² + tau2); what differs is the standard error, and the degrees of freedom of t.
PREDICTIONS = {
    "test": "standard error and quantile of the fit's own test (metafor's default)",
    "riley": "standard error of the fit's own test, t with k − 2 (Riley, Higgins & Deeks 2011, BMJ 342, d549)",
    "V": "classic standard error, t with k − 1 (Veroniki et al. 2019, Res. Synth. Methods 10, 23-43)",
    "HTS": "classic standard error, t with k − 2 (Higgins, Thompson & Spiegelhalter 2009, JRSS A 172, 137-159)",
    "HK": "Knapp–Hartung standard error, t with k − 1",
    "HK-PR": "Knapp–Hartung standard error, t with k − 2 (Partlett & Riley 2017, Statist. Med. 36, 301-317)",
    "KR": "Kenward–Roger standard error and degrees of freedom",
    "KR-PR": "the same with one degree of freedom fewer (Partlett & Riley 2017)",
    "S": "classic standard error, normal quantile (Skipka 2006)",
    "NNF": "confidence distribution of tau2 and t with k − 1, simulated (Nagashima, Noma & Furukawa 2019)",
}
_DRAWS = 20_000
_MOST_NUMBERS = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction:
    """The effect of a new study, on the analysis scale."""

    kind: str  # a name in PREDICTIONS
    level: float
    estimate: float
    se: float  # √(se² + tau2)
    df: float | None  # of t; None: normal, or simulated; nan: too few studies
    lower: float
    upper: float
    draws: Floats | None = None  # sorted, where it was simulated

    def below(self, threshold: float) -> float:
        """The chance that a new study's effect is below `threshold`; nan where too few studies leave it open."""
        from scipy.special import ndtr, stdtr

        if self.draws is not None:
            return float(np.searchsorted(self.draws, threshold)) / self.draws.size
        if self.df is not None and not self.df > 0:
            return math.nan
        if self.se == 0.0:
            return 0.5 * (1.0 + float(np.sign(threshold - self.estimate)))
        distance = (threshold - self.estimate) / self.se
        return float(ndtr(distance) if self.df is None else stdtr(self.df, distance))

    def above(self, threshold: float) -> float:
        """The chance that it is above."""
        return 1.0 - self.below(threshold)


def prediction_interval(
    fit: LinearFit, kind: str = "HTS", *, level: float | None = None, rng: np.random.Generator | None = None
) -> Prediction:
    """The interval of a new study's effect.

    Parameters
    ----------
    fit : LinearFit
        With the intercept alone.
    kind : str
        A name in `PREDICTIONS`. 'KR' and 'KR-PR' need a REML fit with inverse-variance weights.
    level : float, optional
        That of the fit if not given.
    rng : numpy Generator
        For 'NNF' alone, which is simulated.

    Returns
    -------
    Prediction
        Limits are nan where the studies are too few for the kind: below three for t with k − 2.

    Raises
    ------
    ValueError
        For a kind there is not or the fit cannot have.
    """
    checked_fit(fit)
    if fit.p != 1 or not (fit.X == 1.0).all():
        raise ValueError("a prediction interval of pooled studies needs a fit with the intercept alone")
    if not isinstance(kind, str) or kind not in PREDICTIONS:
        raise ValueError(f"prediction '{kind}': there are {', '.join(PREDICTIONS)}")
    level = fit.level if level is None else level
    check_level(level)
    estimate = float(fit.beta[0])
    if kind == "NNF":
        return _simulated(fit, level, rng)
    se, df = _se_and_df(fit, kind)
    new = math.sqrt(se**2 + fit.tau2)
    half = quantile(level, df) * new
    return Prediction(
        kind=kind, level=level, estimate=estimate, se=new, df=df, lower=estimate - half, upper=estimate + half
    )


def classic_se(fit: LinearFit) -> float:
    """Standard error of the mean by the model alone, without any test's scale."""
    total = fit.vi + fit.tau2
    if fit.user_weights is None:
        return 1.0 / math.sqrt(float((1.0 / total).sum()))
    return math.sqrt(float(fit.user_weights**2 @ total)) / float(fit.user_weights.sum())


def knapp_hartung_se(fit: LinearFit) -> float:
    """The same times the root of Q / (k − 1), Q weighted by 1 / (vi + tau2)."""
    q = fit.model().at(fit.tau2).q
    return classic_se(fit) * math.sqrt(q / fit.q_df) if fit.q_df > 0 else math.nan


def _se_and_df(fit: LinearFit, kind: str) -> tuple[float, float | None]:
    if kind == "test":
        return float(fit.se[0]), fit.df
    if kind == "riley":
        return float(fit.se[0]), _or_nan(fit.k - 2)
    if kind == "S":
        return classic_se(fit), None
    if kind in ("V", "HTS"):
        return classic_se(fit), _or_nan(fit.k - (1 if kind == "V" else 2))
    if kind in ("HK", "HK-PR"):
        return knapp_hartung_se(fit), _or_nan(fit.k - (1 if kind == "HK" else 2))
    if fit.method != "REML" or fit.user_weights is not None:
        raise ValueError(f"prediction '{kind}' rests on REML with inverse-variance weights: use method 'REML'")
    if fit.k < 2:
        return classic_se(fit), math.nan
    se, df = kenward_roger(fit.vi, fit.tau2)
    return se, _or_nan(df if kind == "KR" else df - 1)


def _or_nan(df: float) -> float:
    return float(df) if df > 0 else math.nan


def _simulated(fit: LinearFit, level: float, rng: np.random.Generator | None) -> Prediction:
    """Draws of mean(tau2) + z tau − t se(tau2), with tau2 from its confidence distribution P(Q > q; tau2).

    References
    ----------
    Nagashima, Noma & Furukawa (2019). Stat. Methods Med. Res. 28, 1689-1702.
    """
    if rng is None:
        raise ValueError("prediction 'NNF' is simulated: give rng, for example numpy.random.default_rng(1)")
    estimate = float(fit.beta[0])
    if fit.k < 3:
        nothing = math.nan
        return Prediction(
            kind="NNF", level=level, estimate=estimate, se=nothing, df=nothing, lower=nothing, upper=nothing
        )
    tau2 = _tau2_draws(fit, rng)
    z, t = rng.standard_normal(_DRAWS), rng.standard_t(fit.k - 1, _DRAWS)
    parts = []
    for chunk in np.array_split(np.arange(_DRAWS), max(1, _DRAWS * fit.k // _MOST_NUMBERS)):
        wi = 1.0 / (fit.vi + tau2[chunk, None])
        total = wi.sum(axis=1)
        mean = (wi * fit.yi).sum(axis=1) / total
        q = (wi * (fit.yi - mean[:, None]) ** 2).sum(axis=1)
        parts.append(mean + z[chunk] * np.sqrt(tau2[chunk]) - t[chunk] * np.sqrt(q / ((fit.k - 1) * total)))
    draws = np.sort(np.concatenate(parts))
    lower, upper = np.quantile(draws, [0.5 * (1 - level), 0.5 * (1 + level)])
    return Prediction(
        kind="NNF",
        level=level,
        estimate=estimate,
        se=float(draws.std(ddof=1)),
        df=None,
        lower=float(lower),
        upper=float(upper),
        draws=draws,
    )


def _tau2_draws(fit: LinearFit, rng: np.random.Generator) -> Floats:
    """tau2 at which P(Q > the one observed) is uniform; 0 as often as that is beyond 0."""
    form = GeneralisedQ(fit.model(), 1.0 / fit.vi)
    uniform = rng.random(_DRAWS)
    at_zero = form.upper(0.0)
    if at_zero >= 1.0 - 1.0 / _DRAWS:
        return np.zeros(_DRAWS)
    low = form.variance_where_upper_is(at_zero + 0.01 * (1.0 - at_zero))
    high = form.variance_where_upper_is(1.0 - 0.05 / _DRAWS)
    grid = np.concatenate([[0.0], low * np.geomspace(1e-3, 1.0, 10)[:-1], np.geomspace(low, high, 120)])
    chances = np.array([form.upper(float(tau2)) for tau2 in grid])
    # Between grid points in the logit of the chance, in which the far end is a straight line.
    logits = np.log(chances / np.maximum(1.0 - chances, 1e-300))
    wanted = np.log(uniform / (1.0 - uniform))
    return np.where(uniform <= at_zero, 0.0, np.interp(wanted, logits, grid))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportantShares:
    """The shares of new studies, in 0 to 1, whose effect is below, between and above what counts as important."""

    below: float
    between: float
    above: float


def important_shares(prediction: Prediction, lower: float, upper: float) -> ImportantShares:
    """How often a new study would show a difference that matters to people, either way, or none.

    Parameters
    ----------
    prediction : Prediction
    lower, upper : float
        The clinically important differences on the analysis scale; -inf or inf where only one side counts.

    Raises
    ------
    ValueError
        Where the lower difference is above the upper one.
    """
    if not lower <= upper:
        raise ValueError(f"the lower important difference, {lower}, is above the upper one, {upper}: exchange them")
    below, above = prediction.below(lower), prediction.above(upper)
    return ImportantShares(below=below, between=1.0 - below - above, above=above)

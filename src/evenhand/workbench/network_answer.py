"""What one file says of many treatments: each against the reference, which ranks where, whether it all agrees.

Pipeline: dossier → integrity → effects → synthesis → [workbench] → report
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from evenhand.distributions import Floats
from evenhand.dossier.faults import DossierError, Fault
from evenhand.dossier.nearest import mend_of_word
from evenhand.synthesis.network.design_decomposition import tau2_within_designs
from evenhand.synthesis.network.evidence import NetworkEvidence
from evenhand.synthesis.network.league import League, league_of_direct
from evenhand.synthesis.network.network_fit import NETWORK_METHODS, fit_network
from evenhand.synthesis.network.network_posterior import network_posterior
from evenhand.synthesis.network.pooled_designs import pooled_designs
from evenhand.synthesis.network.q_decomposition import QPart, q_part
from evenhand.workbench.network_file import NetworkFile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkAnswer:
    """T treatments against the reference, on the analysis scale; nan for those that nothing joins to it."""

    file: NetworkFile
    method: str
    level: float
    small_values_good: bool
    treatments: tuple[str, ...]
    reference: int  # its place in them
    k: int  # studies
    estimate: Floats = field(repr=False)  # (T,)
    se: Floats = field(repr=False)
    ci_lower: Floats = field(repr=False)
    ci_upper: Floats = field(repr=False)
    tau2: float
    q: QPart  # of all studies about the network's effects
    # Of designs against each other, with the variance of studies of one design in the weights (the design-by-treatment
    # interaction); p is nan where no design has two studies, or no comparison is made in two ways.
    incoherence: QPart
    i2: float  # percent; nan without degrees of freedom
    league: League = field(repr=False)  # every treatment less every other, from the whole network
    direct_league: League = field(repr=False)  # the same from the studies that compare the two themselves
    p_scores: Floats = field(repr=False)  # (T,)
    sucra: Floats | None = field(default=None, repr=False)  # (T,), of the exact posterior
    priors: tuple[str, str] | None = None  # of the between-study sd and of the effects, of an exact posterior
    notices: tuple[str, ...] = ()

    @property
    def ranking(self) -> tuple[int, ...]:
        """Treatments from the best to the worst; those without a place last, in alphabetical order."""
        scores = self.p_scores if self.sucra is None else self.sucra
        return tuple(sorted(range(scores.size), key=lambda t: (np.isnan(scores[t]), -scores[t], t)))

    @property
    def pieces(self) -> tuple[tuple[str, ...], ...]:
        """The treatments of each piece of the network; one piece where all hang together."""
        return tuple(tuple(self.treatments[t] for t in piece) for piece in self.file.evidence.components)


def answer_of_network(
    file: NetworkFile, *, method: str = "REML", level: float = 0.95, small_values_good: bool = True
) -> NetworkAnswer:
    """Analyse a file's network.

    Parameters
    ----------
    file : NetworkFile
    method : str
        A name in `ANSWERS`: an estimator of the between-study variance, 'EE' for none, or 'BAYES', the exact posterior
        with evenhand's default priors. Its estimates are medians, with the sd as their standard error; its tau2 is the
        square of tau's median. Q and P-scores are then those of REML, to stand beside it.
    level : float
        Of all intervals.
    small_values_good : bool
        Whether a smaller effect is the better one, for the ranking.

    Raises
    ------
    DossierError
        Where the file has not what the method needs.
    ValueError
        For a method or a level there is not.
    """
    if method not in ANSWERS:
        raise ValueError(f"method '{method}': {mend_of_word(method, tuple(ANSWERS))}")
    try:
        return ANSWERS[method](file, method, level, small_values_good)
    except ValueError as error:
        problem, _, mend = str(error).rpartition(": ")
        raise DossierError([Fault(file=file.name, problem=problem or mend, mend=mend)]) from None


def _classical(file: NetworkFile, method: str, level: float, small_values_good: bool) -> NetworkAnswer:
    fit = fit_network(file.evidence, method=method, level=level)
    return NetworkAnswer(
        file=file,
        method=method,
        level=level,
        small_values_good=small_values_good,
        treatments=fit.treatments,
        reference=fit.reference,
        k=fit.k,
        estimate=fit.effects,
        se=fit.se,
        ci_lower=fit.ci_lower,
        ci_upper=fit.ci_upper,
        tau2=fit.tau2,
        q=fit.q_parts.total,
        incoherence=_incoherence(file.evidence, fit.q_inc.df, method),
        i2=fit.i2,
        league=fit.league(),
        direct_league=league_of_direct(fit.direct(), level),
        p_scores=fit.p_scores(small_values_good=small_values_good),
        notices=(*file.notices, *_beyond_the_evidence(file, fit.notices)),
    )


def _incoherence(evidence: NetworkEvidence, df: int, method: str) -> QPart:
    """Disagreement of designs beyond that of studies of one design; ML would find too little of the latter."""
    if df < 1:
        return q_part(0.0, 0)
    tau2 = tau2_within_designs(evidence, method="REML" if method == "ML" else method)
    if math.isnan(tau2):
        # Without two studies of one design, studies that vary and designs that disagree look alike.
        return QPart(q=math.nan, df=df, p_value=math.nan)
    return q_part(pooled_designs(evidence, tau2).fit.q, df)


def _posterior(file: NetworkFile, method: str, level: float, small_values_good: bool) -> NetworkAnswer:
    """The exact posterior, the classical fit beside it."""
    beside = _classical(file, "REML", level, small_values_good)
    found = network_posterior(file.evidence)
    league = found.league(level)
    against = (slice(None), found.reference)
    return replace(
        beside,
        method=method,
        estimate=league.estimate[against],
        se=league.se[against],
        ci_lower=league.ci_lower[against],
        ci_upper=league.ci_upper[against],
        tau2=found.tau.quantile(0.5) ** 2,
        league=league,
        sucra=found.sucra(small_values_good=small_values_good),
        priors=(found.prior_tau, found.prior_effects),
        notices=(*file.notices, *_beyond_the_evidence(file, found.notices)),
    )


def _beyond_the_evidence(file: NetworkFile, notices: tuple[str, ...]) -> tuple[str, ...]:
    """What the model says besides what the file already said."""
    return tuple(f"{file.name}: {notice}" for notice in notices if notice not in file.evidence.notices)


ANSWERS: Mapping[str, Callable[[NetworkFile, str, float, bool], NetworkAnswer]] = {
    **dict.fromkeys(NETWORK_METHODS, _classical),
    "BAYES": _posterior,
}

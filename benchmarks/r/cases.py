"""What is compared with R: for each case the studies, our call, and the numbers that must be the same.

The twin of a case is the R script of the same name. Data are drawn here from a fixed seed; R reads them from a file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from benchmarks.exact_posterior import BCG
from benchmarks.network import evidence_of, simulated_network
from evenhand.synthesis.counts.generalised_linear import mixed_model
from evenhand.synthesis.dependent.multilevel_model import multilevel
from evenhand.synthesis.dependent.profile_intervals import profile_interval
from evenhand.synthesis.many_fits import many_fits
from evenhand.synthesis.network.network_fit import fit_network
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.pooled import Posterior
from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.priors import HalfNormal, NormalPrior
from evenhand.synthesis.regression.mixed_effects import meta_regression
from evenhand.synthesis.regression.permutation import permutation_test
from evenhand.synthesis.reporting_bias.selection_model import selection_model
from evenhand.synthesis.sensitivity.gosh import gosh
from evenhand.synthesis.sensitivity.influence import influence
from evenhand.synthesis.sensitivity.leave_one_out import leave_one_out

Columns = Mapping[str, npt.NDArray[Any]]
LATITUDES = (44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33)  # of the trials in BCG, degrees from the equator


@dataclass(frozen=True, kw_only=True)
class Case:
    """One comparison."""

    name: str
    script: str
    studies: Columns  # a row a study, as the R script reads them
    job: Callable[[], Any]  # what is timed
    numbers: Callable[[Any], dict[str, npt.ArrayLike]]  # of what it gives, those that R gives too
    slack: Mapping[str, float]  # the largest difference that R's own stopping rule, grid or draws can make
    because: str  # why the slack is what it is
    target: float | None = None  # times as fast
    runs: int = 1  # of R's; the quickest counts
    most_seconds: int = 600  # of processor time, after which R is stopped
    package: str = "metafor"
    needs: tuple[str, ...] = ()  # other R packages


def simulated(shape: int | tuple[int, int], seed: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Effects and variances, tau2 = 0.1."""
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.01, 0.5, shape)
    return rng.normal(0.3, np.sqrt(vi + 0.1)), vi


def selected(k: int, seed: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The same, of which those with a small one-sided p-value were more often published: with chance (1 − p)²."""
    yi, vi = simulated(20 * k, seed)
    p = ndtr(-yi / np.sqrt(vi))
    kept = np.flatnonzero(np.random.default_rng(seed).random(p.size) < (1 - p) ** 2)[:k]
    return yi[kept], vi[kept]


def three_levels(groups: int, in_each: int) -> Columns:
    """Effects within studies: variance 0.09 between studies, 0.05 within them."""
    rng = np.random.default_rng(groups)
    k = groups * in_each
    study = np.repeat(np.arange(groups), in_each)
    vi = rng.uniform(0.01, 0.1, k)
    yi = 0.3 + rng.normal(0, 0.3, groups)[study] + rng.normal(0, np.sqrt(vi + 0.05))
    return {"yi": yi, "vi": vi, "study": study, "effect": np.arange(k)}


def bcg_trials() -> Columns:
    """Log risk ratios of the 13 BCG trials."""
    events_t, n_t, events_c, n_c = np.array(BCG, dtype=float).T
    yi = np.log(events_t / n_t) - np.log(events_c / n_c)
    vi = 1 / events_t - 1 / n_t + 1 / events_c - 1 / n_c
    return {"yi": yi, "vi": vi, "latitude": np.array(LATITUDES)}


def summary(posterior: Posterior) -> dict[str, npt.NDArray[Any]]:
    """Mean, sd, median and 95 % limits of the mean effect, tau, a new study's effect and each study's own."""

    def figures(distribution: Any) -> list[float]:
        limits = [distribution.quantile(p) for p in (0.5, 0.025, 0.975)]
        return [distribution.mean, distribution.sd, *limits]

    return {
        "mu": np.array(figures(posterior.mu)),
        "tau": np.array(figures(posterior.tau)),
        "new": np.array(figures(posterior.prediction)),
        "studies": np.array([figures(study) for study in posterior.shrinkage]).ravel(),
    }


def _pooled(found: Any) -> dict[str, npt.ArrayLike]:
    return {"estimate": found.estimate, "tau2": found.tau2}


def _subsets(found: Any) -> dict[str, npt.ArrayLike]:
    numbers = found.subsets.astype(int) @ 256 ** np.arange(found.subsets.shape[1])
    return {"subset": numbers, "estimate": found.estimate, "tau2": found.tau2}


def _three_levels(studies: Columns) -> Any:
    levels = {name: studies[name] for name in ("study", "effect")}
    return multilevel(studies["yi"], studies["vi"], random="~ 1 | study/effect", data=levels)


def _profiles(fit: Any) -> list[Any]:
    return [profile_interval(fit, component) for component in (0, 1)]


def _network(fit: Any) -> dict[str, npt.ArrayLike]:
    return {"effects": fit.effects, "se": fit.se, "tau2": fit.tau2, "q": fit.q}


def cases() -> list[Case]:
    """All of them, the issue of speed first, then what else R's users wait for."""
    reviews = simulated((2000, 10), 1)
    many, fifty, hundred = (simulated(k, k) for k in (2000, 50, 100))
    published = selected(50, 50)
    nested, few = three_levels(400, 5), three_levels(40, 5)
    bcg = bcg_trials()
    trials = np.array(BCG).T
    regression = meta_regression(bcg["yi"], bcg["vi"], "~ latitude", {"latitude": bcg["latitude"]})
    fit_of_few = _three_levels(few)
    network = simulated_network(20, 100)

    def columns(pair: tuple[npt.NDArray[Any], npt.NDArray[Any]]) -> Columns:
        return {"yi": pair[0].ravel(), "vi": pair[1].ravel()}

    refined = "both run to their last digits"
    return [
        Case(
            name="2,000 reviews of 10 studies, REML",
            script="many_reviews",
            studies={**columns(reviews), "review": np.repeat(np.arange(2000), 10)},
            job=lambda: many_fits(*reviews, test="z"),
            numbers=_pooled,
            slack={"estimate": 1e-8, "tau2": 1e-8},
            because=refined,
            target=1000,
            runs=3,
        ),
        Case(
            name="2,000 studies, REML",
            script="reml",
            studies=columns(many),
            job=lambda: meta_analysis(*many, test="z"),
            numbers=_pooled,
            slack={"estimate": 1e-5, "tau2": 1e-5},
            because="R stops at a change of 1e-5 in tau2",
            target=1000,
        ),
        Case(
            name="100 studies, each left out, REML",
            script="leave_one_out",
            studies=columns(hundred),
            job=lambda: leave_one_out(*hundred, test="z"),
            numbers=_pooled,
            slack={"estimate": 1e-8, "tau2": 1e-8},
            because=refined,
            target=500,
            runs=5,
        ),
        Case(
            name="13 BCG trials, all 8,191 subsets, REML",
            script="subsets",
            studies=bcg,
            job=lambda: gosh(bcg["yi"], bcg["vi"]),
            numbers=_subsets,
            slack={"estimate": 1e-8, "tau2": 1e-8},
            because=refined,
            target=50,
        ),
        Case(
            name="2,000 effects of 400 studies, three levels",
            script="three_levels",
            studies=nested,
            job=lambda: _three_levels(nested),
            numbers=lambda fit: {"estimate": fit.beta, "sigma2": fit.sigma2},
            slack={"estimate": 1e-7, "sigma2": 1e-7},
            because=refined,
            target=300,
            runs=3,
        ),
        Case(
            name="the same, R without sparse matrices",
            script="three_levels_dense",
            studies=nested,
            job=lambda: _three_levels(nested),
            numbers=lambda fit: {"estimate": fit.beta, "sigma2": fit.sigma2},
            slack={"estimate": 1e-5, "sigma2": 1e-5},
            because="R stops at a relative change of 1e-8 in the likelihood",
            most_seconds=120,
        ),
        Case(
            name="50 studies, exact posterior and all its summaries",
            script="exact_posterior",
            studies=columns(fifty),
            job=lambda: summary(
                exact_posterior(*fifty, prior_mu=NormalPrior(0, 2.82), prior_tau=HalfNormal(0.5)),
            ),
            numbers=lambda found: found,
            slack={"mu": 1e-3, "tau": 1e-3, "new": 1e-3, "studies": 1e-3},
            because="R sums over a grid of tau, about 1e-3 coarse",
            target=1000,
            package="bayesmeta",
        ),
        Case(
            name="100 studies, influence, REML",
            script="influence",
            studies=columns(hundred),
            job=lambda: influence(*hundred, test="z"),
            numbers=lambda found: {"cook": found.cook_d, "tau2": found.tau2_del},
            slack={"cook": 1e-8, "tau2": 1e-8},
            because=refined,
            runs=5,
        ),
        Case(
            name="13 BCG trials, latitude permuted 1,000 times",
            script="permutation",
            studies=bcg,
            job=lambda: permutation_test(regression, rng=np.random.default_rng(1)),
            numbers=lambda found: {"statistic": found.statistic, "p": found.p_value},
            slack={"statistic": 1e-7, "p": 0.07},
            because="1,000 other permutations: 3 standard errors of a p-value",
            runs=3,
        ),
        Case(
            name="13 BCG trials, counts by their exact likelihood",
            script="exact_counts",
            studies=dict(zip(("events_t", "n_t", "events_c", "n_c"), trials, strict=True)),
            job=lambda: mixed_model(*trials, model="CM.EL"),
            numbers=_pooled,
            slack={"estimate": 1e-4, "tau2": 1e-4},
            because="R stops at a relative change of 1e-8 in the likelihood, and integrates to about as much",
            needs=("BiasedUrn",),
        ),
        Case(
            name="50 studies, beta selection model",
            script="beta_selection",
            studies=columns(published),
            job=lambda: selection_model(*published, kind="beta"),
            numbers=lambda found: {"estimate": found.beta, "tau2": found.tau2, "delta": found.delta},
            slack={"estimate": 1e-4, "tau2": 1e-4, "delta": 1e-4},
            because="R stops at a relative change of 1e-8 in the likelihood",
        ),
        Case(
            name="200 effects of 40 studies, intervals of both variances",
            script="profile_intervals",
            studies=few,
            job=lambda: _profiles(fit_of_few),
            numbers=lambda found: {
                "lower": [interval.ci_lower for interval in found],
                "upper": [interval.ci_upper for interval in found],
            },
            slack={"lower": 1e-4, "upper": 1e-4},
            because="R's root search stops within 1.2e-4",
        ),
        Case(
            name="network, 20 treatments, 100 studies, DL",
            script="network",
            studies=network,
            job=lambda: fit_network(evidence_of(network), method="DL"),
            numbers=_network,
            slack={"effects": 1e-8, "se": 1e-8, "tau2": 1e-8, "q": 1e-8},
            because=refined,
            target=2000,
            package="netmeta",
        ),
        Case(
            name="the same network as a model of contrasts, REML",
            script="network_likelihood",
            studies=network,
            job=lambda: fit_network(evidence_of(network), method="REML"),
            numbers=_network,
            slack={"effects": 1e-6, "se": 1e-6, "tau2": 1e-6},
            because="R stops at a relative change of 1e-10 in the likelihood",
            runs=2,
        ),
    ]

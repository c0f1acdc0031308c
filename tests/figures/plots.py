"""One plot of each kind, on the BCG trials and with names that mean no good."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from evenhand.effects.risk_ratio import log_risk_ratio
from evenhand.figures import (
    FittedCurve,
    ForestBias,
    ForestColumn,
    ForestGroup,
    ForestSummary,
    Heterogeneity,
    LeagueTriangles,
    SeenPoints,
    baujat_plot,
    bubble_plot,
    contribution_plot,
    cumulative_plot,
    dose_response_plot,
    drapery_plot,
    forest_plot,
    funnel_plot,
    gosh_plot,
    labbe_plot,
    league_plot,
    multiverse_plot,
    net_heat_plot,
    network_forest_plot,
    network_graph_plot,
    node_split_plot,
    profile_plot,
    qq_plot,
    radial_plot,
    rankogram_plot,
    risk_of_bias_plot,
    time_course_plot,
)
from tests.figures.examples import HOSTILE

# Colditz et al. (1994), JAMA 271, 698-702: vaccinated and not, with tuberculosis and without; degrees from the equator.
EVENTS_T = [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27]
N_T = [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913]
EVENTS_C = [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29]
N_C = [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854]
LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
YI, VI = log_risk_ratio(*(np.array(counts, dtype=float) for counts in (EVENTS_T, N_T, EVENTS_C, N_C)))
SEI = np.sqrt(VI)
NAMES = [HOSTILE, "a " * 120, "‮ reversed ⁦", "دراسة", *(f"Trial {place}" for place in range(5, 14))]
ESTIMATE, LOWER, UPPER = -0.7145, -1.0669, -0.3622  # random effects, as the examples of the field have it
POOLED = ForestSummary(name="Random effects", estimate=ESTIMATE, ci_lower=LOWER, ci_upper=UPPER)
JUDGED = (("low", "some concerns", "high", "no information", None, "high"),) * 13

FOREST: dict[str, Any] = {"labels": NAMES, "measure": "RR"}


def forest(language: str, key: str, k: int = 13) -> str:
    return forest_plot(
        YI[:k],
        SEI[:k],
        labels=NAMES[:k],
        measure="RR",
        weights=1 / (VI[:k] + 0.3),
        summaries=[
            POOLED,
            ForestSummary(name=HOSTILE, estimate=-0.43, ci_lower=-0.51, ci_upper=-0.35),
            ForestSummary(name="New", estimate=ESTIMATE, ci_lower=-2, ci_upper=math.inf, prediction=True),
        ],
        heterogeneity=Heterogeneity(tau2=0.313, i2=92.2, q=152.23, df=12, p_value=1e-26),
        left=[ForestColumn(heading=HOSTILE, cells=EVENTS_T[:k], over="Vaccine")],
        right=[ForestColumn(heading="Place", cells=[HOSTILE] * k, numbers=False)],
        risk_of_bias=ForestBias(judgements=JUDGED[:k]),
        low_side=HOSTILE,
        high_side="favours none",
        thresholds=[(math.log(0.8), HOSTILE), (math.log(0.7), "worth it")],
        language=language,
        key=key,
    )


def grouped(language: str, key: str) -> str:
    return forest_plot(
        YI,
        SEI,
        **FOREST,
        groups=[
            ForestGroup(name=HOSTILE, studies=[0, 2, 4], summaries=[POOLED], heterogeneity=Heterogeneity(i2=0.0)),
            ForestGroup(name="none", studies=[]),
        ],
        group_test=Heterogeneity(q=1.77, df=2, p_value=0.41),
        summaries=[POOLED],
        language=language,
        key=key,
        width=700,
    )


def gosh(language: str, key: str) -> str:
    rng = np.random.default_rng(5)
    effects = rng.normal(-0.7, 0.2, 5000)
    return gosh_plot(
        effects, rng.uniform(0, 100, 5000), highlighted=effects > -0.5, highlight_label=HOSTILE, measure="RR",
        estimate=ESTIMATE, language=language, key=key,
    )  # fmt: skip


def bubble(language: str, key: str) -> str:
    x = np.array([60.0, 10.0, 35.0])
    line = 0.25 - 0.029 * x
    return bubble_plot(
        LATITUDE, YI, vi=VI, line_x=x, fitted=line, ci_lower=line - 0.3, ci_upper=line + 0.3, pi_lower=line - 9,
        pi_upper=line + 9, x_label=HOSTILE, labels=NAMES, show_labels=True, measure="RR", language=language, key=key,
    )  # fmt: skip


def multiverse(language: str, key: str) -> str:
    choices = {"Estimator": ["REML", "DL", HOSTILE], HOSTILE: ["all", "", "all"]}
    return multiverse_plot(
        [-0.7, -0.4, math.nan], [-1.1, -0.8, -1], [-0.3, 0.1, 1], choices, main=0, measure="RR", language=language,
        key=key,
    )  # fmt: skip


def profile(language: str, key: str) -> str:
    tau2 = np.linspace(0, 2, 50)
    heights = -((tau2 - 0.3) ** 2) * 20
    return profile_plot(
        tau2, heights, estimate=0.3, ci_lower=0.1, ci_upper=math.inf, x_label=HOSTILE, language=language, key=key
    )


TREATMENTS = [HOSTILE, "a " * 120, "دراسة", "placebo"]
BASIS, APART = np.array([0.4, -0.2, math.nan, 0.0]), 0.7


def league(language: str, key: str) -> str:
    estimate = BASIS[:, None] - BASIS[None, :]
    network = (estimate, estimate - APART, estimate + APART)
    direct = (estimate, estimate - 0.1, estimate + 0.1)
    return league_plot(
        TREATMENTS, LeagueTriangles(below=network, above=direct, below_name=HOSTILE, above_name="direct"),
        order=TREATMENTS[::-1], measure="OR", language=language, key=key,
    )  # fmt: skip


def doses(language: str, key: str) -> str:
    x = np.linspace(0, 40, 30)
    fitted = -0.9 * x / (10 + x)
    return dose_response_plot(
        [
            FittedCurve(name=HOSTILE, x=x, fitted=fitted, ci_lower=fitted - 0.2, ci_upper=fitted + 0.2),
            FittedCurve(name="linear", x=x[::-1], fitted=-0.02 * x[::-1]),
        ],
        [
            SeenPoints(
                x=[5, 20, math.nan], yi=[-0.3, -0.6, 1], ci_lower=[-math.inf, -0.9, 0], ci_upper=[0.4, math.inf, 2],
                weights=[1, math.nan, 3], curve=0, name=HOSTILE,
            )
        ],
        ed50=10, measure="OR", x_label=HOSTILE, language=language, key=key,
    )  # fmt: skip


def course(language: str, key: str) -> str:
    weeks = np.arange(0, 25.0)
    return time_course_plot(
        [FittedCurve(name=name, x=weeks, fitted=end * (1 - np.exp(-weeks / 6))) for name, end in (("a", -3), ("b", 2))],
        [SeenPoints(x=[4, 8], yi=[-1, -2]), SeenPoints(x=[4], yi=[0.8], curve=1)],
        stopped_at=12, language=language, key=key,
    )  # fmt: skip


PLOTS: dict[str, Callable[[str, str], str]] = {
    "network-graph": lambda language, key: network_graph_plot(
        TREATMENTS, [HOSTILE, HOSTILE, TREATMENTS[1]], ["placebo", TREATMENTS[1], "placebo"], studies=[3, 1, 5],
        people=[100, math.nan, 0, 250], certainty=["high", "very low", None], language=language, key=key,
    ),
    "network-forest": lambda language, key: network_forest_plot(
        TREATMENTS, BASIS, BASIS - APART, BASIS + APART, reference="placebo", scores=[0.9, 0.2, math.nan, 0.4],
        studies=[3, 0, 1, 2], level=0.9, measure="OR", low_side=HOSTILE, language=language, key=key,
    ),
    "league": league,
    "rankogram": lambda language, key: rankogram_plot(
        TREATMENTS, [[0.7, 0.3, 0, 0], [0.3, 0.3, 0.4, 0], [0, 0.4, 0.5, 0.1], [0, 0, 0.1, 0.9]], language=language,
        key=key,
    ),
    "rankogram-cumulative": lambda language, key: rankogram_plot(
        TREATMENTS, np.full((4, 4), 0.25), cumulative=True, language=language, key=key
    ),
    "node-splits": lambda language, key: node_split_plot(
        [HOSTILE, "a v b"], [0.2, math.nan], [0.1, math.nan], [0.5, 0.1], [0.2, 0.3], network=[0.3, 0.1],
        se_network=[0.1, 0.3], p_value=[0.0001, math.nan], measure="OR", language=language, key=key,
    ),
    "net-heat": lambda language, key: net_heat_plot(
        [HOSTILE, "a:b", "b:c"], [[0, 3.2, math.nan], [-1, 0, 0], [0.5, 0, 2]], np.eye(3) - 0.2, language=language,
        key=key,
    ),
    "contributions": lambda language, key: contribution_plot(
        [HOSTILE, "a v b", "none"], [HOSTILE, "Trial 2", "Trial 3"], [[0.5, 0.3, 0.2], [0, 1, 0], [math.nan] * 3],
        risk=["high", "low", None], language=language, key=key,
    ),
    "contributions-unjudged": lambda language, key: contribution_plot(
        ["a v b"], [HOSTILE, "Trial 2"], [[0.01, 0.99]], language=language, key=key
    ),
    "doses": doses,
    "course": course,
    "forest": forest,
    "forest-grouped": grouped,
    "forest-of-one": lambda language, key: forest(language, key, 1),
    "cumulative": lambda language, key: cumulative_plot(
        YI, SEI, labels=NAMES, overall=POOLED, i2=LATITUDE, tau2=[math.nan, *VI[1:]], measure="RR", language=language,
        key=key, right=[ForestColumn(heading=HOSTILE, cells=NAMES)],
    ),
    "leave-one-out": lambda language, key: cumulative_plot(
        YI, SEI, labels=NAMES, kind="leave-one-out", language=language, key=key
    ),
    "funnel": lambda language, key: funnel_plot(
        YI, SEI, estimate=ESTIMATE, filled=[1] + [0] * 12, labels=NAMES, show_labels=True, measure="RR",
        language=language, key=key,
    ),
    "funnel-n": lambda language, key: funnel_plot(YI, vi=VI, n=N_T, y_axis="n", language=language, key=key),
    "drapery": lambda language, key: drapery_plot(
        YI, SEI, estimate=ESTIMATE, se=0.18, df=12, prediction_se=0.6, prediction_df=11, labels=NAMES, measure="RR",
        language=language, key=key,
    ),
    "radial": lambda language, key: radial_plot(
        YI, SEI, estimate=ESTIMATE, labels=NAMES, show_labels=True, measure="RR", language=language, key=key
    ),
    "labbe": lambda language, key: labbe_plot(
        EVENTS_T, N_T, EVENTS_C, N_C, estimate=ESTIMATE, measure="RR", labels=NAMES, show_labels=True,
        x_label=HOSTILE, language=language, key=key,
    ),
    "baujat": lambda language, key: baujat_plot(
        YI**2 / VI, VI, labels=NAMES, x_label=HOSTILE, title=HOSTILE, language=language, key=key
    ),
    "gosh": gosh,
    "bubble": bubble,
    "multiverse": multiverse,
    "qq": lambda language, key: qq_plot(YI / SEI, labels=NAMES, language=language, key=key),
    "profile": profile,
    "lights": lambda language, key: risk_of_bias_plot(JUDGED, labels=NAMES, language=language, key=key),
    "bars": lambda language, key: risk_of_bias_plot(
        JUDGED, labels=NAMES, kind="summary", weights=1 / VI, language=language, key=key
    ),
    "robins": lambda language, key: risk_of_bias_plot(
        [["Low (except for concerns about uncontrolled confounding)", "low", "moderate", "serious", "critical", "NI"]],
        tool="ROBINS-I 2025", overall=False, labels=[HOSTILE], language=language, key=key,
    ),
}  # fmt: skip


def plots(language: str) -> dict[str, str]:
    """Every plot, by key."""
    return {f"plot-{name}": draw(language, f"plot-{name}") for name, draw in PLOTS.items()}

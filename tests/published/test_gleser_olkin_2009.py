"""Gleser & Olkin (2009), in The Handbook of Research Synthesis and Meta-Analysis, 2nd ed., ch. 19."""

import numpy as np
import pytest

from evenhand.effects.same_people import same_people
from evenhand.effects.shared_control import shared_control
from evenhand.synthesis.dependent.multilevel_model import multilevel
from tests.printed import printed

# Table 19.2: three studies of up to three treatments against one control.
STUDY, TREATMENT = [1, 1, 2, 3, 3, 3], np.array([1, 2, 1, 1, 2, 3])
COUNTS = {
    "events_t": [100, 150, 15, 40, 80, 50],
    "n_t": [4000, 4000, 400, 1000, 1000, 1000],
    "events_c": [40, 40, 10, 150, 150, 150],
    "n_c": [1000, 1000, 200, 2000, 2000, 2000],
}


def pooled(yi, covariance, design):
    """Estimates, their covariance, and Q, where effects differ by nothing but chance."""
    fit = multilevel(yi, covariance, design)
    return fit.beta, fit.covariance, fit.qe


def by_treatment(treatments):
    return (treatments[:, None] == np.unique(treatments)[None, :]).astype(float)


@pytest.mark.parametrize(
    ("measure", "scale", "effects", "estimates", "q"),
    [
        # The chapter takes control minus treatment, and twice the arcsine difference.
        ("RD", -1, "0.0150 0.0025 0.0125 0.0350 -0.0050 0.0250", "0.0200 0.0043 0.0211", "7.1907"),  # pp. 360-362
        ("OR", -1, "0.4855 0.0671 0.3008 0.6657 -0.0700 0.4321", "0.5099 0.0044 0.4301", "2.056"),  # pp. 362-363: 2.057
        ("RR", -1, "0.4700 0.0645 0.2877 0.6286 -0.0645 0.4055", "0.4875 0.0006 0.4047", None),  # pp. 363-364
        (
            "AS",
            -2,
            "0.0852 0.0130 0.0613 0.1521 -0.0187 0.1038",
            "0.1010 0.0102 0.0982",
            "4.263",
        ),  # pp. 364-365, which print 4.264
    ],
)
def test_several_treatments_against_one_control(measure, scale, effects, estimates, q):
    counts = {name: np.asarray(column, dtype=float) for name, column in COUNTS.items()}
    yi, covariance = shared_control(measure, STUDY, **counts)
    assert [scale * effect for effect in yi] == [printed(text) for text in effects.split()]
    beta, _, rest = pooled(yi, covariance, by_treatment(TREATMENT))
    assert [scale * estimate for estimate in beta] == [printed(text) for text in estimates.split()]
    if q is not None:
        assert rest == printed(q)


def test_covariance_of_the_pooled_risk_differences():
    """Eq. 19.7, in millionths."""
    yi, covariance = shared_control("RD", STUDY, **COUNTS)
    _, spread, _ = pooled(yi, covariance, by_treatment(TREATMENT))
    table = ["24.612 19.954 13.323", "19.954 28.538 13.255", "13.323 13.255 69.806"]
    assert [list(1e6 * row) for row in spread] == [[printed(text) for text in row.split()] for row in table]


def test_covariance_of_the_pooled_log_odds_ratios():
    """p. 363."""
    yi, covariance = shared_control("OR", STUDY, **COUNTS)
    _, spread, _ = pooled(yi, covariance, by_treatment(TREATMENT))
    assert [spread[i, j] for i in range(3) for j in range(i, 3)] == [
        printed(text) for text in ["0.01412", "0.00712", "0.00425", "0.01178", "0.00455", "0.02703"]
    ]


def test_covariance_of_the_pooled_arcsine_differences():
    """p. 365."""
    yi, covariance = shared_control("AS", STUDY, **COUNTS)
    _, spread, _ = pooled(yi, covariance, by_treatment(TREATMENT))
    assert [4 * spread[i, j] for i in range(3) for j in range(i, 3)] == [
        printed(text) for text in ["0.00058", "0.00040", "0.00024", "0.00061", "0.00025", "0.00137"]
    ]


def test_standardised_differences_from_one_control():
    """pp. 364-367: each study's arms have the standard deviation that is pooled over them."""
    figures = {
        "mean_t": [7.87, 4.35, 9.32, 8.08, 7.44, 5.34],
        "sd_t": [4.2593, 4.2593, 2.8831, 3.1764, 2.9344, 2.9344],
        "n_t": [25, 22, 38, 50, 30, 30],
        "mean_c": [-1.36, -1.36, 0.98, 1.17, 0.45, 0.45],
        "sd_c": [4.2593, 4.2593, 2.8831, 3.1764, 2.9344, 2.9344],
        "n_c": [25, 25, 40, 50, 30, 30],
    }
    yi, covariance = shared_control("SMD", [1, 1, 2, 3, 4, 4], correct=False, **figures)
    assert list(yi) == [printed(text) for text in ["2.1670", "1.3406", "2.8927", "2.1754", "2.3821", "1.6664"]]
    beta, spread, rest = pooled(yi, covariance, by_treatment(np.array([1, 2, 1, 1, 1, 2])))
    assert list(beta) == [printed(text) for text in ["2.3743", "1.5702"]]
    assert [spread[0, 0], spread[0, 1], spread[1, 1]] == [printed(text) for text in ["0.02257", "0.01244", "0.03554"]]
    assert rest == printed("3.9447")


def test_two_outcomes_of_the_same_people():
    """P. 371: mathematics and reading in seven schools, of which the chapter prints 19.62 for Q.

    It rounds the effects to 3 places, and from those the variances and covariances to 4; Q is then 19.6264.
    """
    twice = np.repeat
    r = np.broadcast_to(twice([0.55, 0.43, 0.57, 0.66, 0.51, 0.59, 0.49], 2), (14, 14))
    sd = np.array([8.2, 7.3, 8.3, 8.9, 8.5, 8.3, 7.7, 9.8, 9.1, 10.4, 9.6, 7.9, 9.2, 10.2])
    n_t, n_c = twice([24.0, 21, 23, 18, 36, 42, 38], 2), twice([22.0, 21, 26, 18, 38, 42, 39], 2)
    mean_t = np.array([10.3, 6.6, 9.7, 3.1, 8.7, 3.7, 7.5, 8.5, 2.2, 2.1, 3.8, 1.4, 1.8, 3.9])
    mean_c = np.array([2.3, 2.5, 2.4, 1.3, 2.5, 2.4, 3.3, 1.7, 1.1, 2.0, 2.8, 2.1, 1.7, 0.6])

    def of_both(mean_t, mean_c, sd):
        figures = {"mean_t": mean_t, "sd_t": sd, "n_t": n_t, "mean_c": mean_c, "sd_c": sd, "n_c": n_c}
        return same_people("SMD", twice(np.arange(7), 2), r=r, correct=False, **figures)

    effects, _ = of_both(mean_t, mean_c, sd)
    yi, covariance = of_both(effects.round(3), np.zeros(14), np.ones(14))
    _, _, rest = pooled(yi, covariance.dense().round(4), np.tile(np.eye(2), (7, 1)))
    assert rest == printed("19.6264")

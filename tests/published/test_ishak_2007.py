"""Ishak, Platt, Joseph, Hanley & Caro (2007), Clin. Trials 4, 525-539: deep-brain stimulation over four times."""

import numpy as np
import pytest

from evenhand.synthesis.dependent.multilevel_model import multilevel
from tests.printed import printed

# Study, occasion (about 3, 6, 12 months and later), mean difference of the motor score and its variance.
MEASUREMENTS = [
    (1, 1, -33.4, 14.3), (2, 1, -20, 7.3), (2, 3, -30, 5.7), (3, 1, -21.1, 7.3), (4, 1, -20, 8.0),
    (4, 2, -20, 8.0), (4, 3, -18, 5.0), (5, 2, -32.9, 125.0), (6, 1, -25.6, 4.2), (6, 2, -28.3, 4.6),
    (7, 1, -30.3, 88.2), (7, 3, -24.5, 170.7), (8, 2, -25, 17), (9, 3, -36, 5.0), (10, 2, -22.5, 6.8),
    (10, 3, -25.2, 11), (10, 4, -25.7, 15.4), (11, 2, -8.6, 41), (12, 1, -26, 22.4), (12, 2, -30, 20.6),
    (13, 3, -25.5, 8.2), (13, 4, -19.5, 13.0), (14, 3, -36.7, 5.8), (14, 4, -32.9, 6.1), (15, 1, -27.5, 3.8),
    (15, 2, -23.5, 3.8), (15, 3, -29, 3.8), (16, 3, -25, 13.0), (16, 4, -23, 15.4), (17, 2, -36.3, 27.3),
    (18, 3, -29.4, 10.7), (19, 1, -31, 2.6), (19, 2, -34, 2.0), (19, 3, -32.5, 2.0), (20, 3, -20.6, 25.3),
    (21, 1, -33.9, 20.1), (22, 3, -35.4, 21.2), (23, 2, -34.9, 18.0), (24, 2, -32.7, 16.3), (25, 1, -23, 38.1),
    (25, 2, -24.1, 32.9), (25, 3, -27.8, 31.0), (25, 4, -28.3, 34.6), (26, 1, -31.2, 12.7), (26, 3, -33, 9.5),
    (27, 1, -16.2, 5.9), (27, 3, -16.3, 7.0), (27, 4, -11.5, 12.7), (28, 3, -29.2, 5.8), (29, 2, -31.7, 12.4),
    (30, 1, -32.2, 26.5), (30, 3, -32.9, 29.0), (31, 1, -31.7, 19.1), (32, 1, -29.3, 22.9), (32, 2, -32, 20.0),
    (32, 3, -36.7, 17.8), (33, 1, -30.1, 9.4), (33, 2, -30.5, 8.7), (33, 3, -29.7, 10.4), (33, 4, -31.9, 13.3),
    (34, 1, -17.6, 28.4), (35, 4, -22.9, 20.0), (36, 3, -36, 27.7), (37, 4, -22.5, 20.3), (38, 1, -19.4, 1.6),
    (38, 2, -18, 1.7), (38, 3, -20.5, 1.5), (39, 1, -9.3, 85.2), (40, 2, -24.7, 15.5), (40, 3, -27.9, 17.1),
    (41, 1, -16.7, 9.8), (42, 2, -31.2, 196), (42, 4, -27.4, 201.6), (43, 1, -27, 5.5), (43, 2, -30, 3.5),
    (44, 1, -19.7, 18.5), (44, 2, -22.1, 18.1), (44, 3, -24.3, 18.2), (44, 4, -21.9, 16.7), (45, 2, -37.8, 20.9),
    (45, 3, -34, 26.4), (46, 1, -22.1, 40.8),
]  # fmt: skip
STUDY, TIME, YI, VI = (np.array(column) for column in zip(*MEASUREMENTS, strict=True))
DATA = {"study": STUDY, "time": TIME}
BY_TIME = (TIME[:, None] == np.arange(1, 5)).astype(float)
# Sampling errors of a study correlated by 0.97 from one occasion to the next, as the authors estimated.
LAG = np.abs(TIME[:, None] - TIME)
CORRELATED = np.where(STUDY[:, None] == STUDY, np.sqrt(np.outer(VI, VI)) * 0.97**LAG, 0.0)


def test_table_1_independent_times():
    fit = multilevel(YI, VI, BY_TIME, random="~ time | study", structure="DIAG", data=DATA)
    assert list(fit.beta) == [printed(figure) for figure in ("-24.9", "-27.5", "-28.5", "-24.1")]
    assert list(fit.tau2) == [printed(figure) for figure in ("23.1", "27.8", "27.7", "29.9")]


def test_table_1_random_study_effects():
    fit = multilevel(YI, VI, BY_TIME, random="~ 1 | study", data=DATA)
    assert list(fit.beta) == [printed(figure) for figure in ("-26.2", "-27.2", "-28.5", "-25.6")]
    assert fit.sigma2[0] == printed("26.7")


def test_table_1_multivariate_model():
    fit = multilevel(YI, CORRELATED, BY_TIME, random="~ time | study", structure="HAR", data=DATA)
    assert list(fit.beta) == [printed(figure) for figure in ("-25.9", "-27.5", "-28.7", "-26.5")]
    # The paper prints 22.6 and 31.1 for the first and last.
    assert list(fit.tau2) == [printed(figure) for figure in ("22.7", "33.7", "26.1", "31.2")]
    assert fit.rho[0] == printed("0.88")


def test_table_1_correlated_times_reach_the_end_of_the_range():
    """Without correlated sampling errors the times' effects are correlated by 1.00, as printed: here exactly 1."""
    fit = multilevel(YI, VI, BY_TIME, random="~ time | study", structure="HAR", data=DATA)
    assert fit.rho[0] == pytest.approx(1.0, abs=1e-12)
    # The paper prints -27.5 for the second, and 20.4 for the first variance.
    assert list(fit.beta) == [printed(figure) for figure in ("-26.0", "-27.3", "-28.6", "-25.8")]
    assert list(fit.tau2) == [printed(figure) for figure in ("20.3", "36.0", "26.4", "30.1")]


def test_effects_that_fade_with_the_months_between():
    """Not in the paper: months 3, 6, 12 and 24, figures of the metafor project's example of these data."""
    months = np.array([1, 2, 4, 8])[TIME - 1]  # quarters of a year
    data = {"study": STUDY, "time": months}
    fit = multilevel(YI, CORRELATED, BY_TIME, random="~ time | study", structure="CAR", data=data)
    assert list(fit.beta) == [printed(figure) for figure in ("-26.0293", "-27.3838", "-28.7339", "-26.0515")]
    assert fit.tau2[0] == printed("26.9825")
    assert fit.rho[0] == printed("0.9171")

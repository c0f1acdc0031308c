"""Berkey, Hoaglin, Antczak-Bouckoms, Mosteller & Colditz (1998), Statist. Med. 17, 2537-2550: surgery, two outcomes."""

import math

import numpy as np

from evenhand.synthesis.dependent.multilevel_model import multilevel
from tests.printed import printed

# Table I: year, improvement of probing depth (PD) and attachment level (AL), their variances and covariance.
TRIALS = [
    (1983, 0.47, -0.32, 0.0075, 0.0077, 0.0030),
    (1982, 0.20, -0.60, 0.0057, 0.0008, 0.0009),
    (1979, 0.40, -0.12, 0.0021, 0.0014, 0.0007),
    (1987, 0.26, -0.31, 0.0029, 0.0015, 0.0009),
    (1988, 0.56, -0.39, 0.0148, 0.0304, 0.0072),
]


def test_table_2_regression_on_year():
    """Maximum likelihood; AL before PD."""
    yi = np.array([trial[1:3] for trial in TRIALS]).ravel()
    V = [np.array([[pd, both], [both, al]]) for *_, pd, al, both in TRIALS]
    outcome = ["PD", "AL"] * 5
    al = np.array([name == "AL" for name in outcome], dtype=float)
    year = np.repeat([trial[0] - 1983 for trial in TRIALS], 2)
    X = np.column_stack([al, 1 - al, al * year, (1 - al) * year])
    data = {"outcome": outcome, "trial": np.repeat(range(5), 2)}
    fit = multilevel(yi, V, X, random="~ outcome | trial", structure="UN", data=data, method="ML")
    assert list(fit.beta) == [printed(figure) for figure in ("-0.335", "0.348", "-0.011", "0.001")]
    assert list(fit.se) == [printed(figure) for figure in ("0.079", "0.052", "0.024", "0.015")]
    assert list(fit.tau2) == [printed(figure) for figure in ("0.025", "0.008")]
    assert fit.rho[0] * math.sqrt(fit.tau2[0] * fit.tau2[1]) == printed("0.009")

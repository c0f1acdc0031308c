"""van Houwelingen, Zwinderman & Stijnen (1993), Statist. Med. 12, 2273-2284: bleeding ulcers, by exact likelihood.

The last places are those of the metafor project's page of the example.
"""

import math

import pytest

from evenhand.synthesis.counts.generalised_linear import mixed_model
from tests.printed import printed

# Collins & Langman (1985): bleeding again, and patients: control, treated, of the 24 trials that report it.
TRIALS = [
    (16, 50, 8, 50), (12, 53, 11, 56), (1, 12, 5, 18), (6, 15, 2, 14), (10, 36, 12, 33), (11, 48, 9, 40),
    (8, 20, 7, 20), (12, 47, 5, 46), (3, 19, 0, 18), (3, 43, 9, 45), (8, 19, 10, 21), (30, 132, 44, 153),
    (0, 14, 0, 14), (4, 9, 1, 10), (5, 24, 4, 24), (21, 80, 14, 78), (51, 260, 50, 259), (1, 11, 3, 10),
    (12, 29, 6, 31), (15, 54, 16, 51), (15, 107, 16, 106), (7, 39, 6, 33), (5, 26, 11, 36), (13, 31, 3, 34),
    (3, 14, 2, 15),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "estimate", "se", "ci_lower", "ci_upper", "tau2", "log_likelihood"),
    [
        (
            "EE",
            "0.1216",
            "0.0996",
            "-0.0735",
            "0.3167",
            "0.0000",
            "-53.679",
        ),  # p. 2275; prints 0.31 for the upper
        ("ML", "0.1744", "0.1364", "-0.0929", "0.4417", "0.1192", "-52.990"),  # p. 2277
    ],
)
def test_conditional_logistic_model(method, estimate, se, ci_lower, ci_upper, tau2, log_likelihood):
    fit = mixed_model(*zip(*TRIALS, strict=True), model="CM.EL", method=method)
    assert fit.estimate == printed(estimate)
    assert fit.se == printed(se)
    assert fit.ci_lower == printed(ci_lower)
    assert fit.ci_upper == printed(ci_upper)
    assert fit.tau2 == printed(tau2)
    assert fit.fit.log_likelihood == printed(log_likelihood)
    assert math.isfinite(fit.quadrature_error)

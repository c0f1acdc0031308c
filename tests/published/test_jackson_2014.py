"""Jackson, Turner, Rhodes & Viechtbauer (2014), BMC Med. Res. Methodol. 14, 103: intervals of residual heterogeneity.

The fourth decimals are those of the metafor project's tests of the example, whose searches end there.
"""

import math

import numpy as np
import pytest

from evenhand.synthesis.heterogeneity import heterogeneity_of
from evenhand.synthesis.linear_fit import fit_linear
from tests.printed import printed

FIRST = (
    [0.0267, 0.8242, 0.3930, 2.4405, 2.1401, 1.2528, 2.4849, 0.3087, 1.4246, 0.1823, 1.1378, 1.2321, 2.0695, 4.0237,
     1.4383, 1.6021],
    [0.1285, 0.0315, 0.0931, 2.0967, 1.0539, 0.1602, 1.0235, 0.0218, 0.5277, 0.0556, 0.3304, 0.1721, 0.4901, 2.0200,
     0.3399, 0.1830],
    [0] * 10 + [1] * 6,
)  # fmt: skip
SECOND = (
    [0.54, 0.4, 0.64, 0.365, 0.835, 0.02, 0.12, 0.085, 1.18, 0.08, 0.18, 0.325, 0.06, 0.715, 0.065, 0.245, 0.24, 0.06,
     0.19],
    [0.0176, 0.019, 0.0906, 0.0861, 0.0063, 0.0126, 0.0126, 0.0041, 0.0759, 0.0126, 0.0104, 0.0242, 0.0026, 0.2629,
     0.0169, 0.0156, 0.0481, 0.0084, 0.0044],
    [1986, 1987, 1988, 1988, 1998, 1999, 2000, 2000, 2000, 2001, 2001, 2001, 2002, 2002, 2002, 2002, 2003, 2003, 2003],
)  # fmt: skip


def fit_of(studies, method):
    yi, vi, moderator = (np.array(column, dtype=float) for column in studies)
    return fit_linear(yi, vi, np.column_stack([np.ones_like(yi), moderator]), method=method, test="z")


@pytest.mark.parametrize(("studies", "lower", "upper"), [(FIRST, "0.011", "0.633"), (SECOND, "0.016", "0.111")])
def test_log_of_the_restricted_estimate(studies, lower, upper):
    fit = fit_of(studies, "REML")
    factor = math.exp(1.96 * fit.se_tau2 / fit.tau2)
    assert fit.tau2 / factor == printed(lower)
    assert fit.tau2 * factor == printed(upper)


@pytest.mark.parametrize(
    ("studies", "method", "interval", "lower", "upper"),
    [
        (FIRST, "DL", "BJ", "0.0029", "0.6907"),
        (FIRST, "DL", "J", "0.0000", "1.125"),
        (FIRST, "PM", "QP", "0.0023", "1.4871"),
        (SECOND, "DL", "BJ", "0.0170", "0.1393"),
        (SECOND, "DL", "J", "0.0180", "0.1375"),
        (SECOND, "PM", "QP", "0.0178", "0.1564"),
    ],
)
def test_intervals_from_generalised_heterogeneity_statistics(studies, method, interval, lower, upper):
    found = heterogeneity_of(fit_of(studies, method), interval=interval)
    assert found.tau2_lower == printed(lower)
    assert found.tau2_upper == printed(upper)

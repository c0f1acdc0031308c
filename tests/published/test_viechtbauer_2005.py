"""Viechtbauer (2005), J. Educ. Behav. Stat. 30, 261-293: seven estimators of the heterogeneity, pp. 271 and 272.

The last places are those of the metafor project's page of the example.
"""

import pytest

from evenhand.synthesis.pairwise import meta_analysis
from tests.printed import printed

FIRST = (
    [-0.581, 0.530, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232],
    [0.023, 0.052, 0.060, 0.115, 0.095, 0.203, 0.200, 0.211, 0.051, 0.040],
)
SECOND = (
    [0.100, -0.162, -0.090, -0.049, -0.046, -0.010, -0.431, -0.261, 0.134, 0.019, 0.175, 0.056, 0.045, 0.103, 0.121,
     -0.482, 0.290, 0.342],
    [0.016, 0.015, 0.050, 0.050, 0.032, 0.052, 0.036, 0.024, 0.034, 0.033, 0.031, 0.034, 0.039, 0.167, 0.134, 0.096,
     0.016, 0.035],
)  # fmt: skip


@pytest.mark.parametrize(
    ("studies", "method", "tau2", "se_tau2", "i2", "h2"),
    [
        (FIRST, "HS", "0.2282", "0.1328", "77.2284", "4.3914"),
        (FIRST, "HE", "0.1484", "0.1234", "68.7988", "3.205"),
        (FIRST, "DL", "0.2768", "0.1841", "80.4447", "5.1137"),
        (FIRST, "ML", "0.1967", "0.1255", "74.51", "3.923"),
        (FIRST, "REML", "0.2232", "0.1464", "76.84", "4.318"),
        (FIRST, "EB", "0.192", "0.133", "74.05", "3.854"),
        (FIRST, "SJ", "0.1992", "0.0979", "74.7545", "3.9611"),
        (SECOND, "HS", "0.0099", "0.0138", "22.9266", "1.2975"),
        (SECOND, "HE", "0", "0.0217", "0", "1"),
        (SECOND, "DL", "0.0126", "0.0159", "27.5275", "1.3798"),
        (SECOND, "ML", "0.0132", "0.0151", "28.45", "1.398"),
        (SECOND, "REML", "0.0157", "0.0167", "32.02", "1.471"),
        (SECOND, "EB", "0.0104", "0.0156", "23.72", "1.311"),
        (SECOND, "SJ", "0.0248", "0.0118", "42.6734", "1.7444"),
    ],
)
def test_estimates_of_heterogeneity(studies, method, tau2, se_tau2, i2, h2):
    fit = meta_analysis(*studies, method=method, test="z")
    assert fit.tau2 == printed(tau2)
    assert fit.se_tau2 == printed(se_tau2)
    assert fit.i2 == printed(i2)
    assert fit.h2 == printed(h2)

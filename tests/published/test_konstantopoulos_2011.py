"""Konstantopoulos (2011), Res. Synth. Methods 2, 61-76: modified school calendars in 56 schools of 11 districts."""

import numpy as np
import pytest

from evenhand.synthesis.dependent.multilevel_model import multilevel
from evenhand.synthesis.linear_fit import fit_linear
from tests.printed import printed

# Cooper et al. (2003): district, school, standardised mean difference and its variance, year.
SCHOOLS = [
    (11, 1, -0.18, 0.118, 1976), (11, 2, -0.22, 0.118, 1976), (11, 3, 0.23, 0.144, 1976), (11, 4, -0.3, 0.144, 1976),
    (12, 1, 0.13, 0.014, 1989), (12, 2, -0.26, 0.014, 1989), (12, 3, 0.19, 0.015, 1989), (12, 4, 0.32, 0.024, 1989),
    (18, 1, 0.45, 0.023, 1994), (18, 2, 0.38, 0.043, 1994), (18, 3, 0.29, 0.012, 1994), (27, 1, 0.16, 0.02, 1976),
    (27, 2, 0.65, 0.004, 1976), (27, 3, 0.36, 0.004, 1976), (27, 4, 0.6, 0.007, 1976), (56, 1, 0.08, 0.019, 1997),
    (56, 2, 0.04, 0.007, 1997), (56, 3, 0.19, 0.005, 1997), (56, 4, -0.06, 0.004, 1997), (58, 1, -0.18, 0.02, 1976),
    (58, 2, 0, 0.018, 1976), (58, 3, 0, 0.019, 1976), (58, 4, -0.28, 0.022, 1976), (58, 5, -0.04, 0.02, 1976),
    (58, 6, -0.3, 0.021, 1976), (58, 7, 0.07, 0.006, 1976), (58, 8, 0, 0.007, 1976), (58, 9, 0.05, 0.007, 1976),
    (58, 10, -0.08, 0.007, 1976), (58, 11, -0.09, 0.007, 1976), (71, 1, 0.3, 0.015, 1997), (71, 2, 0.98, 0.011, 1997),
    (71, 3, 1.19, 0.01, 1997), (86, 1, -0.07, 0.001, 1997), (86, 2, -0.05, 0.001, 1997), (86, 3, -0.01, 0.001, 1997),
    (86, 4, 0.02, 0.001, 1997), (86, 5, -0.03, 0.001, 1997), (86, 6, 0, 0.001, 1997), (86, 7, 0.01, 0.001, 1997),
    (86, 8, -0.1, 0.001, 1997), (91, 1, 0.5, 0.01, 2000), (91, 2, 0.66, 0.011, 2000), (91, 3, 0.2, 0.01, 2000),
    (91, 4, 0, 0.009, 2000), (91, 5, 0.05, 0.013, 2000), (91, 6, 0.07, 0.013, 2000), (108, 1, -0.52, 0.031, 2000),
    (108, 2, 0.7, 0.031, 2000), (108, 3, -0.03, 0.03, 2000), (108, 4, 0.27, 0.03, 2000), (108, 5, -0.34, 0.03, 2000),
    (644, 1, 0.12, 0.087, 1995), (644, 2, 0.61, 0.082, 1995), (644, 3, 0.04, 0.067, 1994), (644, 4, -0.05, 0.067, 1994),
]  # fmt: skip
DISTRICT, SCHOOL, YI, VI, YEAR = (np.array(column) for column in zip(*SCHOOLS, strict=True))
DATA = {"district": DISTRICT, "school": SCHOOL}
BY_YEAR = np.column_stack([np.ones(56), YEAR - YEAR.mean()])


def test_table_4_two_levels():
    fit = multilevel(YI, VI, random="~ 1 | study", data={"study": range(56)})
    assert fit.beta[0] == printed("0.128")
    assert fit.se[0] == printed("0.044")
    assert fit.sigma2[0] == printed("0.088")


def test_table_4_two_levels_by_year():
    """P. 70, which prints 0.043 for the intercept's error and 0.088 for the variance."""
    fit = fit_linear(YI, VI, BY_YEAR, test="z")
    assert list(fit.beta) == [printed("0.126"), printed("0.005")]
    assert list(fit.se) == [printed("0.044"), printed("0.004")]
    assert fit.tau2 == printed("0.089")
    assert fit.se_tau2 == printed("0.020")


@pytest.mark.parametrize(
    ("X", "beta", "se", "sigma2"),
    [
        (None, ["0.184"], ["0.080"], ["0.058", "0.033"]),
        # The paper prints an intercept of 0.183.
        (BY_YEAR, ["0.178", "0.005"], ["0.080", "0.009"], ["0.056", "0.033"]),
    ],
)
def test_table_5_three_levels(X, beta, se, sigma2):
    fit = multilevel(YI, VI, X, random="~ 1 | district/school", data=DATA, method="ML")
    assert list(fit.beta) == [printed(figure) for figure in beta]
    assert list(fit.se) == [printed(figure) for figure in se]
    assert list(fit.sigma2) == [printed(figure) for figure in sigma2]

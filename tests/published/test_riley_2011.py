"""Riley, Higgins & Deeks (2011), Br. Med. J. 342, d549: where the effect in a new setting lies.

Limits take t with k - 2 degrees of freedom, as Higgins, Thompson & Spiegelhalter (2009), J. R. Statist. Soc. A 172,
137-159, proposed.
"""

import numpy as np
import pytest

from evenhand.synthesis.pairwise import meta_analysis
from tests.printed import printed

# Figure 1: ten made-up trials of a drug against high blood pressure.
BLOOD_PRESSURE = (
    [0.00, 0.10, -0.40, -0.80, -0.63, 0.22, -0.34, -0.51, 0.03, -0.81],
    [0.423477, 0.219392, 0.025511, 0.198983, 0.301026, 0.301026, 0.07143, 0.102043, 0.122451, 0.301026],
)
# Häuser, Bernardy, Üçeyler & Sommer (2009): antidepressants against the pain of fibromyalgia.
PAIN = (
    [-1.07, 0.18, -0.88, 0.00, -0.19, -0.45, -0.53, -0.21, -0.22, -0.71, -0.25, -1.03, -0.26, -0.33, -0.53, -0.23,
     -0.16, -0.31, -0.47, -1.63, -0.36, -0.73],
    [0.336741, 0.31123, 0.346945, 0.423477, 0.219392, 0.341843, 0.137758, 0.14286, 0.112247, 0.31123, 0.255107,
     0.270413, 0.255107, 0.117349, 0.132655, 0.260209, 0.540826, 0.14286, 0.21429, 0.367354, 0.290822, 0.326537],
)  # fmt: skip


@pytest.mark.parametrize(
    ("studies", "estimate", "ci_lower", "ci_upper", "pi_lower", "pi_upper"),
    [
        (BLOOD_PRESSURE, "-0.33", "-0.48", "-0.18", "-0.76", "0.09"),
        (PAIN, "-0.43", "-0.55", "-0.30", "-0.84", "-0.02"),
    ],
)
def test_mean_and_new_setting(studies, estimate, ci_lower, ci_upper, pi_lower, pi_upper):
    yi, se = studies
    fit = meta_analysis(yi, np.square(se), method="DL", test="z")
    assert fit.estimate == printed(estimate)
    assert (fit.ci_lower, fit.ci_upper) == (printed(ci_lower), printed(ci_upper))
    assert (fit.pi_riley_lower, fit.pi_riley_upper) == (printed(pi_lower), printed(pi_upper))


def test_more_places():
    """As the prediction-interval package of Nagashima, Noma & Furukawa (2019) prints the first example."""
    yi, se = BLOOD_PRESSURE
    fit = meta_analysis(yi, np.square(se), method="DL", test="z")
    assert fit.estimate == printed("-0.3341")
    assert (fit.pi_riley_lower, fit.pi_riley_upper) == (printed("-0.7598"), printed("0.0917"))
    assert fit.tau2 == printed("0.0282")
    assert fit.i2 == printed("70.5")


def test_limits_of_the_mean_by_t():
    """The same package's limits, with t of k - 1 degrees of freedom and the plain error of the mean."""
    yi, se = BLOOD_PRESSURE
    fit = meta_analysis(yi, np.square(se), method="DL", test="t")
    assert (fit.ci_lower, fit.ci_upper) == (printed("-0.5068"), printed("-0.1613"))

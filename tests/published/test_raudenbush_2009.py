"""Raudenbush (2009), in Cooper, Hedges & Valentine, The Handbook of Research Synthesis, 2nd ed., ch. 16: expectancy.

The 19 experiments on teachers' expectations are of Raudenbush & Bryk (1985), J. Educ. Stat. 10, 75-98, which prints the
same regression on pp. 90 and 92.
"""

import pytest

from evenhand.synthesis.dependent.robust_variance import robust
from evenhand.synthesis.pairwise import meta_analysis, pooled_fit
from evenhand.synthesis.regression.mixed_effects import meta_regression
from evenhand.synthesis.residuals import best_predictions
from tests.printed import printed

# Table 16.1: effect, its standard error, weeks of contact before the experiment.
TABLE_16_1 = [
    (0.03, 0.125, 2), (0.12, 0.147, 21), (-0.14, 0.167, 19), (1.18, 0.373, 0), (0.26, 0.369, 0), (-0.06, 0.103, 3),
    (-0.02, 0.103, 17), (-0.32, 0.220, 24), (0.27, 0.164, 0), (0.80, 0.251, 1), (0.54, 0.302, 0), (0.18, 0.223, 0),
    (-0.02, 0.289, 1), (0.23, 0.290, 2), (-0.18, 0.159, 17), (-0.06, 0.167, 5), (0.30, 0.139, 1), (0.07, 0.094, 2),
    (-0.07, 0.174, 7),
]  # fmt: skip
# The printed errors are rounded; the data's own variances have four decimals.
VARIANCES = [
    0.0156, 0.0216, 0.0279, 0.1391, 0.1362, 0.0106, 0.0106, 0.0484, 0.0269, 0.0630, 0.0912, 0.0497, 0.0835, 0.0841,
    0.0253, 0.0279, 0.0193, 0.0088, 0.0303,
]  # fmt: skip
YI = [row[0] for row in TABLE_16_1]


def test_variances_are_those_of_the_table():
    for variance, (_, se, _) in zip(VARIANCES, TABLE_16_1, strict=True):
        assert variance**0.5 == printed(f"{se:.3f}")


@pytest.mark.parametrize(
    ("method", "test", "tau2", "mean", "se", "statistic", "ci_lower", "ci_upper"),
    [  # table 16.3, p. 309
        ("EE", "z", "0.000", "0.060", "0.036", "1.655", "-0.011", "0.132"),
        ("ML", "z", "0.013", "0.078", "0.047", "1.637", "-0.015", "0.171"),
        ("REML", "z", "0.019", "0.084", "0.052", "1.621", "-0.018", "0.185"),
        ("DL", "z", "0.026", "0.089", "0.056", "1.601", "-0.020", "0.199"),
        ("HE", "z", "0.080", "0.114", "0.079", "1.443", "-0.041", "0.270"),
        ("EE", "knha", "0.000", "0.060", "0.051", "1.173", "-0.048", "0.168"),
        ("ML", "knha", "0.013", "0.078", "0.059", "1.311", "-0.047", "0.202"),
        ("REML", "knha", "0.019", "0.084", "0.062", "1.359", "-0.046", "0.213"),
        ("DL", "knha", "0.026", "0.089", "0.064", "1.405", "-0.044", "0.223"),
        ("HE", "knha", "0.080", "0.114", "0.071", "1.608", "-0.035", "0.264"),
    ],
)
def test_table_16_3(method, test, tau2, mean, se, statistic, ci_lower, ci_upper):
    fit = meta_analysis(YI, VARIANCES, method=method, test=test)
    assert fit.tau2 == printed(tau2)
    assert fit.estimate == printed(mean)
    assert fit.se == printed(se)
    assert fit.statistic == printed(statistic)
    assert fit.ci_lower == printed(ci_lower)
    assert fit.ci_upper == printed(ci_upper)


@pytest.mark.parametrize(
    ("method", "se", "statistic", "ci_lower", "ci_upper"),
    [
        ("EE", "0.040", "1.515", "-0.023", "0.144"),
        ("ML", "0.047", "1.637", "-0.022", "0.178"),
        ("REML", "0.050", "1.676", "-0.021", "0.189"),
        ("DL", "0.052", "1.710", "-0.020", "0.199"),
        ("HE", "0.062", "1.850", "-0.015", "0.244"),
    ],
)
def test_table_16_3_huber_white(method, se, statistic, ci_lower, ci_upper):
    """Each study its own cluster, nothing added for the small number."""
    found = robust(pooled_fit(YI, VARIANCES, method=method, test="z"), range(19), kind="CR0")
    assert found.se[0] == printed(se)
    assert found.statistic[0] == printed(statistic)
    assert found.ci_lower[0] == printed(ci_lower)
    assert found.ci_upper[0] == printed(ci_upper)


def test_range_of_plausible_effects():  # p. 302: the mean and 1.96 tau to either side
    pooled = meta_analysis(YI, VARIANCES, test="z")
    assert pooled.estimate - 1.96 * pooled.tau2**0.5 == printed("-0.19")
    assert pooled.estimate + 1.96 * pooled.tau2**0.5 == printed("0.35")


def test_weeks_of_contact_explain_all():  # table 16.2, p. 301; 1985, pp. 90 and 92, which prints Q = 16.58
    data = {"weeks": [min(weeks, 3) for _, _, weeks in TABLE_16_1]}
    found = meta_regression(YI, VARIANCES, "~ weeks", data, test="z")
    assert found.fit.tau2 == 0
    assert found.fit.beta[0] == printed("0.407")
    assert found.fit.beta[1] == printed("-0.157")
    assert found.fit.q == printed("16.57")
    assert found.fit.statistic[0] == printed("4.68")
    assert found.fit.statistic[1] == printed("-4.39")
    assert found.r2 == 100


def test_range_of_the_studies_own_effects():  # table 16.2, p. 301
    effects = best_predictions(pooled_fit(YI, VARIANCES, test="z")).effect
    assert min(effects) == printed("-0.03")
    assert max(effects) == printed("0.25")


def test_range_of_the_studies_own_effects_by_weeks():
    """Table 16.2, p. 301, which prints -0.07 for the least."""
    data = {"weeks": [min(weeks, 3) for _, _, weeks in TABLE_16_1]}
    effects = best_predictions(meta_regression(YI, VARIANCES, "~ weeks", data, test="z").fit).effect
    assert min(effects) == printed("-0.06")
    assert max(effects) == printed("0.41")

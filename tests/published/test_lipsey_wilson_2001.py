"""Lipsey & Wilson (2001), Practical Meta-Analysis, ch. 7: challenge programmes for young offenders, ten studies."""

import pytest

from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.regression.mixed_effects import meta_regression
from tests.printed import printed

# Table 7.1: standardised mean difference, its variance, 1 = random assignment, intensity of the programme (1-7).
TABLE_7_1 = [
    (-0.33, 0.084, 0, 7), (0.32, 0.035, 0, 3), (0.39, 0.017, 0, 7), (0.31, 0.034, 0, 5), (0.17, 0.072, 0, 7),
    (0.64, 0.117, 0, 7), (-0.33, 0.102, 1, 4), (0.15, 0.093, 1, 4), (-0.02, 0.012, 1, 5), (0.00, 0.067, 1, 6),
]  # fmt: skip
YI, VI, RANDOM, INTENSITY = (list(column) for column in zip(*TABLE_7_1, strict=True))
DATA = {"random": RANDOM, "intensity": INTENSITY}


@pytest.mark.parametrize(
    ("method", "mean", "se", "z", "p_value", "ci_lower", "ci_upper"),
    [
        ("EE", "0.1549", "0.0609", "2.5450", "0.0109", "0.0356", "0.2742"),
        ("DL", "0.1534", "0.0858", "1.7893", "0.0736", "-0.0146", "0.3215"),
    ],
)
def test_exhibit_7_3(method, mean, se, z, p_value, ci_lower, ci_upper):  # p. 133
    pooled = meta_analysis(YI, VI, method=method, test="z")
    assert pooled.estimate == printed(mean)
    assert pooled.se == printed(se)
    assert pooled.statistic == printed(z)
    assert pooled.p_value == printed(p_value)
    assert pooled.ci_lower == printed(ci_lower)
    assert pooled.ci_upper == printed(ci_upper)


def test_exhibit_7_3_heterogeneity():  # p. 133; tau² on p. 134
    equal_effects = meta_analysis(YI, VI, method="EE", test="z")
    assert equal_effects.q == printed("14.7640")
    assert equal_effects.q_p_value == printed("0.0976")
    assert meta_analysis(YI, VI, method="DL").tau2 == printed("0.025955")


def test_exhibit_7_4_between_groups():
    """P. 138, which prints 7.0738 between and 7.6902 within the groups: together Q of all, as here."""
    found = meta_regression(YI, VI, "~ random", DATA, method="EE", test="z")
    assert found.omnibus.statistic == printed("7.0739")
    assert found.omnibus.p_value == printed("0.0078")
    assert found.fit.q == printed("7.6901")
    assert found.fit.q_p_value == printed("0.4643")
    assert found.omnibus.statistic + found.fit.q == printed("14.7640")
    groups = found.predict({"random": [0, 1]})
    assert list(groups.mean) == [printed("0.2984"), printed("-0.0277")]
    assert list(groups.se) == [printed("0.0813"), printed("0.0917")]
    assert list(groups.ci_lower) == [printed("0.1390"), printed("-0.2075")]
    assert list(groups.ci_upper) == [printed("0.4578"), printed("0.1521")]


@pytest.mark.parametrize(
    ("random", "q", "p_value"),
    [
        (0, "6.4382", "0.2659"),  # p. 138, which prints 6.4383
        (1, "1.2519", "0.7406"),
    ],
)
def test_exhibit_7_4_within_groups(random, q, p_value):
    yi, vi = zip(*[row[:2] for row in TABLE_7_1 if row[2] == random], strict=True)
    pooled = meta_analysis(yi, vi, method="EE", test="z")
    assert pooled.q == printed(q)
    assert pooled.q_p_value == printed(p_value)


@pytest.mark.parametrize(
    ("method", "beta", "se", "z", "p_value", "ci_lower", "ci_upper", "explained"),
    [
        (
            "EE",
            ["0.3223", "-0.3298", "-0.0041"],
            ["0.2998", "0.1304", "0.0493"],
            ["1.0752", "-2.5286", "-0.0829"],
            ["0.2823", "0.0115", "0.9339"],
            ["-0.2652", "-0.5854", "-0.1007"],
            ["0.9099", "-0.0742", "0.0925"],
            ("7.0807", "0.0290"),
        ),  # exhibit 7.6, p. 141
        (
            "DL",
            ["0.3311", "-0.3269", "-0.0068"],
            ["0.3198", "0.1439", "0.0528"],
            ["1.0351", "-2.2712", "-0.1292"],
            ["0.3006", "0.0231", "0.8972"],
            ["-0.2958", "-0.6090", "-0.1103"],
            ["0.9579", "-0.0448", "0.0967"],
            ("5.5711", "0.0617"),
        ),  # exhibit 7.7, p. 141, which prints 5.5709
    ],
)
def test_exhibits_7_6_and_7_7(method, beta, se, z, p_value, ci_lower, ci_upper, explained):
    found = meta_regression(YI, VI, "~ random + intensity", DATA, method=method, test="z")
    assert list(found.fit.beta) == [printed(figure) for figure in beta]
    assert list(found.fit.se) == [printed(figure) for figure in se]
    assert list(found.fit.statistic) == [printed(figure) for figure in z]
    assert list(found.fit.p_value) == [printed(figure) for figure in p_value]
    assert list(found.fit.ci_lower) == [printed(figure) for figure in ci_lower]
    assert list(found.fit.ci_upper) == [printed(figure) for figure in ci_upper]
    assert (found.omnibus.statistic, found.omnibus.p_value) == tuple(printed(figure) for figure in explained)


def test_exhibit_7_6_residual():
    """P. 141, which prints 7.6833 with a p-value of 0.3613."""
    found = meta_regression(YI, VI, "~ random + intensity", DATA, method="EE", test="z")
    assert found.fit.q == printed("7.6832")
    assert found.fit.q_p_value == printed("0.3614")


def test_exhibit_7_7_residual_variance():  # p. 141
    assert meta_regression(YI, VI, "~ random + intensity", DATA, method="DL").fit.tau2 == printed("0.00488")

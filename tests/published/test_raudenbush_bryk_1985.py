"""Raudenbush & Bryk (1985), J. Educ. Stat. 10, 75-98: empirical Bayes estimates of 19 expectancy experiments."""

from evenhand.synthesis.pairwise import meta_analysis, pooled_fit
from evenhand.synthesis.residuals import best_predictions
from tests.printed import printed
from tests.published.test_raudenbush_2009 import VARIANCES, YI


def test_random_effects():
    """Pp. 83-86. Q is 35.85 there, from variances of more decimals than the data that are handed on."""
    pooled = meta_analysis(YI, VARIANCES, test="z")
    assert pooled.tau2 == printed("0.019")
    assert pooled.estimate == printed("0.084")
    assert pooled.statistic == printed("1.62")
    assert pooled.q == printed("35.83")


def test_figure_2_empirical_bayes_estimates():
    """With their limits, at two decimals of those on the metafor project's page of the example."""
    found = best_predictions(pooled_fit(YI, VARIANCES, test="z"))
    effect = "0.05 0.10 -0.01 0.21 0.11 -0.01 0.02 -0.03 0.16 0.25 0.16 0.11 0.06 0.11 -0.03 0.03 0.19 0.07 0.02"
    below = "0.13 0.10 0.22 0.05 0.16 0.17 0.15 0.27 0.05 0.00 0.10 0.13 0.19 0.15 0.24 0.19 0.01 0.08 0.20"
    upper = "0.24 0.30 0.21 0.48 0.37 0.16 0.18 0.21 0.38 0.50 0.42 0.35 0.32 0.37 0.18 0.24 0.39 0.23 0.25"
    assert list(found.effect) == [printed(figure) for figure in effect.split()]
    assert list(-found.lower) == [printed(figure) for figure in below.split()]
    assert list(found.upper) == [printed(figure) for figure in upper.split()]

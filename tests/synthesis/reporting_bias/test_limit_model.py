"""Limit meta-analysis, by ordinary regression on the radial plot and by its limits."""

import math

import numpy as np
import pytest

from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.reporting_bias.limit_model import ADJUSTMENTS, limit_meta_analysis
from evenhand.synthesis.reporting_bias.precision_effect import pet

YI = np.array([-0.89, -1.59, -1.35, -1.44, -0.22, -0.79, -1.62, 0.01, -0.47, -1.37, -0.34, 0.45, -0.02])
VI = np.array([0.326, 0.195, 0.415, 0.020, 0.051, 0.007, 0.223, 0.004, 0.056, 0.073, 0.012, 0.533, 0.071])


def radial(y, s):
    """Intercept, slope and R² of y/s against 1/s."""
    x, z = 1 / s, y / s
    slope, intercept = np.polyfit(x, z, 1)
    return intercept, slope, np.corrcoef(x, z)[0, 1] ** 2


def test_by_regression_on_the_radial_plot():
    tau2 = meta_analysis(YI, VI, test="z").tau2
    total = np.sqrt(VI + tau2)
    alpha, beta, _ = radial(YI, total)
    limits = beta + math.sqrt(tau2) / total * (YI - beta)
    _, flat, r2 = radial(limits, np.sqrt(VI))
    results = {name: limit_meta_analysis(YI, VI, adjustment=name) for name in ADJUSTMENTS}
    assert results["beta0"].alpha == pytest.approx(alpha, rel=1e-9)
    assert results["beta0"].beta == pytest.approx(beta, rel=1e-9)
    assert results["beta0"].estimate == pytest.approx(beta + math.sqrt(tau2) * alpha, rel=1e-9)
    assert results["betalim"].estimate == pytest.approx(flat, rel=1e-9)
    assert results["mulim"].estimate == pytest.approx((limits / VI).sum() / (1 / VI).sum(), rel=1e-9)
    assert results["beta0"].g2 == pytest.approx(100 * (1 - r2), rel=1e-9)
    assert results["beta0"].limit_yi == pytest.approx(limits, rel=1e-9)


def test_the_variance_of_beta0_is_that_of_its_design():
    tau2 = meta_analysis(YI, VI, test="z").tau2
    design = np.column_stack([1 / np.sqrt(VI + tau2), np.ones(13)])  # of beta and alpha, residual variance 1
    weights = np.array([1, math.sqrt(tau2)])
    variance = weights @ np.linalg.inv(design.T @ design) @ weights
    assert limit_meta_analysis(YI, VI).se == pytest.approx(math.sqrt(variance), rel=1e-10)


def test_heterogeneity_adds_up():
    result = limit_meta_analysis(YI, VI)
    assert result.q == pytest.approx(result.q_small + result.q_residual)
    assert result.q_residual == pytest.approx(meta_residual(YI, VI), rel=1e-10)


def meta_residual(yi, vi):
    intercept, slope, _ = radial(yi, np.sqrt(vi))
    return float(((yi / np.sqrt(vi) - intercept - slope / np.sqrt(vi)) ** 2).sum())


def test_without_heterogeneity_it_is_the_precision_effect_test():
    yi, vi = [0.31, 0.29, 0.35, 0.41], [0.01, 0.02, 0.1, 0.3]
    result = limit_meta_analysis(yi, vi)
    assert result.tau2 == 0
    assert result.estimate == pytest.approx(pet(yi, vi).estimate, rel=1e-10)


@pytest.mark.parametrize("adjustment", ADJUSTMENTS)
def test_shift_and_scale(adjustment):
    plain = limit_meta_analysis(YI, VI, adjustment=adjustment)
    moved = limit_meta_analysis(5 + 10 * YI, 100 * VI, adjustment=adjustment)
    assert moved.estimate == pytest.approx(5 + 10 * plain.estimate, rel=1e-7)
    assert moved.se == pytest.approx(10 * plain.se, rel=1e-7)


def test_what_has_no_adjustment():
    assert limit_meta_analysis([0.1, 0.2], [0.1, 0.2]).not_computed.key == "bias.none.few_studies"
    same = limit_meta_analysis([0.1, 0.2, 0.3], [0.1] * 3)
    assert same.not_computed.key == "bias.none.same_precision"
    assert same.unadjusted == pytest.approx(0.2)
    with pytest.raises(ValueError, match="adjustment 'beta1'"):
        limit_meta_analysis(YI, VI, adjustment="beta1")

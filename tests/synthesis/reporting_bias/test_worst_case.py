"""S-value and worst case, by their closed forms and at the edges."""

import math

import numpy as np
import pytest

from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.reporting_bias.worst_case import MODELS, corrected_for_selection, s_value

YI = np.array([0.6, 0.8, 0.1, -0.2, 0.5, -0.1, 0.9])
VI = np.array([0.04, 0.05, 0.03, 0.06, 0.02, 0.04, 0.3])
AFFIRMATIVE = (True, True, False, False, True, False, False)


def test_common_effect_closed_forms():
    """Mathur & VanderWeele (2020), section 3.1: strata pooled, and their S-value."""
    yes = np.array(AFFIRMATIVE)
    nu_n, nu_a = (1 / VI[~yes]).sum(), (1 / VI[yes]).sum()
    sum_n, sum_a = (YI / VI)[~yes].sum(), (YI / VI)[yes].sum()
    for ratio in (1.0, 3.0, 50.0):
        result = corrected_for_selection(YI, VI, ratio, model="common", small=False)
        assert result.estimate == pytest.approx((ratio * sum_n + sum_a) / (ratio * nu_n + nu_a), rel=1e-12)
        assert result.se == pytest.approx(math.sqrt(ratio**2 * nu_n + nu_a) / (ratio * nu_n + nu_a), rel=1e-12)
        assert result.affirmative == AFFIRMATIVE
    threshold = 0.2
    s = s_value(YI, VI, threshold=threshold, model="common")
    assert s.estimate == pytest.approx((nu_a * threshold - sum_a) / (sum_n - nu_n * threshold), rel=1e-9)


@pytest.mark.parametrize("model", MODELS)
class TestBothModels:
    def test_no_selection_leaves_the_estimate(self, model):
        result = corrected_for_selection(YI, VI, 1, model=model)
        plain = meta_analysis(YI, VI, method="EE" if model == "common" else "REML")
        assert result.estimate == pytest.approx(plain.estimate, rel=1e-12)

    def test_at_the_s_value_estimate_and_interval_sit_on_the_threshold(self, model):
        for threshold in (0.0, 0.15):
            s = s_value(YI, VI, threshold=threshold, model=model, positive=True)
            if math.isfinite(s.estimate):
                at = corrected_for_selection(YI, VI, s.estimate, model=model, positive=True)
                assert at.estimate == pytest.approx(threshold, abs=1e-9)
            at = corrected_for_selection(YI, VI, s.ci, model=model, positive=True)
            assert s.ci == 1 or at.ci_lower == pytest.approx(threshold, abs=1e-9)
            assert s.ci <= s.estimate

    def test_the_worst_case_leaves_affirmative_studies_out(self, model):
        worst = s_value(YI, VI, model=model).worst_case
        almost = corrected_for_selection(YI, VI, 1e9, model=model)
        assert worst.estimate == pytest.approx(almost.estimate, abs=1e-6)
        assert worst.k_affirmative == 3
        assert worst.df == 3 if model == "common" else 1 < worst.df <= 3

    def test_the_mirror_image(self, model):
        s, mirrored = s_value(YI, VI, model=model), s_value(-YI, VI, model=model)
        assert (s.estimate, s.ci) == (mirrored.estimate, mirrored.ci)

    def test_all_affirmative_leaves_nothing(self, model):
        s = s_value([1.0, 1.2], [0.01, 0.01], model=model)
        assert s.estimate == s.ci == math.inf or s.ci == 1
        assert s.worst_case.not_computed.key == "bias.none.all_affirmative"
        assert math.isnan(s.worst_case.estimate)

    def test_none_affirmative_changes_nothing(self, model):
        yi, vi = [0.1, 0.2, 0.3], [0.5, 0.5, 0.4]
        assert s_value(yi, vi, model=model).estimate == math.inf
        assert s_value(yi, vi, model=model).worst_case.estimate == pytest.approx(
            corrected_for_selection(yi, vi, 1, model=model).estimate
        )

    def test_one_study(self, model):
        result = corrected_for_selection([0.3], [0.1], 2, model=model)
        assert result.estimate == pytest.approx(0.3)

    def test_already_there(self, model):
        assert s_value(YI, VI, threshold=5, model=model, positive=True).estimate == 1


def test_robust_variance_is_the_sandwich_of_clusters():
    cluster = ["a", "a", "b", "c", "c", "d", "e"]
    result = corrected_for_selection(YI, VI, 2, cluster=cluster, small=False)
    tau2 = meta_analysis(YI, VI).tau2
    weight = np.where(AFFIRMATIVE, 1, 2) / (VI + tau2)
    mean = (weight * YI).sum() / weight.sum()
    sums = [sum((weight * (YI - mean))[i] for i in range(7) if cluster[i] == name) for name in "abcde"]
    assert result.estimate == pytest.approx(mean, rel=1e-12)
    assert result.se == pytest.approx(math.sqrt(5 / 4 * sum(s * s for s in sums)) / weight.sum(), rel=1e-12)
    assert result.df == 4


def test_robust_variance_of_few_clusters():
    """CR2 of a weighted mean, each study its own cluster: e² / (1 − 2h + Σh²v / v_i) in place of e²."""
    result = corrected_for_selection(YI, VI, 2)
    weight = np.where(AFFIRMATIVE, 1, 2) / (VI + meta_analysis(YI, VI).tau2)
    h = weight / weight.sum()
    mean = h @ YI
    unbiased = (YI - mean) ** 2 / (1 - 2 * h + (h**2 @ VI) / VI)
    assert result.se == pytest.approx(math.sqrt(float(h**2 @ unbiased)), rel=1e-10)
    assert 3 < result.df < 6


def test_two_tails_count_both():
    yi = np.array([0.6, -0.9, 0.1])
    assert corrected_for_selection(yi, [0.04] * 3, 2, positive=True).k_affirmative == 1
    assert corrected_for_selection(yi, [0.04] * 3, 2, positive=True, tails=2).k_affirmative == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"ratio": 0.5}, "ratio = 0.5"),
        ({"ratio": math.nan}, "ratio = nan"),
        ({"ratio": 2, "model": "fixed"}, "model 'fixed'"),
        ({"ratio": 2, "tails": 3}, "tails = 3"),
        ({"ratio": 2, "cluster": ["a"]}, "1 clusters but 7"),
        ({"ratio": 2, "alpha": 5}, "alpha = 5"),
    ],
)
def test_what_there_is_not_is_named(options, says):
    with pytest.raises(ValueError, match=says):
        corrected_for_selection(YI, VI, **options)


def test_one_study_that_outweighs_all_leaves_no_interval():
    result = corrected_for_selection([0.1049, -0.5357], [1e-18, 4.477], 1e4)
    assert result.estimate == pytest.approx(0.1049)
    assert math.isnan(result.ci_lower)
    assert math.isnan(result.p_value)

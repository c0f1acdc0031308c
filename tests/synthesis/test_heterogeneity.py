"""Intervals of the between-study variance: their definitions met, with and without moderators, and the edges."""

import math

import numpy as np
import pytest
from scipy.special import chdtri

from evenhand.synthesis.heterogeneity import INTERVALS, heterogeneity_of, inconsistency_of_q
from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.tau2.generalised_q import GeneralisedQ
from evenhand.synthesis.tau2.reml import restricted_log_likelihood
from tests.conftest import golden

WITH_INTERVAL = [case for case in golden("metareg.json") if case["expected"].get("confint_QP_tau2")]


@pytest.mark.parametrize("case", WITH_INTERVAL, ids=[case["id"] for case in WITH_INTERVAL])
def test_q_profile_of_regressions(case):
    fit = fit_linear(case["data"]["yi"], case["data"]["vi"], case["expected"]["X"], method=case["options"]["method"])
    ours = heterogeneity_of(fit)
    assert (ours.tau2_lower, ours.tau2_upper) == pytest.approx(case["expected"]["confint_QP_tau2"], rel=1e-6)


def studies():
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(14), rng.normal(size=14)])
    vi = rng.uniform(0.02, 0.6, 14)
    return x @ [0.2, 0.5] + rng.normal(0, np.sqrt(vi + 0.3)), vi, x


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_limits_meet_their_definitions(level):
    yi, vi, x = studies()
    fit = fit_linear(yi, vi, x, weights=vi**-0.3, level=level)
    model, tails = fit.model(), (0.5 * (1 - level), 0.5 * (1 + level))
    for interval, weights in (("GENQ", vi**-0.3), ("BJ", 1 / vi), ("J", vi**-0.5)):
        ours, form = heterogeneity_of(fit, interval=interval), GeneralisedQ(model, weights)
        for limit, tail in zip((ours.tau2_lower, ours.tau2_upper), tails, strict=True):
            assert form.upper(limit) == pytest.approx(tail, rel=1e-9) if limit else form.upper(0.0) >= tail
    of_q = heterogeneity_of(fit, interval="QP")
    assert model.at(of_q.tau2_upper).q == pytest.approx(chdtri(12, tails[1]), rel=1e-10)
    plain = fit_linear(yi, vi, x, level=level)
    by_likelihood = heterogeneity_of(plain, interval="PL")
    drop = 0.5 * chdtri(1, 1 - level)
    at = restricted_log_likelihood(yi, vi, np.array([plain.tau2, by_likelihood.tau2_upper]), x)
    assert at[0] - at[1] == pytest.approx(drop, rel=1e-9)


def test_the_two_moments_are_near_the_exact_distribution():
    yi, vi, x = studies()
    fit = fit_linear(yi, vi, x)
    exact, moments = (heterogeneity_of(fit, interval=interval) for interval in ("BJ", "BT"))
    assert moments.tau2_upper == pytest.approx(exact.tau2_upper, rel=0.2)
    assert moments.tau2_upper != exact.tau2_upper


@pytest.mark.parametrize("interval", INTERVALS)
class TestEdges:
    def options(self, interval):
        return {"weights": [1.0, 2.0, 3.0, 4.0]} if interval == "GENQ" else {}

    def test_studies_too_alike_leave_no_variance(self, interval):
        fit = fit_linear([0.25] * 4, [0.1, 0.2, 0.3, 0.4], **self.options(interval))
        ours = heterogeneity_of(fit, interval=interval)
        assert ours.tau2_lower == ours.i2_lower == 0.0
        assert ours.h2_lower == 1.0
        # Tests of Q reject every variance; the likelihood and its curvature only prefer 0.
        assert ours.is_empty == (interval not in ("PL", "Wald"))
        assert (ours.tau2_upper == 0) == ours.is_empty

    def test_enormous_heterogeneity(self, interval):
        yi = np.array([-3e4, 1e4, 2e4, 5e4])
        fit = fit_linear(yi, [1e-4, 2e-4, 1e-4, 3e-4], **self.options(interval))
        ours = heterogeneity_of(fit, interval=interval)
        assert ours.tau2_lower <= fit.tau2 <= ours.tau2_upper < math.inf
        assert ours.i2_upper == pytest.approx(100.0)
        # With sampling variance gone, every interval by Q has χ² limits of the sum of squares, whatever the weights.
        if interval in ("QP", "J", "BJ"):
            equal = heterogeneity_of(fit_linear(yi, [1e-4] * 4), interval=interval)
            squares = float(((yi - yi.mean()) ** 2).sum())
            assert equal.tau2_upper + 1e-4 == pytest.approx(squares / chdtri(3, 0.975), rel=1e-9)

    def test_one_study(self, interval):
        fit = fit_linear([0.3], [0.1], weights=[1.0] if interval == "GENQ" else None)
        ours = heterogeneity_of(fit, interval=interval)
        assert math.isnan(ours.tau2_lower)
        assert math.isnan(ours.i2_upper)
        assert not ours.is_empty

    def test_scale(self, interval):
        yi, vi, _ = studies()
        options = {"weights": np.ones(14)} if interval == "GENQ" else {}
        plain = heterogeneity_of(fit_linear(yi, vi, **options), interval=interval)
        large = heterogeneity_of(fit_linear(1e3 * yi, 1e6 * vi, **options), interval=interval)
        assert large.tau2_upper == pytest.approx(1e6 * plain.tau2_upper, rel=1e-8)
        assert large.i2_lower == pytest.approx(plain.i2_lower, rel=1e-7)


def test_two_peaks_give_one_interval_from_the_first_to_the_last():
    yi, vi = np.array([0.0, 0.0001, -0.0001, 4.0, 0.0]), np.array([1e-8, 1e-8, 1e-8, 1.0, 9.0])
    fit = fit_linear(yi, vi)
    ours = heterogeneity_of(fit, interval="PL", level=0.999999)
    grid = np.concatenate([[0.0], np.geomspace(1e-12, 1e4, 20000)])
    logs = restricted_log_likelihood(yi, vi, grid)
    kept = grid[logs >= logs.max() - 0.5 * chdtri(1, 1e-6)]
    assert ours.tau2_lower <= kept[0]
    assert ours.tau2_upper == pytest.approx(kept[-1], rel=2e-3)


def test_inconsistency_without_degrees_of_freedom():
    of_one = inconsistency_of_q(fit_linear([0.3], [0.1]))
    assert math.isnan(of_one.h)
    of_two = inconsistency_of_q(fit_linear([0.3, 0.31], [0.1, 0.1]))
    assert (of_two.h, of_two.i2) == (1.0, 0.0)
    # With two studies and a small Q the standard error of log H would divide by 0.
    assert math.isnan(of_two.h_upper)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"interval": "qp"}, "interval 'qp'"),
        ({"interval": "GENQ"}, "'GENQ' is made of the user's weights"),
        ({"level": 95}, "level = 95"),
    ],
)
def test_what_cannot_be_had_is_named(options, says):
    with pytest.raises(ValueError, match=says):
        heterogeneity_of(fit_linear([0.1, 0.5], [0.1, 0.1]), **options)


def test_a_likelihood_interval_needs_a_likelihood():
    for method in ("DL", "EE"):
        with pytest.raises(ValueError, match=f"method '{method}' has none"):
            heterogeneity_of(fit_linear([0.1, 0.5], [0.1, 0.1], method=method), interval="PL")

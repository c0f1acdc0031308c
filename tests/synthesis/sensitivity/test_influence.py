"""Influence diagnostics against the reference numbers, and Baujat's coordinates beside them."""

import numpy as np
import pytest

from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.sensitivity.baujat import baujat
from evenhand.synthesis.sensitivity.influence import influence
from tests.conftest import golden

CASES = [case for case in golden("bias.json") if case["task"] == "influence"]
OURS = {
    "rstudent": "rstudent", "dffits": "dffits", "cook_d": "cook_d", "cov_r": "cov_r", "tau2_del": "tau2_del",
    "QE_del": "q_del", "hat": "hat", "weight": "weight", "dfbetas": "dfbetas", "is_infl": "influential",
}  # fmt: skip


def test_nothing_drops_out():
    assert len(CASES) == 14
    assert {name for case in CASES for name in case["expected"]} == set(OURS)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference(case):
    found = influence(case["data"]["yi"], case["data"]["vi"], method=case["options"]["method"], test="z")
    for theirs, expected in case["expected"].items():
        ours = getattr(found, OURS[theirs])
        if theirs == "is_infl":
            assert ours.tolist() == expected
        else:
            # A standardised change near 0 is a difference of two estimates, each good to 1e-6 of its standard error.
            assert ours.reshape(-1) == pytest.approx(expected, rel=1e-6, abs=1e-6), theirs


def test_with_a_moderator_each_figure_is_its_definition():
    rng = np.random.default_rng(8)
    k = 12
    vi = rng.uniform(0.02, 0.4, k)
    design = np.column_stack([np.ones(k), rng.normal(size=k), rng.normal(size=k)])
    yi = rng.normal(0.4 + 0.3 * design[:, 1], np.sqrt(vi + 0.15))
    found = influence(yi, vi, design, test="knha")
    full = fit_linear(yi, vi, design, test="knha")
    for i in range(k):
        keep = np.arange(k) != i
        fit = fit_linear(yi[keep], vi[keep], design[keep], test="knha")
        change, x = full.beta - fit.beta, design[i]
        at = design.T @ np.diag(1 / (vi + fit.tau2)) @ design
        assert found.cook_d[i] == pytest.approx(change @ np.linalg.solve(full.covariance, change), rel=1e-7)
        assert found.cov_r[i] == pytest.approx(np.linalg.det(fit.covariance) / np.linalg.det(full.covariance), rel=1e-7)
        assert found.dfbetas[i] == pytest.approx(
            change / np.sqrt(fit.scale * np.diagonal(np.linalg.inv(at))), rel=1e-6, abs=1e-9
        )
        total = vi[i] + fit.tau2
        assert found.rstudent[i] == pytest.approx(
            (yi[i] - x @ fit.beta) / np.sqrt(total + x @ fit.covariance @ x), rel=1e-7
        )
        assert found.dffits[i] == pytest.approx(x @ change / np.sqrt(fit.scale * full.hat[i] * total), rel=1e-6)


def test_identical_effects_have_no_influence():
    found = influence([0.2] * 4, [0.1, 0.2, 0.3, 0.4], test="z")
    assert found.cook_d == pytest.approx([0.0] * 4, abs=1e-20)
    assert not found.influential.any()


def test_one_study_has_nothing_to_be_compared_with():
    found = influence([0.2], [0.1])
    assert np.isnan(found.rstudent).all()
    assert not found.influential.any()


def test_two_studies():
    found = influence([0.2, 0.9], [0.1, 0.2])
    assert np.isfinite(found.rstudent).all()
    assert found.tau2_del.tolist() == [0.0, 0.0]


def test_the_table_has_a_row_a_study():
    found = influence([0.2, 0.9, 0.4], [0.1, 0.2, 0.1])
    frame = found.to_frame()
    assert frame.shape == (3, 10)
    assert frame["cook_d"].tolist() == found.cook_d.tolist()


def test_baujat_parts_add_up_to_q():
    yi, vi = np.array([0.2, 0.9, 0.4, -0.6]), np.array([0.1, 0.2, 0.1, 0.05])
    places = baujat(yi, vi)
    assert places.heterogeneity.sum() == pytest.approx(fit_linear(yi, vi, method="EE").q, rel=1e-12)
    # p. 2645: the change of the estimate, squared, over the variance of the one without the study.
    wi = 1 / vi
    for i in range(4):
        keep = np.arange(4) != i
        without = (wi[keep] @ yi[keep]) / wi[keep].sum()
        change = (wi @ yi) / wi.sum() - without
        assert places.influence[i] == pytest.approx(change**2 * wi[keep].sum(), rel=1e-12)


def test_baujat_with_random_effects_has_squared_pearson_residuals():
    case = CASES[1]
    yi, vi = np.array(case["data"]["yi"]), np.array(case["data"]["vi"])
    fit = fit_linear(yi, vi, test="z")
    places = baujat(yi, vi, method="REML")
    assert places.heterogeneity == pytest.approx((yi - fit.beta[0]) ** 2 / (vi + fit.tau2), rel=1e-9)
    # With an intercept alone, the change over the full fit's variance is Cook's distance.
    found = influence(yi, vi, test="z")
    assert places.influence == pytest.approx(found.cook_d / found.cov_r, rel=1e-6)

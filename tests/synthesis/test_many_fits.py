"""Many fits at once: each equal to its fit alone, and at the highest peak however the variances lie."""

import numpy as np
import pytest

from evenhand.synthesis.linear_fit import TESTS, fit_linear
from evenhand.synthesis.many_fits import many_fits
from evenhand.synthesis.tau2.estimators import ESTIMATORS
from tests.conftest import golden

METHODS = [name for name, estimator in ESTIMATORS.items() if not estimator.needs_weights]
CASES = [case for case in golden("pairwise.json") if case["task"] == "pairwise"]
KEYS = {case["key"]: case for case in CASES}.values()


def same(fits, row, fit):
    assert fits.k[row] == fit.k
    assert fits.exists[row]
    for ours, theirs in [("estimate", fit.beta), ("se", fit.se), ("p_value", fit.p_value), ("ci_lower", fit.ci_lower),
                         ("ci_upper", fit.ci_upper), ("statistic", fit.statistic)]:  # fmt: skip
        assert np.atleast_1d(getattr(fits, ours)[row]) == pytest.approx(theirs, rel=1e-8, abs=1e-12), ours
    for name in ("tau2", "q", "q_p_value", "i2", "h2", "scale"):
        assert getattr(fits, name)[row] == pytest.approx(getattr(fit, name), rel=1e-8, abs=1e-12), name
    if fit.fit is not None:
        restricted = ESTIMATORS[fit.method].likelihood == "restricted"
        log = fits.restricted_log_likelihood if restricted else fits.log_likelihood
        assert log[row] == pytest.approx(fit.fit.log_likelihood, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("method", METHODS)
def test_data_sets_of_the_reference_side_by_side(method, test):
    """Ragged data sets padded to the longest: each row is the fit alone."""
    longest = max(len(case["data"]["yi"]) for case in KEYS)
    shape = (len(KEYS), longest)
    yi, vi, used = np.full(shape, np.nan), np.full(shape, -1.0), np.zeros(shape)
    for row, case in enumerate(KEYS):
        k = len(case["data"]["yi"])
        yi[row, :k], vi[row, :k], used[row, :k] = case["data"]["yi"], case["data"]["vi"], 1
    fits = many_fits(yi, vi, used, method=method, test=test)
    for row, case in enumerate(KEYS):
        same(fits, row, fit_linear(case["data"]["yi"], case["data"]["vi"], method=method, test=test))


@pytest.mark.parametrize("method", METHODS)
def test_each_fit_with_its_own_design(method):
    rng = np.random.default_rng(11)
    m, k = 25, 9
    vi = rng.uniform(0.01, 0.5, (m, k))
    yi = rng.normal(0.3, np.sqrt(vi + 0.1))
    design = np.stack([np.ones((m, k)), rng.normal(size=(m, k)), rng.normal(50, 5, size=(m, k))], axis=2)
    used = (rng.random((m, k)) < 0.8).astype(float)
    used[:, :4] = 1
    fits = many_fits(yi, vi, used, design, method=method)
    assert fits.estimate.shape == (m, 3)
    assert fits.covariance.shape == (m, 3, 3)
    for row in range(m):
        has = used[row] > 0
        same(fits, row, fit_linear(yi[row, has], vi[row, has], design[row, has], method=method))


@pytest.mark.parametrize("spread", [1, 4, 8])
@pytest.mark.parametrize(("method", "k"), [("REML", 3), ("REML", 8), ("ML", 3), ("ML", 8)])
def test_no_variance_is_better_than_the_one_found(method, k, spread):
    """Variances over as many as nine powers of ten, where likelihoods have several peaks."""
    rng = np.random.default_rng(100 * k + spread)
    m = 400
    vi = 10.0 ** rng.uniform(-spread, 1, (m, k))
    yi = rng.normal(size=(m, k)) * np.sqrt(vi) * rng.choice([0.3, 1, 3], (m, k)) + rng.choice([0, 0.01, 3], (m, 1)) * (
        rng.normal(size=(m, k)) * rng.integers(0, 2, (m, k))
    )
    found = many_fits(yi, vi, method=method, test="z").tau2
    ladder = np.concatenate([[0.0], np.geomspace(1e-4, 1e3 * 10**spread, 400)])
    tau2 = np.concatenate([ladder * vi.min(axis=1, keepdims=True), found[:, None]], axis=1)
    total = vi[:, None, :] + tau2[:, :, None]
    wi = 1 / total
    mean = (wi * yi[:, None, :]).sum(axis=2) / wi.sum(axis=2)
    logs = -0.5 * (np.log(total) + wi * (yi[:, None, :] - mean[:, :, None]) ** 2).sum(axis=2)
    logs -= 0.5 * np.log(wi.sum(axis=2)) if method == "REML" else 0
    assert (logs.max(axis=1) - logs[:, -1] < 1e-9).all()


def test_two_peaks_of_one_likelihood():
    yi, vi = np.array([0.0, 0.0001, -0.0001, 4.0, 0.0]), np.array([1e-8, 1e-8, 1e-8, 1.0, 9.0])
    found = many_fits(np.tile(yi, (3, 1)), vi, test="z").tau2
    assert found == pytest.approx(fit_linear(yi, vi, test="z").tau2, rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
class TestEdges:
    def test_identical_effects(self, method):
        fits = many_fits([0.25] * 4, [0.1, 0.2, 0.3, 0.4], np.ones((2, 4)), method=method, test="z")
        assert fits.tau2.tolist() == [0.0, 0.0]
        assert fits.estimate == pytest.approx([0.25, 0.25])

    def test_one_study_and_none(self, method):
        fits = many_fits([0.25, 0.5], [0.1, 0.2], [[1, 0], [0, 0], [1, 1]], method=method)
        assert fits.exists.tolist() == [True, False, True]
        assert fits.tau2_estimable.tolist() == [False, False, True]
        assert fits.tau2[0] == 0.0
        assert fits.se[0] == pytest.approx(np.sqrt(0.1))
        assert np.isnan([fits.estimate[1], fits.tau2[1], fits.q_p_value[1], fits.df[0]]).all()

    def test_no_fit_exists(self, method):
        fits = many_fits([0.25], [0.1], [[0], [0]], method=method)
        assert not fits.exists.any()
        assert np.isnan(fits.tau2).all()

    def test_far_from_zero(self, method):
        vi = np.array([0.05, 0.2, 0.1, 0.3, 0.02])
        yi = np.array([0.1, 0.9, -0.4, 1.5, 0.2])
        near, far = many_fits(yi, vi, np.ones((1, 5)), method=method), many_fits(yi + 1e6, vi, method=method)
        assert far.tau2 == pytest.approx(near.tau2, rel=1e-7)
        assert far.estimate - 1e6 == pytest.approx(near.estimate, rel=1e-7)


def test_more_fits_than_one_chunk():
    rng = np.random.default_rng(2)
    vi = rng.uniform(0.01, 0.5, (7000, 10))
    yi = rng.normal(0.3, np.sqrt(vi + 0.1))
    fits = many_fits(yi, vi)
    assert fits.tau2.size == 7000
    for row in (0, 1999, 2000, 6999):
        same(fits, row, fit_linear(yi[row], vi[row]))


@pytest.mark.parametrize(
    ("yi", "vi", "used", "options", "says"),
    [
        ([0.1, 0.2], [0.1], None, {}, "2 effects .* 1 variances"),
        ([], [], None, {}, "no study"),
        ([0.1, np.nan], [0.1, 0.1], [[1, 1]], {}, r"yi\[1\] of fit 0 = nan"),
        ([[0.1, 0.2], [0.1, 0.2]], [[0.1, 0.1], [0.1, -1]], None, {}, r"vi\[1\] of fit 1 = -1.0"),
        ([0.1, 0.2], [0.1, 0.1], [[1, 2]], {}, r"used\[0, 1\] = 2"),
        ([[0.1, 0.2]] * 2, [0.1, 0.1], [[1, 1]] * 3, {}, "2 rows of yi and 1 of vi, but used has 3"),
        ([0.1, 0.2], [0.1, 0.1], None, {"X": [[1, 2, 3]]}, r"X has shape \(1, 3\)"),
        ([0.1, 0.2], [0.1, 0.1], None, {"X": [[1], [np.inf]]}, r"X\[0, 1, 0\] = inf"),
        ([0.1], [0.1], None, {"method": "REM"}, "method 'REM'"),
        ([0.1], [0.1], None, {"test": "hk"}, "test 'hk'"),
        ([0.1], [0.1], None, {"level": 95}, "level = 95"),
    ],
)
def test_what_cannot_be_pooled_is_named(yi, vi, used, options, says):
    with pytest.raises(ValueError, match=says):
        many_fits(yi, vi, used, **options)

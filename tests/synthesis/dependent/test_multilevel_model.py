"""Multilevel and multivariate models against the whole reference file, and at the edges where programs fail."""

import math
import time

import numpy as np
import pytest

from evenhand.synthesis.dependent.multilevel_model import multilevel
from evenhand.synthesis.dependent.random_effects import Correlated, RandomIntercepts, RandomSlopes, RelatedIntercepts
from evenhand.synthesis.linear_fit import fit_linear
from tests.conftest import golden
from tests.synthesis.dependent.reference_cases import fitted, inputs

CASES = [case for case in golden("multilevel.json") if case["task"] == "multilevel"]
OF_COEFFICIENTS = {
    "b": "beta", "se": "se", "stat": "statistic", "pval": "p_value", "ci_lb": "ci_lower", "ci_ub": "ci_upper",
}  # fmt: skip
OF_THE_FIT = {"logLik": "log_likelihood", "AIC": "aic", "BIC": "bic", "AICc": "aicc"}


@pytest.fixture(scope="module")
def fits():
    return {case["id"]: fitted(case) for case in CASES}


def case_ids(cases):
    return [case["id"] for case in cases]


def slack(case, name="param"):
    """The reference's own optimisers disagree by this much; nobody can be asked for more."""
    return max(1e-6, 3 * case["expected"]["optimizer_disagreement"][name])


@pytest.mark.parametrize("case", CASES, ids=case_ids(CASES))
def test_coefficients(case, fits):
    fit, expected = fits[case["id"]], case["expected"]
    assert fit.converged
    for theirs, ours in OF_COEFFICIENTS.items():
        # A p-value far out changes by its statistic times as much, relatively.
        factor = 1 + max(np.abs(expected["stat"])) ** 2 if theirs == "pval" else 1
        np.testing.assert_allclose(
            getattr(fit, ours), expected[theirs], rtol=factor * slack(case, "beta_se"), err_msg=theirs
        )
    np.testing.assert_allclose(fit.covariance, expected["vcov"], rtol=2 * slack(case, "beta_se"), atol=1e-12)
    assert fit.qm == pytest.approx(expected["QM"], rel=4 * slack(case, "beta_se"))
    assert fit.qm_p_value == pytest.approx(expected["QMp"], rel=4 * slack(case, "beta_se") * (1 + expected["QM"]))
    assert fit.qm_df == (expected["QMdf"][0], None)


@pytest.mark.parametrize("case", CASES, ids=case_ids(CASES))
def test_variance_components(case, fits):
    fit, expected = fits[case["id"]], case["expected"]
    np.testing.assert_allclose(fit.sigma2, expected.get("sigma2", []), rtol=2e-6, atol=0)
    np.testing.assert_allclose(fit.tau2, expected.get("tau2", []), rtol=slack(case))
    if len(expected.get("rho", [])) > 1:
        # The file lists the lower triangle by columns.
        G = np.array(expected["G"])
        correlation = G / np.sqrt(np.outer(np.diag(G), np.diag(G)))
        of_rows = [correlation[a, b] for a in range(len(G)) for b in range(a)]
        np.testing.assert_allclose(sorted(of_rows), sorted(expected["rho"]), rtol=1e-9)
        np.testing.assert_allclose(fit.rho, of_rows, rtol=slack(case))
    elif "rho" in expected:
        np.testing.assert_allclose(fit.rho, expected["rho"] if expected["rho"] != [0] else [], rtol=slack(case))
    if "G" in expected:
        np.testing.assert_allclose(fit.covariance_of_levels(), expected["G"], rtol=slack(case))
        inner = case["options"]["random"][0].lstrip("~").split("|")[0].strip()
        assert len(set(case["data"][inner])) == len(expected["G_levels"])


@pytest.mark.parametrize("case", CASES, ids=case_ids(CASES))
def test_likelihood_is_at_least_the_references(case, fits):
    fit, expected = fits[case["id"]], case["expected"]
    for theirs, ours in OF_THE_FIT.items():
        assert getattr(fit.fit, ours) == pytest.approx(expected[theirs], rel=1e-10, abs=1e-10), theirs
    # At the peak to the last digits: no slope is left where a parameter is free to move.
    solution = fit.solution
    found = solution.likelihood.at(solution.x)
    gain = np.abs(found.slope * solution.domain.scale)[solution.domain.free & (solution.x != 0)]
    assert gain.max(initial=0.0) < 1e-5
    for name, values in (("sigma2", expected.get("sigma2")), ("tau2", expected.get("tau2"))):
        if values is not None and len(values) == solution.x.size and "rho" not in expected:
            theirs = solution.likelihood.at(np.sqrt(values)).log_likelihood
            assert found.log_likelihood >= theirs - 1e-11, name


@pytest.mark.parametrize("case", CASES, ids=case_ids(CASES))
def test_residual_heterogeneity(case, fits):
    fit, expected = fits[case["id"]], case["expected"]
    if expected["QE"] is None:  # V has no inverse
        assert math.isnan(fit.qe)
        assert math.isnan(fit.qe_p_value)
    else:
        assert fit.qe == pytest.approx(expected["QE"], rel=1e-10)
        assert fit.qe_p_value == pytest.approx(expected["QEp"], rel=1e-9)
    assert fit.qe_df == expected["k"] - expected["p"]


@pytest.mark.parametrize("rule", ["residual", "contain"])
def test_degrees_of_freedom(rule, fits):
    cases = [case for case in CASES if f"t_{rule}" in case["expected"]]
    assert len(cases) > 5
    for case in cases:
        expected, other = case["expected"], case["expected"][f"t_{rule}"]
        fit = fitted(case, test="t", df=rule)
        assert list(fit.df) == other["df"], case["id"]
        assert list(fit.qm_df) == other["QMdf"], case["id"]
        # The reference fitted these anew with looser settings: allow what its two fits differ by.
        from scipy.special import stdtrit

        width = (np.array(other["ci_ub"]) - other["ci_lb"]) / 2 / stdtrit(np.array(other["df"]), 0.975)
        own = np.abs(width / expected["se"] - 1).max()
        assert own < 1e-4
        np.testing.assert_allclose(fit.p_value, other["pval"], rtol=1e-5 + 100 * own)
        np.testing.assert_allclose(fit.ci_lower, other["ci_lb"], rtol=1e-5 + 10 * own)
        np.testing.assert_allclose(fit.ci_upper, other["ci_ub"], rtol=1e-5 + 10 * own)
        assert fit.qm == pytest.approx(other["QM"], rel=1e-5 + 10 * own)


def test_blocks_dense_and_object_are_one_model(fits):
    case = next(case for case in CASES if "ishak2007/UN/REML" in case["id"])
    yi, V, X, columns = inputs(case)
    studies = np.array(columns["study"])
    blocks = [V[np.ix_(rows, rows)] for rows in (np.flatnonzero(studies == study) for study in dict.fromkeys(studies))]

    class Blocks:
        def __init__(self):
            ends = np.cumsum([len(block) for block in blocks])
            self.blocks = [(np.arange(e - len(b), e), b) for e, b in zip(ends, blocks, strict=True)]

    for other in (blocks, Blocks()):
        fit = multilevel(yi, other, X, random="~ time | study", structure="UN", data=columns)
        assert fit.fit.log_likelihood == pytest.approx(fits[case["id"]].fit.log_likelihood, rel=1e-13)


def test_one_level_is_the_pairwise_model():
    rng = np.random.default_rng(4)
    vi = rng.uniform(0.01, 0.4, 25)
    X = np.column_stack([np.ones(25), rng.normal(size=25)])
    yi = X @ [0.2, 0.4] + rng.normal(0, np.sqrt(vi + 0.1))
    for method in ("REML", "ML"):
        one = fit_linear(yi, vi, X, method=method, test="z")
        two = multilevel(yi, vi, X, random="~ 1 | study", data={"study": range(25)}, method=method)
        assert two.sigma2[0] == pytest.approx(one.tau2, rel=1e-9)
        np.testing.assert_allclose(two.beta, one.beta, rtol=1e-9)
        np.testing.assert_allclose(two.se, one.se, rtol=1e-9)
        assert two.shares[0].i2 == pytest.approx(one.i2, rel=1e-9)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_without_random_effects_it_is_generalised_least_squares(method):
    rng = np.random.default_rng(8)
    root = rng.normal(size=(12, 12))
    V, X, yi = root @ root.T + np.eye(12), np.column_stack([np.ones(12), rng.normal(size=12)]), rng.normal(size=12)
    fit = multilevel(yi, V, X, method=method)
    spread = np.linalg.inv(X.T @ np.linalg.solve(V, X))
    beta = spread @ X.T @ np.linalg.solve(V, yi)
    rest = yi - X @ beta
    np.testing.assert_allclose(fit.beta, beta, rtol=1e-10)
    np.testing.assert_allclose(fit.covariance, spread, rtol=1e-10)
    assert fit.qe == pytest.approx(rest @ np.linalg.solve(V, rest), rel=1e-10)
    assert fit.converged and fit.components == () and fit.shares == ()
    none = RandomIntercepts(levels=("effect",), sigma2=(0.0,))
    held = multilevel(yi, V, X, random=none, data={"effect": range(12)}, method=method)
    assert fit.fit.log_likelihood == pytest.approx(held.fit.log_likelihood, rel=1e-12)


def test_compound_symmetry_is_two_intercepts():
    """Konstantopoulos' districts: CS of schools is schools within districts, τ² = σ₁² + σ₂² and ρ their share."""
    nested, compound = (
        fitted(next(c for c in CASES if c["id"] == f"multilevel/konstantopoulos2011/{name}/REML"))
        for name in ("three-level", "CS")
    )
    assert compound.tau2[0] == pytest.approx(sum(nested.sigma2), rel=1e-8)
    assert compound.rho[0] == pytest.approx(nested.sigma2[0] / sum(nested.sigma2), rel=1e-8)
    assert compound.fit.log_likelihood == pytest.approx(nested.fit.log_likelihood, rel=1e-13)


def test_a_known_correlation_of_independent_groups_is_an_intercept():
    rng = np.random.default_rng(8)
    species = np.repeat(list("abcdef"), 4)
    vi = rng.uniform(0.02, 0.1, 24)
    yi = rng.normal(0, 0.4, 6).repeat(4) + rng.normal(0, np.sqrt(vi))
    plain = multilevel(yi, vi, random="~ 1 | species", data={"species": species})
    related = multilevel(
        yi, vi, random=RelatedIntercepts(level="species", labels=tuple("abcdef"), correlation=np.eye(6)),
        data={"species": species},
    )  # fmt: skip
    assert related.sigma2[0] == pytest.approx(plain.sigma2[0], rel=1e-8)
    # A tree in which all share half their history is an intercept for all, which β takes, and half of one each.
    tree = 0.5 * np.eye(6) + 0.5
    shared = multilevel(
        yi, vi, random=RelatedIntercepts(level="species", labels=tuple("abcdef"), correlation=tree),
        data={"species": species},
    )  # fmt: skip
    assert shared.sigma2[0] == pytest.approx(2 * plain.sigma2[0], rel=1e-7)
    assert shared.fit.log_likelihood == pytest.approx(plain.fit.log_likelihood, rel=1e-10)


def test_random_slopes_are_free_of_where_the_covariate_begins():
    rng = np.random.default_rng(3)
    dose, study = np.tile([0.0, 1.0, 2.0, 4.0], 8), np.repeat(range(8), 4)
    slopes = rng.normal(0.5, 0.3, 8)[study]
    yi = rng.normal(0, 0.4, 8)[study] + slopes * dose + rng.normal(0, 0.2, 32)
    fits = [
        multilevel(
            yi, np.full(32, 0.04), np.column_stack([np.ones(32), moved]), data={"dose": moved, "study": study},
            random=RandomSlopes(covariates=("1", "dose"), outer="study"),
        )
        for moved in (dose, dose + 3)
    ]  # fmt: skip
    assert fits[0].fit.log_likelihood == pytest.approx(fits[1].fit.log_likelihood, rel=1e-9)
    assert fits[0].tau2[1] == pytest.approx(fits[1].tau2[1], rel=1e-5)
    assert fits[0].beta[1] == pytest.approx(fits[1].beta[1], rel=1e-6)


def test_an_exponential_in_space_is_a_continuous_autoregression():
    """exp(−d / range) is ρ^d with ρ = exp(−1 / range)."""
    rng = np.random.default_rng(2)
    study, at = np.repeat(range(15), 3), np.tile([0.0, 1.5, 4.0], 15)
    yi = rng.normal(0, 0.5, 15)[study] + rng.normal(0, 0.3, 45)
    found = {
        name: multilevel(yi, np.full(45, 0.02), random="~ at | study", structure=name, data={"at": at, "study": study})
        for name in ("CAR", "SPEXP")
    }
    assert found["CAR"].fit.log_likelihood == pytest.approx(found["SPEXP"].fit.log_likelihood, rel=1e-10)
    assert found["CAR"].rho[0] == pytest.approx(math.exp(-1 / found["SPEXP"].rho[0]), rel=1e-5)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_units_do_not_matter(scale):
    rng = np.random.default_rng(6)
    study = np.repeat(range(10), 3)
    vi = rng.uniform(0.01, 0.2, 30)
    yi = rng.normal(0, 0.4, 10)[study] + rng.normal(0, np.sqrt(vi + 0.05))
    data = {"study": study, "effect": range(30)}
    plain = multilevel(yi, vi, random="~ 1 | study/effect", data=data)
    scaled = multilevel(yi * scale + 5 * scale, vi * scale**2, random="~ 1 | study/effect", data=data)
    np.testing.assert_allclose(scaled.sigma2, np.array(plain.sigma2) * scale**2, rtol=1e-6)
    assert scaled.beta[0] == pytest.approx((plain.beta[0] + 5) * scale, rel=1e-8)


def two_levels(yi, vi, a, b, **options):
    return multilevel(yi, vi, random="~ 1 | a/b", data={"a": a, "b": b}, **options)


def test_one_effect_is_its_own_result():
    fit = two_levels([0.3], [0.1], [1], [1])
    assert (fit.beta[0], fit.se[0]) == (0.3, pytest.approx(math.sqrt(0.1)))
    assert [component.estimable for component in fit.components] == [False, False]
    assert fit.sigma2 == (0.0, 0.0)
    assert math.isnan(fit.shares[0].i2)


def test_effects_alike_leave_no_variance():
    fit = two_levels([0.3] * 6, [0.1] * 6, [1, 1, 2, 2, 3, 3], range(6))
    assert fit.converged
    assert fit.sigma2 == (0.0, 0.0)
    assert fit.se[0] == pytest.approx(math.sqrt(0.1 / 6))
    assert fit.qe == pytest.approx(0.0, abs=1e-20)


def test_a_single_group_has_no_variance_of_its_own():
    alone = two_levels([0.3, 0.1, 0.9, 0.4], [0.1] * 4, [1] * 4, range(4))
    without = multilevel([0.3, 0.1, 0.9, 0.4], [0.1] * 4, random="~ 1 | b", data={"b": range(4)})
    assert [component.estimable for component in alone.components] == [False, True]
    assert alone.sigma2 == (0.0, pytest.approx(without.sigma2[0], rel=1e-10))
    assert alone.se[0] == pytest.approx(without.se[0], rel=1e-10)


def test_levels_with_the_same_groups_are_one():
    both = two_levels([0.3, 0.1, 0.9, 1.4], [0.1] * 4, range(4), range(4))
    assert [component.estimable for component in both.components] == [True, False]
    assert both.sigma2[1] == 0.0
    assert both.sigma2[0] == pytest.approx(np.var([0.3, 0.1, 0.9, 1.4], ddof=1) - 0.1, rel=1e-9)


def test_levels_never_seen_together_have_no_correlation():
    rng = np.random.default_rng(1)
    data = {"outcome": ["x", "y", "z"] * 4, "study": range(12)}
    free = multilevel(rng.normal(size=12), [0.1] * 12, random="~ outcome | study", structure="UN", data=data)
    assert all(math.isnan(rho) for rho in free.rho)
    rng = np.random.default_rng(1)
    own = multilevel(rng.normal(size=12), [0.1] * 12, random="~ outcome | study", structure="DIAG", data=data)
    assert free.fit.aic == pytest.approx(own.fit.aic, rel=1e-12)


def test_fixed_values_are_held():
    rng = np.random.default_rng(5)
    yi, data = rng.normal(size=12), {"a": np.repeat(range(4), 3), "b": range(12), "o": ["x", "y", "z"] * 4}
    fit = multilevel(yi, [0.1] * 12, random=RandomIntercepts(levels=("a", "b"), sigma2=(0.25, None)), data=data)
    assert fit.sigma2[0] == 0.25
    assert [component.fixed for component in fit.components] == [True, False]
    held = Correlated(inner=("o",), outer="a", structure="HCS", tau2=(0.1, None, 0.3), rho=0.4)
    fit = multilevel(yi, [0.1] * 12, random=held, data=data)
    assert fit.tau2[0] == pytest.approx(0.1)
    assert fit.tau2[2] == pytest.approx(0.3)
    assert fit.rho == (pytest.approx(0.4),)


def test_heterogeneous_symmetry_never_turns_a_correlation_round():
    """A root of a variance may not go below 0: with three levels that would be another model, of higher likelihood."""
    rng = np.random.default_rng(12)
    base = rng.normal(size=30)
    yi = np.column_stack([base, base, -base]).ravel() + rng.normal(0, 0.2, 90)
    data = {"o": ["x", "y", "z"] * 30, "s": np.repeat(range(30), 3)}
    fit = multilevel(yi, [0.04] * 90, random="~ o | s", structure="HCS", data=data)
    G = fit.covariance_of_levels()
    correlation = (G / np.sqrt(np.outer(np.diag(G), np.diag(G))))[np.triu_indices(3, 1)]
    np.testing.assert_allclose(correlation, fit.rho[0], rtol=1e-9)
    grid = [
        fit.solution.likelihood.at(np.array([a, b, c, angle])).log_likelihood
        for a in (0.0, 0.4, 0.8, 1.2)
        for b in (0.0, 0.4, 0.8, 1.2)
        for c in (0.0, 0.4, 0.8, 1.2)
        for angle in np.linspace(-1.5, 1.5, 13)
    ]
    assert fit.fit.log_likelihood >= max(grid)


@pytest.mark.parametrize("structure", ["CS", "HCS", "AR", "HAR", "UN", "CAR"])
def test_no_place_is_higher_than_the_one_found(structure):
    rng = np.random.default_rng(21)
    for _ in range(4):
        vi = rng.uniform(0.05, 0.5, 18)
        yi = rng.normal(0, 0.5, 18)
        data = {"time": [0, 1, 2] * 6, "study": np.repeat(range(6), 3)}
        fit = multilevel(yi, vi, random="~ time | study", structure=structure, data=data)
        x = fit.solution.x
        for spread in (0.02, 0.3, 1.0):
            for _ in range(25):
                near = x + rng.normal(0, spread, x.size)
                near = np.where(fit.solution.domain.positive, np.abs(near), near)
                assert fit.solution.likelihood.at(near).log_likelihood <= fit.fit.log_likelihood + 1e-8


def test_twenty_thousand_effects_take_no_longer_than_a_breath():
    rng = np.random.default_rng(9)
    study = np.repeat(range(4000), 5)
    vi = rng.uniform(0.01, 0.1, 20000)
    yi = 0.3 + rng.normal(0, 0.2, 4000)[study] + rng.normal(0, np.sqrt(vi + 0.02))
    started = time.process_time()
    fit = multilevel(yi, vi, random="~ 1 | study/effect", data={"study": study, "effect": np.arange(20000)})
    np.testing.assert_allclose(fit.sigma2, [0.04, 0.02], rtol=0.1)
    # One k × k matrix alone would be 3 GB.
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"yi": [0.1, math.nan, 0.3]}, r"yi\[1\] = nan"),
        ({"yi": []}, r"shape|nothing to pool"),
        ({"V": [0.1, -0.1, 0.1]}, "effect 1 has sampling variance -0.1"),
        ({"V": [0.1, 0.1]}, r"shape \(2,\) for 3 effects"),
        ({"V": [[1, 0.5, 0], [0.4, 1, 0], [0, 0, 1]]}, r"V\[0, 1\] = 0.5 but V\[1, 0\] = 0.4"),
        ({"V": [[1, 3, 0], [3, 1, 0], [0, 0, 1]]}, r"V\[0, 1\] = 3 .* a correlation beyond 1"),
        ({"V": 1.9 * np.eye(3) - 0.9}, "effects 0, 1, 2: their correlations contradict each other"),
        ({"V": [np.eye(2)]}, "effect 2 has no sampling variance"),
        ({"random": "~ 1 | district"}, "no column 'district' in the data; there are study"),
        ({"data": None}, "no column 'study' in the data; there are none"),
        ({"random": "1 | study"}, "write '~ 1 | group'"),
        ({"random": "~ outcome | study"}, "no column 'outcome'"),
        ({"data": {"study": [1, 2]}}, "column 'study' has 2 rows, but there are 3 effects"),
        ({"data": {"study": [1, None, 2]}}, r"study\[1\] is missing"),
        ({"structure": "XY", "random": "~ study | study"}, "structure 'XY': there are ID, CS"),
        ({"method": "DL"}, "method 'DL': there are REML, ML"),
        ({"test": "knha"}, "test 'knha': there are z, t"),
        ({"level": 95}, "level = 95"),
        ({"X": [[1, 2], [1, 2], [1, 2]]}, "column 1 of the design matrix is a sum of the columns before it"),
        ({"X": np.ones((3, 4))}, "4 coefficients but 3 studies"),
        ({"tested": [4]}, "tested coefficient 4"),
        ({"names": ["a", "b"]}, "2 names for 1 coefficients"),
        ({"structure": ["CS", "UN"]}, "2 structures for 1 random terms"),
    ],
)
def test_what_cannot_be_fitted_is_named(change, says):
    given = {"yi": [0.1, 0.2, 0.3], "V": [0.1, 0.1, 0.1], "random": "~ 1 | study", "data": {"study": [1, 2, 3]}}
    given |= change
    with pytest.raises(ValueError, match=says):
        multilevel(given.pop("yi"), given.pop("V"), given.pop("X", None), **given)

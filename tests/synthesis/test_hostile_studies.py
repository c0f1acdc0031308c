"""Whatever the studies: a result that says what it is, or a ValueError with a sentence; never a warning."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import evenhand as eh

effect = st.one_of(
    st.sampled_from([0.0, -0.0, 0.3, 1e-300, 1e8, -1e8, 1e24, 1e26, float("nan"), float("inf")]), st.floats(-10, 10)
)
variance = st.one_of(
    st.sampled_from([0.0, -1.0, 1e-60, 1e-40, 1e-12, 1.0, 1e12, 1e40, float("nan"), float("inf")]), st.floats(1e-6, 10)
)
# Half of the draws can be pooled, so that it is not the refusal alone that is tried.
usable = st.tuples(
    st.one_of(st.sampled_from([0.0, 0.3, -1e6, 1e12]), st.floats(-10, 10)),
    st.one_of(st.sampled_from([1e-20, 1e-6, 1.0, 1e6]), st.floats(1e-4, 10)),
)
studies = st.one_of(
    st.lists(usable, min_size=1, max_size=7),
    st.lists(st.tuples(effect, variance), max_size=5),
    st.tuples(usable, st.integers(1, 5)).map(lambda one: [one[0]] * one[1]),  # identical studies
)
PRIORS = {"prior_mu": "normal(0, 4)", "prior_tau": "half-normal(0.5)"}


def _of_fit(yi, vi):
    fit = eh.pooled_fit(yi, vi)
    for interval in ("QP", "PL", "BJ", "J", "BT"):
        eh.heterogeneity_of(fit, interval=interval)
    eh.inconsistency_of_q(fit)
    eh.best_predictions(fit)
    eh.standardised_residuals(fit)
    for kind in ("HTS", "V", "HK", "KR", "S"):
        eh.prediction_interval(fit, kind)


CALLS = {
    **{
        f"meta_analysis {method}": lambda yi, vi, method=method: eh.meta_analysis(yi, vi, method=method)
        for method, estimator in eh.ESTIMATORS.items()
        if not estimator.needs_weights
    },
    "of_fit": _of_fit,
    "iqwig": lambda yi, vi: eh.meta_analysis(yi, vi, test="iqwig"),
    "kr": lambda yi, vi: eh.meta_analysis(yi, vi, test="kr"),
    "regression": lambda yi, vi: eh.meta_regression(yi, vi, "~ x", {"x": list(range(len(yi)))}),
    "subgroups": lambda yi, vi: eh.subgroup_analysis(yi, vi, [i % 2 for i in range(len(yi))]),
    "batch": lambda yi, vi: eh.meta_analyses(yi, vi, [i % 2 for i in range(len(yi))]),
    "leave_one_out": eh.leave_one_out,
    "cumulative": eh.cumulative,
    "influence": eh.influence,
    "baujat": eh.baujat,
    "gosh": lambda yi, vi: eh.gosh(yi, vi, most=200, rng=np.random.default_rng(1)),
    "henmi_copas": eh.henmi_copas_estimate,
    "ivhet": eh.inverse_variance_heterogeneity,
    "posterior": lambda yi, vi: eh.exact_posterior(yi, vi, **PRIORS),
    "asymmetry": eh.asymmetry_test,
    "begg": eh.begg_test,
    "thompson": eh.thompson_test,
    "lfk": eh.lfk_index,
    "trim_and_fill": eh.trim_and_fill,
    "pet_peese": eh.pet_peese,
    "waap": eh.waap_wls,
    "limit": eh.limit_meta_analysis,
    "excess": eh.excess_significance_test,
    "p_curve": eh.p_curve_analysis,
    "rosenthal": eh.rosenthal_fail_safe_n,
    "rosenberg": eh.rosenberg_fail_safe_n,
    "orwin": eh.orwin_fail_safe_n,
    "s_value": eh.s_value,
}


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=studies)
def test_a_result_or_a_sentence(name, rows):
    yi, vi = [row[0] for row in rows], [row[1] for row in rows]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            CALLS[name](yi, vi)
        except ValueError as refusal:
            assert not isinstance(refusal, np.linalg.LinAlgError)
            assert len(str(refusal)) > 15
            assert "could not" not in str(refusal)
            assert "operands" not in str(refusal)


arm = st.tuples(st.integers(0, 40), st.integers(0, 60))
tables = st.lists(st.tuples(arm, arm), min_size=1, max_size=5)
COUNTED = {
    "mantel_haenszel": lambda a, n, c, m: [eh.mantel_haenszel(a, n, c, m, measure=s) for s in ("OR", "RR", "RD")],
    "peto": eh.peto,
    "binary": eh.binary_meta_analysis,
    "harbord": eh.harbord_test,
    "schwarzer": eh.schwarzer_test,
    "proportion": lambda a, n, c, m: eh.proportion_meta_analysis(a, n),
    "posterior": lambda a, n, c, m: eh.hypergeometric_posterior(list(zip(a, n, c, m, strict=True))),
}


@pytest.mark.parametrize("name", COUNTED)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=tables)
def test_counts_give_a_result_or_a_sentence(name, rows):
    counts = [list(column) for column in zip(*[(a, n, c, m) for (a, n), (c, m) in rows], strict=True)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            COUNTED[name](*counts)
        except ValueError as refusal:
            assert len(str(refusal)) > 15
            assert "could not" not in str(refusal)


@pytest.mark.parametrize("method", [m for m, estimator in eh.ESTIMATORS.items() if not estimator.needs_weights])
@pytest.mark.parametrize("at", [0, 2, 4])
def test_one_study_with_all_the_weight_is_pooled_alike_alone_and_in_a_batch(method, at):
    yi, vi = [0.1, 0.2, 0.3, 0.4, 0.5], [1.0] * 5
    vi[at] = 1e-20
    alone, batch = eh.meta_analysis(yi, vi, method=method), eh.meta_analyses(yi, vi, ["a"] * 5, method=method)
    assert batch.estimate[0] == pytest.approx(alone.estimate, rel=1e-12)
    assert batch.se[0] == pytest.approx(alone.se, rel=1e-9)
    assert batch.tau2[0] == pytest.approx(alone.tau2, rel=1e-9, abs=1e-30)


def test_fits_are_shown_in_a_notebook_at_their_own_level():
    yi, vi = [0.1, 0.5, -0.2, 0.4], [0.04, 0.09, 0.02, 0.05]
    groups = {"random": eh.RandomIntercepts(levels=("study",)), "data": {"study": [1, 1, 2, 2]}}
    for shown in (
        eh.meta_analysis(yi, vi, level=0.9),
        eh.fit_linear(yi, vi, level=0.9),
        eh.meta_regression(yi, vi, "~ x", {"x": [1, 2, 3, 4]}, level=0.9),
        eh.multilevel(yi, vi, level=0.9, **groups),
    ):
        assert "90% interval" in shown._repr_html_()
    fits = eh.leave_one_out(yi, vi)
    assert fits.to_frame()["estimate"].tolist() == fits.estimate.tolist()
    assert "<table" in fits._repr_html_()
    assert "intercept" in eh.fit_linear(yi, vi).to_frame().index

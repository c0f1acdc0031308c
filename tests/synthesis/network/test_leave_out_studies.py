"""Each study left out by update against the network fitted without it, for every method and reference network."""

import numpy as np
import pytest

from evenhand.synthesis.network.evidence import network_from_contrasts
from evenhand.synthesis.network.leave_out_studies import leave_out_studies
from evenhand.synthesis.network.left_out_rows import pieces_without
from evenhand.synthesis.network.network_fit import NETWORK_METHODS, fit_network
from evenhand.synthesis.network.network_kernel import NetworkModel
from tests.synthesis.network.reference_cases import NETWORKS, from_contrasts, ids

SMALL = [case for case in NETWORKS if case["expected"]["k"] < 40]


def check_refits(fit, found):
    evidence, r = fit.evidence, fit.reference
    for i in range(fit.k):
        left = pieces_without([i], evidence.studies, evidence.components)
        model = NetworkModel.of_studies([one for j, one in enumerate(evidence.studies) if j != i], left)
        tau2 = fit.tau2
        if not found.tau2_kept:
            tau2 = float(NETWORK_METHODS[fit.method](model)) if model.df > 0 else 0.0
        np.testing.assert_allclose(found.tau2[i], tau2, rtol=1e-9, atol=1e-11)
        assert found.df[i] == model.df
        np.testing.assert_allclose(found.q[i], model.at(0.0).q if model.df > 0 else 0.0, rtol=1e-9, atol=1e-11)
        own = model.at(tau2)
        v = own.covariance()
        joined = list(next(piece for piece in left if r in piece))
        np.testing.assert_allclose(found.effects[i, joined], (own.beta - own.beta[r])[joined], rtol=1e-9, atol=1e-10)
        variance = np.diagonal(v) + v[r, r] - 2 * v[r]
        np.testing.assert_allclose(
            found.se[i, joined] ** 2, np.where(variance > 0, variance, 0)[joined], rtol=1e-9, atol=1e-14
        )
        assert np.flatnonzero(np.isfinite(found.effects[i])).tolist() == sorted(joined)
        lost = {fit.treatments[t] for t in np.flatnonzero(np.isfinite(fit.effects))} - {
            fit.treatments[t] for t in joined
        }
        assert set(found.loses[i]) == lost


@pytest.mark.parametrize("method", NETWORK_METHODS)
@pytest.mark.parametrize("case", SMALL, ids=ids(SMALL))
def test_refits(case, method):
    fit = fit_network(from_contrasts(case), method=method)
    check_refits(fit, leave_out_studies(fit))


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_refits_at_the_variance_of_all(case):
    fit = fit_network(from_contrasts(case), method="DL")
    found = leave_out_studies(fit, keep_tau2=True)
    check_refits(fit, found)
    assert (np.nan_to_num(found.impact) >= 0).all() and (np.nan_to_num(found.impact) <= 1).all()
    assert np.isnan(found.impact[:, fit.reference]).all()
    gone = np.isnan(found.effects)
    np.testing.assert_array_equal(found.impact[gone], 1.0)
    rest = ~gone & (np.arange(len(fit.treatments)) != fit.reference)
    share = 1 - np.broadcast_to(fit.se, rest.shape)[rest] ** 2 / found.se[rest] ** 2
    np.testing.assert_allclose(found.impact[rest], np.maximum(share, 0.0), atol=1e-12)


def test_many_studies_each_with_its_own_variance():
    """More distinct variances than nodes, so that effects are interpolated; against refits."""
    rng = np.random.default_rng(11)
    rows = []
    for s in range(80):
        i, j = rng.choice(6, 2, replace=False)
        rows.append((f"s{s}", f"t{i}", f"t{j}", 0.3 * (i - j) + rng.normal(scale=0.5), rng.uniform(0.1, 0.6)))
    for method in ("REML", "PM"):
        fit = fit_network(network_from_contrasts(*zip(*rows, strict=True)), method=method)
        found = leave_out_studies(fit)
        assert np.unique(found.tau2).size > 60
        check_refits(fit, found)


def test_an_outlier_takes_the_variance_with_it():
    rows = [(f"s{i}", "A", "B", 0.1 * (i % 2), 0.2) for i in range(6)] + [("far", "A", "B", 40.0, 0.2)]
    fit = fit_network(network_from_contrasts(*zip(*rows, strict=True)), method="REML")
    found = leave_out_studies(fit)
    assert found.tau2[-1] == 0.0
    assert found.tau2[:-1].min() > 100
    check_refits(fit, found)


def test_one_overwhelming_study():
    """Nearly all that is known comes from one study, and what is left without it keeps its digits."""
    rows = [
        ("big", "A", "B", 0.2, 1e-5),
        ("s1", "A", "B", 0.5, 0.3),
        ("s2", "B", "C", 0.1, 0.3),
        ("s3", "A", "C", 0.9, 0.4),
    ]
    fit = fit_network(network_from_contrasts(*zip(*rows, strict=True)), method="EE")
    check_refits(fit, leave_out_studies(fit))


def test_the_only_study():
    fit = fit_network(network_from_contrasts(["1"], ["A"], ["B"], [1.0], [1.0]))
    found = leave_out_studies(fit)
    assert found.loses == (tuple(name for i, name in enumerate(fit.treatments) if i != fit.reference),)
    assert (found.df.tolist(), found.tau2.tolist()) == ([0], [0.0])
    assert np.isnan(found.effects[0, 1 - fit.reference])

"""What must not change the answer: names, the reference, the order of rows, a study that says nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.synthesis.network.evidence import network_from_arms, network_from_contrasts
from evenhand.synthesis.network.network_fit import NETWORK_METHODS, fit_network

METHODS = st.sampled_from(sorted(NETWORK_METHODS))


@st.composite
def networks(draw):
    """Rows of a connected network of two- to four-armed studies with independent arms."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    size, k = draw(st.integers(3, 7)), draw(st.integers(6, 14))
    effects = rng.normal(size=size)
    rows = []
    for s in range(k):
        arms = [s % size, (s + 1) % size] if s < size else list(rng.choice(size, rng.integers(2, 4), replace=False))
        if rng.random() < 0.3:
            arms = list(dict.fromkeys([*arms, *rng.choice(size, 2, replace=False)]))
        variances = rng.uniform(0.01, 0.3, len(arms))
        y = effects[arms] + rng.normal(scale=0.4, size=len(arms)) + rng.normal(size=len(arms)) * np.sqrt(variances)
        for i in range(len(arms)):
            for j in range(i + 1, len(arms)):
                rows.append((f"s{s}", f"t{arms[i]}", f"t{arms[j]}", y[i] - y[j], (variances[i] + variances[j]) ** 0.5))
    return rows


def fit_of(rows, method="REML", reference="t0"):
    return fit_network(network_from_contrasts(*zip(*rows, strict=True), reference=reference), method=method)


def same(one, other, names=lambda name: name):
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-7, abs=1e-12)
    assert (other.q, other.df) == (pytest.approx(one.q, rel=1e-9), one.df)
    assert (other.q_het.q, other.q_inc.q) == pytest.approx((one.q_het.q, one.q_inc.q), rel=1e-7, abs=1e-9)
    for a in one.treatments:
        for b in one.treatments:
            if a != b:
                first, second = one.contrast(a, b), other.contrast(names(a), names(b))
                assert second.estimate == pytest.approx(first.estimate, rel=1e-6, abs=1e-9)
                assert second.se == pytest.approx(first.se, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(networks(), METHODS)
def test_names(rows, method):
    size = len({name for row in rows for name in row[1:3]})
    renamed = {f"t{i}": f"x{(3 * i + 1) % size if size % 3 else i}{i}" for i in range(size)}
    other = [(s, renamed[a], renamed[b], y, se) for s, a, b, y, se in rows]
    one = fit_of(rows, method)
    changed = fit_of(other, method, renamed["t0"])
    same(one, changed, renamed.__getitem__)
    scores = dict(zip(changed.treatments, changed.p_scores(small_values_good=True), strict=True))
    for name, score in zip(one.treatments, one.p_scores(small_values_good=True), strict=True):
        assert scores[renamed[name]] == pytest.approx(score, abs=1e-7)


@settings(max_examples=15, deadline=None)
@given(networks(), METHODS)
def test_another_reference(rows, method):
    one, other = fit_of(rows, method), fit_of(rows, method, "t2")
    same(one, other)
    np.testing.assert_allclose(one.effects - one.effects[2], other.effects, rtol=1e-9, atol=1e-11)


@settings(max_examples=15, deadline=None)
@given(networks(), METHODS, st.randoms(use_true_random=False))
def test_order_and_direction_of_rows(rows, method, random):
    """The rows of a study may stand apart, and any of them be turned about."""
    turned = [(s, b, a, -y, se) if random.random() < 0.5 else (s, a, b, y, se) for s, a, b, y, se in rows]
    random.shuffle(turned)
    same(fit_of(rows, method), fit_of(turned, method))


@settings(max_examples=15, deadline=None)
@given(networks(), METHODS)
def test_a_study_that_says_nothing(rows, method):
    """Standard errors of a million: the effects stay, though Q has another degree of freedom for it to be 0 of."""
    one = fit_of(rows, method)
    more = fit_of([*rows, ("empty", "t0", "t1", 5.0, 1e6)], method)
    assert more.df == one.df + 1
    assert more.q == pytest.approx(one.q, rel=1e-9)
    if method in ("REML", "ML", "EE"):
        np.testing.assert_allclose(more.effects, one.effects, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(more.se, one.se, rtol=1e-6)


@settings(max_examples=15, deadline=None)
@given(networks(), METHODS)
def test_treatments_better_by_small_values_are_worse_by_large_ones(rows, method):
    fit = fit_of(rows, method)
    small, large = (fit.p_scores(small_values_good=good) for good in (True, False))
    np.testing.assert_allclose(small + large, 1.0, rtol=1e-12)
    assert small.mean() == pytest.approx(0.5)


@settings(max_examples=15, deadline=None)
@given(networks())
def test_league_is_the_same_both_ways(rows):
    league = fit_of(rows).league()
    np.testing.assert_allclose(league.estimate, -league.estimate.T, atol=1e-14)
    np.testing.assert_allclose(league.se, league.se.T)
    # Effects add up along any path.
    np.testing.assert_allclose(league.estimate[0, 1] + league.estimate[1, 2], league.estimate[0, 2], atol=1e-12)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_rows_of_arms_may_stand_apart(seed):
    rng = np.random.default_rng(seed)
    study = [f"s{i // 3}" for i in range(12)]
    treatment = ["a", "b", "c"] * 4
    n = rng.integers(20, 80, 12)
    events = [int(rng.integers(1, people)) for people in n]
    order = rng.permutation(12)

    def fit(at):
        return fit_network(
            network_from_arms(
                [study[i] for i in at], [treatment[i] for i in at], measure="OR", reference="a",
                events=[events[i] for i in at], n=[int(n[i]) for i in at],
            )
        )  # fmt: skip

    same(fit(range(12)), fit(order))


@settings(max_examples=10, deadline=None)
@given(networks(), st.floats(0.01, 100.0))
def test_another_unit(rows, unit):
    one = fit_of(rows)
    other = fit_of([(s, a, b, unit * y, unit * se) for s, a, b, y, se in rows])
    assert other.tau2 == pytest.approx(unit**2 * one.tau2, rel=1e-7, abs=1e-12 * unit**2)
    np.testing.assert_allclose(other.effects, unit * one.effects, rtol=1e-6, atol=1e-9 * unit)
    assert other.i2 == pytest.approx(one.i2, rel=1e-8, abs=1e-8)

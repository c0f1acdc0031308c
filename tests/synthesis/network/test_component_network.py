"""Component networks against the whole reference file, dense least squares and the network without the assumption."""

import math

import numpy as np
import pytest
from scipy.linalg import block_diag, pinv

from evenhand.synthesis.network.component_network import ComponentFit, fit_components
from evenhand.synthesis.network.evidence import NetworkEvidence, network_from_contrasts
from evenhand.synthesis.network.network_fit import NETWORK_METHODS, fit_network
from tests.conftest import golden
from tests.synthesis.network.reference_cases import NETWORKS, from_contrasts, ids, numbers

CASES = [case for case in golden("network.json") if case["task"] == "netcomb"]
CLOSE = {"rtol": 1e-10, "atol": 1e-12}  # closed forms; effects of nearly 0 have absolute digits only
MODELS = {"common": "EE", "random": "DL"}


def test_nothing_drops_out():
    assert len(CASES) == 4
    assert {case["options"]["method_tau"] for case in CASES} == {"DL (additive model)"}


def fitted(case, method) -> ComponentFit:
    return fit_components(
        from_contrasts(case),
        inactive=case["options"]["inactive"],
        separator=case["options"]["sep_comps"],
        method=method,
    )


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference(case):
    expected = case["expected"]
    for name, method in MODELS.items():
        fit, block = fitted(case, method), expected[name]
        design = fit.design
        assert list(design.terms) == expected["comps"] == expected["C_cols"]
        assert list(fit.treatments) == expected["C_rows"]
        assert (fit.k, len(fit.treatments), len(design.terms)) == (expected["k"], expected["n"], expected["c"])
        np.testing.assert_array_equal(design.matrix, expected["C_matrix"])
        ours = {
            "Comp_TE": [one.estimate for one in fit.terms],
            "Comp_se": [one.se for one in fit.terms],
            "Comp_lb": [one.ci_lower for one in fit.terms],
            "Comp_ub": [one.ci_upper for one in fit.terms],
        }
        whole = [fit.contrast(treatment, design.inactive) for treatment in fit.treatments]
        ours |= {"Comb_TE": [one.estimate for one in whole], "Comb_se": [one.se for one in whole]}
        at = [fit.treatments.index(treatment) for treatment in expected["vs_ref"]]
        ours |= {"TE_vs_ref": fit.effects[at], "se_vs_ref": fit.se[at]}
        assert set(block) == {*ours, "Comb_names"}
        for key, values in ours.items():
            np.testing.assert_allclose(values, numbers(block[key]), **CLOSE, err_msg=key)
    assert fit.tau == pytest.approx(expected["tau"], rel=1e-10)
    for part, suffix in ((fit.q, "Q_additive"), (fit.additivity, "Q_diff")):
        assert part.q == pytest.approx(expected[suffix], rel=1e-9)
        assert part.df == expected[f"df_{suffix}"]
        # The reference gives 0 for chances below its rounding.
        assert part.p_value == pytest.approx(expected[f"pval_{suffix}"], rel=1e-8, abs=1e-15)
    assert fit.network_q.q == pytest.approx(expected["Q_standard"], rel=1e-10)
    assert fit.network_q.df == expected["df_standard"]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
@pytest.mark.parametrize("method", ["DL", "REML", "PM"])
def test_dense_least_squares(case, method):
    """Σ = V + τ²(I + J)/2 of each study, built in full; the moment equations of DL and PM, and REML's slope."""
    fit = fitted(case, method)
    evidence = fit.evidence
    y, X, V, B = [], [], [], []
    for one in evidence.studies:
        rows = np.zeros((len(one.treatments) - 1, len(evidence.treatments)))
        rows[:, one.treatments[0]] = -1.0
        rows[np.arange(rows.shape[0]), one.treatments[1:]] = 1.0
        y.append(one.yi)
        X.append(rows @ fit.design.matrix)
        V.append(one.v)
        B.append(0.5 * (np.eye(rows.shape[0]) + 1.0))
    y, X, V, B = np.concatenate(y), np.concatenate(X), block_diag(*V), block_diag(*B)

    def projected(variance):
        W = np.linalg.inv(variance)
        return W - W @ X @ pinv(X.T @ W @ X) @ X.T @ W

    P = projected(V + fit.tau2 * B)
    W = np.linalg.inv(V + fit.tau2 * B)
    beta = pinv(X.T @ W @ X) @ X.T @ W @ y
    np.testing.assert_allclose([one.estimate for one in fit.terms], beta, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose([one.se for one in fit.terms], np.sqrt(np.diag(pinv(X.T @ W @ X))), rtol=1e-8)
    df = y.size - np.linalg.matrix_rank(X)
    assert fit.tau2 > 0
    if method == "DL":
        P = projected(V)
        assert fit.tau2 == pytest.approx((y @ P @ y - df) / np.trace(P @ B), rel=1e-9)
    elif method == "PM":
        assert y @ P @ y == pytest.approx(df, rel=1e-6)
    else:
        assert y @ P @ B @ P @ y == pytest.approx(np.trace(P @ B), rel=1e-5)


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_every_treatment_its_own_component_is_the_network(case):
    evidence = from_contrasts(case)
    reference = evidence.treatments[evidence.reference]
    for method in NETWORK_METHODS:
        network = fit_network(evidence, method=method)
        fit = fit_components(evidence, inactive=reference, separator="\x1f\x1e|", method=method)
        np.testing.assert_allclose(fit.effects, network.effects, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(fit.covariance, network.covariance, rtol=1e-6, atol=1e-9)
        assert fit.tau2 == pytest.approx(network.tau2, rel=1e-6, abs=1e-12)
        assert (fit.q.df, fit.additivity.df, fit.additivity.q) == (network.df, 0, 0.0)
        assert math.isnan(fit.additivity.p_value)
        np.testing.assert_allclose(
            fit.p_scores(small_values_good=True), network.p_scores(small_values_good=True), atol=1e-6
        )
        np.testing.assert_allclose(fit.league().se, network.league().se, rtol=1e-6, atol=1e-8)


def rows(*given, **options) -> NetworkEvidence:
    """A study a row: (treatment 1, treatment 2, effect, standard error)."""
    return network_from_contrasts([str(i) for i in range(len(given))], *zip(*given, strict=True), **options)


PIECES = rows(
    ("A", "P", 0.5, 0.1),
    ("B", "P", 0.3, 0.2),
    ("A+B", "C", 0.1, 0.3),
    reference="P",
)


def test_components_join_pieces():
    """By hand: C = (A + B) − 0.1, through three studies."""
    assert len(PIECES.components) == 2
    fit = fit_components(PIECES, inactive="P")
    assert fit.comparable == ((0, 1, 2, 3, 4)[: len(fit.treatments)],)
    c = fit.contrast("C", "P")
    assert c.estimate == pytest.approx(0.5 + 0.3 - 0.1, rel=1e-12)
    assert c.se == pytest.approx(math.sqrt(0.1**2 + 0.2**2 + 0.3**2), rel=1e-12)
    assert not fit.tau2_estimable
    assert fit.additivity.df == 0
    assert any("2 pieces of the evidence are joined" in notice for notice in fit.notices)
    # A combination that no study has.
    new = fit.contrast("A+C", "B")
    assert new.estimate == pytest.approx(0.5 + 0.7 - 0.3, rel=1e-12)
    # A less B cancels from B + C: 2A − 0.1 − B.
    assert new.se == pytest.approx(math.sqrt(4 * 0.1**2 + 0.3**2), rel=1e-12)
    assert np.isfinite(fit_components(PIECES, inactive="P").league().estimate).all()


def test_pieces_without_a_common_component_stay_apart():
    fit = fit_components(rows(("A", "P", 0.5, 0.1), ("D", "C", 0.1, 0.3), reference="P"), inactive="P")
    assert [[fit.treatments[t] for t in group] for group in fit.comparable] == [["A", "P"], ["C", "D"]]
    names = [fit.treatments[t] for t in np.flatnonzero(np.isnan(fit.effects))]
    assert names == ["C", "D"]
    assert math.isnan(fit.contrast("C").estimate)
    assert fit.contrast("D", "C").estimate == pytest.approx(0.1)
    assert {one.term: math.isnan(one.estimate) for one in fit.terms} == {"A": False, "C": True, "D": True}
    assert np.isnan(fit.league().estimate).sum() == 8
    assert any("A, P | C, D" in notice for notice in fit.notices)
    assert any("effect of C, D:" in notice for notice in fit.notices)


def test_what_always_goes_together_cannot_be_told_apart():
    fit = fit_components(rows(("A+B", "P", 0.5, 0.1), ("A+B+C", "P", 0.9, 0.1), reference="P"), inactive="P")
    assert {one.term: math.isnan(one.estimate) for one in fit.terms} == {"A": True, "B": True, "C": False}
    assert fit.terms[2].estimate == pytest.approx(0.4)
    assert fit.contrast("A+B").estimate == pytest.approx(0.5)
    assert fit.contrast("C").se == pytest.approx(math.sqrt(0.02))
    assert math.isnan(fit.contrast("A").estimate)
    assert np.isfinite(fit.effects).all()


def test_without_an_inactive_one_every_treatment_counts():
    fit = fit_components(rows(("A", "P", 0.5, 0.1), ("B", "P", 0.3, 0.1)))
    assert fit.design.terms == ("A", "B", "P")
    assert all(math.isnan(one.estimate) for one in fit.terms)
    assert fit.contrast("A", "B").estimate == pytest.approx(0.2)
    assert any("`inactive`" in notice for notice in fit.notices)


def test_an_interaction_is_what_the_combination_does_beyond_its_sum():
    evidence = rows(
        ("A", "P", 0.5, 0.1),
        ("B", "P", 0.3, 0.2),
        ("A+B", "P", 1.2, 0.3),
        ("A+B", "P", 1.4, 0.3),
        reference="P",
    )
    fit = fit_components(evidence, inactive="P", interactions=[("B", "A")], method="EE")
    term = fit.terms[-1]
    assert term.term == "A*B"
    assert term.estimate == pytest.approx(1.3 - 0.8, rel=1e-12)
    assert term.se == pytest.approx(math.sqrt(0.1**2 + 0.2**2 + 0.3**2 / 2), rel=1e-12)
    additive = fit_components(evidence, inactive="P", method="EE")
    assert (additive.additivity.df, fit.additivity.df) == (1, 0)
    # With one degree of freedom, the test of additivity is that of the interaction.
    assert additive.additivity.q == pytest.approx(term.statistic**2, rel=1e-10)
    assert additive.additivity.p_value == pytest.approx(term.p_value, rel=1e-10)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_invariances(case):
    fit = fitted(case, "REML")
    evidence = fit.evidence
    options = {"inactive": case["options"]["inactive"]}
    league = fit.league()
    # Another reference.
    other = fit_components(evidence.with_reference(evidence.treatments[-1]), **options)
    np.testing.assert_allclose(other.league().estimate, league.estimate, atol=1e-12)
    np.testing.assert_allclose(other.effects, league.estimate[:, -1], atol=1e-12)
    np.testing.assert_allclose(other.se, league.se[:, -1], atol=1e-12)
    # Other names, by way of `composition`; studies in another order.
    data = case["data"]
    renamed = {name: f"T{i}" for i, name in enumerate(evidence.treatments)}
    again = network_from_contrasts(
        *(data[column][::-1] for column in ("studlab",)),
        *([renamed[name] for name in data[column][::-1]] for column in ("treat1", "treat2")),
        data["TE"][::-1],
        data["seTE"][::-1],
        reference=renamed[evidence.treatments[evidence.reference]],
    )
    same = fit_components(again, **options, composition={new: old for old, new in renamed.items()})
    at = [same.treatments.index(renamed[name]) for name in fit.treatments]
    np.testing.assert_allclose(same.effects[at], fit.effects, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(same.se[at], fit.se, rtol=1e-7, atol=1e-9)
    assert [one.term for one in same.terms] == [one.term for one in fit.terms]


def test_treatments_of_the_same_components_are_one():
    evidence = rows(
        ("A+B", "P", 0.5, 0.1),
        ("B + A", "P", 0.7, 0.1),
        ("A", "P", 0.2, 0.2),
        ("A+B", "B + A", 0.1, 0.2),
        reference="P",
    )
    fit = fit_components(evidence, inactive="P")
    i, j = fit.treatments.index("A+B"), fit.treatments.index("B + A")
    league = fit.league()
    assert (league.estimate[i, j], league.se[i, j], fit.contrast("A+B", "B + A").se) == (0.0, 0.0, 0.0)
    assert fit.effects[i] == fit.effects[j]
    scores = fit.p_scores(small_values_good=False)
    assert np.isfinite(scores).all()
    assert scores[i] == scores[j]
    assert np.mean([scores[i], scores[fit.treatments.index("A")], scores[fit.treatments.index("P")]]) == pytest.approx(
        0.5
    )
    assert any("same active components" in notice for notice in fit.notices)


def test_effects_that_add_up_exactly_leave_nothing():
    fit = fit_components(
        rows(("A", "P", 0.5, 0.1), ("B", "P", 0.3, 0.2), ("A+B", "P", 0.8, 0.3), ("A+B", "A", 0.3, 0.1)), inactive="P"
    )
    assert (fit.tau2, fit.tau2_estimable, fit.i2) == (0.0, True, 0.0)
    assert fit.q.q == pytest.approx(0.0, abs=1e-12)
    assert fit.tau2_interval().lower == 0.0


def test_a_variance_taken_as_known():
    fit = fit_components(PIECES, inactive="P", tau2=0.04)
    assert fit.contrast("A").se == pytest.approx(math.sqrt(0.1**2 + 0.04))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"inactive": "p"}, r"inactive: no study has a component called 'p': .*P"),
        ({"method": "MH"}, "method 'MH': there are REML"),
        ({"tau2": -1.0}, "tau2 = -1"),
        ({"level": 95}, "level = 95"),
        ({"separator": " "}, "separator"),
        ({"interactions": ["AB"]}, "groups of components"),
        ({"interactions": [("A", "Z")]}, "no active component 'Z'"),
        ({"interactions": [("A", "P")], "inactive": "P"}, "no active component 'P'"),
        ({"interactions": [("A", "C")]}, r"A\*C: no treatment has all"),
        ({"interactions": [("A",)]}, "two or more"),
        ({"composition": {"X": "A"}}, "treatment 'X', which no study has"),
        ({"composition": {"A": "A++B"}}, "treatment 'A' has an empty component"),
        ({"composition": {"A": "A+A"}}, "'A' twice"),
        ({"composition": {"A": "Z", "B": "Z", "A+B": "Z", "C": "Z", "P": "Z"}}, "different components"),
    ],
)
def test_refused(options, said):
    with pytest.raises(ValueError, match=said):
        fit_components(PIECES, **options)


def test_a_contrast_of_an_unknown_component_is_refused():
    fit = fit_components(PIECES, inactive="P")
    with pytest.raises(ValueError, match="no study has a component called 'Z'"):
        fit.contrast("A+Z")

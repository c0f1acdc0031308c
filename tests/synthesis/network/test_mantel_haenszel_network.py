"""Mantel-Haenszel networks: whole reference cases, the two-arm method, and what is left out by name."""

import numpy as np
import pytest

from evenhand.synthesis.network.mantel_haenszel_network import mantel_haenszel_network
from tests.conftest import golden

CASES = [c for c in golden("network.json") if c["task"] == "netmetabin" and c["options"]["method"] == "MH"]


@pytest.mark.parametrize("case", CASES, ids=[case["key"] for case in CASES])
def test_whole_reference_cases(case):
    arms, expected = case["data"]["arms"], case["expected"]
    fit = mantel_haenszel_network(
        arms["study"], arms["treat"], events=arms["event"], n=arms["n"], reference=case["options"]["reference"]
    )
    assert (fit.k, sorted(fit.treatments)) == (expected["k"], sorted(expected["trts"]))
    assert sum(len(one.treatments) - 1 for one in fit.designs) - len(fit.treatments) + 1 == fit.q_inc.df
    at = [fit.treatments.index(name) for name in expected["vs_ref"]]
    for ours, theirs in ((fit.effects, "TE"), (fit.se, "se"), (fit.ci_lower, "ci_lb"), (fit.ci_upper, "ci_ub")):
        assert ours[at] == pytest.approx(np.array(expected[theirs]), rel=1e-8, abs=1e-10)
    assert fit.q_inc.df == expected["df_inc"]
    if fit.q_inc.df > 0:
        assert fit.q_inc.q == pytest.approx(expected["Q_inc"], rel=1e-8)
        assert fit.q_inc.p_value == pytest.approx(expected["p_inc"], rel=1e-8)


def test_two_treatments_are_the_pairwise_method():
    a, b, c, d = np.array([[3, 1, 0], [47, 39, 25], [7, 4, 3], [43, 41, 20]], dtype=float)
    n = a + b + c + d
    fit = mantel_haenszel_network(
        [*"123"] * 2, ["B"] * 3 + ["A"] * 3, events=[*a, *c], n=[*(a + b), *(c + d)], reference="A"
    )
    up, down = a * d / n, b * c / n
    p = (a + d) / n
    variance = (p @ up) / (2 * up.sum() ** 2) + ((1 - p) @ down) / (2 * down.sum() ** 2)
    variance += (p @ down + (1 - p) @ up) / (2 * up.sum() * down.sum())
    assert fit.effects[1] == pytest.approx(np.log(up.sum() / down.sum()), rel=1e-12)
    assert fit.se[1] == pytest.approx(np.sqrt(variance), rel=1e-12)


def test_what_is_left_out_is_named():
    fit = mantel_haenszel_network(
        ["one", "one", "none", "none", "all", "all", "bare", "bare"],
        ["A", "B", "A", "B", "A", "B", "A", "C"],
        events=[3, 5, 0, 0, 20, 20, 4, 0],
        n=[20] * 8,
    )
    said = " | ".join(fit.notices)
    assert fit.k == 1
    assert fit.treatments == ("A", "B")
    for words in ("'none': nobody", "'all': everybody", "nobody on C", "design A:C: fewer than two", "with C: not in"):
        assert words in said


def test_nothing_left_and_bad_rows_are_said():
    with pytest.raises(ValueError, match="no design has an odds ratio"):
        mantel_haenszel_network(["1", "1"], ["A", "B"], events=[0, 0], n=[10, 10])
    with pytest.raises(ValueError, match="one arm"):
        mantel_haenszel_network(["1", "2", "2"], ["A", "A", "B"], events=[1, 2, 3], n=[10, 10, 10])
    with pytest.raises(ValueError, match="level"):
        mantel_haenszel_network(["1", "1"], ["A", "B"], events=[1, 2], n=[10, 10], level=95)

"""What the rows of a network become, and what is said of rows that cannot be."""

import math

import numpy as np
import pytest

from evenhand.effects.zero_cells import AS_COUNTED, BY_ARM_SIZE, ZeroCells
from evenhand.synthesis.network.arm_statistics import ARM_MEASURES
from evenhand.synthesis.network.evidence import network_from_arms, network_from_contrasts
from tests.synthesis.network.reference_cases import NETWORKS, from_arms, from_contrasts, ids


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_arms_give_the_comparisons_of_the_reference(case):
    """To the last digits, zeros and studies of several arms among them."""
    contrasts = {one.label: one for one in from_contrasts(case).studies}
    # The reference adds half a person, not one, to the people of a risk ratio with an empty cell.
    arms = {one.label: one for one in from_arms(case, cochrane_risk_ratio=False).studies}
    assert arms.keys() == contrasts.keys()
    for label, one in arms.items():
        assert one.treatments == contrasts[label].treatments
        np.testing.assert_allclose(one.yi, contrasts[label].yi, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(one.v, contrasts[label].v, rtol=1e-10, atol=1e-12)


def test_a_risk_ratio_with_zeros_is_that_of_the_pairwise_measure():
    from evenhand.effects import MEASURES
    from evenhand.effects.zero_cells import HALF_WHERE_ZERO

    events, n = [0.0, 4.0], [20.0, 30.0]
    evidence = network_from_arms(["1", "1"], ["a", "b"], measure="RR", events=events, n=n)
    yi, vi = MEASURES["RR"].estimate(*(np.array([x]) for x in (4.0, 30.0, 0.0, 20.0)), zero_cells=HALF_WHERE_ZERO)
    assert evidence.studies[0].yi == pytest.approx(yi, rel=1e-12)
    assert evidence.studies[0].v[0] == pytest.approx(vi, rel=1e-12)


FIGURES = {
    "events": [0.0, 4.0, 7.0, 2.0], "n": [20.0, 30.0, 25.0, 22.0], "time": [11.0, 15.5, 9.0, 12.0],
    "mean": [3.1, 4.2, 2.7, 3.3], "sd": [1.1, 0.9, 1.4, 1.2],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(ARM_MEASURES) - {"SMD", "SMDG"}))
def test_two_arms_are_the_pairwise_measure(name):
    from evenhand.effects import MEASURES

    measure = MEASURES[name]
    figures = {column: FIGURES[column] for column in ARM_MEASURES[name].columns}
    evidence = network_from_arms(["1", "1", "2", "2"], ["a", "b", "a", "b"], measure=name, **figures)
    columns = {
        f"{column}_{arm}": np.array(figures[column][start::2])
        for column in figures
        for start, arm in ((1, "t"), (0, "c"))
    }
    options = {"zero_cells": measure.customary_zero_cells} if "zero_cells" in measure.options else {}
    yi, vi = measure.estimate(*(columns[argument] for argument in measure.arguments), **options)
    if name == "ROM" and "correct" in measure.options:
        yi, vi = measure.estimate(*(columns[argument] for argument in measure.arguments), correct=False)
    for one, y, v in zip(evidence.studies, yi, vi, strict=True):
        assert one.yi[0] == pytest.approx(y, rel=1e-12)
        assert one.v[0, 0] == pytest.approx(v, rel=1e-12)


def test_differences_standardised_by_all_arms_agree_with_each_other():
    evidence = network_from_arms(
        ["1"] * 3, ["a", "b", "c"], measure="SMD", mean=[3.1, 4.2, 2.7], sd=[1.1, 0.9, 1.4], n=[20, 30, 25]
    )
    pooled = math.sqrt((19 * 1.1**2 + 29 * 0.9**2 + 24 * 1.4**2) / 72)
    pairs = {(i, j): (y, v) for i, j, y, v in evidence.studies[0].pairs()}
    means, people = [3.1, 4.2, 2.7], [20, 30, 25]
    for (i, j), (y, v) in pairs.items():
        d = (means[i] - means[j]) / pooled
        assert y == pytest.approx(d, rel=1e-12)
        # Crippa & Orsini (2016), eq. 5
        assert v == pytest.approx(1 / people[i] + 1 / people[j] + d**2 / (2 * 75), rel=1e-12)


TRIO = {"study": ["s"] * 3, "treat1": ["a", "b", "a"], "treat2": ["b", "c", "c"], "sei": [1.0, 1.2, 1.1]}


def test_comparisons_are_turned_the_same_way_whatever_their_order():
    one = network_from_contrasts(["s"] * 3, ["a", "b", "a"], ["b", "c", "c"], [1.0, 2.0, 3.0], [1.0, 1.2, 1.1])
    other = network_from_contrasts(["s"] * 3, ["c", "b", "c"], ["b", "a", "a"], [-2.0, -1.0, -3.0], [1.2, 1.0, 1.1])
    for evidence in (one, other):
        assert evidence.studies[0].yi == pytest.approx([-1.0, -3.0])
        np.testing.assert_allclose(evidence.studies[0].v, [[1.0, 0.385], [0.385, 1.21]])
        assert evidence.studies[0].arm_variances == pytest.approx([0.385, 0.615, 0.825])


def test_effects_that_rounding_set_apart_are_mended_and_it_is_said():
    evidence = network_from_contrasts(**TRIO, yi=[1.12, 2.33, 3.46])
    y = evidence.studies[0].yi
    assert y == pytest.approx([-1.12, -3.46], abs=0.01)
    assert "b v c is 2.33, but 2.34 by way of a" in evidence.notices[0]
    # The closest by the weights of the comparisons: no other has a smaller weighted distance.
    v = evidence.studies[0].v
    contrast = np.array([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]])
    laplacian = contrast.T @ np.linalg.solve(v, contrast)
    target = {(0, 1): 1.12, (1, 2): 2.33, (0, 2): 3.46}

    def distance(effects):
        theta = np.concatenate([[0.0], effects])
        return sum(-laplacian[i, j] * (theta[i] - theta[j] - t) ** 2 for (i, j), t in target.items())

    for step in np.random.default_rng(1).normal(scale=0.01, size=(50, 2)):
        assert distance(y) < distance(y + step)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("s", "a", "a", 1, 1)], "study 's' \\(row 1\\) compares 'a' with itself: correct one of the names"),
        ([("s", "a", "b", 1, 1), ("s", "b", "a", 1, 1)], "study 's' gives a v b 2 times: leave one out"),
        ([("s", "a", "b", 1, 1), ("s", "b", "c", 1, 1)], "3 arms but 2 comparisons, not 3: add a v c"),
        ([("s", "a", "b", 1, 1), ("s", "c", "d", 1, 1)], "4 arms but 2 comparisons, not 6"),
        ([("s", "a", "b", 1, 1), ("s", "b", "c", 2, 1), ("s", "a", "c", 4, 1)], "b v c is 2, but 3 by way of a"),
        ([("s", "a", "b", 1, 1), ("s", "b", "c", 2, 1), ("s", "a", "c", 3, 5)], "standard errors .* contradict"),
        ([("s", "a", "b", 1, -1)], "sei = -1"),
        ([("s", "a", "b", 1, 0)], "sei = 0"),
        ([("s", "a", "b", math.inf, 1)], "yi = inf"),
        ([("s", "a", "b", None, 1)], "no study compares two treatments; study 's', a v b: no effect"),
        ([("s", "", "b", 1, 1)], "treat1\\[0\\] is empty"),
        ([(None, "a", "b", 1, 1)], "study\\[0\\] is empty"),
        ([], "no row"),
        ([("s", "a", "b", "x", 1)], "yi\\[0\\] = 'x': not a number"),
    ],
)
def test_rows_that_cannot_be(rows, said):
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    with pytest.raises(ValueError, match=said):
        network_from_contrasts(*columns)


def test_all_faults_come_at_once():
    with pytest.raises(ValueError, match=r"'1'.*'2'.*'3'"):
        network_from_contrasts(["1", "2", "3"], ["a", "a", "b"], ["a", "b", "b"], [1, 1, 1], [1, -1, 1])
    with pytest.raises(ValueError, match="and 2 more of this kind"):
        network_from_contrasts(range(7), ["a"] * 7, ["a"] * 7, [1] * 7, [1] * 7)


def arms(measure="OR", **changes):
    columns = {"events": [1, 2, 3, 4], "n": [10, 10, 10, 10]} | changes
    return network_from_arms(["1", "1", "2", "2"], ["a", "b", "a", "b"], measure=measure, **columns)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"events": [1, 2, 3, 14]}, "study '2', b \\(row 4\\): 14 events among 10 people"),
        ({"events": [1, 2, 3, -1]}, "events = -1; it must be 0 or more"),
        ({"n": [10, 10, 10, 0], "events": [1, 2, 3, 0]}, "n = 0; it must be above 0"),
        ({"events": [0, 0, 10, 10]}, "nobody, or everybody"),
        ({"measure": "XX"}, "measure 'XX': of arms there are OR"),
        ({"measure": "MD"}, "made of mean, sd, n: no mean and sd"),
        ({"mean": [1, 2, 3, 4]}, "made of events, n: what is mean"),
        ({"zero_cells": BY_ARM_SIZE, "events": [0, 1, 2, 3]}, "share='equally'"),
        ({"n": [10, 10]}, "columns of different lengths: study has 4, treatment has 4, events has 4, n has 2"),
    ],
)
def test_arms_that_cannot_be(changes, said):
    with pytest.raises(ValueError, match=said):
        arms(**changes)


def test_studies_of_arms_that_cannot_be():
    with pytest.raises(ValueError, match="study '2' has one arm \\('a', row 3\\): it compares nothing"):
        network_from_arms(["1", "1", "2"], ["a", "b", "a"], measure="OR", events=[1, 2, 3], n=[9, 9, 9])
    with pytest.raises(ValueError, match="study '1' has 'a' in rows 1 and 2"):
        network_from_arms(["1", "1"], ["a", "a"], measure="OR", events=[1, 2], n=[9, 9])
    with pytest.raises(ValueError, match="mean = -1: a ratio of means needs means above 0"):
        network_from_arms(["1", "1"], ["a", "b"], measure="ROM", mean=[1, -1], sd=[1, 1], n=[9, 9])


def test_what_is_left_out_or_added_is_said():
    assert arms().notices == ()
    assert any("0.5 added" in notice and "'1'" in notice for notice in arms(events=[0, 2, 3, 4]).notices)
    assert any("0.1 added" in n for n in arms(events=[0, 2, 3, 4], zero_cells=ZeroCells(add=0.1, to="only0")).notices)
    left = arms(events=[0, 2, 3, 4], zero_cells=AS_COUNTED)
    assert [one.label for one in left.studies] == ["2"]
    assert any("'1'" in notice and "not defined; left out" in notice for notice in left.notices)
    nobody = arms(events=[0, 0, 3, 4])
    assert [one.label for one in nobody.studies] == ["2"]
    assert any("nobody, or everybody" in notice for notice in nobody.notices)
    # Of a difference of risks an empty study says something.
    assert len(arms("RD", events=[0, 0, 3, 4]).studies) == 2
    missing = arms(events=[None, 2, 3, 4])
    assert [one.label for one in missing.studies] == ["2"]
    assert any("a: events not reported" in notice for notice in missing.notices)
    lost = network_from_contrasts(["1", "2"], ["a", "c"], ["b", "b"], [1.0, None], [1.0, 1.0])
    assert lost.treatments == ("a", "b")
    assert any("no study is left with c" in notice for notice in lost.notices)


def test_a_study_of_three_arms_with_one_unreported_is_a_study_of_two():
    evidence = network_from_arms(["1"] * 3, ["a", "b", "c"], measure="OR", events=[1, None, 3], n=[9, 9, 9])
    assert evidence.treatments == ("a", "c")
    assert len(evidence.studies[0].treatments) == 2


def test_what_looks_like_one_is_said():
    twice = network_from_contrasts(["1", "2"], ["a", "a"], ["b", "b"], [1.0, 1.0], [0.5, 0.5])
    assert any("studies '1' and '2' give the same" in notice for notice in twice.notices)
    alike = network_from_contrasts(["1", "2"], ["a", "a"], ["Placebo", "placebo"], [1.0, 1.2], [0.5, 0.5])
    assert any("'Placebo' and 'placebo' are taken as two" in notice for notice in alike.notices)


def test_pieces_are_named():
    evidence = network_from_contrasts(["1", "2", "3"], ["a", "c", "d"], ["b", "d", "e"], [1, 2, 3], [1, 1, 1])
    assert [[evidence.treatments[t] for t in piece] for piece in evidence.components] == [["c", "d", "e"], ["a", "b"]]
    assert not evidence.is_connected
    assert "c, d, e | a, b" in evidence.notices[-1]


def test_the_reference():
    evidence = network_from_contrasts(["1", "2"], ["a", "c"], ["b", "b"], [1.0, 2.0], [1.0, 1.0])
    assert evidence.treatments[evidence.reference] == "b"  # of most studies
    assert evidence.with_reference("c").reference == 2
    with pytest.raises(ValueError, match="no study has a treatment called 'placebo'"):
        evidence.with_reference("placebo")


def test_names_of_any_kind():
    evidence = network_from_contrasts([1, 2.0], [1.0, 2], [" 3", 3], [1, 2], [1, 1])
    assert evidence.treatments == ("1", "2", "3")
    assert [one.label for one in evidence.studies] == ["1", "2"]

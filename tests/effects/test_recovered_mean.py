"""Mean and SD from medians, quartiles and ranges: metafor's `conv.fivenum`."""

import json
from pathlib import Path

import numpy as np
import pytest

from evenhand.effects.recovered_mean import mean_from_five_numbers
from tests.conftest import golden

PINNED = json.loads((Path(__file__).parents[1] / "reference" / "five_numbers.json").read_text(encoding="utf-8"))
ASKED = {
    "norm": {},
    "notest": {"leave_out_skewed": False},
    "lnorm": {"distribution": "log-normal"},
    "lnorm_log": {"distribution": "log-normal", "back": False},
    "lnorm_notest": {"distribution": "log-normal", "leave_out_skewed": False},
}


def recovered(data, **options):
    column = {name: np.array(values, dtype=float) for name, values in data.items()}
    return mean_from_five_numbers(
        column["median"],
        column["n"],
        minimum=column["min"],
        q1=column["q1"],
        q3=column["q3"],
        maximum=column["max"],
        **options,
    )


def test_agrees_with_the_shared_reference():
    (case,) = [case for case in golden("effect_sizes.json") if "measure" not in case["options"]]
    assert case["options"] == {"op": "conv.fivenum", "dist": "lnorm"}
    ours = recovered(case["data"], distribution="log-normal")
    np.testing.assert_allclose(ours.mean, case["expected"]["mean"], rtol=1e-12)
    np.testing.assert_allclose(ours.sd, case["expected"]["sd"], rtol=1e-12)


@pytest.mark.parametrize("name", ASKED)
def test_agrees_with_what_was_pinned(name):
    ours, expected = recovered(PINNED["data"], **ASKED[name]), PINNED[name]
    for field, theirs in (("mean", "mean"), ("sd", "sd"), ("skewness", "tval"), ("critical", "crit")):
        np.testing.assert_allclose(getattr(ours, field), np.array(expected[theirs], dtype=float), rtol=1e-12)
    assert ours.is_skewed.tolist() == expected["sig"]


def test_a_single_arm_may_be_numbers():
    ours = mean_from_five_numbers(6.0, 60, q1=4.0, q3=10.0)
    assert ours.mean.shape == (1,)
    assert ours.mean[0] == pytest.approx(6.7065)


def test_normal_quartiles_lead_back():
    """Of a large normal sample the quartiles are 0.67449 SDs off: the formulas must return what made them."""
    ours = mean_from_five_numbers(100.0, 1e7, q1=100 - 6.744897501960817, q3=100 + 6.744897501960817)
    assert (ours.mean[0], ours.sd[0]) == (pytest.approx(100.0), pytest.approx(10.0, rel=1e-6))


def test_without_a_median_the_spread_stays():
    ours = mean_from_five_numbers(np.nan, 60, q1=4.0, q3=10.0)
    assert np.isnan(ours.mean[0])
    assert ours.sd[0] == pytest.approx(4.55749520916493)


@pytest.mark.parametrize(
    "given", [{}, {"q1": 4.0}, {"maximum": 9.0}, {"q1": 4.0, "q3": 10.0, "n": 4}, {"q1": 6.0, "q3": 6.0, "n": 4}]
)
def test_too_little_gives_nothing(given):
    ours = mean_from_five_numbers(6.0, **{"n": 60, **given})
    assert np.isnan(ours.sd).all()


def test_all_alike_have_no_spread_and_are_not_skewed():
    ours = mean_from_five_numbers(6.0, 60, q1=6.0, q3=6.0)
    assert (ours.mean[0], ours.sd[0], ours.is_skewed[0]) == (6.0, 0.0, False)


@pytest.mark.parametrize(
    ("given", "options", "said"),
    [
        ({"q1": [4.0, 8.0], "q3": [10.0, 10.0]}, {}, "row 2: q1 8 is above median 6; compare both"),
        ({"minimum": [0.0, 1.0], "maximum": [9.0, 9.0]}, {"distribution": "log-normal"}, "row 1: 0 cannot be"),
        ({}, {"distribution": "lognormal"}, "write 'normal' or 'log-normal'"),
    ],
)
def test_refuses_and_says_the_mend(given, options, said):
    with pytest.raises(ValueError, match=said):
        mean_from_five_numbers([6.0, 6.0], 60, **given, **options)

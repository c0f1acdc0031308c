"""PET, PEESE and WAAP-WLS, against the whole reference file and their formulas."""

import math

import numpy as np
import pytest

from evenhand.synthesis.reporting_bias.adequate_power import waap_wls
from evenhand.synthesis.reporting_bias.precision_effect import peese, pet, pet_peese
from tests.synthesis.reporting_bias.reference import agrees, cases


@cases("pet_peese")
def test_reference(case):
    model = {"PET": pet, "PEESE": peese}[case["id"].rpartition("/")[2]]
    result, expected = model(case["data"]["yi"], case["data"]["vi"]), case["expected"]
    ours = {
        "coef": (result.estimate, result.slope),
        "se": (result.se, result.se_slope),
        "t": (result.statistic, result.slope_statistic),
        "pval": (result.p_value, result.slope_p_value),
    }
    for field, values in ours.items():
        for value, theirs in zip(values, expected[field], strict=True):
            agrees(value, theirs, 1e-10, field)


def test_the_choice_goes_by_pet():
    vi = np.array([0.01, 0.02, 0.05, 0.1, 0.2, 0.3])
    noise = np.array([0.01, -0.02, 0.01, 0.02, -0.01, 0.0])
    with_effect, without = 0.5 + np.sqrt(vi) + noise, np.sqrt(vi) + noise
    assert pet(with_effect, vi).p_value < 0.10 < pet(without, vi).p_value
    assert pet_peese(with_effect, vi) == peese(with_effect, vi)
    assert pet_peese(without, vi) == pet(without, vi)


@pytest.mark.parametrize("model", [pet, peese, pet_peese])
def test_nothing_to_draw_a_line_through(model):
    for yi, vi, key in (([0.1, 0.2], [0.1, 0.2], "few_studies"), ([0.1, 0.2, 0.3], [0.1] * 3, "same_precision")):
        result = model(yi, vi)
        assert result.not_computed.key == f"bias.none.{key}"
        assert math.isnan(result.estimate)
        assert math.isnan(result.p_value)


def test_mixed_effects_model():
    yi, vi = [0.1, 0.9, 0.3, 1.5, 0.4], [0.01, 0.2, 0.05, 0.3, 0.1]
    assert pet(yi, vi, model="rma", test="z").df is None
    assert pet(yi, vi, model="rma").df == 3


def test_waap_takes_the_studies_with_power():
    yi, vi = np.array([0.50, 0.55, 0.45, 1.5, 2.0]), np.array([0.01, 0.012, 0.009, 0.5, 0.9])
    result = waap_wls(yi, vi)
    assert (result.model, result.adequate) == ("WAAP", (True, True, True, False, False))
    wi, y = 1 / vi[:3], yi[:3]
    mean = (wi * y).sum() / wi.sum()
    assert result.estimate == pytest.approx(mean, rel=1e-12)
    assert result.se == pytest.approx(math.sqrt((wi * (y - mean) ** 2).sum() / 2 / wi.sum()), rel=1e-10)
    assert result.df == 2
    # On all studies where one alone has the power.
    assert np.sqrt(vi[0]) <= abs(result.wls_estimate) / 2.801585


def test_wls_where_fewer_than_two_have_the_power():
    result = waap_wls([0.1, 0.2, 0.15], [0.1, 0.2, 0.3])
    assert result.model == "WLS"
    assert result.estimate == result.wls_estimate
    assert waap_wls([0.4], [0.1]).estimate == 0.4


def test_options_are_checked():
    with pytest.raises(ValueError, match="alpha = 1"):
        pet_peese([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], alpha=1)
    with pytest.raises(ValueError, match="power = 80"):
        waap_wls([0.1], [0.1], power=80)

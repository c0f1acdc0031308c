"""Every reference case of a measure we have, with every option (metafor 5.0-1, `escalc`)."""

import numpy as np
import pytest

from evenhand.effects import MEASURES, Kind
from evenhand.effects.zero_cells import ZeroCells
from tests.conftest import golden

CASES = [case for case in golden("effect_sizes.json") if case["options"].get("measure") in MEASURES]

# What the reference does where a case names no option.
REFERENCE_ADD = {"PAS": 0.0, "PFT": 0.0}


def arms(case):
    """The case's columns as our arguments."""
    column = {name: np.array(values, dtype=float) for name, values in case["data"].items()}
    match MEASURES[case["options"]["measure"]].kind:
        case Kind.COUNTS:
            return column["ai"], column["ai"] + column["bi"], column["ci"], column["ci"] + column["di"]
        case Kind.MEANS:
            return tuple(column[name] for name in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"))
        case Kind.ONE_COUNT:
            return column["xi"], column["ni"]
        case Kind.ONE_MEAN:
            return column["mi"], column["sdi"], column["ni"]


def our_options(case):
    """The reference's options in our words; an option we do not know fails the estimate."""
    options = dict(case["options"])
    measure = MEASURES[options.pop("measure")]
    if measure.kind in (Kind.COUNTS, Kind.ONE_COUNT):
        options["zero_cells"] = ZeroCells(
            add=options.pop("add", REFERENCE_ADD.get(measure.name, 0.5)),
            to=options.pop("to", "only0"),
            drop00=options.pop("drop00", False),
        )
    return options


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_agrees(case):
    yi, vi = MEASURES[case["options"]["measure"]].estimate(*arms(case), **our_options(case))
    expected = {name: np.array(values, dtype=float) for name, values in case["expected"].items()}
    np.testing.assert_allclose(yi, expected["yi"], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(vi, expected["vi"], rtol=1e-12, atol=1e-16)


def test_no_measure_of_ours_goes_without_a_case():
    assert {case["options"]["measure"] for case in CASES} == set(MEASURES)


def test_none_was_left_out():
    # Named apart from the options by which the cases were chosen: a case's id is effect_sizes/data set/measure/options.
    by_name = [case["id"] for case in golden("effect_sizes.json") if case["id"].split("/")[2] in MEASURES]
    assert [case["id"] for case in CASES] == by_name
    assert len(by_name) == 252

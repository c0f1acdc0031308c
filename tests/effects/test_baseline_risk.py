"""Cochrane Handbook 6.5, 15.4.4: absolute risks from relative effects."""

import numpy as np
import pytest

from evenhand.effects.baseline_risk import risk_with_treatment


def risk(baseline, effect, measure):
    return float(risk_with_treatment(np.array([baseline]), np.array([effect]), measure)[0])


@pytest.mark.parametrize(
    ("baseline", "effect", "measure", "expected"),
    [
        (0.3, np.log(0.5), "RR", 0.15),
        (0.3, np.log(0.5), "OR", 0.5 * 0.3 / (1 - 0.3 + 0.5 * 0.3)),
        (0.3, -0.1, "RD", 0.2),
        (0.0, 1.0, "OR", 0.0),
        (0.8, np.log(2.0), "RR", 1.0),  # would be 1.6
        (0.05, -0.1, "RD", 0.0),
        (0.3, np.log(0.5), "HR", 1 - 0.7**0.5),
        (0.3, 0.0, "HR", 0.3),
        (0.0, 800.0, "HR", 0.0),
        (1.0, -800.0, "HR", 1.0),
        (0.5, 800.0, "HR", 1.0),
        (0.5, 800.0, "OR", 1.0),  # beyond float range
        (0.5, -800.0, "OR", 0.0),
    ],
)
def test_risk_with_treatment(baseline, effect, measure, expected):
    assert risk(baseline, effect, measure) == pytest.approx(expected)


def test_a_measure_without_an_absolute_risk_is_refused():
    with pytest.raises(ValueError, match="no absolute risk from measure 'SMD'"):
        risk(0.3, 0.2, "SMD")

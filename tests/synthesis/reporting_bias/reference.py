"""The reference file of reporting bias, by task, and what counts as agreement with it."""

import math

import pytest

from tests.conftest import golden


def cases(task):
    """Parametrises a test over every case of one task."""
    found = [case for case in golden("bias.json") if case["task"] == task]
    return pytest.mark.parametrize("case", found, ids=[case["id"] for case in found])


def agrees(ours, reference, tolerance, where=""):
    if reference is None:
        assert ours is None or math.isnan(ours), where
    else:
        assert ours == pytest.approx(reference, rel=tolerance, abs=0), where

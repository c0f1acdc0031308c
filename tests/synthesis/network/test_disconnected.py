"""Which single comparison joins two pieces best: against every comparison tried."""

import numpy as np
import pytest

from evenhand.synthesis.network.disconnected import joining_comparisons
from evenhand.synthesis.network.evidence import network_from_contrasts
from evenhand.synthesis.network.network_fit import fit_network

# A star about B, a chain D – E – F, and a pair; no study joins them.
ROWS = [
    ("1", "A", "B", 1.0, 0.3), ("2", "B", "C", 0.4, 0.5), ("3", "B", "G", 0.4, 0.2), ("4", "A", "B", 1.3, 0.4),
    ("5", "D", "E", 0.2, 0.9), ("6", "E", "F", 0.1, 0.2), ("7", "H", "I", 0.0, 0.1),
]  # fmt: skip


def test_best_of_all_comparisons():
    fit = fit_network(network_from_contrasts(*zip(*ROWS, strict=True)), method="EE")
    joins = joining_comparisons(fit)
    assert len(joins) == 3
    assert [join.added_variance for join in joins] == sorted(join.added_variance for join in joins)
    for join in joins:
        tried = {}
        for one in join.first_piece:
            for other in join.second_piece:
                joined = fit_network(
                    network_from_contrasts(*zip(*ROWS, ("new", one, other, 0.0, 0.7), strict=True)), method="EE"
                )
                variances = [joined.contrast(a, b).se ** 2 for a in join.first_piece for b in join.second_piece]
                tried[one, other] = np.mean(variances) - 0.7**2
        assert min(tried, key=tried.get) == (join.first, join.second)
        assert tried[join.first, join.second] == pytest.approx(join.added_variance)


def test_nothing_to_join():
    assert joining_comparisons(fit_network(network_from_contrasts(*zip(*ROWS[:4], strict=True)))) == ()

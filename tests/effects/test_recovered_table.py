"""Tables from their margins and one measure: every table leads back to itself."""

import itertools

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.recovered_table import (
    table_from_chi_square,
    table_from_odds_ratio,
    table_from_phi,
    table_from_risk_ratio,
)

# Every table of two arms of 7 and 11 with events on both sides.
TABLES = np.array(list(itertools.product(range(1, 7), range(1, 11))), dtype=float)
A, C = TABLES.T
N_T, N_C = np.full_like(A, 7.0), np.full_like(A, 11.0)


def test_from_the_odds_ratio():
    yi, _ = MEASURES["OR"].estimate(A, N_T, C, N_C)
    np.testing.assert_array_equal(table_from_odds_ratio(np.exp(yi), N_T, N_C, A + C), (A, N_T, C, N_C))


def test_from_the_risk_ratio():
    yi, _ = MEASURES["RR"].estimate(A, N_T, C, N_C)
    np.testing.assert_array_equal(table_from_risk_ratio(np.exp(yi), N_T, N_C, A + C), (A, N_T, C, N_C))


def test_from_phi():
    yi, _ = MEASURES["PHI"].estimate(A, N_T, C, N_C)
    np.testing.assert_array_equal(table_from_phi(yi, N_T, N_C, A + C), (A, N_T, C, N_C))


@pytest.mark.parametrize("yates", [True, False])
def test_from_chi_square(yates):
    n, events = N_T + N_C, A + C
    apart = A * (N_C - C) - (N_T - A) * C
    size = np.abs(apart) - (n / 2 if yates else 0)
    told = size >= 0  # within Yates's half, software prints 0, which says nothing of the table
    chi_square = n * size**2 / (N_T * N_C * events * (n - events))
    rebuilt = table_from_chi_square(chi_square, N_T, N_C, events, sign=np.sign(apart), yates=yates)
    np.testing.assert_array_equal(np.array(rebuilt)[:, told], np.array((A, N_T, C, N_C))[:, told])


def test_a_printed_odds_ratio_of_two_places():
    """36 of 122 and 20 of 118: 2.05."""
    assert tuple(float(count) for count in table_from_odds_ratio(2.05, 122, 118, 56)) == (36.0, 122.0, 20.0, 118.0)


@pytest.mark.parametrize("ratio", [-1.0, np.nan])
def test_what_no_table_has_is_nan(ratio):
    assert np.isnan(table_from_odds_ratio(ratio, 10, 10, 5)[0])
    assert np.isnan(table_from_risk_ratio(ratio, 10, 10, 5)[0])


def test_no_phi_beyond_what_the_margins_allow():
    assert np.isnan(table_from_phi(0.99, 10, 10, 3)[0])

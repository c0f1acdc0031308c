"""Tetrachoric correlation: the cell it must meet, and a variance that is that of the likelihood."""

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.tetrachoric_correlation import both_below

CUTS = [(0.0, 0.0), (0.0, 0.7), (-1.2, 0.0), (0.4, -0.4), (-2.5, -1.5), (3.0, 1.0), (0.5, 0.5)]


def estimate(a, b, c, d):
    cells = (np.array([float(count)]) for count in (a, a + b, c, c + d))
    return tuple(float(value[0]) for value in MEASURES["RTET"].estimate(*cells))


def in_polar(h, k, r, nodes=400):
    """Plackett's integral over the correlation, by Gauss-Legendre: an independent way to the same probability."""
    from scipy.special import ndtr

    x, w = np.polynomial.legendre.leggauss(nodes)
    angle = 0.5 * np.arcsin(r) * (x + 1)
    rate = np.exp(-(h**2 + k**2 - 2 * h * k * np.sin(angle)) / (2 * np.cos(angle) ** 2))
    return ndtr(h) * ndtr(k) + 0.5 * np.arcsin(r) * (w * rate).sum() / (2 * np.pi)


@pytest.mark.parametrize("r", [-0.95, -0.3, 0.0, 0.5, 0.9])
@pytest.mark.parametrize(("h", "k"), CUTS)
def test_probability_below_both(h, k, r):
    assert float(both_below(h, k, r)) == pytest.approx(in_polar(h, k, r), abs=1e-13)


@pytest.mark.parametrize(
    "cells", [(135, 15, 40, 10), (12, 20, 6, 28), (4, 1, 90, 2000), (25, 25, 25, 25), (9, 1, 1, 9)]
)
def test_meets_its_cell(cells):
    """With three parameters for three free cells, nothing is more likely than what meets them all."""
    from scipy.special import ndtri

    a, b, c, _ = cells
    n = sum(cells)
    r, _ = estimate(*cells)
    assert float(both_below(ndtri((a + b) / n), ndtri((a + c) / n), r)) == pytest.approx(a / n, abs=1e-14)


def test_variance_is_that_of_the_estimate_under_the_multinomial():
    """The delta method by finite differences: how the estimate moves with each cell."""
    cells, step = np.array([135.0, 15.0, 40.0, 10.0]), 1e-4
    n = cells.sum()
    slopes = []
    for i in range(4):
        up, down = cells.copy(), cells.copy()
        up[i] += step
        down[i] -= step
        slopes.append((estimate(*up)[0] - estimate(*down)[0]) / (2 * step) * n)
    shares = cells / n
    expected = ((shares * np.square(slopes)).sum() - (shares * slopes).sum() ** 2) / n
    assert estimate(*cells)[1] == pytest.approx(expected, rel=1e-6)


def test_symmetric_cuts_have_a_closed_form():
    """Cut at both medians, the correlation is sin(2π (a/n - 1/4))."""
    assert estimate(40, 10, 10, 40)[0] == pytest.approx(np.sin(2 * np.pi * (0.4 - 0.25)), rel=1e-13)


@pytest.mark.parametrize(
    ("cells", "expected"), [((0, 10, 5, 10), -1), ((5, 0, 5, 3), 1), ((5, 5, 0, 3), 1), ((5, 2, 3, 0), -1)]
)
def test_an_empty_cell_sets_it_at_an_end_without_a_variance(cells, expected):
    r, v = estimate(*cells)
    assert r == expected
    assert np.isnan(v)


@pytest.mark.parametrize("cells", [(0, 10, 0, 10), (5, 5, 0, 0), (0, 0, 0, 0)])
def test_an_empty_margin_leaves_none(cells):
    assert np.isnan(estimate(*cells)).all()

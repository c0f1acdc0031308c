"""Henmi–Copas and IVhet: the reference, the definition of the interval by another quadrature, and the edges."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammainc

from evenhand.synthesis.henmi_copas import henmi_copas_estimate
from evenhand.synthesis.ivhet import inverse_variance_heterogeneity
from tests.conftest import golden

CASES = [case for case in golden("bias.json") if case["task"] == "henmi_copas"]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference(case):
    ours, expected = henmi_copas_estimate(case["data"]["yi"], case["data"]["vi"]), case["expected"]
    assert ours.estimate == pytest.approx(expected["b"], rel=1e-10)
    assert ours.se == pytest.approx(expected["se"], rel=1e-10)
    assert ours.tau2 == pytest.approx(expected["tau2"], rel=1e-10)
    # The reference finds the multiplier by a root search and a quadrature that each stop at 1.2e-4.
    assert ours.ci_lower == pytest.approx(expected["ci_lb"], abs=2.5e-4 * ours.se)
    assert ours.ci_upper == pytest.approx(expected["ci_ub"], abs=2.5e-4 * ours.se)


def test_there_are_all_cases():
    assert len(CASES) == 14


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_multiplier_meets_its_definition(case):
    """Moments of Q given R from full matrices, the integral by adaptive quadrature."""
    yi, vi = np.array(case["data"]["yi"]), np.array(case["data"]["vi"])
    ours, wi = henmi_copas_estimate(yi, vi), 1 / vi
    w1, total = wi.sum(), np.diag(vi + ours.tau2)
    of_q = np.diag(wi) - np.outer(wi, wi) / w1
    along = total @ wi / math.sqrt(w1)
    spread = along @ wi / math.sqrt(w1)
    left = total - np.outer(along, along) / spread
    twice = of_q @ left
    mean_weight = (wi**2).sum() / w1
    per_tau2 = w1 - mean_weight
    # The multiplier is of the estimate's standard error at this tau2, and R's own threshold is the same multiple.
    u = ours.multiplier

    def below(r):
        at = along * r / spread
        mean = np.trace(twice) + at @ of_q @ at
        variance = 2 * np.trace(twice @ twice) + 4 * at @ of_q @ left @ of_q @ at
        q = vi.size - 1 + per_tau2 / mean_weight * ((r / u) ** 2 - 1)
        return gammainc(mean**2 / variance, q * mean / variance) * math.exp(-0.5 * r**2 / spread)

    sd = math.sqrt(spread)
    edges = np.unique([u, *(u * np.array([1.01, 1.1, 1.5, 2, 4, 8, 16])), u + 4 * sd, u + 12 * sd])
    tail = sum(quad(below, a, b, epsabs=1e-13, epsrel=1e-11)[0] for a, b in pairwise(edges))
    assert tail / (sd * math.sqrt(2 * math.pi)) == pytest.approx(0.025, rel=1e-8)


def test_edges():
    one = henmi_copas_estimate([0.3], [0.04])
    assert (one.estimate, one.se) == (0.3, pytest.approx(0.2))
    assert (one.ci_upper - one.estimate) / one.se == pytest.approx(1.959964, rel=1e-6)
    assert math.isnan(one.multiplier)
    alike = henmi_copas_estimate([0.3] * 4, [0.1] * 4)
    # tau2 is estimated above 0 by chance even then, so that the multiplier is below the normal one.
    assert 1.5 < alike.multiplier < 1.959964
    apart = henmi_copas_estimate([-5, 5, 0.0], [1e-6, 1e-6, 10])
    # Two precise studies alone: t of one degree of freedom.
    assert apart.multiplier == pytest.approx(12.706, rel=1e-4)


def test_the_interval_widens_with_its_level():
    widths = [
        henmi_copas_estimate([0.1, 0.9, -0.4], [0.05, 0.2, 0.1], level=level).ci_upper for level in (0.5, 0.9, 0.99)
    ]
    assert widths == sorted(widths)


def test_inverse_variance_heterogeneity_is_the_same_estimate_with_a_normal_interval():
    yi, vi = [0.1, 0.9, -0.4, 1.5], [0.05, 0.2, 0.1, 0.3]
    ours, copas = inverse_variance_heterogeneity(yi, vi), henmi_copas_estimate(yi, vi)
    assert (ours.estimate, ours.se) == (pytest.approx(copas.estimate), pytest.approx(copas.se))
    assert ours.ci_upper == pytest.approx(ours.estimate + 1.959963984540054 * ours.se, rel=1e-12)
    assert sum(ours.weights) == pytest.approx(100)
    assert ours.weights[0] == pytest.approx(100 * 20 / (20 + 5 + 10 + 1 / 0.3))

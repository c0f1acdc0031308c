"""Colditz et al. (1994), J. Am. Med. Assoc. 271, 698-702: 13 BCG trials, as pooled by Stata's metan.

The figures with four places are those against which the metafor project compares itself with metan, whose own output
has two or three.
"""

import math

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.synthesis.counts.mantel_haenszel_tables import mantel_haenszel
from evenhand.synthesis.counts.peto_method import peto
from evenhand.synthesis.pairwise import meta_analysis
from tests.printed import printed
from tests.published.test_van_houwelingen_2002 import TABLE_1

COUNTS = np.array([row[:4] for row in TABLE_1], dtype=float)
ARMS = (COUNTS[:, 0], COUNTS[:, :2].sum(axis=1), COUNTS[:, 2], COUNTS[:, 2:].sum(axis=1))


@pytest.mark.parametrize(
    ("measure", "method", "estimate", "ci_lower", "ci_upper", "z", "q"),
    [
        ("RR", "EE", "-0.4303", "-0.5097", "-0.3509", "-10.6247", "152.2330"),
        ("RR", "DL", "-0.7141", "-1.0644", "-0.3638", "-3.9952", "152.2330"),
        ("OR", "EE", "-0.4361", "-0.5190", "-0.3533", "-10.3190", "163.1649"),
        ("OR", "DL", "-0.7474", "-1.1242", "-0.3706", "-3.8873", "163.1649"),
        ("RD", "EE", "-0.0009", "-0.0014", "-0.0005", "-4.0448", "276.4737"),
        ("RD", "DL", "-0.0071", "-0.0101", "-0.0040", "-4.5128", "276.4737"),
    ],
)
def test_inverse_variance(measure, method, estimate, ci_lower, ci_upper, z, q):
    fit = meta_analysis(*MEASURES[measure].estimate(*ARMS), method=method, test="z")
    assert fit.estimate == printed(estimate)
    assert fit.ci_lower == printed(ci_lower)
    assert fit.ci_upper == printed(ci_upper)
    assert fit.statistic == printed(z)
    assert fit.q == printed(q)


@pytest.mark.parametrize(
    ("measure", "tau2", "i2"), [("RR", "0.3088", "92.1173"), ("OR", "0.3663", "92.6455"), ("RD", "0.0000", "95.6596")]
)
def test_heterogeneity(measure, tau2, i2):
    fit = meta_analysis(*MEASURES[measure].estimate(*ARMS), method="DL", test="z")
    assert fit.tau2 == printed(tau2)
    assert fit.i2 == printed(i2)


@pytest.mark.parametrize(
    ("measure", "estimate", "ci_lower", "ci_upper", "z", "q"),
    [
        ("RR", "-0.4537", "-0.5308", "-0.3766", "-11.5338", "152.5676"),
        ("OR", "-0.4734", "-0.5538", "-0.3930", "-11.5444", "163.9426"),
        ("RD", "-0.0033", "-0.0039", "-0.0027", "-11.4708", "386.7759"),
    ],
)
def test_mantel_haenszel(measure, estimate, ci_lower, ci_upper, z, q):
    fit = mantel_haenszel(*ARMS, measure=measure)
    assert fit.estimate == printed(estimate)
    assert fit.ci_lower == printed(ci_lower)
    assert fit.ci_upper == printed(ci_upper)
    assert fit.statistic == printed(z)
    assert fit.q == printed(q)


def test_risk_difference_with_the_variance_that_metan_uses():
    """Greenland & Robins (1985); metan prints z = 11.56."""
    fit = mantel_haenszel(*ARMS, measure="RD", variance="greenland-robins")
    assert -fit.statistic == printed("11.56")


def test_peto():
    fit = peto(*ARMS)
    assert fit.estimate == printed("-0.4744")
    assert fit.ci_lower == printed("-0.5541")
    assert fit.ci_upper == printed("-0.3948")
    assert fit.statistic == printed("-11.6689")
    assert fit.q == printed("167.7302")


def test_ratios():
    """As metan prints them without `log`."""
    shown = {
        name: [math.exp(value) for value in (fit.estimate, fit.ci_lower, fit.ci_upper)]
        for name, fit in {
            "RR": mantel_haenszel(*ARMS, measure="RR"),
            "OR": mantel_haenszel(*ARMS, measure="OR"),
            "Peto": peto(*ARMS),
        }.items()
    }
    assert shown["RR"] == [printed("0.6353"), printed("0.5881"), printed("0.6862")]
    assert shown["OR"] == [printed("0.6229"), printed("0.5748"), printed("0.6750")]
    assert shown["Peto"] == [printed("0.6222"), printed("0.5746"), printed("0.6738")]

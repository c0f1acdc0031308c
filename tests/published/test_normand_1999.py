"""Normand (1999), Statist. Med. 18, 321-359: lidocaine after a heart attack, and days in hospital after a stroke.

These places are those of the metafor project's page of the example, which compares them with the paper's tables.
"""

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.synthesis.pairwise import meta_analysis
from tests.printed import printed

# Table I (Hine et al. 1989): deaths and patients, lidocaine and control.
LIDOCAINE = np.array(
    [(2, 39, 1, 43), (4, 44, 4, 44), (6, 107, 4, 110), (7, 103, 5, 100), (7, 110, 3, 106), (11, 154, 4, 146)],
    dtype=float,
)
RISK, RISK_VARIANCE = MEASURES["RD"].estimate(*LIDOCAINE.T)
RISK, RISK_VARIANCE = 100 * RISK, 100**2 * RISK_VARIANCE  # percentage points

# Table II: mean days, their standard deviation and patients, specialist and routine care.
STROKE = np.array(
    [(55, 47, 155, 75, 64, 156), (27, 7, 31, 29, 4, 32), (64, 17, 75, 119, 29, 71), (66, 20, 18, 137, 48, 18),
     (14, 8, 8, 18, 11, 13), (19, 7, 57, 18, 4, 52), (52, 45, 34, 41, 34, 33), (21, 16, 110, 31, 27, 183),
     (30, 27, 60, 23, 20, 52)], dtype=float,
)  # fmt: skip
# The paper pools the standard deviation of both arms: 'HO', as the variances are taken to be equal.
DAYS, DAYS_VARIANCE = MEASURES["MD"].estimate(*STROKE.T, vtype="HO")


def test_table_3_risk_differences():  # p. 330
    half = 1.959964 * RISK_VARIANCE**0.5
    columns = {
        "yi": ["2.8026", "0.0000", "1.9711", "1.7961", "3.5334", "4.4031"],
        "vi": ["17.7575", "37.5657", "8.1323", "10.8998", "8.0114", "6.1320"],
        "lower": ["-5.4566", "-12.0128", "-3.6182", "-4.6747", "-2.0141", "-0.4503"],
        "upper": ["11.0618", "12.0128", "7.5604", "8.2669", "9.0810", "9.2566"],
    }
    found = {"yi": RISK, "vi": RISK_VARIANCE, "lower": RISK - half, "upper": RISK + half}
    for name, figures in columns.items():
        assert list(found[name]) == [printed(figure) for figure in figures]


@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
def test_table_7_lidocaine(method):
    """P. 349: no heterogeneity is left to tell the methods apart."""
    pooled = meta_analysis(RISK, RISK_VARIANCE, method=method, test="z")
    assert pooled.tau2 == 0
    assert pooled.estimate == printed("2.9444")
    assert pooled.ci_lower == printed("0.3831")
    assert pooled.ci_upper == printed("5.5058")


def test_table_8_days():  # p. 351
    assert list(DAYS) == [-20, -2, -55, -71, -4, 1, 11, -10, 7]
    assert list(DAYS_VARIANCE) == [
        printed(figure)
        for figure in (
            "40.5863", "2.0468", "15.2809", "150.2222", "20.1923", "1.2235", "95.3756", "8.0321", "20.6936",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "mean", "ci_lower", "ci_upper", "tau2"),
    [  # p. 352
        ("EE", "-3.4939", "-5.0265", "-1.9613", "0"),
        ("DL", "-14.0972", "-24.4454", "-3.7490", "218.7216"),
        ("REML", "-15.1217", "-32.6716", "2.4282", "685.1965"),
    ],
)
def test_table_9_days(method, mean, ci_lower, ci_upper, tau2):
    pooled = meta_analysis(DAYS, DAYS_VARIANCE, method=method, test="z")
    assert pooled.estimate == printed(mean)
    assert pooled.ci_lower == printed(ci_lower)
    assert pooled.ci_upper == printed(ci_upper)
    assert pooled.tau2 == printed(tau2)

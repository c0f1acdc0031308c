"""Henmi & Copas (2010), Statist. Med. 29, 2969-2983: acupuncture point P6 against nausea, 16 trials (p. 2978).

The trials are of Lee & Done (2004); these places are those of the metafor project's page of the example.
"""

import numpy as np

from evenhand.effects import MEASURES
from evenhand.synthesis.henmi_copas import henmi_copas_estimate
from evenhand.synthesis.pairwise import meta_analysis
from tests.printed import printed

# Nausea and patients: stimulation, sham.
TRIALS = np.array(
    [(18, 100, 20, 100), (5, 50, 18, 50), (9, 20, 7, 20), (32, 135, 31, 139), (9, 23, 10, 23), (11, 18, 12, 18),
     (69, 122, 80, 122), (3, 25, 12, 25), (1, 30, 1, 30), (11, 30, 19, 30), (7, 44, 16, 39), (4, 47, 6, 47),
     (1, 30, 13, 30), (24, 40, 71, 80), (16, 50, 53, 88), (28, 110, 25, 111)], dtype=float,
)  # fmt: skip
YI, VI = MEASURES["OR"].estimate(*TRIALS.T)


def test_dersimonian_laird():
    pooled = meta_analysis(YI, VI, method="DL", test="z")
    assert pooled.tau2 == printed("0.3325")
    assert pooled.estimate == printed("-0.6787")
    assert pooled.ci_lower == printed("-1.0664")
    assert pooled.ci_upper == printed("-0.2911")


def test_their_interval():
    pooled = henmi_copas_estimate(YI, VI)
    assert pooled.estimate == printed("-0.5145")
    assert pooled.ci_lower == printed("-0.9994")
    assert pooled.ci_upper == printed("-0.0295")

"""Citkowicz & Vevea (2017), Psychol. Methods 22, 28-41: a beta weight function for 23 trials of practice facilitation.

The decimals are those of the metafor project's tests of the example, whose search ends about there.
"""

import numpy as np

from evenhand.synthesis.reporting_bias.selection_model import selection_model
from tests.printed import printed

# Baskerville, Liddy & Hogg (2012): standardised mean difference, its standard error, whether blinded.
YI = [1.01, 0.82, 0.59, 0.44, 0.84, 0.73, 1.12, 0.04, 0.24, 0.32, 1.04, 1.31, 0.59, 0.66, 0.62, 0.47, 1.08, 0.98, 0.26,
      0.39, 0.60, 0.94, 0.11]  # fmt: skip
SE = [0.52, 0.46, 0.23, 0.18, 0.29, 0.29, 0.36, 0.37, 0.15, 0.40, 0.32, 0.57, 0.29, 0.19, 0.31, 0.27, 0.32, 0.32, 0.18,
      0.18, 0.31, 0.53, 0.27]  # fmt: skip
BLINDED = [1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1]


def test_beta_weights():
    found = selection_model(YI, np.square(SE), kind="beta")
    assert list(found.delta) == [printed("0.473"), printed("4.46")]
    assert list(found.se_delta) == [printed("0.235"), printed("2.18")]
    assert found.lrt == printed("7.847")
    assert found.lrt_df == 2
    assert found.tau2 == printed("0.0000")


def test_beta_weights_with_a_moderator():
    X = np.column_stack([np.ones(23), BLINDED])
    found = selection_model(YI, np.square(SE), X, kind="beta")
    assert list(found.delta) == [printed("0.420"), printed("5.10")]
    assert found.lrt == printed("9.044")
    assert list(found.beta) == [printed("0.134"), printed("-0.136")]
    assert list(found.se) == [printed("0.17"), printed("0.12")]

"""Preston, Ashby & Smyth (2004), J. Eval. Clin. Pract. 10, 313-322: smooth weights for trials of rehydration.

The third decimals are those of the metafor project's tests of the example.
"""

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.zero_cells import HALF_WHERE_ZERO
from evenhand.synthesis.reporting_bias.selection_model import selection_model
from tests.printed import printed

# Hahn, Kim & Garner (2001): unscheduled infusions and children, reduced osmolarity and standard. Three trials
# had none in either arm, and say nothing of the odds ratio.
TRIALS = np.array(
    [(4, 19, 5, 19), (0, 18, 0, 18), (34, 341, 50, 334), (7, 71, 16, 69), (6, 45, 5, 44), (1, 94, 8, 96),
     (0, 22, 0, 22), (11, 88, 12, 82), (2, 82, 7, 84), (0, 33, 0, 30), (0, 15, 1, 20), (33, 221, 43, 218)], dtype=float,
)  # fmt: skip
YI, VI = MEASURES["OR"].estimate(*TRIALS[TRIALS[:, 0] + TRIALS[:, 2] > 0].T, zero_cells=HALF_WHERE_ZERO)


@pytest.mark.parametrize(
    ("kind", "delta", "se"),
    [
        ("halfnorm", "3.163", "2.989"),
        ("negexp", "2.657", "2.35"),
        ("logistic", "3.339", "2.389"),
        # Their 1.394 is by differences of an integral of limited accuracy; the likelihood's curvature gives 1.354.
        ("power", "1.459", None),
    ],
)
def test_weights_of_the_p_value(kind, delta, se):
    found = selection_model(YI, VI, kind=kind, method="EE", alternative="less")
    assert found.delta[0] == printed(delta)
    assert se is None or found.se_delta[0] == printed(se)


@pytest.mark.parametrize(
    ("kind", "delta", "se"),
    [
        ("halfnorm", "3.506", "3.387"),
        ("negexp", "2.279", "2.133"),
        ("logistic", "3.018", "2.316"),
        ("power", "1.444", "1.382"),
    ],
)
def test_weights_of_p_value_and_standard_error(kind, delta, se):
    """The paper does not scale the standard errors to at most 1, which multiplies delta by their largest."""
    found = selection_model(YI, VI, kind=kind, method="EE", alternative="less", prec="sei")
    largest = np.sqrt(VI.max())
    assert found.delta[0] / largest == printed(delta)
    assert found.se_delta[0] / largest == printed(se)

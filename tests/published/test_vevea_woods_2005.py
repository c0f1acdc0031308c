"""Vevea & Woods (2005), Psychol. Methods 10, 428-443: weights chosen beforehand, for ratings of 20 teachers' courses.

The decimals from the third on are those of the metafor project's tests of the example.
"""

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.synthesis.reporting_bias.selection_model import selection_model
from tests.printed import printed

# Cohen (1981): sections of a course, correlation of their ratings with their achievement.
SAMPLES = np.array(
    [(10, 0.68), (20, 0.56), (13, 0.23), (22, 0.64), (28, 0.49), (12, -0.04), (12, 0.49), (36, 0.33), (19, 0.58),
     (12, 0.18), (36, -0.11), (75, 0.27), (33, 0.26), (121, 0.40), (37, 0.49), (14, 0.51), (40, 0.40), (16, 0.34),
     (14, 0.42), (20, 0.16)],
)  # fmt: skip
STEPS = [0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995, 1]


@pytest.mark.parametrize(
    ("weights", "estimate", "tau2"),
    [
        ("1 .99 .95 .80 .75 .65 .60 .55 .50 .50 .50 .50 .50 .50", "0.3519", "0.0045"),  # moderate, one-tailed
        ("1 .99 .90 .75 .60 .50 .40 .35 .30 .25 .10 .10 .10 .10", "0.3215", "0.0095"),  # severe, one-tailed
        ("1 .99 .95 .90 .80 .75 .60 .60 .75 .80 .90 .95 .99 1", "0.3620", "0.0028"),  # moderate, two-tailed
        ("1 .99 .90 .75 .60 .50 .25 .25 .50 .60 .75 .90 .99 1", "0.3322", "0.0057"),  # severe, two-tailed
    ],
)
def test_weights_chosen_beforehand(weights, estimate, tau2):
    n, r = SAMPLES.T
    yi, vi = MEASURES["ZCOR"].estimate(r, n)
    found = selection_model(yi, vi, kind="stepfun", steps=STEPS, delta=[float(weight) for weight in weights.split()])
    assert found.beta[0] == printed(estimate)
    assert found.tau2 == printed(tau2)

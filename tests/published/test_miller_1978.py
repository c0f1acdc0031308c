"""Miller (1978), The American Statistician 32, 138: the inverse of the Freeman–Tukey double arcsine transformation."""

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.proportion import proportion_from_double_arcsine
from evenhand.synthesis.pairwise import meta_analysis
from tests.printed import printed

EVENTS, N = np.array([3.0, 6.0, 10.0, 1.0]), np.array([11.0, 17.0, 21.0, 6.0])


def test_transformed_proportions():
    # The paper's transformation is the sum of the two arcsines, ours their mean.
    yi, vi = MEASURES["PFT"].estimate(EVENTS, N)
    assert list(2 * yi) == [printed(text) for text in ["1.1391", "1.2888", "1.5253", "0.9515"]]
    assert list(4 * vi) == [printed(text) for text in ["0.0870", "0.0571", "0.0465", "0.1538"]]


@pytest.mark.parametrize(
    ("weights", "mean", "proportion"), [("unweighted", "1.2262", "0.3164"), (None, "1.3093", "0.3595")]
)
def test_pooled_and_back_at_the_harmonic_mean_of_the_sizes(weights, mean, proportion):
    yi, vi = MEASURES["PFT"].estimate(EVENTS, N)
    pooled = meta_analysis(yi, vi, method="EE", weights=weights).estimate
    assert 2 * pooled == printed(mean)
    harmonic = N.size / (1 / N).sum()
    assert float(proportion_from_double_arcsine(np.array(pooled), harmonic)) == printed(proportion)


def test_back_for_each_study():
    yi, _ = MEASURES["PFT"].estimate(EVENTS, N)
    np.testing.assert_allclose(proportion_from_double_arcsine(yi, N), EVENTS / N, rtol=1e-12)

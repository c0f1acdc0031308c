"""Rubin's rules: by hand, and at their limits."""

import math

import numpy as np
import pytest

from evenhand.synthesis.regression.imputation import pool_imputations
from evenhand.synthesis.regression.mixed_effects import meta_regression

YI, VI = [0.1, 0.5, -0.2, 0.9, 0.4, 0.3, 0.8, -0.1], [0.05, 0.1, 0.08, 0.04, 0.2, 0.1, 0.06, 0.07]
X = [1.0, 2, 0.5, 4, 3, 2, 3.5, 1]


def fit(first, test="knha"):
    return meta_regression(YI, VI, "~ x", {"x": [first, *X[1:]]}, test=test)


def test_by_hand():
    fits = [fit(first) for first in (0.5, 1.0, 2.5)]
    found = pool_imputations(fits)
    slopes, variances = np.array([f.fit.beta[1] for f in fits]), np.array([f.fit.se[1] ** 2 for f in fits])
    within, between = variances.mean(), slopes.var(ddof=1)
    total = within + 4 / 3 * between
    lost = 4 / 3 * between / total
    of_imputations, observed = 2 / lost**2, 7 / 9 * 6 * (1 - lost)
    assert found.estimate[1] == pytest.approx(slopes.mean(), rel=1e-14)
    assert found.se[1] == pytest.approx(math.sqrt(total), rel=1e-12)
    assert found.missing_information[1] == pytest.approx(lost, rel=1e-12)
    assert found.df[1] == pytest.approx(1 / (1 / of_imputations + 1 / observed), rel=1e-12)
    assert found.ci_lower[1] < found.estimate[1] < found.ci_upper[1]
    assert found.to_frame().shape == (2, 8)


@pytest.mark.parametrize("test", ["z", "knha"])
def test_alike_imputations_lose_nothing(test):
    one, found = fit(1.0, test), pool_imputations([fit(1.0, test)] * 3)
    assert found.se == pytest.approx(one.fit.se, rel=1e-12)
    assert found.p_value == pytest.approx(one.fit.p_value, rel=1e-12)
    assert found.ci_upper == pytest.approx(one.fit.ci_upper, rel=1e-12)


def test_other_models_are_refused():
    with pytest.raises(ValueError, match="1 imputation"):
        pool_imputations([fit(1.0)])
    with pytest.raises(ValueError, match=r"imputation 1 has .* fit one model to all"):
        pool_imputations([fit(1.0), fit(1.0, "z")])

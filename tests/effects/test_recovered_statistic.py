"""Effects from t, F, p, d: the worked figures of metafor's documentation of `escalc`, and there and back."""

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.recovered_statistic import (
    correlation_from_p,
    correlation_from_t,
    d_from_f,
    d_from_p,
    d_from_point_biserial,
    d_from_t,
    d_of_change_from_t,
    r2_from_f,
    r2_from_p,
    smd_from_d,
)
from evenhand.effects.standardised_mean_difference import small_sample_correction
from tests.printed import printed

MEANS = tuple(np.array([float(figure)]) for figure in (7.2, 5.5, 25, 11.6, 7.9, 22))
N_T, N_C = 25.0, 22.0


def test_worked_figures():
    assert smd_from_d(d_from_p(-0.018, 20, 20), 20, 20)[0][0] == printed("-0.7664")
    assert correlation_from_p(-0.07, 30) == printed("-0.3354")
    assert correlation_from_p(-0.07, 30, predictors=5) == printed("-0.3610")


def test_worked_figure_of_a_change():
    from evenhand.effects.recovered_sd import t_from_p

    d = d_of_change_from_t(-t_from_p(0.018, 49), 50)
    assert d * small_sample_correction(np.array(49.0)) == printed("-0.3408")


def test_t_f_and_biserial_lead_to_one_d():
    g, vi = MEASURES["SMD"].estimate(*MEANS)
    uncorrected, _ = MEASURES["SMD"].estimate(*MEANS, correct=False)
    t = uncorrected / np.sqrt(1 / N_T + 1 / N_C)
    r, _ = MEASURES["RPB"].estimate(*MEANS)
    for d in (d_from_t(t, N_T, N_C), d_from_f(t**2, N_T, N_C, sign=-1), d_from_point_biserial(r, N_T, N_C)):
        np.testing.assert_allclose(smd_from_d(d, N_T, N_C), (g, vi), rtol=1e-12)


def test_t_leads_to_the_partial_correlation():
    t, n, predictors = (np.array([figure]) for figure in (2.1, 40.0, 3.0))
    assert correlation_from_t(t, n, predictors) == pytest.approx(MEASURES["PCOR"].estimate(t, n, predictors)[0])


def test_explained_share_from_f_and_from_its_p():
    from scipy.special import fdtrc

    f, n, predictors = 4.0, 40.0, 3.0
    assert r2_from_f(f, n, predictors) == pytest.approx(12 / (12 + 36))
    assert r2_from_p(fdtrc(predictors, n - predictors - 1, f), n, predictors) == pytest.approx(0.25)


def test_options_are_those_of_the_measure():
    assert smd_from_d(0.5, 20, 20, correct=False)[0][0] == 0.5
    with pytest.raises(ValueError, match="write"):
        smd_from_d(0.5, 20, 20, vtype="XX")

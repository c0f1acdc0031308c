"""Hackshaw, Law & Wald (1997), Br. Med. J. 315, 980-988: lung cancer and a spouse's smoking, and what became of it.

Copas & Shi (2000), Br. Med. J. 320, 417-418, and Takagi et al. (2006), Lung Cancer 51, 245-246, looked for studies
never published.
"""

import math

import numpy as np
import pytest

from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.reporting_bias.copas import copas_sensitivity
from evenhand.synthesis.reporting_bias.selection_model import selection_model
from evenhand.synthesis.reporting_bias.trim_fill import trim_and_fill
from tests.printed import printed

# Odds ratio and its 95 % limits of 37 studies.
STUDIES = np.array(
    [(1.18, 0.90, 1.54), (1.45, 1.02, 2.08), (2.02, 0.48, 8.56), (1.20, 0.80, 1.60), (0.75, 0.43, 1.30),
     (2.07, 0.81, 5.25), (2.13, 1.19, 3.83), (0.80, 0.34, 1.90), (0.79, 0.25, 2.45), (2.01, 1.09, 3.72),
     (1.23, 0.81, 1.87), (1.20, 0.50, 3.30), (1.52, 0.87, 2.63), (1.03, 0.41, 2.55), (1.55, 0.90, 2.67),
     (1.03, 0.61, 1.74), (2.34, 0.81, 6.75), (1.65, 1.16, 2.35), (1.19, 0.82, 1.73), (1.52, 0.39, 5.96),
     (2.16, 1.08, 4.29), (1.08, 0.64, 1.82), (2.55, 0.74, 8.78), (1.62, 0.90, 2.91), (1.06, 0.74, 1.52),
     (0.79, 0.62, 1.02), (0.74, 0.32, 1.69), (2.27, 0.75, 6.82), (0.97, 0.78, 1.21), (1.60, 0.80, 3.00),
     (1.19, 0.66, 2.13), (1.66, 0.73, 3.78), (1.26, 1.04, 1.54), (1.10, 0.62, 1.96), (1.66, 1.12, 2.45),
     (1.16, 0.80, 1.69), (1.11, 0.67, 1.84)],
)  # fmt: skip
YI = np.log(STUDIES[:, 0])
VI = (np.log(STUDIES[:, 2] / STUDIES[:, 1]) / (2 * 1.959964)) ** 2


def test_excess_risk():
    """Hackshaw et al.: 24 %, 13 % to 36 %."""
    fit = meta_analysis(YI, VI, method="DL", test="z")
    assert [100 * math.expm1(x) for x in (fit.estimate, fit.ci_lower, fit.ci_upper)] == [
        printed("24"),
        printed("13"),
        printed("36"),
    ]


def test_trim_and_fill():
    """Takagi et al.: seven studies put in, relative risk 1.19, 1.08 to 1.31, p = 0.0004."""
    found = trim_and_fill(YI, VI, method="DL", test="z")
    assert (found.k0, found.side, found.pooled.k) == (7, "left", 44)
    ratios = [math.exp(x) for x in (found.pooled.estimate, found.pooled.ci_lower, found.pooled.ci_upper)]
    assert ratios == [printed("1.19"), printed("1.08"), printed("1.31")]
    assert found.pooled.p_value == printed("0.0004")


def test_selection_by_size_and_result():
    """Copas & Shi: were the 37 studies 60 % of all, the excess risk would be 15 %."""
    fits = copas_sensitivity(YI, VI).fits
    unseen = [fit.unpublished for fit in fits]
    estimate = np.interp(37 / 0.60 - 37, unseen, [fit.estimate for fit in fits])
    assert 100 * math.expm1(estimate) == printed("15")


def test_step_function():
    """As in the metafor project's tests: weights of p to 0.05, 0.10, 0.50 and 1 (Vevea & Hedges 1995)."""
    found = selection_model(YI, VI, kind="stepfun", steps=[0.05, 0.10, 0.50, 1.00])
    assert found.studies_in_interval == (7, 8, 16, 6)
    assert list(found.delta) == [1, printed("2.4221"), printed("0.9775"), printed("0.3967")]
    assert list(found.se_delta[1:]) == [printed("1.661"), printed("0.820"), printed("0.469")]
    assert found.lrt == printed("7.0661")
    assert found.lrt_df == 3
    assert found.tau2 == printed("0.0307")


def test_truncated_distribution():
    """As in the metafor project's tests: results against the expected direction seen less often."""
    found = selection_model(YI, VI, kind="trunc")
    assert found.delta[-1] == printed("0.3818")
    assert found.se_delta[-1] == printed("0.224")
    assert found.lrt == printed("3.0545")
    assert found.tau2 == printed("0.0268")


@pytest.mark.parametrize("estimator", ["L0", "R0", "Q0"])
def test_no_study_is_missing_on_the_other_side(estimator):
    """The funnel is thin on its left only, where Takagi et al. put studies in."""
    assert trim_and_fill(YI, VI, method="DL", test="z", side="right", estimator=estimator).k0 == 0

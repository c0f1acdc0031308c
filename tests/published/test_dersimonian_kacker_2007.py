"""DerSimonian & Kacker (2007), Contemp. Clin. Trials 28, 105-114: aspirin in pregnancy, six trials (CLASP 1994).

These places are those of the metafor project's page of the example, which compares them with tables 3 and 4.
"""

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.synthesis.pairwise import meta_analysis
from tests.printed import printed

# Pre-eclampsia and women: aspirin, control.
TRIALS = np.array(
    [(5, 156, 8, 74), (5, 303, 17, 303), (12, 565, 9, 477), (69, 1570, 94, 1565), (9, 103, 11, 105),
     (313, 4659, 352, 4650)], dtype=float,
)  # fmt: skip
YI, VI = MEASURES["OR"].estimate(*TRIALS.T)


def two_step(first: str) -> float:
    """The generalised moment estimator with the weights that a first estimate gives."""
    weights = 1 / (VI + meta_analysis(YI, VI, method=first).tau2)
    return meta_analysis(YI, VI, method="GENQ", weights=weights).tau2


@pytest.mark.parametrize(
    ("method", "tau", "log_odds_ratio", "se"),
    [  # pp. 111-112
        ("PM", "0.3681", "-0.3811", "0.2060"),
        ("HE", "0.4410", "-0.4035", "0.2327"),  # 'Cochran ANOVA', CA
        ("DL", "0.2323", "-0.3240", "0.1540"),
    ],
)
def test_one_step_estimators(method, tau, log_odds_ratio, se):
    pooled = meta_analysis(YI, VI, method=method, test="z")
    assert pooled.tau2**0.5 == printed(tau)
    assert pooled.estimate == printed(log_odds_ratio)
    assert pooled.se == printed(se)


@pytest.mark.parametrize(
    ("first", "tau", "log_odds_ratio", "se"),
    [("HE", "0.3831", "-0.3861", "0.2115"), ("DL", "0.3254", "-0.3655", "0.1901")],  # CA2 and DL2
)
def test_two_step_estimators(first, tau, log_odds_ratio, se):
    pooled = meta_analysis(YI, VI, tau2=two_step(first), test="z")
    assert pooled.tau2**0.5 == printed(tau)
    assert pooled.estimate == printed(log_odds_ratio)
    assert pooled.se == printed(se)


@pytest.mark.parametrize(
    ("method", "tau", "log_odds_ratio", "se"),
    [
        # Not the paper's, but added to its table by that page.
        ("EB", "0.3681", "-0.3811", "0.2060"),
        ("REML", "0.1843", "-0.2980", "0.1343"),
        ("HS", "0.1330", "-0.2666", "0.1125"),
        ("SJ", "0.4572", "-0.4079", "0.2386"),
    ],
)
def test_later_estimators(method, tau, log_odds_ratio, se):
    pooled = meta_analysis(YI, VI, method=method, test="z")
    assert pooled.tau2**0.5 == printed(tau)
    assert pooled.estimate == printed(log_odds_ratio)
    assert pooled.se == printed(se)


def test_more_steps_end_at_paule_mandel():
    """Each further step comes nearer to the Paule–Mandel estimate."""
    target, tau2 = meta_analysis(YI, VI, method="PM").tau2, meta_analysis(YI, VI, method="DL").tau2
    away = [abs(tau2 - target)]
    for _ in range(40):
        tau2 = meta_analysis(YI, VI, method="GENQ", weights=1 / (VI + tau2)).tau2
        away.append(abs(tau2 - target))
    assert away[1] < away[0] and away[2] < away[1]
    assert away[-1] < 1e-9

"""Morris (2008), Organizational Research Methods 11, 364-386: five studies with pretests and control groups (table 5).

The paper's correction is approximate; these places are those of the metafor project's page of the example.
"""

import numpy as np

from evenhand.effects import MEASURES
from tests.printed import printed

R = (0.47, 0.64, 0.77, 0.89, 0.44)
TREATED = {
    "mean_after": (38.5, 26.8, 0.7, 75.9, 36.0),
    "sd_after": (11.6, 4.1, 0.1, 4.4, 4.6),
    "mean_before": (30.6, 23.5, 0.5, 53.4, 35.6),
    "sd_before": (15.0, 3.1, 0.1, 14.5, 4.7),
    "n": (20, 50, 9, 10, 14),
    "r": R,
}
CONTROL = {
    "mean_after": (19.7, 25.3, 0.6, 60.7, 33.4),
    "sd_after": (14.8, 3.3, 0.2, 17.9, 6.9),
    "mean_before": (23.1, 24.9, 0.6, 55.7, 34.8),
    "sd_before": (13.8, 4.1, 0.2, 17.3, 3.1),
    "n": (20, 42, 9, 11, 14),
    "r": R,
}
ARGUMENTS = ("mean_after", "mean_before", "sd_before", "n")


def test_difference_of_two_standardised_changes():
    treated, control = (
        MEASURES["SMCR"].estimate(**{name: np.array(column, dtype=float) for name, column in arm.items()})[0]
        for arm in (TREATED, CONTROL)
    )
    assert list(treated - control) == [printed(text) for text in ["0.7421", "0.9524", "1.8054", "1.1514", "0.5050"]]


def test_difference_of_two_changes_over_the_pooled_pretest_spread():
    """The paper's d_ppc2: the changes as means of a standardised difference."""
    figures = []
    for arm in (TREATED, CONTROL):
        after, before, sd, n = (np.array(arm[name], dtype=float) for name in ARGUMENTS)
        figures += [after - before, sd, n]
    yi, _ = MEASURES["SMD"].estimate(*figures)
    assert list(yi) == [printed(text) for text in ["0.7684", "0.8010", "1.2045", "1.0476", "0.4389"]]

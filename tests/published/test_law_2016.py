"""Law, Jackson, Turner, Rhodes & Viechtbauer (2016), BMC Med. Res. Methodol. 16, 87: networks whose designs disagree.

The decimals from the fourth on are those of the metafor project's tests of the example, whose search for limits ends at
three. Effects of a study, or of the studies of one design, are correlated by a half, as differences from one arm are.
"""

import math
from itertools import combinations

import numpy as np
import pytest

from evenhand.synthesis.dependent.multilevel_model import multilevel
from evenhand.synthesis.dependent.profile_intervals import profile_interval
from evenhand.synthesis.dependent.random_effect_estimates import predict_multilevel, predicted_random_effects
from evenhand.synthesis.dependent.random_effects import Correlated
from tests.printed import printed

# Study, log odds ratio, from, to, design; the variance.
FIRST = [
    (1, -0.16561092, "CD", "CD", 0.0294183340466069), (2, -0.13597406, "CD", "CD", 0.147112449467866),
    (3, -0.08012604, "CE", "CE", 0.0780588660166125), (4, -0.14746890, "CF", "CF", 0.140361934247383),
    (5, 0.09316853, "EF", "EF", 0.0479709251030665), (6, -0.15859403, "EF", "EF", 0.0506583523716436),
    (7, -0.22314355, "EF", "EF", 0.235695187165775), (8, -0.06744128, "FG", "FG", 2.04499494438827),
    (9, -0.11888254, "CH", "CH", 0.17968120987923), (10, -0.06899287, "CH", "CH", 0.735714285714286),
    (11, 0.26917860, "BC", "BC", 0.184889643463497), (12, -0.33160986, "AB", "AB", 0.0294022652280727),
    (13, -0.26236426, "AB", "AB", 0.232478632478632), (14, -0.39319502, "FG", "FG", 0.857874134296899),
    (15, -0.11557703, "AB", "AB", 0.0219285638496459), (16, 0.0, "EF", "EF", 0.168131868131868),
    (17, -0.40987456, "AE", "AE", 0.0826973577700322),
]  # fmt: skip
SECOND = [
    (1, -3.61988658, "AB", "AB", 0.9672619), (2, 0.0, "BC", "BC", 0.4), (3, 0.19342045, "BC", "BC", 0.24987648),
    (4, 2.79320801, "BC", "BC", 0.61904762), (5, 0.24512246, "BC", "BC", 0.27958937),
    (6, 0.03748309, "BC", "BC", 0.23845689), (7, 0.86020127, "BD", "BD", 0.04321419),
    (8, 0.14310084, "BD", "BD", 0.47692308), (9, 0.07598591, "CD", "CD", 0.18416468),
    (10, -0.99039870, "CD", "CD", 0.61978022), (11, -1.74085310, "AB", "ABD", 0.12650164),
    (11, 0.34830670, "AD", "ABD", 0.1583906), (12, 0.40546510, "BC", "BCD", 0.389881),
    (12, 1.91692260, "BD", "BCD", 0.5151261), (13, -0.32850410, "BC", "BCD", 0.4361111),
    (13, 1.07329450, "BD", "BCD", 0.5380342),
]  # fmt: skip
COVARIANCES = {11: 0.07397504, 12: 0.2857143, 13: 0.2111111}  # between the two effects of a study of three arms
WITHIN_STUDIES = Correlated(inner=("contrast",), outer="study", rho=0.5)
BETWEEN_DESIGNS = Correlated(inner=("contrast",), outer="design", rho=0.5)


def network(rows, *random):
    study, yi, contrast, design, vi = zip(*rows, strict=True)
    treatments = sorted(set("".join(contrast)))
    X = np.array([[(to == name) - (start == name) for name in treatments[1:]] for start, to in contrast], dtype=float)
    V = np.diag(vi)
    for i, j in combinations(range(len(rows)), 2):
        if study[i] == study[j]:
            V[i, j] = V[j, i] = COVARIANCES[study[i]]
    data = {"study": study, "contrast": contrast, "design": design}
    return multilevel(yi, V, X, random=random, data=data)


def limits(fit, component):
    found = profile_interval(fit, component)
    return found.ci_lower, found.ci_upper


def test_first_network():
    """Both variances are 0."""
    fit = network(FIRST, WITHIN_STUDIES, BETWEEN_DESIGNS)
    table = ("-0.2243", "-0.1667", "-0.3274", "-0.3152", "-0.3520", "-0.6489", "-0.2758")
    assert list(fit.beta) == [printed(text) for text in table]
    assert list(fit.tau2) == [printed("0.0000"), printed("0.0000")]
    assert limits(fit, 0) == (0, printed("0.071"))
    assert limits(fit, 2) == (0, printed("0.615"))
    odds_ratio = predict_multilevel(fit, [[1, 0, 0, 0, 0, 0, 0]])
    assert math.exp(odds_ratio.estimate[0]) == printed("0.7991")
    assert math.exp(odds_ratio.ci_lower[0]) == printed("0.6477")
    assert math.exp(odds_ratio.ci_upper[0]) == printed("0.9859")


def test_first_network_taken_to_agree():
    fit = network(FIRST, WITHIN_STUDIES)
    assert fit.tau2[0] == printed("0.0000")
    assert limits(fit, 0) == (0, printed("0.071"))


def test_second_network_taken_to_agree():
    fit = network(SECOND, WITHIN_STUDIES)
    assert fit.tau2[0] == printed("0.5482")
    assert list(fit.beta) == [printed("-1.8847"), printed("-1.3366"), printed("-0.7402")]
    assert limits(fit, 0) == (printed("0.0788"), printed("2.0156"))


@pytest.fixture(scope="module")
def second():
    return network(SECOND, WITHIN_STUDIES, BETWEEN_DESIGNS)


def test_second_network(second):
    assert list(second.tau2) == [printed("0.1036"), printed("0.5391")]
    assert list(second.beta) == [printed("-1.9735"), printed("-1.3957"), printed("-0.6572")]
    assert limits(second, 0) == (0, printed("1.6661"))
    assert limits(second, 2) == (0, printed("3.9602"))


def test_second_network_predicts(second):
    """The odds ratio of B against A, and that of a new study of a new design."""
    found = predict_multilevel(second, [[1, 0, 0]])
    assert math.exp(found.estimate[0]) == printed("0.1390")
    assert math.exp(found.ci_lower[0]) == printed("0.0369")
    assert math.exp(found.ci_upper[0]) == printed("0.5230")
    assert math.exp(found.pi_lower[0]) == printed("0.0178")
    assert math.exp(found.pi_upper[0]) == printed("1.0856")


def test_second_network_inconsistencies(second):
    """Each design's own departure, for each of its effects."""
    found = predicted_random_effects(second, 1)
    assert [level for _, level in found.labels] == ["AB", "AB", "AD", "BC", "BC", "BD", "BD", "CD"]
    departures = "-0.551270 0.151875 0.675030 -0.118921 -0.383243 0.103682 -0.493494 -0.699033"
    errors = "0.640179 0.619014 0.642216 0.517740 0.542670 0.530079 0.486137 0.540311"
    assert list(found.estimate) == [printed(text) for text in departures.split()]
    assert list(found.se) == [printed(text) for text in errors.split()]

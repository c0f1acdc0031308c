"""Profile likelihood intervals of variance components against the reference file, and against a fine grid."""

import math

import numpy as np
import pytest

from evenhand.synthesis.dependent.multilevel_model import multilevel
from evenhand.synthesis.dependent.profile_intervals import profile_interval
from tests.conftest import golden
from tests.synthesis.dependent.reference_cases import fitted

CASES = [case for case in golden("multilevel.json") if "confint_profile" in case["expected"]]
# The reference's free 2 × 2 covariance is the same model as its HCS, whose interval of rho begins at -0.5996; its
# search stopped early here. Ours begins there in both, and the grid below says who is right.
STOPPED_EARLY = ("multilevel/berkey1998/UN/REML", "rho")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_intervals(case):
    fit = fitted(case)
    assert len(case["expected"]["confint_profile"]) == len(fit.components)
    for place, expected in enumerate(case["expected"]["confint_profile"]):
        found = profile_interval(fit, place)
        assert found.estimate == pytest.approx(expected["est"], rel=1e-5)
        if expected["lb"] is None:  # the reference could not say
            assert math.isfinite(found.ci_lower)
            assert math.isfinite(found.ci_upper)
            continue
        assert found.ci_upper == pytest.approx(expected["ub"], rel=1e-6)
        if (case["id"], expected["param"]) == STOPPED_EARLY:
            assert found.ci_lower == pytest.approx(-0.5996181814526753, rel=1e-6)
        else:
            assert found.ci_lower == pytest.approx(expected["lb"], rel=1e-6)


def test_where_the_reference_stopped_early():
    """A grid over both variances, at correlations on either side of the two lower ends."""
    fit = fitted(next(case for case in CASES if "berkey1998/HCS" in case["id"]))
    likelihood, rho = fit.solution.likelihood, fit.solution.problem.terms[0].table.parameters[2]
    roots = np.linspace(0, 0.6, 61)

    def fall(value):
        x = rho.unconstrained(value)
        best = max(likelihood.at(np.array([a, b, x])).log_likelihood for a in roots for b in roots)
        return 2 * (fit.fit.log_likelihood - best)

    assert fall(-0.466) < 3.841458820694124 - 0.5  # inside, though the reference's interval ends here
    assert fall(-0.61) > 3.841458820694124


def test_ends_of_the_range():
    alike = multilevel(
        [0.3] * 8, [0.1] * 8, random="~ 1 | a/b", data={"a": np.repeat(range(4), 2), "b": range(8)}
    )  # fmt: skip
    for place in range(2):
        found = profile_interval(alike, place)
        assert (found.estimate, found.ci_lower) == (0.0, 0.0)
        assert 0 < found.ci_upper < math.inf


def test_an_interval_of_a_level_covers_what_its_likelihood_says():
    rng = np.random.default_rng(7)
    data = {"a": np.repeat(range(8), 3), "b": range(24)}
    fit = multilevel(rng.normal(0, 0.6, 24), rng.uniform(0.05, 0.2, 24), random="~ 1 | b", data=data)
    found = profile_interval(fit, 0, level=0.9)
    for end in (found.ci_lower, found.ci_upper):
        drop = fit.fit.log_likelihood - fit.solution.likelihood.at(np.array([math.sqrt(end)])).log_likelihood
        assert 2 * drop == pytest.approx(2.705543454095404, rel=1e-8)


def test_what_is_fixed_or_unknown_has_none():
    one = multilevel([0.3], [0.1], random="~ 1 | a", data={"a": [1]})
    assert math.isnan(profile_interval(one, 0).ci_lower)
    with pytest.raises(ValueError, match="component 1: there are 1"):
        profile_interval(one, 1)
    with pytest.raises(ValueError, match="level = 2"):
        profile_interval(one, 0, level=2)

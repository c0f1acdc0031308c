"""Ten thousand meta-analyses in one call are ten thousand meta-analyses."""

import numpy as np
import pytest

from evenhand.synthesis.batch import meta_analyses
from evenhand.synthesis.linear_fit import TESTS
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.tau2.estimators import ESTIMATORS

METHODS = [name for name, estimator in ESTIMATORS.items() if not estimator.needs_weights]
FIELDS = (
    "k", "estimate", "se", "ci_lower", "ci_upper", "statistic", "p_value", "tau2", "i2", "h2", "q", "q_p_value",
    "pi_lower", "pi_upper", "tau2_estimable",
)  # fmt: skip


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("method", METHODS)
def test_each_group_is_its_own_meta_analysis(method, test):
    rng = np.random.default_rng(21)
    groups = rng.integers(0, 25, 160) ** 2 // 25  # from one study to many
    vi = rng.uniform(0.01, 0.5, 160)
    yi = rng.normal(0.3, np.sqrt(vi + 0.1))
    found = meta_analyses(yi, vi, groups, method=method, test=test)
    assert list(found.groups) == list(dict.fromkeys(groups.tolist()))
    assert {1, found.k.max()} <= set(found.k.tolist())
    assert found.k.max() > 15
    for row, group in enumerate(found.groups):
        alone = meta_analysis(yi[groups == group], vi[groups == group], method=method, test=test)
        for name in FIELDS:
            assert getattr(found, name)[row] == pytest.approx(getattr(alone, name), rel=1e-8, abs=1e-12), (group, name)
        assert alone.df == found.df[row] if alone.df else np.isnan(found.df[row])


def test_groups_may_be_any_hashable():
    found = meta_analyses([0.1, 0.2, 0.3, 0.4], [0.1] * 4, ["b", ("a", 1), "b", 7])
    assert found.groups == ("b", ("a", 1), 7)
    assert found.k.tolist() == [2, 1, 1]
    assert found.tau2_estimable.tolist() == [True, False, False]
    frame = found.to_frame()
    assert frame.shape == (3, 16)
    assert list(frame.index) == ["b", ("a", 1), 7]
    assert frame["estimate"].tolist() == pytest.approx([0.2, 0.2, 0.4])


@pytest.mark.parametrize(
    ("y", "v", "groups", "says"),
    [
        ([0.1, np.nan], [0.1, 0.1], ["a", "b"], r"y\[1\] = nan \(group 'b'\)"),
        ([0.1, 0.2], [0.0, np.inf], ["a", "b"], r"v\[0\] = 0.0 \(group 'a'\), v\[1\] = inf \(group 'b'\)"),
        ([0.1] * 12, [-1.0] * 12, ["a"] * 12, "and 4 more"),
        ([0.1, 0.2], [0.1, 0.2], ["a"], "2 effects .* 1 groups"),
        ([], [], [], "no row"),
        ([0.1, 0.2], [0.1, 0.2], ["a", None], r"groups\[1\] = None"),
        ([0.1, 0.2], [0.1, 0.2], [float("nan"), "a"], r"groups\[0\] = nan"),
        ([0.1, 0.2], [0.1, 0.2], ["a", ["b"]], r"groups\[1\] = \['b'\]"),
    ],
)
def test_what_cannot_be_pooled_is_named(y, v, groups, says):
    with pytest.raises(ValueError, match=says):
        meta_analyses(y, v, groups)

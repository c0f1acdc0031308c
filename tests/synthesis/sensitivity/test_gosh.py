"""Fits to subsets: every one there, each what a refit gives, none that fails."""

import numpy as np
import pytest

from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.sensitivity.gosh import gosh
from tests.conftest import golden

BCG = next(case["data"] for case in golden("bias.json") if case["id"] == "bias/influence/bcg/RR/REML")


def test_every_subset_of_the_bcg_trials():
    yi, vi = np.array(BCG["yi"]), np.array(BCG["vi"])
    cloud = gosh(yi, vi)
    assert (len(cloud), cloud.every) == (8191, True)
    has = np.column_stack([cloud.includes(study) for study in range(13)])
    assert np.unique(has, axis=0).shape == (8191, 13)
    assert (has.sum(axis=1) == cloud.k).all()
    assert np.isfinite(cloud.tau2).all()
    assert np.isfinite(cloud.estimate).all()
    for subset in np.random.default_rng(1).choice(8191, 60, replace=False):
        alone = meta_analysis(yi[has[subset]], vi[has[subset]], test="z")
        ours = (cloud.estimate[subset], cloud.tau2[subset], cloud.q[subset], cloud.i2[subset], cloud.h2[subset])
        theirs = (alone.estimate, alone.tau2, alone.q, alone.i2, alone.h2)
        assert ours == pytest.approx(theirs, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("method", ["EE", "DL", "PM", "ML", "SJ"])
def test_other_methods(method):
    yi, vi = BCG["yi"][:5], BCG["vi"][:5]
    cloud = gosh(yi, vi, method=method)
    assert len(cloud) == 31
    whole = meta_analysis(yi, vi, method=method, test="z")
    assert cloud.k[-1] == 5
    assert (cloud.estimate[-1], cloud.tau2[-1]) == pytest.approx((whole.estimate, whole.tau2), rel=1e-9)


def test_one_study_is_one_subset():
    cloud = gosh([0.3], [0.1])
    assert (cloud.estimate.tolist(), cloud.tau2.tolist(), cloud.k.tolist()) == ([0.3], [0.0], [1])


def test_many_studies_are_sampled():
    rng = np.random.default_rng(4)
    vi = rng.uniform(0.02, 0.4, 70)
    yi = rng.normal(0.4, np.sqrt(vi + 0.15))
    cloud = gosh(yi, vi, most=5000, rng=np.random.default_rng(9))
    again = gosh(yi, vi, most=5000, rng=np.random.default_rng(9))
    assert (len(cloud), cloud.every) == (5000, False)
    assert cloud.estimate.tolist() == again.estimate.tolist()
    # Each study is in with a chance of one half: 70 proportions of 5,000, five standard errors wide.
    share = [cloud.includes(study).mean() for study in range(70)]
    assert share == pytest.approx([0.5] * 70, abs=5 * 0.5 / np.sqrt(5000))


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(ValueError, match=r"30 studies have 2\^30 − 1 subsets.*give an `rng`"):
        gosh([0.1] * 30, [0.1] * 30)
    with pytest.raises(ValueError, match="most = 0"):
        gosh([0.1], [0.1], most=0)
    with pytest.raises(ValueError, match="study 3: there are 0 to 1"):
        gosh([0.1, 0.2], [0.1, 0.1]).includes(3)

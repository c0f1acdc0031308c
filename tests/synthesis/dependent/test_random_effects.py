"""The short text form of random effects, and records that cannot be."""

import numpy as np
import pytest

from evenhand.synthesis.dependent.random_effects import (
    Correlated,
    RandomIntercepts,
    RandomSlopes,
    RelatedIntercepts,
    parse_random_effects,
)


@pytest.mark.parametrize(
    ("text", "structure", "record"),
    [
        ("~ 1 | study", "CS", RandomIntercepts(levels=("study",))),
        ("~1|district/school", "CS", RandomIntercepts(levels=("district", "school"))),
        ("~ outcome | trial", "UN", Correlated(inner=("outcome",), outer="trial", structure="UN")),
        ("~ x + y | region", "SPEXP", Correlated(inner=("x", "y"), outer="region", structure="SPEXP")),
        ("~ dose | trial", "GEN", RandomSlopes(covariates=("1", "dose"), outer="trial")),
        ("~ 1 + dose | trial", "GDIAG", RandomSlopes(covariates=("1", "dose"), outer="trial", structure="GDIAG")),
        ("~ 0 + dose | trial", "GEN", RandomSlopes(covariates=("dose",), outer="trial")),
    ],
)
def test_what_a_text_stands_for(text, structure, record):
    assert parse_random_effects(text, structure=structure) == record


@pytest.mark.parametrize("text", ["1 | a", "~ 1", "~ | a", "~ 1 |", "~ 1 | a | b", "~ 1 | a//b", "~ o | a/b", ""])
def test_what_is_no_random_effect(text):
    with pytest.raises(ValueError, match=r"random effects|takes one outer column"):
        parse_random_effects(text)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: RandomIntercepts(levels=()), "at least one column"),
        (lambda: RandomIntercepts(levels=("a",), sigma2=(0.1, 0.2)), "2 values of sigma2 but 1 levels"),
        (lambda: RandomIntercepts(levels=("a",), sigma2=(-0.1,)), "sigma2 = -0.1"),
        (lambda: Correlated(inner=("o",), outer="a", structure="Q"), "structure 'Q'"),
        (lambda: Correlated(inner=("o",), outer="a", rho=1.4), "rho = 1.4"),
        (lambda: Correlated(inner=("o",), outer="a", structure="UN", rho=0.4), "'HCS' to fix one rho"),
        (lambda: Correlated(inner=("o",), outer="a", structure="DIAG", rho=0.4), "no rho to fix"),
        (lambda: RandomSlopes(covariates=("1",), outer="a", structure="UN"), "there are GEN, GDIAG"),
        (lambda: RelatedIntercepts(level="s", labels=("a",), correlation=np.eye(2)), r"shape \(2, 2\) but 1 labels"),
    ],
)
def test_records_that_cannot_be(make, says):
    with pytest.raises(ValueError, match=says):
        make()

"""Comparison of models: against the reference's log likelihoods, and against every model fitted by itself."""

import itertools

import numpy as np
import pytest
from scipy.stats import chi2

from evenhand.synthesis.regression.mixed_effects import meta_regression
from evenhand.synthesis.regression.model_comparison import all_subsets, likelihood_ratio_test
from tests.conftest import golden

CASES = {case["id"]: case for case in golden("metareg.json") if case["task"] == "metareg"}
WRITING = CASES["metareg/bangertdrowns2004/~wic+feedback+info+pers+imag+meta/ML"]["data"]
BCG = CASES["metareg/bcg/RR/~factor(alloc)+year+ablat/ML"]["data"]
YI, VI = BCG["yi"], BCG["vi"]


def bcg(formula, method="ML", **options):
    return meta_regression(YI, VI, formula, BCG, method=method, test="z", **options)


def test_likelihood_ratio_of_reference_fits():
    logs = [
        CASES[f"metareg/bcg/RR/{formula}/ML"]["expected"]["fit_stats"]["logLik"]
        for formula in ("~factor(alloc)+year+ablat", "~ablat")
    ]
    found = likelihood_ratio_test(bcg("~ factor(alloc) + year + ablat"), bcg("~ ablat"))
    assert found.statistic == pytest.approx(2 * (logs[0] - logs[1]), rel=1e-6)
    assert found.df == 3
    assert found.p_value == pytest.approx(chi2.sf(found.statistic, 3), rel=1e-12)


def test_heterogeneity_can_be_tested_too():
    found = likelihood_ratio_test(bcg("~ ablat"), bcg("~ ablat", "EE"))
    assert found.df == 1
    assert found.statistic > 0


@pytest.mark.parametrize(
    ("fuller", "simpler", "says"),
    [
        (lambda: bcg("~ ablat", "REML"), lambda: bcg("~ 1", "REML"), "restricted likelihoods .* method='ML'"),
        (lambda: bcg("~ ablat", "DL"), lambda: bcg("~ 1", "DL"), "method 'DL' maximises no likelihood"),
        (lambda: bcg("~ ablat"), lambda: bcg("~ year"), "not within the fuller one"),
        (lambda: bcg("~ 1"), lambda: bcg("~ 1"), "no more parameters"),
        (
            lambda: bcg("~ ablat"),
            lambda: meta_regression(YI[1:], VI[1:], method="ML"),
            r"different studies \(13 and 12\)",
        ),
    ],
)
def test_models_that_cannot_be_compared(fuller, simpler, says):
    with pytest.raises(ValueError, match=says):
        likelihood_ratio_test(fuller(), simpler())


@pytest.mark.parametrize("criterion", ["aicc", "aic", "bic"])
def test_every_subset_is_fitted_and_ranked(criterion):
    candidates = ["wic", "feedback", "info", "pers", "imag", "meta"]
    found = all_subsets(WRITING["yi"], WRITING["vi"], candidates, WRITING, criterion=criterion)
    alone = {}
    for size in range(7):
        for chosen in itertools.combinations(candidates, size):
            fit = meta_regression(
                WRITING["yi"], WRITING["vi"], "~ " + (" + ".join(chosen) or "1"), WRITING, method="ML", test="z"
            )
            alone[chosen] = getattr(fit.fit.fit, criterion)
    assert len(found.models) == 64
    assert [getattr(model.fit, criterion) for model in found.models] == pytest.approx(sorted(alone.values()), rel=1e-12)
    for model in found.models:
        assert getattr(model.fit, criterion) == pytest.approx(alone[model.terms], rel=1e-12)
    weights = np.exp(-0.5 * (np.array(list(alone.values())) - min(alone.values())))
    assert [model.weight for model in found.models] == pytest.approx(sorted(weights / weights.sum())[::-1], rel=1e-9)
    importance = {average.name: average.importance for average in found.averages}
    with_imag = sum(model.weight for model in found.models if "imag" in model.terms)
    assert importance["imag"] == pytest.approx(with_imag, rel=1e-12)
    assert importance["intercept"] == 1
    assert found.to_frame().shape[0] == 64


def test_one_model_is_its_own_average():
    found = all_subsets(YI, VI, ["year"], BCG, always=["ablat"])
    both, one = bcg("~ ablat + year"), bcg("~ ablat")
    weights = {model.terms: model.weight for model in found.models}
    mean = weights["ablat", "year"] * both.fit.beta[1] + weights[("ablat",)] * one.fit.beta[1]
    ablat = next(average for average in found.averages if average.name == "ablat")
    assert ablat.estimate == pytest.approx(mean, rel=1e-12)
    assert ablat.importance == pytest.approx(1, abs=1e-15)
    assert ablat.ci_lower < ablat.estimate < ablat.ci_upper


def test_all_models_have_the_same_studies():
    data = {"ablat": BCG["ablat"], "year": [None, *BCG["year"][1:]]}
    found = all_subsets(YI, VI, ["ablat", "year"], data)
    assert (found.k, found.left_out) == (12, ((0, "year"),))


@pytest.mark.parametrize(
    ("candidates", "options", "says"),
    [
        ([], {}, "0 candidates"),
        (["ablat + year"], {}, "'ablat . year' is 2 terms"),
        (["ablat"], {"method": "REML"}, "method 'REML'"),
        (["ablat"], {"criterion": "dic"}, "criterion 'dic'"),
        (["ablat", "I(2 * ablat)"], {}, "follow from the columns before them"),
    ],
)
def test_what_cannot_be_selected_is_said(candidates, options, says):
    with pytest.raises(ValueError, match=says):
        all_subsets(YI, VI, candidates, BCG, **options)

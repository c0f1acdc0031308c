"""The multiverse: each row against the function it stands for, its scales by hand, its summary, its edges."""

import math
from itertools import pairwise

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.zero_cells import BY_ARM_SIZE, HALF_WHERE_ZERO
from evenhand.synthesis.counts.generalised_linear import mixed_model
from evenhand.synthesis.counts.mantel_haenszel_tables import mantel_haenszel
from evenhand.synthesis.counts.peto_method import peto
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.hypergeometric_posterior import hypergeometric_posterior
from evenhand.synthesis.posterior.prior_names import tau_prior
from evenhand.synthesis.posterior.priors import NormalPrior
from evenhand.synthesis.sensitivity.inverse_variance_ways import ESTIMATORS_TRIED
from evenhand.synthesis.sensitivity.multiverse import multiverse_of_counts, multiverse_of_effects, multiverse_of_means
from evenhand.synthesis.sensitivity.specification import Specification, choices_of
from tests.report.assessments import BCG

COUNTS = tuple(np.array(BCG, dtype=float).T)
SPARSE = tuple(np.array([(4, 23, 11, 39), (0, 30, 2, 31), (3, 23, 1, 22), (0, 10, 0, 12)], dtype=float).T)
NUMBERS = ("native_estimate", "native_ci_lower", "native_ci_upper")


def rows(found, **chosen):
    return [one for one in found.specifications if all(getattr(one, name) == value for name, value in chosen.items())]


def row(found, **chosen):
    (one,) = rows(found, **chosen)
    return one


def native(one):
    return [getattr(one, name) for name in NUMBERS]


@pytest.fixture(scope="module")
def of_bcg():
    flags = {"high risk of bias": [i in (2, 7) for i in range(13)]}
    return multiverse_of_counts(*COUNTS, flags=flags, leave_one_out="every model")


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
@pytest.mark.parametrize("model", ESTIMATORS_TRIED)
def test_inverse_variance_rows_are_the_meta_analyses_they_name(of_bcg, measure, model):
    yi, vi = MEASURES[measure].estimate(*COUNTS)
    display = MEASURES[measure].to_display
    sets = {"all": np.full(13, True), "without high risk of bias": ~np.isin(np.arange(13), [2, 7])}
    sets |= {f"without study {i + 1}": np.arange(13) != i for i in range(13)}
    found = rows(of_bcg, measure=measure, model=model)
    intervals = ("z",) if model == "EE" else ("z", "knha", "adhoc")
    assert {(one.study_set, one.interval) for one in found} == {(name, test) for name in sets for test in intervals}
    for one in found:
        kept = sets[one.study_set]
        alone = meta_analysis(yi[kept], vi[kept], method=model, test=one.interval)
        expected = [float(display(np.float64(x))) for x in (alone.estimate, alone.ci_lower, alone.ci_upper)]
        assert native(one) == pytest.approx(expected, rel=1e-7)
        assert one.tau2 == pytest.approx(alone.tau2, rel=1e-6, abs=1e-12)
        assert one.k == kept.sum()


@pytest.mark.parametrize("kept", ["all", "without high risk of bias"])
def test_rows_of_counts_are_the_methods_they_name(of_bcg, kept):
    used = np.full(13, True) if kept == "all" else ~np.isin(np.arange(13), [2, 7])
    arms = tuple(column[used] for column in COUNTS)
    for measure in ("OR", "RR", "RD"):
        fit = mantel_haenszel(*arms, measure=measure)
        expected = MEASURES[measure].to_display(np.array([fit.estimate, fit.ci_lower, fit.ci_upper]))
        assert native(row(of_bcg, measure=measure, model="MH", studies=kept)) == pytest.approx(expected, rel=1e-12)
    fits = {"Peto": peto(*arms), "CM.EL equal effects": mixed_model(*arms, method="EE")}
    if kept == "all":
        fits["CM.EL"] = mixed_model(*arms)
    for model, fit in fits.items():
        expected = np.exp([fit.estimate, fit.ci_lower, fit.ci_upper])
        assert native(row(of_bcg, model=model, studies=kept)) == pytest.approx(expected, rel=1e-6)


def test_posterior_rows_are_those_of_the_prior_they_print(of_bcg):
    yi, vi = MEASURES["OR"].estimate(*COUNTS)
    found = [one for one in rows(of_bcg, measure="OR", interval="credible") if one.studies == "all"]
    assert [one.prior for one in found] == [
        "half-normal(0.5)",
        "half-normal(1)",
        "half-Cauchy(0.5)",
        "log-normal(-1.28, 0.87)",
    ]
    for one in found:
        mu = exact_posterior(yi, vi, prior_mu=NormalPrior(0, 2.82), prior_tau=tau_prior(one.prior)).mu
        assert native(one) == pytest.approx([math.exp(mu.quantile(p)) for p in (0.5, 0.025, 0.975)], rel=1e-9)


def test_people_of_1000_by_hand(of_bcg):
    risk = of_bcg.baseline_risk
    assert risk == pytest.approx((COUNTS[2].sum() + 0.5) / (COUNTS[3].sum() + 1))
    for one in of_bcg.specifications:
        with_it = {
            "OR": lambda x: risk * x / (1 - risk + risk * x),
            "RR": lambda x: risk * x,
            "RD": lambda x: max(0.0, risk + x),
        }[one.measure]
        expected = [1000 * (with_it(x) - risk) for x in native(one)]
        assert [one.estimate, one.ci_lower, one.ci_upper] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_units_by_hand():
    figures = ([12.0, 10, 14], [4.0, 5, 3], [20, 30, 25], [10.0, 9, 11], [4.0, 4, 3], [21, 28, 25])
    found = multiverse_of_means(*figures)
    mean_t, sd_t, n_t, mean_c, sd_c, n_c = (np.array(column, dtype=float) for column in figures)
    sd = math.sqrt((((n_t - 1) * sd_t**2).sum() + ((n_c - 1) * sd_c**2).sum()) / (n_t + n_c - 2).sum())
    assert (found.scale, found.unit_sd) == ("unit", pytest.approx(sd))
    assert found.baseline_mean == pytest.approx((n_c * mean_c).sum() / n_c.sum())
    assert {one.measure for one in found.specifications} == {"MD", "SMD", "ROM"}
    for one in found.specifications:
        factor = {
            "MD": lambda x: x,
            "SMD": lambda x: sd * x,
            "ROM": lambda x: found.baseline_mean * (x - 1),
        }[one.measure]
        assert one.estimate == pytest.approx(factor(one.native_estimate), rel=1e-9)
    # One negative mean, and no ratio has a meaning.
    mean_t[0] = -1.0
    assert {one.measure for one in multiverse_of_means(mean_t, *figures[1:]).specifications} == {"MD", "SMD"}
    with pytest.raises(ValueError, match="'ROM'"):
        multiverse_of_means(mean_t, *figures[1:], measure="ROM")


def test_summary_counts_the_rows(of_bcg):
    there = [one for one in of_bcg.specifications if math.isfinite(one.estimate)]
    assert of_bcg.more + of_bcg.fewer == len(there) == len(of_bcg.estimated)
    assert of_bcg.fewer == sum(one.native_estimate < MEASURES[one.measure].to_display(0.0) for one in there)
    assert of_bcg.surely_fewer == sum(one.native_ci_upper < MEASURES[one.measure].to_display(0.0) for one in there)
    assert of_bcg.surely_more == 0
    assert (of_bcg.lowest, of_bcg.highest) == (min(o.estimate for o in there), max(o.estimate for o in there))


def test_no_set_of_studies_is_counted_twice():
    flags = {"high risk of bias": [True, False, False, False], "integrity findings": [True, False, False, False]}
    found = multiverse_of_counts(*SPARSE, flags=flags)
    # Study 1 is left out for its bias: neither as the one left out, nor for its findings, which are the same study's.
    assert {one.study_set for one in found.specifications} == {
        "all",
        "without high risk of bias",
        *(f"without study {i}" for i in (2, 3, 4)),
    }
    nobody = multiverse_of_counts(*SPARSE, flags={"high risk of bias": [True] * 4}, leave_one_out="none")
    assert nobody.nothing_left == ("without high risk of bias",)
    assert {one.studies for one in nobody.specifications} == {"all"}


def test_zero_cells_are_met_in_each_way_that_differs():
    found = multiverse_of_counts(*SPARSE)
    conventions = ("half", "half by arm size", "half unless both are zero", "left out")
    chosen = {"measure": "OR", "model": "DL", "interval": "z", "studies": "all"}
    assert [one.zero_cells for one in rows(found, **chosen)] == list(conventions)
    for one, correction in ((rows(found, **chosen)[0], HALF_WHERE_ZERO), (rows(found, **chosen)[1], BY_ARM_SIZE)):
        yi, vi = MEASURES["OR"].estimate(*SPARSE, zero_cells=correction)
        assert one.native_estimate == pytest.approx(math.exp(meta_analysis(yi, vi, method="DL").estimate), rel=1e-9)
    assert [one.k for one in rows(found, **chosen)] == [4, 4, 3, 2]
    assert all(one.zero_cells == "none" for one in rows(found, model="MH") + rows(found, model="Peto"))
    assert {one.zero_cells for one in multiverse_of_counts(*COUNTS).specifications} == {"none"}


@pytest.mark.parametrize(
    ("counts", "models"),
    [
        ([(6, 16, 3, 16)], {"EE", "Peto", "CM.EL equal effects"}),
        ([(0, 16, 3, 16)], {"EE", "Peto", "CM.EL equal effects"}),
        ([(0, 16, 0, 16)], {"EE", "Peto", "CM.EL equal effects"}),
        ([(16, 16, 16, 16)], {"EE", "Peto", "CM.EL equal effects"}),
    ],
)
def test_one_study_leaves_neither_estimator_nor_interval_to_choose(counts, models):
    found = multiverse_of_counts(*np.array(counts).T)
    assert {one.model for one in found.specifications} == models
    assert {one.interval for one in found.specifications} == {"z"}
    assert {choice.name for choice in found.choices} <= {"measure", "model", "zero_cells"}
    assert found.specifications[found.lead].model == "EE"


def test_two_studies_keep_knapp_hartung_and_show_its_width():
    found = multiverse_of_counts(*(column[:2] for column in COUNTS))
    z, knha = (row(found, measure="OR", model="REML", studies="all", interval=interval) for interval in ("z", "knha"))
    assert knha.estimate == z.estimate
    assert knha.native_ci_upper != z.native_ci_upper
    # Each study alone is itself, with nothing to estimate between studies.
    alone = rows(found, measure="OR", studies="one left out")
    assert [(one.model, one.interval, one.k) for one in alone] == [("EE", "z", 1)] * 2


def test_what_cannot_be_estimated_says_why():
    found = multiverse_of_counts(*np.array([(0, 16, 0, 16), (0, 3, 0, 5)]).T)
    missing = [one for one in found.specifications if not one.is_estimated]
    assert {one.model for one in missing} >= {"MH", "Peto", "CM.EL", "CM.EL equal effects"}
    assert all(one.reason and not one.converged and math.isnan(one.ci_lower) for one in missing)
    assert all(one.reason is None for one in found.estimated)


def test_a_posterior_leads():
    posterior = hypergeometric_posterior([tuple(int(x) for x in study) for study in zip(*SPARSE, strict=True)])
    found = multiverse_of_counts(*SPARSE, posterior=posterior)
    lead = found.specifications[found.lead]
    assert (lead.model, lead.studies, lead.zero_cells, lead.prior) == (
        "Bayes, exact counts", "all", "none", "half-normal(0.5)"
    )  # fmt: skip
    assert native(lead) == pytest.approx([math.exp(posterior.mu.quantile(p)) for p in (0.5, 0.025, 0.975)])
    plain = multiverse_of_counts(*SPARSE)
    lead = plain.specifications[plain.lead]
    assert (lead.measure, lead.model, lead.interval, lead.studies) == ("OR", "REML", "knha", "all")


def test_a_normal_posterior_stands_once():
    yi, vi = MEASURES["OR"].estimate(*COUNTS)
    posterior = exact_posterior(yi, vi, prior_mu=NormalPrior(0, 2.82), prior_tau=tau_prior("half-normal(0.5)"))
    found = multiverse_of_effects(yi, vi, measure="OR", posterior=posterior)
    assert found.scale == "own"
    assert found.specifications[found.lead] == row(found, model="Bayes", studies="all")
    assert found.specifications[found.lead].estimate == pytest.approx(posterior.mu.quantile(0.5))


def _specification(estimate, **chosen):
    usual = {"measure": "OR", "studies": "all", "left_out": None, "zero_cells": "none", "model": "EE", "interval": "z"}
    return Specification(
        **(usual | chosen),
        prior=None,
        estimate=estimate,
        ci_lower=estimate - 1,
        ci_upper=estimate + 1,
        native_estimate=estimate,
        native_ci_lower=estimate - 1,
        native_ci_upper=estimate + 1,
        k=3,
        tau2=None,
        converged=True,
        reason=None,
    )


def test_shifts_of_a_full_cross_are_the_options_own_means():
    effects = {"OR": 0.0, "RR": 3.0, "RD": 1.5}
    models = {"EE": 0.0, "REML": 1.0}
    found = choices_of(
        [_specification(a + b, measure=m, model=n) for m, a in effects.items() for n, b in models.items()]
    )
    by_name = {choice.name: choice for choice in found}
    assert by_name["measure"].spread == pytest.approx(3.0)
    assert by_name["model"].spread == pytest.approx(1.0)
    assert [option.shift for option in by_name["measure"].options] == pytest.approx([-1.5, 1.5, 0.0])
    # Intervals are ± 1: under either model one measure is astride 0 and the others above.
    assert by_name["measure"].turning == 1.0
    assert by_name["model"].turning == 0.0


def test_an_option_is_not_credited_with_what_comes_with_it():
    # Peto only of odds ratios, which lie 5 above risk ratios: its own shift is 0.1, and no more.
    found = choices_of(
        [
            _specification(5.0, measure="OR", model="MH"),
            _specification(5.1, measure="OR", model="Peto"),
            _specification(0.0, measure="RR", model="MH"),
        ]
    )
    assert {choice.name: round(choice.spread, 9) for choice in found} == {"measure": 5.0, "model": 0.1}


def test_options_that_never_meet_are_not_compared():
    found = choices_of(
        [_specification(0.0, model="EE", interval="z"), _specification(9.0, model="Bayes", interval="credible")]
    )
    assert [(choice.name, choice.spread) for choice in found] == [("model", 0.0), ("interval", 0.0)]
    assert all(option.shift is None for choice in found for option in choice.options)


def test_the_answer_hangs_on_the_study_that_makes_it():
    yi, vi = [0.0, 0.1, -0.1, 3.0], [0.01, 0.01, 0.01, 0.01]
    found = multiverse_of_effects(yi, vi, labels=["a", "b", "c", "outlier"])
    assert found.hangs_on.name == "studies"
    assert min(found.hangs_on.options, key=lambda option: option.shift).name == "without outlier"


def test_identical_effects_hang_on_nothing():
    found = multiverse_of_effects([0.3] * 4, [0.04] * 4)
    assert {round(one.estimate, 12) for one in found.specifications if one.interval != "credible"} == {0.3}
    assert found.surely_more == sum(one.ci_lower > 0 for one in found.specifications)


def test_one_effect_is_no_multiverse():
    found = multiverse_of_effects([0.3], [0.04])
    assert [(one.model, one.interval) for one in found.specifications] == [("EE", "z")]
    assert (found.choices, found.hangs_on, found.lead) == ((), None, 0)


def test_labels_that_repeat_are_told_apart():
    found = multiverse_of_effects([0.1, 0.2, 0.3], [0.1, 0.1, 0.1], labels=["Li 2001", "Li 2001", "Xu 2002"])
    assert {one.left_out for one in found.specifications} == {None, "Li 2001 (1)", "Li 2001 (2)", "Xu 2002"}


def test_wider_level_wider_intervals():
    yi, vi = [0.2, 0.5, -0.1, 0.4], [0.05, 0.02, 0.09, 0.03]
    widths = [[one.ci_upper - one.ci_lower for one in multiverse_of_effects(yi, vi, level=level).specifications]
              for level in (0.5, 0.8, 0.95, 0.99)]  # fmt: skip
    assert all((np.array(narrow) < np.array(wide)).all() for narrow, wide in pairwise(widths))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: multiverse_of_counts(*COUNTS, measure="SMD"), "counts are read as OR, RR, RD"),
        (lambda: multiverse_of_counts(*COUNTS, baseline_risk=1.0), "baseline_risk = 1.0"),
        (lambda: multiverse_of_counts(*COUNTS, leave_one_out="some"), "leave_one_out 'some'"),
        (lambda: multiverse_of_counts(*COUNTS, labels=["a"]), "1 labels for 13 studies"),
        (lambda: multiverse_of_counts(*COUNTS, flags={"odd": [True]}), r"flags\['odd'\] has 1 entries for 13"),
        (lambda: multiverse_of_counts([3], [2], [1], [2]), r"events_t\[0\] = 3"),
        (lambda: multiverse_of_effects([0.1], [0.0]), r"vi\[0\] = 0"),
        (lambda: multiverse_of_effects([0.1], [0.1], measure="PR"), "compares nothing"),
        (lambda: multiverse_of_effects([0.1, 0.2], [0.1, 0.1], n=[30]), r"1 numbers of participants \(n\) but 2"),
        (lambda: multiverse_of_means([1], [0], [9], [1], [1], [9]), r"sd_t\[0\] = 0"),
        (lambda: multiverse_of_means([1, 2], [1], [9], [1], [1], [9]), "different length: mean_t 2, sd_t 1"),
        (lambda: multiverse_of_means([1], [1], [9], [1], [1], [9], unit_sd=0.0), "unit_sd = 0.0"),
    ],
)
def test_faults_name_place_and_mend(call, says):
    with pytest.raises(ValueError, match=says):
        call()

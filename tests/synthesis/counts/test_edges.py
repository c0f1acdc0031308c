"""Counts at the edges where programs fail: nothing counted, everything counted, one study, huge studies, bad input."""

import math
import time

import numpy as np
import pytest

from evenhand.effects.zero_cells import ZeroCells
from evenhand.synthesis.counts.common_and_random import binary_meta_analysis
from evenhand.synthesis.counts.generalised_linear import MODELS, mixed_model, mixed_model_of_one_arm
from evenhand.synthesis.counts.log_partition import Hypergeometric
from evenhand.synthesis.counts.mantel_haenszel_rates import mantel_haenszel_rates
from evenhand.synthesis.counts.mantel_haenszel_tables import mantel_haenszel
from evenhand.synthesis.counts.one_arm_proportions import proportion_meta_analysis, proportion_of
from evenhand.synthesis.counts.peto_method import peto

TABLES = ([3, 0, 7], [30, 25, 60], [5, 2, 12], [31, 24, 58])


class TestCommonEffect:
    @pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
    def test_a_study_without_event_moves_no_ratio(self, measure):
        plain = mantel_haenszel(*TABLES, measure=measure)
        more = mantel_haenszel(
            *([*arm, extra] for arm, extra in zip(TABLES, (0, 40, 0, 50), strict=True)), measure=measure
        )
        if measure == "RD":  # there it is evidence of no difference
            assert abs(more.estimate) < abs(plain.estimate)
        else:
            assert (more.estimate, more.se) == (plain.estimate, plain.se)
        assert more.k == plain.k + 1

    @pytest.mark.parametrize("measure", ["OR", "RR"])
    def test_no_event_in_any_treated_arm(self, measure):
        fit = mantel_haenszel([0, 0], [10, 20], [3, 4], [10, 20], measure=measure)
        assert fit.estimate == -math.inf
        assert math.isnan(fit.se)
        assert not fit.converged

    def test_nothing_happens_anywhere(self):
        for fit in (mantel_haenszel([0], [10], [0], [10]), peto([0], [10], [0], [10])):
            assert math.isnan(fit.estimate)
            assert not fit.converged
            assert (fit.k_in_q, fit.i2) == (0, 0.0)
        assert mantel_haenszel([0], [10], [0], [10], measure="RD").estimate == 0.0

    def test_an_arm_of_nobody(self):
        plain = mantel_haenszel(*TABLES)
        more = mantel_haenszel(*([*arm, extra] for arm, extra in zip(TABLES, (0, 0, 4, 9), strict=True)))
        assert (more.estimate, more.se) == (plain.estimate, plain.se)

    @pytest.mark.parametrize("correct", [True, False])
    def test_turned_arms_turn_the_sign(self, correct):
        a, n1, c, n2 = TABLES
        for method in (lambda *t: mantel_haenszel(*t, correct=correct), peto):
            one, other = method(a, n1, c, n2), method(c, n2, a, n1)
            assert one.estimate == pytest.approx(-other.estimate)
            assert one.se == pytest.approx(other.se)
            assert one.q == pytest.approx(other.q)

    def test_one_table_is_its_own_estimate(self):
        fit = mantel_haenszel([4], [20], [9], [22])
        assert fit.estimate == pytest.approx(math.log(4 * 13 / (16 * 9)))
        assert fit.se == pytest.approx(math.sqrt(1 / 4 + 1 / 16 + 1 / 9 + 1 / 13))
        assert (fit.q, fit.q_p_value, fit.h2) == (pytest.approx(0, abs=1e-20), 1.0, 1.0)
        assert fit.breslow_day.statistic == pytest.approx(0, abs=1e-20)

    def test_rates_do_not_depend_on_the_unit_of_time(self):
        years = mantel_haenszel_rates([3, 0], [100.0, 50.0], [9, 2], [110.0, 60.0])
        days = mantel_haenszel_rates([3, 0], [36500.0, 18250.0], [9, 2], [40150.0, 21900.0])
        assert years.estimate == pytest.approx(days.estimate, rel=1e-14)
        assert years.mantel_haenszel.statistic == pytest.approx(days.mantel_haenszel.statistic, rel=1e-12)

    def test_treatment_arm_correction_leaves_unequal_arms_alone(self):
        # No event in either of two very unequal arms: each arm's part makes the odds ratio 1.
        fit = binary_meta_analysis(
            [0, 5], [100, 40], [0, 5], [1000, 40], zero_cells=ZeroCells(to="only0", share="by arm size"),
            method="Inverse", all_studies=True,
        )  # fmt: skip
        assert fit.yi[0] == pytest.approx(0.0, abs=2e-3)
        halves = binary_meta_analysis([0, 5], [100, 40], [0, 5], [1000, 40], method="Inverse", all_studies=True)
        assert halves.yi[0] > 2

    def test_weights_by_size_have_a_finite_error(self):
        fit = binary_meta_analysis([0, 5, 3], [100, 40, 30], [0, 5, 8], [90, 40, 33], method="SSW")
        assert 0 < fit.common.se < 3
        assert 0 < fit.random.se < 3


def test_proportions_beyond_the_scale_are_0_or_1():
    assert proportion_of(-0.2, "PFT", 10.0) == 0.0
    assert proportion_of(2.0, "PFT", 10.0) == 1.0
    assert proportion_of(-0.2, "PAS", 10.0) == 0.0
    fit = proportion_meta_analysis([0, 0, 1], [10, 20, 5], measure="PFT")
    assert 0 <= fit.proportion_lower <= fit.proportion_random <= fit.proportion_upper <= 1


class TestMixedModels:
    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("method", ["EE", "ML"])
    def test_one_study_is_its_own_estimate(self, model, method):
        fit = mixed_model([4], [20], [9], [22], model=model, method=method)
        assert fit.tau2 == 0
        assert fit.likelihood_ratio.statistic == 0
        if model == "UM.FS":
            assert fit.estimate == pytest.approx(math.log(4 * 13 / (16 * 9)), rel=1e-7)
            assert fit.se == pytest.approx(math.sqrt(1 / 4 + 1 / 16 + 1 / 9 + 1 / 13), rel=1e-6)

    @pytest.mark.parametrize("model", MODELS)
    def test_studies_that_agree_have_no_variance(self, model):
        fit = mixed_model([4] * 5, [20] * 5, [9] * 5, [22] * 5, model=model)
        assert fit.tau2 == 0
        assert fit.converged
        assert fit.likelihood_ratio.statistic == pytest.approx(0, abs=1e-6)

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize(("a", "c", "side"), [([0, 0, 0], [3, 2, 4], -1), ([3, 2, 4], [0, 0, 0], 1)])
    def test_no_event_in_one_arm_anywhere(self, model, a, c, side):
        fit = mixed_model(a, [30] * 3, c, [30] * 3, model=model)
        assert fit.estimate == side * math.inf
        assert not fit.converged
        assert fit.reason

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("events", [[0, 0], [30, 30]])
    def test_nothing_or_everything_happens(self, model, events):
        fit = mixed_model(events, [30] * 2, events, [30] * 2, model=model)
        assert math.isnan(fit.estimate)
        assert (fit.k, fit.k_given, fit.converged) == (0, 2, False)

    @pytest.mark.parametrize("model", MODELS)
    def test_studies_far_apart(self, model):
        fit = mixed_model([1, 29, 15, 2], [30] * 4, [29, 1, 15, 28], [30] * 4, model=model)
        assert math.isfinite(fit.estimate)
        assert fit.tau2 > 4

    @pytest.mark.parametrize("model", MODELS)
    def test_huge_studies(self, model):
        rng = np.random.default_rng(4)
        n = np.array([200_000, 150_000, 300_000, 90_000])
        log_odds = rng.normal(-1.0, 0.3, 4)
        a, c = (rng.binomial(n, 1 / (1 + np.exp(-log_odds - shift))) for shift in (rng.normal(0.4, 0.15, 4), 0.0))
        started = time.process_time()
        fit = mixed_model(a, n, c, n, model=model)
        assert fit.converged
        assert time.process_time() - started < 20
        if model in ("UM.FS", "CM.EL"):
            # So many events leave the normal model with the truth.
            from evenhand.synthesis.pairwise import meta_analysis

            y = np.log(a / (n - a)) - np.log(c / (n - c))
            v = 1 / a + 1 / (n - a) + 1 / c + 1 / (n - c)
            normal = meta_analysis(y, v, method="ML", test="z")
            assert fit.estimate == pytest.approx(normal.estimate, rel=1e-4)
            assert fit.tau2 == pytest.approx(normal.tau2, rel=1e-2)

    def test_relabelling_the_event_turns_the_sign(self):
        a, n1, c, n2 = (np.array(arm) for arm in ([3, 1, 7, 12], [30, 25, 60, 50], [5, 6, 12, 9], [31, 24, 58, 55]))
        for model in ("UM.FS", "UM.RS", "CM.EL"):
            one, other = mixed_model(a, n1, c, n2, model=model), mixed_model(n1 - a, n1, n2 - c, n2, model=model)
            assert one.estimate == pytest.approx(-other.estimate, abs=1e-7)
            assert one.tau2 == pytest.approx(other.tau2, abs=1e-6)

    def test_a_peak_beside_tau_0(self):
        # The likelihood rises by 3e-5 from tau = 0 to 0.005 and falls again: curvature there tells no scale.
        counts = (
            [8813, 2549, 3393, 10323, 6209], [9366, 5218, 6077, 10673, 8069],
            [1128, 783, 500, 471, 777], [1195, 1444, 890, 493, 1000],
        )  # fmt: skip
        fit = mixed_model(*counts, model="UM.FS")
        assert fit.converged
        assert fit.fit.log_likelihood > mixed_model(*counts, model="UM.FS", method="EE").fit.log_likelihood + 2e-5
        assert 0.004 < fit.tau2**0.5 < 0.006

    @pytest.mark.parametrize("seed", range(3))
    def test_chance_finds_no_failure(self, seed):
        rng = np.random.default_rng(seed)
        for _ in range(4):
            k = int(rng.integers(1, 9))
            n = rng.integers(1, 300, (2, k))
            level, effect = rng.normal(rng.uniform(-6, 2), 1, k), rng.normal(0.5, rng.choice([0, 0.5, 3]), k)
            a, c = (rng.binomial(n[i], 1 / (1 + np.exp(-level + (2 * i - 1) * effect / 2))) for i in (0, 1))
            for model in MODELS:
                fit = mixed_model(a, n[0], c, n[1], model=model)
                assert fit.converged or fit.reason.startswith(("every study", "the counts of all", "no study"))

    def test_one_arm(self):
        assert mixed_model_of_one_arm([0, 0], [10, 20]).estimate == -math.inf
        assert mixed_model_of_one_arm([10, 20], [10, 20]).estimate == math.inf
        one = mixed_model_of_one_arm([4], [20])
        assert (one.estimate, one.tau2) == (pytest.approx(math.log(4 / 16)), 0.0)
        rate = mixed_model_of_one_arm([4, 9], [20.0, 33.5], measure="IRLN", method="EE")
        assert rate.estimate == pytest.approx(math.log(13 / 53.5))
        assert rate.se == pytest.approx(13**-0.5)

    def test_it_takes_no_time(self):
        rng = np.random.default_rng(1)
        n = rng.integers(50, 2000, 60)
        c = rng.binomial(n, 0.1)
        a = rng.binomial(n, 1 / (1 + np.exp(2.0 - rng.normal(0.3, 0.4, 60))))
        started = time.process_time()
        assert mixed_model(a, n, c, n).converged
        # metafor takes 5 seconds for 13 studies.
        assert time.process_time() - started < 10


@pytest.mark.parametrize("eta", [-30.0, -3.0, 0.0, 0.7, 12.0])
def test_sums_over_counts_meet_enumeration(eta):
    from scipy.special import gammaln

    a, n1, c, n2 = 5.0, 40.0, 11.0, 55.0
    j = np.arange(0, 17)
    ways = (
        gammaln(n1 + 1)
        - gammaln(j + 1)
        - gammaln(n1 - j + 1)
        + gammaln(n2 + 1)
        - gammaln(17 - j)
        - gammaln(n2 - 15 + j)
    )
    table = Hypergeometric(*(np.array([value]) for value in (a, n1, c, n2)))
    expected = np.logaddexp.reduce(ways + j * eta) - ways[5] - 5 * eta
    p = np.exp(ways + j * eta - np.logaddexp.reduce(ways + j * eta))
    assert float(table.value(np.array([[eta]]))[0, 0]) == pytest.approx(expected, rel=1e-12)
    mean, variance = table.moments(np.array([[eta]]))
    assert float(mean[0, 0]) == pytest.approx(p @ j - 5, rel=1e-11)
    assert float(variance[0, 0]) == pytest.approx(p @ (j - p @ j) ** 2, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: mantel_haenszel([3], [2], [1], [5]), r"events_t\[0\] = 3 but n_t\[0\] = 2"),
        (lambda: mantel_haenszel([3], [9], [1], [5], measure="IRR"), "measure 'IRR'"),
        (lambda: mantel_haenszel([3], [9], [1], [5], variance="mine"), "variance 'mine'"),
        (lambda: mantel_haenszel([3, 4], [9, 9], [1], [5]), "2 treated arms but 1 control"),
        (lambda: mantel_haenszel([], [], [], []), "no study"),
        (lambda: peto([2.5], [9], [1], [5]), r"events_t\[0\] = 2.5: a count is a whole number"),
        (lambda: peto([-1], [9], [1], [5]), r"events_t\[0\] = -1"),
        (lambda: peto([None], [9], [1], [5]), r"events_t\[0\] = nan.*not reported"),
        (lambda: peto(["six"], [9], [1], [5]), r"events_t\[0\] = 'six': not a number"),
        (lambda: peto([1], [9], [1], [5], level=95), "level = 95"),
        (lambda: mantel_haenszel_rates([1], [0.0], [1], [5.0]), r"time_t\[0\] = 0: person-time"),
        (lambda: binary_meta_analysis([1], [9], [1], [5], method="Peto", measure="RR"), "pools odds ratios"),
        (lambda: binary_meta_analysis([0], [9], [0], [5]), "no study has an effect of its own"),
        (
            lambda: binary_meta_analysis([0], [9], [1], [5], zero_cells=ZeroCells(to="none")),
            "study 0 has an empty cell",
        ),
        (lambda: proportion_meta_analysis([1], [0]), r"events\[0\] = 1 but n\[0\] = 0"),
        (lambda: proportion_meta_analysis([0], [0]), r"n\[0\] = 0: nobody"),
        (lambda: mixed_model([1], [9], [1], [5], model="CM"), "model 'CM'"),
        (lambda: mixed_model([1], [9], [1], [5], measure="IRR", model="CM.AL"), "for IRR there are"),
        (lambda: mixed_model([1], [9], [1], [5], correlated=True), "needs model 'UM.RS'"),
        (lambda: mixed_model([1], [9], [1], [5], method="REML"), "method 'REML'"),
        (lambda: mixed_model([1], [9], [1], [5], nodes=0), "nodes = 0"),
        (lambda: mixed_model_of_one_arm([1], [9], measure="OR"), "measure 'OR'"),
    ],
)
def test_what_cannot_be_counted_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()

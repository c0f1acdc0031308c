import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evenhand.integrity.finding import Severity
from evenhand.integrity.se_as_sd import SE_AS_SD
from tests.builders import a_dossier, a_result, a_scale, two_arms


def findings(rows, measure="MD"):
    found = SE_AS_SD.find(a_dossier(rows, outcomes=[a_scale("score", measure=measure)]))
    return [(finding.severity, finding.detail.key.rpartition(".")[2], finding.rows) for finding in found]


def arm(study="trial", **figures):
    return a_result(study, "score", **({"n": 25, "mean": "7.2", "row": 2} | figures))


def pair(sd_t, sd_c, **treated):
    return two_arms(
        {"mean": "6.1", "sd": sd_t, "n": 25} | treated, {"mean": "7.9", "sd": sd_c, "n": 25}, outcome="score"
    )


def test_sd_and_se_that_go_together():
    assert findings([arm(sd="5.5", se=1.1)]) == []


@pytest.mark.parametrize("se", [5.5, 2.1, 0.2])
def test_sd_and_se_that_do_not(se):
    assert findings([arm(sd="5.5", se=se)]) == [(Severity.CONCERN, "se", (2,))]


def test_interval_that_follows_from_the_sd():
    assert findings([arm(sd="5.5", ci_lower=4.9, ci_upper=9.5)]) == []  # t
    assert findings([arm(sd="5.5", ci_lower=5.0, ci_upper=9.4)]) == []  # z
    assert findings([arm(sd="5.5", ci_lower=5.7, ci_upper=8.7)]) == []  # from a pooled or adjusted spread


def test_interval_that_takes_the_sd_for_a_standard_error():
    assert findings([arm(sd="1.1", ci_lower=4.9, ci_upper=9.5)]) == [(Severity.SERIOUS, "interval", (2,))]


def test_interval_of_another_spread():
    assert findings([arm(sd="5.5", ci_lower=7.0, ci_upper=7.4)]) == [(Severity.CONCERN, "interval_other", (2,))]


def test_p_that_follows_only_from_standard_errors():
    # As SDs 1.1 and 1.2 give p < 0.0001; as SEs, that is SDs of 5.5 and 6.0, they give 0.27.
    assert findings(pair("1.1", "1.2", p_value="0.27", p_test="two arms")) == [
        (Severity.CONCERN, "p_value", (2, 3)),
    ]


def test_p_that_follows_from_the_deviations():
    p = stats.ttest_ind_from_stats(6.1, 1.1, 25, 7.9, 1.2, 25).pvalue
    assert findings(pair("1.1", "1.2", p_value=f"{p:.6f}", p_test="two arms")) == []
    assert findings(pair("1.1", "1.2", p_value="<0.001", p_test="two arms")) == []


def test_one_arm_printed_as_standard_error():
    assert findings(pair("1.1", "5.6")) == [(Severity.CONCERN, "beside", (2,))]


def test_spreads_that_merely_differ():
    # Aboalsoud (2022), MASI after eight weeks, and Padhi (2015) at four and eight.
    assert findings(pair("4.61", "5.77")) == []
    assert findings(pair("2.5", "9.2")) == []


def test_chance_spreads_the_sds_of_small_arms():
    rows = two_arms({"mean": "6.1", "sd": "1.6", "n": 10}, {"mean": "7.9", "sd": "5.6", "n": 10}, outcome="score")
    assert findings(rows) == []


def others(*sds):
    return [
        arm(f"other {place}", treatment=treatment, sd=sd, row=10 + place)
        for place, sd in enumerate(sds)
        for treatment in ("injection", "nothing")
    ]


def test_a_study_out_of_line_with_two_others():
    rows = [*pair("1.1", "1.2"), *others("5.4", "6.3")]
    assert findings(rows) == [(Severity.CONCERN, "elsewhere", (2,)), (Severity.CONCERN, "elsewhere", (3,))]


def test_one_other_study_is_not_enough():
    assert findings([*pair("1.1", "1.2"), *others("5.4")]) == []


def test_scales_that_differ_are_not_compared():
    assert findings([*pair("1.1", "1.2"), *others("5.4", "6.3")], measure="SMD") == []


@given(st.integers(0, 10_000), st.integers(10, 60))
@settings(max_examples=100, deadline=None, derandomize=True)  # the fourth way rests on chance, if a small one
def test_true_spreads_are_never_flagged(seed, n):
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(3):
        arms = [rng.normal(8, 3, n), rng.normal(7, 3, n + place)]
        p = stats.ttest_ind(*arms).pvalue
        for treatment, values in zip(("injection", "nothing"), arms, strict=True):
            half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
            rows.append(
                a_result(
                    f"study {place}",
                    "score",
                    treatment=treatment,
                    n=len(values),
                    mean=f"{values.mean():.2f}",
                    sd=f"{values.std(ddof=1):.2f}",
                    se=round(values.std(ddof=1) / np.sqrt(len(values)), 2),
                    ci_lower=round(values.mean() - half, 2),
                    ci_upper=round(values.mean() + half, 2),
                    p_value=f"{p:.3f}",
                    p_test="two arms",
                    row=len(rows) + 2,
                )
            )
    assert findings(rows) == []


def test_a_visit_out_of_line_with_the_other_visits_of_the_same_arm():
    """Baseline spreads of a trial whose later spreads are √20 times larger."""
    visits = [
        arm(sd=sd, n=20, followup_weeks=week, row=2 + place)
        for place, (week, sd) in enumerate([(0.0, "1.05"), (4.0, "4.94"), (8.0, "4.40")])
    ]
    for measure in ("MD", "ROM", "SMD"):
        assert findings(visits, measure=measure) == [(Severity.CONCERN, "visits", (2,))]


def test_spreads_that_shrink_as_people_get_better_are_left_alone():
    visits = [
        arm(sd=sd, n=20, followup_weeks=week, row=2 + place)
        for place, (week, sd) in enumerate([(0.0, "9.3"), (4.0, "6.1"), (8.0, "4.6")])
    ]
    assert findings(visits) == []


@pytest.mark.parametrize(("measure", "found"), [("ROM", ["relative"]), ("SMD", [])])
def test_studies_on_other_scales_are_compared_by_their_share_of_the_mean(measure, found):
    rows = [
        arm("se", mean="15.0", sd="1.8"),
        arm("full", mean="12.0", sd="6.6", row=3),
        arm("half", mean="6.0", sd="3.6", row=4),
    ]
    assert [key for _, key, _ in findings(rows, measure=measure)] == found


def test_a_mean_of_zero_has_no_share():
    rows = [arm("se", mean="0", sd="1.8"), arm("full", mean="12.0", sd="6.6"), arm("half", mean="6.0", sd="3.6")]
    assert findings(rows, measure="ROM") == []

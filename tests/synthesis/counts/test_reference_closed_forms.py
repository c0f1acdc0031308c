"""Mantel–Haenszel, Peto, common and random effects and proportions against whole reference files."""

import math

import numpy as np
import pytest

from evenhand.effects.zero_cells import AS_COUNTED, ZeroCells
from evenhand.synthesis.counts.common_and_random import binary_meta_analysis
from evenhand.synthesis.counts.mantel_haenszel_rates import mantel_haenszel_rates
from evenhand.synthesis.counts.mantel_haenszel_tables import mantel_haenszel
from evenhand.synthesis.counts.one_arm_proportions import proportion_meta_analysis
from evenhand.synthesis.counts.peto_method import peto
from tests.conftest import golden

CASES = golden("mh_peto_glmm.json")
TASKS = ("mh", "peto", "metabin", "metaprop", "glmm")
OF_THE_EFFECT = {
    "b": "estimate", "se": "se", "stat": "statistic", "pval": "p_value", "ci_lb": "ci_lower", "ci_ub": "ci_upper",
    "QE": "q", "QEp": "q_p_value", "I2": "i2", "H2": "h2",
}  # fmt: skip
OF_THE_TABLES = {
    "CO": "cochran",
    "CMH": "mantel_haenszel",
    "BD": "breslow_day",
    "TA": "tarone",
    "MH": "mantel_haenszel",
}
MEASURE = {"PLOGIT": "PLO", "PLN": "PLN", "PAS": "PAS", "PFT": "PFT", "PRAW": "PR"}


def of_task(task):
    cases = [case for case in CASES if case["task"] == task]
    return pytest.mark.parametrize("case", cases, ids=[case["id"] for case in cases])


def test_no_case_drops_out():
    counts = {task: sum(case["task"] == task for case in CASES) for task in TASKS}
    assert counts == {"mh": 132, "peto": 15, "metabin": 60, "metaprop": 20, "glmm": 100}
    assert len(CASES) == sum(counts.values())


def agrees(ours, reference, where, tolerance=1e-10):
    reference = {"Inf": math.inf, "-Inf": -math.inf}.get(reference, reference)
    if reference is None:
        assert math.isnan(ours), where
    else:
        assert ours == pytest.approx(reference, rel=tolerance, abs=1e-13), where


def tail_agrees(ours, reference, statistic, where):
    """A p-value is as exact as its statistic: an error of 1e-10 in that moves a p-value far out by statistic² times."""
    agrees(ours, reference, where, tolerance=1e-10 * (10 + statistic**2))


def arms(data):
    a, b, c, d = (np.array(data[cell], dtype=float) for cell in ("ai", "bi", "ci", "di"))
    return a, a + b, c, c + d


def zero_cells(options, which):
    if "add" not in options:
        return ZeroCells(to="only0", drop00=True) if which == 0 else AS_COUNTED
    return ZeroCells(add=options["add"][which], to=options["to"][which], drop00=which == 0)


@of_task("mh")
def test_mantel_haenszel(case):
    options, expected = case["options"], case["expected"]
    two_rates = options["measure"] in ("IRR", "IRD")
    data = [case["data"][column] for column in ("x1i", "t1i", "x2i", "t2i")] if two_rates else arms(case["data"])
    fit = (mantel_haenszel_rates if two_rates else mantel_haenszel)(
        *data,
        measure=options["measure"],
        correct=options.get("correct", True),
        zero_cells=zero_cells(options, 1),
        study_zero_cells=zero_cells(options, 0),
    )
    for theirs, ours in OF_THE_EFFECT.items():
        if theirs in ("pval", "QEp"):
            statistic = expected["stat"] if theirs == "pval" else math.sqrt(abs(expected["QE"]))
            tail_agrees(getattr(fit, ours), expected[theirs], statistic, theirs)
        else:
            agrees(getattr(fit, ours), expected[theirs], theirs)
    for theirs, ours in OF_THE_TABLES.items():
        if theirs in expected:
            agrees(getattr(fit, ours).statistic, expected[theirs], theirs)
            tail_agrees(getattr(fit, ours).p_value, expected[theirs + "p"], math.sqrt(expected[theirs]), theirs + "p")
    if "k_pos" in expected:
        assert fit.breslow_day.df == expected["k_pos"] - 1
    assert fit.k == expected["k"]


def test_a_difference_below_a_half_is_corrected_as_printed():
    # metafor 3.8-1, rma.mh: events among the treated are 0.24 from what both arms together would give them.
    fit = mantel_haenszel([0, 5], [10, 30], [3, 2], [12, 30])
    agrees(fit.cochran.statistic, 0.0604290980985721, "CO")
    agrees(fit.mantel_haenszel.statistic, 0.0589004739758934, "MH")
    agrees(fit.mantel_haenszel.p_value, 0.808242302056561, "MHp")


@of_task("peto")
def test_peto(case):
    fit, expected = peto(*arms(case["data"])), case["expected"]
    for theirs, ours in OF_THE_EFFECT.items():
        if theirs in ("pval", "QEp"):
            statistic = expected["stat"] if theirs == "pval" else math.sqrt(expected["QE"])
            tail_agrees(getattr(fit, ours), expected[theirs], statistic, theirs)
        else:
            agrees(getattr(fit, ours), expected[theirs], theirs)
    assert fit.k == expected["k"]


@of_task("metabin")
def test_common_and_random(case):
    options, expected = case["options"], case["expected"]
    fit = binary_meta_analysis(
        *arms(case["data"]),
        measure=options["sm"],
        method=options["method"],
        exact=options["MH_exact"],
        tau2_method=options["method_tau"],
    )
    common, random = fit.common, fit.random
    # The reference lets a study without effect of its own make this method's variance infinite.
    broken = expected["common"]["se"] == "Inf"
    assert broken == (options["method"] == "SSW" and None in expected["TE"])
    agrees(common.estimate, expected["common"]["b"], "common b")
    agrees(random.estimate, expected["random"]["b"], "random b")
    for record, block in ((common, expected["common"]), (random, expected["random"])):
        if broken:
            assert 0 < record.se < math.inf
            continue
        for theirs in ("se", "ci_lb", "ci_ub", "stat"):
            if theirs in block:
                agrees(getattr(record, OF_THE_EFFECT[theirs]), block[theirs], theirs)
    if not broken:
        tail_agrees(common.p_value, expected["common"]["pval"], expected["common"]["stat"], "p")
    agrees(random.tau2, expected["tau2"], "tau2")
    agrees(common.q, expected["Q"], "Q")
    agrees(common.i2, 100 * expected["I2"], "I2")
    assert common.q_df == expected["df_Q"]
    tail_agrees(common.q_p_value, expected["pval_Q"], math.sqrt(expected["Q"]), "pval_Q")
    for yi, vi, te, se_te in zip(fit.yi, fit.vi, expected["TE"], expected["seTE"], strict=True):
        agrees(yi, te, "TE")
        agrees(math.sqrt(vi), None if te is None else se_te, "seTE")


@of_task("metaprop")
def test_proportions(case):
    options, expected = case["options"], case["expected"]
    x, n = case["data"]["xi"], case["data"]["ni"]
    measure = MEASURE[options["sm"]]
    fit = proportion_meta_analysis(x, n, measure=measure, tau2_method=options["method_tau"])
    for block, record in (("common", fit.common), ("random", fit.random)):
        for theirs in ("b", "se", "ci_lb", "ci_ub"):
            agrees(getattr(record, OF_THE_EFFECT[theirs]), expected[block][theirs], f"{block} {theirs}")
    with_t = proportion_meta_analysis(x, n, measure=measure, tau2_method=options["method_tau"], test="t").random
    # The prediction interval there is t with k − 1 degrees of freedom about a normal-theory standard error.
    agrees(with_t.pi_lower, expected["random"]["pi_lb"], "pi")
    agrees(with_t.pi_upper, expected["random"]["pi_ub"], "pi")
    agrees(fit.random.tau2, expected["tau2"], "tau2")
    agrees(fit.common.q, expected["Q"], "Q")
    agrees(fit.proportion_common, expected["back_common"], "back")
    agrees(fit.proportion_random, expected["back_random"], "back")
    agrees(fit.proportion_lower, expected["back_random_ci"][0], "back")
    if expected["back_random_ci"][1] is None:  # the reference gives no upper end for the double arcsine
        assert measure == "PFT"
        assert fit.proportion_random < fit.proportion_upper <= 1
    else:
        agrees(fit.proportion_upper, expected["back_random_ci"][1], "back")
    for i in range(len(x)):
        agrees(fit.yi[i], expected["TE"][i], f"TE {i}")
        agrees(math.sqrt(fit.vi[i]), expected["seTE"][i], f"seTE {i}")
        limits = expected["study_ci_lb"][i], expected["study_ci_ub"][i]
        for limit, reference in zip((fit.study_lower[i], fit.study_upper[i]), limits, strict=True):
            agrees(on_scale(limit, measure, n[i]), reference, f"study {i}")


def on_scale(p, measure, n):
    """The reference prints a study's exact limits on the analysis scale."""
    with np.errstate(divide="ignore"):
        return float(
            {
                "PLO": lambda: np.log(p) - np.log1p(-p),
                "PLN": lambda: np.log(p),
                "PAS": lambda: np.arcsin(np.sqrt(p)),
                "PFT": lambda: 0.5 * (np.arcsin(np.sqrt(n * p / (n + 1))) + np.arcsin(np.sqrt((n * p + 1) / (n + 1)))),
                "PR": lambda: np.float64(p),
            }[measure]()
        )

"""Mixed models of counts against the whole reference file; where they part, who is right is shown.

The reference takes adaptive quadrature of 7 nodes (Laplace's approximation with two random effects), and adaptive
integration for the exact conditional model; it is met with the same `nodes`. Its 'optimizer_disagreement' is the slack
of its own optimisers.
"""

import math
from functools import cache

import numpy as np
import pytest
from scipy.special import gammaln

from evenhand.synthesis.counts.generalised_linear import mixed_model, mixed_model_of_one_arm
from evenhand.synthesis.counts.likelihood_peak import differences, highest_of_each
from evenhand.synthesis.counts.model_likelihoods import random_levels_model
from tests.conftest import golden

CASES = [case for case in golden("mh_peto_glmm.json") if case["task"] == "glmm"]
FIELDS = {
    "k", "b", "se", "stat", "pval", "ci_lb", "ci_ub", "tau2", "sigma2", "I2", "H2", "QE_Wld", "QEp_Wld", "QE_LRT",
    "QEp_LRT", "QE_df", "logLik", "AIC", "BIC", "control_level", "optimizer_disagreement", "warnings", "se_tau2",
}  # fmt: skip


def model_of(case):
    return case["options"].get("model", "one arm")


def data_of(case):
    data = case["data"]
    if "ai" in data:
        a, b, c, d = (np.array(data[cell], dtype=float) for cell in ("ai", "bi", "ci", "di"))
        return a, a + b, c, c + d
    if "x1i" in data:
        return tuple(np.array(data[column], dtype=float) for column in ("x1i", "t1i", "x2i", "t2i"))
    return np.array(data["xi"], dtype=float), np.array(data.get("ni", data.get("ti")), dtype=float)


def nodes_of(case):
    options = case["options"]
    if model_of(case) == "CM.EL" and options["measure"] == "OR":
        return None
    # With one random effect, the reference kept its 7 nodes where it says 1.
    return 7 if model_of(case) == "UM.RS" and options["method"] == "EE" else options["nAGQ"]


@cache
def fitted(index):
    case = CASES[index]
    options = case["options"]
    told = {"measure": options["measure"], "method": options["method"], "test": options.get("test", "z")}
    if model_of(case) == "one arm":
        return mixed_model_of_one_arm(*data_of(case), nodes=nodes_of(case), **told)
    return mixed_model(
        *data_of(case), nodes=nodes_of(case), model=model_of(case), correlated=bool(options.get("cor")), **told
    )


each = pytest.mark.parametrize("index", range(len(CASES)), ids=[case["id"] for case in CASES])


def test_no_case_and_no_field_drops_out():
    assert len(CASES) == 100
    assert {field for case in CASES for field in case["expected"]} == FIELDS


def close(ours, reference, slack=0.0, tolerance=1e-6):
    return ours == pytest.approx(reference, rel=tolerance, abs=1e-9 + 2 * (slack or 0.0))


def slack_of(case, field):
    return (case["expected"].get("optimizer_disagreement") or {}).get(field) or 0.0


def all_at_ends(case):
    """Whether every study's count is its smallest or largest possible one."""
    a, n1, c, n2 = data_of(case)
    telling = (a + c > 0) & (a + c < n1 + n2)
    end = (a == 0) | (c == n2) | (c == 0) | (a == n1)
    return bool(end[telling].all())


def has_no_peak(case):
    return model_of(case) == "CM.EL" and case["options"]["measure"] == "OR" and all_at_ends(case)


@each
def test_estimates(index):
    case, fit = CASES[index], fitted(index)
    expected = case["expected"]
    assert fit.k == expected["k"]
    if has_no_peak(case) and case["options"]["method"] == "ML":
        pytest.skip("the reference stops on the way to an infinite tau: see test_a_likelihood_that_rises_for_ever")
    assert fit.converged
    # sigma² has no slack of its own there; it is that of the other variance.
    relative = slack_of(case, "tau2") / expected["tau2"] if expected["tau2"] else 0.0
    agree = (
        close(fit.estimate, expected["b"], slack_of(case, "b"))
        and close(fit.tau2, expected["tau2"], slack_of(case, "tau2"))
        and (
            math.isnan(fit.sigma2)
            if expected["sigma2"] is None
            else close(fit.sigma2, expected["sigma2"], relative * (expected["sigma2"] or 0.0), tolerance=3e-6)
        )
    )
    if not agree:
        # Then the reference has not reached the peak of its own likelihood: ours is higher, and the same model.
        ours = fit.fit.log_likelihood
        if model_of(case) == "UM.RS" and case["options"]["method"] == "EE":
            ours = -0.5 * fit.fit.deviance
        assert ours > expected["logLik"] - 1e-9
        assert fit.estimate == pytest.approx(expected["b"], rel=1e-3)
        assert fit.tau2 == pytest.approx(expected["tau2"], rel=3e-3, abs=1e-4)
        assert fit.sigma2 == pytest.approx(expected["sigma2"] or math.nan, rel=1e-3, nan_ok=True)


@each
def test_standard_errors(index):
    case, fit = CASES[index], fitted(index)
    expected = case["expected"]
    if fit.fit is None:
        assert math.isnan(fit.se)
        return
    if not close(fit.se, expected["se"], slack_of(case, "se")):
        # The reference takes its second derivatives by differences of an unrefined likelihood; ours are confirmed by
        # enumeration, or by other differences.
        if model_of(case) == "CM.EL":
            assert case["options"]["method"] == "EE"
            assert fit.se == pytest.approx(exact_se(*telling(case), fit.estimate), rel=1e-8)
        else:
            assert model_of(case) == "UM.RS"
            assert fit.se == pytest.approx(other_se(case, fit), rel=2e-5)
        return
    if slack_of(case, "se") > 0.01 * fit.se:
        assert model_of(case) in ("CM.EL", "UM.RS")  # the reference's own standard errors differ by a hundredth
        return
    slack = fit.se * (slack_of(case, "b") / abs(fit.estimate) + slack_of(case, "se") / fit.se)
    assert fit.statistic == pytest.approx(expected["stat"], rel=3e-6 + 4 * slack / fit.se)
    assert fit.p_value == pytest.approx(expected["pval"], rel=(3e-6 + 4 * slack / fit.se) * (1 + fit.statistic**2))
    reach = 1e-6 * (abs(fit.estimate) + 2 * fit.se) + 2 * (slack_of(case, "b") + 3 * slack_of(case, "se"))
    if close(fit.estimate, expected["b"], slack_of(case, "b")):
        assert fit.ci_lower == pytest.approx(expected["ci_lb"], abs=reach)
        assert fit.ci_upper == pytest.approx(expected["ci_ub"], abs=reach)
    if expected.get("se_tau2"):
        tau2_se = enumerated(*telling(case), fit.estimate, fit.tau2)[1]
        assert fit.se_tau2 == pytest.approx(tau2_se, rel=1e-5)
        assert expected["se_tau2"] == pytest.approx(tau2_se, rel=5e-3)  # its differences are that rough


@each
def test_heterogeneity(index):
    case, fit = CASES[index], fitted(index)
    expected = case["expected"]
    ratio = fit.likelihood_ratio
    assert ratio.df == expected["QE_df"]
    if not close(ratio.statistic, expected["QE_LRT"], 4 * slack_of(case, "logLik")):
        # A saturated model that the reference has not brought to its peak.
        assert model_of(case) == "UM.RS"
        assert expected["QE_LRT"] < ratio.statistic < expected["QE_LRT"] * (1 + 1e-5)
    else:
        assert ratio.p_value == pytest.approx(expected["QEp_LRT"], rel=1e-4)
    if fit.tau2 == 0:
        assert (fit.i2, fit.h2) == (0.0, 1.0)
    elif expected["tau2"] and close(fit.tau2, expected["tau2"], slack_of(case, "tau2")):
        # Both follow from tau2 and the typical variance, which has no slack.
        typical = expected["tau2"] / (expected["H2"] - 1)
        assert fit.h2 == pytest.approx(fit.tau2 / typical + 1, rel=1e-9)
        assert fit.i2 == pytest.approx(100 * fit.tau2 / (typical + fit.tau2), rel=1e-9)


@each
def test_wald(index):
    """Where a study's own effect is infinite there is no such test; the reference prints what its iterations left."""
    case, fit = CASES[index], fitted(index)
    if own_effect_is_infinite(case):
        assert math.isnan(fit.wald.statistic)
    elif model_of(case) == "CM.EL" and case["options"]["measure"] == "OR":
        assert fit.wald.statistic == pytest.approx(exact_wald(*telling(case)), rel=1e-9)
        reference = case["expected"]["QE_Wld"]
        assert reference is None or fit.wald.statistic == pytest.approx(reference, rel=0.03)  # by rough differences
    elif model_of(case) == "UM.RS":
        # The same saturated model, fitted for EE and for ML: as far as the reference agrees with itself.
        same = [
            other["expected"]["QE_Wld"]
            for other in CASES
            if other["key"] == case["key"]
            and model_of(other) == "UM.RS"
            and other["options"]["measure"] == case["options"]["measure"]
        ]
        assert min(same) - 2 * np.ptp(same) - 1e-6 < fit.wald.statistic < max(same) + 2 * np.ptp(same) + 1e-6
    else:
        assert close(fit.wald.statistic, case["expected"]["QE_Wld"])
        assert fit.wald.p_value == pytest.approx(case["expected"]["QEp_Wld"], rel=1e-4)


def own_effect_is_infinite(case):
    data = data_of(case)
    if model_of(case) == "one arm":
        x, size = data
        return bool(((x == 0) | ((x == size) & (case["options"]["measure"] == "PLO"))).any())
    a, n1, c, n2 = data
    logistic = case["options"]["measure"] == "OR"
    told = (a + c > 0) & ((a + c < n1 + n2) | (not logistic))
    if model_of(case) == "UM.RS":  # its levels are shared, so only the treated arm stands alone
        return bool(((a == 0) | ((a == n1) & logistic))[told].any())
    infinite = (a == 0) | (c == 0)
    if logistic and model_of(case) != "CM.AL":
        infinite |= (a == n1) | (c == n2)
    return bool(infinite[told].any())


@each
def test_log_likelihood(index):
    """Ours is the whole log likelihood; the reference prints three different things under that name."""
    case, fit = CASES[index], fitted(index)
    expected, options = case["expected"], case["options"]
    if fit.fit is None:
        return
    slack = max(slack_of(case, "logLik"), 1e-6)
    ours = fit.fit.log_likelihood
    one_random_effect = options["method"] == "ML" and model_of(case) != "UM.RS" and nodes_of(case) is not None
    if model_of(case) == "UM.RS" and options["method"] == "EE":
        printed = -0.5 * fit.fit.deviance  # less that of every count with a rate of its own
    elif one_random_effect:
        printed = conditional_log_likelihood(case, fit)  # given the studies' most likely effects: not a marginal one
    else:
        printed = ours
    assert printed == pytest.approx(expected["logLik"], rel=1e-6, abs=4 * slack + 2e-4)
    parameters = round((fit.fit.aic + 2 * ours) / 2, 6)
    # The correlation is a parameter too; the reference does not count it.
    assert parameters - bool(options.get("cor")) == pytest.approx((expected["AIC"] + 2 * expected["logLik"]) / 2)
    per_parameter = (expected["BIC"] + 2 * expected["logLik"]) / (parameters - bool(options.get("cor")))
    assert (fit.fit.bic + 2 * ours) / parameters == pytest.approx(per_parameter)


def conditional_log_likelihood(case, fit):
    """Log probability of the counts at each study's most likely effect, found by a search of this test's own."""
    data, tau = data_of(case), math.sqrt(fit.tau2)
    if model_of(case) == "one arm":
        x, size = data

        def log(effect):
            return (
                log_count(x, size, effect, case["options"]["measure"] == "PLO")
                - 0.5 * ((effect - fit.estimate) / tau) ** 2
            )

        if tau == 0:
            return float(log_count(x, size, fit.estimate, case["options"]["measure"] == "PLO").sum())
        best = search(log, np.full(x.size, fit.estimate))
        return float((log(best) + 0.5 * ((best - fit.estimate) / tau) ** 2).sum())
    a, n1, c, n2 = (column[told_by(data, case)] for column in data)
    logistic = case["options"]["measure"] == "OR"
    if model_of(case) in ("CM.AL", "CM.EL"):
        offset, total = np.log(n1 / n2), a + c
        if tau == 0:
            return float(log_count(a, total, fit.estimate + offset, True).sum())

        def log(effect):
            return log_count(a, total, effect + offset, True) - 0.5 * ((effect - fit.estimate) / tau) ** 2

        best = search(log, np.full(a.size, fit.estimate))
        return float((log(best) + 0.5 * ((best - fit.estimate) / tau) ** 2).sum())
    from evenhand.synthesis.counts.model_likelihoods import _two_counts
    from evenhand.synthesis.counts.study_integrals import log_integrals

    both = _two_counts((a, n1, c, n2), "OR" if logistic else "IRR")

    def marginal(level):
        bases = [level + 0.5 * fit.estimate, level - 0.5 * fit.estimate]
        spread = np.full((1, a.size), 0.5 * tau)
        return log_integrals(both, bases, [spread, -spread], 7)

    rough = np.log((a + c + 1) / ((n1 + n2 - a - c + 1) if logistic else (n1 + n2)))
    level, value = highest_of_each(marginal, rough[None, :])
    if tau == 0:
        return float(value.sum())

    def log(effect):
        arms = log_count(a, n1, level[0] + 0.5 * effect, logistic) + log_count(c, n2, level[0] - 0.5 * effect, logistic)
        return arms - 0.5 * ((effect - fit.estimate) / tau) ** 2

    best = search(log, np.full(a.size, fit.estimate))
    return float((log(best) + 0.5 * ((best - fit.estimate) / tau) ** 2).sum())


def told_by(data, case):
    a, n1, c, n2 = data
    return (a + c > 0) & ((a + c < n1 + n2) | (case["options"]["measure"] == "IRR"))


def log_count(x, size, eta, logistic):
    if logistic:
        ways = gammaln(size + 1) - gammaln(x + 1) - gammaln(size - x + 1)
        return ways + x * eta - size * np.logaddexp(0, eta)
    return x * (eta + np.log(size)) - size * np.exp(eta) - gammaln(x + 1)


def search(log, start):
    """Golden sections in parallel, over a wide range."""
    low, high = start - 60, start + 60
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(90):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        upper = log(left) > log(right)
        low, high = np.where(upper, low, left), np.where(upper, right, high)
    return 0.5 * (low + high)


def telling(case):
    data = data_of(case)
    return tuple(column[told_by(data, case)].astype(int) for column in data)


def tables_of(a, n1, c, n2):
    """Possible counts less the observed one, and log of their ways."""
    for x, m1, y, m2 in zip(a, n1, c, n2, strict=True):
        total = x + y
        j = np.arange(max(0, total - m2), min(m1, total) + 1)
        # In whole numbers up to logs: log C(m1, j) + log C(m2, total − j)
        ways = [math.log(math.comb(int(m1), int(i)) * math.comb(int(m2), int(total - i))) for i in j] if m1 < 500 else (
            gammaln(m1 + 1) - gammaln(j + 1) - gammaln(m1 - j + 1)
            + gammaln(m2 + 1) - gammaln(total - j + 1) - gammaln(m2 - total + j + 1)
        )  # fmt: skip
        ways = np.asarray(ways)
        yield j - x, ways - ways[j == x]


def exact_moments(away, ways, theta):
    p = ways + away * theta
    p = np.exp(p - p.max())
    p /= p.sum()
    mean = float(p @ away)
    return mean, float(p @ (away - mean) ** 2)


def exact_se(a, n1, c, n2, theta):
    return sum(exact_moments(*table, theta)[1] for table in tables_of(a, n1, c, n2)) ** -0.5


def exact_wald(a, n1, c, n2):
    from scipy.optimize import brentq

    own, information = [], []
    for table in tables_of(a, n1, c, n2):
        own.append(brentq(lambda theta, table=table: exact_moments(*table, theta)[0], -30, 30, xtol=1e-13))
        information.append(exact_moments(*table, own[-1])[1])
    own, information = np.array(own), np.array(information)
    mean = own @ information / information.sum()
    return float(information @ (own - mean) ** 2)


def enumerated(a, n1, c, n2, mean, tau2):
    """Log likelihood of the exact conditional model and se of tau2, by enumeration and quadrature."""
    reach = 9 * math.sqrt(1.2 * tau2)
    theta = np.linspace(mean - reach, mean + reach, 6001)
    likelihoods = []
    for away, ways in tables_of(a, n1, c, n2):
        likelihood = np.empty(theta.size)
        for part in np.array_split(np.arange(theta.size), 20):
            rows = ways + theta[part, None] * away
            top = rows.max(axis=1)
            likelihood[part] = np.exp(-(top + np.log(np.exp(rows - top[:, None]).sum(axis=1))))
        likelihoods.append(likelihood)

    def log_likelihood(mean, tau2):
        density = np.exp(-0.5 * (theta - mean) ** 2 / tau2) / math.sqrt(2 * math.pi * tau2)
        step = theta[1] - theta[0]
        return float(sum(math.log(step * float(likelihood @ density)) for likelihood in likelihoods))

    h, g = 0.02, 0.03 * tau2
    f = {(i, j): log_likelihood(mean + i * h, tau2 + j * g) for i in (-2, -1, 0, 1, 2) for j in (-2, -1, 0, 1, 2)}

    def second(line, step):
        return (16 * (line[1] + line[3]) - line[0] - line[4] - 30 * line[2]) / (12 * step**2)

    aa = -second([f[i, 0] for i in range(-2, 3)], h)
    bb = -second([f[0, j] for j in range(-2, 3)], g)

    def cross(n):
        return (f[n, n] + f[-n, -n] - f[n, -n] - f[-n, n]) / (4 * n * n * h * g)

    ab = -(4 * cross(1) - cross(2)) / 3
    return f[0, 0], math.sqrt(aa / (aa * bb - ab**2))


def other_se(case, fit):
    """From differences of another length about the reported peak."""
    data = data_of(case)
    kept = tuple(column[told_by(data, case)] for column in data)
    model = random_levels_model(kept, case["options"]["measure"], "UM.RS")
    nodes = nodes_of(case)
    if case["options"]["method"] == "EE":
        fixed, function = [math.sqrt(fit.sigma2)], model.equal_effects
    else:
        shared = fit.correlation * math.sqrt(fit.sigma2) if case["options"].get("cor") else 0.0
        alone = math.sqrt(max(fit.sigma2 - shared**2, 0.0))
        fixed = [math.sqrt(fit.tau2), alone, *([shared] if case["options"].get("cor") else [])]
        function = model.random_effects

    def at_level(level):
        return function(np.array([[fit.estimate, level, *fixed]]), nodes)

    level = float(highest_of_each(lambda x: np.array([at_level(float(v))[0] for v in x]), np.array(model.start[1]))[0])
    at = np.array([fit.estimate, level, *fixed])
    # Even in spreads, so one at 0 may be left out.
    free = [i for i in range(at.size) if i < 2 or abs(at[i]) > 1e-4]

    def of_free(rows):
        full = np.broadcast_to(at, (rows.shape[0], at.size)).copy()
        full[:, free] = rows
        return function(full, nodes)

    information = -differences(of_free, at[free], np.full(len(free), 0.004))[2]
    return math.sqrt(np.linalg.inv(information)[0, 0])


@pytest.mark.parametrize("case", [case for case in CASES if has_no_peak(case) and case["options"]["method"] == "ML"])
def test_a_likelihood_that_rises_for_ever(case):
    fit = fitted(CASES.index(case))
    assert not fit.converged
    assert "rises for ever" in fit.reason
    expected = case["expected"]
    data = telling(case)
    # By enumeration the likelihood where the reference stopped is above what its integrals gave it, and higher yet
    # farther out.
    there = enumerated(*data, expected["b"], expected["tau2"])[0]
    assert there > expected["logLik"] + 0.1
    farther = enumerated(*data, expected["b"], 4 * expected["tau2"])[0]
    assert farther > there + 0.05


@pytest.mark.parametrize("case", [c for c in CASES if c["options"]["nAGQ"] == 7 and c["options"]["method"] == "ML"])
def test_seven_nodes_are_an_approximation(case):
    """The integrals of the default are right; 7 nodes are off by what `quadrature_error` says."""
    if (model_of(case) == "CM.EL" and case["options"]["measure"] == "OR") or (
        model_of(case) != "one arm" and case["options"]["measure"] == "OR" and all_at_ends(case)
    ):
        pytest.skip("integrated adaptively there, or no peak at all")
    seven = fitted(CASES.index(case))
    told = {"measure": case["options"]["measure"], "method": "ML"}
    fine = (
        mixed_model_of_one_arm(*data_of(case), **told)
        if model_of(case) == "one arm"
        else mixed_model(*data_of(case), model=model_of(case), **told)
    )
    assert fine.converged
    assert fine.quadrature_error < 1e-8
    assert seven.fit.log_likelihood == pytest.approx(fine.fit.log_likelihood, abs=3 * seven.quadrature_error + 1e-8)

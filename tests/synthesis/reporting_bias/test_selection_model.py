"""Selection models against the reference numbers, against adaptive quadrature, and where little can be learnt."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import log_ndtr, ndtr, ndtri

from evenhand.synthesis.reporting_bias.selection_likelihood import SelectionLikelihood, smooth_selection, step_selection
from evenhand.synthesis.reporting_bias.selection_model import SELECTION_MODELS, selection_model
from evenhand.synthesis.reporting_bias.selection_weights import WEIGHT_FUNCTIONS
from tests.conftest import golden

CASES = [case for case in golden("bias.json") if case["task"] == "selmodel"]
HACKSHAW = next(case["data"] for case in CASES if case["key"] == "hackshaw1998")


def fitted(case):
    data, options = case["data"], case["options"]
    return selection_model(
        data["yi"],
        data["vi"],
        kind=options["type"],
        steps=options.get("steps"),
        delta=options.get("delta_fixed"),
        alternative=options["alternative"],
        method=options["method"],
    )


def log_weight(kind, p, q, delta):
    return {
        "beta": lambda: (delta[0] - 1) * math.log(p) + (delta[1] - 1) * math.log(q),
        "halfnorm": lambda: -delta[0] * p * p,
        "negexp": lambda: -delta[0] * p,
        "logistic": lambda: math.log(2) - delta[0] * p - math.log1p(math.exp(-delta[0] * p)),
        "power": lambda: delta[0] * math.log(q),
        "negexppow": lambda: -delta[0] * p ** (1 / delta[1]),
    }[kind]()


def by_adaptive_quadrature(kind, yi, vi, mu, tau2, delta, *, alternative="greater"):
    """The log likelihood from its definition, each integral to 1e-13, none of the code under test."""
    floor = 1e-5 if kind in ("beta", "power") else 0.0
    sign = -1.0 if alternative == "less" else 1.0

    def weight(z):
        p, q = (
            (2 * ndtr(-abs(z)), math.erf(abs(z) / math.sqrt(2))) if alternative == "two.sided" else (ndtr(-z), ndtr(z))
        )
        p, q = (min(max(share, floor), 1 - floor) if floor else share for share in (p, q))
        return log_weight(kind, p, q, delta)

    total = 0.0
    for y, v in zip(yi, vi, strict=True):
        y, center, sd, root = sign * y, sign * mu, math.sqrt(v + tau2), math.sqrt(v)

        def density(x, center=center, sd=sd, root=root):
            return math.exp(weight(x / root) - 0.5 * ((x - center) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))

        bend = [-ndtri(floor / s) for s in (1, 2)] if floor else []
        kinks = {k * s for k in (*bend, 0.0, 1e-5, 1e-3, 0.1, 1.0, 2.5) for s in (-root, root)}
        ends = sorted(kinks | set(center + sd * np.arange(-9, 9.1, 1.5)))
        ends = [end for end in ends if abs(end - center) <= 9.01 * sd]
        chance = sum(quad(density, a, b, epsabs=1e-300, epsrel=1e-13)[0] for a, b in pairwise(ends))
        total += weight(y / root) - math.log(sd * math.sqrt(2 * math.pi)) - 0.5 * ((y - center) / sd) ** 2
        total -= math.log(chance)
    return total


def test_nothing_drops_out():
    assert len(CASES) == 38
    assert {case["options"]["type"] for case in CASES} <= set(SELECTION_MODELS)
    assert {case["options"]["method"] for case in CASES} == {"ML", "EE"}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference(case):
    fit, expected = fitted(case), case["expected"]
    assert fit.converged
    stepwise = case["options"]["type"] == "stepfun"
    where = [fit, *fit.other_peaks]
    near = min(where, key=lambda peak: abs(float(peak.beta[0]) - expected["b"]))
    theirs = expected["logLik"]
    if not stepwise:
        # The reference's own integrals are good to about 1e-4; so its parameters are judged by exact ones.
        theirs = by_adaptive_quadrature(
            case["options"]["type"], case["data"]["yi"], case["data"]["vi"], expected["b"], expected["tau2"],
            expected["delta"], alternative=case["options"]["alternative"],
        )  # fmt: skip
    assert fit.log_likelihood >= theirs - 1e-9
    # Where ours is another, higher peak, the reference's is listed among the lower ones.
    assert near is fit or fit.log_likelihood > theirs + 0.01
    slack = {"b": 1e-6, "tau2": 1e-6} | {
        name: 3 * value for name, value in expected.get("default_control_disagreement", {}).items()
    }
    hint = case["options"].get("tol_hint", 1e-6)
    assert float(near.beta[0]) == pytest.approx(expected["b"], rel=hint, abs=max(slack["b"], 1e-6))
    assert near.tau2 == pytest.approx(expected["tau2"], rel=hint, abs=max(slack["tau2"], 1e-6))
    if "delta" in expected:
        assert near.delta == pytest.approx(expected["delta"], rel=10 * hint, abs=1e-5)
        assert fit.log_likelihood_unadjusted == pytest.approx(expected["logLik_unadjusted"], rel=1e-8)
        assert fit.lrt_df == expected["LRTdf"]
    if "delta" in expected and stepwise:
        # Closed-form integrals on both sides: every figure must agree.
        assert fit.log_likelihood == pytest.approx(expected["logLik"], abs=1e-9)
        assert (fit.lrt, fit.lrt_p_value) == pytest.approx((expected["LRT"], expected["LRTp"]), rel=1e-6)
        assert fit.p_value[0] == pytest.approx(expected["pval"], rel=1e-3)
        assert (fit.ci_lower[0], fit.ci_upper[0]) == pytest.approx((expected["ci_lb"], expected["ci_ub"]), rel=1e-4)
        for ours, reference in zip(fit.se_delta, expected["se_delta"], strict=True):
            assert math.isnan(ours) if reference is None else ours == pytest.approx(reference, rel=1e-3)
        if expected["se_tau2"] is None:
            assert math.isnan(fit.se_tau2)
        else:
            assert fit.se_tau2 == pytest.approx(expected["se_tau2"], rel=1e-3)
    if stepwise:
        assert fit.se[0] == pytest.approx(expected["se"], rel=1e-4)


def test_a_peak_that_only_the_floor_of_p_values_holds_up_is_not_the_estimate():
    # Dorn et al. (2007), irritable bowels, log odds ratios of metadat 1.2-0, rounded. metafor 3.8-1, `selmodel`:
    # 0.722, tau2 1.389, delta 0.9914 and 1.2493, by integrals good to 1e-4.
    yi = [1.8167, -0.2495, -0.1868, 0.7383, 0.6668, 3.1372, 1.8341, 1.8777, -0.2231, -0.3806, 2.1327, 1.4419, -0.4914,
          4.679, -0.3058, 2.2548, 1.9504, 1.2785, 0.8114]  # fmt: skip
    vi = [0.2841, 0.2996, 0.2784, 0.4607, 0.3789, 0.4833, 0.3932, 1.3357, 0.7, 0.142, 0.8028, 0.1797, 0.2482, 1.4448,
          0.1779, 0.7012, 0.3456, 0.1662, 0.0926]  # fmt: skip
    fit = selection_model(yi, vi, kind="beta")
    assert (fit.estimate, fit.tau2, *fit.delta) == pytest.approx((0.722, 1.389, 0.9914, 1.2493), rel=3e-3)
    assert fit.converged
    assert not any(fit.delta_at_bound)
    theirs = by_adaptive_quadrature("beta", yi, vi, 0.72201566, 1.38851071, (0.99139794, 1.24925148))
    assert fit.log_likelihood >= theirs - 1e-9
    # The other is likelier, but of a weight whose mean is infinite: the lower the floor, the less likely.
    (other,) = fit.other_peaks
    assert other.log_likelihood > fit.log_likelihood
    assert other.delta[0] == pytest.approx(1e-5)
    assert other.delta[0] < other.tau2 / (other.tau2 + min(vi))


SMOOTH = [
    ("beta", (0.7, 1.6)), ("beta", (3.0, 0.4)), ("beta", (40.0, 25.0)), ("halfnorm", (4.0,)), ("negexp", (60.0,)),
    ("logistic", (9.0,)), ("power", (0.3,)), ("power", (20.0,)), ("negexppow", (3.0, 0.3)), ("negexppow", (2.0, 8.0)),
]  # fmt: skip


@pytest.mark.parametrize("alternative", ["greater", "two.sided"])
@pytest.mark.parametrize(("kind", "delta"), SMOOTH)
def test_chances_are_those_of_adaptive_quadrature(kind, delta, alternative):
    yi, vi = np.array([0.4, -0.3, 1.1, 6.0]), np.array([0.05, 0.4, 2.0, 0.8])
    selection = smooth_selection(
        WEIGHT_FUNCTIONS[kind], yi / np.sqrt(vi), None, two_sided=alternative == "two.sided", threshold=None
    )
    likelihood = SelectionLikelihood(yi=yi, vi=vi, X=np.ones((4, 1)), selection=selection)
    for mu, tau2 in ((0.2, 0.0), (-1.5, 0.3), (3.0, 5.0)):
        exact = by_adaptive_quadrature(kind, yi, vi, mu, tau2, delta, alternative=alternative)
        assert likelihood.value(np.array([mu, tau2, *delta])) == pytest.approx(exact, rel=1e-9)


def selections(yi, vi):
    zi = yi / np.sqrt(vi)
    precision = np.sqrt(vi / vi.max())
    for kind, delta in SMOOTH:
        for two_sided in (False, True):
            for threshold in (None, 0.2) if kind != "beta" else (None,):
                for of in (None, precision) if kind != "beta" else (None,):
                    yield (
                        smooth_selection(WEIGHT_FUNCTIONS[kind], zi, of, two_sided=two_sided, threshold=threshold),
                        delta,
                    )
    cuts = -ndtri([0.05, 0.5])[None, :]
    yield step_selection(cuts, np.searchsorted(np.log([0.05, 0.5]), log_ndtr(-zi)), mirrored=False), (0.6, 0.2)
    cuts = -ndtri(np.array([0.05, 0.5]) / 2)[None, :]
    places = np.searchsorted(np.log([0.05, 0.5]), math.log(2) + log_ndtr(-np.abs(zi)))
    yield step_selection(cuts, places, mirrored=True), (1.7, 0.2)
    yield step_selection((0.3 / np.sqrt(vi))[:, None], (yi <= 0.3).astype(int), mirrored=False), (0.4,)


def test_gradient_and_hessian_are_those_of_differences():
    yi, vi = np.array([0.4, -0.3, 1.1, 0.7, 0.1]), np.array([0.05, 0.4, 0.2, 0.1, 0.3])
    design = np.column_stack([np.ones(5), [0.0, 1.0, 0.5, -0.3, 2.0]])
    count = 0
    for selection, delta in selections(yi, vi):
        likelihood = SelectionLikelihood(yi=yi, vi=vi, X=design, selection=selection)
        theta = np.array([0.2, -0.1, 0.15, *delta])
        value, gradient, hessian = likelihood.expansion(theta)
        assert value == pytest.approx(likelihood.value(theta), rel=1e-12)
        for i in range(theta.size):
            h = 1e-5 * max(1.0, abs(theta[i]))
            up, down = (theta + s * h * (np.arange(theta.size) == i) for s in (1, -1))
            slope = (likelihood.value(up) - likelihood.value(down)) / (2 * h)
            bend = (likelihood.expansion(up)[1] - likelihood.expansion(down)[1]) / (2 * h)
            assert gradient[i] == pytest.approx(slope, rel=1e-5, abs=1e-7)
            assert hessian[i] == pytest.approx(bend, rel=1e-5, abs=1e-7)
        count += 1
    assert count == 3 * 2 + 7 * 2 * 2 * 2 + 3  # beta; the others by side, threshold and precision; steps


@pytest.mark.parametrize("kind", [*WEIGHT_FUNCTIONS, "stepfun", "trunc"])
def test_less_is_greater_in_the_mirror(kind):
    yi, vi = np.array(HACKSHAW["yi"]), HACKSHAW["vi"]
    steps = {"stepfun": 0.05, "trunc": 0.1}.get(kind)
    up = selection_model(yi, vi, kind=kind, steps=steps)
    down = selection_model(-yi, vi, kind=kind, steps=-steps if kind == "trunc" else steps, alternative="less")
    assert down.beta == pytest.approx(-up.beta, rel=1e-9)
    assert (down.log_likelihood, down.tau2) == pytest.approx((up.log_likelihood, up.tau2), rel=1e-9)
    assert down.delta == pytest.approx(up.delta, rel=1e-9)


def test_a_step_at_the_middle_of_p_is_a_truncation_at_0():
    """p > 0.5 is an effect below 0, so that two descriptions of one model must agree."""
    yi, vi = HACKSHAW["yi"], HACKSHAW["vi"]
    step, cut = selection_model(yi, vi, steps=0.5), selection_model(yi, vi, kind="trunc")
    assert step.delta[1] == pytest.approx(cut.delta[0], rel=1e-8)
    assert (step.estimate, step.tau2, step.log_likelihood) == pytest.approx(
        (cut.estimate, cut.tau2, cut.log_likelihood), rel=1e-8
    )
    assert step.se[0] == pytest.approx(cut.se[0], rel=1e-7)


def test_special_cases_of_the_exponential_power():
    yi, vi = HACKSHAW["yi"], HACKSHAW["vi"]
    for power, kind in ((1.0, "negexp"), (0.5, "halfnorm")):
        held = selection_model(yi, vi, kind="negexppow", delta=(None, power))
        plain = selection_model(yi, vi, kind=kind)
        assert (held.estimate, held.delta[0], held.se[0]) == pytest.approx(
            (plain.estimate, plain.delta[0], plain.se[0]), rel=1e-7
        )


def test_published_steps_of_the_passive_smoking_trials():
    """The figures in metafor's own tests for steps of 0.05, 0.10, 0.50, got with its default stopping rule of 1e-8."""
    fit = selection_model(HACKSHAW["yi"], HACKSHAW["vi"], steps=(0.05, 0.10, 0.50, 1.00))
    assert fit.delta == pytest.approx([1, 2.422079, 0.977543, 0.396713], abs=5e-6)
    assert fit.se_delta[1:] == pytest.approx([1.66085, 0.820387, 0.469235], abs=5e-6)
    assert (fit.lrt, fit.lrt_df) == (pytest.approx(7.066137, abs=5e-6), 3)
    assert fit.tau2 == pytest.approx(0.03071325, rel=1e-5)
    assert sum(fit.studies_in_interval) == 37


def test_the_best_cutpoint_beats_any_other():
    yi, vi = HACKSHAW["yi"], HACKSHAW["vi"]
    best = selection_model(yi, vi, kind="truncest")
    for cut in np.linspace(min(yi) + 0.01, max(yi) - 0.01, 9):
        assert best.log_likelihood >= selection_model(yi, vi, kind="trunc", steps=float(cut)).log_likelihood - 1e-9
    assert (best.delta.size, best.lrt_df) == (2, 2)


def test_moderators():
    rng = np.random.default_rng(5)
    k = 40
    vi, x = rng.uniform(0.02, 0.3, k), rng.normal(size=k)
    yi = rng.normal(0.3 + 0.4 * x, np.sqrt(vi + 0.05))
    fit = selection_model(yi, vi, np.column_stack([np.ones(k), x]), steps=0.025)
    assert fit.converged
    assert fit.beta == pytest.approx([0.3, 0.4], abs=4 * fit.se.max())
    assert fit.covariance.shape == (2, 2)


@pytest.mark.parametrize("method", ["ML", "EE"])
@pytest.mark.parametrize("kind", [*WEIGHT_FUNCTIONS, "stepfun", "trunc", "truncest"])
class TestEdges:
    def test_few_studies_and_extreme_ones_give_a_result(self, kind, method):
        for yi, vi in (
            ([0.3], [0.1]),
            ([0.3, -2.0], [0.1, 0.2]),
            ([0.5] * 4, [0.1, 0.2, 0.3, 0.4]),
            ([9.0, 8.0, 12.0], [1e-4, 1e-3, 1e-2]),
            ([-9.0, -8.0, -12.0], [1e-4, 1e-3, 1e-2]),
            ([1e-3, -2e-3, 5e-4, 1e-3], [1e-6, 2e-6, 1e-6, 5e-6]),
        ):
            fit = selection_model(yi, vi, kind=kind, method=method)
            assert fit.log_likelihood >= fit.log_likelihood_unadjusted - 1e-8
            assert np.isfinite(fit.beta).all()
            assert fit.tau2 >= 0
            assert (fit.se_reason is None) or np.isnan([*fit.se, fit.se_tau2, *fit.se_delta]).any()

    def test_weights_that_select_nothing_change_nothing(self, kind, method):
        yi, vi = HACKSHAW["yi"], HACKSHAW["vi"]
        null = [1.0, 1.0] if kind == "stepfun" else [1.0] if kind == "trunc" else [1.0, 0.1]
        null = list(WEIGHT_FUNCTIONS[kind].null) if kind in WEIGHT_FUNCTIONS else null
        fit = selection_model(yi, vi, kind=kind, method=method, delta=null)
        assert fit.log_likelihood == pytest.approx(fit.log_likelihood_unadjusted, rel=1e-9)
        assert fit.estimate == pytest.approx(float(fit.unadjusted.beta[0]), rel=1e-6)
        assert math.isnan(fit.lrt)
        assert fit.lrt_df == 0


def test_no_study_in_the_first_interval_is_said():
    """The other weights, relative to one of which nothing is known, run to their bound."""
    fit = selection_model([0.1, -0.2, 0.05], [0.1, 0.2, 0.1], steps=0.025)
    assert fit.studies_in_interval == (0, 3)
    assert fit.delta_at_bound == (False, True)


def test_a_study_without_a_chance_is_a_result_that_says_so():
    fit = selection_model([0.5, -0.5], [0.1, 0.1], kind="trunc", delta=[0.0])
    assert not fit.converged
    assert fit.se_reason == "unseen"
    assert math.isnan(fit.estimate)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"kind": "gamma"}, "kind 'gamma'"),
        ({"alternative": "both"}, "alternative 'both'"),
        ({"kind": "trunc", "alternative": "two.sided"}, "cuts off one side"),
        ({"method": "REML"}, "method 'REML'"),
        ({"level": 95}, "level = 95"),
        ({"delta_max": 0}, "delta_max = 0"),
        ({"steps": (0.1, 1.2)}, "1.2 is no p-value"),
        ({"steps": 1.0}, "needs a p-value below 1"),
        ({"kind": "beta", "steps": 0.05}, "the beta weight has none"),
        ({"kind": "negexp", "steps": (0.05, 0.1)}, "has one p-value"),
        ({"delta": (1, 2, 3)}, "1 cutpoints make 2 intervals"),
        ({"delta": (0.5, 0.2)}, r"delta\[0\] = 0.5"),
        ({"kind": "beta", "delta": (1,)}, "'beta' has 2"),
        ({"kind": "negexp", "delta": (-1,)}, r"delta\[0\] = -1"),
        ({"kind": "truncest", "delta": (1,)}, "a weight and a cutpoint"),
        ({"prec": "sei"}, "takes no precision"),
        ({"kind": "negexp", "prec": "n"}, "prec 'n'"),
        ({"kind": "negexp", "prec": "ninv"}, "sample size of each of the 2"),
        ({"kind": "negexp", "prec": "ninv", "ni": (10, 0)}, r"ni\[1\] = 0.0"),
    ],
)
def test_what_does_not_fit_is_named(options, says):
    with pytest.raises(ValueError, match=says):
        selection_model([0.1, 0.2], [0.1, 0.2], **options)

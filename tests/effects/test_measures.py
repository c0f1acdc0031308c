"""One walk over the registry: no measure without documentation, a name in each language, and a way back."""

import inspect

import numpy as np
import pytest

from evenhand.effects import ALIASES, MEASURES, Kind, measure_named
from evenhand.words.catalogue import LANGUAGES, Catalogue

# Points of each analysis scale, by the scale's range.
BETWEEN_0_AND_1 = [0.01, 0.3, 0.99]
INSIDE = {
    **dict.fromkeys(("PR", "R2", "IR", "CLES", "CLESN", "CLESCN", "IRS", "IRFT", "ZR2"), BETWEEN_0_AND_1),
    "PAS": [0.05, 0.7, 1.5],
    "PFT": [0.05, 0.7, 1.5],
    "PLN": [-4.0, -0.5, -0.01],
}
EXAMPLE = {
    Kind.COUNTS: (6, 16, 3, 16),
    Kind.MEANS: (7.2, 5.5, 25, 11.6, 7.9, 25),
    Kind.SPREADS: (5.5, 25, 7.9, 25),
    Kind.RATES: (6, 160.5, 3, 154),
    Kind.RANKS: (0.7, 25, 25),
    Kind.MATCHED_COUNTS: (15, 6, 4, 25),
    Kind.MATCHED_MARGINS: (21, 19, 50, 0.6),
    Kind.CHANGE: (7.2, 5.5, 11.6, 7.9, 25, 0.5),
    Kind.CHANGE_OF_SPREAD: (5.5, 7.9, 25, 0.5),
    Kind.CORRELATION: (0.3, 40),
    Kind.REGRESSION_TEST: (2.1, 40, 3),
    Kind.REGRESSION_PART: (2.1, 40, 3, 0.3),
    Kind.REGRESSION_FIT: (0.3, 40, 3),
    Kind.RELIABILITY: (0.8, 10, 40),
    Kind.GENOTYPES: (30, 45, 14),
    Kind.ONE_COUNT: (8, 25),
    Kind.ONE_MEAN: (7.2, 5.5, 25),
    Kind.ONE_SPREAD: (5.5, 25),
    Kind.ONE_RATE: (8, 160.5),
    Kind.PRINTED_RATIO: (0.7, 0.5, 0.98),
    Kind.ESTIMATE: (0.3, 0.04),
}
NO_EFFECT = {
    Kind.COUNTS: (4, 16, 4, 16),
    Kind.MEANS: (7.2, 5.5, 25, 7.2, 5.5, 25),
    Kind.SPREADS: (5.5, 25, 5.5, 25),
    Kind.RATES: (6, 160.5, 6, 160.5),
    Kind.RANKS: (0.5, 25, 25),
    Kind.MATCHED_COUNTS: (15, 6, 6, 25),
    Kind.MATCHED_MARGINS: (21, 21, 50, 0.6),
    Kind.CHANGE: (7.2, 5.5, 7.2, 5.5, 25, 0.5),
    Kind.CHANGE_OF_SPREAD: (5.5, 5.5, 25, 0.5),
    Kind.CORRELATION: (0.0, 40),
    Kind.REGRESSION_TEST: (0.0, 40, 3),
    Kind.REGRESSION_PART: (0.0, 40, 3, 0.3),
    Kind.GENOTYPES: (25, 50, 25),
    Kind.PRINTED_RATIO: (1.0, 0.5, 2.0),
    Kind.ESTIMATE: (0.0, 0.04),
}
MORE = {
    Kind.COUNTS: (9, 16, 4, 16),
    Kind.MEANS: (9.0, 2.5, 16, 8.0, 2.0, 16),
    Kind.SPREADS: (5.5, 25, 4.5, 25),
    Kind.RATES: (9, 160.5, 6, 160.5),
    Kind.RANKS: (0.6, 25, 25),
    Kind.MATCHED_COUNTS: (15, 9, 4, 25),
    Kind.MATCHED_MARGINS: (24, 21, 50, 0.6),
    Kind.CHANGE: (9.0, 2.5, 4.0, 1.0, 25, 0.5),
    Kind.CHANGE_OF_SPREAD: (5.5, 4.5, 25, 0.5),
    Kind.CORRELATION: (0.2, 40),
    Kind.REGRESSION_TEST: (1.0, 40, 3),
    Kind.REGRESSION_PART: (1.0, 40, 3, 0.3),
    Kind.GENOTYPES: (20, 60, 20),
    Kind.PRINTED_RATIO: (1.2, 0.5, 2.0),
    Kind.ESTIMATE: (0.2, 0.04),
}


@pytest.fixture(params=MEASURES.values(), ids=MEASURES)
def measure(request):
    return request.param


def estimate(measure, figures):
    return measure.estimate(*(np.array([float(figure)]) for figure in figures))


def test_is_registered_under_its_own_name(measure):
    assert MEASURES[measure.name] is measure
    assert measure_named(measure.name.lower()) is measure


def test_is_documented(measure):
    assert len(inspect.getdoc(measure.estimate).splitlines()[0]) > 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_has_a_name_in_each_language(measure, language):
    assert Catalogue.load(language).text(measure.label)


def test_its_arguments_are_those_of_its_kind(measure):
    names = [
        name
        for name, parameter in inspect.signature(measure.estimate).parameters.items()
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    assert tuple(names) == measure.arguments == measure.kind.arguments


def test_says_what_others_add_to_zeros_where_it_takes_such_an_option(measure):
    assert (measure.customary_zero_cells is not None) == ("zero_cells" in measure.options)


def test_display_scale_leads_back(measure):
    points = np.array(INSIDE.get(measure.name, [-2.0, 0.0, 0.3, 1.7]))
    np.testing.assert_allclose(measure.from_display(measure.to_display(points)), points, rtol=1e-12, atol=1e-12)


def test_estimate_takes_what_its_kind_says(measure):
    yi, vi = estimate(measure, EXAMPLE[measure.kind])
    assert yi.shape == vi.shape == (1,)
    assert np.isfinite(yi).all()
    assert (vi > 0).all()


def test_no_difference_sits_at_the_null(measure):
    if measure.null is None:
        assert measure.kind not in NO_EFFECT
        return
    yi, _ = estimate(measure, NO_EFFECT[measure.kind])
    # Freed of its small-sample bias, an estimate of nothing is not exactly nothing.
    assert yi[0] == pytest.approx(measure.null, abs=1e-15)


def test_more_in_the_treated_arm_is_positive(measure):
    if measure.null is None:
        return
    yi, _ = estimate(measure, MORE[measure.kind])
    assert yi[0] > measure.null


def test_nobody_at_all_is_nan_and_no_warning(measure):
    """Zeros everywhere, and figures that were not reported, give no estimate, and never an exception."""
    with np.errstate(all="raise"):
        for figure in (0.0, np.nan):
            yi, vi = estimate(measure, (figure,) * len(measure.arguments))
            assert not ((vi > 0) & np.isfinite(yi) & np.isfinite(vi)).any() or measure.name in ("PFT", "IRFT"), figure


def test_takes_whole_numbers(measure):
    """Counts come as integers, which a power of -1 or a half must not trip over."""
    whole = [np.array([int(figure) or 1, int(figure) or 1]) for figure in EXAMPLE[measure.kind]]
    real = [column.astype(float) for column in whole]
    np.testing.assert_array_equal(measure.estimate(*whole), measure.estimate(*real))


def test_ratios_are_those_whose_null_reads_one():
    ratios = "OR RR ROM PETO MPRR MPOR MPORM MPORC MPPETO IRR HR VR CVR D2ORL D2ORN ROMC VRC CVRC REH"
    assert {name for name, measure in MEASURES.items() if measure.is_ratio} == set(ratios.split())


def test_every_kind_has_a_measure():
    assert {measure.kind for measure in MEASURES.values()} == set(Kind) == set(EXAMPLE)


def test_other_names():
    assert {measure_named(alias).name for alias in ALIASES} == set(ALIASES.values())


@pytest.mark.parametrize(("name", "mend"), [("SMDD", "did you mean SMD"), ("#", "write one of OR, RR")])
def test_an_unknown_name_is_told_the_nearest(name, mend):
    with pytest.raises(ValueError, match=mend):
        measure_named(name)


def test_an_option_that_a_measure_does_not_know_is_refused(measure):
    if "vtype" in measure.options:
        with pytest.raises(ValueError, match="write"):
            measure.estimate(*(np.array([float(figure)]) for figure in EXAMPLE[measure.kind]), vtype="XX")

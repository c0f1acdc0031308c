"""One walk over the registry: no measure without documentation, a name in each language, and a way back."""

import inspect

import numpy as np
import pytest

from evenhand.effects import MEASURES, Kind
from evenhand.words.catalogue import LANGUAGES, Catalogue

INSIDE = {  # points of each analysis scale, by the scale's range
    "PR": [0.01, 0.3, 0.99],
    "PAS": [0.05, 0.7, 1.5],
    "PFT": [0.05, 0.7, 1.5],
    "PLN": [-4.0, -0.5, -0.01],
}
EXAMPLE = {
    Kind.COUNTS: (6, 16, 3, 16),
    Kind.MEANS: (7.2, 5.5, 25, 11.6, 7.9, 25),
    Kind.ONE_COUNT: (8, 25),
    Kind.ONE_MEAN: (7.2, 5.5, 25),
}


@pytest.fixture(params=MEASURES.values(), ids=MEASURES)
def measure(request):
    return request.param


def test_is_registered_under_its_own_name(measure):
    assert MEASURES[measure.name] is measure


def test_is_documented(measure):
    assert len(inspect.getdoc(measure.estimate).splitlines()[0]) > 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_has_a_name_in_each_language(measure, language):
    assert Catalogue.load(language).text(measure.label)


def test_display_scale_leads_back(measure):
    points = np.array(INSIDE.get(measure.name, [-2.0, 0.0, 0.3, 1.7]))
    np.testing.assert_allclose(measure.from_display(measure.to_display(points)), points, rtol=1e-12, atol=1e-12)


def test_estimate_takes_what_its_kind_says(measure):
    yi, vi = measure.estimate(*(np.array([float(figure)]) for figure in EXAMPLE[measure.kind]))
    assert yi.shape == vi.shape == (1,)
    assert np.isfinite(yi).all()
    assert (vi > 0).all()


def test_no_difference_sits_at_the_null(measure):
    if measure.is_one_arm:
        assert measure.null is None
        return
    same = EXAMPLE[measure.kind][: len(EXAMPLE[measure.kind]) // 2] * 2
    yi, _ = measure.estimate(*(np.array([float(figure)]) for figure in same))
    assert yi[0] == pytest.approx(measure.null)


def test_more_in_the_treated_arm_is_positive(measure):
    if measure.is_one_arm:
        return
    half = len(EXAMPLE[measure.kind]) // 2
    less, more = (4, 16), (9, 16)
    if measure.kind is Kind.MEANS:
        less, more = (4.0, 2.0, 16), (9.0, 2.0, 16)
    assert len(less) == half
    yi, _ = measure.estimate(*(np.array([float(figure)]) for figure in (*more, *less)))
    assert yi[0] > measure.null


def test_ratios_are_those_whose_null_reads_one():
    assert {name for name, measure in MEASURES.items() if measure.is_ratio} == {"OR", "RR", "ROM"}

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.proportion import proportion_from_double_arcsine


def estimate(name, events, n):
    yi, vi = MEASURES[name].estimate(np.array([float(events)]), np.array([float(n)]))
    return yi[0], vi[0]


@pytest.mark.parametrize("name", ["PR", "PLO", "PLN", "PAS"])
def test_reads_as_the_proportion(name):
    yi, _ = estimate(name, 8, 25)
    assert MEASURES[name].to_display(yi) == pytest.approx(8 / 25)


@pytest.mark.parametrize(("events", "n"), [(8, 25), (0, 25), (25, 25), (1, 3), (12, 24)])
def test_double_arcsine_is_undone_with_its_own_n(events, n):
    yi, _ = estimate("PFT", events, n)
    assert proportion_from_double_arcsine(yi, n) == pytest.approx(events / n, abs=1e-12)


@pytest.mark.parametrize("name", ["PLO", "PLN"])
def test_no_event_has_no_logarithm(name):
    assert np.isnan(estimate(name, 0, 25)).all()


def test_everyone_has_no_log_odds_but_a_log_proportion():
    assert np.isnan(estimate("PLO", 24, 24)).all()
    assert estimate("PLN", 24, 24)[0] == 0


@pytest.mark.parametrize("events", [0, 25])
def test_arcsine_takes_the_ends(events):
    yi, vi = estimate("PAS", events, 25)
    assert MEASURES["PAS"].to_display(yi) == pytest.approx(events / 25)
    assert vi == pytest.approx(1 / 100)

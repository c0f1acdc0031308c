import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.zero_cells import AS_COUNTED, BY_ARM_SIZE, HALF_WHERE_ZERO, ZeroCells

NONE_IN_ONE_ARM = (0.0, 27.0, 1.0, 27.0)
NONE_IN_EITHER = (0.0, 16.0, 0.0, 16.0)
ALL_IN_BOTH = (41.0, 41.0, 39.0, 39.0)


def columns(*rows):
    return tuple(np.array(column) for column in zip(*rows, strict=True))


@pytest.mark.parametrize("measure", ["OR", "RR"])
@pytest.mark.parametrize("arms", [NONE_IN_ONE_ARM, NONE_IN_EITHER])
def test_nothing_is_added_in_silence(measure, arms):
    yi, vi = MEASURES[measure].estimate(*columns(arms))
    assert np.isnan(yi).all()
    assert np.isnan(vi).all()


def test_everyone_in_both_arms_has_no_odds_ratio():
    assert np.isnan(MEASURES["OR"].estimate(*columns(ALL_IN_BOTH))[0]).all()


def test_risk_difference_needs_no_correction():
    yi, vi = MEASURES["RD"].estimate(*columns(NONE_IN_ONE_ARM))
    assert yi[0] == pytest.approx(-1 / 27)
    assert vi[0] > 0


def test_one_study_with_a_zero_leaves_the_others_alone():
    yi, _ = MEASURES["OR"].estimate(*columns(NONE_IN_ONE_ARM, (6, 16, 3, 16)))
    assert np.isnan(yi[0])
    assert yi[1] == pytest.approx(np.log(6 / 10 / (3 / 13)))


def test_half_is_added_only_where_asked():
    table = columns(NONE_IN_ONE_ARM, (6, 16, 3, 16))
    np.testing.assert_allclose(HALF_WHERE_ZERO.in_two_arms(*table)[0], [0.5, 6])
    np.testing.assert_allclose(ZeroCells(to="if0all").in_two_arms(*table)[0], [0.5, 6.5])
    np.testing.assert_allclose(ZeroCells(to="all", add=1).in_two_arms(*table)[1], [29, 18])
    np.testing.assert_allclose(AS_COUNTED.in_two_arms(*table)[0], [0, 6])


def test_if0all_adds_nothing_without_a_zero():
    np.testing.assert_allclose(ZeroCells(to="if0all").in_two_arms(*columns((6, 16, 3, 16)))[0], [6])


def test_drop00_drops_only_the_uninformative():
    events_t, *_ = ZeroCells(drop00=True, to="only0").in_two_arms(
        *columns(NONE_IN_EITHER, ALL_IN_BOTH, NONE_IN_ONE_ARM)
    )
    assert list(np.isnan(events_t)) == [True, True, False]


def test_by_arm_size_an_addition_follows_the_people():
    """Sweeting, Sutton & Lambert (2004): one in all, of which each arm has its share; in equal arms a half each."""
    events_t, n_t, events_c, n_c = BY_ARM_SIZE.in_two_arms(*columns((0, 30, 2, 10), (6, 16, 3, 16)))
    np.testing.assert_allclose(events_t, [0.75, 6])
    np.testing.assert_allclose(events_c, [2.25, 3])
    np.testing.assert_allclose((n_t, n_c), ([31.5, 16], [10.5, 16]))
    same = columns((0, 16, 3, 16))
    np.testing.assert_allclose(BY_ARM_SIZE.in_two_arms(*same), HALF_WHERE_ZERO.in_two_arms(*same))


def test_by_arm_size_a_risk_ratio_of_no_event_at_all_is_one():
    yi, _ = MEASURES["RR"].estimate(*columns((0, 300, 0, 100)), zero_cells=BY_ARM_SIZE)
    assert yi[0] == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize(("given", "said"), [({"add": -0.5}, "0 or more"), ({"add": np.nan}, "0 or more")])
def test_an_addition_that_takes_away_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        ZeroCells(**given)


def test_given_counts_are_not_changed():
    table = columns(NONE_IN_EITHER)
    ZeroCells(drop00=True, to="all").in_two_arms(*table)
    assert table[0][0] == 0

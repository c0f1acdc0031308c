"""Columns as people hold them: every kind of list, series and array gives the same numbers, or a sentence."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import evenhand as eh
from evenhand.number_columns import number_column

YI = [0.1, 0.5, -0.2, 0.4, 0.9, 0.3]
VI = [0.04, 0.09, 0.02, 0.05, 0.2, 0.03]
_LABELS = [10, 20, 30, 5, 50, 60]  # an index that does not start at 0, nor rise
_LOCKED = np.array(YI)
_LOCKED.flags.writeable = False


@pytest.mark.parametrize(
    "held",
    [
        tuple(YI),
        iter(YI),
        (value for value in YI),
        np.array(YI),
        np.array(YI, dtype=">f8"),
        np.array([YI, YI]).T[:, 0],
        np.ma.array(YI, mask=[False] * 6),
        _LOCKED,
        pd.Series(YI, index=_LABELS),
        pd.Series([9.0, *YI])[1:],
        pd.Series(YI, dtype="Float64"),
        pd.Series(YI, dtype=object),
        pd.Series(YI).astype("category"),
        pd.Index(YI),
        [Decimal(str(value)) for value in YI],
        [Fraction(str(value)) for value in YI],
        [str(value) for value in YI],
        [np.float64(value) for value in YI],
        [complex(value) for value in YI],
    ],
    ids=lambda held: type(held).__name__,
)
def test_the_same_numbers_whatever_holds_them(held):
    np.testing.assert_array_equal(number_column("yi", held), YI)


@pytest.mark.parametrize(
    "held",
    [
        [0.1, None],
        [0.1, float("nan")],
        [0.1, pd.NA],
        [0.1, pd.NaT],
        [0.1, np.ma.masked],
        pd.Series([0.1, None], dtype="Float64"),
        pd.Series([0.1, None], dtype=object),
        np.ma.array([0.1, 999.0], mask=[False, True]),  # what lies under a mask is not to be read
        [Decimal("0.1"), Decimal("NaN")],
    ],
    ids=str,
)
def test_what_is_not_reported_is_nan_and_never_a_number(held):
    np.testing.assert_array_equal(number_column("yi", held), [0.1, np.nan])
    with pytest.raises(ValueError, match=r"yi\[1\] = nan: an effect must be a finite number; leave the study out"):
        eh.meta_analysis(held, [0.1, 0.1])


@pytest.mark.parametrize(
    ("held", "says"),
    [
        (["a", 1.0], r"yi\[0\] = 'a': not a number; write a number"),
        (["0,5", 1.0], r"yi\[0\] = '0,5': not a number; write a number, with a point for decimals"),
        (["", 1.0], r"yi\[0\] = '': not a number"),
        (["x" * 500, 1.0], r"yi\[0\] = 'x{36}…: not a number"),
        ([1 + 2j, 1.0], r"yi\[0\] = .*not a number"),
        ([10**400, 1], r"yi\[0\] is too large for a number; change the unit"),
        ([[1.0], [1.0, 2.0]], "yi: entries of different lengths"),
        ([[1.0], [2.0]], r"yi has shape \(2, 1\); give one number a study, as a column by itself"),
        (np.zeros((2, 2)), r"yi has shape \(2, 2\); give one number a study"),
        (pd.DataFrame({"yi": [1.0, 2.0]}), r"yi has shape \(2, 1\)"),
        (None, "yi is missing"),
        ("0.5", "yi is a str"),
        ({0: 1.0}, "yi is a dict"),
        ({1.0, 2.0}, "yi is a set"),
        (pd.Series(pd.date_range("2020-01-01", periods=2)), "yi holds datetime64"),
        ([date(2020, 1, 1), date(2021, 1, 1)], r"yi\[0\] = .*not a number"),
        (np.array([(1, 2)], dtype=[("a", int), ("b", int)]), "yi holds .*not numbers"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_column_of_numbers_is_told(held, says):
    with pytest.raises(ValueError, match=says):
        eh.meta_analysis(held, [0.1, 0.1])


def test_a_fit_does_not_change_with_the_array_it_was_made_of():
    yi, vi = np.array(YI), np.array(VI)
    fit = eh.fit_linear(yi, vi)
    yi[:] = 9.0
    vi[:] = 9.0
    np.testing.assert_array_equal(fit.yi, YI)
    np.testing.assert_array_equal(fit.vi, VI)


@pytest.mark.parametrize("bits", ["i1", "u1", "i2", "i8"])
def test_narrow_whole_numbers_do_not_wrap_round(bits):
    # 100 + 100 is −56 in eight bits.
    counts = [(100, 120, 90, 110), (100, 122, 100, 121)]
    narrow = [tuple(np.array(row, dtype=bits)) for row in counts]
    wide, ours = eh.hypergeometric_posterior(counts), eh.hypergeometric_posterior(narrow)
    assert ours.mu.mean == wide.mu.mean
    frame = pd.DataFrame(counts, columns=["events_t", "n_t", "events_c", "n_c"]).astype(bits)
    assert eh.hypergeometric_posterior(frame).mu.mean == wide.mu.mean


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: eh.d_from_p([5.0], [10], [10]), r"p_value\[0\] = 5: a p-value lies between 0 and 1"),
        (lambda: eh.d_from_t(["a"], [10], [10]), r"t\[0\] = 'a': not a number"),
        (lambda: eh.d_from_t([1, 2], [10, 10, 10], [10]), r"columns differ in length \(t 2, n_t 3\)"),
        (lambda: eh.sd_from_se(-1, 10), "se = -1: below 0"),
        (lambda: eh.sd_from_ci([1], [2], [10], 95), "level = 95"),
        (lambda: eh.log_ratio_from_ci([np.inf], [1], [2]), r"ratio\[0\] = inf: not a number that can be measured"),
        (lambda: eh.hypergeometric_posterior([(1, 2, 3)]), r"counts\[0\] has 3 figures; give events_t, n_t"),
        (lambda: eh.proportion_posterior([1.5], [3]), r"events\[0\] = 1.5: a count is a whole number"),
        (lambda: eh.meta_analysis(YI, VI, level="95"), "level = 95: a level lies between 0 and 1, e.g. 0.95"),
        (lambda: eh.effect_sizes("OR", events_t=[1], n_t=[2], events_c=[1], n_c=[2], zero_cells="only0"), "ZeroCells"),
        (lambda: eh.ZeroCells(add=float("nan")), "add is nan"),
        (lambda: eh.RandomIntercepts(levels="study"), r"write \('study',\)"),
        (lambda: eh.block_covariance(VI, [None] * 6, rho=0.5), r"cluster\[0\] is missing"),
        (lambda: eh.shared_control("OR", ["a"], events_t=[9], n_t=[2], events_c=[1], n_c=[2]), "events_t is 9, more"),
        (lambda: eh.mixed_model([10**8], [10**9], [10**8], [10**9]), "too large for an exact sum: use a model"),
        (lambda: eh.schwarzer_test([10**8] * 3, [10**9] * 3, [10**8] * 3, [10**9] * 3), "too large for an exact sum"),
        (lambda: eh.hypergeometric_posterior([(10**8, 10**9, 10**8, 10**9)]), "too large for an exact sum"),
        (lambda: eh.mantel_haenszel([1e12], [1e13], [1], [10]), "more people than there are"),
    ],
)
def test_refusals_name_figure_value_and_mend(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_what_cannot_be_recovered_is_nan_in_silence(recwarn):
    assert np.isnan(eh.sd_from_se([None, 2.0], [10, 0])[0])
    assert np.isnan(eh.log_ratio_from_p([1.0], [1.0])[1]).all()
    assert len(recwarn) == 0

"""Formulas: arithmetic as Python has it, and nothing but arithmetic."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.dossier.formula import DEEPEST, FUNCTIONS, LONGEST, FormulaError, parse_formula

ARITHMETIC = {"exp": math.exp, "log": math.log, "sqrt": math.sqrt, "min": min, "max": max}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-2 ** 2", -4.0),  # as in mathematics, and in Python
        ("2 ** -1", 0.5),
        ("2 ** 3 ** 2", 512.0),
        ("-2 ** -2", -0.25),
        ("7 - 2 - 1", 4.0),
        ("8 / 4 / 2", 1.0),
        ("2 * -3", -6.0),
        ("--3", 3.0),
        (".5 + 1. + 1e-3", 1.501),
        ("min(3, 1, 2) + max(3, 1, 2)", 4.0),
        ("exp(log(5))", 5.0),
        ("1 - (1 - 0.003) ** 12", 1 - 0.997**12),
        ("0 ** 0", 1.0),
        ("9**9**9**9", math.inf),
        ("1e308 * 10", math.inf),
        ("1 / 0", math.inf),
        ("log(0)", -math.inf),
    ],
)
def test_value(text: str, value: float) -> None:
    assert parse_formula(text).evaluate({}) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("text", ["0 / 0", "sqrt(-1)", "log(-1)", "(-8) ** 0.5", "min(1, 0/0)", "max(0/0, 1)"])
def test_no_finite_answer_is_nan_without_a_warning(text: str, recwarn: pytest.WarningsRecorder) -> None:
    assert np.isnan(parse_formula(text).evaluate({}))
    assert not recwarn.list


def test_arrays_broadcast_as_float64() -> None:
    formula = parse_formula("1 - (1 - reuse * risk) ** sessions")
    assert formula.names == ("reuse", "risk", "sessions")
    draws = np.linspace(0.0, 0.1, 5)
    value = formula.evaluate({"reuse": 0.5, "risk": draws, "sessions": 12})
    assert value.dtype == np.float64
    np.testing.assert_allclose(value, 1 - (1 - 0.5 * draws) ** 12, rtol=1e-15)
    assert formula.evaluate({"reuse": np.ones((3, 1)), "risk": draws, "sessions": 1}).shape == (3, 5)


def test_whole_numbers_do_not_stay_whole() -> None:
    """An integer power with a negative exponent is an error in numpy; here every number is a float."""
    assert parse_formula("a ** -2").evaluate({"a": np.array([2, 4])}).tolist() == [0.25, 0.0625]


def test_a_name_without_a_value() -> None:
    with pytest.raises(KeyError, match="risk"):
        parse_formula("2 * risk").evaluate({})


@pytest.mark.parametrize(
    ("text", "position", "problem", "mend"),
    [
        ("", 1, "ends where a number or name is due", "numbers, names"),
        ("1 +", 4, "ends where a number or name is due", "numbers, names"),
        ("(1 + 2", 7, "a bracket is never closed", "close it"),
        ("1)", 2, "')' stands where a sign is due", "open it before"),
        ("2x", 2, "'x' stands where a sign is due", "such as *"),
        ("a b", 3, "'b' stands where a sign is due", "such as *"),
        ("2 (3)", 3, "'(' stands where a sign is due", "such as *"),
        ("2 ^ 3", 3, "'^' does not belong", "write **"),
        ("2 − 3", 3, "'−' does not belong", "write the minus as -"),
        ("5 %", 3, "'%' does not belong", "0.05"),
        ("y = 2", 3, "'=' does not belong", "right-hand side"),
        ("+1", 1, "'+' stands where", "numbers, names"),
        ("__import__(1)", 1, "'__import__' is not a function", "product"),
        ("__import__('os')", 12, "does not belong", "numbers, names"),
        ("a.b", 2, "'.' does not belong", "numbers, names"),
        ("a[0]", 2, "'[' does not belong", "round brackets"),
        ("lambda: 1", 7, "':' does not belong", "numbers, names"),
        ("1 if a else 2", 3, "'if' stands where a sign is due", "such as *"),
        ("sqr(2)", 1, "'sqr' is not a function", "'sqrt'"),
        ("exp", 1, "stands without its brackets", "exp("),
        ("exp(1, 2)", 1, "has 2 arguments", "give it 1"),
        ("max(1)", 1, "has 1 argument", "give it 2 to 20"),
        ("max()", 5, "')' stands where", "numbers, names"),
        ("1, 2", 2, "',' stands where a sign is due", "numbers, names"),
        ("1e999", 1, "too large a number", "exponent"),
        ("1_000", 2, "'_000' stands where a sign is due", "such as *"),
        ("٣", 1, "'٣' does not belong", "numbers, names"),
        ("1 # 2", 3, "'#' does not belong", "numbers, names"),
    ],
)
def test_refused(text: str, position: int, problem: str, mend: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_formula(text)
    assert problem in caught.value.problem
    assert mend in caught.value.mend
    assert caught.value.position == position - 1
    assert str(caught.value).endswith(f"at character {position}")


@pytest.mark.parametrize("bomb", ["(", "-", "exp(", "2**", "1+(", "max(1,"])
def test_nesting_has_an_end(bomb: str) -> None:
    with pytest.raises(FormulaError, match="within each other"):
        parse_formula(bomb * (LONGEST // len(bomb)))
    assert parse_formula("(" * DEEPEST + "1" + ")" * DEEPEST).evaluate({}) == 1.0


def test_length_has_an_end() -> None:
    assert parse_formula("+".join(["1"] * (LONGEST // 2))).evaluate({}) == LONGEST // 2
    with pytest.raises(FormulaError, match="more than"):
        parse_formula("1" * (LONGEST + 1))


def expressions() -> st.SearchStrategy[str]:
    """Random formulas, with and without brackets and blanks."""
    atoms = st.one_of(
        st.integers(0, 20).map(str),
        st.floats(0.001, 50, allow_nan=False).map(lambda number: f"{number:.3g}"),
        st.sampled_from(["a", "b", "share_2"]),
    )

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**", " - ", " ** "]), inner).map("".join),
            inner.map(lambda text: f"-{text}"),
            inner.map(lambda text: f"( {text} )"),
            st.tuples(st.sampled_from(["exp", "log", "sqrt"]), inner).map(lambda pair: f"{pair[0]}({pair[1]})"),
            st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        )

    return st.recursive(atoms, larger, max_leaves=8)


@settings(max_examples=400, deadline=None)
@given(expressions())
def test_agrees_with_python(text: str) -> None:
    """The oracle is Python's own arithmetic; where that has no real answer, evenhand's is not finite."""
    values = {"a": 0.75, "b": 3.0, "share_2": -1.5}
    floats = "".join(f"{part}.0" if part.isdigit() else part for part in split_numbers(text))
    ours = float(parse_formula(text).evaluate(values))
    try:
        expected = eval(floats, {"__builtins__": {}}, {**ARITHMETIC, **values})  # noqa: S307 - the test's own text
    except (ZeroDivisionError, OverflowError, ValueError):
        # Of 1/0 and its kin Python says nothing, and what is computed from them may be anything.
        return
    except TypeError as error:
        # A root of a negative number is complex in Python, which its functions then refuse.
        assert "complex" in str(error)
        return
    if isinstance(expected, complex):
        return
    if math.isfinite(expected):
        assert ours == pytest.approx(expected, rel=1e-9, abs=1e-300)


def split_numbers(text: str) -> list[str]:
    """Pieces of a formula, its whole numbers by themselves, so that Python can be made to take them as floats."""
    import re

    return re.split(r"(?<![\w.])(\d+)(?![\w.])", text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789.eE+-*/(), \nabxepl_logminmax^%'\"[]{}\x00é", max_size=60))
def test_any_text_is_a_formula_or_an_error_with_a_place(text: str) -> None:
    try:
        formula = parse_formula(text)
    except FormulaError as error:
        assert 0 <= error.position <= len(text)
        assert error.mend
    else:
        value = formula.evaluate(dict.fromkeys(formula.names, 0.5))
        assert value.shape == ()
        assert not set(formula.names) & set(FUNCTIONS)

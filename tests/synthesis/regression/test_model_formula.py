"""Model formulas: what they mean, and what a wrong one says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.dossier.formula import FormulaError
from evenhand.synthesis.regression.design_matrix import design_matrix
from evenhand.synthesis.regression.model_formula import LONGEST, parse_model_formula


@pytest.mark.parametrize(
    ("text", "intercept", "terms"),
    [
        ("", True, []),
        ("~ 1", True, []),
        ("~ablat", True, ["ablat"]),
        ("ablat + year", True, ["ablat", "year"]),
        ("~ a * b", True, ["a", "b", "a:b"]),
        ("~ a:b + a", True, ["a", "a:b"]),
        ("~ a * b * c", True, ["a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"]),
        ("~ (a + b + c)^2", True, ["a", "b", "c", "a:b", "a:c", "b:c"]),
        ("~ (a + b)^5", True, ["a", "b", "a:b"]),
        ("~ a / b", True, ["a", "a:b"]),
        ("~ (a + b) / c", True, ["a", "b", "a:b:c"]),
        ("~ a %in% b", True, ["a:b"]),
        ("~ a * b - a", True, ["b", "a:b"]),
        ("~ a - 1", False, ["a"]),
        ("~ 0 + a", False, ["a"]),
        ("~ a + 0", False, ["a"]),
        ("~ -1 + a", False, ["a"]),
        ("~ a - 1 + 1", True, ["a"]),
        ("~ a + a + a", True, ["a"]),
        ("~ b:a + a:b", True, ["b:a"]),
        ("~ factor(alloc) + I(ablat ^ 2)", True, ["factor(alloc)", "I(ablat^2)"]),
        ("~ I(a**2 - 3 * b/c)", True, ["I(a^2 - 3 * b/c)"]),
        ("~ poly(x,2)+ rcs( x ,knots=4)", True, ["poly(x, 2)", "rcs(x, knots = 4)"]),
        ("~ `mean age` + عمر + x.1", True, ["mean age", "عمر", "x.1"]),
        ("~ log(x + 1):b", True, ["log(x + 1):b"]),
    ],
)
def test_terms(text, intercept, terms):
    formula = parse_model_formula(text)
    assert formula.intercept == intercept
    assert [formula.label(term) for term in formula.terms] == terms


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("~ x^2", r"'x\^2' outside I\(\) .* character 3. Mend: write I\(x\^2\)"),
        ("y ~ x", "a left-hand side .* write only what follows the ~"),
        ("~ a b", "'b' stands where a sign is due at character 5"),
        ("~ a +", "the formula ends where a column is due at character 6"),
        ("~ * a", r"'\*' stands where a column is due"),
        ("~ 3 * a", r"the number 3 is no term .* inside I\("),
        ("~ sqr(x)", "'sqr' is not a function here .* did you mean 'sqrt'"),
        ("~ ns(x, 3)", "'ns' is not a function here"),
        ("~ log(a, b)", "'log' has 2 arguments"),
        ("~ (a + b", "a bracket is never closed at character 3"),
        ("~ I(a", "a bracket is never closed"),
        ("~ a)", r"'\)' stands where a sign is due"),
        ("~ I(2)", "a function of no column is a constant"),
        ("~ I(a +)", r"inside 'a \+'"),
        ("~ I()", "an argument is missing"),
        ("~ poly(x, k)", "'poly' has an argument it cannot read .* it takes a column and degree = a number"),
        ("~ poly(2 * x, 2)", "'poly' takes a column first"),
        ("~ factor(x, 3)", "it takes a column and nothing"),
        ("~ (a + b)^x", "'x' is no whole power"),
        ("~ a | b", r"'\|' does not belong"),
        ("~ a; import os", "';' does not belong"),
        ("~ " + "(" * 300, "more than 50 brackets"),
        ("~ " + " * ".join(f"x{i}" for i in range(30)), "more than 500 terms"),
        ("~ a" * LONGEST, "a formula of more than 2000 characters"),
    ],
)
def test_a_wrong_formula_says_where_and_what_to_do(text, says):
    with pytest.raises(FormulaError, match=says):
        parse_model_formula(text)


@given(st.text(alphabet="ab01 ~+-*/:^().,`_Iilog=", max_size=40))
def test_any_text_is_a_formula_or_says_why_not(text):
    try:
        formula = parse_model_formula(text)
    except FormulaError as fault:
        assert "Mend" in str(fault)
    else:
        assert all(formula.label(term) for term in formula.terms)


DATA = {
    "a": ["p", "q", "r", "p", "q", "r", "p", "q"],
    "b": ["u", "u", "v", "v", "u", "v", "v", "u"],
    "x": [1.0, 2, 3, 4, 5, 6, 7, 9],
    "n": [3, 1, 2, 10, 1, 2, 3, 10],
    "t": [True, False, True, False, True, True, False, False],
}


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("~ a", ["intercept", "aq", "ar"]),
        ("~ a - 1", ["ap", "aq", "ar"]),
        ("~ a + b - 1", ["ap", "aq", "ar", "bv"]),
        ("~ x + a - 1", ["x", "ap", "aq", "ar"]),
        ("~ a * x", ["intercept", "aq", "ar", "x", "aq:x", "ar:x"]),
        ("~ a:x", ["intercept", "ap:x", "aq:x", "ar:x"]),
        ("~ a / x", ["intercept", "aq", "ar", "ap:x", "aq:x", "ar:x"]),
        ("~ a * b", ["intercept", "aq", "ar", "bv", "aq:bv", "ar:bv"]),
        ("~ b + b:x", ["intercept", "bv", "bu:x", "bv:x"]),
        ("~ factor(n)", ["intercept", "factor(n)2", "factor(n)3", "factor(n)10"]),
        ("~ t", ["intercept", "tTRUE"]),
        ("~ poly(x, 2)", ["intercept", "poly(x, 2)1", "poly(x, 2)2"]),
        ("~ rcs(x, 3)", ["intercept", "rcs(x, 3)", "rcs(x, 3)'"]),
        ("~ 1", ["intercept"]),
    ],
)
def test_names_of_columns(formula, names):
    found = design_matrix(formula, DATA, k=8)
    wanted = [name for name in names if name not in found.dropped]
    assert list(found.names) == wanted
    assert found.matrix.shape == (8, len(wanted))

"""Numbers as tables write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.dossier.numerals import NotANumberError, count, number, plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12.0),
        ("-0.5", -0.5),
        ("−0.5", -0.5),  # a true minus, as printed papers have it
        ("+3", 3.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e-3", 0.001),
        ("1.5E+2", 150.0),
        ("١٢٫٥", 12.5),
        ("۱۲", 12.0),
        ("5·4", 5.4),  # The Lancet's decimal point
    ],
)
def test_read(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "problem", "mend"),
    [
        ("1,234", "can be read as 1234 or as 1.234", "write 1234, or 1.234"),
        ("12,345,678", "marks between thousands", "write 12345678"),
        ("1,234.5", "marks between thousands", "write 1234.5"),
        ("١٬٢٣٤", "marks between thousands", "write 1234"),
        ("0,5", "a decimal comma", "write 0.5"),
        ("0,500", "a decimal comma", "write 0.500"),
        ("37.5%", "a percent sign", "write 37.5"),
        ("1O", "not a number", "did you mean 10"),
        ("l2", "not a number", "did you mean 12"),
        ("nan", "not a finite number", "empty"),
        ("inf", "not a finite number", "empty"),
        ("1e400", "too large", "exponent"),
        ("<5", "not a number", "without its sign"),
        ("0.05*", "not a number", "without its sign"),
        ("1 234", "marks between thousands", "write 1234"),
        ("1\u202f234\u00a0567", "marks between thousands", "write 1234567"),
        ("3\u200b0", "an invisible character inside", "type 30 anew"),
        ("3-4", "not a number", "digits"),
        ("3-Apr", "not a number", "a spreadsheet made a date of it"),
        ("4-avr.", "not a number", "a spreadsheet made a date of it"),
        ("04/03/2024", "not a number", "a spreadsheet made a date of it"),
        ("#REF!", "not a number", "an error of the spreadsheet"),
        ("#DIV/0!", "not a number", "an error of the spreadsheet"),
        ("#####", "not a number", "an error of the spreadsheet"),
        ("6/16", "not a number", "the events in 'events', the people in 'n'"),
        ("6 of 16", "not a number", "the events in 'events', the people in 'n'"),
        ("5.4 (2.1)", "not a number", "one figure a cell"),
        ("5.4±2.1", "not a number", "one figure a cell"),
        ("5.4 [4.1, 6.7]", "not a number", "one figure a cell"),
        ("–", "not a number", "leave the cell empty"),
        ("none", "not a number", "0 is a count"),
        ("1_000", "not a number", "digits"),
        ("0x10", "not a number", "digits"),
        ("1/2", "not a number", "one figure a cell"),
        ("=1+1", "not a number", "digits"),
        ("½", "not a number", "digits"),
        ("", "not a number", "empty"),
    ],
)
def test_refused(text: str, problem: str, mend: str) -> None:
    with pytest.raises(NotANumberError) as caught:
        number(text)
    assert problem in caught.value.problem
    assert mend in caught.value.mend


def test_decimal_comma_where_the_table_has_them() -> None:
    assert number("0,5", decimal_comma=True) == 0.5
    assert number("1,234", decimal_comma=True) == 1.234
    assert number("0.5", decimal_comma=True) == 0.5
    for text in ("1.234,5", "1,234,567"):
        with pytest.raises(NotANumberError, match="thousands"):
            number(text, decimal_comma=True)


def test_decimals_are_kept_as_printed() -> None:
    assert plain("5.190") == "5.190"
    assert plain("5,190", decimal_comma=True) == "5.190"


@pytest.mark.parametrize(("text", "value"), [("16", 16), ("16.0", 16), ("1e2", 100), ("0", 0), ("-3", -3)])
def test_whole(text: str, value: int) -> None:
    assert count(text) == value


@pytest.mark.parametrize("text", ["16.5", "1O", "sixteen", "1,5", "1e13"])
def test_not_whole(text: str) -> None:
    with pytest.raises(NotANumberError, match=r"whole number|more people"):
        count(text)


def test_a_percentage_is_no_count() -> None:
    with pytest.raises(NotANumberError, match="a percentage in place of a count") as caught:
        count("12%")
    assert "'percent'" in caught.value.mend


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_that_python_writes_is_read_back(value: float) -> None:
    assert number(repr(value)) == value

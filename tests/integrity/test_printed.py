import pytest

from evenhand.integrity.printed import Span, decimals, is_exact, p_value, percent, rounded, say_p


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("0.054", 0.0535, 0.055),
        ("0,054", 0.0535, 0.055),
        ("0·054", 0.0535, 0.055),
        ("p = 0.05", 0.045, 0.06),
        ("P=0.05", 0.045, 0.06),
        ("<0.001", 0.0, 0.001),
        ("p < .05", 0.0, 0.05),
        ("≤0.05", 0.0, 0.05),
        (">0.05", 0.05, 1.0),
        ("ns", 0.05, 1.0),
        ("NS", 0.05, 1.0),
        ("0.000", 0.0, 0.001),
        ("1", 0.5, 1.0),
    ],
)
def test_p_value(text, low, high):
    span = p_value(text)
    # What is cut off is less than a whole unit, by a millionth of it.
    assert (span.low, span.high) == (pytest.approx(low), pytest.approx(high, rel=2e-6))


@pytest.mark.parametrize("text", ["", "significant", "5.4", "0.05-0.1", "0.001 (ANOVA)", "-0.2"])
def test_what_is_no_p_value_is_not_guessed(text):
    assert p_value(text) is None


@pytest.mark.parametrize(("text", "exact"), [("0.054", True), ("<0.001", False), ("ns", False), ("> 0.05", False)])
def test_exact(text, exact):
    assert is_exact(text) is exact


@pytest.mark.parametrize(
    ("text", "said"), [("0.054", "p = 0.054"), ("P<0.001", "p < 0.001"), ("0,03", "p = 0.03"), ("ns", "p: ns")]
)
def test_said_with_its_letter(text, said):
    assert say_p(text) == said


@pytest.mark.parametrize(
    ("figure", "text", "digits"),
    [(12.4, None, 1), (12.4, "12.40", 2), (12.0, None, 0), (1200.0, None, 0), (1e-05, None, 5), (-0.25, None, 2)],
)
def test_decimals(figure, text, digits):
    assert decimals(figure, text) == digits


def test_rounding_is_half_a_unit():
    assert rounded(12.4, "12.40") == Span(pytest.approx(12.395), pytest.approx(12.405))


@pytest.mark.parametrize(("text", "figure"), [("37.5", 37.5), ("37,5 %", 37.5), ("<1", None), ("", None)])
def test_percent(text, figure):
    assert percent(text) == figure

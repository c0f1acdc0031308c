"""An assessment's tables as data frames, and its records in a notebook."""

from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from evenhand.report.json_document import document
from tests.report.assessments import many_ways
from tests.small_assessment import small_assessment

TABLES = ("claims", "effects", "multiverse", "absolute", "findings", "sources", "parameters")


@pytest.fixture(scope="module")
def assessment():
    return small_assessment()


@pytest.mark.parametrize("name", TABLES)
def test_a_column_agrees_with_the_field_of_the_document(assessment, name):
    assessment = many_ways() if name == "multiverse" else assessment
    frame = getattr(assessment.tables, name)
    rows = document(assessment, "en")[name]
    assert len(frame) == len(rows) > 0
    shared = [column for column in frame.columns if column in rows[0]]
    assert len(shared) >= 6
    for column in shared:
        for cell, value in zip(frame[column], (row[column] for row in rows), strict=True):
            if value is None:
                assert pd.isna(cell)
            elif isinstance(value, list):
                assert cell == ", ".join(map(str, value))
            else:
                assert cell == (pytest.approx(value, rel=1e-11) if isinstance(value, float) else value)


def test_dtypes_do_not_depend_on_what_is_there(assessment):
    empty = replace(assessment, effects=(), absolutes=(), findings=(), claims=())
    for name in ("claims", "effects", "absolute", "findings"):
        full, none = getattr(assessment.tables, name), getattr(empty.tables, name)
        assert len(none) == 0
        assert none.dtypes.to_dict() == full.dtypes.to_dict()


def test_not_measured_is_missing_and_never_zero(assessment):
    row = assessment.tables.absolute.set_index("outcome").loc["never_looked"]
    assert row[["per_1000", "value", "lower", "upper", "difference"]].isna().all()
    claims = assessment.tables.claims.set_index("id")
    assert claims["absolute_per_1000"].isna().to_dict() == {"B1": False, "H1": False, "H2": True, "H3": True}
    assert claims.loc["H3", "absolute_value"] == -2.5


def test_counts_stay_whole_numbers_beside_missing_ones(assessment):
    assert assessment.tables.absolute["n"].dtype == "Int64"
    assert assessment.tables.absolute.set_index("outcome").loc["rash", "n"] == 25


class _Shape(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def _read(markup: str) -> _Shape:
    shape = _Shape()
    shape.feed(markup)
    assert shape.open == []
    return shape


def test_claims_in_a_notebook_are_an_escaped_table_with_headings(assessment):
    shape = _read(assessment._repr_html_())
    assert [tag for tag, _ in shape.seen].count("caption") == 1
    scopes = [attrs["scope"] for tag, attrs in shape.seen if tag == "th"]
    assert scopes == ["col"] * 4 + ["row"] * 4
    assert "Claim <B1> & more" in shape.text  # written as text, not as tags
    assert "Nobody has measured it" in shape.text


def test_pooled_effect_in_a_notebook(assessment):
    shape = _read(assessment.effects[0].pooled._repr_html_())
    assert "2.23" in shape.text
    assert "0.56 to 8.8" in shape.text
    assert "32" in shape.text


def test_rating_in_a_notebook(assessment):
    shape = _read(assessment.effects[0].rating._repr_html_())
    assert "risk of bias-2" in shape.text
    assert "very low" in shape.text

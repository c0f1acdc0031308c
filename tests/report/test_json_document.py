"""The JSON document: its schema, its nulls, its bytes."""

import json
import math
import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from evenhand.outlook.absolute import Basis
from evenhand.report.json_document import document, schema, to_json
from evenhand.verdicts.verdict import Verdict
from tests.conftest import ROOT
from tests.small_assessment import small_assessment

DOSSIER = ROOT / "dossiers" / "skin-whitening-injections"


def _faults(written: dict) -> list[str]:
    return [f"{fault.json_path}: {fault.message}" for fault in Draft202012Validator(schema()).iter_errors(written)]


@pytest.fixture(scope="module")
def skin_whitening():
    from evenhand.assessment import assess
    from evenhand.dossier import read_dossier

    return assess(read_dossier(DOSSIER))


def test_schema_is_a_schema_and_the_published_one_is_the_same_file():
    Draft202012Validator.check_schema(schema())
    assert json.loads((ROOT / "schema" / "assessment.schema.json").read_text(encoding="utf-8")) == schema()


def test_schema_has_every_fixed_word():
    assert schema()["$defs"]["verdict"]["enum"] == [verdict.value for verdict in Verdict]
    assert schema()["$defs"]["size"]["properties"]["basis"]["enum"] == [basis.value for basis in Basis]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_document_of_every_kind_of_row_meets_the_schema(language):
    assert _faults(document(small_assessment(), language)) == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_first_dossier_meets_the_schema(skin_whitening, language):
    written = json.loads(to_json(document(skin_whitening, language)))
    assert _faults(written) == []
    assert written["language"] == language
    assert [claim["id"] for claim in written["claims"]] == [claim.id for claim in skin_whitening.dossier.claims]


def test_ids_and_numbers_are_the_same_in_both_languages(skin_whitening):
    english, arabic = (document(skin_whitening, language) for language in ("en", "ar"))
    assert [claim["verdict"] for claim in english["claims"]] == [claim["verdict"] for claim in arabic["claims"]]
    numbers = ("outcome", "scenario", "per_1000", "value", "lower", "upper", "difference")
    assert [[row[name] for name in numbers] for row in english["absolute"]] == [
        [row[name] for name in numbers] for row in arabic["absolute"]
    ]
    assert english["claims"][0]["text"] != arabic["claims"][0]["text"]


def test_every_id_a_document_names_is_in_it(skin_whitening):
    written = document(skin_whitening, "en")
    known = {table: {row["id"] for row in written[table]} for table in ("claims", "outcomes", "treatments", "sources")}
    known["scenarios"] = {row["id"] for row in written["scenarios"]}
    for claim in written["claims"]:
        assert set(claim["outcomes"]) <= known["outcomes"]
        assert set(claim["sources"]) <= known["sources"]
    for row in written["absolute"]:
        assert row["outcome"] in known["outcomes"]
        assert row["scenario"] in known["scenarios"]
        assert set(row["sources"]) <= known["sources"]
    for row in written["effects"]:
        assert {row["treatment"], row["comparator"]} - {None} <= known["treatments"]
    answer = written["answer"]
    named = {*answer["known_harms"], *answer["uncertain_harms"], *answer["unmeasured"], answer["benefit"]}
    assert named - {None} <= known["claims"]


def test_not_measured_is_null_and_never_zero():
    written = document(small_assessment(), "en")
    row = next(row for row in written["absolute"] if row["outcome"] == "never_looked")
    assert row["basis"] == "not measured"
    assert [row[name] for name in ("per_1000", "value", "lower", "upper", "difference")] == [None] * 5
    assert next(claim for claim in written["claims"] if claim["id"] == "H2")["effect"] is None


def test_schema_refuses_a_zero_for_what_nobody_measured():
    written = document(small_assessment(), "en")
    next(row for row in written["absolute"] if row["outcome"] == "never_looked")["per_1000"] = 0
    assert len(_faults(written)) == 1


def test_schema_refuses_a_field_it_does_not_know_and_a_word_that_is_no_verdict():
    written = document(small_assessment(), "en")
    written["claims"][0]["verdict"] = "proven"
    written["surprise"] = 1
    assert len(_faults(written)) == 2


def test_a_counted_outcome_is_of_1000_and_a_scale_has_its_unit():
    rows = {row["outcome"]: row for row in document(small_assessment(), "en")["absolute"]}
    assert (rows["cured"]["per_1000"], rows["cured"]["value"]) == (333.333333333, None)
    assert (rows["pain"]["per_1000"], rows["pain"]["value"], rows["pain"]["unit"]) == (None, -2.5, "points")
    assert (rows["rash"]["events"], rows["rash"]["n"]) == (1, 25)


def test_what_is_not_finite_is_null():
    written = document(small_assessment(), "en")
    effect = written["effects"][0]
    assert effect["classical"]["pi_lower"] is effect["classical"]["pi_upper"] is None
    assert effect["studies"][0]["vi"] is None
    assert written["dependences"][0]["lines"][0]["points"][0]["value"] is None
    text = to_json(written)
    assert "NaN" not in text
    assert "Infinity" not in text


def test_numbers_carry_twelve_figures():
    assert document(small_assessment(), "en")["effects"][0]["estimate"] == 2.22554092849


def test_arabic_words_are_written_as_they_are():
    text = to_json(document(small_assessment(), "ar"))
    assert "هل يفيد الدواء؟" in text
    assert text.endswith("}\n")
    assert not re.search("[\u2066-\u2069]", text), "isolates are for the eye"


def test_a_value_json_cannot_hold_is_refused():
    odd = replace(small_assessment(), seed=object())
    with pytest.raises(TypeError, match="cannot hold a object"):
        document(odd, "en")


def test_posterior_on_the_analysis_scale():
    mu = document(small_assessment(), "en")["effects"][0]["posterior"]["mu"]
    assert mu["median"] == pytest.approx(0.8)
    assert mu["upper"] == pytest.approx(0.8 + 1.959963985 * 0.7)
    assert math.isclose(mu["sd"], 0.7)


def test_two_processes_write_the_same_bytes():
    """Order of sets and dicts must not reach the file: each process hashes strings with its own seed."""
    code = (
        "import sys; from evenhand.assessment import assess; from evenhand.dossier import read_dossier;"
        "from evenhand.report.json_document import document, to_json;"
        f"sys.stdout.buffer.write(to_json(document(assess(read_dossier({str(DOSSIER)!r})), 'ar')).encode())"
    )
    written = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, env=os.environ | {"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(written[0]) > 10_000
    assert written[0] == written[1]

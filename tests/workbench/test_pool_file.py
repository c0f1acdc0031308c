"""A file pooled by every method, and the Python that does it again."""

import contextlib
import io
import json
import math

import pytest

from evenhand.dossier.faults import DossierError
from evenhand.effects.zero_cells import ZeroCells
from evenhand.report.pooled_forest import pooled_forest
from evenhand.report.pooled_json import pooled_json
from evenhand.report.pooled_text import pooled_text
from evenhand.workbench.pool_file import METHODS, OF_COUNTS, pool_study_file
from evenhand.workbench.reproduce import code_of_pool
from evenhand.workbench.study_file import read_study_file
from tests.workbench.files import BCG, EFFECTS, LONG, MEANS, ZEROS, written


def pooled(folder, text, measure=None, **options):
    return pool_study_file(read_study_file(written(folder, text), measure), **options)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_a_finite_effect(tmp_path, method):
    result = pooled(tmp_path, BCG, "OR", method=method).result
    assert (result.method, result.k) == (method, 13)
    assert result.ci_lower < result.estimate < result.ci_upper < 0
    assert -0.8 < result.estimate < -0.4


@pytest.mark.parametrize("text", [BCG, ZEROS, MEANS, EFFECTS, LONG])
@pytest.mark.parametrize("method", ["REML", "MH", "CM.EL", "BAYES"])
def test_the_code_gives_the_same_numbers(tmp_path, text, method):
    if method in OF_COUNTS and text in (MEANS, EFFECTS):
        with pytest.raises(DossierError, match="pools counts"):
            pooled(tmp_path, text, method=method)
        return
    one = pooled(tmp_path, text, method=method, test="knha" if method == "REML" else "z")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code_of_pool(one, tmp_path / "studies.csv"), {})  # noqa: S102  # our own script
    assert float(printed.getvalue().split()[0]) == one.result.estimate


def test_the_code_leaves_out_the_same_studies(tmp_path):
    one = pooled(tmp_path, ZEROS, method="DL", zero_cells=ZeroCells(to="none"))
    assert one.used == (False, True, True)
    assert "row 2: study 'A' is left out" in one.notices[-1]
    code = code_of_pool(one, tmp_path / "studies.csv")
    assert "used = [1, 2]" in code
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, space := {})  # noqa: S102
    assert space["result"].estimate == one.result.estimate


def test_what_is_added_is_said(tmp_path):
    one = pooled(tmp_path, ZEROS)
    assert "0.5 was added to each cell of A," in one.notices[-1]
    assert not any("added" in notice for notice in pooled(tmp_path, ZEROS, method="CM.EL").notices)
    assert not any("added" in notice for notice in pooled(tmp_path, BCG).notices)


def test_a_study_without_its_figures_is_left_out_aloud(tmp_path):
    one = pooled(tmp_path, BCG.replace("4,123", ",123"))
    assert one.result.k == 12
    assert "a figure is not reported" in one.notices[0]


def test_nothing_to_pool(tmp_path):
    with pytest.raises(DossierError, match="no study can be pooled"):
        pooled(tmp_path, "study,yi,vi\nA,,0.1\n")


def test_json_has_its_keys_unrounded_on_the_analysis_scale(tmp_path):
    written_ = json.loads(pooled_json(pooled(tmp_path, BCG, "RR", test="knha")))
    assert list(written_)[:12] == [
        "measure", "method", "k", "estimate", "se", "ci_lower", "ci_upper", "tau2", "i2", "q", "pi_lower", "pi_upper",
    ]  # fmt: skip
    # Viechtbauer (2010), J. Stat. Softw. 36(3), p. 15: REML of the log risk ratio.
    assert written_["estimate"] == pytest.approx(-0.7145, abs=5e-5)
    assert written_["tau2"] == pytest.approx(0.3132, abs=5e-5)


def test_no_number_is_null_in_json(tmp_path):
    written_ = json.loads(pooled_json(pooled(tmp_path, BCG, method="BAYES")))
    assert written_["i2"] is None


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("text", [BCG, ZEROS, MEANS, EFFECTS, LONG, EFFECTS.splitlines()[0] + "\nA,0.1,0.2\n"])
def test_table_and_picture(tmp_path, text, language):
    one = pooled(tmp_path, text)
    table = pooled_text(one, language)
    assert all(label[:30] in table for label in one.file.labels)
    assert f"{math.exp(one.result.estimate) if one.file.measure.is_ratio else one.result.estimate:.2f}" in table
    assert pooled_forest(one, language).startswith("<svg")


def test_a_hostile_name_does_not_steer_the_picture(tmp_path):
    one = pooled(tmp_path, EFFECTS.replace("A,", '"<script>alert(1)</script>",'))
    assert "<script>" not in pooled_forest(one, "en")

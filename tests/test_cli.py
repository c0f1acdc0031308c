"""The commands as a user runs them: what is printed, what is written, and what an error leaves behind."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evenhand.cli import run
from tests.workbench.files import BCG, written


@pytest.fixture
def folder(example_folder, tmp_path):
    """A copy of the example dossier, free to be broken."""
    return Path(shutil.copytree(example_folder, tmp_path / "drug"))


def break_counts(folder, old=",50,48,30,62.5", new=",50,48,57,62.5"):
    table = folder / "results.csv"
    text = table.read_text(encoding="utf-8")
    assert old in text
    table.write_text(text.replace(old, new), encoding="utf-8")


def test_assess_writes_the_report_and_its_data(folder, tmp_path, capsys):
    target = tmp_path / "out" / "page.html"
    assert run(["assess", str(folder), "-o", str(target)]) == 0
    printed = capsys.readouterr().out
    assert printed.rstrip().endswith(str(target))
    assert "The evidence cannot tell" in printed
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    data = json.loads((target.parent / "assessment.json").read_text(encoding="utf-8"))
    assert data["scenario"] == "careful"
    assert sorted(path.name for path in target.parent.iterdir()) == ["assessment.json", "page.html"]


def test_without_a_name_the_report_goes_to_out(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["assess", "drug"]) == 0
    assert (tmp_path / "out" / "drug" / "report.html").exists()
    assert str(Path("out") / "drug" / "report.html") in capsys.readouterr().out


def test_a_folder_as_output_gets_report_html(folder, tmp_path):
    assert run(["assess", str(folder), "-o", str(tmp_path)]) == 0
    assert (tmp_path / "report.html").exists()


def test_another_scenario_and_language(folder, tmp_path, capsys):
    assert run(["assess", str(folder), "--scenario", "careless", "--lang", "ar", "-o", str(tmp_path)]) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'lang="ar"' in page and 'dir="rtl"' in page
    data = json.loads((tmp_path / "assessment.json").read_text(encoding="utf-8"))
    assert (data["scenario"], data["language"]) == ("careless", "ar")


def test_an_unknown_scenario_names_those_there_are(folder, tmp_path, capsys):
    assert run(["assess", str(folder), "--scenario", "carefull", "-o", str(tmp_path / "r.html")]) == 2
    assert "no scenario 'carefull'; this dossier has: careful, careless" in capsys.readouterr().err
    assert not (tmp_path / "r.html").exists()


def test_a_fault_is_said_with_its_place_and_nothing_is_written(folder, tmp_path, capsys):
    break_counts(folder)
    assert run(["assess", str(folder), "-o", str(tmp_path / "out" / "r.html")]) == 2
    said = capsys.readouterr().err
    assert "results.csv, row 2, column 'events'" in said
    assert "57" in said and "Mend:" in said and "Nothing was written" in said
    assert not (tmp_path / "out").exists()


def test_an_old_report_survives_a_fault(folder, tmp_path):
    target = tmp_path / "r.html"
    assert run(["assess", str(folder), "-o", str(target)]) == 0
    before = target.read_bytes()
    break_counts(folder)
    assert run(["assess", str(folder), "-o", str(target)]) == 2
    assert target.read_bytes() == before


def test_check_lists_all_faults_at_once(folder, capsys):
    break_counts(folder)
    (folder / "studies.csv").write_text("", encoding="utf-8")
    assert run(["check", str(folder)]) == 2
    said = capsys.readouterr().err
    assert "results.csv" in said and "studies.csv" in said


def test_check_prints_findings_and_passes(folder, capsys):
    assert run(["check", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "4 of 100 people are missing from the analysis" in printed
    assert "No fault found." in printed


def test_new_makes_a_dossier_that_passes_check(tmp_path, capsys):
    assert run(["new", str(tmp_path / "mine")]) == 0
    assert run(["check", str(tmp_path / "mine")]) == 0
    assert run(["new", str(tmp_path / "mine")]) == 2  # never over an existing one
    assert "mine" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["assess"], ["asses", "x"], ["assess", "x", "--lang", "fr"], ["check", "x", "--json"]]
)
def test_a_wrong_call_is_two_and_says_what_is_wrong(arguments, capsys):
    assert run(arguments) == 2
    assert "Error" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["assess", "check"])
def test_a_folder_that_is_not_there(command, tmp_path, capsys):
    assert run([command, str(tmp_path / "nowhere")]) == 2
    said = capsys.readouterr().err
    assert "nowhere" in said and "Traceback" not in said


def test_a_report_that_cannot_be_written(folder, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert run(["assess", str(folder), "-o", str(tmp_path / "file" / "r.html")]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_the_same_dossier_gives_the_same_bytes(folder, tmp_path):
    """Two processes, two hash seeds, two places."""
    written = []
    for seed in ("1", "2"):
        target = tmp_path / seed / "report.html"
        subprocess.run(
            [sys.executable, "-m", "evenhand", "assess", str(folder), "-o", str(target)],
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        )
        written.append((target.read_bytes(), target.with_name("assessment.json").read_bytes()))
    assert written[0] == written[1]


def test_slow_work_says_what_it_is_doing(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("evenhand.cli.dossiers.PATIENCE_SECONDS", 0.0)
    assert run(["assess", str(folder), "-o", str(tmp_path / "r.html")]) == 0
    assert "Pooling the studies" in capsys.readouterr().err


def test_assess_and_check_agree_on_what_was_found(folder, tmp_path, capsys):
    assert run(["check", str(folder)]) == 0
    assert "1 integrity finding." in capsys.readouterr().out
    assert run(["assess", str(folder), "-o", str(tmp_path / "r.html")]) == 0
    assert "left 1 small note" in capsys.readouterr().out


def test_a_name_does_not_steer_the_terminal(folder, tmp_path, capsys):
    odd = tmp_path / "\x1b[31mred\rblack\x07"
    folder.rename(odd)
    assert run(["assess", str(odd), "-o", str(tmp_path / "\x1b[2J.html")]) == 0
    assert run(["assess", str(odd), "--scenario", "\x1b[0m"]) == 2
    assert run(["check", str(tmp_path / "no\x1b[31m")]) == 2
    assert run(["new", str(tmp_path / "new\x1b[31m")]) == 0
    assert run(["new", str(tmp_path / "new\x1b[31m")]) == 2
    said = capsys.readouterr()
    assert {char for char in said.out + said.err if not char.isprintable()} <= {"\n", "\u2068", "\u2069"}
    assert "\\u001b[2J.html" in said.out


def test_the_report_is_not_overwritten_by_its_data(folder, tmp_path, capsys):
    assert run(["assess", str(folder), "-o", str(tmp_path / "assessment.json")]) == 2
    assert "is written beside the report. Mend: " in capsys.readouterr().err
    assert not (tmp_path / "assessment.json").exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc, where nobody may write")
def test_what_the_system_refuses_has_a_mend(tmp_path, capsys):
    assert run(["new", "/proc/dossier"]) == 2
    assert run(["new", str(tmp_path / ("n" * 300))]) == 2
    first, second = capsys.readouterr().err.splitlines()
    for line in (first, second):
        assert "Mend: check the path" in line and "Errno" not in line
    assert list(tmp_path.iterdir()) == []


class TestPool:
    @pytest.fixture
    def studies(self, tmp_path):
        return written(tmp_path, BCG)

    def test_a_table_and_the_code(self, studies, capsys):
        assert run(["pool", str(studies), "--measure", "RR", "--test", "KNHA", "--code"]) == 0
        printed = capsys.readouterr().out
        assert "All 13 studies together" in printed
        assert "0.49 (0.33 to 0.73)" in printed
        assert "eh.meta_analysis(yi, vi, method='REML', test='knha'" in printed

    def test_json_and_nothing_else(self, studies, capsys):
        assert run(["pool", str(studies), "--json", "--method", "dl"]) == 0
        numbers = json.loads(capsys.readouterr().out)
        assert (numbers["measure"], numbers["method"], numbers["k"]) == ("OR", "DL", 13)

    @pytest.mark.parametrize("end", ["svg", "png", "pdf"])
    def test_a_forest_plot(self, studies, tmp_path, end, capsys):
        if end != "svg":
            pytest.importorskip("typst")
        assert run(["pool", str(studies), "-o", str(tmp_path / f"forest.{end}")]) == 0
        assert (tmp_path / f"forest.{end}").stat().st_size > 5000

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--method", "REM"], "did you mean 'REML'"),
            (["--test", "hk"], "write one of z, t, knha"),
            (["--measure", "MD"], "'mean_1'"),
            (["-o", "forest.gif"], ".svg, .png, .pdf"),
        ],
    )
    def test_what_must_be_mended_is_said(self, studies, arguments, says, capsys):
        assert run(["pool", str(studies), *arguments]) == 2
        told = capsys.readouterr()
        assert says in told.err
        assert told.out == ""


class TestNetwork:
    @pytest.fixture
    def studies(self, tmp_path):
        text = "studlab,treat1,treat2,TE,seTE\n1,a,b,-0.2,0.1\n2,b,c,-0.3,0.2\n3,a,c,-0.6,0.15\n4,a,b,-0.1,0.12\n"
        return written(tmp_path, text)

    def test_a_table_its_ranking_and_the_code(self, studies, capsys):
        assert run(["network", str(studies), "--reference", "c", "--measure", "OR", "--method", "dl", "--code"]) == 0
        printed = capsys.readouterr().out
        names = [line.split()[0] for line in printed.splitlines()[3:6]]
        assert names == ["a", "b", "c"]
        assert "OR, DL: 4 studies. Each treatment against c." in printed
        assert "No clear sign that direct and indirect evidence differ" in printed
        assert "answer_of_network(file, method='DL'" in printed

    @pytest.mark.parametrize("method", ["REML", "BAYES"])
    def test_json_and_nothing_else(self, studies, method, capsys):
        assert run(["network", str(studies), "--reference", "c", "--json", "--method", method, "--small", "bad"]) == 0
        told = capsys.readouterr()
        numbers = json.loads(told.out)
        assert {"reference", "tau2", "q", "effects", "p_scores"} <= set(numbers)
        assert ("sucra" in numbers) == (method == "BAYES")
        assert numbers["reference"] == "c"
        assert [sorted(effect) for effect in numbers["effects"]] == [
            ["estimate", "lower", "se", "treatment", "upper"]
        ] * 3
        assert numbers["p_scores"]["c"] > numbers["p_scores"]["a"]
        assert "'TE' was read as 'yi'" in told.err

    @pytest.mark.parametrize("figure", ["forest", "graph", "league", "ranks", "contributions", "splits", "heat"])
    @pytest.mark.parametrize("lang", ["en", "ar"])
    def test_a_figure(self, studies, tmp_path, figure, lang):
        to = tmp_path / f"{figure}.svg"
        assert run(["network", str(studies), "-o", str(to), "--figure", figure, "--lang", lang]) == 0
        assert "<svg " in to.read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--method", "REM"], "did you mean 'REML'"),
            (["--reference", "placebo"], "no study has a treatment called 'placebo'"),
            (["--measure", "ORR"], "no measure is called 'ORR'"),
            (["-o", "graph.gif"], ".svg, .png, .pdf"),
        ],
    )
    def test_what_must_be_mended_is_said(self, studies, arguments, says, capsys):
        assert run(["network", str(studies), *arguments]) == 2
        told = capsys.readouterr()
        assert says in told.err
        assert told.out == ""

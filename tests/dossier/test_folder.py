"""The folder as a whole: what is read, what is left alone, what is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evenhand.dossier import DossierError, find_faults, read_dossier
from evenhand.dossier.folder import FILES, LARGEST, content_hash


def only_fault(path: Path) -> str:
    (fault,) = find_faults(path)
    return str(fault)


def test_reading_changes_nothing(blank: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in blank.rglob("*")}
    read_dossier(blank)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in blank.rglob("*")} == before


def test_the_same_files_are_the_same_dossier(blank: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    first = read_dossier(str(blank))
    blank.rename(moved)
    (moved / "notes.txt").write_text("not part of the dossier", encoding="utf-8")
    assert read_dossier(moved) == first


def test_the_hash_covers_names_and_bytes() -> None:
    contents = {"a": b"12", "b": b"3"}
    assert content_hash(contents) == content_hash({"b": b"3", "a": b"12"})
    others = [{"a": b"1", "b": b"23"}, {"a": b"12", "c": b"3"}, {"a": b"12", "b": b"4"}, {"a": b"12"}]
    assert len({content_hash(contents), *map(content_hash, others)}) == 5


def test_one_byte_changes_the_hash(blank: Path) -> None:
    before = read_dossier(blank).sha256
    with (blank / "sources.bib").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert read_dossier(blank).sha256 != before


@pytest.mark.parametrize("name", FILES)
def test_missing(name: str, blank: Path) -> None:
    (blank / name).unlink()
    assert only_fault(blank).startswith(f"{name}: the file is missing. Mend: add '{name}'")


def test_misnamed(blank: Path) -> None:
    (blank / "dossier.yaml").rename(blank / "Dossier.yml")
    assert only_fault(blank) == "dossier.yaml: the file is missing. Mend: rename 'Dossier.yml' to 'dossier.yaml'."


@pytest.mark.parametrize("name", FILES)
def test_a_folder_in_place_of_a_file(name: str, blank: Path) -> None:
    (blank / name).unlink()
    (blank / name).mkdir()
    fault = next(fault for fault in find_faults(blank) if fault.file == name)
    assert "not a plain file" in fault.problem or "a folder in place" in fault.problem


@pytest.mark.parametrize("name", FILES)
def test_too_large(name: str, blank: Path) -> None:
    with (blank / name).open("r+b") as file:
        file.truncate(100_000_000)  # a hole: no disk is used
    assert f"larger than {LARGEST[name] // 1_000_000} MB" in only_fault(blank)


def test_a_link_out_of_the_folder(blank: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("study,design,source\n", encoding="utf-8")
    (blank / "studies.csv").unlink()
    (blank / "studies.csv").symlink_to(tmp_path / "secret.csv")
    assert "a link that leads out of the folder" in only_fault(blank)


def test_a_link_inside_the_folder_and_to_the_folder(blank: Path, tmp_path: Path) -> None:
    (blank / "studies.csv").rename(blank / "studies-2026.csv")
    (blank / "studies.csv").symlink_to("studies-2026.csv")
    (tmp_path / "latest").symlink_to(blank)
    assert find_faults(tmp_path / "latest") == ()


def test_a_loop_of_links(blank: Path) -> None:
    (blank / "studies.csv").unlink()
    (blank / "studies.csv").symlink_to("studies.csv")
    assert "a link that leads to itself" in only_fault(blank)


@pytest.mark.parametrize("name", ["results.xlsx", "Results.XLS", "results.ods"])
def test_a_workbook_is_not_renamed_but_saved_as_a_table(name: str, blank: Path) -> None:
    (blank / "results.csv").rename(blank / name)
    assert f"open '{name}' in the spreadsheet and save its sheet as 'CSV UTF-8', named 'results.csv'" in str(
        find_faults(blank)[0]
    )


def test_a_table_of_another_name_is_renamed(blank: Path) -> None:
    (blank / "results.csv").rename(blank / "Results.txt")
    assert "rename 'Results.txt' to 'results.csv'" in str(find_faults(blank)[0])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are of POSIX")
def test_a_pipe_does_not_keep_the_reader_waiting(blank: Path) -> None:
    (blank / "studies.csv").unlink()
    os.mkfifo(blank / "studies.csv")
    assert "not a plain file" in only_fault(blank)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(blank: Path) -> None:
    (blank / "studies.csv").chmod(0)
    assert "the file cannot be opened" in only_fault(blank)


def test_no_such_folder(tmp_path: Path) -> None:
    assert only_fault(tmp_path / "nowhere") == (
        "nowhere: there is no such folder. Mend: check the path, or write one with 'evenhand new'."
    )


def test_a_file_in_place_of_the_folder(blank: Path) -> None:
    assert "a dossier is a folder, and this is a file. Mend: give the folder that holds it" in only_fault(
        blank / "dossier.yaml"
    )


@pytest.mark.parametrize("path", ["\0", "x" * 5000, ""])
def test_paths_that_are_none(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_faults(path)


def test_the_error_is_an_ordinary_one(tmp_path: Path) -> None:
    with pytest.raises(DossierError) as caught:
        read_dossier(tmp_path)
    assert len(caught.value.faults) == len(FILES)


def test_the_help_page_loads_neither_numpy_nor_a_parser() -> None:
    heavy = "{'numpy', 'scipy', 'pydantic', 'ruamel.yaml', 'bibtexparser', 'pandas'}"
    code = f"import sys, evenhand.dossier; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_reading_does_not_load_scipy_stats(blank: Path) -> None:
    code = f"import sys, evenhand.dossier as d; d.read_dossier({str(blank)!r}); print('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"

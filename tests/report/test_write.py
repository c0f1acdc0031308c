"""A file is written whole or not at all."""

import os
from pathlib import Path

import pytest

from evenhand.report.write import write_text


def test_text_arrives_as_written(tmp_path: Path) -> None:
    path = write_text(tmp_path / "new" / "folder" / "page.html", "سطر\nline\n")
    assert path.read_bytes() == "سطر\nline\n".encode()
    assert [item.name for item in path.parent.iterdir()] == ["page.html"]


def test_old_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    path.chmod(0o640)
    write_text(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.html", tmp_path / "link.html"
    target.write_text("old")
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink() and target.read_text() == "new"


def test_the_old_file_survives_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"cannot write .*page\.html: No space left on device\. Mend: "):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["page.html"]


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match=r"it is a folder\. Mend: name a file inside it"):
        write_text(tmp_path, "x")


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    with pytest.raises(OSError, match="cannot write"):
        write_text(tmp_path / "taken" / "page.html", "x")

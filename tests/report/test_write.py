"""Files are written whole or not at all."""

import os
from pathlib import Path

import pytest

from evenhand.report.write import write_text, write_texts


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


def test_a_device_or_a_pipe_is_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FileExistsError, match=r"it is a device or a pipe\. Mend: name a plain file"):
        write_text(pipe, "x")
    assert pipe.is_fifo()
    with pytest.raises(FileExistsError, match="device or a pipe"):
        write_text("/dev/null", "x")
    assert Path("/dev/null").is_char_device()


def test_of_two_files_both_are_written_or_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, data = tmp_path / "page.html", tmp_path / "data.json"
    write_texts({page: "old page", data: "old data"})
    flushed = []

    def full_at_the_second(handle: int) -> None:
        flushed.append(handle)
        if len(flushed) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_at_the_second)
    with pytest.raises(OSError, match=r"cannot write .*data\.json: No space left on device"):
        write_texts({page: "new page", data: "new data"})
    assert (page.read_text(), data.read_text()) == ("old page", "old data")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["data.json", "page.html"]


def test_links_in_a_circle_are_said(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match=r"cannot write .*Mend: "):
        write_text(tmp_path / "a", "x")

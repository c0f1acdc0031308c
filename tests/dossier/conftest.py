"""A dossier to break: the one that `evenhand new` writes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evenhand.dossier import find_faults, new_dossier
from evenhand.dossier.faults import Fault


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    """A fresh dossier that reads without a fault."""
    return new_dossier(tmp_path / "dossier")


@pytest.fixture
def faults_after(blank: Path) -> Callable[..., tuple[Fault, ...]]:
    """The faults once `old` has become `new` in one of the files of a fresh dossier."""

    def change(file: str, old: str, new: str) -> tuple[Fault, ...]:
        replace(blank / file, old, new)
        return find_faults(blank)

    return change


def replace(path: Path, old: str, new: str) -> None:
    """Replace the only occurrence of `old`; a test whose target has gone must not pass."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{text.count(old)} × {old!r} in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")


def line_of(path: Path, snippet: str) -> int:
    """The line of the first occurrence of `snippet`, from 1."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return text[: text.index(snippet)].count("\n") + 1

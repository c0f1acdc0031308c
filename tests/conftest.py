"""Fixtures shared by all tests."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# As the command does, and before numpy is imported: threads that wait for each other on small matrices take longer.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    from evenhand.dossier import Dossier

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("EVENHAND_SHARED", ROOT.parent / "shared"))


def golden(name: str) -> list[dict[str, Any]]:
    """All cases of one reference file; skips the test, with its reason, where the files are not at hand."""
    path = SHARED / "golden" / name
    if not path.exists():
        pytest.skip(f"reference numbers not at hand: {name}", allow_module_level=True)
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def example_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dossier that `evenhand new` writes, in a folder of its own; copy it before changing it."""
    from evenhand.dossier.template import new_dossier

    return new_dossier(tmp_path_factory.mktemp("dossiers") / "example")


@pytest.fixture(scope="session")
def example_dossier(example_folder: Path) -> "Dossier":
    """The same, read."""
    from evenhand.dossier import read_dossier

    return read_dossier(example_folder)

"""Fixtures shared by all tests."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("EVENHAND_SHARED", ROOT.parent / "shared"))


def golden(name: str) -> list[dict[str, Any]]:
    """All cases of one reference file; skips the test, with its reason, where the files are not at hand."""
    path = SHARED / "golden" / name
    if not path.exists():
        pytest.skip(f"reference numbers not at hand: {name}", allow_module_level=True)
    return json.loads(path.read_text(encoding="utf-8"))

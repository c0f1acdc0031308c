"""Every example in README and docs runs; every link between them leads somewhere."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def _blocks(language: str) -> list:
    return [
        pytest.param(code, id=f"{page.stem}-{number}")
        for page in PAGES
        for number, (kind, code) in enumerate(_BLOCK.findall(page.read_text(encoding="utf-8")))
        if kind == language
    ]


def _pages_with(language: str) -> list[Path]:
    return [page for page in PAGES if any(kind == language for kind, _ in _BLOCK.findall(page.read_text("utf-8")))]


@pytest.fixture
def folder(tmp_path):
    """A folder that looks like the checkout to an example, and takes what the example writes."""
    (tmp_path / "dossiers").symlink_to(ROOT / "dossiers")
    return tmp_path


def test_there_are_examples():
    assert _blocks("python")
    assert ROOT / "README.md" in _pages_with("console")


@pytest.mark.parametrize("code", _blocks("python"))
def test_python_example_runs(folder, code):
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", _pages_with("console"), ids=lambda page: page.stem)
def test_commands_run_in_order(folder, page):
    """Commands of one page follow on each other; a line without `$` is what the command prints."""
    evenhand = shutil.which("evenhand", path=str(Path(sys.executable).parent)) or "evenhand"
    for kind, code in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in code.splitlines() if kind == "console" else ():
            if not line.startswith("$ "):
                continue
            command, *arguments = shlex.split(line[2:])
            assert command == "evenhand", f"only evenhand's own commands are examples: {line}"
            done = subprocess.run(
                [evenhand, *arguments], cwd=folder, capture_output=True, text=True, check=False, env=os.environ
            )
            assert done.returncode == 0, f"{line}\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    targets = [link.partition("#")[0] for link in _LINK.findall(page.read_text(encoding="utf-8"))]
    lost = [link for link in targets if link and "://" not in link and not (page.parent / link).exists()]
    assert lost == []

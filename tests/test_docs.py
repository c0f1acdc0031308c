"""Every example in README and docs runs and prints what the page shows; every link between them leads somewhere."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TASKS = sorted((ROOT / "docs" / "tasks").glob("*.md"))
# A block of code, and what it prints where a block of text follows it at once.
_BLOCK = re.compile(r"^```(python|console)\n(.*?)^```$(?:\n\n?```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
# The blocks of a page are one session.
_SESSION = """
import contextlib, io, json, sys
names, printed = {"__name__": "__main__"}, []
for code in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, "<example>", "exec"), names)
    printed.append(out.getvalue())
print(json.dumps(printed))
"""


def _blocks(page: Path, language: str) -> list[tuple[str, str]]:
    return [(code, shown) for kind, code, shown in _BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


def _pages_with(language: str) -> list[Path]:
    return [page for page in PAGES if _blocks(page, language)]


def _commands(code: str) -> list[tuple[list[str], str]]:
    """Each command of a block, and the lines that it prints, as far as they are shown."""
    lines, found = code.splitlines(), []
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        found.append((shlex.split(lines[start][2:]), "\n".join(lines[start + 1 : end])))
    return found


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


@pytest.fixture
def folder(tmp_path):
    """A folder that looks like the checkout to an example, and takes what the example writes."""
    for name in ("dossiers", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def test_there_are_examples():
    assert _pages_with("python")
    assert ROOT / "README.md" in _pages_with("console")


@pytest.mark.parametrize("page", _pages_with("python"), ids=lambda page: page.stem)
def test_python_examples_run_in_order(folder, page):
    blocks = _blocks(page, "python")
    done = subprocess.run(
        [sys.executable, "-c", _SESSION],
        input=json.dumps([code for code, _ in blocks]),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for (code, shown), printed in zip(blocks, json.loads(done.stdout), strict=True):
        if shown:
            assert _lines(printed) == _lines(shown), code


@pytest.mark.parametrize("page", _pages_with("console"), ids=lambda page: page.stem)
def test_commands_run_in_order(folder, page):
    """Commands of one page follow on each other; a line without `$` is what the command prints."""
    evenhand = shutil.which("evenhand", path=str(Path(sys.executable).parent)) or "evenhand"
    for code, _ in _blocks(page, "console"):
        for (command, *arguments), shown in _commands(code):
            assert command == "evenhand", f"only evenhand's own commands are examples: {command}"
            done = subprocess.run(
                [evenhand, *arguments], cwd=folder, capture_output=True, text=True, check=False, env=os.environ
            )
            assert done.returncode == 0, f"{arguments}\n{done.stderr}"
            if shown:
                assert _lines(done.stdout) == _lines(shown), arguments


@pytest.mark.parametrize("page", TASKS, ids=lambda page: page.stem)
def test_a_task_is_told_briefly_and_shows_what_it_prints(page):
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 130
    assert all(shown for code, shown in _blocks(page, "python") if "print(" in code)
    assert any(shown for _, shown in _blocks(page, "python")) or _blocks(page, "console")
    headings = re.findall(r"^## (.*)$", text, flags=re.MULTILINE)
    assert headings == ["Example", "Reading it", "Choices", "Refused", "From R", "References"]
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert f"(tasks/{page.name})" in index


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    targets = [link.partition("#")[0] for link in _LINK.findall(page.read_text(encoding="utf-8"))]
    lost = [link for link in targets if link and "://" not in link and not (page.parent / link).exists()]
    assert lost == []


def test_every_name_of_the_features_page_exists():
    import evenhand
    from evenhand import figures
    from evenhand.effects import ALIASES, MEASURES
    from evenhand.synthesis import ESTIMATORS

    rows = [line for line in (ROOT / "docs" / "features.md").read_text("utf-8").splitlines() if line.startswith("| ")]
    named = re.findall(r"`([^`]+)`", "\n".join(rows))
    for name in named:
        home, _, attribute = name.partition(".")
        if home in ("eh", "figures") and attribute:
            assert hasattr(evenhand if home == "eh" else figures, attribute), name
        elif re.fullmatch(r"[A-Z][A-Z0-9]+", name):
            assert {name} & {*MEASURES, *ALIASES, *ESTIMATORS}, name
    assert len([name for name in named if name.startswith("eh.")]) > 100
    # Whatever is measured has its place on the page.
    assert set(MEASURES) - {"GEN"} <= {*named}
    for row in rows:
        if "looked for" not in row:
            assert row.split("|")[2].strip() in ("yes", "partly", "no"), row


def test_whatever_is_called_by_one_import_is_told_somewhere():
    """A function that no page names is one that nobody finds."""
    import inspect

    import evenhand

    told = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    callables = [name for name in evenhand.__all__ if inspect.isfunction(getattr(evenhand, name))]
    assert [name for name in callables if name not in told] == []

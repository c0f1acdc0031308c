"""The real report in a real browser: made once, opened from disk as its reader would."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _lacking(what: str, mend: str) -> None:
    """Skip with the reason; but where set-up may install everything (CI, as root) a gap is a failure."""
    reason = f"{what}: {mend}"
    if os.environ.get("CI") == "true" and hasattr(os, "geteuid") and os.geteuid() == 0:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def axe_source() -> str:
    """axe-core, to be put into the page."""
    if not AXE.exists():
        _lacking("no axe-core", "run `npm ci`")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The first dossier's report in each language."""
    from evenhand.assessment import assess
    from evenhand.dossier import read_dossier
    from evenhand.report.html import render_html
    from evenhand.words.catalogue import LANGUAGES

    assessment = assess(read_dossier(ROOT / "dossiers" / "skin-whitening-injections"))
    folder = tmp_path_factory.mktemp("reports")
    made = {}
    for language in LANGUAGES:
        made[language] = folder / f"report-{language}.html"
        made[language].write_text(render_html(assessment, language), encoding="utf-8")
    return made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One headless Chromium for all tests of a worker."""
    try:
        import playwright
        from playwright.sync_api import sync_playwright
    except ImportError:
        _lacking("no playwright", "run `make test`")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        _lacking("no Chromium", "Debian: sudo apt-get install chromium")
    driver = Path(playwright.__file__).parent / "driver" / "node"
    if driver.exists() and subprocess.run([driver, "--version"], capture_output=True, check=False).returncode:
        _lacking("playwright's driver does not start", "Debian: sudo apt-get install libatomic1")
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page with all it asked for and complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def open_report(chromium: Any, reports: dict[str, Path]) -> Iterator[Callable[..., Opened]]:
    """`open_report("ar", 320)`; further arguments go to the browser's context."""
    contexts = []

    def opened(language: str, width: int, **options: Any) -> Opened:
        context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        result = Opened(page)
        page.on("request", lambda request: result.requests.append(request.url))
        page.on("pageerror", lambda error: result.complaints.append(str(error)))
        page.on(
            "console", lambda said: result.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.goto(reports[language].as_uri(), wait_until="load")
        return result

    yield opened
    for context in contexts:
        context.close()

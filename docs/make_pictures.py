"""The README's pictures: the first screen of the real report, in each language. `make pictures` runs this."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from evenhand import assess, read_dossier, render_html

ROOT = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT = 1000, 1640
SCALE = 0.8
MOST_BYTES = 300_000


def main() -> int:
    """Write them; 1 where one would be too heavy for a README."""
    assessment = assess(read_dossier(ROOT / "dossiers" / "skin-whitening-injections"))
    chromium = shutil.which("chromium")
    if chromium is None:
        print("no Chromium (Debian: apt-get install chromium fonts-noto-core)")
        return 1
    heavy = False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for language in ("en", "ar"):
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
            page.set_content(render_html(assessment, language), wait_until="load")
            target = ROOT / "docs" / "pictures" / f"report-{language}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=target)
            size = target.stat().st_size
            heavy = heavy or size > MOST_BYTES
            print(f"{target.relative_to(ROOT)}: {size / 1000:.0f} kB")
        browser.close()
    return int(heavy)


if __name__ == "__main__":
    sys.exit(main())

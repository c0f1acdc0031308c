"""The report as its readers meet it: phone and desk, English and Arabic, keyboard, print, dark, spaced-out text."""

import re
from typing import Any

import pytest

pytestmark = pytest.mark.browser

LANGUAGES = ("en", "ar")
WIDTHS = (320, 390, 1280)  # the narrowest that WCAG 1.4.10 asks for, a phone, a desk
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN_ALL = "() => document.querySelectorAll('details').forEach(element => { element.open = true })"
# WCAG 1.4.12
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-block-end: 2em !important }"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_one_file_and_no_complaint(open_report, language, width):
    opened = open_report(language, width)
    opened.page.evaluate(OPEN_ALL)
    opened.page.wait_for_timeout(100)
    assert opened.complaints == []
    assert len(opened.requests) == 1
    assert opened.requests[0].startswith("file://")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("state", ["closed", "all open"])
def test_nothing_scrolls_sideways(open_report, language, width, state):
    page = open_report(language, width).page
    if state == "all open":
        page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_language_direction_and_landmarks(open_report, language, direction):
    page = open_report(language, 1280).page
    root = page.locator("html")
    assert root.get_attribute("lang") == language
    assert root.get_attribute("dir") == direction
    assert page.evaluate("getComputedStyle(document.body).direction") == direction
    assert page.title().strip()
    for landmark in ("main", "banner", "contentinfo", "navigation"):
        assert page.get_by_role(landmark).count() >= 1, landmark
    assert page.get_by_role("main").count() == 1
    assert page.locator("h1").count() == 1
    assert page.evaluate("() => [...document.querySelectorAll('[id]')].map(e => e.id).length") == page.evaluate(
        "() => new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_inside_the_page_arrives(open_report, language):
    page = open_report(language, 1280).page
    lost = page.evaluate(
        "() => [...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
        ".filter(id => id && !document.getElementById(id))"
    )
    assert lost == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_no_violation(open_report, axe_source, language, width):
    """Every rule but contrast, which takes nine tenths of the time and has its own test."""
    options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "rules": {"color-contrast": {"enabled": False}}}
    assert _axe_faults(open_report(language, width, bypass_csp=True).page, axe_source, options) == []


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("en", 1280, "light"), ("ar", 320, "light"), ("en", 320, "dark"), ("ar", 1280, "dark")],
)
def test_axe_finds_contrast_enough(open_report, axe_source, language, width, scheme):
    """Light and dark, each on a phone or a desk and in one language: the palette is the same for all."""
    page = open_report(language, width, color_scheme=scheme, bypass_csp=True).page
    assert _axe_faults(page, axe_source, {"runOnly": {"type": "rule", "values": ["color-contrast"]}}) == []


def _axe_faults(page: Any, axe_source: str, options: dict[str, Any]) -> list[str]:
    """What axe-core finds with every fold open; the page's own policy, which refuses any script, is set aside."""
    page.evaluate(OPEN_ALL)
    page.evaluate(axe_source)
    found = page.evaluate("options => axe.run(document, {...options, resultTypes: ['violations']})", options)
    assert found["passes"], "axe looked at nothing"
    return [
        f"{fault['id']}: {node['html'][:160]} {node['failureSummary']}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_keyboard_follows_the_order_of_the_page(open_report, language):
    page = open_report(language, 390).page
    assert page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0


def test_the_keyboard_reaches_and_opens_every_fold(open_report):
    """Over a thousand stops, so in one language; the other has the same elements in the same order."""
    # Without smooth scrolling: each press would start a new slide before the last has arrived.
    page = open_report("en", 390, reduced_motion="reduce").page
    page.evaluate("() => document.querySelectorAll('summary').forEach((element, n) => { element.dataset.walk = n })")
    total = page.locator("summary").count()
    assert total > 0
    reached, hidden_focus = set(), []
    for _ in range(5000):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
                const element = document.activeElement
                if (!element || element === document.body) return null
                const style = getComputedStyle(element), box = element.getBoundingClientRect()
                const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
                return {
                    walk: element.dataset.walk ?? null,
                    open: element.parentElement?.open ?? null,
                    ring: ring || style.boxShadow !== 'none',
                    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
                    html: element.outerHTML.slice(0, 120),
                }
            }"""
        )
        if here is None:
            break
        if not (here["ring"] and here["seen"]):
            hidden_focus.append(here["html"])
        if here["walk"] is not None:
            reached.add(int(here["walk"]))
            if not here["open"]:
                page.keyboard.press("Enter")
    assert reached == set(range(total))
    assert hidden_focus == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_are_large_enough_to_hit(open_report, language):
    """WCAG 2.5.8: 24 by 24 px for all that is pressed; links inside a sentence are excepted there, and here."""
    page = open_report(language, 390).page
    page.evaluate(OPEN_ALL)
    small = page.evaluate(
        """() => [...document.querySelectorAll('summary, button, input, select, nav a')]
            .map(element => [element.outerHTML.slice(0, 120), element.getBoundingClientRect()])
            .filter(([, box]) => box.width > 0 && (box.width < 24 || box.height < 24))
            .map(([html, box]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${html}`)"""
    )
    assert small == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_spaced_out_text_is_not_cut_off(open_report, language):
    page = open_report(language, 320, bypass_csp=True).page
    page.evaluate(OPEN_ALL)
    page.add_style_tag(content=SPACED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    cut = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(element => {
            const style = getComputedStyle(element)
            if (element.closest('svg') || element.closest('.unseen') || !element.innerText?.trim()) return false
            const clips = value => value === 'hidden' || value === 'clip'
            return (clips(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
                || (clips(style.overflowY) && element.scrollHeight > element.clientHeight + 1)
        }).map(element => element.outerHTML.slice(0, 120))"""
    )
    assert cut == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_prints(open_report, language):
    printed = open_report(language, 1280).page.pdf(format="A4", print_background=False)
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 2
    assert len(printed) > 20_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_fits_on_the_first_printed_page(open_report, language):
    """A fact box of one page: A4 less the margins of the style sheet, at 96 px an inch."""
    page = open_report(language, round(180 / 25.4 * 96)).page
    page.emulate_media(media="print")
    page.wait_for_timeout(50)
    bottom = page.evaluate("document.querySelector('#answer').getBoundingClientRect().bottom + scrollY")
    assert bottom <= 263 / 25.4 * 96


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_are_there_without_any_script(open_report, language):
    page = open_report(language, 390, java_script_enabled=False).page
    assert len(page.locator("main").inner_text()) > 5000


def test_the_pages_own_policy_refuses_what_is_not_in_the_file(open_report):
    opened = open_report("en", 390)
    refused = opened.page.evaluate(
        "() => new Promise(done => { const image = new Image(); image.onerror = () => done(true);"
        " image.onload = () => done(false); image.src = 'file:///favicon.ico' })"
    )
    assert refused
    assert any("Content Security Policy" in complaint for complaint in opened.complaints)

"""Pictures as files: what is written can be opened, has the words in it, and says what is missing."""

import re
import struct
import sys
import zlib

import pytest

from evenhand.figures import MissingFontError, forest_plot, funnel_plot, write_figure
from evenhand.figures.export import _fonts, _words
from evenhand.words import LANGUAGES
from tests.figures.plots import SEI, YI, plots
from tests.figures.reading import SVG, parsed, texts_of

FUNNEL = funnel_plot(YI, SEI, measure="RR")
RENDERER = pytest.importorskip("typst", reason="the renderer is an extra: pip install 'evenhand[figures]'")
FAMILIES = set(RENDERER.Fonts().families())


def png_rows(data):
    """Width, height and the bytes of each row of an 8-bit PNG without interlacing (RFC 2083), filters undone."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    assert depth == 8
    size = {2: 3, 6: 4}[colour]
    at, packed = 8, b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += 12 + length
    raw = zlib.decompress(packed)
    rows, before = [], bytes(width * size)
    for start in range(0, len(raw), width * size + 1):
        kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + width * size])
        for place in range(len(row)):
            left = row[place - size] if place >= size else 0
            up, corner = before[place], before[place - size] if place >= size else 0
            guess = left + up - corner
            nearest = min((left, up, corner), key=lambda one: abs(guess - one))
            row[place] = (row[place] + (0, left, up, (left + up) // 2, nearest)[kind]) % 256
        rows.append(bytes(row))
        before = rows[-1]
    return width, height, size, rows


def test_svg_has_a_size_of_its_own(tmp_path):
    path = write_figure(FUNNEL, tmp_path / "funnel.svg")
    root = parsed(path.read_text(encoding="utf-8"))
    assert [float(root.get(name)) for name in ("width", "height")] == [
        float(part) for part in root.get("viewBox").split()[2:]
    ]
    assert texts_of(path.read_text(encoding="utf-8")) == texts_of(FUNNEL)


@pytest.mark.parametrize("dpi", [48, 96])
def test_png_has_the_dots_asked_for(tmp_path, dpi):
    width, height, _, _ = png_rows(write_figure(FUNNEL, tmp_path / "funnel.PNG", dpi=dpi).read_bytes())
    wide, tall = (float(part) for part in parsed(FUNNEL).get("viewBox").split()[2:])
    assert (width, height) == (pytest.approx(wide * dpi / 96, abs=1), pytest.approx(tall * dpi / 96, abs=1))


@pytest.mark.parametrize("background", [True, False])
def test_paper_is_white_or_nothing(tmp_path, background):
    path = write_figure(FUNNEL, tmp_path / "funnel.png", dpi=24, background=background)
    _, _, size, rows = png_rows(path.read_bytes())
    corner = rows[0][:size]
    assert corner[:3] == b"\xff\xff\xff" if background else corner[3] == 0


def test_a_mark_of_the_picture_is_a_mark_of_the_file(tmp_path):
    svg = forest_plot([0.0], [1.0])
    square = next(node for node in parsed(svg).iter(f"{SVG}rect"))
    x, y = (int(float(square.get(name)) + float(square.get("width")) / 2) for name in ("x", "y"))
    _, _, size, rows = png_rows(write_figure(svg, tmp_path / "one.png", dpi=96).read_bytes())
    assert rows[y][size * x : size * x + 3] == b"\x44\x44\x44"


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_drawn(tmp_path, language):
    """A line of words has ink where it stands, and a line left out has none."""
    if language == "ar" and not FAMILIES & {"Noto Sans Arabic", "Noto Naskh Arabic", "DejaVu Sans", "Arial", "Amiri"}:
        pytest.skip("no Arabic font is installed: apt install fonts-noto-core")
    svg = funnel_plot(YI, SEI, language=language)
    name = next(node for node in parsed(svg).iter(f"{SVG}text") if float(node.get("y")) == 14)
    x, y, end = float(name.get("x")), int(float(name.get("y"))), name.get("text-anchor") == "end"
    _, _, size, rows = png_rows(write_figure(svg, tmp_path / "words.png", dpi=96).read_bytes())
    start = int(x - 60 if end else x)
    inked = sum(
        row[size * column : size * column + 3] != b"\xff\xff\xff"
        for row in rows[y - 10 : y + 1]
        for column in range(start, start + 60)
    )
    assert inked > 60


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_the_same_picture_gives_the_same_bytes(tmp_path, suffix):
    first, second = (write_figure(FUNNEL, tmp_path / f"{name}.{suffix}", dpi=48).read_bytes() for name in "ab")
    assert first == second


def test_pdf_is_a_page_of_the_picture_with_its_title(tmp_path):
    data = write_figure(FUNNEL, tmp_path / "funnel.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    wide, tall = (0.75 * float(part) for part in parsed(FUNNEL).get("viewBox").split()[2:])
    box = [float(part) for part in re.search(rb"/MediaBox ?\[([^\]]*)\]", data)[1].split()]
    assert box == pytest.approx([0, 0, wide, tall], abs=0.01)
    assert b"/StructTreeRoot" in data  # tagged


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plot_can_be_written(tmp_path, language):
    if language == "ar" and not FAMILIES & {"Noto Sans Arabic", "Noto Naskh Arabic", "DejaVu Sans", "Arial", "Amiri"}:
        pytest.skip("no Arabic font is installed: apt install fonts-noto-core")
    for key, svg in plots(language).items():
        assert write_figure(svg, tmp_path / f"{key}.png", dpi=24).stat().st_size > 200, key


def test_words_keep_their_place_size_and_colour():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g color="#B34700"><text x="4" y="8" '
    svg += 'font-size="12" font-weight="700" text-anchor="end">a<title>b</title></text></g><text/></svg>'
    (one,) = _words(parsed(svg))
    assert one == {
        "text": "ab", "x": 3.0, "y": 6.0, "size": 9.0, "share": 1.0, "weight": 700, "fill": "#B34700",
    }  # fmt: skip


def test_letters_without_a_font_are_an_error_with_its_mend():
    latin, arabic = [{"text": "Study"}], [{"text": "دراسة"}]
    assert _fonts(latin, ["Libertinus Serif"]) == ["Libertinus Serif"]
    assert _fonts(arabic, ["Noto Sans", "Noto Sans Arabic"]) == ["Noto Sans", "Noto Sans Arabic"]
    with pytest.raises(MissingFontError, match=r"Arabic.*Mend: install one"):
        _fonts(arabic, ["Noto Sans"])
    with pytest.raises(MissingFontError, match="Latin"):
        _fonts(latin, [])


def test_without_the_renderer_svg_is_written_and_png_tells_the_mend(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    assert write_figure(FUNNEL, tmp_path / "a.svg").exists()
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'evenhand\[figures\]'"):
        write_figure(FUNNEL, tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    ("svg", "name", "dpi", "told"),
    [
        (FUNNEL, "a.gif", 300, "'a.gif'.*.svg, .png, .pdf"),
        (FUNNEL, "a", 300, "rename it"),
        (FUNNEL, "a.png", 0, "dpi is 0"),
        ("<svg", "a.svg", 300, "no picture"),
        ("<p/>", "a.svg", 300, "no picture"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg", 300, "document type"),
    ],
)
def test_what_cannot_be_written_is_told(tmp_path, svg, name, dpi, told):
    with pytest.raises(ValueError, match=told):
        write_figure(svg, tmp_path / name, dpi=dpi)
    assert list(tmp_path.iterdir()) == []

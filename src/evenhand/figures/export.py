"""A picture as a file: SVG as it is, PNG and PDF through an optional renderer with real fonts.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

No browser is needed. A renderer without the letters of a text draws empty boxes in their place and says nothing; so the
fonts are looked for first, and what is missing is an error that says what to install.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

_NAMESPACE = "http://www.w3.org/2000/svg"
_SVG = f"{{{_NAMESPACE}}}"
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
# In order of liking. Each of the first has the letters of European languages and the signs of statistics.
_SANS = ("Noto Sans", "DejaVu Sans", "Liberation Sans", "Arial", "Helvetica", "Helvetica Neue", "Segoe UI", "Roboto")
# The renderer brings this one along: a serif, but with every letter of English.
_BUILT_IN = "Libertinus Serif"
_ARABIC_SANS = (
    "Noto Sans Arabic",
    "Noto Kufi Arabic",
    "Noto Naskh Arabic",
    "DejaVu Sans",
    "Arial",
    "Segoe UI",
    "Amiri",
)
_POINTS_PER_PIXEL = 0.75
# Marks are an image; words are set by the renderer itself, whose shaping knows lines of two scripts and two directions,
# which its reading of SVG does not. So they are also words in the PDF, to be searched and copied.
_PAGE = """\
#set document(title: sys.inputs.title, date: none)
#set page(width: {width}pt, height: {height}pt, margin: 0pt, fill: {fill})
#set text(font: json(bytes(sys.inputs.fonts)), dir: ltr, lang: "en", top-edge: "baseline", bottom-edge: "baseline")
#place(top + left, image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%, alt: sys.inputs.alt))
#for one in json(bytes(sys.inputs.words)) {{
  let words = text(one.text, size: one.size * 1pt, fill: rgb(one.fill), weight: one.weight)
  context {{
    let long = measure(words).width
    place(top + left, dx: one.x * 1pt - one.share * long, dy: one.y * 1pt, box(width: long, words))
  }}
}}
"""


class MissingFontError(RuntimeError):
    """No font at hand has the letters of a picture."""


def write_figure(
    svg: str,
    path: str | Path,
    *,
    dpi: float = 300.0,
    background: bool = True,
    font_paths: Sequence[str | Path] = (),
) -> Path:
    """Write a picture; the end of the file's name says how.

    Parameters
    ----------
    svg : str
        What a function of this room returns.
    path : str or Path
        Ends in `.svg`, `.png` or `.pdf`.
    dpi : float
        Dots per inch of a PNG. A picture 720 units wide is 7.5 inches, so 2,250 dots at 300.
    background : bool
        Whether PNG and PDF are white where nothing is drawn, or transparent.
    font_paths : sequence of path
        Folders with fonts to use beside those that are installed.

    Returns
    -------
    Path
        The file written. The same picture gives the same bytes.

    Raises
    ------
    ValueError
        For another ending, a `dpi` that is not positive, or text that is no picture of ours.
    ModuleNotFoundError
        For PNG and PDF where the renderer is not installed.
    MissingFontError
        Where no font has the picture's letters.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in _WRITERS:
        raise ValueError(f"cannot write '{path.name}': its end is none of {', '.join(_WRITERS)}. Mend: rename it.")
    if not 1 <= dpi <= 2400:
        raise ValueError(f"dpi is {dpi:g}. Mend: give 1 to 2400; journals ask for 300 or 600.")
    root = _root(svg)
    path.write_bytes(_WRITERS[kind](svg, root, dpi, background, tuple(str(Path(place)) for place in font_paths)))
    return path


def _root(svg: str) -> ElementTree.Element:
    try:
        # Our own drawing; expat loads nothing from outside, and an entity bomb needs a DTD, which we refuse.
        if "<!" in svg:
            raise ValueError("a document type")
        root = ElementTree.fromstring(svg)  # noqa: S314
        if root.tag != f"{_SVG}svg" or len(_size(root)) != 2:
            raise ValueError("no <svg> with a viewBox")
    except (ElementTree.ParseError, ValueError) as fault:
        raise ValueError(f"this is no picture ({fault}). Mend: pass what a plot function returned.") from fault
    return root


def _size(root: ElementTree.Element) -> tuple[float, ...]:
    return tuple(float(part) for part in root.get("viewBox", "").split()[2:])


def _as_svg(svg: str, root: ElementTree.Element, _dpi: float, _background: bool, _fonts: tuple[str, ...]) -> bytes:
    """With a size of its own, since alone it has no page that gives it one."""
    width, height = _size(root)
    sized = svg if root.get("width") else svg.replace("<svg ", f'<svg width="{width:g}" height="{height:g}" ', 1)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{sized}\n'.encode()


def _as_png(svg: str, root: ElementTree.Element, dpi: float, background: bool, fonts: tuple[str, ...]) -> bytes:
    return _rendered(svg, root, fonts, background, format="png", ppi=dpi)


def _as_pdf(svg: str, root: ElementTree.Element, _dpi: float, background: bool, fonts: tuple[str, ...]) -> bytes:
    return _rendered(svg, root, fonts, background, format="pdf")


_WRITERS: dict[str, Callable[[str, ElementTree.Element, float, bool, tuple[str, ...]], bytes]] = {
    ".svg": _as_svg,
    ".png": _as_png,
    ".pdf": _as_pdf,
}


def _rendered(svg: str, root: ElementTree.Element, fonts: tuple[str, ...], background: bool, **options: Any) -> bytes:
    try:
        import typst
    except ModuleNotFoundError as fault:
        raise ModuleNotFoundError(
            "PNG and PDF need the renderer 'typst', which is not installed. "
            "Mend: pip install 'evenhand[figures]', or write .svg, which needs nothing.",
            name="typst",
        ) from fault
    width, height = (_POINTS_PER_PIXEL * length for length in _size(root))
    found = _installed_fonts(fonts)
    words = list(_words(root))
    title, desc = (root.findtext(f"{_SVG}{tag}") or "" for tag in ("title", "desc"))
    drawn, warnings = typst.compile_with_warnings(
        _PAGE.format(width=f"{width:.3f}", height=f"{height:.3f}", fill="white" if background else "none").encode(),
        font_paths=found,
        sys_inputs={
            "svg": _without_words(root),
            "words": json.dumps(words),
            "fonts": json.dumps(_fonts(words, found.families())),
            "title": title,
            "alt": f"{title}. {desc}",
        },
        **options,
    )
    if unknown := [warning.message for warning in warnings if "font" in warning.message]:
        raise MissingFontError(f"{unknown[0]}. {_MEND}")
    return bytes(drawn)


@lru_cache(maxsize=4)
def _installed_fonts(folders: tuple[str, ...]) -> Any:
    """The fonts of this machine and of some folders, looked for once."""
    import typst

    return typst.Fonts(font_paths=list(folders))


_MEND = "Mend: install one (on Debian: apt install fonts-noto-core), or give the folder of one as font_paths."


def _fonts(words: Sequence[dict[str, Any]], families: Sequence[str]) -> list[str]:
    """The families to set the words in, out of those at hand."""
    at_hand = set(families)
    latin = next((name for name in (*_SANS, _BUILT_IN) if name in at_hand), None)
    if latin is None:
        raise MissingFontError(f"no font for Latin letters is at hand. {_MEND}")
    if not any(_ARABIC.search(one["text"]) for one in words):
        return [latin]
    arabic = next((name for name in _ARABIC_SANS if name in at_hand), None)
    if arabic is None:
        raise MissingFontError(f"the picture has Arabic text, and no font for Arabic letters is at hand. {_MEND}")
    return [latin, arabic]


def _words(root: ElementTree.Element) -> Iterator[dict[str, Any]]:
    """Every text of a picture with its place, size and colour, in points."""
    shares = {"middle": 0.5, "end": 1.0}

    def below(node: ElementTree.Element, colour: str) -> Iterator[dict[str, Any]]:
        colour = node.get("color", colour)
        if node.tag != f"{_SVG}text":
            for child in node:
                yield from below(child, colour)
        elif text := "".join(node.itertext()).strip():
            yield {
                "text": text,
                "x": _POINTS_PER_PIXEL * float(node.get("x", 0)),
                "y": _POINTS_PER_PIXEL * float(node.get("y", 0)),
                "size": _POINTS_PER_PIXEL * float(node.get("font-size", 13)),
                "share": shares.get(node.get("text-anchor", "start"), 0.0),
                "weight": int(node.get("font-weight", 400)),
                "fill": colour,
            }

    return below(root, "#000000")


def _without_words(root: ElementTree.Element) -> str:
    ElementTree.register_namespace("", _NAMESPACE)
    marks = ElementTree.fromstring(ElementTree.tostring(root))  # noqa: S314 - our own, read a line before
    for parent in list(marks.iter()):
        for child in [child for child in parent if child.tag == f"{_SVG}text"]:
            parent.remove(child)
    return ElementTree.tostring(marks, encoding="unicode")

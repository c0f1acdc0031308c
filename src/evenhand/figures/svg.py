"""SVG as text: elements whose words cannot break out of them, and numbers a browser can read.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
import re

from evenhand.dossier.records import Words
from evenhand.words.catalogue import Catalogue

FONT = "system-ui, 'Noto Sans', 'Noto Sans Arabic', sans-serif"
# Right-to-left isolate: with an explicit anchor and a left-to-right root, browsers and resvg then agree (UAX 9).
_RTL_ISOLATE, _FIRST_STRONG_ISOLATE, _POP = "\u2067", "\u2068", "\u2069"
_ISOLATES = re.compile("[\u2066-\u2069]")
# What XML 1.0 (production 2) forbids even when escaped; bidi overrides are legal, but would turn a line round.
_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


class Svg(str):
    """Markup: already escaped, to be put into a page as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """What an escaping template asks for before it escapes."""
        return self


def escape(text: str) -> Svg:
    """Text as it may stand between tags and in quoted attributes."""
    return Svg(re.sub("[&<>\"']", lambda found: _ESCAPES[found.group()], _UNPRINTABLE.sub("", text)))


def coordinate(value: float) -> str:
    """A length with at most two decimals: `12.5`, never `-0`, `12.50` or `nan`.

    Raises
    ------
    ValueError
        For a value that is not finite: a figure must decide what to draw instead.
    """
    if not math.isfinite(value):
        raise ValueError(f"a figure cannot place {value}")
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def element(tag: str, *children: str, **attributes: str | float | None) -> Svg:
    """`<tag …>children</tag>`.

    Parameters
    ----------
    tag : str
    *children : str
        Plain text is escaped; `Svg` stands as it is.
    **attributes : str, float or None
        `stroke_width` is written `stroke-width`, `class_` is written `class`; `None` is left out.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value) if isinstance(value, str) else coordinate(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = join(*children)
    return Svg(f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>")


def join(*parts: str) -> Svg:
    """Parts one after the other, plain text escaped."""
    return Svg("".join(part if isinstance(part, Svg) else escape(part) for part in parts))


def group(*children: str, **attributes: str | float | None) -> Svg:
    """A group of marks with the same look; nothing at all where there is nothing in it."""
    return element("g", *children, **attributes) if any(children) else Svg("")


def line(x1: float, y1: float, x2: float, y2: float, **attributes: str | float | None) -> Svg:
    """A straight stroke in the current colour."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke="currentColor", **attributes)


def polyline(points: list[tuple[float, float]], *, closed: bool = False) -> str:
    """The `d` of a path through points."""
    return "M" + "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in points) + ("z" if closed else "")


def isolated(name: str) -> str:
    """A name out of a file, to stand in a line of any direction without turning it round."""
    return f"{_FIRST_STRONG_ISOLATE}{_ISOLATES.sub('', name)}{_POP}"


def label(
    words: str | Words,
    x: float,
    y: float,
    catalogue: Catalogue,
    *,
    anchor: str = "start",
    **attributes: str | float | None,
) -> Svg:
    """One line of text at a place, in the reader's language.

    Parameters
    ----------
    words : str or Words
        A dossier's own words that nobody has translated are marked as English.
    x, y : float
        Place of the anchor, on the baseline.
    anchor : {'start', 'middle', 'end'}
        Left, middle or right of the text, in every language.
    """
    text = catalogue.say(words)
    foreign = isinstance(words, Words) and not words.is_translated(catalogue.language)
    if catalogue.direction == "rtl" and not foreign:
        text = f"{_RTL_ISOLATE}{text}{_POP}"
    return element(
        "text",
        text,
        x=x,
        y=y,
        text_anchor=None if anchor == "start" else anchor,
        fill="currentColor",
        lang="en" if foreign else None,
        **attributes,
    )


def figure(
    *children: str, key: str, title: str, desc: str, width: float, height: float, catalogue: Catalogue, class_: str
) -> Svg:
    """A whole picture: no fixed size, a name and a description for those who do not see it.

    Parameters
    ----------
    key : str
        Prefix of every id in the picture; different for every picture of a page.
    title, desc : str
        What is shown, and its result in words with its numbers.
    width, height : float
        Of the drawing's own units; one unit is meant to be about one CSS pixel.
    class_ : str
        For the page's style sheet.
    """
    return element(
        "svg",
        element("title", title, id=f"{key}-title"),
        element("desc", desc, id=f"{key}-desc"),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        viewBox=f"0 0 {coordinate(width)} {coordinate(height)}",
        direction="ltr",
        lang=catalogue.language,
        font_family=FONT,
        fill="currentColor",
        class_=class_,
        aria_labelledby=f"{key}-title",
        aria_describedby=f"{key}-desc",
    )

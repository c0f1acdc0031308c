"""How wide a line of text will be, without a font at hand.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

Widths are in thousandths of the font size, rounded to 20 and drawn from a wide sans-serif, so that an estimate errs to
the side of too much room. Arabic letters join; each has about the width it takes within a word.
"""

import re
import unicodedata
from functools import lru_cache

_WIDTHS = {
    letter: width
    for width, letters in {
        220: "'",
        260: " \u00a0!,.:;ijl·",
        280: "J`",
        300: "()",
        320: "-[]",
        340: "If",
        360: "t“”",
        380: "/\\{}",
        400: '"',
        420: "r",
        440: "?_",
        480: "csz",
        500: "v–",
        520: "FLxy",
        540: "Sk",
        560: "*ETYae|",
        580: "$+0123456789<=>XZ^~×±−≤≥",
        600: "PVo",
        620: "KRbdghnpqu",
        640: "#ABC",
        720: "DG",
        740: "&HU",
        760: "N",
        780: "OQw",
        800: "…",
        840: "%",
        900: "@M",
        920: "W",
        940: "m",
        1000: "—",
    }.items()
    for letter in letters
}
_OTHER_LATIN, _WIDE = 620, 1000
_ARABIC, _ARABIC_NARROW, _ARABIC_WIDE = 500, frozenset("ءآأؤإادذرزول"), frozenset("سشصض")
_BOLD = 1.06
_ONE_ISOLATE = re.compile("([\u2066-\u2068])([^\u2066-\u2069]*)(\u2069)")
_SPACES = re.compile("[ \t\n\r]+")


@lru_cache(maxsize=8192)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimated advance width of one line, in the unit of `size`."""
    thousandths = sum(_letter_width(letter) for letter in text)
    return thousandths / 1000 * size * (_BOLD if bold else 1.0)


@lru_cache(maxsize=8192)
def wrapped(text: str, size: float, room: float, most_lines: int = 3) -> tuple[str, ...]:
    """Text broken at spaces into lines that fit `room`; what does not fit the last line ends in `…`.

    A single word wider than the room stands alone and is cut. Where all of it is isolated from the direction of its
    surroundings, so is each line.
    """
    if (isolate := _ONE_ISOLATE.fullmatch(text)) is not None:
        opening, inside, closing = isolate.groups()
        return tuple(f"{opening}{line}{closing}" for line in wrapped(inside, size, room, most_lines))
    lines: list[str] = []
    # A no-break space holds its words together.
    rest = [word for word in _SPACES.split(text) if word]
    while rest and len(lines) < most_lines:
        taken = 1
        while taken < len(rest) and text_width(" ".join(rest[: taken + 1]), size) <= room:
            taken += 1
        lines.append(" ".join(rest[:taken]))
        rest = rest[taken:]
    if rest:
        lines[-1] = f"{lines[-1]} …"
    return tuple(_cut(line, size, room) for line in lines)


def _cut(line: str, size: float, room: float) -> str:
    if text_width(line, size) <= room:
        return line
    kept = line.removesuffix(" …")
    while kept and text_width(f"{kept}…", size) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


@lru_cache(maxsize=4096)
def _letter_width(letter: str) -> int:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    # Marks sit on the letter before; direction controls are not seen.
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    if "\u0600" <= letter <= "\u06ff":
        return 330 if letter in _ARABIC_NARROW else 950 if letter in _ARABIC_WIDE else _ARABIC
    return _WIDE if unicodedata.east_asian_width(letter) in ("W", "F") else _OTHER_LATIN

"""The text that LaTeX in a BibTeX field stands for: accents, special letters, dashes, protected capitals.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report

Only what bibliographies hold. A command that is not known loses its backslash and keeps its name: nothing vanishes.
"""

import re
import unicodedata
from collections.abc import Mapping

# LaTeX accent → Unicode combining mark.
_MARKS: Mapping[str, str] = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
_LETTERS: Mapping[str, str] = {
    "aa": "å",
    "AA": "Å",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ss": "ß",
    "i": "i",
    "j": "j",
    "dh": "ð",
    "DH": "Ð",
    "th": "þ",
    "TH": "Þ",
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "mu": "μ",
    "pm": "±",
    "times": "×",
    "leq": "≤",
    "geq": "≥",
    "textendash": "–",
    "textemdash": "—",
    "textregistered": "®",
    "texttrademark": "™",
    "textdegree": "°",
    "ldots": "…",
    "dots": "…",
}
_DRESS = frozenset(
    {"emph", "textit", "textbf", "textrm", "textsc", "textsuperscript", "textsubscript", "it", "bf", "em", "rm"}
)
# `\'e`, `\'{e}`, `{\'e}`, `\c{c}`, `\v s`, `\'\i`: the mark, then the letter it stands on.
_ACCENT = re.compile(
    r"""\\(?:(?P<sign>[`'^~=."])\s*|(?P<name>[uvHcdbkr])(?=[\s{\\])\s*)(?:\{\s*\\?(?P<braced>[A-Za-z])\s*\}|\\?(?P<bare>[A-Za-z]))"""
)
_COMMAND = re.compile(r"\\(?P<name>[A-Za-z]+)(?:\s+|\{\})?")
_ESCAPED = re.compile(r"\\([&%$#_{}])")
# Braces that are meant stand aside while the others are taken out.
_ASIDE = {"{": "\ue000", "}": "\ue001"}


def latex_text(text: str) -> str:
    """Plain text of a BibTeX field's LaTeX, on one line.

    >>> latex_text(r"{\\'E}tude of 5\\% {DNA} -- by M{\\"u}ller")
    'Étude of 5% DNA – by Müller'
    """
    return without_braces(latex_letters(text))


def latex_letters(text: str) -> str:
    """As `latex_text`, with its braces kept: in names they hold an institution together."""
    if "\\" in text:
        text = _ACCENT.sub(_accented, text)
        text = _COMMAND.sub(_letter, text)
        text = _ESCAPED.sub(lambda found: _ASIDE.get(found[1], found[1]), text)
    text = text.replace("---", "—").replace("--", "–").replace("~", " ").replace("``", "“").replace("''", "”")
    return " ".join(text.split())


def without_braces(text: str) -> str:
    """Braces that only protect capitals are dropped; escaped ones stay."""
    bare = text.replace("{", "").replace("}", "").replace("$", "")
    return bare.replace(_ASIDE["{"], "{").replace(_ASIDE["}"], "}")


def _accented(found: re.Match[str]) -> str:
    letter = found["braced"] or found["bare"]
    return unicodedata.normalize("NFC", letter + _MARKS[found["sign"] or found["name"]])


def _letter(found: re.Match[str]) -> str:
    name = found["name"]
    return "" if name in _DRESS else _LETTERS.get(name, name)

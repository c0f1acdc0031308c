"""How a number may be written in a table, and how it may not.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report

Plain decimal or scientific notation. Arabic-Indic digits (٠-٩, ۰-۹, with ٫ for the decimal point), the true minus sign
and the raised point of some journals (5·4) are read, as they have one reading only. A mark between thousands is
refused: `1,234` is 1234 to one reader and 1.234 to another.
"""

import math
import re

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:[,٬][0-9]{3})+(?:\.[0-9]+)?")
_SPELLING = {ord("−"): "-", ord("٫"): ".", ord("·"): "."}
_SPELLING |= {start + digit: str(digit) for start in (0x0660, 0x06F0) for digit in range(10)}
# Letters that look like digits, as scanning and copying produce them.
_LOOKS_LIKE = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "S": "5", "B": "8"})
_SPACED = re.compile(r"[+-]?[0-9]{1,3}(?:\s[0-9]{3})+(?:\.[0-9]+)?")
_SPREADSHEET_ERROR = re.compile(r"#[A-Z/0]+[!?]?|#+", re.IGNORECASE)
# A word for a month in whatever language, or two or three parts: what a spreadsheet makes of 3-4 or 6/16.
_DATE = re.compile(r"[0-9]{1,2}[-./ ][^\W\d_]{3,9}\.?(?:[-./ ][0-9]{2,4})?|[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}")
_OF = re.compile(r"([0-9]+)\s*(?:/|of|von|sur)\s*([0-9]+)", re.IGNORECASE)
_TWO_FIGURES = re.compile(r"\S*[0-9]\s*(?:±|\+/-|\+-|\(|\[|–|to\b).*[0-9].*", re.DOTALL)
_BOUND = re.compile(r"[<>≤≥~≈]=?\s*[0-9].*|[0-9.]+\s*[*†‡]+")
_NOTHING = frozenset({"-", "–", "—", ".", "..", "…", "?", "none", "nil", "null", "unknown", "missing", "n.a.", "n.r."})
LARGEST_COUNT = 10**12


class NotANumberError(ValueError):
    """A cell that is no number: what is wrong, and the mend."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.mend = mend


def plain(text: str, *, decimal_comma: bool = False) -> str:
    """The number as written, digits and decimals kept, in the spelling that `float` reads.

    Parameters
    ----------
    text : str
        A cell, trimmed.
    decimal_comma : bool
        Whether the table is one in which a comma stands before the decimals.

    Raises
    ------
    NotANumberError
        With the mend: the readings between which its author must choose, or the digits it was meant to be.
    """
    spelt = text.translate(_SPELLING)
    if decimal_comma and "," in spelt:
        if "." in spelt or spelt.count(",") > 1:
            raise NotANumberError("a number with a mark between thousands", "write the digits without it")
        spelt = spelt.replace(",", ".")
    if _NUMBER.fullmatch(spelt):
        return spelt
    raise _refusal(spelt)


def number(text: str, *, decimal_comma: bool = False) -> float:
    """The number, finite."""
    value = float(plain(text, decimal_comma=decimal_comma))
    if not math.isfinite(value):
        raise NotANumberError("a number too large to compute with", "check its exponent")
    return value


def count(text: str, *, decimal_comma: bool = False) -> int:
    """The whole number; `16.0`, as spreadsheets write it, is 16."""
    try:
        value = number(text, decimal_comma=decimal_comma)
    except NotANumberError as error:
        if text.endswith("%"):
            mend = "people are counted whole; a percentage goes into 'percent'"
            raise NotANumberError("a percentage in place of a count", mend) from None
        raise NotANumberError("not a whole number", error.mend) from None
    if not value.is_integer():
        raise NotANumberError("not a whole number", "people are counted whole; write the count that the source prints")
    if abs(value) > LARGEST_COUNT:
        raise NotANumberError("more people than there are", "check the digits with the source")
    return int(value)


def _refusal(spelt: str) -> NotANumberError:
    if _GROUPED.fullmatch(spelt):
        joined = spelt.replace(",", "").replace("٬", "")
        if spelt.count(",") == 1 and "." not in spelt:
            pointed = spelt.replace(",", ".")
            return NotANumberError(
                f"can be read as {joined} or as {pointed}", f"write {joined}, or {pointed}, whichever the source prints"
            )
        return NotANumberError("a number with marks between thousands", f"write {joined}")
    if _NUMBER.fullmatch(spelt.replace(",", ".", 1)):
        return NotANumberError("a decimal comma", f"write {spelt.replace(',', '.', 1)}")
    if _SPACED.fullmatch(spelt):
        return NotANumberError("a number with marks between thousands", f"write {''.join(spelt.split())}")
    if not spelt.isprintable() and _NUMBER.fullmatch(seen := "".join(filter(str.isprintable, spelt))):
        return NotANumberError("a number with an invisible character inside", f"type {seen} anew instead of pasting it")
    if spelt.endswith("%") and _NUMBER.fullmatch(spelt[:-1].strip()):
        return NotANumberError("a percent sign in a number", f"write {spelt[:-1].strip()} if the column is in percent")
    lookalike = spelt.translate(_LOOKS_LIKE)
    if any(char.isdigit() for char in spelt) and _NUMBER.fullmatch(lookalike):
        return NotANumberError("not a number", f"did you mean {lookalike}? A letter stands in place of a digit")
    if spelt.casefold() in ("nan", "inf", "-inf", "infinity", "-infinity"):
        return NotANumberError("not a finite number", "leave the cell empty if the source reports no figure")
    for pattern, mend in (
        (_SPREADSHEET_ERROR, "an error of the spreadsheet: mend its formula there, or type the figure"),
        (_DATE, "a spreadsheet made a date of it: format the column as text, and type the figure anew"),
        (_OF, "one figure a cell: the events in 'events', the people in 'n'"),
        (_TWO_FIGURES, "one figure a cell: 'mean', 'sd', 'se', 'ci_lower' and 'ci_upper' have their own columns"),
        (_BOUND, "write the figure without its sign, or leave the cell empty and say so in 'note'"),
    ):
        if pattern.fullmatch(spelt):
            return NotANumberError("not a number", mend)
    if spelt.casefold() in _NOTHING:
        return NotANumberError("not a number", "leave the cell empty if the source reports no figure; 0 is a count")
    return NotANumberError("not a number", "write digits with a point before the decimals, or leave the cell empty")

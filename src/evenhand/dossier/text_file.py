"""The bytes of a file as text: UTF-8, and nothing in it that a reader cannot see.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

import re
from itertools import islice

from evenhand.dossier.ledger import Ledger, shown

_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
# How files of other kinds begin, whatever their name says.
_OTHER_KINDS = {
    b"PK\x03\x04": "a workbook or another zipped file",
    b"\xd0\xcf\x11\xe0": "a workbook or document of an older office program",
    b"%PDF-": "a PDF",
    b"{\\rtf": "a rich-text document",
    b"\x1f\x8b": "a compressed file",
}
# C0 and C1 controls save tab and line ends, line ends that editors do not count, overrides of writing direction (a name
# could be made to look like another one), and non-characters. Direction *marks* and isolates belong in Arabic text.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ufdd0-\ufdef\ufeff\ufffe\uffff]")
# Those and a carriage return, which hides what stands before it in a line of a terminal.
_STEERS = re.compile(f"{_UNSEEN.pattern}|\r")
_LINE_END = re.compile(r"\r\n|\r|\n")
_MOST_LISTED = 20
SAVE_AS = "save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')"


def line_at(text: str, offset: int) -> int:
    """Line of a character, from 1, as an editor counts."""
    return len(_LINE_END.findall(text, 0, offset)) + 1


def unseen(text: str) -> str | None:
    """The first character that a reader cannot see and that no text needs; None where there is none."""
    found = _UNSEEN.search(text)
    return None if found is None else found.group()


def visible(text: str) -> str:
    """The text with such characters spelt out: fit for a terminal, whoever wrote it."""
    return _STEERS.sub(lambda found: shown(found.group()), text)


def decode(content: bytes, ledger: Ledger) -> str | None:
    """The text, without a byte-order mark; None, with the fault noted, where it cannot be read as text."""
    if not content.strip():
        ledger.fault("the file is empty", "fill it in, or copy the file of a new dossier")
        return None
    for start, kind in _OTHER_KINDS.items():
        if content.startswith(start):
            ledger.fault(f"the file is {kind}, not plain text", SAVE_AS)
            return None
    if content.startswith(_OTHER_MARKS) or _is_two_bytes_a_letter(content):
        ledger.fault("the file is UTF-16 or UTF-32, not UTF-8", SAVE_AS, row=1)
        return None
    mark = len(_UTF8_MARK) if content.startswith(_UTF8_MARK) else 0
    if mark:
        ledger.notice("a byte-order mark at its start was passed over")
    try:
        text = content[mark:].decode("utf-8")
    except UnicodeDecodeError as error:
        offset = mark + error.start
        line = line_at(content[:offset].decode("utf-8", errors="replace"), offset)
        problem = f"byte 0x{content[offset]:02X} at offset {offset} is not UTF-8"
        ledger.fault(problem, f"{SAVE_AS}; older programs save accented letters in another encoding", row=line)
        return None
    return text if _all_seen(text, ledger) else None


def _is_two_bytes_a_letter(content: bytes) -> bool:
    """UTF-16 without a mark: in Latin text every second byte is zero."""
    start = content[:200]
    return len(start) > 1 and (not any(start[1::2]) or not any(start[0::2])) and any(start)


def _all_seen(text: str, ledger: Ledger) -> bool:
    unseen = list(islice(_UNSEEN.finditer(text), _MOST_LISTED))
    for found in unseen:
        column = found.start() - max(text.rfind("\n", 0, found.start()), text.rfind("\r", 0, found.start()))
        ledger.fault(
            f"an invisible control character at character {column} of the line",
            "delete it; it often comes with text copied from a PDF or a chat",
            row=line_at(text, found.start()),
            value=shown(found.group()),
        )
    return not unseen

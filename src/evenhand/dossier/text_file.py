"""The bytes of a file as text: UTF-8, and nothing in it that a reader cannot see.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

import re
from itertools import islice

from evenhand.dossier.ledger import Ledger, shown

_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
# C0 and C1 controls save tab and line ends, line ends that editors do not count, overrides of writing direction (a name
# could be made to look like another one), and non-characters. Direction *marks* and isolates belong in Arabic text.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_MOST_LISTED = 20
SAVE_AS = "save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')"


def line_at(text: str, offset: int) -> int:
    """Line of a character, from 1, as an editor counts."""
    return len(_LINE_END.findall(text, 0, offset)) + 1


def decode(content: bytes, ledger: Ledger) -> str | None:
    """The text, without a byte-order mark; None, with the fault noted, where it cannot be read as text."""
    if not content.strip():
        ledger.fault("the file is empty", "fill it in, or copy the file of a new dossier")
        return None
    if content.startswith(_OTHER_MARKS):
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

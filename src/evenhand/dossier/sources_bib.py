"""sources.bib: where every number was read.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from evenhand.dossier.cells import ID, ID_MEND
from evenhand.dossier.latex_text import latex_letters, latex_text, without_braces
from evenhand.dossier.ledger import Ledger
from evenhand.dossier.records import Source
from evenhand.dossier.text_file import decode, line_at

FILE = "sources.bib"
_KEY = re.compile(r"@\s*\w+\s*[{(]\s*([^\s,{}]+)\s*,")
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_DOI_PREFIX = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_PLACES = ("url", "doi", "pmid", "isbn", "issn", "eprint", "note")
_MONTHS = frozenset({"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"})


def read_sources(content: bytes, ledger: Ledger) -> dict[str, Source]:
    """Every entry that can be read, by key, in the order of the file.

    A broken entry is a fault at its line; the entries after it are read all the same.
    """
    text = decode(content, ledger)
    if text is None:
        return {}
    from bibtexparser.model import DuplicateFieldKeyBlock, Entry, ImplicitComment, ParsingFailedBlock, String
    from bibtexparser.splitter import Splitter

    ledger.opens("source")
    try:
        with _quiet("bibtexparser.splitter"):
            blocks = Splitter(text).split().blocks
    except Exception as error:
        # The splitter recovers from what it foresees; on the rest it gives up, which is a fault of the file.
        ledger.fault(f"BibTeX that cannot be read ({type(error).__name__})", "look for unbalanced braces", row=1)
        return {}
    strings = {block.key.lower(): block.value for block in blocks if isinstance(block, String)}
    lines: dict[str, int] = {}
    sources = {}
    for block in blocks:
        line = (block.start_line or 0) + 1
        entry = getattr(block, "ignore_error_block", None) if isinstance(block, ParsingFailedBlock) else block
        if isinstance(block, DuplicateFieldKeyBlock):
            twice = ", ".join(sorted(block.duplicate_keys))
            ledger.fault(f"an entry has a field twice ({twice})", "keep one", row=line)
        elif isinstance(block, ParsingFailedBlock) and not isinstance(entry, Entry):
            _broken_entry(block.raw or "", line, ledger)
        elif isinstance(block, ImplicitComment) and re.search(r"[@={}]", _without_comments(block.comment)):
            line += line_at(block.comment, len(block.comment) - len(block.comment.lstrip())) - 1
            ledger.fault(
                "text outside of any entry",
                "an entry reads @article{key, title = {…}, url = {…}}; a remark begins with %",
                row=line,
                value=block.comment.strip(),
            )
        if not isinstance(entry, Entry):
            continue
        key = entry.key.strip()
        ledger.gives("source", [key])
        if key in lines:
            ledger.fault(
                "the key stands twice", f"give it another; the first is in row {lines[key]}", row=line, value=key
            )
            continue
        lines[key] = line
        fields = {
            name.lower(): (_value(str(item.value), strings, line, ledger), (item.start_line or 0) + 1)
            for name, item in entry.fields_dict.items()
        }
        source = _source(key, line, fields, ledger)
        if source is not None:
            sources[key] = source
    if not sources and not ledger.faults:
        ledger.notice("no entries")
    return sources


def _source(key: str, line: int, fields: Mapping[str, tuple[str, int]], ledger: Ledger) -> Source | None:
    faults = len(ledger.faults)
    if not ID.fullmatch(key):
        ledger.fault("not a key", ID_MEND, row=line, value=key)

    def text(*names: str) -> str | None:
        return next((found for name in names if name in fields and (found := latex_text(fields[name][0]))), None)

    def verbatim(name: str) -> str | None:
        # An address is no LaTeX, though some programs escape its signs.
        written = re.sub(r"\\([%&#_~])", r"\1", fields[name][0]).strip().strip("{}") if name in fields else ""
        return written or None

    title = text("title")
    if title is None:
        ledger.fault("an entry without a title", "add title = {…}", row=line, value=key)
    if not any(name in fields for name in _PLACES):
        mend = "add url = {…} or doi = {…}, or note = {…} that says where a reader can find it"
        ledger.fault("an entry that does not say where it was read", mend, row=line, value=key)
    url, doi, pmid = verbatim("url"), verbatim("doi"), verbatim("pmid")
    if url is not None and not _is_web_address(url):
        ledger.fault("not a web address", "an address begins with https:// or http://", row=fields["url"][1], value=url)
    if doi is not None:
        doi = _DOI_PREFIX.sub("", doi)
        if not _DOI.fullmatch(doi):
            ledger.fault("not a DOI", "a DOI reads 10.1155/2020/8547960", row=fields["doi"][1], value=doi)
    if pmid is not None and not pmid.isdecimal():
        ledger.fault("not a PubMed number", "write its digits only", row=fields["pmid"][1], value=pmid)
    if title is None or len(ledger.faults) > faults:
        return None
    authors = _names(fields["author"][0]) if "author" in fields else None
    return Source(
        key=key,
        title=title,
        authors=authors or text("editor", "institution", "organization"),
        journal=text("journal", "journaltitle", "booktitle", "publisher"),
        year=text("year") or (text("date") or "")[:4] or None,
        doi=doi,
        pmid=pmid,
        url=url,
        kind=text("howpublished"),
        note=text("note"),
    )


def _names(written: str) -> str | None:
    """`Family, Given and Family, Given`, as BibTeX has it; an institution keeps the braces that hold it together."""
    names = []
    for name in re.split(r"\s+and\s+(?![^{]*\})", " ".join(written.split())):
        letters = latex_letters(name)
        is_whole = letters.startswith("{") and letters.find("}") == len(letters) - 1
        names.append(letters if is_whole else without_braces(letters))
    return " and ".join(filter(None, names)) or None


def _value(written: str, strings: Mapping[str, str], line: int, ledger: Ledger) -> str:
    """A field without its delimiters: braced, quoted, a number, an abbreviation, or several joined by #."""
    parts = []
    for part in _joined(written):
        if len(part) > 1 and (part[0], part[-1]) in (("{", "}"), ('"', '"')):
            parts.append(part[1:-1])
        elif part.isdecimal() or part.lower() in _MONTHS:
            parts.append(part)
        elif part.lower() in strings:
            parts.append(_value(strings[part.lower()], {}, line, ledger))
        else:
            ledger.fault("a value without braces", "write it in braces: year = {2016}", row=line, value=part)
    return "".join(parts)


def _joined(written: str) -> Iterator[str]:
    """The parts between `#` signs that stand outside of braces and quotation marks."""
    depth, quoted, start = 0, False, 0
    for place, char in enumerate(written):
        if char == '"' and depth == 0:
            quoted = not quoted
        elif not quoted or depth:
            depth += (char == "{") - (char == "}")
        if char == "#" and depth == 0 and not quoted:
            yield written[start:place].strip()
            start = place + 1
    yield written[start:].strip()


def _broken_entry(raw: str, line: int, ledger: Ledger) -> None:
    """Say that it cannot be read; its key still counts as given, so that its users are not blamed too."""
    found = _KEY.match(raw)
    if found:
        ledger.gives("source", [found[1]])
    ledger.fault(
        "an entry that cannot be read",
        "look for a brace or a comma that is missing; an entry reads @article{key, title = {…}, url = {…}}",
        row=line,
        value=found[1] if found else raw.strip()[:40],
    )


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("%"))


def _is_web_address(url: str) -> bool:
    """Whether a report may link there: never `javascript:` or `data:`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not re.search(r"[\s<>\"]", url)


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """The splitter also logs what it returns; said once is enough."""
    logger = logging.getLogger(name)
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before

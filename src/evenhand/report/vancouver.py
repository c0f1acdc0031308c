"""References as the National Library of Medicine prints them.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]

Patrias K, Wendling D. Citing Medicine, 2nd ed. (2007, updated 2018), chapters 1 and 25. What a source does not say is
left out; nothing is filled in.
"""

import re
from urllib.parse import urlsplit

from evenhand.dossier.records import Source

_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_MOST_AUTHORS = 6  # Citing Medicine, ch. 1: six authors, then 'et al.'


def vancouver(source: Source) -> str:
    """`Zubair S, Hafeez S. Title. Journal. 2016.`, without its links."""
    parts = [
        authors_line(source.authors) if source.authors else None,
        source.title,
        source.journal,
        source.year,
    ]
    return " ".join(_with_stop(part.strip()) for part in parts if part and part.strip())


def authors_line(authors: str) -> str:
    """BibTeX's `Zubair, Samina and Hafeez, S` as `Zubair S, Hafeez S`; a line without `and` or comma stays as it is.

    A list that is written for people already (`Zubair S, Hafeez S`) is recognised by the initials after each name.
    """
    names = [name.strip() for name in _AND.split(authors) if name.strip()]
    if len(names) == 1 and not _is_inverted(names[0]):
        return names[0].strip("{}")
    written = [_last_name_first(name) for name in names if name.lower() != "others"]
    shortened = len(written) > _MOST_AUTHORS or len(written) < len(names)
    return ", ".join(written[:_MOST_AUTHORS]) + (", et al" if shortened else "")


def links(source: Source) -> tuple[tuple[str, str], ...]:
    """(text, address) pairs: DOI, PubMed, then the page that was read; web addresses only."""
    found = []
    if source.doi:
        doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", source.doi.strip(), flags=re.IGNORECASE)
        found.append((f"doi:{doi}", f"https://doi.org/{doi}"))
    if source.pmid:
        found.append((f"PMID {source.pmid.strip()}", f"https://pubmed.ncbi.nlm.nih.gov/{source.pmid.strip()}/"))
    if source.url and is_web_address(source.url):
        found.append((urlsplit(source.url).netloc, source.url))
    return tuple(found)


def is_web_address(url: str) -> bool:
    """Whether a link may lead there: http or https with a host, so that no `javascript:` gets into the page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _is_inverted(name: str) -> bool:
    """`Zubair, Samina`, but not `Zubair S, Hafeez S` and not `{World Health Organization, Geneva}`."""
    return name.count(",") == 1 and not name.startswith("{") and not re.search(r"\s[A-Z]{1,3}(,|$)", name)


def _last_name_first(name: str) -> str:
    if name.startswith("{"):
        return name.strip("{}")
    if "," in name:
        family, given = (part.strip() for part in name.split(",", 1))
    else:
        *first, family = name.split()
        given = " ".join(first)
    # 'Zubair S' is written as it should be already.
    if re.fullmatch(r"[A-Z]{1,3}", family) and given:
        return f"{given} {family}"
    initials = (
        given
        if re.fullmatch(r"[A-Z]{1,3}", given)
        else "".join(word[0] for word in re.split(r"[\s.\-]+", given) if word)
    )
    return f"{family} {initials.upper()}".strip()


def _with_stop(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."

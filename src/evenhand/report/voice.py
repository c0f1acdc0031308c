"""How the page speaks: messages, names and numbers of one language as safe HTML, each fragment in its own language.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape

from evenhand.dossier.records import Source, Words
from evenhand.messages import Message
from evenhand.words.catalogue import Catalogue, Raw

_ARABIC = re.compile("[\u0600-\u06ff]")
_LATIN = re.compile(r"[A-Za-z]")
_LATIN_RUN = re.compile(r"([A-Za-z](?:[\w .,'&-]*\w)?)", re.ASCII)
# Control characters are errors in HTML; the bidi overrides would turn a whole line round.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ue000\ue001]")
# Private-use characters hold the place of a part that is HTML already, while the catalogue builds the sentence as text.
_SLOT = re.compile("\ue000(\\d+)\ue001")


class Voice:
    """One page's language, and the sources it has cited so far.

    Sources get their number where the page first cites them, so sections must be written in the order of the page.

    Parameters
    ----------
    catalogue : Catalogue
        The sentences of the page's language.
    sources : mapping
        Source key to `Source`; citing any other key is a bug and raises `KeyError`.
    """

    def __init__(self, catalogue: Catalogue, sources: Mapping[str, Source]) -> None:
        self.catalogue = catalogue
        self.sources = sources
        self.numbers: dict[str, int] = {}  # source key → its number on the page
        self.untranslated: set[str] = set()

    @property
    def language(self) -> str:
        """The page's language code."""
        return self.catalogue.language

    def text(self, key: str, /, **params: Any) -> Markup:
        """A sentence of the catalogue as HTML; names from the dossier keep their own language inside it."""
        parts: list[Markup] = []

        def slot(value: Any) -> Any:
            if isinstance(value, (list, tuple)):
                return [slot(item) for item in value]
            if isinstance(value, (Message, Words, Markup)) or (isinstance(value, str) and not isinstance(value, Raw)):
                parts.append(self.say(value))
                return Raw(f"\ue000{len(parts) - 1}\ue001")
            return value

        sentence = str(escape(self.catalogue.text(key, **{name: slot(value) for name, value in params.items()})))
        return Markup(_SLOT.sub(lambda found: str(parts[int(found[1])]), sentence))  # noqa: S704  every part is escaped

    def say(self, what: Message | Words | str) -> Markup:
        """A message, a dossier's words, or a plain string of the dossier (a label, a paper's own term)."""
        if isinstance(what, Markup):
            return what
        if isinstance(what, Message):
            return self.text(what.key, **what.params)
        if isinstance(what, Words):
            if what.is_translated(self.language):
                return escape(_UNPRINTABLE.sub("", what.in_language(self.language)))
            self.untranslated.add(what.en)
            return self.foreign(what.en)
        return self.foreign(what)

    def foreign(self, text: str) -> Markup:
        """A string as its author wrote it: isolated, and marked as English where it is Latin on a page that is not."""
        text = _UNPRINTABLE.sub("", text)
        if not text:
            return Markup("")
        if self.language == "en" or not _LATIN.search(text):
            return Markup("<bdi>{}</bdi>").format(text)
        return Markup('<bdi lang="en" dir="ltr">{}</bdi>').format(text)

    def term(self, text: str | Words) -> Markup:
        """A figure's text: a dossier's words, or a sentence already written, in which Latin names are marked."""
        if isinstance(text, Words) or self.language == "en" or not _ARABIC.search(text):
            return self.say(text)
        pieces = _LATIN_RUN.split(_UNPRINTABLE.sub("", text))
        return Markup("").join(
            self.foreign(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
        )

    def number(self, value: float, digits: int | None = None) -> Markup:
        """A number for people, escaped."""
        return escape(self.catalogue.number(value, digits))

    def cite(self, keys: Iterable[str | None]) -> Markup:
        """`[3] [12]`, each leading to its reference; nothing where there is no source."""
        links = []
        for key in dict.fromkeys(key for key in keys if key):
            if key not in self.sources:
                raise KeyError(f"source '{key}' is cited but is not in sources.bib")
            number = self.numbers.setdefault(key, len(self.numbers) + 1)
            links.append(
                Markup('<a class="cite" href="#ref-{0}"><span class="unseen">{1} </span>[{0}]</a>').format(
                    number, self.text("report.sources.one")
                )
            )
        return Markup("<span class=cites>{}</span>").format(Markup(" ").join(links)) if links else Markup("")

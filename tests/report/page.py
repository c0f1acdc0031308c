"""A page taken apart: elements with their attributes, and text with the language it is in."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(("meta", "br", "hr", "img", "input", "link", "area", "base", "col", "embed", "source", "track", "wbr"))


@dataclass
class Element:
    """One start tag, and what was read inside it."""

    tag: str
    attributes: dict[str, str | None]
    ancestors: tuple[str, ...]
    text: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """All text inside, spaces made single."""
        return " ".join("".join(self.text).split())


class Page(HTMLParser):
    """Well-formed or an error: every tag that opens closes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.pieces: list[tuple[str, str, tuple[str, ...]]] = []  # language, text, ancestors
        self._open: list[tuple[Element, str]] = []
        self.feed(html)
        self.close()
        assert not self._open, [element.tag for element, _ in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, dict(attrs), tuple(outer.tag for outer, _ in self._open))
        self.elements.append(element)
        if tag not in VOID:
            inherited = self._open[-1][1] if self._open else ""
            self._open.append((element, element.attributes.get("lang") or inherited))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        element, _ = self._open.pop()
        assert element.tag == tag, f"</{tag}> closes <{element.tag}>"

    def handle_data(self, data: str) -> None:
        for element, _ in self._open:
            element.text.append(data)
        if self._open and data.strip():
            self.pieces.append((self._open[-1][1], data, tuple(element.tag for element, _ in self._open)))

    def all(self, tag: str) -> list[Element]:
        """Elements of one name, in order."""
        return [element for element in self.elements if element.tag == tag]

    def with_class(self, name: str) -> list[Element]:
        """Elements of one class, in order."""
        return [element for element in self.elements if name in (element.attributes.get("class") or "").split()]

    @property
    def ids(self) -> list[str]:
        """Every id, in order."""
        return [element.attributes["id"] or "" for element in self.elements if "id" in element.attributes]

    @property
    def links(self) -> list[str]:
        """Every href, in order."""
        return [element.attributes["href"] or "" for element in self.elements if "href" in element.attributes]

    @property
    def headings(self) -> list[int]:
        """Levels of the headings, in order."""
        return [int(element.tag[1]) for element in self.elements if re.fullmatch("h[1-6]", element.tag)]

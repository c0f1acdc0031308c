"""Reading a drawn figure back: its parts, its words, its people."""

from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    # Our own drawing, made a line before; nothing from outside is parsed here.
    return ElementTree.fromstring(svg)  # noqa: S314


def title_of(svg: str) -> str:
    return parsed(svg).findtext(f"{SVG}title") or ""


def desc_of(svg: str) -> str:
    return parsed(svg).findtext(f"{SVG}desc") or ""


def plain(text: str) -> str:
    """Without the marks that keep directions apart."""
    return "".join(letter for letter in text if letter not in "\u2066\u2067\u2068\u2069")


def texts_of(svg: str) -> list[str]:
    return [plain("".join(node.itertext())) for node in parsed(svg).iter(f"{SVG}text")]


def people_by_look(svg: str) -> dict[tuple[str, str], int]:
    """How many people are drawn in each look, as (class, fill), following every reuse down to single people."""
    root = parsed(svg)
    by_id = {node.get("id"): node for node in root.iter() if node.get("id")}

    def people(node: ElementTree.Element) -> int:
        if node.tag == f"{SVG}use":
            return people(by_id[node.get("href", "")[1:]])
        if node.tag == f"{SVG}path":
            return 1
        return sum(people(child) for child in node)

    found: dict[tuple[str, str], int] = {}
    for node in root.iter(f"{SVG}g"):
        if node.get("class", "").startswith("paint-") and any(child.tag == f"{SVG}use" for child in node):
            look = (node.get("class", ""), node.get("fill", ""))
            found[look] = found.get(look, 0) + people(node)
    return found

"""Risk of bias as a shape with a letter; the colour is the text's own.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from evenhand.dossier.records import RiskOfBias
from evenhand.figures.palette import PAPER
from evenhand.figures.svg import Svg, element, figure, group, polyline
from evenhand.words.catalogue import Catalogue, key_of

SIZE = 20.0
_NAMES = {
    RiskOfBias.LOW: "low",
    RiskOfBias.SOME: "some",
    RiskOfBias.HIGH: "high",
    RiskOfBias.UNCLEAR: "unclear",
}


def risk_word(risk: RiskOfBias, catalogue: Catalogue) -> str:
    """`high`, `some concerns`, … in the reader's language."""
    return catalogue.text(f"figures.risk.{_NAMES[risk]}")


def risk_mark(risk: RiskOfBias, *, key: str, catalogue: Catalogue) -> Svg:
    """The mark as a small picture of its own, for a table's cell."""
    word = risk_word(risk, catalogue)
    return figure(
        risk_shape(risk, SIZE / 2, SIZE / 2, catalogue),
        key=key,
        title=catalogue.text("figures.risk.title"),
        desc=word,
        width=SIZE,
        height=SIZE,
        catalogue=catalogue,
        class_="figure-mark",
    )


def risk_shape(risk: RiskOfBias, x: float, y: float, catalogue: Catalogue) -> Svg:
    """The mark round (x, y): circle for low, square for some concerns, octagon for high, dashed circle for unknown."""
    letter = element(
        "text",
        catalogue.text(f"figures.risk.letter.{_NAMES[risk]}"),
        x=x,
        y=y + 4,
        text_anchor="middle",
        font_size=11,
        font_weight="700",
        fill="currentColor",
    )
    return group(_outline(risk, x, y), letter)


def judgement_shape(judgement: str, x: float, y: float, catalogue: Catalogue) -> Svg:
    """The mark of one domain's judgement, in the words of its tool (`risk_tools`), round (x, y).

    The graver it is the more corners and the darker the ground: circle, square, octagon, filled octagon.
    """
    letter = element(
        "text",
        catalogue.text(f"figures.bias.letter.{key_of(judgement)}"),
        x=x,
        y=y + 4,
        text_anchor="middle",
        font_size=11,
        font_weight="700",
        fill="currentColor",
    )
    if judgement == "critical":
        solid = element("path", d=_octagon(x, y), fill="currentColor", stroke="currentColor", stroke_width=2)
        return group(solid, group(letter, **PAPER.attributes))
    outline, ground = _LOOKS[judgement]
    return group(
        Svg(_outline(outline, x, y).replace('fill="none"', f'fill="currentColor" fill-opacity="{ground:g}"')),
        letter,
    )


_LOOKS = {
    "low": (RiskOfBias.LOW, 0.0),
    "low except confounding": (RiskOfBias.LOW, 0.0),
    "some concerns": (RiskOfBias.SOME, 0.14),
    "moderate": (RiskOfBias.SOME, 0.14),
    "high": (RiskOfBias.HIGH, 0.32),
    "serious": (RiskOfBias.HIGH, 0.32),
    "unclear": (RiskOfBias.UNCLEAR, 0.0),
    "no information": (RiskOfBias.UNCLEAR, 0.0),
}


def _octagon(x: float, y: float) -> str:
    near, far = 3.6, 8.7
    corners = [
        (near, far),
        (far, near),
        (far, -near),
        (near, -far),
        (-near, -far),
        (-far, -near),
        (-far, near),
        (-near, far),
    ]
    return polyline([(x + dx, y + dy) for dx, dy in corners], closed=True)


def _outline(risk: RiskOfBias, x: float, y: float) -> Svg:
    if risk is RiskOfBias.HIGH:
        return element("path", d=_octagon(x, y), fill="none", stroke="currentColor", stroke_width=2)
    if risk is RiskOfBias.SOME:
        return element(
            "rect", x=x - 8, y=y - 8, width=16, height=16, rx=1.5, fill="none", stroke="currentColor", stroke_width=1.4
        )
    dashes = "2 2" if risk is RiskOfBias.UNCLEAR else None
    return element(
        "circle", cx=x, cy=y, r=8.5, fill="none", stroke="currentColor", stroke_width=1.2, stroke_dasharray=dashes
    )

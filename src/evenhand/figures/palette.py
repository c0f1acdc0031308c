"""Colours and textures of every figure, and the few lines of CSS with which a page adapts them.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

Colour never stands alone: benefit and harm differ by side and word as well, uncertainty by texture, lines by dash and
label, risk of bias by shape and letter. A figure sets `color` on a group and draws in `currentColor`, so that a page's
CSS can exchange the colour for dark mode and forced colours without touching the figure.
"""

from dataclasses import dataclass

from evenhand.dossier.records import Hand
from evenhand.figures.svg import Svg, element


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """One colour with its meaning, on a light page and on a dark one."""

    name: str
    light: str
    dark: str
    text: bool = True  # contrast of at least 4.5 with the page; otherwise 3, for marks only
    decoration: bool = False  # carries no meaning of its own: its count is in the words

    @property
    def attributes(self) -> dict[str, str]:
        """What a group takes to be drawn in this colour."""
        return {"class_": f"paint-{self.name}", "color": self.light}


PAPER = Paint(name="paper", light="#FFFFFF", dark="#14181C", text=False, decoration=True)
BENEFIT = Paint(name="benefit", light="#0072B2", dark="#5DB7EC")
HARM = Paint(name="harm", light="#B34700", dark="#F59A52")
ANYWAY = Paint(name="anyway", light="#444444", dark="#C9CDD1")
REST = Paint(name="rest", light="#D9D9D9", dark="#4A535C", text=False, decoration=True)
SECONDARY = Paint(name="secondary", light="#4D5661", dark="#AEB7C0")
GRID = Paint(name="grid", light="#DFE3E7", dark="#333B43", text=False, decoration=True)
# Lines of one picture after the first, which takes the colour of its hand. Neither blue nor orange: those mean benefit
# and harm. Each is dark enough to be the colour of its own label.
LINES = (
    Paint(name="line-2", light="#5B3A8C", dark="#BFA3E8"),
    Paint(name="line-3", light="#00696B", dark="#5CC8C6"),
    Paint(name="line-4", light="#A02866", dark="#F08DBB"),
    Paint(name="line-5", light="#5F5B00", dark="#CFC75A"),
    Paint(name="line-6", light="#3D4650", dark="#C3CBD3"),
    Paint(name="line-7", light="#7A4A2B", dark="#D6A687"),
)
PAINTS = (PAPER, BENEFIT, HARM, ANYWAY, REST, SECONDARY, GRID, *LINES)
# Solid first; each next one differs from all others in rhythm, not in length alone.
DASHES: tuple[str | None, ...] = (None, "8 4", "2 3", "10 3 2 3", "5 3", "12 3 2 3 2 3", "1 4")
FILLS_OF_HAND = {Hand.BENEFIT: BENEFIT, Hand.HARM: HARM}


def paint_of(hand: Hand | None) -> Paint:
    """Blue for benefit, dark orange for harm, dark grey where the figure takes no side."""
    return ANYWAY if hand is None else FILLS_OF_HAND[hand]


def hatch(identifier: str, *, spacing: float, width: float, paint: Paint) -> Svg:
    """Slanted stripes in a paint's colour on a pale ground of it, as a pattern to fill with."""
    return element(
        "pattern",
        element("rect", width=spacing, height=spacing, fill="currentColor", fill_opacity=0.3),
        element("path", d=f"M0 0V{spacing:g}", stroke="currentColor", stroke_width=2 * width),
        id=identifier,
        width=spacing,
        height=spacing,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
        **paint.attributes,
    )


def _forced(paint: Paint) -> str:
    """The reader's own colour for a paint, by what it means."""
    if paint is PAPER:
        return "Canvas"
    # Not GrayText, which forced palettes make vivid: a thousand unaffected people would outshine the affected.
    return "CanvasText;opacity:.3" if paint.decoration else "CanvasText"


def stylesheet() -> str:
    """CSS for a page that holds figures: dark mode, and the reader's own colours where they are forced.

    Light colours need none of it: they stand in the figures themselves.
    """
    dark = "".join(f".paint-{paint.name}{{color:{paint.dark}}}" for paint in PAINTS)
    forced = "".join(f".paint-{paint.name}{{color:{_forced(paint)}}}" for paint in PAINTS)
    return (
        f"@media screen and (prefers-color-scheme:dark){{{dark}}}"
        f"@media (forced-colors:active){{svg[class^=figure]{{forced-color-adjust:none;color:CanvasText}}{forced}}}"
        "svg.figure{display:block;inline-size:100%;block-size:auto}svg.figure-dependence{max-inline-size:46rem}"
        "svg.figure-narrow{max-inline-size:24rem}"
        "svg.figure-cell{display:block;inline-size:100%;min-inline-size:10rem;block-size:1.75rem;overflow:visible}"
        "svg.figure-axis{display:block;inline-size:100%;min-inline-size:10rem;block-size:1.625rem}"
        "svg.figure-mark{display:inline-block;inline-size:1.25em;block-size:1.25em;vertical-align:-.25em}"
        "svg.figure-circles,svg.figure-line{display:inline-block;inline-size:auto;block-size:1em;vertical-align:-.125em}"
        "svg.figure-narrow{display:none}"
        "@media (max-width:40rem){svg.figure-narrow{display:block}svg.figure-wide{display:none}}"
        "@media print{svg.figure-narrow{display:none}svg.figure-wide{display:block}}"
    )

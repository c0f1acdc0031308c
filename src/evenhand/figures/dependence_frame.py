"""What the pictures of all dependences share: language, colour, unit, and the width they are drawn for.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from collections.abc import Callable
from dataclasses import dataclass

from evenhand.dossier.records import Hand, Words
from evenhand.figures.counts import PER_1000
from evenhand.outlook.absolute import DrawnDependence
from evenhand.outlook.people import PEOPLE
from evenhand.words.catalogue import Catalogue

WIDE, NARROW = 720.0, 340.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How one picture is to be drawn."""

    key: str
    catalogue: Catalogue
    hand: Hand | None = None
    unit: Words | None = None
    narrow: bool = False
    label_of: Callable[[str], str] = str

    @property
    def width(self) -> float:
        """Of the drawing, in units that are CSS pixels at its intended size."""
        return NARROW if self.narrow else WIDE

    @property
    def rtl(self) -> bool:
        """Whether reading begins at the right."""
        return self.catalogue.direction == "rtl"

    @property
    def class_(self) -> str:
        """Of the picture's root."""
        return f"figure figure-dependence figure-{'narrow' if self.narrow else 'wide'}"

    def across(self, x: float) -> float:
        """A place counted from where reading begins, counted from the left."""
        return self.width - x if self.rtl else x

    def unit_words(self, drawn: DrawnDependence) -> Words | str:
        """What the numbers count."""
        if drawn.unit == PER_1000:
            return self.catalogue.text("figures.per_1000", people=int(PEOPLE))
        return self.unit if self.unit is not None else drawn.unit

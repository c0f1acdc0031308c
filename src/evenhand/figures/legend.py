"""The signs of a figure and what they stand for, for a page that writes the key itself.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from dataclasses import dataclass

from evenhand.dossier.records import Words
from evenhand.figures.svg import Svg


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry:
    """One sign of a figure and what it stands for."""

    svg: Svg
    words: str | Words

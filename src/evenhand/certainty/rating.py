"""How sure an effect is, in GRADE's four levels, with each step's reason.

Pipeline: dossier → integrity → effects → synthesis → [certainty] → outlook → verdicts → report
"""

from dataclasses import dataclass
from enum import IntEnum

from evenhand.messages import Message


class Level(IntEnum):
    """GRADE certainty of evidence; ordered, so that levels compare."""

    VERY_LOW = 0
    LOW = 1
    MODERATE = 2
    HIGH = 3

    @property
    def word(self) -> str:
        """As written in data: 'very low', 'low', 'moderate', 'high'."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One GRADE domain: how far it moved the level, and why (said even where it did not)."""

    domain: str  # 'risk_of_bias', 'inconsistency', 'indirectness', 'imprecision', 'publication_bias', 'large_effect', …
    steps: int
    reason: Message
    by: str  # 'rule' or 'judgement'


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """Certainty of one effect."""

    level: Level
    start: Level
    start_reason: Message
    steps: tuple[Step, ...]

    def _repr_html_(self) -> str:
        """The level and each step's reason as a small table, for a notebook."""
        from evenhand.html_table import html_table
        from evenhand.words.catalogue import Catalogue

        words = Catalogue.load("en")
        rows = [(words.text("notebook.start"), self.start.word, words.say(self.start_reason))]
        rows += [(step.domain.replace("_", " "), f"{step.steps:+d}", words.say(step.reason)) for step in self.steps]
        rows.append((words.text("notebook.level"), self.level.word, ""))
        header = [words.text(f"notebook.{name}") for name in ("domain", "steps", "reason")]
        return html_table(words.text("notebook.certainty"), header, rows)

"""The two ends of an interval of the between-study variance.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Squared analysis scale."""

    lower: float
    upper: float
    is_empty: bool = False  # the effects differ less than chance alone would have them: no variance ≥ 0 is inside

    @classmethod
    def nowhere(cls) -> "Bounds":
        """Both ends would be below 0; they are shown as 0."""
        return cls(0.0, 0.0, True)

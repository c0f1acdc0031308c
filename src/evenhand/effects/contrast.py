"""What one study says of one treatment on one outcome: a contrast with a control, or one arm alone.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass

from evenhand.dossier.records import Result, Study
from evenhand.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A study's effect on a measure's analysis scale (log for ratios), with the counts where they are known."""

    study: Study
    outcome: str
    treatment: str
    comparator: str | None  # None: one arm alone, `yi` is the arm's own proportion or mean
    measure: str  # name in MEASURES
    followup_weeks: float | None
    yi: float  # nan where no estimate exists without adding to zero cells
    vi: float  # sampling variance; nan likewise
    treated: Result
    control: Result | None  # None for one arm alone and for a printed difference
    how: Message  # 'from counts', 'SD recovered from the interval', …

    @property
    def counts(self) -> tuple[int, int, int, int] | None:
        """Events and totals, treated then control, where both were counted."""
        if self.control is None or self.treated.events is None or self.control.events is None:
            return None
        if self.treated.n is None or self.control.n is None:
            return None
        return self.treated.events, self.treated.n, self.control.events, self.control.n

    @property
    def n(self) -> int | None:
        """Participants analysed."""
        sizes = [arm.n for arm in (self.treated, self.control) if arm is not None]
        return None if any(size is None for size in sizes) else sum(size for size in sizes if size is not None)

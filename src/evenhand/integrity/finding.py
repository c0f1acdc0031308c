"""A reported number that does not follow from the others, as one record.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass
from enum import StrEnum

from evenhand.messages import Message


class Severity(StrEnum):
    """What a finding does to the trust in its study."""

    NOTE = "note"  # agrees, or cannot be settled from what is printed; shown, changes nothing
    CONCERN = "concern"  # does not follow; counts as some concerns of bias
    SERIOUS = "serious"  # cannot be true as printed; counts as high risk of bias


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check on one study that did not come out."""

    study: str  # study id
    check: str  # name of the check: 'p-value', 'GRIM', …
    severity: Severity
    detail: Message  # what was printed, what follows, with the figures
    outcome: str | None = None
    rows: tuple[int, ...] = ()  # lines of results.csv

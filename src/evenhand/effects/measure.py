"""What an effect measure is: how it is estimated, on which scale, and how people read it.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from evenhand.distributions import Floats


class Kind(StrEnum):
    """What a measure is estimated from, and so the arguments of its `estimate`."""

    COUNTS = "counts"  # events_t, n_t, events_c, n_c
    MEANS = "means"  # mean_t, sd_t, n_t, mean_c, sd_c, n_c
    ONE_COUNT = "one count"  # events, n
    ONE_MEAN = "one mean"  # mean, sd, n


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One way to write down an effect, or the size of one arm's result.

    `estimate` takes one array an argument, one entry a study, and returns `yi` and its sampling variance `vi` on the
    analysis scale. Treated comes before control, so that a positive `yi` means more in the treated arm.
    """

    name: str  # 'OR': the name a dossier uses
    label: str  # key of the catalogue
    kind: Kind
    estimate: Callable[..., tuple[Floats, Floats]]
    to_display: Callable[[Floats], Floats]  # analysis scale → the scale people read
    from_display: Callable[[Floats], Floats]
    null: float | None  # no effect, on the analysis scale; None for one arm, which has no such value

    @property
    def is_ratio(self) -> bool:
        """Whether people read it as a ratio of two arms, with 1 for no effect."""
        return self.null is not None and float(self.to_display(self.null)) == 1.0  # type: ignore[arg-type]

    @property
    def is_one_arm(self) -> bool:
        """Whether it describes one arm and compares nothing."""
        return self.kind in (Kind.ONE_COUNT, Kind.ONE_MEAN)

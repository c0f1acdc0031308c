"""What an effect measure is: how it is estimated, on which scale, and how people read it.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from evenhand.distributions import Floats
from evenhand.effects.zero_cells import ZeroCells


class Kind(StrEnum):
    """What a measure is estimated from, and so the arguments of its `estimate`."""

    COUNTS = "counts"
    MEANS = "means"
    SPREADS = "spreads"
    RATES = "rates"
    RANKS = "ranks"
    MATCHED_COUNTS = "matched counts"
    MATCHED_MARGINS = "matched margins"
    CHANGE = "change"
    CHANGE_OF_SPREAD = "change of spread"
    CORRELATION = "correlation"
    REGRESSION_TEST = "regression test"
    REGRESSION_PART = "regression part"
    REGRESSION_FIT = "regression fit"
    RELIABILITY = "reliability"
    GENOTYPES = "genotypes"
    ONE_COUNT = "one count"
    ONE_MEAN = "one mean"
    ONE_SPREAD = "one spread"
    ONE_RATE = "one rate"
    PRINTED_RATIO = "printed ratio"
    ESTIMATE = "estimate"

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments of `estimate`, in their order; `_t` is the treated arm, `_c` the control.

        >>> Kind.COUNTS.arguments
        ('events_t', 'n_t', 'events_c', 'n_c')
        """
        return _ARGUMENTS[self]

    @property
    def is_one_arm(self) -> bool:
        """Whether it describes one group and compares or relates nothing."""
        return self in _OF_ONE_ARM


_ARGUMENTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.COUNTS: ("events_t", "n_t", "events_c", "n_c"),
    Kind.MEANS: ("mean_t", "sd_t", "n_t", "mean_c", "sd_c", "n_c"),
    Kind.SPREADS: ("sd_t", "n_t", "sd_c", "n_c"),
    Kind.RATES: ("events_t", "time_t", "events_c", "time_c"),  # time: of all people together, such as person-years
    Kind.RANKS: ("superiority", "n_t", "n_c"),  # share of pairs in which the treated person has more; ties count half
    # Pairs, or people seen under both treatments, by where the event happened.
    Kind.MATCHED_COUNTS: ("events_both", "events_t_only", "events_c_only", "events_neither"),
    Kind.MATCHED_MARGINS: ("events_t", "events_c", "n", "r"),  # r: phi of the two events within pairs
    Kind.CHANGE: ("mean_after", "sd_after", "mean_before", "sd_before", "n", "r"),  # r: before with after
    Kind.CHANGE_OF_SPREAD: ("sd_after", "sd_before", "n", "r"),
    Kind.CORRELATION: ("r", "n"),
    Kind.REGRESSION_TEST: ("t", "n", "predictors"),  # predictors: all in the model, without the intercept
    Kind.REGRESSION_PART: ("t", "n", "predictors", "r2"),
    Kind.REGRESSION_FIT: ("r2", "n", "predictors"),
    Kind.RELIABILITY: ("alpha", "items", "n"),
    Kind.GENOTYPES: ("homozygous_dominant", "heterozygous", "homozygous_recessive"),
    Kind.ONE_COUNT: ("events", "n"),
    Kind.ONE_MEAN: ("mean", "sd", "n"),
    Kind.ONE_SPREAD: ("sd", "n"),
    Kind.ONE_RATE: ("events", "time"),
    Kind.PRINTED_RATIO: ("ratio", "ci_lower", "ci_upper"),
    Kind.ESTIMATE: ("yi", "vi"),
}
_OF_ONE_ARM = frozenset({Kind.ONE_COUNT, Kind.ONE_MEAN, Kind.ONE_SPREAD, Kind.ONE_RATE, Kind.RELIABILITY})


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
    customary_zero_cells: ZeroCells | None = None  # what most software does unasked; None where there are no cells

    @property
    def arguments(self) -> tuple[str, ...]:
        """What `estimate` takes, in its order."""
        return self.kind.arguments

    @property
    def arguments_are_of_arms(self) -> bool:
        """Whether the figures of two arms give it; a hazard ratio is printed, or not to be had."""
        return self.kind in (Kind.COUNTS, Kind.MEANS)

    @property
    def options(self) -> dict[str, Any]:
        """The keyword options of `estimate`, with their defaults."""
        parameters = inspect.signature(self.estimate).parameters.values()
        return {one.name: one.default for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY}

    @property
    def is_ratio(self) -> bool:
        """Whether people read it as a ratio of two arms, with 1 for no effect."""
        return self.null is not None and float(self.to_display(self.null)) == 1.0  # type: ignore[arg-type]

    @property
    def is_one_arm(self) -> bool:
        """Whether it describes one arm and compares nothing."""
        return self.kind.is_one_arm

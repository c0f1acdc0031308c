"""The rows of results that belong together: one study, one outcome, one time.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from evenhand.dossier.records import Dossier, Outcome, OutcomeType, Result, Status, Study

# On a ratio measure a printed difference holds the ratio (docs/dossier.md).
_RATIOS = frozenset({"OR", "RR", "ROM", "HR"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The arms of one study on one outcome at one time, and what was printed of their difference."""

    study: Study
    outcome: Outcome
    followup_weeks: float | None
    arms: tuple[Result, ...]
    differences: tuple[Result, ...]

    @property
    def has_distinct_arms(self) -> bool:
        """Whether no arm stands here twice; where one does, rows cannot be told apart and are not compared."""
        names = [arm.arm for arm in self.arms]
        return len(set(names)) == len(names)

    @property
    def has_same_people(self) -> bool:
        """Whether every arm holds all of the study's people, as in split-body and cross-over trials."""
        if len(self.arms) < 2:
            return False
        whole = {size for size in (self.study.n_randomised, self.study.n_analysed) if size is not None}
        sizes = {arm.n if arm.n_randomised is None else arm.n_randomised for arm in self.arms}
        return len(sizes) == 1 and sizes <= whole

    def compared_arms(self, difference: Result) -> tuple[Result, Result] | None:
        """The two arms a printed difference is of; None where they are not both here, or not unique."""
        treated = [arm for arm in self.arms if arm.treatment == difference.treatment]
        control = [arm for arm in self.arms if arm.treatment == difference.comparator]
        if len(treated) != 1 or len(control) != 1 or treated == control:
            return None
        return treated[0], control[0]


def groups_of(dossier: Dossier) -> Iterator[Group]:
    """Every group with figures, in the order of studies and rows."""

    def key(row: Result) -> tuple[int, str, float]:
        # A time that is not reported is a time of its own.
        time = -1.0 if row.followup_weeks is None else row.followup_weeks
        return order[row.study], row.outcome, time

    order = {study: place for place, study in enumerate(dossier.studies)}
    counted = [row for row in dossier.results if row.status is Status.COUNTED and row.study in order]
    for (_, outcome, _), rows in groupby(sorted(counted, key=key), key):
        together = tuple(rows)
        yield Group(
            study=dossier.studies[together[0].study],
            outcome=dossier.outcomes[outcome],
            followup_weeks=together[0].followup_weeks,
            arms=tuple(row for row in together if row.comparator is None),
            differences=tuple(row for row in together if row.comparator is not None),
        )


def is_ratio(outcome: Outcome) -> bool | None:
    """Whether a printed difference on the outcome is a ratio; None where the dossier does not say."""
    if outcome.measure is not None:
        return outcome.measure in _RATIOS
    return None if outcome.type is OutcomeType.BINARY else False


def lines(*rows: Result) -> tuple[int, ...]:
    """Where the rows stand in results.csv."""
    return tuple(sorted(row.row for row in rows if row.row is not None))

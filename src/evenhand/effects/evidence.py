"""All that a dossier holds on one outcome of one treatment, sorted by what each kind can say.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report

| kind | can say |
|---|---|
| contrast | how much more or less than the control |
| one arm | a proportion or mean; no effect |
| direction | which way, without a size |
| case | that it happens; no rate |
| statement | that somebody says so |
| not reported | nothing; and nothing is never zero |
"""

from collections.abc import Iterable
from dataclasses import dataclass

from evenhand.dossier.records import Design, Dossier, Outcome, Result, Status
from evenhand.effects.contrast import Contrast
from evenhand.effects.contrasts import contrasts_of, one_arms_of, stands_for

LABORATORY = frozenset({Design.ANIMAL, Design.LABORATORY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One outcome of one treatment against one comparator."""

    outcome: Outcome
    treatment: str
    comparator: str
    contrasts: tuple[Contrast, ...]
    one_arm: tuple[Contrast, ...]  # treated arms counted without a counted control, in people
    directions: tuple[Result, ...]  # in people
    laboratory: tuple[Result, ...]  # animals and test tubes, whatever they report
    cases: tuple[Result, ...]
    statements: tuple[Result, ...]
    not_reported: tuple[Result, ...]
    elsewhere: tuple[Result, ...]  # the same outcome under other treatments: context, never a verdict

    @property
    def has_formula(self) -> bool:
        """Whether an exposure model gives the outcome's size."""
        return self.outcome.formula is not None

    @property
    def is_empty(self) -> bool:
        """Whether nobody has measured, modelled or even described it."""
        direct = (self.contrasts, self.one_arm, self.directions, self.laboratory, self.cases, self.statements)
        return not any(direct) and not self.has_formula


def gather(
    dossier: Dossier, outcome_id: str, treatment: str, comparator: str, rows: Iterable[Result] | None = None
) -> Evidence:
    """Sort a dossier's results on one outcome by what they can say of `treatment` against `comparator`.

    A direction found against another treatment (better than a cream) says nothing of the one asked about (better than
    nothing), and is left to the claim that asks it.

    Parameters
    ----------
    rows : iterable of Result, optional
        The dossier's rows on this outcome, where the caller has sorted them out already.
    """
    outcome = dossier.outcomes[outcome_id]
    rows = [row for row in (dossier.results if rows is None else rows) if row.outcome == outcome_id]
    own = [row for row in rows if row.treatment == treatment]

    def in_people(row: Result) -> bool:
        return dossier.studies[row.study].design not in LABORATORY

    def with_status(status: Status) -> tuple[Result, ...]:
        return tuple(row for row in own if row.status is status and in_people(row))

    def of_this_comparison(row: Result) -> bool:
        return row.comparator is None or stands_for(dossier, outcome, row.comparator, comparator)

    contrasts = contrasts_of(dossier, outcome, treatment, comparator, rows)
    compared = {contrast.study.id for contrast in contrasts}
    controls = {row.treatment for row in rows if stands_for(dossier, outcome, row.treatment, comparator)}
    return Evidence(
        outcome=outcome,
        treatment=treatment,
        comparator=comparator,
        contrasts=contrasts,
        one_arm=tuple(arm for arm in one_arms_of(dossier, outcome, treatment, rows) if arm.study.id not in compared),
        directions=tuple(row for row in with_status(Status.DIRECTION) if of_this_comparison(row)),
        laboratory=tuple(row for row in own if not in_people(row) and row.status not in (Status.NOT_REPORTED,)),
        cases=with_status(Status.HAPPENED),
        statements=with_status(Status.SAID),
        not_reported=with_status(Status.NOT_REPORTED),
        elsewhere=tuple(
            row
            for row in rows
            if row.treatment != treatment and row.treatment not in controls and row.status is not Status.NOT_REPORTED
        ),
    )

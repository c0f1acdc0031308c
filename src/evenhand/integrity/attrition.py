"""People who were randomised and are missing from the analysis.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

Lost are those randomised and not analysed, over the arms of an outcome at one time: serious from 20 %, a concern from
5 %, below that a note; the 'five and twenty' rule of Sackett et al. (1997), Evidence-Based Medicine.
"""

from collections.abc import Iterator

from evenhand.dossier.records import Dossier
from evenhand.integrity.check import Check
from evenhand.integrity.finding import Finding, Severity
from evenhand.integrity.groups import Group, groups_of, lines
from evenhand.messages import message

_SERIOUS, _CONCERN = 0.20, 0.05


def missing_people(dossier: Dossier) -> Iterator[Finding]:
    """Each loss once a study, however many outcomes share it."""
    told: dict[str, dict[frozenset[tuple[str, int, int]], list[Group]]] = {}
    for group in groups_of(dossier):
        losses = _losses(group)
        if losses:
            told.setdefault(group.study.id, {}).setdefault(losses, []).append(group)
    for losses_of_study in told.values():
        for losses, groups in losses_of_study.items():
            # A loss that is told with the other arm beside it is not told again where that arm was not reported.
            if any(losses < others for others in losses_of_study):
                continue
            yield _finding(losses, groups)


def _losses(group: Group) -> frozenset[tuple[str, int, int]]:
    """Arm, randomised and analysed, if every arm says both and someone is missing."""
    arms = [(arm.arm, arm.n_randomised, arm.n) for arm in group.arms]
    known = frozenset((arm, randomised, n) for arm, randomised, n in arms if randomised is not None and n is not None)
    if not known or len(known) < len(arms) or not group.has_distinct_arms:
        return frozenset()
    if any(n > randomised for _, randomised, n in known):
        return frozenset()  # not a loss: 'arms' tells it
    return known if any(n < randomised for _, randomised, n in known) else frozenset()


def _finding(losses: frozenset[tuple[str, int, int]], groups: list[Group]) -> Finding:
    first = groups[0]
    arms = first.arms
    if first.has_same_people:
        # They are counted once.
        arms = (min(arms, key=lambda arm: arm.n or 0),)
    randomised = sum(arm.n_randomised or 0 for arm in arms)
    lost = randomised - sum(arm.n or 0 for arm in arms)
    share = lost / randomised
    by_arm = [
        message(
            "integrity.attrition.arm",
            lost=(arm.n_randomised or 0) - (arm.n or 0),
            randomised=arm.n_randomised,
            arm=arm.arm,
        )
        for arm in arms
    ]
    return Finding(
        study=first.study.id,
        check="attrition",
        severity=Severity.SERIOUS if share >= _SERIOUS else Severity.CONCERN if share >= _CONCERN else Severity.NOTE,
        detail=message(
            f"integrity.attrition.{'arms' if len(arms) > 1 else 'one'}",
            n=lost,
            randomised=randomised,
            percent=round(100 * share),
            arms=by_arm,
        ),
        outcome=first.outcome.id if len({group.outcome.id for group in groups}) == 1 else None,
        rows=lines(*(arm for group in groups for arm in group.arms)),
    )


ATTRITION = Check(name="attrition", find=missing_people)

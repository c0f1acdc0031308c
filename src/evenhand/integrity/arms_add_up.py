"""Arms that do not add up to their study, and printed differences that are not those of their arms.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

More people analysed than randomised, or more in the arms than in the study, cannot be. Fewer in the arms than in the
study may be an arm the dossier leaves out: a note. Split-body and cross-over arms hold the same people, and are not
added.

A printed difference of means may have been adjusted. It is a note where the arms' own difference lies within its 95 %
interval, a concern where it does not. An estimate with the opposite sign is a concern whatever its interval.
"""

from collections.abc import Iterator
from math import sqrt

from evenhand.dossier.records import Dossier, Result, Study
from evenhand.integrity.check import Check
from evenhand.integrity.finding import Finding, Severity
from evenhand.integrity.groups import Group, groups_of, is_ratio, lines
from evenhand.integrity.printed import Span, rounded
from evenhand.messages import message

_Z_95 = 1.959963984540054


def arms_that_do_not_add_up(dossier: Dossier) -> Iterator[Finding]:
    """Each sum or difference that is not the one printed."""
    groups = list(groups_of(dossier))
    for study in dossier.studies.values():
        own = [group for group in groups if group.study is study]
        yield from _randomised(study, own)
        for group in own:
            yield from _analysed(group)
            for row in group.differences:
                yield from _difference(group, row)


def _randomised(study: Study, groups: list[Group]) -> Iterator[Finding]:
    """The arms' numbers randomised, over all the study's rows, against the study's."""
    rows = [arm for group in groups for arm in group.arms if arm.n_randomised is not None]
    sizes: dict[str, set[int]] = {}
    for row in rows:
        sizes.setdefault(row.arm, set()).add(row.n_randomised or 0)
    for arm, seen in sizes.items():
        if len(seen) > 1:
            yield Finding(
                study=study.id,
                check="arms",
                severity=Severity.CONCERN,
                detail=message("integrity.arms.changes", arm=arm, sizes=sorted(seen)),
                rows=lines(*(row for row in rows if row.arm == arm)),
            )
    if study.n_randomised is None or len(sizes) < 2 or any(len(seen) > 1 for seen in sizes.values()):
        return
    each = [next(iter(seen)) for seen in sizes.values()]
    total = sum(each)
    # Arms as large as the study, or a whole multiple of it in equal arms, are the same people twice.
    if total == study.n_randomised or (len(set(each)) == 1 and total % study.n_randomised == 0):
        return
    key, severity = ("exceed", Severity.CONCERN) if total > study.n_randomised else ("fall_short", Severity.NOTE)
    yield Finding(
        study=study.id,
        check="arms",
        severity=severity,
        detail=message(f"integrity.arms.{key}", total=total, n=study.n_randomised, arms=sorted(each, reverse=True)),
        rows=lines(*rows),
    )


def _analysed(group: Group) -> Iterator[Finding]:
    """More people analysed than there were."""
    for arm in group.arms:
        if arm.n is not None and arm.n_randomised is not None and arm.n > arm.n_randomised:
            yield Finding(
                study=group.study.id,
                check="arms",
                severity=Severity.SERIOUS,
                detail=message("integrity.arms.more_analysed", n=arm.n, randomised=arm.n_randomised, arm=arm.arm),
                outcome=group.outcome.id,
                rows=lines(arm),
            )
    everyone = group.study.n_randomised
    analysed = [arm.n for arm in group.arms if arm.n is not None]
    if everyone is None or not group.has_distinct_arms or not analysed:
        return
    if any(arm.n_randomised is not None for arm in group.arms):
        return  # told above, arm by arm
    too_many_in_one = max(analysed) > everyone
    # Arms of one size may be the two halves of the same faces.
    too_many_together = len(set(analysed)) > 1 and sum(analysed) > everyone
    if too_many_in_one or too_many_together:
        yield Finding(
            study=group.study.id,
            check="arms",
            severity=Severity.SERIOUS if too_many_in_one else Severity.CONCERN,
            detail=message("integrity.arms.more_than_study", n=sum(analysed), randomised=everyone),
            outcome=group.outcome.id,
            rows=lines(*group.arms),
        )


def _difference(group: Group, row: Result) -> Iterator[Finding]:
    arms = group.compared_arms(row)
    ratio = is_ratio(group.outcome)
    if arms is None or row.mean is None or ratio is None:
        return
    treated, control = arms
    own = _own_ratio(treated, control, group) if ratio else _own_difference(treated, control)
    printed = rounded(row.mean, row.mean_printed)
    if own is None or printed.meets(own):
        return
    middle = (own.low + own.high) / 2
    turned = not ratio and Span(-printed.high, -printed.low).meets(own)
    within = _interval(row, ratio=ratio)
    believable = within is not None and within.meets(own)
    yield Finding(
        study=group.study.id,
        check="arms",
        severity=Severity.CONCERN if turned or not believable else Severity.NOTE,
        detail=message(
            f"integrity.arms.{'sign' if turned else 'ratio' if ratio else 'difference'}",
            printed=row.mean,
            own=float(f"{middle:.4g}"),
        ),
        outcome=group.outcome.id,
        rows=lines(treated, control, row),
    )


def _own_difference(treated: Result, control: Result) -> Span | None:
    """Difference of the arms' means, with their rounding; of their proportions, which have none."""
    if treated.mean is not None and control.mean is not None:
        one, other = rounded(treated.mean, treated.mean_printed), rounded(control.mean, control.mean_printed)
        return Span(one.low - other.high, one.high - other.low)
    return None


def _own_ratio(treated: Result, control: Result, group: Group) -> Span | None:
    if group.outcome.measure == "ROM" and treated.mean is not None and control.mean is not None:
        one, other = rounded(treated.mean, treated.mean_printed), rounded(control.mean, control.mean_printed)
        return Span(one.low / other.high, one.high / other.low) if one.low > 0 and other.low > 0 else None
    if group.outcome.measure not in ("OR", "RR"):
        return None
    a, c, n_t, n_c = treated.events, control.events, treated.n, control.n
    if not a or not c or not n_t or not n_c:
        return None
    if group.outcome.measure == "RR":
        own = (a / n_t) / (c / n_c)
    elif a < n_t and c < n_c:
        own = (a / (n_t - a)) / (c / (n_c - c))
    else:
        return None
    return Span(own, own)


def _interval(row: Result, *, ratio: bool) -> Span | None:
    """The printed difference's 95 % interval, from whatever was printed of its spread."""
    if row.ci_lower is not None and row.ci_upper is not None:
        return Span(rounded(row.ci_lower).low, rounded(row.ci_upper).high)
    if ratio or row.mean is None:
        return None
    se = row.se
    if se is None and row.sd is not None and row.n:
        se = row.sd / sqrt(row.n)
    return None if se is None else Span(row.mean - _Z_95 * se, row.mean + _Z_95 * se)


ARMS_ADD_UP = Check(name="arms", find=arms_that_do_not_add_up)

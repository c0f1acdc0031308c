"""Results that are too alike: two studies with the same figures, two arms with one mean and spread.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

Figures may agree by chance, and for small numbers often do. How often is computed, at its highest: for two arms with
the same true value, a count of n falls on one given number with at most the binomial's largest probability, and a
printed mean or SD on one given figure with at most its last digit's unit over 2 √π standard errors. These are
multiplied over the rows that agree, and by the number of comparisons made; below 1 in 100 the likeness is told. Such
a pair is often one trial reported twice, whose people must not be counted twice.
"""

from collections.abc import Iterator
from itertools import combinations
from math import exp, lgamma, log, pi, prod, sqrt

from evenhand.dossier.records import Dossier, Result
from evenhand.integrity.check import Check
from evenhand.integrity.finding import Finding, Severity
from evenhand.integrity.groups import Group, groups_of, lines
from evenhand.integrity.printed import decimals
from evenhand.messages import message

_BY_CHANCE = 0.01


def figures_too_alike(dossier: Dossier) -> Iterator[Finding]:
    """Each pair of studies, and each pair of arms, that share more than chance gives."""
    groups = list(groups_of(dossier))
    yield from _studies_alike(dossier, groups)
    yield from _arms_alike(groups)


def _studies_alike(dossier: Dossier, groups: list[Group]) -> Iterator[Finding]:
    rows = {
        study: [arm for group in groups if group.study.id == study for arm in group.arms] for study in dossier.studies
    }
    alike: list[tuple[str, str, list[tuple[Result, Result]]]] = []
    compared = 0
    for one, other in combinations(dossier.studies, 2):
        pairs = [(a, b) for a in rows[one] for b in rows[other] if _comparable(a, b)]
        compared += len(pairs)
        same: list[tuple[Result, Result]] = []
        for a, b in pairs:
            # Each row has at most one twin.
            if _same_figures(a, b) and not any(a is seen or b is its_twin for seen, its_twin in same):
                same.append((a, b))
        if same:
            alike.append((one, other, same))
    for one, other, same in alike:
        if prod(chance_of_twin(a) for a, _ in same) * compared < _BY_CHANCE:
            for study, twin, mine in ((one, other, [a for a, _ in same]), (other, one, [b for _, b in same])):
                yield Finding(
                    study=study,
                    check="twins",
                    severity=Severity.CONCERN,
                    detail=message(
                        "integrity.twins.studies", n=len(same), other=dossier.studies[twin].label, figures=_say(mine[0])
                    ),
                    outcome=mine[0].outcome if len({row.outcome for row in mine}) == 1 else None,
                    rows=lines(*mine),
                )


def _arms_alike(groups: list[Group]) -> Iterator[Finding]:
    pairs = [
        (group, a, b)
        for group in groups
        if group.has_distinct_arms
        for a, b in combinations(group.arms, 2)
        if a.mean is not None and a.sd and b.mean is not None and b.sd
    ]
    for group, a, b in pairs:
        if (a.mean, a.sd) == (b.mean, b.sd) and chance_of_twin(a) * len(pairs) < _BY_CHANCE:
            yield Finding(
                study=group.study.id,
                check="twins",
                severity=Severity.CONCERN,
                detail=message("integrity.twins.arms", figures=_say(a), arms=[a.arm, b.arm]),
                outcome=group.outcome.id,
                rows=lines(a, b),
            )


def _comparable(a: Result, b: Result) -> bool:
    """Same outcome, same time, as many people, and figures of one kind."""
    if a.outcome != b.outcome or a.followup_weeks != b.followup_weeks or a.n is None or a.n != b.n or a.n < 2:
        return False
    counts = a.events is not None and b.events is not None
    means = a.mean is not None and b.mean is not None and bool(a.sd) and bool(b.sd)
    return counts or means


def _same_figures(a: Result, b: Result) -> bool:
    return (a.events, a.mean, a.sd) == (b.events, b.mean, b.sd)


def chance_of_twin(row: Result) -> float:
    """Highest probability that another arm of its size, with the same true value, prints the same figures."""
    n = row.n or 0
    chance = 1.0
    if row.events is not None and 0 < row.events < n:
        x = row.events
        chance *= exp(lgamma(n + 1) - lgamma(x + 1) - lgamma(n - x + 1) + x * log(x / n) + (n - x) * log((n - x) / n))
    if row.mean is not None and row.sd:
        for unit, se in (
            (10.0 ** -decimals(row.mean, row.mean_printed), row.sd / sqrt(n)),
            (10.0 ** -decimals(row.sd, row.sd_printed), row.sd / sqrt(2 * n)),
        ):
            chance *= min(1.0, unit / (2 * sqrt(pi) * se))
    return chance


def _say(row: Result) -> object:
    if row.events is not None:
        return message("integrity.twins.counts", events=row.events, total=row.n)
    return message("integrity.twins.means", mean=row.mean_printed or row.mean, sd=row.sd_printed or row.sd)


TWINS = Check(name="twins", find=figures_too_alike)

"""Standard deviations that no whole-number answers with the printed mean can have (GRIMMER).

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

Anaya (2016), PeerJ Preprints 4:e2400v1; the analytic form is Allard's (2018). The squares of whole numbers add up to a
whole number, which is odd or even as their sum is. A printed SD is possible if some sum that GRIM allows goes with some
such sum of squares, not below that of answers as equal as the sum lets them be. Divisors n - 1 and n are both allowed.
Only outcomes with `whole_numbers: true` are looked at, and only means that GRIM lets pass.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor

from evenhand.dossier.records import Dossier
from evenhand.integrity.check import Check
from evenhand.integrity.finding import Finding, Severity
from evenhand.integrity.grim import possible_sums
from evenhand.integrity.groups import groups_of, lines
from evenhand.integrity.printed import rounded
from evenhand.messages import message

_EPSILON = 1e-7


def is_possible_sd(
    mean: float, sd: float, n: int, mean_printed: str | None = None, sd_printed: str | None = None
) -> bool:
    """Whether n whole numbers may have both the printed mean and the printed standard deviation."""
    span = rounded(sd, sd_printed)
    low, high = max(0.0, span.low), span.high
    for total in possible_sums(mean, n, mean_printed):
        quotient, rest = divmod(total, n)
        least = (n - rest) * quotient**2 + rest * (quotient + 1) ** 2
        for divisor in (n - 1, n):
            squares_low = max(least, ceil(divisor * low**2 + total**2 / n - _EPSILON))
            squares_high = floor(divisor * high**2 + total**2 / n + _EPSILON)
            # Two neighbours hold one of each parity; a single candidate must have that of the sum.
            if squares_high > squares_low or (squares_high == squares_low and (squares_low - total) % 2 == 0):
                return True
    return False


def impossible_sds(dossier: Dossier) -> Iterator[Finding]:
    """Each spread of whole numbers that cannot be one."""
    found: dict[str, list[Finding]] = {}
    for group in groups_of(dossier):
        if not group.outcome.whole_numbers:
            continue
        for arm in group.arms:
            if arm.mean is None or arm.sd is None or arm.n is None or arm.n < 2:
                continue
            if not possible_sums(arm.mean, arm.n, arm.mean_printed):
                continue  # GRIM has told it
            if is_possible_sd(arm.mean, arm.sd, arm.n, arm.mean_printed, arm.sd_printed):
                continue
            finding = Finding(
                study=group.study.id,
                check="GRIMMER",
                severity=Severity.CONCERN,
                detail=message(
                    "integrity.grimmer.sd",
                    sd=arm.sd_printed or f"{arm.sd:g}",
                    mean=arm.mean_printed or f"{arm.mean:g}",
                    n=arm.n,
                    arm=arm.arm,
                ),
                outcome=group.outcome.id,
                rows=lines(arm),
            )
            found.setdefault(group.study.id, []).append(finding)
    for findings in found.values():
        severity = Severity.SERIOUS if len(findings) > 1 else Severity.CONCERN
        yield from (replace(finding, severity=severity) for finding in findings)


GRIMMER = Check(name="GRIMMER", find=impossible_sds)

"""Standard errors printed as standard deviations.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

A standard error is √n times smaller than the standard deviation, so a trial that prints the one for the other seems
many times larger than it is. It shows in four ways: SD and SE of one row that are not √n apart; an interval that only
follows if the 'SD' is an SE; a printed p that only follows so; and an SD that is about √n times smaller than those of
the other arms, of the same arm at other visits, or of other studies. Studies whose scales differ are compared by the SD
as a share of the mean, where the scale has a true zero. The first three are contradictions on one page, the fourth a
suspicion.
"""

from collections.abc import Callable, Iterator
from math import sqrt
from statistics import median

from evenhand.dossier.records import Dossier, Result
from evenhand.integrity.check import Check
from evenhand.integrity.finding import Finding, Severity
from evenhand.integrity.fit import Fit, fit
from evenhand.integrity.groups import Group, groups_of, lines
from evenhand.integrity.mean_tests import p_values_of_two_means
from evenhand.integrity.printed import Span, is_exact, p_value, rounded, say_p
from evenhand.integrity.summary import Summary, summary_of
from evenhand.messages import Message, message

_Z_95 = 1.959963984540054
# A ratio of spreads that chance and other people do not make, and how near to √n it must come.
_MUCH_SMALLER, _NEAR = 3.0, 0.25
# In small arms chance alone spreads SDs: how rarely it may, by the F test of two arms of this size.
_BY_CHANCE = 1e-5
# An interval may rest on a pooled or adjusted spread; only from a factor of two on is it another spread altogether.
_ANOTHER_SPREAD = 2.0


def standard_errors_as_deviations(dossier: Dossier) -> Iterator[Finding]:
    """Each spread that is, or may be, a standard error."""
    groups = list(groups_of(dossier))
    for group in groups:
        told: set[Result] = set()
        for row in (*group.arms, *group.differences):
            judged = _against_se(row) or _against_interval(row)
            if judged is not None:
                told.add(row)
                yield _finding(group, (row,), *judged)
        if not told:
            found = _against_p(group)
            if found is not None:
                told.update(found)
                yield _finding(
                    group,
                    found,
                    Severity.CONCERN,
                    message(
                        "integrity.se_as_sd.p_value",
                        printed=say_p(found[0].p_value or ""),
                        sd_t=found[0].sd,
                        sd_c=found[1].sd,
                    ),
                )
        for row in group.arms:
            if row not in told:
                judged = _against_others(row, group, groups)
                if judged is not None:
                    yield _finding(group, (row,), *judged)


def _finding(group: Group, rows: tuple[Result, ...], severity: Severity, detail: Message) -> Finding:
    return Finding(
        study=group.study.id,
        check="SE as SD",
        severity=severity,
        detail=detail,
        outcome=group.outcome.id,
        rows=lines(*rows),
    )


def _against_se(row: Result) -> tuple[Severity, Message] | None:
    """SD and SE of one row."""
    if row.sd is None or row.se is None or row.n is None or row.n < 2:
        return None
    sd, se = rounded(row.sd, row.sd_printed), rounded(row.se)
    if Span(sd.low / sqrt(row.n), sd.high / sqrt(row.n)).meets(se):
        return None
    return Severity.CONCERN, message(
        "integrity.se_as_sd.se", sd=row.sd, se=row.se, n=row.n, expected=float(f"{row.sd / sqrt(row.n):.3g}")
    )


def _against_interval(row: Result) -> tuple[Severity, Message] | None:
    """SD of a row and the interval of its mean."""
    if row.sd is None or row.n is None or row.n < 4 or row.ci_lower is None or row.ci_upper is None:
        return None
    lower, upper = rounded(row.ci_lower), rounded(row.ci_upper)
    half = Span((upper.low - lower.high) / 2, (upper.high - lower.low) / 2)
    sd = rounded(row.sd, row.sd_printed)
    quantile = _t_975(row.n - 1)
    # From z to t, as papers use either.
    as_sd = Span(_Z_95 * sd.low / sqrt(row.n), quantile * sd.high / sqrt(row.n))
    if half.low <= as_sd.high * _ANOTHER_SPREAD and half.high >= as_sd.low / _ANOTHER_SPREAD:
        return None
    figures = {"sd": row.sd, "n": row.n, "lower": row.ci_lower, "upper": row.ci_upper}
    as_se = Span(_Z_95 * sd.low * (1 - _NEAR), quantile * sd.high * (1 + _NEAR))
    if half.meets(as_se):
        return Severity.SERIOUS, message("integrity.se_as_sd.interval", **figures)
    return Severity.CONCERN, message("integrity.se_as_sd.interval_other", **figures)


def _against_p(group: Group) -> tuple[Result, Result] | None:
    """Two arms whose p is possible only if their SDs are SEs; the treated arm first."""
    if len(group.arms) != 2 or not group.has_distinct_arms or group.has_same_people:
        return None
    for treated, control in (group.arms, group.arms[::-1]):
        if treated.p_test not in ("two arms", "all arms") or treated.p_value is None or not is_exact(treated.p_value):
            continue
        if treated.sd is None or control.sd is None:
            continue
        printed, one, other = p_value(treated.p_value), summary_of(treated), summary_of(control)
        if printed is None or one is None or other is None:
            continue
        as_sd = p_values_of_two_means(one, other)
        as_se = p_values_of_two_means(_read_as_se(one), _read_as_se(other))
        if not as_sd or not as_se:
            continue
        # Read as SDs the figures must claim far more than the paper does, and read as SEs exactly what it does.
        claims_more = max(test.two_sided.high for test in as_sd) < printed.low / 2
        if (
            claims_more
            and any(printed.meets(test.two_sided) for test in as_se)
            and fit(printed, as_sd) is not Fit.POSSIBLE
        ):
            return treated, control
    return None


def _read_as_se(summary: Summary) -> Summary:
    return Summary(summary.mean, Span(summary.sd.low * sqrt(summary.n), summary.sd.high * sqrt(summary.n)), summary.n)


def _against_others(row: Result, group: Group, groups: list[Group]) -> tuple[Severity, Message] | None:
    """SD of an arm, and those of the arms beside it, of itself at other visits, or of two other studies."""
    if not row.sd or row.n is None or row.n < 2:
        return None
    elsewhere = _elsewhere(group, groups, lambda arm: arm.sd)
    relative = _elsewhere(group, groups, _relative_spread)
    for others, own, key in (
        ([arm.sd for arm in group.arms if arm is not row and arm.sd], row.sd, "beside"),
        (_at_other_visits(row, group, groups), row.sd, "visits"),
        # With SMD and ROM the studies' scales may differ; a ratio of means tells that 0 is none at all.
        (elsewhere if group.outcome.measure not in ("SMD", "ROM") else [], row.sd, "elsewhere"),
        (relative if group.outcome.measure == "ROM" else [], _relative_spread(row), "relative"),
    ):
        if not others or not own:
            continue
        ratio = median(others) / own
        near_root_n = abs(ratio / sqrt(row.n) - 1) <= _NEAR
        if ratio > _MUCH_SMALLER and near_root_n and _chance_of(ratio, row.n) < _BY_CHANCE:
            return Severity.CONCERN, message(
                f"integrity.se_as_sd.{key}",
                sd=row.sd,
                arm=row.arm,
                others=float(f"{median(others):.3g}") if key != "relative" else round(100 * median(others)),
                share=round(100 * own) if key == "relative" else None,
                n=row.n,
                sd_if_se=float(f"{row.sd * sqrt(row.n):.3g}"),
            )
    return None


def _elsewhere(group: Group, groups: list[Group], spread: Callable[[Result], float | None]) -> list[float]:
    """The middle spread of each other study on the outcome; none where there is only one."""
    found: dict[str, list[float]] = {}
    for other in groups:
        if other.outcome.id == group.outcome.id and other.study.id != group.study.id:
            spreads = [value for arm in other.arms if (value := spread(arm))]
            if spreads:
                found.setdefault(other.study.id, []).extend(spreads)
    return [median(spreads) for spreads in found.values()] if len(found) > 1 else []


def _at_other_visits(row: Result, group: Group, groups: list[Group]) -> list[float]:
    """The SDs of the same arm of the same study before and after."""
    return [
        arm.sd
        for other in groups
        if other.study.id == group.study.id and other.outcome.id == group.outcome.id and other is not group
        for arm in other.arms
        if (arm.arm, arm.treatment) == (row.arm, row.treatment) and arm.sd
    ]


def _relative_spread(arm: Result) -> float | None:
    """SD as a share of the mean, which no unit changes."""
    return arm.sd / arm.mean if arm.sd and arm.mean and arm.mean > 0 else None


def _chance_of(ratio: float, n: int) -> float:
    from scipy.special import fdtrc

    return float(fdtrc(n - 1, n - 1, ratio**2))


def _t_975(freedom: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))


SE_AS_SD = Check(name="SE as SD", find=standard_errors_as_deviations)

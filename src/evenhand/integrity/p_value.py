"""Printed p-values that no usual test gives for the figures printed beside them.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

Arms against arms, all arms at once, and printed differences against their own spread; `fit` says what follows.
"""

from collections.abc import Iterator, Sequence
from math import log, sqrt

from evenhand.dossier.records import Dossier, Result
from evenhand.integrity.check import Check
from evenhand.integrity.count_tests import p_values_of_all_counts, p_values_of_two_counts
from evenhand.integrity.finding import Finding, Severity
from evenhand.integrity.fit import Fit, fit, severity
from evenhand.integrity.groups import Group, groups_of, is_ratio, lines
from evenhand.integrity.mean_tests import p_values_of_all_means, p_values_of_one_mean, p_values_of_two_means
from evenhand.integrity.printed import Span, p_value, rounded, say_p
from evenhand.integrity.recomputed import Recomputed
from evenhand.integrity.summary import summary_of
from evenhand.messages import Message, message

_Z_95 = 1.959963984540054
# The tests a reader knows by name; the others count for whether p is possible, and would only lengthen the sentence.
_NAMED = ("fisher", "chi_square", "student", "welch", "anova", "t", "z")


_CLOSE = {
    Fit.BETWEEN: message("integrity.p_value.between"),
    Fit.NEAR: message("integrity.p_value.near"),
    Fit.CLAIMS_MORE: message("integrity.p_value.far"),
    Fit.CLAIMS_LESS: message("integrity.p_value.far"),
}


def impossible_p_values(dossier: Dossier) -> Iterator[Finding]:
    """Each printed p-value that its figures do not give."""
    for group in groups_of(dossier):
        if group.has_distinct_arms and not group.has_same_people:
            yield from _between_arms(group)
        yield from _of_differences(group)


def _between_arms(group: Group) -> Iterator[Finding]:
    told: set[tuple[str, str]] = set()
    for row in group.arms:
        printed = None if row.p_value is None else p_value(row.p_value)
        if printed is None or row.p_value is None or (row.p_value, row.p_test or "") in told:
            continue
        if row.p_test == "all arms":
            # A p over all arms may be repeated in each arm's row; it is one p.
            told.add((row.p_value, "all arms"))
            finding = _over_all_arms(group, row, printed)
        elif row.p_test == "two arms":
            if len(group.arms) == 2:
                told.add((row.p_value, "two arms"))
            finding = _against_another_arm(group, row, printed)
        else:
            finding = None
        if finding is not None:
            yield finding


def _against_another_arm(group: Group, treated: Result, printed: Span) -> Finding | None:
    """The p of a treated arm's row, against the one other arm, or against any, where there are several."""
    pairs = [
        (control, tests) for control in group.arms if control is not treated and (tests := _tests(treated, control))
    ]
    if not pairs or len(pairs) < len(group.arms) - 1:
        return None  # the arm it was tested against may be one without figures
    recomputed = [test for _, tests in pairs for test in tests]
    how = fit(printed, recomputed)
    if how is Fit.POSSIBLE:
        return None
    control = pairs[0][0]
    kind = "counts" if _has_counts(treated) else "means"
    of_all = _tests_of_all_randomised(treated, control) if kind == "counts" and len(pairs) == 1 else ()
    fits_randomised = bool(of_all) and fit(printed, of_all) is Fit.POSSIBLE
    return Finding(
        study=group.study.id,
        check="p-value",
        severity=Severity.NOTE if fits_randomised else severity(printed, recomputed, counts=kind == "counts"),
        detail=message(
            f"integrity.p_value.{kind if len(pairs) == 1 else 'several'}",
            printed=say_p(treated.p_value or ""),
            tests=_say(recomputed),
            close=message("integrity.p_value.randomised") if fits_randomised else _CLOSE[how],
            **(_figures(treated, control) if len(pairs) == 1 else {}),
        ),
        outcome=group.outcome.id,
        rows=lines(treated, *(control for control, _ in pairs)),
    )


def _over_all_arms(group: Group, row: Result, printed: Span) -> Finding | None:
    arms = group.arms
    if len(arms) == 2:
        return _against_another_arm(group, row, printed)
    if len(arms) < 2:
        return None
    if all(_has_counts(arm) for arm in arms):
        counts = True
        recomputed = p_values_of_all_counts([arm.events or 0 for arm in arms], [arm.n or 0 for arm in arms])
    else:
        counts = False
        summaries = [summary for arm in arms if (summary := summary_of(arm)) is not None]
        if len(summaries) < len(arms):
            return None
        recomputed = p_values_of_all_means(summaries)
    if not recomputed or (how := fit(printed, recomputed)) is Fit.POSSIBLE:
        return None
    return Finding(
        study=group.study.id,
        check="p-value",
        severity=severity(printed, recomputed, counts=counts),
        detail=message(
            "integrity.p_value.all_arms",
            n=len(arms),
            printed=say_p(row.p_value or ""),
            tests=_say(recomputed),
            close=_CLOSE[how],
        ),
        outcome=group.outcome.id,
        rows=lines(*arms),
    )


def _of_differences(group: Group) -> Iterator[Finding]:
    """Printed differences, against their own standard error, spread or interval."""
    for row in group.differences:
        printed = None if row.p_value is None else p_value(row.p_value)
        if printed is None or row.mean is None:
            continue
        recomputed = _tests_of_difference(row, ratio=is_ratio(group.outcome))
        if not recomputed or (how := fit(printed, recomputed)) is Fit.POSSIBLE:
            continue
        yield Finding(
            study=group.study.id,
            check="p-value",
            severity=severity(printed, recomputed, counts=False),
            detail=message(
                "integrity.p_value.difference",
                printed=say_p(row.p_value or ""),
                difference=row.mean,
                tests=_say(recomputed),
                close=_CLOSE[how],
            ),
            outcome=group.outcome.id,
            rows=lines(row),
        )


def _tests_of_difference(row: Result, *, ratio: bool | None) -> tuple[Recomputed, ...]:
    if row.mean is None or ratio is None:
        return ()
    effect = rounded(row.mean, row.mean_printed)
    limits = None
    if row.ci_lower is not None and row.ci_upper is not None:
        limits = (rounded(row.ci_lower), rounded(row.ci_upper))
    freedoms = [float(freedom) for freedom in ((row.n or 0) - 1, (row.n or 0) - 2) if freedom > 0]
    if ratio:
        if limits is None or effect.low <= 0 or limits[0].low <= 0:
            return ()
        effect = Span(log(effect.low), log(effect.high))
        limits = (Span(log(limits[0].low), log(limits[0].high)), Span(log(limits[1].low), log(limits[1].high)))
        return p_values_of_one_mean(effect, _se_of_interval(*limits), ())
    if row.se is not None:
        return p_values_of_one_mean(effect, rounded(row.se), freedoms)
    if row.sd is not None and row.n is not None and row.n > 1:
        sd = rounded(row.sd, row.sd_printed)
        return p_values_of_one_mean(effect, Span(sd.low / sqrt(row.n), sd.high / sqrt(row.n)), freedoms)
    # From an interval z is close enough: its own quantile widens with the degrees of freedom as the test's does.
    return () if limits is None else p_values_of_one_mean(effect, _se_of_interval(*limits), freedoms)


def _se_of_interval(lower: Span, upper: Span) -> Span:
    width = 2 * _Z_95
    return Span(max(0.0, upper.low - lower.high) / width, (upper.high - lower.low) / width)


def _tests(treated: Result, control: Result) -> tuple[Recomputed, ...]:
    if _has_counts(treated) and _has_counts(control):
        return p_values_of_two_counts(treated.events or 0, treated.n or 0, control.events or 0, control.n or 0)
    one, other = summary_of(treated), summary_of(control)
    return () if one is None or other is None else p_values_of_two_means(one, other)


def _tests_of_all_randomised(treated: Result, control: Result) -> tuple[Recomputed, ...]:
    """As if those not analysed had been counted without the event, where some were not."""
    if not treated.n_randomised or not control.n_randomised or treated.events is None or control.events is None:
        return ()
    if (treated.n_randomised, control.n_randomised) == (treated.n, control.n):
        return ()
    if treated.events > treated.n_randomised or control.events > control.n_randomised:
        return ()
    return p_values_of_two_counts(treated.events, treated.n_randomised, control.events, control.n_randomised)


def _has_counts(row: Result) -> bool:
    return row.events is not None and bool(row.n) and row.events <= (row.n or 0)


def _figures(treated: Result, control: Result) -> dict[str, object]:
    if _has_counts(treated):
        return {"events_t": treated.events, "n_t": treated.n, "events_c": control.events, "n_c": control.n}
    return {"mean_t": treated.mean, "mean_c": control.mean}


def _say(recomputed: Sequence[Recomputed]) -> list[Message]:
    """'Fisher's exact test gives 0.433', one a test; a range where rounding leaves one."""
    named = [test for test in recomputed if test.test in _NAMED] or list(recomputed)
    widest: dict[str, Span] = {}
    for test in named:
        seen = widest.get(test.test, test.two_sided)
        widest[test.test] = Span(min(seen.low, test.two_sided.low), max(seen.high, test.two_sided.high))
    return [
        message("integrity.p_value.test", test=message(f"integrity.test.{test}"), p=_say_p(span))
        for test, span in widest.items()
    ]


def _say_p(span: Span) -> Message:
    if span.high < 0.0001:
        return message("integrity.p_value.tiny")
    low, high = round(span.low, 4), round(span.high, 4)
    if low == high:
        return message("integrity.p_value.one", p=high)
    return message("integrity.p_value.range", low=low, high=high)


P_VALUE = Check(name="p-value", find=impossible_p_values)

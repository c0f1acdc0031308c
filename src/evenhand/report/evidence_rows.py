"""Everything that was found on a claim, of unequal kinds, in one table that says which kind each row is.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

from dataclasses import dataclass

from markupsafe import Markup

from evenhand.dossier.records import Claim, Dossier, Result, Status
from evenhand.messages import Message, message
from evenhand.report.voice import Voice
from evenhand.words import key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One row of results, as a reader sees it."""

    study: Markup
    design: str  # key of the design's word
    given: Markup
    regimen: Markup | None
    when: Markup | None
    found: Markup
    status: str  # key, for the mark beside it
    risk_of_bias: str
    inferred: bool
    note: Markup | None
    cites: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceGroup:
    """Rows on the claim's own treatment, or on other treatments (context, never a verdict)."""

    direct: bool
    rows: tuple[EvidenceRow, ...]


def evidence_groups(claim: Claim, dossier: Dossier, voice: Voice) -> tuple[EvidenceGroup, ...]:
    """Rows on the claim's outcomes; a study that tested the claim's treatment stands whole, with its control arms."""
    rows = [row for row in dossier.results if row.outcome in claim.outcomes]
    direct_studies = {row.study for row in rows if row.treatment == claim.treatment}
    direct = [row for row in rows if row.study in direct_studies]
    other = [row for row in rows if row.study not in direct_studies]
    return tuple(
        EvidenceGroup(direct=is_direct, rows=tuple(_row(row, dossier, voice, len(claim.outcomes) > 1) for row in group))
        for is_direct, group in ((True, direct), (False, other))
        if group
    )


def found(row: Result, dossier: Dossier) -> Message:
    """What a row says, in words: counts, a mean, a direction, that it happened, that it was said, or nothing."""
    if row.status is Status.NOT_REPORTED:
        return message("report.found.not_reported")
    if row.status is Status.SAID:
        return message("report.found.said")
    if row.status is Status.HAPPENED:
        return message("report.found.happened_n", n=row.events) if row.events else message("report.found.happened")
    if row.status is Status.DIRECTION:
        direction = key_of(row.direction.value) if row.direction else "unknown"
        return message(f"report.found.direction.{direction}")
    if row.comparator is not None:
        return _difference(row, dossier)
    if row.mean is not None:
        return _mean(row, dossier)
    if row.events is not None:
        return (
            message("report.found.count", events=row.events, n=row.n)
            if row.n is not None
            else message("report.found.events_only", n=row.events)
        )
    if row.percent is not None:
        return message("report.found.percent", percent=row.percent)
    return message("report.found.not_reported")


def _difference(row: Result, dossier: Dossier) -> Message:
    comparator = dossier.treatments[row.comparator or ""].name
    if row.mean is None:
        return message("report.found.difference_no_figure", comparator=comparator)
    if row.ci_lower is not None and row.ci_upper is not None:
        return message(
            "report.found.difference_interval",
            comparator=comparator,
            mean=row.mean,
            lower=row.ci_lower,
            upper=row.ci_upper,
        )
    return message("report.found.difference", comparator=comparator, mean=row.mean)


def _mean(row: Result, dossier: Dossier) -> Message:
    unit = dossier.outcomes[row.outcome].unit
    mean = row.mean if row.mean is not None else 0.0
    if row.sd is not None:
        return message("report.found.mean_sd", mean=mean, sd=row.sd, unit=unit)
    if row.se is not None:
        return message("report.found.mean_se", mean=mean, se=row.se, unit=unit)
    if row.ci_lower is not None and row.ci_upper is not None:
        return message("report.found.mean_interval", mean=mean, lower=row.ci_lower, upper=row.ci_upper, unit=unit)
    return message("report.found.mean", mean=mean, unit=unit)


def _row(row: Result, dossier: Dossier, voice: Voice, name_outcome: bool) -> EvidenceRow:
    study = dossier.studies[row.study]
    treatment = dossier.treatments[row.treatment]
    said = voice.say(found(row, dossier))
    if name_outcome:
        said = Markup("{}: {}").format(voice.say(dossier.outcomes[row.outcome].name), said)
    if row.n is not None and row.events is None:
        said = Markup("{} {}").format(said, voice.text("report.found.people", n=row.n))
    if row.p_value is not None:
        said = Markup("{} {}").format(said, voice.text("report.found.p", p=row.p_value))
    return EvidenceRow(
        study=voice.say(study.label),
        design=key_of(study.design.value),
        given=voice.say(treatment.name),
        regimen=regimen(row, voice),
        when=voice.text("report.found.after_weeks", n=row.followup_weeks) if row.followup_weeks is not None else None,
        found=said,
        status=key_of(row.status.value),
        risk_of_bias=key_of(study.risk_of_bias.value),
        inferred=row.inferred,
        note=voice.say(row.note) if row.note else None,
        cites=voice.cite((row.source,)),
    )


def regimen(row: Result, voice: Voice) -> Markup | None:
    """`1,200 mg a session, 2 a week, for 6 weeks`: what the row says of it and no more."""
    parts = []
    if row.dose_mg is not None:
        parts.append(voice.text("report.found.dose", dose=row.dose_mg))
    if row.sessions_per_week is not None:
        parts.append(voice.text("report.found.per_week", n=row.sessions_per_week))
    if row.weeks is not None:
        parts.append(voice.text("report.found.for_weeks", n=row.weeks))
    return voice.text("list.comma").join(parts) or None

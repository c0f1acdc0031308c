"""What the page rests on: inputs, studies, findings, methods, sources and who made it.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

from dataclasses import dataclass

from markupsafe import Markup

from evenhand.dossier.records import Parameter, Source, Study
from evenhand.integrity.finding import Finding, Severity
from evenhand.report.lookup import Lookup
from evenhand.report.vancouver import links, vancouver
from evenhand.report.voice import Voice
from evenhand.words import key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRow:
    """One named input of the formulas."""

    anchor: str
    name: str
    label: Markup
    value: Markup
    range: Markup | None
    unit: str
    is_assumption: bool
    verified: bool
    note: Markup | None
    cites: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRow:
    """One study."""

    label: Markup
    year: str
    design: str
    population: Markup | None
    randomised: Markup | None
    analysed: Markup | None
    risk_of_bias: str
    risk_of_bias_reason: Markup | None
    blinding: Markup | None
    funding: Markup | None
    note: Markup | None
    cites: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One check that did not come out."""

    study: Markup
    check: Markup
    severity: str
    detail: Markup
    means: Markup  # for the reader
    outcome: Markup | None
    cites: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One numbered source."""

    number: int
    text: Markup
    kind: Markup | None
    links: tuple[tuple[str, str], ...]
    cited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorLine:
    """One combination of likelihood and priors that the effects used."""

    likelihood: Markup
    mu: str
    tau: str


def input_rows(lookup: Lookup, voice: Voice) -> tuple[InputRow, ...]:
    """Every parameter of the dossier, in its order."""
    return tuple(_input(parameter, voice) for parameter in lookup.dossier.parameters.values())


def study_rows(lookup: Lookup, voice: Voice) -> tuple[StudyRow, ...]:
    """Every study of the dossier, in its order."""
    return tuple(_study(study, voice) for study in lookup.dossier.studies.values())


def finding_rows(lookup: Lookup, voice: Voice) -> tuple[FindingRow, ...]:
    """Findings as the integrity room ordered them, the serious ones first."""
    order = {"serious": 0, "concern": 1, "note": 2}
    dossier = lookup.dossier
    rows = []
    for finding in sorted(lookup.assessment.findings, key=lambda finding: order[finding.severity.value]):
        study = dossier.studies.get(finding.study)
        outcome = dossier.outcomes.get(finding.outcome or "")
        rows.append(
            FindingRow(
                study=voice.say(study.label if study else finding.study),
                check=_check(finding.check, voice),
                severity=finding.severity.value,
                detail=voice.say(finding.detail),
                means=_means(finding, voice),
                outcome=voice.say(outcome.name) if outcome else None,
                cites=voice.cite((study.source,)) if study else Markup(""),
            )
        )
    return tuple(rows)


def references(voice: Voice) -> tuple[Reference, ...]:
    """Sources by their number on the page; those that nothing cites follow, so that none is hidden."""
    rows = [_reference(voice.sources[key], number, voice, cited=True) for key, number in voice.numbers.items()]
    rest = [source for key, source in voice.sources.items() if key not in voice.numbers]
    rows += [_reference(source, len(rows) + place, voice, cited=False) for place, source in enumerate(rest, start=1)]
    return tuple(rows)


def prior_lines(lookup: Lookup, voice: Voice) -> tuple[PriorLine, ...]:
    """Each combination once, in order of first use."""
    seen = dict.fromkeys(
        (effect.pooled.posterior.likelihood, effect.pooled.posterior.prior_mu, effect.pooled.posterior.prior_tau)
        for effect in lookup.assessment.effects
    )
    lines = []
    for likelihood, mu, tau in seen:
        key = f"report.likelihood.{likelihood.replace(' ', '_')}"
        name = voice.text(key) if voice.catalogue.has(key) else voice.say(likelihood)
        lines.append(PriorLine(likelihood=name, mu=mu, tau=tau))
    return tuple(lines)


def _means(finding: Finding, voice: Voice) -> Markup:
    """What follows from a finding: by its check, else by how serious it is; a note changes nothing."""
    of_check = f"report.findings.means_of.{key_of(finding.check)}"
    if finding.severity is not Severity.NOTE and voice.catalogue.has(of_check):
        return voice.text(of_check)
    return voice.text(f"report.findings.means_{finding.severity.value}")


def _check(name: str, voice: Voice) -> Markup:
    key = f"report.check.{key_of(name)}"
    return voice.text(key) if voice.catalogue.has(key) else voice.say(name)


def _input(parameter: Parameter, voice: Voice) -> InputRow:
    ends = None
    if parameter.low is not None and parameter.high is not None:
        low, high = voice.catalogue.number(parameter.low), voice.catalogue.number(parameter.high)
        ends = Markup.escape(voice.catalogue.interval(low, high))
    return InputRow(
        anchor=f"input-{parameter.name}",
        name=parameter.name,
        label=voice.say(parameter.label),
        value=voice.number(parameter.value),
        range=ends,
        unit=parameter.unit,
        is_assumption=parameter.kind == "assumption",
        verified=parameter.verified,
        note=voice.say(parameter.note) if parameter.note else None,
        cites=voice.cite((parameter.source,)),
    )


def _study(study: Study, voice: Voice) -> StudyRow:
    def text(value: str | None) -> Markup | None:
        return voice.say(value) if value else None

    return StudyRow(
        label=voice.say(study.label),
        year="" if study.year is None else str(study.year),
        design=key_of(study.design.value),
        population=text(study.population),
        randomised=None if study.n_randomised is None else voice.number(study.n_randomised),
        analysed=None if study.n_analysed is None else voice.number(study.n_analysed),
        risk_of_bias=key_of(study.risk_of_bias.value),
        risk_of_bias_reason=voice.say(study.risk_of_bias_reason) if study.risk_of_bias_reason else None,
        blinding=text(study.blinding),
        funding=text(study.funding),
        note=text(study.note),
        cites=voice.cite((study.source,)),
    )


def _reference(source: Source, number: int, voice: Voice, *, cited: bool) -> Reference:
    return Reference(
        number=number,
        text=voice.say(vancouver(source)),
        kind=voice.say(source.kind) if source.kind else None,
        links=links(source),
        cited=cited,
    )

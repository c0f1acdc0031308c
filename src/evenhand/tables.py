"""An assessment as flat tables: rows of plain values, and pandas data frames of them.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [tables] → assessment → report

`report.json_document` writes the same rows, so that a column and a field of the same name always agree.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from types import UnionType
from typing import TYPE_CHECKING, Any, Protocol, get_args

from evenhand.certainty.rating import Rating
from evenhand.dossier.records import Dossier, OutcomeType, Parameter, Source
from evenhand.html_table import html_table
from evenhand.integrity.finding import Finding
from evenhand.outlook.absolute import Absolute
from evenhand.outlook.absolutes import PER_PEOPLE
from evenhand.synthesis.pooled import Pooled
from evenhand.synthesis.sensitivity.specification import Multiverse, Specification
from evenhand.verdicts.verdict import JudgedClaim
from evenhand.words import key_of
from evenhand.words.catalogue import Catalogue

if TYPE_CHECKING:
    import pandas as pd

_DTYPES: dict[Any, str] = {str: "string", float: "float64", int: "Int64", bool: "bool"}


class RatedEffect(Protocol):
    """A pooled effect with its certainty, as an assessment holds it."""

    @property
    def pooled(self) -> Pooled:
        """The effect."""

    @property
    def rating(self) -> Rating:
        """How sure it is."""

    @property
    def multiverse(self) -> Multiverse | None:
        """Every defensible analysis of it."""


class Assessed(Protocol):
    """What the tables read of an assessment."""

    @property
    def dossier(self) -> Dossier:
        """The evidence."""

    @property
    def claims(self) -> tuple[JudgedClaim, ...]:
        """Every claim with its verdict."""

    @property
    def effects(self) -> Sequence[RatedEffect]:
        """Every pooled effect with its rating."""

    @property
    def absolutes(self) -> tuple[Absolute, ...]:
        """Every outcome under every scenario."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """An absolute amount: of 1,000 people where the outcome is counted, in `unit` where it is measured."""

    scenario: str | None
    per_1000: float | None  # None where nobody measured it, and for a continuous outcome
    value: float | None  # None where nobody measured it, and for people of 1,000
    lower: float | None  # 95 % credible limits of whichever of the two is filled
    upper: float | None
    unit: str | None
    difference: float | None  # against the question's comparator, same unit
    difference_lower: float | None
    difference_upper: float | None
    basis: str | None  # an `outlook.absolute.Basis`


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeSize:
    """A pooled effect on the scale people read: a ratio, a difference or a proportion."""

    measure: str | None
    estimate: float | None  # posterior median
    lower: float | None  # 95 % credible limits
    upper: float | None
    k: int | None  # studies
    n: int | None  # participants; None where a study does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One claim of the article with its verdict."""

    id: str
    text: str
    hand: str
    verdict: str  # a `verdicts.verdict.Verdict`
    certainty: str | None  # 'high', 'moderate', 'low', 'very low'; None where nothing was measured
    reason: str
    rule: str
    outcome: str | None  # the outcome whose size is shown
    outcomes: tuple[str, ...]
    treatment: str
    comparator: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """One outcome's effect of one treatment across its studies."""

    outcome: str
    treatment: str
    comparator: str | None  # None: a proportion or mean of one arm
    measure: str
    estimate: float
    lower: float
    upper: float
    k: int
    n: int | None
    tau2: float | None
    certainty: str
    likelihood: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificationRow:
    """One defensible analysis of one pooled effect: what was chosen, and what came of it."""

    outcome: str
    treatment: str
    comparator: str | None
    leads: bool  # whether it is the one that the report leads with
    measure: str
    studies: str  # 'all', 'one left out', 'without high risk of bias', …
    left_out: str | None  # label of the one study
    zero_cells: str
    model: str
    interval: str  # 'z', 'knha', 'adhoc', 'credible'
    prior: str | None
    scale: str  # of the three that follow: 'per 1000', 'unit', or 'own' (the measure's analysis scale)
    estimate: float | None  # positive: more under treatment
    lower: float | None
    upper: float | None
    native_estimate: float | None  # on the measure's own scale, as people read it
    native_lower: float | None
    native_upper: float | None
    k: int
    tau2: float | None
    converged: bool
    problem: str | None  # why there is no estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsoluteRow:
    """One outcome under one scenario."""

    outcome: str
    treatment: str
    scenario: str
    per_1000: float | None
    value: float | None
    lower: float | None
    upper: float | None
    unit: str | None
    difference: float | None
    difference_lower: float | None
    difference_upper: float | None
    basis: str | None
    reason: str
    events: int | None  # of `n`, where the number is one arm's count
    n: int | None
    unverified: tuple[str, ...]
    assumptions: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One check on one study that did not come out."""

    study: str
    check: str
    severity: str
    detail: str
    outcome: str | None
    rows: tuple[int, ...]  # lines of results.csv


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRow:
    """One named input."""

    name: str
    label: str
    value: float
    low: float | None
    high: float | None
    unit: str
    kind: str
    verified: bool
    source: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source of figures."""

    id: str
    authors: str | None
    title: str
    journal: str | None
    year: str | None
    doi: str | None
    pmid: str | None
    url: str | None
    kind: str | None
    note: str | None


def size(absolute: Absolute | None, dossier: Dossier, catalogue: Catalogue) -> Size:
    """The amount of one outcome; all None where there is no number."""
    if absolute is None:
        return Size(**dict.fromkeys(_names(Size)))
    counted = dossier.outcomes[absolute.outcome].type is OutcomeType.BINARY
    value, difference = absolute.value, absolute.difference
    return Size(
        scenario=absolute.scenario,
        per_1000=value.value if value and counted else None,
        value=value.value if value and not counted else None,
        lower=value.lower if value else None,
        upper=value.upper if value else None,
        unit=PER_PEOPLE if counted else catalogue.say(dossier.outcomes[absolute.outcome].unit),
        difference=difference.value if difference else None,
        difference_lower=difference.lower if difference else None,
        difference_upper=difference.upper if difference else None,
        basis=absolute.basis.value,
    )


def relative_size(pooled: Pooled | None) -> RelativeSize:
    """The relative effect behind a claim; all None where there is none."""
    if pooled is None:
        return RelativeSize(**dict.fromkeys(_names(RelativeSize)))
    return RelativeSize(
        measure=pooled.measure,
        estimate=pooled.estimate,
        lower=pooled.lower,
        upper=pooled.upper,
        k=pooled.k,
        n=pooled.n,
    )


def claim_row(judged: JudgedClaim, dossier: Dossier, catalogue: Catalogue) -> ClaimRow:
    """A judged claim, in the catalogue's language; verdict and certainty stay in the fixed words of data."""
    claim = next(claim for claim in dossier.claims if claim.id == judged.claim)
    return ClaimRow(
        id=claim.id,
        text=catalogue.say(claim.text),
        hand=claim.hand.value,
        verdict=judged.verdict.value,
        certainty=judged.rating.level.word if judged.rating else None,
        reason=" ".join(catalogue.say(reason) for reason in judged.reasons),
        rule=judged.rule,
        outcome=judged.outcome,
        outcomes=claim.outcomes,
        treatment=claim.treatment,
        comparator=claim.comparator,
        sources=claim.sources,
    )


def effect_row(effect: RatedEffect) -> EffectRow:
    """A pooled effect on the scale people read."""
    pooled = effect.pooled
    return EffectRow(
        outcome=pooled.outcome,
        treatment=pooled.treatment,
        comparator=pooled.comparator,
        measure=pooled.measure,
        estimate=pooled.estimate,
        lower=pooled.lower,
        upper=pooled.upper,
        k=pooled.k,
        n=pooled.n,
        tau2=pooled.tau2,
        certainty=effect.rating.level.word,
        likelihood=pooled.posterior.likelihood,
    )


def specification_rows(effect: RatedEffect) -> list[SpecificationRow]:
    """Every analysis of an effect, in the order in which they were made; none where there is one arm alone."""
    found = effect.multiverse
    if found is None:
        return []
    return [
        _specification_row(effect.pooled, one, found.scale, leads=place == found.lead)
        for place, one in enumerate(found.specifications)
    ]


def _specification_row(pooled: Pooled, one: Specification, scale: str, *, leads: bool) -> SpecificationRow:
    return SpecificationRow(
        outcome=pooled.outcome,
        treatment=pooled.treatment,
        comparator=pooled.comparator,
        leads=leads,
        measure=one.measure,
        studies=one.studies,
        left_out=one.left_out,
        zero_cells=one.zero_cells,
        model=one.model,
        interval=one.interval,
        prior=one.prior,
        scale=scale,
        estimate=_known(one.estimate),
        lower=_known(one.ci_lower),
        upper=_known(one.ci_upper),
        native_estimate=_known(one.native_estimate),
        native_lower=_known(one.native_ci_lower),
        native_upper=_known(one.native_ci_upper),
        k=one.k,
        tau2=one.tau2,
        converged=one.converged,
        problem=one.reason,
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def absolute_row(absolute: Absolute, dossier: Dossier, catalogue: Catalogue) -> AbsoluteRow:
    """One outcome under one scenario, with where the number comes from."""
    events, n = absolute.counts or (None, None)
    return AbsoluteRow(
        outcome=absolute.outcome,
        treatment=absolute.treatment,
        reason=catalogue.say(absolute.reason),
        events=events,
        n=n,
        unverified=absolute.unverified,
        assumptions=absolute.assumptions,
        sources=absolute.sources,
        **asdict(size(absolute, dossier, catalogue)),
    )


def finding_row(finding: Finding, catalogue: Catalogue) -> FindingRow:
    """A finding, in the catalogue's language."""
    return FindingRow(
        study=finding.study,
        check=finding.check,
        severity=finding.severity.value,
        detail=catalogue.say(finding.detail),
        outcome=finding.outcome,
        rows=finding.rows,
    )


def parameter_row(parameter: Parameter, catalogue: Catalogue) -> ParameterRow:
    """A named input with its limits as the dossier gives them."""
    return ParameterRow(
        name=parameter.name,
        label=catalogue.say(parameter.label),
        value=parameter.value,
        low=parameter.low,
        high=parameter.high,
        unit=parameter.unit,
        kind=parameter.kind,
        verified=parameter.verified,
        source=parameter.source,
        note=parameter.note,
    )


def source_row(source: Source) -> SourceRow:
    """A source, its key as `id`."""
    return SourceRow(
        id=source.key,
        authors=source.authors,
        title=source.title,
        journal=source.journal,
        year=source.year,
        doi=source.doi,
        pmid=source.pmid,
        url=source.url,
        kind=source.kind,
        note=source.note,
    )


class Tables:
    """An assessment's tables as pandas data frames; what is not known is missing, never 0.

    Parameters
    ----------
    assessment : Assessment
    language : str
        Of the texts for people in them; column names and fixed words stay English, as in the JSON document.
    """

    def __init__(self, assessment: Assessed, language: str = "en") -> None:
        self._assessment = assessment
        self._catalogue = Catalogue.load(language)

    def _repr_html_(self) -> str:
        """The claims with their verdicts, for a notebook."""
        say, dossier = self._catalogue.text, self._assessment.dossier
        rows = []
        for judged in self._assessment.claims:
            row = claim_row(judged, dossier, self._catalogue)
            verdict, certainty = (key_of(word) for word in (row.verdict, row.certainty or "none"))
            rows.append((row.text, say(f"verdict.word.{verdict}"), say(f"certainty.word.{certainty}"), row.reason))
        return html_table(
            self._catalogue.say(dossier.question.title),
            [say(f"notebook.{name}") for name in ("claim", "verdict", "certainty", "reason")],
            rows,
            language=self._catalogue.language,
            direction=self._catalogue.direction,
        )

    @property
    def claims(self) -> "pd.DataFrame":
        """One row a claim: columns of `ClaimRow`, of `RelativeSize`, and of `Size` as `absolute_…`."""
        dossier = self._assessment.dossier
        rows = [
            asdict(claim_row(judged, dossier, self._catalogue))
            | asdict(relative_size(judged.pooled))
            | _prefixed(asdict(size(judged.absolute, dossier, self._catalogue)))
            for judged in self._assessment.claims
        ]
        return _frame(rows, _columns(ClaimRow) | _columns(RelativeSize) | _prefixed(_columns(Size)))

    @property
    def effects(self) -> "pd.DataFrame":
        """One row a pooled effect: columns of `EffectRow`."""
        return _frame([asdict(effect_row(effect)) for effect in self._assessment.effects], _columns(EffectRow))

    @property
    def multiverse(self) -> "pd.DataFrame":
        """One row a defensible analysis of a pooled effect: columns of `SpecificationRow`."""
        rows = [asdict(row) for effect in self._assessment.effects for row in specification_rows(effect)]
        return _frame(rows, _columns(SpecificationRow))

    @property
    def absolute(self) -> "pd.DataFrame":
        """One row an outcome and scenario: columns of `AbsoluteRow`."""
        dossier = self._assessment.dossier
        rows = [asdict(absolute_row(row, dossier, self._catalogue)) for row in self._assessment.absolutes]
        return _frame(rows, _columns(AbsoluteRow))

    @property
    def findings(self) -> "pd.DataFrame":
        """One row a finding: columns of `FindingRow`."""
        rows = [asdict(finding_row(finding, self._catalogue)) for finding in self._assessment.findings]
        return _frame(rows, _columns(FindingRow))

    @property
    def sources(self) -> "pd.DataFrame":
        """One row a source: columns of `SourceRow`."""
        rows = [asdict(source_row(source)) for source in self._assessment.dossier.sources.values()]
        return _frame(rows, _columns(SourceRow))

    @property
    def parameters(self) -> "pd.DataFrame":
        """One row a named input: columns of `ParameterRow`."""
        rows = [asdict(parameter_row(row, self._catalogue)) for row in self._assessment.dossier.parameters.values()]
        return _frame(rows, _columns(ParameterRow))


def _names(row: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(row))


def _columns(row: type) -> dict[str, str]:
    """Column name to pandas dtype, from the row's own annotations: the same types whatever the rows hold."""
    columns = {}
    for field in fields(row):
        # `int | None` gives its parts; a plain `int` is its own; a tuple, joined to text, is none of them.
        kinds = get_args(field.type) if isinstance(field.type, UnionType) else (field.type,)
        columns[field.name] = next((_DTYPES[kind] for kind in kinds if kind in _DTYPES), "string")
    return columns


def _prefixed(columns: dict[str, Any]) -> dict[str, Any]:
    return {f"absolute_{name}": value for name, value in columns.items()}


def _frame(rows: list[dict[str, Any]], columns: dict[str, str]) -> "pd.DataFrame":
    import pandas as pd  # 0.9 s: only whoever asks for a frame pays it

    # Lists become text, so that a frame goes to a spreadsheet and can be grouped by any column.
    flat = [{name: ", ".join(map(str, v)) if isinstance(v, tuple) else v for name, v in row.items()} for row in rows]
    return pd.DataFrame(flat, columns=list(columns)).astype(columns)

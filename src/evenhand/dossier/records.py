"""What a dossier holds once it has been read: every value typed, nothing computed.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report

`None` always means "not reported"; a zero stands only where somebody counted and found none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evenhand.distributions import Distribution
    from evenhand.dossier.formula import Formula


@dataclass(frozen=True, slots=True)
class Words:
    """One text for people, in each language its author wrote it in; `en` is always there."""

    en: str
    ar: str | None = None

    def in_language(self, language: str) -> str:
        """The text in `language`, or in English where nobody has translated it."""
        return self.ar if language == "ar" and self.ar else self.en

    def is_translated(self, language: str) -> bool:
        """Whether `in_language` will answer in `language` itself."""
        return language == "en" or (language == "ar" and bool(self.ar))


class Hand(StrEnum):
    """On the one hand, on the other hand."""

    BENEFIT = "benefit"
    HARM = "harm"


class OutcomeType(StrEnum):
    """What is counted or measured of an outcome."""

    BINARY = "binary"  # people who have it, out of all
    CONTINUOUS = "continuous"  # a scale
    MECHANISM = "mechanism"  # a process in the laboratory; plausibility, no size


class Design(StrEnum):
    """What kind of evidence a study can give, from the most to the least it can say."""

    RANDOMISED = "randomised"
    COMPARATIVE = "comparative"  # arms compared, not (or not known to be) randomised
    ONE_ARM = "one arm"
    SURVEY = "survey"  # counts of practice or prevalence
    CASE_REPORT = "case report"  # described patients, no denominator
    NOTICE = "notice"  # a regulator or society says so
    ANIMAL = "animal"
    LABORATORY = "laboratory"
    REVIEW = "review"


class RiskOfBias(StrEnum):
    """Risk of bias of a whole study, in the words of RoB 2."""

    LOW = "low"
    SOME = "some concerns"
    HIGH = "high"
    UNCLEAR = "not assessed"


class Status(StrEnum):
    """What a row of results says of its outcome."""

    COUNTED = "counted"  # there are figures
    DIRECTION = "direction"  # the paper says which way, without figures
    HAPPENED = "happened"  # described patients had it; no denominator
    SAID = "said"  # a notice names it; no patient is described
    NOT_REPORTED = "not reported"  # measured or not, no figure can be had; never zero


class Direction(StrEnum):
    """Which way a result without figures points, for the treatment of its row."""

    BETTER = "better"
    NO_DIFFERENCE = "no clear difference"
    WORSE = "worse"


class Says(StrEnum):
    """What kind of thing a claim asserts of its outcomes."""

    HELPS = "helps"  # a good thing happens
    HARMS = "harms"  # a bad thing happens
    SAFE = "safe"  # none of the bad things happens
    ALTERNATIVE = "alternative"  # at least as good as the comparator on every outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One entry of sources.bib."""

    key: str
    title: str
    authors: str | None = None
    journal: str | None = None
    year: str | None = None
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None
    kind: str | None = None  # 'trial abstract', 'regulator notice', …: what was in front of the reader
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """Something that can be done, or left undone."""

    id: str
    name: Words
    features: frozenset[str] = frozenset()  # 'needle', 'infusion', …: what an outcome's `only_with` asks for
    stands_for: str | None = None  # id of the treatment whose place it takes as a control ('placebo' for 'nothing')


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One GRADE domain as a person judged it: steps down (negative) or up, and why."""

    domain: str  # a name in certainty.domains.DOMAINS
    steps: int
    reason: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A good or bad thing that may happen, and how it is measured."""

    id: str
    name: Words  # as it stands in a table: 'Skin tone looks lighter'
    hand: Hand
    type: OutcomeType
    unit: Words  # 'people' for a binary outcome, else the scale's unit
    serious: bool = False  # endangers life, needs hospital or lasts
    # A scale says so always. Of people counted, None: more of a benefit is good, more of a harm bad. False of a benefit
    # is an event that the treatment is to prevent, such as a stroke.
    higher_is_better: bool | None = None
    measure: str | None = None  # name in effects.MEASURES; None takes the type's default
    threshold: float | None = None  # smallest difference that matters: people of 1,000, or `unit`
    threshold_source: str | None = None
    baseline: str | None = None  # parameter: risk without treatment; None takes the control arms
    only_with: str | None = None  # feature without which the outcome cannot come about (exactly zero)
    formula: "Formula | None" = None  # risk or value, over parameters and the scenario's variables
    horizon: Words | None = None  # 'over a course', 'at 6 weeks': the time in every sentence
    judgements: tuple[Judgement, ...] = ()
    whole_numbers: bool = False  # each person's value is a whole number, so that printed means can be checked (GRIM)
    row: int | None = None  # line in dossier.yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence of the article that the dossier answers."""

    id: str
    text: Words
    hand: Hand
    says: Says
    outcomes: tuple[str, ...]
    treatment: str
    comparator: str
    note: Words | None = None  # what stands behind the claim, in two sentences
    depends: Words | None = None  # what nobody has measured of the dependence the claim names
    sources: tuple[str, ...] = ()
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A treatment as it would be used: regimen, handling, product."""

    id: str
    name: Words
    treatment: str
    values: Mapping[str, float | str]  # a formula's variable → number, or name of a parameter
    note: Words | None = None
    default: bool = False
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line or bar of a dependence picture."""

    name: Words
    values: Mapping[str, float | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """A harm or benefit as it depends on something, to be drawn and tabulated."""

    id: str
    claim: str
    outcome: str
    kind: str  # 'curve' over a variable, 'bars' one a line, 'measured' results by dose
    title: Words
    read: Words  # how to read it, and what nobody has measured
    variable: str | None = None
    variable_name: Words | None = None
    start: float | None = None
    stop: float | None = None
    lines: tuple[Line, ...] = ()
    values: Mapping[str, float | str] = field(default_factory=dict)  # for every line
    sources: tuple[str, ...] = ()
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """A reason for this reader to be careful, and the question to put to a specialist."""

    id: str
    who: Words
    why: Words
    ask: Words
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A named input: a figure somebody measured, or a choice the dossier makes."""

    name: str
    label: Words
    distribution: "Distribution"
    value: float
    low: float | None
    high: float | None
    unit: str
    kind: str  # 'estimate' or 'assumption'
    verified: bool  # False: remembered, not read; the report marks it
    source: str | None
    note: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One row of studies.csv."""

    id: str
    label: str
    year: int | None
    design: Design
    risk_of_bias: RiskOfBias
    risk_of_bias_reason: Words | None
    blinding: str | None
    population: str | None
    n_randomised: int | None
    n_analysed: int | None
    funding: str | None
    source: str
    note: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One row of results.csv: an arm (or, with `comparator`, a contrast) on one outcome at one time."""

    study: str
    outcome: str
    treatment: str
    arm: str  # the arm's name in the paper
    comparator: str | None  # filled: the figures are of the difference treatment − comparator
    followup_weeks: float | None
    dose_mg: float | None
    sessions_per_week: float | None
    weeks: float | None
    n_randomised: int | None
    n: int | None
    events: int | None
    percent: str | None  # as printed, with its decimals
    mean: float | None
    sd: float | None
    se: float | None
    ci_lower: float | None
    ci_upper: float | None
    p_value: str | None  # as printed: '0.054', '<0.001'
    p_test: str | None  # 'two arms', 'all arms', 'within': what the printed p compares
    status: Status
    direction: Direction | None
    source: str
    inferred: bool  # a reader's inference from the text, not a printed figure
    note: str | None = None
    mean_printed: str | None = None  # as written, with its decimals, for GRIM
    sd_printed: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, of whom, and who asks."""

    title: Words
    population: Words
    treatment: str
    comparator: str
    main_benefit: str  # outcome id: the good thing people come for
    answer_note: Words | None = None  # the study that would tell, in one sentence
    searched: str | None = None  # ISO date of the evidence search
    next_review: str | None = None
    made_by: Words | None = None
    funding: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A folder of evidence, read and checked."""

    question: Question
    treatments: Mapping[str, Treatment]
    outcomes: Mapping[str, Outcome]
    claims: tuple[Claim, ...]
    scenarios: tuple[Scenario, ...]
    dependences: tuple[Dependence, ...]
    cautions: tuple[Caution, ...]
    parameters: Mapping[str, Parameter]
    studies: Mapping[str, Study]
    results: tuple[Result, ...]
    sources: Mapping[str, Source]
    sha256: str  # over the names and bytes of the five files
    notices: tuple[str, ...] = ()  # what the reader had to guess: ';' as separator, decimal commas, a BOM

"""What may stand where in dossier.yaml, as pydantic models.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from evenhand.dossier.cells import ID, ID_MEND
from evenhand.dossier.records import Hand, OutcomeType, Says, Words


def _refused(problem: str, mend: str, key: str | None = None) -> PydanticCustomError:
    # Pydantic fills the braces of a message from its context, so the texts travel in the context alone.
    context: dict[str, Any] = {"problem": problem, "mend": mend, "key": key}
    return PydanticCustomError("refused", "{problem}", context)


def _words(value: Any) -> Words:
    """A string (English), or a mapping of languages."""
    if isinstance(value, str):
        value = {"en": value}
    if not isinstance(value, dict):
        raise _refused("not a text", "write a text (in quotes if it looks like a number), or {en: …, ar: …}")
    for language, text in value.items():
        if language not in ("en", "ar"):
            # `{en: “One, and two”}`: the comma ends the text, and the rest is taken for a language.
            mend = "write en or ar; a text with a comma inside { } stands in straight quotation marks"
            raise _refused(f"no such language: '{language}'", mend, language)
        if not isinstance(text, str):
            raise _refused("not a text", "put it in quotes if it looks like a number", language)
        if not text.strip():
            raise _refused("an empty text", "write it, or take the key out", language)
    if "en" not in value:
        raise _refused("no English text", "add 'en: …': what is not translated appears in English")
    clean = {language: " ".join(text.split()) for language, text in value.items()}
    return Words(clean["en"], clean.get("ar"))


def _id(value: Any) -> str:
    if not isinstance(value, str):
        raise _refused("not an id", f"put it in quotes; {ID_MEND}")
    if not ID.fullmatch(value):
        raise _refused("not an id", ID_MEND)
    return value


def _number_or_name(value: Any) -> float | str:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _refused("neither a number nor a parameter's name", "write a number, or a name of parameters.csv")
    if isinstance(value, str):
        return value
    return _finite(value)


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _refused("not a number", "write digits with a point before the decimals, without quotes")
    number = float(value)
    if not abs(number) < float("inf"):
        raise _refused("not a finite number", "check its exponent")
    return number


def _day(value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise _refused("not a date", "write year-month-day, such as 2026-11-23") from None


_Words = Annotated[Words, PlainValidator(_words)]
_Id = Annotated[str, PlainValidator(_id)]
_Number = Annotated[float, PlainValidator(_finite)]
_Day = Annotated[str, PlainValidator(_day)]
_Values = dict[str, Annotated[float | str, PlainValidator(_number_or_name)]]


class _Model(BaseModel):
    # Built once, from the root down; each class on its own would build its parts again.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class QuestionModel(_Model):
    """What is asked."""

    population: _Words
    treatment: _Id
    comparator: _Id
    main_benefit: _Id
    answer_note: _Words | None = None
    searched: _Day | None = None
    next_review: _Day | None = None
    made_by: _Words | None = None
    funding: _Words | None = None


class TreatmentModel(_Model):
    """An entry of `treatments`."""

    name: _Words
    features: list[_Id] = []
    stands_for: _Id | None = None


class JudgementModel(_Model):
    """One domain of an outcome's `judgements`."""

    steps: int
    reason: _Words


class OutcomeModel(_Model):
    """An entry of `outcomes`."""

    name: _Words
    hand: Hand = Field(strict=False)
    type: OutcomeType = Field(strict=False)
    unit: _Words
    serious: bool = False
    whole_numbers: bool = False
    better: Literal["higher", "lower"] | None = None
    measure: str | None = None
    threshold: _Number | None = None
    threshold_source: str | None = None
    baseline: str | None = None
    only_with: _Id | None = None
    formula: str | None = None
    horizon: _Words | None = None
    judgements: dict[str, JudgementModel] = {}


class ClaimModel(_Model):
    """An entry of `claims`."""

    id: _Id
    text: _Words
    hand: Hand = Field(strict=False)
    says: Says = Field(strict=False)
    outcome: _Id | None = None
    outcomes: list[_Id] | None = None
    treatment: _Id | None = None
    comparator: _Id | None = None
    note: _Words | None = None
    depends: _Words | None = None
    sources: list[str] = []


class ScenarioModel(_Model):
    """An entry of `scenarios`."""

    id: _Id
    name: _Words
    treatment: _Id
    default: bool = False
    values: _Values = {}
    note: _Words | None = None


class OverModel(_Model):
    """What a curve is drawn over."""

    variable: str
    name: _Words
    start: _Number = Field(alias="from")
    stop: _Number = Field(alias="to")


class LineModel(_Model):
    """One line or bar."""

    name: _Words
    values: _Values = {}


class DependenceModel(_Model):
    """An entry of `dependences`."""

    id: _Id
    claim: _Id
    outcome: _Id
    kind: Literal["curve", "bars", "measured"]
    title: _Words
    read: _Words
    over: OverModel | None = None
    values: _Values = {}
    lines: list[LineModel] = []
    sources: list[str] = []


class CautionModel(_Model):
    """An entry of `cautions`."""

    id: _Id
    who: _Words
    why: _Words
    ask: _Words
    sources: list[str] = Field(min_length=1)


class Root(_Model):
    """The whole file."""

    evenhand: int
    title: _Words
    question: QuestionModel
    treatments: dict[str, TreatmentModel] = Field(min_length=1)
    outcomes: dict[str, OutcomeModel] = Field(min_length=1)
    claims: list[ClaimModel] = []
    scenarios: list[ScenarioModel]
    dependences: list[DependenceModel] = []
    cautions: list[CautionModel] = []

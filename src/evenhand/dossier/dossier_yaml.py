"""dossier.yaml: what is asked, what is claimed, and under which circumstances.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report

The models say what may stand where; `evenhand.dossier.records` is what the rest of the project sees of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from evenhand.dossier.cells import ID, ID_MEND
from evenhand.dossier.dossier_models import (
    CautionModel,
    ClaimModel,
    DependenceModel,
    JudgementModel,
    OutcomeModel,
    QuestionModel,
    Root,
    ScenarioModel,
    TreatmentModel,
)
from evenhand.dossier.formula import Formula, FormulaError, parse_formula
from evenhand.dossier.ledger import Ledger
from evenhand.dossier.nearest import mend_of_name, mend_of_word
from evenhand.dossier.records import (
    Caution,
    Claim,
    Dependence,
    Hand,
    Judgement,
    Line,
    Outcome,
    OutcomeType,
    Question,
    Scenario,
    Treatment,
)
from evenhand.dossier.text_file import decode
from evenhand.dossier.yaml_values import Document, Path, read_yaml

FILE = "dossier.yaml"
FORMAT = 1
MEASURES: Mapping[OutcomeType, tuple[str, ...]] = {
    OutcomeType.BINARY: ("OR", "RR", "RD", "HR"),
    OutcomeType.CONTINUOUS: ("MD", "SMD", "ROM"),
    OutcomeType.MECHANISM: ("OR", "RR", "RD", "HR", "MD", "SMD", "ROM"),
}
# GRADE's domains, with the steps that a judgement may take on each.
DOMAINS: Mapping[str, tuple[int, int]] = {
    "risk_of_bias": (-3, 0),
    "inconsistency": (-2, 0),
    "indirectness": (-3, 0),
    "imprecision": (-3, 0),
    "publication_bias": (-2, 0),
    "large_effect": (0, 2),
    "dose_response": (0, 1),
    "opposing_confounding": (0, 1),
}
_PEOPLE = 1000
_MAPPINGS = ("treatments", "outcomes")  # sections by id
_LISTS = ("claims", "scenarios", "dependences", "cautions")  # sections whose entries have an 'id'


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What dossier.yaml says, before it meets the tables."""

    question: Question
    treatments: Mapping[str, Treatment]
    outcomes: Mapping[str, Outcome]
    claims: tuple[Claim, ...]
    scenarios: tuple[Scenario, ...]
    dependences: tuple[Dependence, ...]
    cautions: tuple[Caution, ...]
    broken: frozenset[str] = frozenset()  # sections of which an entry could not be read and is left out
    broken_formulas: frozenset[str] = frozenset()  # outcomes whose formula could not be read


def read_frame(content: bytes, ledger: Ledger) -> Frame | None:
    """All of dossier.yaml that can be read, the faults of the rest noted; None where too little is left."""
    text = decode(content, ledger)
    document = None if text is None else read_yaml(text, ledger)
    if document is None:
        return None
    if not isinstance(document.value, dict):
        ledger.fault("not a mapping of keys", "begin with 'evenhand: 1'; see the dossier of 'evenhand new'", row=1)
        return None
    reader = _Reader(document, ledger)
    reader.open_names()
    reader.mention_names()
    root = reader.validate()
    return None if root is None else reader.frame(root)


class _Reader:
    """From a YAML document to records, each fault with its line."""

    def __init__(self, document: Document, ledger: Ledger) -> None:
        self._document = document
        self._ledger = ledger
        self._broken: set[str] = set()
        # Places of a section's entries in the file, for those that are read.
        self._places = {section: list(range(_length(document.value.get(section)))) for section in _LISTS}

    # -- from values to models ---------------------------------------------------------------------------------------

    def validate(self) -> Root | None:
        """The file's models, without the entries that are faulty: the faults of others are found all the same."""
        try:
            return Root.model_validate(self._document.value)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
        for detail in details:
            self._say(detail)
        rest = self._without_faulty([(detail["loc"], detail["type"]) for detail in details])
        try:
            return Root.model_validate(rest)
        except ValidationError:
            return None

    def _without_faulty(self, errors: list[tuple[Path, str]]) -> dict[str, Any]:
        """The values without unknown keys, faulty entries of sections and faulty keys of the question."""
        rest = dict(self._document.value)
        for path, kind in sorted(errors, key=lambda error: len(error[0])):
            section = str(path[0])
            entries = rest.get(section)
            if kind == "extra_forbidden":
                rest = _without(rest, path)
            elif section in _LISTS and isinstance(entries, list) and len(path) > 1:
                # Left in place until the end, so that the numbers of the others stay true.
                rest[section] = [None if number == path[1] else entry for number, entry in enumerate(entries)]
                self._broken.add(section)
            elif section in _MAPPINGS and isinstance(entries, dict) and len(path) > 1:
                rest[section] = {name: entry for name, entry in entries.items() if name != path[1]}
                self._broken.add(section)
            elif section == "question" and len(path) > 1:
                rest = _without(rest, path[:2])
        for section in self._broken & set(_LISTS):
            kept = [number for number, entry in enumerate(rest[section]) if entry is not None]
            self._places[section] = kept
            rest[section] = [rest[section][number] for number in kept]
        return rest

    def _say(self, detail: ErrorDetails) -> None:
        """One of pydantic's errors as a fault."""
        path: Path = tuple(step for step in detail["loc"] if step != "[key]")
        kind, context = detail["type"], detail.get("ctx", {})
        if kind == "refused" and context.get("key") is not None:
            path = (*path, context["key"])
        if kind == "missing":
            *parent, key = path
            problem = f"{_dotted(tuple(parent))}'{key}' is missing"
            self._fault(tuple(parent), problem, f"add '{key}: …'", at_key=True, quote=False)
        elif kind == "extra_forbidden":
            *parent, key = path
            known = _keys_at(tuple(parent))
            problem = f"{_dotted(tuple(parent))}unknown key '{key}'"
            self._fault(path, problem, mend_of_name(str(key), known, "take it out"), at_key=True, quote=False)
        elif kind == "refused":
            self._fault(path, f"{_dotted(path)}{context['problem']}", str(context["mend"]))
        else:
            self._fault(path, f"{_dotted(path)}{_problem(kind)}", self._mend(kind, context, path))

    def _mend(self, kind: str, context: Mapping[str, Any], path: Path) -> str:
        if kind in ("enum", "literal_error"):
            words = [word.strip("' ") for word in str(context["expected"]).replace(" or ", ", ").split(",")]
            return mend_of_word(self._document.written.get(path, ""), words)
        return _MENDS.get(kind, "compare it with the dossier of 'evenhand new'")

    def _fault(self, path: Path, problem: str, mend: str, *, at_key: bool = False, quote: bool = True) -> None:
        place = self._document.key_place(path) if at_key else self._document.place(path)
        value = self._document.written.get(path) if quote else None
        self._ledger.fault(problem, mend, row=place.line, column=str(place.character), value=value)

    # -- names -------------------------------------------------------------------------------------------------------

    def open_names(self) -> None:
        """The names that this file gives, also where what they name cannot be read."""
        root = self._document.value
        self._ledger.opens("treatment", "outcome", "claim", "feature")
        for kind in ("treatment", "outcome"):
            entries = root.get(f"{kind}s")
            if isinstance(entries, dict):
                self._ledger.gives(kind, entries)
        for treatment in _mappings(root.get("treatments")):
            features = treatment.get("features")
            if isinstance(features, list):
                self._ledger.gives("feature", filter(_is_text, features))
        claims = root.get("claims")
        for claim in claims if isinstance(claims, list) else ():
            if isinstance(claim, dict) and isinstance(claim.get("id"), str):
                self._ledger.gives("claim", [claim["id"]])

    def mention_names(self) -> None:
        """The names in use, from the bare values, so that a fault elsewhere in an entry hides none of theirs."""
        for path in self._document.written:
            kind = _kind_of_name(path)
            name = self._at(path) if kind is not None else None
            if kind is not None and isinstance(name, str) and (kind == "parameter" or ID.fullmatch(name)):
                place = self._document.place(path)
                self._ledger.mention(kind, name, row=place.line, column=str(place.character))

    def _at(self, path: Path) -> Any:
        value = self._document.value
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    # -- from models to records --------------------------------------------------------------------------------------

    def frame(self, root: Root) -> Frame:
        """Records, after the checks that one value alone cannot fail."""
        if root.evenhand != FORMAT:
            mend = f"write 'evenhand: {FORMAT}', the version that this evenhand reads"
            self._fault(("evenhand",), "a version of the format that is not known", mend)
        self._check_ids(root)
        self._check_question(root)
        self._check_scenarios(root.scenarios)
        treatments = {name: self._treatment(name, model) for name, model in root.treatments.items()}
        outcomes = {name: self._outcome(name, model) for name, model in root.outcomes.items()}
        claims = [self._claim(number, model, root.question) for number, model in enumerate(root.claims)]
        scenarios = [self._scenario(number, model) for number, model in enumerate(root.scenarios)]
        dependences = [self._dependence(number, model) for number, model in enumerate(root.dependences)]
        cautions = [_caution(model) for model in root.cautions]
        return Frame(
            question=_question(root),
            treatments=treatments,
            outcomes=outcomes,
            claims=tuple(claims),
            scenarios=tuple(scenarios),
            dependences=tuple(dependences),
            cautions=tuple(cautions),
            broken=frozenset(self._broken),
            broken_formulas=frozenset(
                name for name, model in root.outcomes.items() if model.formula and outcomes[name].formula is None
            ),
        )

    def _path(self, section: str, number: int, *rest: str | int) -> Path:
        """Where an entry of a list stands in the file."""
        return (section, self._places[section][number], *rest)

    def _check_ids(self, root: Root) -> None:
        """Keys of treatments and outcomes are ids; ids of lists stand once."""
        for section in _MAPPINGS:
            for name in getattr(root, section):
                if not ID.fullmatch(name):
                    self._fault((section, name), f"{section}: '{name}' is not an id", ID_MEND, at_key=True, quote=False)
        for section in _LISTS:
            first: dict[str, int] = {}
            for number, entry in enumerate(getattr(root, section)):
                path = self._path(section, number, "id")
                if entry.id in first:
                    self._fault(
                        path, f"{section}: the id stands in row {first[entry.id]} already", "give each its own id"
                    )
                first.setdefault(entry.id, self._document.place(path).line)

    def _check_question(self, root: Root) -> None:
        question = root.question
        if question.treatment == question.comparator:
            path: Path = ("question", "comparator")
            self._fault(path, "question: the treatment is compared with itself", "write what it is compared with")
        benefit = root.outcomes.get(question.main_benefit)
        if benefit is not None and benefit.hand is not Hand.BENEFIT:
            mend = "write the outcome that people come for"
            self._fault(("question", "main_benefit"), "question.main_benefit: this outcome is a harm", mend)
        if question.searched and question.next_review and question.next_review < question.searched:
            mend = f"write a day after {question.searched}"
            self._fault(("question", "next_review"), "question.next_review: before the search itself", mend)

    def _check_scenarios(self, scenarios: list[ScenarioModel]) -> None:
        defaults = [number for number, scenario in enumerate(scenarios) if scenario.default]
        if not defaults and "scenarios" not in self._broken:
            self._fault(("scenarios",), "no default scenario", "add 'default: true' to one of them", at_key=True)
        for number in defaults[1:]:
            first = self._document.place(self._path("scenarios", defaults[0], "default")).line
            mend = f"keep one 'default: true'; the first is in row {first}"
            self._fault(self._path("scenarios", number, "default"), "a second default scenario", mend, quote=False)

    def _treatment(self, name: str, model: TreatmentModel) -> Treatment:
        if model.stands_for == name:
            mend = "name the treatment whose place it takes as a control, or take it out"
            self._fault(("treatments", name, "stands_for"), f"treatments.{name}.stands_for: itself", mend)
        return Treatment(id=name, name=model.name, features=frozenset(model.features), stands_for=model.stands_for)

    def _outcome(self, name: str, model: OutcomeModel) -> Outcome:
        path: Path = ("outcomes", name)
        self._check_scale(path, model)
        return Outcome(
            id=name,
            name=model.name,
            hand=model.hand,
            type=model.type,
            unit=model.unit,
            serious=model.serious,
            whole_numbers=model.whole_numbers,
            higher_is_better=None if model.better is None else model.better == "higher",
            measure=model.measure,
            threshold=model.threshold,
            threshold_source=model.threshold_source,
            baseline=model.baseline,
            only_with=model.only_with,
            formula=self._formula((*path, "formula"), model.formula),
            horizon=model.horizon,
            judgements=tuple(self._judgements((*path, "judgements"), model.judgements)),
            row=self._document.key_place(path).line,
        )

    def _check_scale(self, path: Path, model: OutcomeModel) -> None:
        where = _dotted(path)
        if model.type is OutcomeType.CONTINUOUS and model.better is None:
            mend = "add 'better: higher' or 'better: lower'"
            self._fault(path, f"{where}'better' is missing for a scale", mend, at_key=True, quote=False)
        if model.measure is not None and model.measure not in MEASURES[model.type]:
            known = MEASURES[model.type]
            mend = mend_of_word(model.measure, known)
            self._fault((*path, "measure"), f"{where}no measure of a {model.type} outcome", mend)
        if model.threshold is not None and model.threshold <= 0:
            mend = "write the smallest difference that matters, or take it out"
            self._fault((*path, "threshold"), f"{where}a threshold must be above 0", mend)
        elif model.threshold is not None and model.type is OutcomeType.BINARY and model.threshold > _PEOPLE:
            self._fault((*path, "threshold"), f"{where}more people than 1,000", "a threshold counts people of 1,000")

    def _formula(self, path: Path, text: str | None) -> Formula | None:
        if text is None:
            return None
        try:
            return parse_formula(text)
        except FormulaError as error:
            self._fault(path, f"{_dotted(path)}{error}", error.mend)
            return None

    def _judgements(self, path: Path, models: Mapping[str, JudgementModel]) -> Iterator[Judgement]:
        for domain, model in models.items():
            if domain not in DOMAINS:
                mend = mend_of_name(domain, DOMAINS, "take it out")
                self._fault(
                    (*path, domain), f"{_dotted(path)}no domain of GRADE: '{domain}'", mend, at_key=True, quote=False
                )
                continue
            fewest, most = DOMAINS[domain]
            if not fewest <= model.steps <= most:
                problem = f"{_dotted((*path, domain))}steps outside {fewest} to {most}"
                mend = "this domain rates down: write a negative number" if most == 0 else "this domain rates up"
                self._fault((*path, domain, "steps"), problem, mend)
            yield Judgement(domain=domain, steps=model.steps, reason=model.reason)

    def _claim(self, number: int, model: ClaimModel, question: QuestionModel) -> Claim:
        path = self._path("claims", number)
        outcomes = model.outcomes if model.outcomes is not None else [model.outcome] if model.outcome else []
        where = f"claims.{model.id}: "
        if not outcomes:
            mend = "add 'outcome: …', the id of what it promises or warns of"
            self._fault(path, f"{where}a claim without an outcome", mend, quote=False)
        if model.outcome is not None and model.outcomes is not None:
            self._fault(
                (*path, "outcome"), f"{where}both 'outcome' and 'outcomes'", "keep one", at_key=True, quote=False
            )
        if len(set(outcomes)) < len(outcomes):
            self._fault((*path, "outcomes"), f"{where}an outcome stands twice", "keep one", quote=False)
        treatment, comparator = model.treatment or question.treatment, model.comparator or question.comparator
        own = model.treatment is not None or model.comparator is not None
        if own and treatment == comparator:
            mend = "name another 'treatment' or 'comparator'"
            self._fault(path, f"{where}the treatment is compared with itself", mend, quote=False)
        return Claim(
            id=model.id,
            text=model.text,
            hand=model.hand,
            says=model.says,
            outcomes=tuple(outcomes),
            treatment=treatment,
            comparator=comparator,
            note=model.note,
            depends=model.depends,
            sources=tuple(model.sources),
            row=self._document.place(path).line,
        )

    def _scenario(self, number: int, model: ScenarioModel) -> Scenario:
        return Scenario(
            id=model.id,
            name=model.name,
            treatment=model.treatment,
            values=dict(model.values),
            note=model.note,
            default=model.default,
            row=self._document.place(self._path("scenarios", number)).line,
        )

    def _dependence(self, number: int, model: DependenceModel) -> Dependence:
        path = self._path("dependences", number)
        where = f"dependences.{model.id}: "
        if model.kind == "curve" and model.over is None:
            mend = "add 'over: {variable: …, name: …, from: …, to: …}'"
            self._fault(path, f"{where}a curve without 'over'", mend, quote=False)
        if model.kind != "curve" and model.over is not None:
            self._fault((*path, "over"), f"{where}'over' belongs to a curve", "take it out", at_key=True, quote=False)
        if model.over is not None and model.over.start >= model.over.stop:
            self._fault(
                (*path, "over", "from"), f"{where}'from' is not below 'to'", "exchange them, or widen the range"
            )
        if model.kind != "measured" and not model.lines:
            mend = "add 'lines:' with at least one '- {name: …, values: {…}}'"
            self._fault(path, f"{where}nothing to draw", mend, quote=False)
        if model.kind == "measured" and (model.lines or model.values):
            mend = "take out 'lines' and 'values', or write kind 'bars'"
            self._fault(path, f"{where}measured results have no values of their own", mend, quote=False)
        over = model.over
        return Dependence(
            id=model.id,
            claim=model.claim,
            outcome=model.outcome,
            kind=model.kind,
            title=model.title,
            read=model.read,
            variable=None if over is None else over.variable,
            variable_name=None if over is None else over.name,
            start=None if over is None else over.start,
            stop=None if over is None else over.stop,
            lines=tuple(Line(name=line.name, values=dict(line.values)) for line in model.lines),
            values=dict(model.values),
            sources=tuple(model.sources),
            row=self._document.place(path).line,
        )


def _question(root: Root) -> Question:
    model = root.question
    return Question(
        title=root.title,
        population=model.population,
        treatment=model.treatment,
        comparator=model.comparator,
        main_benefit=model.main_benefit,
        answer_note=model.answer_note,
        searched=model.searched,
        next_review=model.next_review,
        made_by=model.made_by,
        funding=model.funding,
    )


def _caution(model: CautionModel) -> Caution:
    return Caution(id=model.id, who=model.who, why=model.why, ask=model.ask, sources=tuple(model.sources))


def _kind_of_name(path: Path) -> str | None:
    """What kind of name a scalar at this path is, if it is one."""
    match path:
        case ("question", "treatment" | "comparator"):
            return "treatment"
        case ("question", "main_benefit"):
            return "outcome"
        case ("treatments", _, "stands_for"):
            return "treatment"
        case ("outcomes", _, "threshold_source"):
            return "source"
        case ("outcomes", _, "baseline"):
            return "parameter"
        case ("outcomes", _, "only_with"):
            return "feature"
        case ("claims" | "scenarios", _, "treatment" | "comparator"):
            return "treatment"
        case ("claims" | "dependences", _, "outcome") | ("claims", _, "outcomes", _):
            return "outcome"
        case ("dependences", _, "claim"):
            return "claim"
        case ("claims" | "dependences" | "cautions", _, "sources", _):
            return "source"
        case ("scenarios" | "dependences", _, "values", _) | ("dependences", _, "lines", _, "values", _):
            return "parameter"
    return None


def _keys_at(path: Path) -> tuple[str, ...]:
    """The keys that the mapping at this path may have."""
    annotation: Any = Root
    for step in path:
        if get_origin(annotation) in (list, dict):
            annotation = get_args(annotation)[-1]
        else:
            fields = {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}
            annotation = _without_none(fields[str(step)])
    return tuple(field.alias or name for name, field in annotation.model_fields.items())


def _without_none(annotation: Any) -> Any:
    """`Model` of `Model | None`."""
    models = [part for part in get_args(annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
    return models[0] if models and get_origin(annotation) not in (list, dict) else annotation


def _without(value: dict[str, Any], path: Path) -> dict[str, Any]:
    """A copy without the key at the end of the path."""
    copy = dict(value)
    inner: Any = copy
    for step in path[:-1]:
        if inner is None or (isinstance(inner, dict) and step not in inner):
            return copy
        inner[step] = inner = _copied(inner[step])
    if isinstance(inner, dict):
        inner.pop(path[-1], None)
    return copy


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0


def _copied(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else None


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    entries = value.values() if isinstance(value, dict) else ()
    return (entry for entry in entries if isinstance(entry, dict))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _dotted(path: Path) -> str:
    """`outcomes.lighter_skin.hand: `, for the start of a sentence."""
    return f"{'.'.join(str(step + 1) if isinstance(step, int) else step for step in path)}: " if path else ""


def _problem(kind: str) -> str:
    return _PROBLEMS.get(kind, "not what may stand here")


_PROBLEMS = {
    "enum": "not one of its words",
    "literal_error": "not one of its words",
    "string_type": "not a text",
    "bool_type": "neither true nor false",
    "int_type": "not a whole number",
    "int_from_float": "not a whole number",
    "list_type": "not a list",
    "dict_type": "not a mapping of names",
    "model_type": "not a mapping of keys",
    "too_short": "empty",
}
_MENDS = {
    "string_type": "put it in quotes",
    "bool_type": "write true or false, without quotes",
    "int_type": "write a whole number, without quotes",
    "int_from_float": "write a whole number",
    "list_type": "write [a, b], or one entry a line after '- '",
    "dict_type": "write its entries, indented, as 'name: …'",
    "model_type": "write its keys, indented, as 'key: …'",
    "too_short": "write at least one entry",
}

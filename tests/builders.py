"""Dossiers for tests, from no more than what a test is about; the rest is filled in plainly."""

from collections.abc import Iterable, Mapping
from typing import Any

from evenhand.dossier.records import (
    Claim,
    Design,
    Dossier,
    Hand,
    Outcome,
    OutcomeType,
    Parameter,
    Question,
    Result,
    RiskOfBias,
    Scenario,
    Source,
    Status,
    Study,
    Treatment,
    Words,
)


def a_result(study: str = "trial", outcome: str = "better", **figures: Any) -> Result:
    """One row of results.csv; whatever is not given is not reported."""
    blank: dict[str, Any] = dict.fromkeys(
        (
            "comparator", "followup_weeks", "dose_mg", "sessions_per_week", "weeks", "n_randomised", "n", "events",
            "percent", "mean", "sd", "se", "ci_lower", "ci_upper", "p_value", "p_test", "direction",
        )
    )  # fmt: skip
    treatment = figures.get("treatment", "injection")
    filled = blank | {
        "treatment": treatment,
        "arm": treatment,
        "status": Status.COUNTED,
        "source": "paper",
        "inferred": False,
    }
    for name in ("mean", "sd"):
        # '12.40' keeps its trailing zero, as a reader of files would.
        if isinstance(figures.get(name), str):
            figures[f"{name}_printed"] = figures[name]
            figures[name] = float(figures[name])
    return Result(study=study, outcome=outcome, **(filled | figures))


def two_arms(treated: Mapping[str, Any], control: Mapping[str, Any], **both: Any) -> list[Result]:
    """A treated and a control row; `both` goes into each."""
    return [
        a_result(**(both | {"treatment": "injection", "row": 2} | treated)),
        a_result(**(both | {"treatment": "nothing", "row": 3} | control)),
    ]


def a_study(study: str = "trial", **fields: Any) -> Study:
    """One row of studies.csv: a randomised trial of which nothing else is known."""
    filled: dict[str, Any] = {
        "label": f"{study.title()} 2020",
        "year": 2020,
        "design": Design.RANDOMISED,
        "risk_of_bias": RiskOfBias.UNCLEAR,
        "risk_of_bias_reason": None,
        "blinding": None,
        "population": None,
        "n_randomised": None,
        "n_analysed": None,
        "funding": None,
        "source": "paper",
    }
    return Study(id=study, **(filled | fields))


def an_outcome(outcome: str = "better", **fields: Any) -> Outcome:
    """One outcome: a benefit counted in people."""
    filled: dict[str, Any] = {
        "name": Words(outcome.capitalize()),
        "hand": Hand.BENEFIT,
        "type": OutcomeType.BINARY,
        "unit": Words("people"),
    }
    return Outcome(id=outcome, **(filled | fields))


def a_scale(outcome: str = "score", **fields: Any) -> Outcome:
    """One outcome measured on a scale."""
    return an_outcome(
        outcome, **({"type": OutcomeType.CONTINUOUS, "unit": Words("points"), "higher_is_better": False} | fields)
    )


def a_dossier(
    results: Iterable[Result] = (),
    *,
    studies: Iterable[Study] = (),
    outcomes: Iterable[Outcome] = (),
    claims: Iterable[Claim] = (),
    scenarios: Iterable[Scenario] = (),
    parameters: Iterable[Parameter] = (),
    treatments: Iterable[Treatment] = (),
) -> Dossier:
    """A dossier on 'injection' against 'nothing'; studies, outcomes and treatments that rows name are made up."""
    rows = tuple(results)
    given_outcomes = {outcome.id: outcome for outcome in outcomes}
    given_studies = {study.id: study for study in studies}
    given_treatments = {treatment.id: treatment for treatment in treatments}
    for row in rows:
        given_studies.setdefault(row.study, a_study(row.study))
        made_up = an_outcome if row.mean is None else a_scale
        given_outcomes.setdefault(row.outcome, made_up(row.outcome))
        given_treatments.setdefault(row.treatment, Treatment(id=row.treatment, name=Words(row.treatment)))
    for treatment in ("injection", "nothing"):
        given_treatments.setdefault(treatment, Treatment(id=treatment, name=Words(treatment)))
    return Dossier(
        question=Question(
            title=Words("A test"),
            population=Words("people"),
            treatment="injection",
            comparator="nothing",
            main_benefit=next(iter(given_outcomes), "better"),
        ),
        treatments=given_treatments,
        outcomes=given_outcomes,
        claims=tuple(claims),
        scenarios=tuple(scenarios),
        dependences=(),
        cautions=(),
        parameters={parameter.name: parameter for parameter in parameters},
        studies=given_studies,
        results=rows,
        sources={"paper": Source(key="paper", title="A paper")},
        sha256="0" * 64,
    )

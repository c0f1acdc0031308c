"""The first dossier: whole, sourced, in two languages, and honest about what nobody has measured."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from evenhand.assessment import Assessment, assess
from evenhand.dossier import read_dossier
from evenhand.dossier.records import Design, Dossier, Says, Status, Words

FOLDER = Path(__file__).resolve().parents[2] / "dossiers" / "skin-whitening-injections"
ARABIC = re.compile(r"[\u0600-\u06ff]")

BENEFITS = ("B0", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "B10")
HARMS = (
    *("H0", "H1", "H2", "H3", "H4", "H4b", "H5", "H6a", "H6b", "H6c", "H7"),
    *("H8", "H8a", "H8b", "H8c", "H9", "H10", "H11", "N1"),
)
SCENARIOS = ("as-in-trial", "as-marketed", "clean-clinic", "shared-needles", "creams", "nothing")
DEPENDENCES = {  # what is drawn, and the claim it belongs to
    "colour-returns": "H5",
    "hepatitis-b-by-reuse": "H8a",
    "hepatitis-b-by-carrier": "H8a",
    "hepatitis-c-by-reuse": "H8b",
    "hiv-by-reuse": "H8c",
    "sunburn-by-skin-type": "H3",
    "bad-vials": "H11",
    "endotoxin-by-dose": "H11",
    "belly-pain-by-dose": "H7",
    "kidney-by-dose": "H9",
    "liver-by-dose": "H10",
}


@pytest.fixture(scope="module")
def dossier() -> Dossier:
    """Reading it is the first test: any fault is raised here."""
    return read_dossier(FOLDER)


@pytest.fixture(scope="module")
def assessment(dossier) -> Assessment:
    """Few draws: they move the sizes a little and no verdict."""
    return assess(dossier, draws=1000)


def rows(name: str) -> list[dict[str, str]]:
    """A table as it lies in the folder, before anybody has typed its cells."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def texts(dossier: Dossier) -> Iterator[tuple[str, Words]]:
    """Every text for people, with the place it stands in."""
    question = dossier.question
    for name in ("title", "population", "answer_note", "made_by", "funding"):
        yield f"question.{name}", getattr(question, name)
    for treatment in dossier.treatments.values():
        yield f"treatment {treatment.id}", treatment.name
    for outcome in dossier.outcomes.values():
        yield f"outcome {outcome.id}", outcome.name
        yield f"outcome {outcome.id}, unit", outcome.unit
        assert outcome.horizon is not None, f"outcome {outcome.id} says no time"
        yield f"outcome {outcome.id}, horizon", outcome.horizon
        for judgement in outcome.judgements:
            yield f"outcome {outcome.id}, {judgement.domain}", judgement.reason
    for claim in dossier.claims:
        yield f"claim {claim.id}", claim.text
        assert claim.note is not None, f"claim {claim.id} says nothing of what stands behind it"
        yield f"claim {claim.id}, note", claim.note
        if claim.depends is not None:
            yield f"claim {claim.id}, depends", claim.depends
    for scenario in dossier.scenarios:
        yield f"scenario {scenario.id}", scenario.name
        assert scenario.note is not None, f"scenario {scenario.id} has no note"
        yield f"scenario {scenario.id}, note", scenario.note
    for dependence in dossier.dependences:
        yield f"dependence {dependence.id}, title", dependence.title
        yield f"dependence {dependence.id}, read", dependence.read
        if dependence.variable_name is not None:
            yield f"dependence {dependence.id}, axis", dependence.variable_name
        for line in dependence.lines:
            yield f"dependence {dependence.id}, line", line.name
    for caution in dossier.cautions:
        for name in ("who", "why", "ask"):
            yield f"caution {caution.id}, {name}", getattr(caution, name)
    for parameter in dossier.parameters.values():
        yield f"parameter {parameter.name}", parameter.label
    for study in dossier.studies.values():
        if study.risk_of_bias_reason is not None:
            yield f"study {study.id}", study.risk_of_bias_reason


def test_the_reader_had_to_guess_nothing(dossier):
    assert dossier.notices == ()


def test_every_claim_of_the_article_stands_once(dossier):
    assert tuple(claim.id for claim in dossier.claims) == BENEFITS + HARMS


def test_every_text_is_in_both_languages(dossier):
    for place, words in texts(dossier):
        assert words.is_translated("ar"), f"{place} is not in Arabic"
        # A skin scale is written L* and a unit mg in both; a sentence is not Arabic without Arabic letters.
        assert ARABIC.search(words.ar) or words.ar == words.en, f"{place}: {words.ar}"
        assert not ARABIC.search(words.en), f"{place}: {words.en}"


def test_the_special_claims_are_of_their_kind(dossier):
    says = {claim.id: claim.says for claim in dossier.claims}
    assert says["H0"] is Says.SAFE
    assert says["B9"] is Says.ALTERNATIVE
    assert all(says[claim] is Says.HELPS for claim in BENEFITS if claim != "B9")
    assert all(says[claim] is Says.HARMS for claim in HARMS if claim != "H0")


def test_scenarios_and_the_default(dossier):
    assert tuple(scenario.id for scenario in dossier.scenarios) == SCENARIOS
    assert [scenario.id for scenario in dossier.scenarios if scenario.default] == ["as-in-trial"]


def test_every_dependence_is_drawn(dossier):
    assert {item.id: item.claim for item in dossier.dependences} == DEPENDENCES


def test_hiv_hepatitis_b_and_c_are_told_apart_and_never_come_without_a_needle(dossier):
    for outcome in ("hepatitis_b", "hepatitis_c", "hiv", "blood_infection"):
        assert dossier.outcomes[outcome].only_with == "needle"
        assert dossier.outcomes[outcome].formula is not None
    assert "needle" not in dossier.treatments["cream"].features


def test_every_source_exists_is_used_and_can_be_opened(dossier):
    used: Counter[str | None] = Counter()
    for result in dossier.results:
        used[result.source] += 1
    for study in dossier.studies.values():
        used[study.source] += 1
    for parameter in dossier.parameters.values():
        used[parameter.source] += 1
    for part in (*dossier.claims, *dossier.cautions, *dossier.dependences):
        used.update(part.sources)
    for outcome in dossier.outcomes.values():
        used[outcome.threshold_source] += 1
    del used[None]
    assert set(used) == set(dossier.sources)
    for source in dossier.sources.values():
        assert source.url or source.doi, f"{source.key} cannot be opened"
        assert source.kind, f"{source.key} does not say what was read"


def test_every_claim_caution_and_figure_names_its_source(dossier):
    for part in (*dossier.claims, *dossier.cautions):
        assert part.sources, f"{part.id} has no source"
    for result in dossier.results:
        assert result.source in dossier.sources
    for parameter in dossier.parameters.values():
        assert parameter.source in dossier.sources if parameter.verified else parameter.source is None


def test_a_remembered_figure_is_an_unverified_input_and_nothing_else(dossier):
    assert "memory" not in {row["seen"] for row in rows("results.csv")}
    remembered = {row["name"] for row in rows("parameters.csv") if row["seen"] == "memory"}
    assert remembered == {name for name, parameter in dossier.parameters.items() if not parameter.verified}
    # None of them decides a verdict: every scenario runs on figures that were read.
    for scenario in dossier.scenarios:
        assert not remembered & {value for value in scenario.values.values() if isinstance(value, str)}


def test_every_input_is_used(dossier):
    names: set[str] = set()
    for outcome in dossier.outcomes.values():
        names |= {outcome.baseline} if outcome.baseline else set()
        names |= set(outcome.formula.names) if outcome.formula else set()
    for values in (
        *(scenario.values for scenario in dossier.scenarios),
        *(item.values for item in dossier.dependences),
        *(line.values for item in dossier.dependences for line in item.lines),
    ):
        names |= {value for value in values.values() if isinstance(value, str)}
    assert set(dossier.parameters) <= names


@pytest.mark.parametrize(
    ("study", "outcome", "treatment", "weeks"),
    [
        ("zubair2016", "liver", "saline", 6),
        ("zubair2016", "anaphylaxis", "saline", 6),
        ("zubair2016", "still_lighter", "saline", 32),
        ("zubair2016", "still_lighter", "injection", 14),
        ("zubair2016", "still_lighter", "injection", 22),
        ("zubair2016", "needle_pain", "injection", 6),
        ("zubair2016", "stomach_head", "saline", 6),
        ("watanabe2014", "melanin_index", "placebo", 10),
        ("sitohang2021", "any_side_effect", "oral_combined", 12),
        ("mohamed_mn", "even_tone", "microneedling", None),
    ],
)
def test_what_nobody_could_read_is_not_a_zero(dossier, study, outcome, treatment, weeks):
    found = [
        row
        for row in dossier.results
        if (row.study, row.outcome, row.treatment, row.followup_weeks) == (study, outcome, treatment, weeks)
    ]
    assert [row.status for row in found] == [Status.NOT_REPORTED]
    assert (found[0].events, found[0].n, found[0].mean) == (None, None, None)


def test_counted_zeros_are_only_those_that_somebody_counted(dossier):
    assert {(row.study, row.outcome) for row in dossier.results if row.events == 0} == {
        ("arjinpathana2012", "serious_side_effect"),
        ("handog2016", "serious_side_effect"),
        ("watanabe2014", "serious_side_effect"),
        ("weschawalit2017", "serious_side_effect"),
    }


def test_the_one_trial_of_drips(dossier):
    """Zubair, Hafeez & Mujtaba (2016), abstract; 25 in each arm is an inference and is marked as one."""
    study = dossier.studies["zubair2016"]
    assert study.design is Design.COMPARATIVE  # nobody could confirm that lots were drawn
    assert (study.n_randomised, study.n_analysed) == (50, 32)
    rows = {
        row.treatment: row for row in dossier.results if row.study == "zubair2016" and row.outcome == "lighter_skin"
    }
    assert {name: (row.events, row.n, row.n_randomised, row.inferred) for name, row in rows.items()} == {
        "injection": (6, 16, 25, True),
        "saline": (3, 16, 25, True),
    }
    assert (rows["injection"].p_value, rows["injection"].p_test) == ("0.054", "two arms")


def test_a_printed_difference_stands_beside_its_arms(dossier):
    """Iraji et al. (2019): −3.046 and −1.82 by arm, −1.28 printed as their difference."""
    found = {
        (row.treatment, row.comparator): row.mean
        for row in dossier.results
        if row.study == "iraji2019" and row.mean is not None
    }
    assert found == {
        ("mesotherapy", None): -3.046,
        ("mesotherapy_without", None): -1.82,
        ("mesotherapy", "mesotherapy_without"): -1.28,
    }


def test_wahab_is_whole(dossier):
    """Wahab et al. (2021), Tables 3 and 4: four groups, five visits, two measures, an ANOVA p at each visit."""
    found = [row for row in dossier.results if row.study == "wahab2021"]
    assert Counter((row.outcome, row.followup_weeks) for row in found) == {
        (outcome, weeks): 4 for outcome in ("melanin_index", "lightness") for weeks in (0, 2, 4, 6, 8)
    }
    assert all(row.n == 23 and row.sd is not None for row in found)
    assert [row.p_value for row in found if row.p_test == "all arms" and row.outcome == "lightness"] == [
        *("0.092", "0.269", "0.057", "0.040", "0.001")
    ]


def test_no_comparison_is_made_with_what_only_a_notice_says(dossier):
    for row in dossier.results:
        if dossier.studies[row.study].design is Design.NOTICE:
            assert row.status is Status.SAID
            assert row.events is None


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("B0", "probably"),  # low from animals, one up for their dose response
        ("B1", "very uncertain"),  # one trial, 18 of 50 missing, a p-value that cannot be
        ("B3", "very uncertain"),
        ("B5", "very uncertain"),
        ("B9", "contradicted"),  # brings what a cream cannot
        ("H0", "contradicted"),
        ("H1", "probably"),
        ("H2", "known to happen, rate unknown"),
        ("H3", "may be"),
        ("H4", "very uncertain"),
        ("H5", "may be"),
        ("H6a", "known to happen, rate unknown"),
        ("H6b", "very uncertain"),  # named by two regulators, no patient described
        ("H6c", "known to happen, rate unknown"),
        ("H7", "known to happen, rate unknown"),
        ("H8", "supported"),
        ("H8a", "supported"),
        ("H8b", "supported"),
        ("H8c", "supported"),
        ("H9", "very uncertain"),
        ("H10", "may be"),
        ("H11", "known to happen, rate unknown"),
        ("N1", "known to happen, rate unknown"),
        *((claim, "not measured") for claim in ("B2", "B4", "B6", "B7", "B8", "B10", "H4b")),
    ],
)
def test_the_verdicts_that_follow_from_the_files(assessment, claim, verdict):
    """No verdict is written in the dossier; this is what the rules make of its rows."""
    assert next(judged.verdict for judged in assessment.claims if judged.claim == claim) == verdict


def test_every_claim_is_judged(assessment):
    assert {judged.claim for judged in assessment.claims} == set(BENEFITS + HARMS)


def test_a_clean_clinic_has_no_risk_by_blood_and_a_shared_needle_has(assessment):
    values = {
        item.scenario: item.value.value
        for item in assessment.absolutes
        if item.outcome == "blood_infection" and item.value is not None
    }
    assert values["as-in-trial"] == values["clean-clinic"] == values["creams"] == values["nothing"] == 0.0
    assert 0.0 < values["as-marketed"] < values["shared-needles"]


def test_where_the_trial_does_not_fit_itself(assessment):
    serious = {(finding.study, finding.check) for finding in assessment.findings if finding.severity == "serious"}
    assert {("zubair2016", "p-value"), ("zubair2016", "attrition")} <= serious

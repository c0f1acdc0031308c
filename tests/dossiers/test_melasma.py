"""The second dossier: many treatments of melasma, their figures as printed, traps and all."""

import csv
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from evenhand.assessment import Assessment, assess
from evenhand.dossier import read_dossier
from evenhand.dossier.records import Dossier, Result, Says, Status
from evenhand.integrity import Finding, Severity, check_integrity
from evenhand.report.answer import answer_view
from evenhand.report.lookup import Lookup
from evenhand.report.voice import Voice
from evenhand.verdicts.verdict import Verdict
from evenhand.words.catalogue import Catalogue
from tests.dossiers.test_skin_whitening import ARABIC, texts

FOLDER = Path(__file__).resolve().parents[2] / "dossiers" / "melasma-treatments"


@pytest.fixture(scope="module")
def dossier() -> Dossier:
    """Reading it is the first test: any fault is raised here."""
    return read_dossier(FOLDER)


@pytest.fixture(scope="module")
def findings(dossier) -> tuple[Finding, ...]:
    return check_integrity(dossier)


@pytest.fixture(scope="module")
def assessment(dossier) -> Assessment:
    """Few draws: they move the sizes a little and no verdict."""
    return assess(dossier, draws=500)


def rows(name: str) -> list[dict[str, str]]:
    """A table as it lies in the folder, before anybody has typed its cells."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def found(dossier: Dossier, study: str, outcome: str, weeks: float | None = None) -> dict[str, Result]:
    """A study's rows on an outcome by treatment, at one time where it looked more than once."""
    return {
        row.treatment: row
        for row in dossier.results
        if (row.study, row.outcome) == (study, outcome) and (weeks is None or row.followup_weeks == weeks)
    }


def test_the_reader_had_to_guess_nothing(dossier):
    assert dossier.notices == ()


def test_every_text_is_in_both_languages(dossier):
    for place, words in texts(dossier):
        assert words.is_translated("ar"), f"{place} is not in Arabic"
        assert ARABIC.search(words.ar) or words.ar == words.en, f"{place}: {words.ar}"
        assert not ARABIC.search(words.en), f"{place}: {words.en}"


def test_injections_are_held_against_creams_tablets_and_doing_nothing(dossier):
    assert (dossier.question.treatment, dossier.question.comparator) == ("injection", "nothing")
    asked = {
        claim.comparator for claim in dossier.claims if claim.treatment == "injection" and claim.says is Says.HELPS
    }
    assert {"nothing", "hydroquinone", "triple_cream", "tranexamic_cream", "tablets"} <= asked
    assert [claim.comparator for claim in dossier.claims if claim.id == "B8"] == ["hydroquinone"]


def test_every_source_exists_is_used_and_can_be_opened(dossier):
    used: Counter[str | None] = Counter()
    used.update(result.source for result in dossier.results)
    used.update(study.source for study in dossier.studies.values())
    used.update(parameter.source for parameter in dossier.parameters.values())
    for part in (*dossier.claims, *dossier.cautions):
        assert part.sources, f"{part.id} has no source"
        used.update(part.sources)
    del used[None]
    assert set(used) == set(dossier.sources)
    # Two trials are known by name alone: a reader is told so.
    closed = {key for key, source in dossier.sources.items() if not (source.url or source.doi or source.pmid)}
    assert closed == {"oral_vs_id_45_3arm", "colferai_2019"}
    assert {row.status for row in dossier.results if row.study == "colferai_2019"} == {Status.NOT_REPORTED}


def test_every_treatment_and_outcome_has_a_row(dossier):
    given = {name for row in dossier.results for name in (row.treatment, row.comparator)}
    assert set(dossier.treatments) - {"nothing"} <= given
    without_rows = {outcome for outcome in dossier.outcomes if not any(r.outcome == outcome for r in dossier.results)}
    # No row of any trial tells of clots, and the loss after tablets is worked out from four figures.
    assert without_rows == {"blood_clot", "tablet_gain_lost"}


def test_a_remembered_figure_is_an_unverified_input_and_nothing_else(dossier):
    assert "memory" not in {row["seen"] for row in rows("results.csv")}
    remembered = {name for name, parameter in dossier.parameters.items() if not parameter.verified}
    assert remembered == {row["name"] for row in rows("parameters.csv") if row["seen"] == "memory"}
    names = {outcome.baseline for outcome in dossier.outcomes.values()}
    for outcome in dossier.outcomes.values():
        names |= set(outcome.formula.names) if outcome.formula else set()
    assert not remembered & names
    # What trial 2 of Taylor 2003, Khurana 2019 and Wind 2010 found is known from memory: no figure stands as theirs.
    for study in ("taylor_2003_trial2", "khurana_2019", "wind_2010"):
        assert {row.status for row in dossier.results if row.study == study} == {Status.NOT_REPORTED}


@pytest.mark.parametrize(
    ("study", "outcome", "treatment"),
    [
        ("zubair_2016", "liver", "placebo"),  # nothing is said of the control arm
        ("zubair_2016", "anaphylaxis", "placebo"),
        ("sharma_2017", "relapse", "injection"),
        ("patil_2019_3arm", "severity", "injection"),
        ("nct05236569", "severity", "injection"),
        ("fatima_2025", "severity", "needling_tranexamic"),
    ],
)
def test_what_nobody_could_read_is_not_a_zero(dossier, study, outcome, treatment):
    row = found(dossier, study, outcome)[treatment]
    assert row.status is Status.NOT_REPORTED
    assert (row.events, row.n, row.mean) == (None, None, None)


def test_counted_zeros_are_few_and_known(dossier):
    zeros = {(row.study, row.outcome, row.treatment): row.inferred for row in dossier.results if row.events == 0}
    assert zeros == {
        ("poostiyan_2023", "dark_marks", "injection"): True,  # the one case was on the other side
        ("prp_oral_txa_2023", "stomach", "platelets"): True,
        ("banihashemi_2015", "irritation", "tranexamic_cream"): True,
        ("taylor_2003_trial1", "clearly_better", "tretinoin_steroid"): False,
        ("torok_2005", "thin_skin", "triple_cream"): False,
        ("figueiredo_2012_ipl", "clearly_better", "triple_cream"): True,
    }


@pytest.mark.parametrize(
    ("study", "treated", "control", "figures"),
    [
        ("mushtaq_2022", "injection", "hydroquinone", (64, 145, 47, 145)),
        ("awais_jpad", "injection", "tranexamic_cream", (24, 36, 10, 36)),
        ("sharma_2017", "injection", "tablets", (32, 41, 25, 39)),
        ("anantapur_2025", "injection", "tablets", (6, 30, 18, 30)),
        ("tcc_china_2015", "triple_cream", "placebo", (79, 113, 1, 113)),
        ("chan_2008", "triple_cream", "hydroquinone", (77, 120, 48, 122)),
        ("griffiths_1993", "tretinoin", "placebo", (13, 19, 1, 19)),
        ("ennes_2000", "hydroquinone", "placebo", (8, 21, 2, 24)),
    ],
)
def test_counts_of_the_trials_that_carry_the_answer(dossier, study, treated, control, figures):
    arms = found(dossier, study, "clearly_better")
    assert (arms[treated].events, arms[treated].n, arms[control].events, arms[control].n) == figures


@pytest.mark.parametrize(
    ("study", "weeks", "treatment", "figures"),
    [
        ("karrabi_2020_meso", 16, "injection", (27, 5.52, 2.55)),
        ("karn_2012", 12, "tablets_hydroquinone", (130, 7.84, 2.44)),
        ("oral_vs_hq_bd_2022", 12, "tablets", (75, 7.19, 2.16)),
        ("farshi_2011", 8, "azelaic", (14, 3.8, 2.8)),
        ("mansouri_2015", 16, "cysteamine", (25, 7.2, 5.5)),
        ("ijd_letter_2022", 12, "placebo", (8, 7.75, 5.64)),
    ],
)
def test_scores_as_printed(dossier, study, weeks, treatment, figures):
    row = found(dossier, study, "severity", weeks)[treatment]
    assert (row.n, row.mean, row.sd) == figures


def test_trials_of_people_without_melasma_are_kept_apart(dossier):
    for study in ("zubair_2016", "arjinpathana_2012"):
        benefits = {row.outcome for row in dossier.results if row.study == study} - {"liver", "anaphylaxis"}
        assert not benefits & {"clearly_better", "any_better", "severity", "severity_cut", "severity_fall"}


# ---------------------------------------------------------------- the traps, found from the figures alone


def of(findings: tuple[Finding, ...], check: str) -> dict[str, set[Severity]]:
    told: dict[str, set[Severity]] = {}
    for finding in findings:
        if finding.check == check:
            told.setdefault(finding.study, set()).add(finding.severity)
    return told


def test_standard_errors_printed_as_deviations(findings):
    assert set(of(findings, "SE as SD")) == {"padhi_2015", "kimbrough_green_1994", "nguyen_2021"}


def test_percentages_that_no_count_gives(dossier, findings):
    assert of(findings, "percentage") == {"jmssr_aza_hq": {Severity.CONCERN}}
    assert all(row.events is None for row in dossier.results if row.study == "jmssr_aza_hq")


def test_trials_that_contradict_each_other(findings):
    assert set(of(findings, "contradiction")) == {
        *("sharma_2017", "anantapur_2025"),  # injections and tablets
        *("mntxa_vs_hq_2021", "mntxa_vs_hq_conf2026"),  # needling and hydroquinone
    }


def test_p_values_that_do_not_follow(findings):
    told = of(findings, "p-value")
    assert told["zubair_2016"] == {Severity.SERIOUS}
    assert told["karrabi_2021_mkf"] == {Severity.CONCERN}


def test_arms_that_did_not_start_alike(findings):
    assert set(of(findings, "baseline")) == {"karrabi_2020_meso", "patil_bubna_2022", "aboalsoud_2022"}


def test_a_trial_told_twice_in_other_figures_is_the_reader_s_to_see(dossier, findings):
    """Rahim Yar Khan and Lodhran share their words and not one figure: no sum can find that, so a person wrote it."""
    assert of(findings, "twins") == {}
    for study, other in (("rahim_yar_khan_2021", "Lodhran"), ("lodhran_2022", "Rahim Yar Khan")):
        assert other in (dossier.studies[study].note or "")
        assert dossier.studies[study].risk_of_bias.value == "high"
        assert all(row.sd is None for row in found(dossier, study, "severity").values())


# ---------------------------------------------------------------- what it comes to


def test_the_evidence_cannot_tell_and_says_so(assessment):
    assert not assessment.answer.can_tell
    assert assessment.answer.known_harms == ("H2", "H6")
    assert {"H5", "B18"} <= set(assessment.answer.unmeasured)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("B1", Verdict.VERY_UNCERTAIN),  # nobody counted people without treatment
        ("B3", Verdict.VERY_UNCERTAIN),  # two trials, two answers
        ("B8", Verdict.CONTRADICTED),  # a needle brings what a cream cannot
        ("B10", Verdict.MAY_BE),
        ("B18", Verdict.NOT_MEASURED),
        ("H2", Verdict.KNOWN_RATE_UNKNOWN),
        ("H5", Verdict.NOT_MEASURED),
        ("H6", Verdict.KNOWN_RATE_UNKNOWN),
    ],
)
def test_verdicts(assessment, claim, verdict):
    assert {judged.claim: judged.verdict for judged in assessment.claims}[claim] is verdict


def test_no_count_is_made_of_an_impossible_percentage(assessment):
    (effect,) = [
        effect.pooled
        for effect in assessment.effects
        if (effect.pooled.outcome, effect.pooled.treatment, effect.pooled.comparator)
        in {("clearly_better", "azelaic", "hydroquinone"), ("clearly_better", "hydroquinone", "azelaic")}
    ]
    assert effect.k == 1  # Emad 2013


def test_what_tablets_add_is_mostly_lost(assessment):
    """49 and 18 percent at the last tablet, 26 and 19 three months later: 7 of 31 are left."""
    (lost,) = [
        absolute
        for absolute in assessment.absolutes
        if (absolute.outcome, absolute.scenario) == ("tablet_gain_lost", "tablets")
    ]
    assert lost.value is not None
    assert lost.value.value == pytest.approx(100 * (1 - 7 / 31))


def test_a_claim_on_another_treatment_never_shows_the_figures_of_injections(assessment):
    """Dark marks: 0 of 27 after injections, 4 of 22 after lasers; a laser that no scenario asks about has no figure."""
    asked = [replace(one, absolute=None) if one.claim == "H11" else one for one in assessment.claims]
    lookup = Lookup(replace(assessment, claims=tuple(asked)))
    view = answer_view(lookup, Voice(Catalogue.load("en"), lookup.dossier.sources))
    (line,) = [line for line in view.uncertain if line.id == "H11"]
    assert "27" not in line.size


def test_no_sentence_of_the_dossier_names_a_tool_of_its_making():
    for table in FOLDER.iterdir():
        assert not re.search(r"/work/|/tmp/", table.read_text(encoding="utf-8"))

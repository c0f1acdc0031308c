"""The multiverse of a dossier's contrasts: which figures it takes, which studies it doubts, what leads it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from evenhand.assessment import assess
from evenhand.dossier import read_dossier
from evenhand.dossier.records import RiskOfBias
from evenhand.integrity.finding import Finding, Severity
from evenhand.messages import message
from evenhand.synthesis.pool import pool
from evenhand.synthesis.sensitivity.contrast_multiverse import multiverse_of_contrasts
from tests.conftest import ROOT
from tests.report.assessments import many_ways


@pytest.fixture(scope="module")
def bcg():
    return many_ways().effects[0].pooled


@pytest.fixture(scope="module")
def effects():
    return assess(read_dossier(ROOT / "dossiers" / "skin-whitening-injections")).effects


def _finding(study, severity, outcome=None):
    return Finding(study=study, check="GRIM", severity=severity, detail=message("hand.harm"), outcome=outcome)


def _sets(found):
    return {one.studies for one in found.specifications} - {"all", "one left out"}


def test_the_reports_own_estimate_leads(bcg):
    found = multiverse_of_contrasts(bcg)
    lead = found.specifications[found.lead]
    assert (lead.native_estimate, lead.native_ci_lower, lead.native_ci_upper) == pytest.approx(
        (bcg.estimate, bcg.lower, bcg.upper)
    )
    assert {one.measure for one in found.specifications} == {"OR", "RR", "RD"}


def test_a_named_baseline_sets_the_scale(bcg):
    found = multiverse_of_contrasts(bcg, baseline_risk=0.2)
    odds = found.specifications[found.lead].native_estimate * 0.2 / 0.8
    assert found.specifications[found.lead].estimate == pytest.approx(1000 * (odds / (1 + odds) - 0.2))


def test_studies_are_doubted_for_bias_and_for_findings_on_this_outcome(bcg):
    assert _sets(multiverse_of_contrasts(bcg)) == {"without high risk of bias"}
    doubts = [_finding("t4", Severity.CONCERN), _finding("t5", Severity.SERIOUS, "cured")]
    found = multiverse_of_contrasts(bcg, doubts)
    assert _sets(found) == {"without high risk of bias", "without integrity findings"}
    assert {one.k for one in found.specifications if one.studies == "without integrity findings"} == {11}
    elsewhere = [_finding("t4", Severity.NOTE), _finding("t5", Severity.SERIOUS, "another outcome")]
    assert _sets(multiverse_of_contrasts(bcg, elsewhere)) == {"without high risk of bias"}


def test_bias_that_nobody_assessed_is_a_set_of_its_own(bcg):
    first, *others = bcg.contrasts
    unclear = replace(first, study=replace(first.study, risk_of_bias=RiskOfBias.UNCLEAR))
    found = multiverse_of_contrasts(replace(bcg, contrasts=(unclear, *others)))
    assert "without unassessed risk of bias" in _sets(found)


def test_means_of_arms_are_read_three_ways_and_printed_differences_one(effects):
    for effect in effects:
        found, pooled = effect.multiverse, effect.pooled
        if pooled.comparator is None:
            assert found is None
        elif pooled.measure == "MD" and all(one.control is not None for one in pooled.contrasts):
            assert found.scale == "unit"
            assert {one.measure for one in found.specifications} >= {"MD", "SMD"}
    scales = {effect.multiverse.scale for effect in effects if effect.multiverse is not None}
    assert scales >= {"per 1000", "unit"}


def test_one_study_under_a_flat_prior_stands_once(effects):
    effect = next(e for e in effects if e.pooled.measure == "MD" and e.pooled.k == 1)
    assert effect.pooled.comparator is not None
    lead = effect.multiverse.specifications[effect.multiverse.lead]
    assert (lead.measure, lead.model) == ("MD", "EE")
    assert lead.estimate == pytest.approx(effect.pooled.estimate, rel=1e-9)
    assert (lead.ci_lower, lead.ci_upper) == pytest.approx((effect.pooled.lower, effect.pooled.upper), rel=1e-6)


def test_an_effect_known_as_a_ratio_alone_keeps_its_measure(bcg):
    printed = [replace(one, measure="HR", control=None) for one in bcg.contrasts]
    found = multiverse_of_contrasts(pool(printed))
    assert (found.scale, {one.measure for one in found.specifications}) == ("own", {"HR"})
    lead = found.specifications[found.lead]
    assert lead.model == "Bayes"
    assert lead.estimate == pytest.approx(math.log(lead.native_estimate))
    assert np.isfinite([one.estimate for one in found.specifications]).all()

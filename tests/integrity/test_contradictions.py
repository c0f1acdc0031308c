import math

import pytest
from scipy import stats

from evenhand.integrity.contradictions import CONTRADICTIONS
from evenhand.integrity.finding import Severity
from tests.builders import a_dossier, a_scale, an_outcome, two_arms


def counts(study, events_t, events_c, n=40, **figures):
    return two_arms({"events": events_t}, {"events": events_c}, study=study, n=n, **figures)


def means(study, mean_t, mean_c, sd="2.0", n=30, **figures):
    return two_arms({"mean": mean_t}, {"mean": mean_c}, study=study, outcome="score", sd=sd, n=n, **figures)


def told(rows):
    dossier = a_dossier(rows, outcomes=[an_outcome("better"), a_scale("score", measure="ROM")])
    return [(finding.study, finding.severity) for finding in CONTRADICTIONS.find(dossier)]


def test_two_trials_that_lean_opposite_ways_are_told_at_both():
    rows = [*counts("for", 30, 10), *counts("against", 10, 30)]
    assert told(rows) == [("for", Severity.NOTE), ("against", Severity.NOTE)]


def test_each_says_which_treatment_had_more_of_it():
    rows = [*counts("for", 30, 10), *counts("against", 10, 30)]
    dossier = a_dossier(rows, outcomes=[an_outcome("better")])
    names = [dossier.treatments[treatment].name for treatment in ("injection", "nothing")]
    said = [finding.detail.params for finding in CONTRADICTIONS.find(dossier)]
    assert [(one["first"], one["second"]) for one in said] == [tuple(names), tuple(names[::-1])]


def test_means_are_compared_in_standard_deviations_so_that_units_do_not_matter():
    assert told([*means("points", "6.0", "8.0"), *means("tenths", "80.0", "60.0", sd="20.0")]) != []


def test_how_large_an_effect_is_may_differ():
    assert told([*counts("much", 39, 2), *counts("little", 22, 18)]) == []


def test_a_trial_that_leans_nowhere_contradicts_nobody():
    assert told([*counts("for", 38, 2), *counts("even", 19, 20)]) == []


@pytest.mark.parametrize(("events", "found"), [(24, False), (26, True)])
def test_how_far_apart_is_the_normal_test_of_two_log_odds_ratios(events, found):
    """One pair of trials, mirror images of each other."""
    n = 40
    effect = 2 * math.log(events / (n - events))
    variance = 2 / events + 2 / (n - events)
    p = 2 * stats.norm.sf(2 * effect / math.sqrt(2 * variance))
    assert effect / math.sqrt(variance) > 1
    rows = [*counts("for", events, n - events), *counts("against", n - events, events)]
    # As many other pairs as make chance enough to part the first of these, and not the second.
    others = [row for place in range(9) for row in counts(f"even {place}", 20, 20)]
    pairs = math.comb(11, 2)
    assert bool(p * pairs < 0.05) is found
    assert bool(told([*rows, *others])) is found


def test_zero_cells_and_people_missing():
    rows = [*counts("none", 0, 12), *counts("all", 40, 28)]
    assert {study for study, _ in told(rows)} == {"none", "all"}
    assert told([*counts("for", 30, 10, n=None), *counts("against", 10, 30)]) == []


def test_values_before_treatment_are_not_compared():
    assert told([*means("for", "6.0", "8.0", followup_weeks=0.0), *means("against", "8.0", "6.0")]) == []

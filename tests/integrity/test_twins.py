import numpy as np
import pytest

from evenhand.integrity.finding import Severity
from evenhand.integrity.twins import TWINS, chance_of_twin
from evenhand.words.catalogue import Catalogue
from tests.builders import a_dossier, a_result, two_arms


def findings(rows):
    return list(TWINS.find(a_dossier(rows)))


def study(name, *arms, first_row=2):
    return [
        a_result(name, "score", treatment=treatment, n=27, mean=mean, sd=sd, row=first_row + place)
        for place, (treatment, (mean, sd)) in enumerate(zip(("injection", "nothing"), arms, strict=True))
    ]


KARRABI = (("36.17", "10.30"), ("40.74", "12.61"))  # Karrabi et al. (2020), melanin at 16 weeks


def test_one_trial_reported_twice():
    found = findings([*study("first", *KARRABI), *study("second", *KARRABI, first_row=4)])
    assert [(finding.study, finding.rows) for finding in found] == [("first", (2, 3)), ("second", (4, 5))]
    assert {finding.severity for finding in found} == {Severity.CONCERN}
    said = Catalogue.load("en").say(found[0].detail)
    assert "2 results" in said
    assert "Second 2020" in said


def test_one_shared_mean_is_no_twin():
    other = (("36.17", "9.41"), ("41.02", "12.61"))
    assert findings([*study("first", *KARRABI), *study("second", *other, first_row=4)]) == []


def test_other_numbers_of_people_are_no_twins():
    second = [a_result("second", "score", n=26, mean=mean, sd=sd) for mean, sd in KARRABI[:1]]
    assert findings([*study("first", *KARRABI), *second]) == []


def test_two_arms_with_one_mean_and_spread():
    (finding,) = findings(study("first", KARRABI[0], KARRABI[0]))
    assert finding.rows == (2, 3)
    assert "mean 36.17, standard deviation 10.30" in Catalogue.load("en").say(finding.detail)


def test_two_arms_with_one_spread_may_be():
    """Two arms of 25 with SD 1.19 each and other means: rare, and yet printed (microneedling trial, 2021)."""
    assert findings(study("first", ("3.032", "1.19"), ("3.712", "1.19"))) == []


def test_coarse_figures_agree_easily():
    assert findings(study("first", ("7", "3"), ("7", "3"))) == []


def counts(name, *events, n=30, first_row=2):
    return [
        a_result(name, "better", treatment=f"arm {place}", events=x, n=n, row=first_row + place)
        for place, x in enumerate(events)
    ]


def test_counts_that_agree_by_chance():
    assert findings([*counts("first", 6, 3, n=16), *counts("second", 6, 3, n=16, first_row=4)]) == []
    assert findings([*counts("first", 0, 0), *counts("second", 0, 0, first_row=4)]) == []


def test_many_counts_that_agree_are_one_trial():
    events = (133, 71, 164, 98)
    rows = [*counts("first", *events, n=300), *counts("second", *events, n=300, first_row=6)]
    assert {finding.study for finding in findings(rows)} == {"first", "second"}


def test_chance_is_that_of_the_binomial():
    # The likeliest count of 16 with 6 seen: C(16, 6) 0.375^6 0.625^10.
    assert chance_of_twin(a_result(events=6, n=16)) == pytest.approx(8008 * 0.375**6 * 0.625**10)
    assert chance_of_twin(a_result(events=0, n=16)) == 1


def test_chance_bounds_what_simulation_shows():
    rng = np.random.default_rng(7)
    n, repeats = 27, 20_000
    draws = rng.normal(36, 10, (repeats, 2, n))
    means = draws.mean(axis=2).round(0)
    share = (means[:, 0] == means[:, 1]).mean()
    bound = chance_of_twin(a_result(mean="36", sd="10.0", n=n)) / (0.1 / (2 * np.sqrt(np.pi) * 10 / np.sqrt(2 * n)))
    assert share == pytest.approx(bound, rel=0.1)


def test_independent_trials_are_hardly_ever_twins():
    """Six trials of 30 a side with the same true shares, 500 times: fewer than 1 in 100 are told."""
    rng = np.random.default_rng(1)

    def trials():
        for trial in range(6):
            yield from two_arms(
                {"events": int(rng.binomial(30, 0.5))}, {"events": int(rng.binomial(30, 0.4))}, study=f"t{trial}", n=30
            )

    assert sum(bool(findings(trials())) for _ in range(500)) < 5

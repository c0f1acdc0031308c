"""Lightness of skin in Wahab 2021, Tables 3-4: the arms of a fair trial that did not start alike."""

from dataclasses import replace

import pytest

from evenhand.integrity.baseline import BASELINE
from evenhand.integrity.finding import Severity
from tests.builders import a_dossier, two_arms

APART = ((49.87, 47.68), (50.16, 46.39))  # start and end


def rows(start, end):
    return [
        row
        for week, (treated, control) in ((0.0, start), (8.0, end))
        for row in two_arms({"mean": treated}, {"mean": control}, followup_weeks=week, n=23, sd=3.5)
    ]


@pytest.mark.parametrize(
    ("start", "end", "flagged"),
    [
        ((49.87, 47.68), (50.16, 46.39), True),  # capsules: 2.19 of 3.77 was there before
        ((48.13, 47.68), (49.07, 46.39), False),  # cream: 0.45 of 2.68
        ((49.78, 47.68), (51.21, 46.39), False),  # both: 2.10 of 4.82, less than half
        ((45.0, 47.68), (50.0, 46.39), False),  # behind at the start, ahead at the end
        ((48.0, 47.68), (46.9, 46.39), False),  # two thirds, but a tenth of a standard deviation
        ((47.68, 47.68), (46.39, 46.39), False),
    ],
)
def test_what_was_there_before(start, end, flagged):
    findings = list(BASELINE.find(a_dossier(rows(start, end))))
    assert bool(findings) is flagged
    if flagged:
        assert findings[0].severity is Severity.CONCERN
        assert findings[0].detail.params["start"] == pytest.approx(2.19)
        assert findings[0].detail.params["end"] == pytest.approx(3.77)


def test_without_a_start_there_is_nothing_to_say():
    assert list(BASELINE.find(a_dossier(rows((49.87, 47.68), (50.16, 46.39))[2:]))) == []


def test_of_two_active_treatments_the_last_stands_for_the_control():
    active = [replace(row, treatment="cream" if row.treatment == "nothing" else row.treatment) for row in rows(*APART)]
    findings = list(BASELINE.find(a_dossier(active)))
    assert [finding.detail.params["start"] for finding in findings] == [pytest.approx(2.19)]

"""What the multiverse of an effect says to a reader: one sentence after the other, a picture, and a folded table.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from evenhand.dossier.records import Outcome
from evenhand.effects import MEASURES
from evenhand.figures import Svg, multiverse_plot
from evenhand.outlook.absolute import Interval
from evenhand.report.amounts import PER_1000, change_range, figure
from evenhand.report.voice import Voice
from evenhand.synthesis.sensitivity.specification import Choice, Multiverse, Option, Specification
from evenhand.words import key_of
from evenhand.words.catalogue import Catalogue, Raw

_DRAWN = 120  # analyses in a picture: more would be thinner than a line
_WIDTH = 560.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionRow:
    """One option of one choice."""

    choice: Markup
    span: int  # rows that the choice has, in its first; 0 in the others
    option: Markup
    ways: Markup
    estimates: Markup  # from the lowest to the highest
    excluding: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiverseView:
    """An effect's multiverse, as a page shows it."""

    sentences: tuple[Markup, ...]
    picture: Svg
    notes: tuple[Markup, ...]
    rows: tuple[OptionRow, ...]


def multiverse_view(
    found: Multiverse | None, measure: str, outcome: Outcome, key: str, voice: Voice
) -> MultiverseView | None:
    """The view of a multiverse; None where there is none, or only one analysis gave an estimate.

    Parameters
    ----------
    found : Multiverse or None
    measure : str
        Of the effect that the report leads with.
    outcome : Outcome
    key : str
        Prefix of the picture's ids.
    voice : Voice
    """
    if found is None or len(found.estimated) < 2:
        return None
    reading = _Reading(found, measure, outcome, voice)
    return MultiverseView(
        sentences=tuple(reading.sentences()),
        picture=_picture(found, reading, key, voice.catalogue),
        notes=tuple(reading.notes()),
        rows=tuple(_rows(found, reading)),
    )


class _Reading:
    """The words of one multiverse."""

    def __init__(self, found: Multiverse, measure: str, outcome: Outcome, voice: Voice) -> None:
        self.found = found
        self.measure = measure
        self.outcome = outcome
        self.voice = voice
        self.unit = PER_1000 if found.scale == PER_1000 else ""

    def sentences(self) -> list[Markup]:
        found, text = self.found, self.voice.text
        m = len(found.estimated)
        said = [text("report.multiverse.ways", n=m)]
        way = "more" if found.more >= found.fewer else "fewer"
        most, least = max(found.more, found.fewer), min(found.more, found.fewer)
        kind = "people" if found.scale == PER_1000 else "scale"
        if most == m:
            said.append(text(f"report.multiverse.all.{kind}.{way}"))
        elif most:
            said.append(text(f"report.multiverse.some.{kind}.{way}", most=most, least=least))
        said.append(text("report.multiverse.sure", n=found.surely_more + found.surely_fewer))
        said.append(self._range())
        if found.hangs_on is not None:
            said.append(text(f"report.multiverse.hangs_on.{found.hangs_on.name}"))
        return said

    def notes(self) -> list[Markup]:
        """What the numbers rest on, and what could not be done."""
        found, text = self.found, self.voice.text
        said = []
        if found.baseline_risk is not None:
            risk = figure(self.voice.catalogue, 1000 * found.baseline_risk, PER_1000)
            said.append(text("report.multiverse.baseline", risk=risk))
        measures = {one.measure for one in found.estimated}
        if "SMD" in measures and found.unit_sd is not None:
            said.append(text("report.multiverse.unit_sd", sd=found.unit_sd))
        if "ROM" in measures and found.baseline_mean is not None:
            said.append(text("report.multiverse.baseline_mean", mean=found.baseline_mean))
        said += [text(f"report.multiverse.nothing_left.{key_of(name)}") for name in found.nothing_left]
        if len(found.estimated) > _DRAWN:
            said.append(text("report.multiverse.thinned", drawn=_DRAWN, all=len(found.estimated)))
        if (none := len(found.specifications) - len(found.estimated)) > 0:
            said.append(text("report.multiverse.without", n=none))
        said.append(text("report.multiverse.in_full"))
        return said

    def _range(self) -> Markup:
        found = self.found
        if found.scale == "own":
            return self.voice.text(
                "report.multiverse.range.own",
                range=self.estimates(found.lowest, found.highest),
                measure=Raw(self.voice.catalogue.text(MEASURES[self.measure].label)),
            )
        key = "report.multiverse.range.people" if found.scale == PER_1000 else "report.multiverse.range.unit"
        gaps = {"range": self.estimates(found.lowest, found.highest)}
        return self.voice.text(key, **gaps, **({} if self.unit else {"unit": self.outcome.unit}))

    def estimates(self, lowest: float, highest: float) -> Raw:
        """From the lowest to the highest estimate."""
        catalogue = self.voice.catalogue
        if self.found.scale != "own":
            middle = 0.5 * (lowest + highest)
            span = Interval(value=middle, lower=_rounded(lowest, self.unit), upper=_rounded(highest, self.unit))
            return change_range(catalogue, span, self.unit)
        shown = [
            float(MEASURES[self.measure].to_display(np.float64(value)))  # type: ignore[arg-type]
            for value in (lowest, highest)
        ]
        ends = [catalogue.number(_three(value)) for value in shown]
        return Raw(ends[0] if ends[0] == ends[1] else catalogue.interval(*ends))

    def choice(self, name: str) -> str:
        """A choice's heading."""
        return self.voice.catalogue.text(f"report.multiverse.choice.{name}")

    def option(self, choice: str, option: str, left_out: str | None = None) -> str:
        """An option in words; any one study left out goes by one name."""
        catalogue = self.voice.catalogue
        if choice == "measure":
            short = f"report.multiverse.measure.{key_of(option)}"
            return catalogue.text(short if catalogue.has(short) else MEASURES[option].label)
        if left_out is not None:
            return catalogue.text("report.multiverse.studies.one_left_out")
        return catalogue.text(f"report.multiverse.{choice}.{key_of(option)}")


def _rounded(value: float, unit: str) -> float:
    return value if unit == PER_1000 else _three(value)


def _three(value: float) -> float:
    return float(f"{value:.3g}") if math.isfinite(value) else value


def _picture(found: Multiverse, reading: _Reading, key: str, catalogue: Catalogue) -> Svg:
    drawn, lead = _thinned(found)
    own = found.scale == "own"
    heading = None
    if not own:
        people = found.scale == PER_1000
        heading = catalogue.text(
            "report.multiverse.axis.people" if people else "report.multiverse.axis.unit",
            **({} if people else {"unit": reading.outcome.unit}),
        )
    return multiverse_plot(
        [one.estimate for one in drawn],
        [one.ci_lower for one in drawn],
        [one.ci_upper for one in drawn],
        {
            reading.choice(choice.name): [
                reading.option(
                    choice.name, getattr(one, choice.name), one.left_out if choice.name == "studies" else None
                )
                for one in drawn
            ]
            for choice in found.choices
        },
        main=lead,
        main_label=catalogue.text("report.multiverse.lead"),
        measure=reading.measure if own else None,
        effect_label=heading,
        title=catalogue.text("report.multiverse.title"),
        language=catalogue.language,
        key=key,
        width=_WIDTH,
    )


def _thinned(found: Multiverse) -> tuple[list[Specification], int | None]:
    """Few enough analyses to be told apart, evenly from the lowest to the highest, the leading one among them."""
    estimates = np.array([one.estimate for one in found.specifications])
    ranked = np.argsort(estimates, kind="stable")[: len(found.estimated)]
    if ranked.size > _DRAWN:
        ranked = ranked[np.unique(np.linspace(0, ranked.size - 1, _DRAWN).round().astype(int))]
        if found.lead is not None and found.lead not in ranked:
            # In the place of its nearest neighbour between the ends.
            ranked[1 + np.argmin(np.abs(estimates[ranked[1:-1]] - estimates[found.lead]))] = found.lead
    drawn = sorted(ranked.tolist())  # in the order of the options
    return [found.specifications[place] for place in drawn], drawn.index(found.lead) if found.lead in drawn else None


def _rows(found: Multiverse, reading: _Reading) -> list[OptionRow]:
    """One row an option; the studies left out one at a time share theirs."""
    rows = []
    for choice in found.choices:
        together = _together(choice)
        for place, options in enumerate(together):
            estimates = reading.estimates(min(one.lowest for one in options), max(one.highest for one in options))
            count, excluding = (sum(getattr(one, name) for one in options) for name in ("count", "excluding"))
            rows.append(
                OptionRow(
                    choice=reading.voice.term(reading.choice(choice.name)),
                    span=0 if place else len(together),
                    option=reading.voice.term(reading.option(choice.name, options[0].name, options[0].left_out)),
                    ways=reading.voice.number(count),
                    estimates=reading.voice.term(estimates),
                    excluding=reading.voice.text("report.multiverse.of", part=excluding, whole=count),
                )
            )
    return rows


def _together(choice: Choice) -> list[Sequence[Option]]:
    single = [[option] for option in choice.options if option.left_out is None]
    one_out = [option for option in choice.options if option.left_out is not None]
    return [*single, *([one_out] if one_out else [])]

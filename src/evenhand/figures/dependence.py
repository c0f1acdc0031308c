"""A harm or benefit as it depends on something: its picture, the key to its signs, and its numbers as a table.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from collections.abc import Callable
from dataclasses import dataclass

from evenhand.dossier.records import Dependence, Hand, Words
from evenhand.figures.data_table import DataTable
from evenhand.figures.dependence_bars import bars_picture, bars_table
from evenhand.figures.dependence_curve import curve_legend, curve_picture, curve_table
from evenhand.figures.dependence_frame import Frame
from evenhand.figures.dependence_measured import measured_legend, measured_picture, measured_table
from evenhand.figures.legend import KeyEntry
from evenhand.figures.svg import Svg
from evenhand.outlook.absolute import DrawnDependence
from evenhand.words.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of dependence: how it is drawn, explained and tabulated."""

    name: str
    picture: Callable[[Dependence, DrawnDependence, Frame], Svg]
    legend: Callable[[Dependence, DrawnDependence, Frame], tuple[KeyEntry, ...]]
    table: Callable[[Dependence, DrawnDependence, Frame], DataTable]


def _no_legend(_dependence: Dependence, _drawn: DrawnDependence, _frame: Frame) -> tuple[KeyEntry, ...]:
    """Bars carry their names and numbers beside them."""
    return ()


KINDS = {
    kind.name: kind
    for kind in (
        Kind(name="curve", picture=curve_picture, legend=curve_legend, table=curve_table),
        Kind(name="bars", picture=bars_picture, legend=_no_legend, table=bars_table),
        Kind(name="measured", picture=measured_picture, legend=measured_legend, table=measured_table),
    )
}


def dependence_picture(
    dependence: Dependence,
    drawn: DrawnDependence,
    *,
    key: str,
    catalogue: Catalogue,
    hand: Hand | None = None,
    unit: Words | None = None,
    narrow: bool = False,
    label_of: Callable[[str], str] = str,
) -> Svg:
    """The picture of one dependence.

    Parameters
    ----------
    key : str
        Prefix of all ids; different for every figure of a page, also for the narrow and the wide one.
    hand : Hand or None
        Of the outcome; gives the colour.
    unit : Words or None
        The outcome's unit where `drawn.unit` is not people of 1,000; without it `drawn.unit` stands as it is.
    narrow : bool
        Drawn for 320 CSS pixels: lines end in letters, which `dependence_legend` explains. A page holds both and
        shows the one that fits (classes `figure-wide` and `figure-narrow` in `palette.stylesheet`).
    label_of : callable
        From a study's id to its label.
    """
    frame = Frame(key=key, catalogue=catalogue, hand=hand, unit=unit, narrow=narrow, label_of=label_of)
    return KINDS[dependence.kind].picture(dependence, drawn, frame)


def dependence_legend(
    dependence: Dependence,
    drawn: DrawnDependence,
    *,
    key: str,
    catalogue: Catalogue,
    hand: Hand | None = None,
) -> tuple[KeyEntry, ...]:
    """What the signs of the picture stand for: lines with their letters, marks of study designs; none for bars."""
    return KINDS[dependence.kind].legend(dependence, drawn, Frame(key=f"{key}-key", catalogue=catalogue, hand=hand))


def dependence_table(
    dependence: Dependence,
    drawn: DrawnDependence,
    *,
    catalogue: Catalogue,
    unit: Words | None = None,
    label_of: Callable[[str], str] = str,
) -> DataTable:
    """The numbers of the picture."""
    frame = Frame(key="", catalogue=catalogue, unit=unit, label_of=label_of)
    return KINDS[dependence.kind].table(dependence, drawn, frame)

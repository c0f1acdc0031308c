"""Every picture evenhand draws: records and a catalogue of words in, SVG text out.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

A picture has a title and a description that say its result in words, no fixed size, and ids that begin with the `key`
its caller gives. `stylesheet()` is the CSS of a page that holds any of them.
"""

from evenhand.figures.certainty_mark import certainty_mark
from evenhand.figures.data_table import Cell, DataTable
from evenhand.figures.dependence import dependence_legend, dependence_picture, dependence_table
from evenhand.figures.forest_rows import ForestRow, ForestTable, forest_rows
from evenhand.figures.forest_svg import forest_svg
from evenhand.figures.legend import KeyEntry
from evenhand.figures.palette import stylesheet
from evenhand.figures.people import PeoplePanel, PeoplePanels, people_array, people_panels, people_picture
from evenhand.figures.risk_mark import risk_mark, risk_word
from evenhand.figures.svg import Svg

__all__ = [
    "Cell",
    "DataTable",
    "ForestRow",
    "ForestTable",
    "KeyEntry",
    "PeoplePanel",
    "PeoplePanels",
    "Svg",
    "certainty_mark",
    "dependence_legend",
    "dependence_picture",
    "dependence_table",
    "forest_rows",
    "forest_svg",
    "people_array",
    "people_panels",
    "people_picture",
    "risk_mark",
    "risk_word",
    "stylesheet",
]

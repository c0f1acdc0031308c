"""Every picture evenhand draws: records and a catalogue of words in, SVG text out.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

A picture has a title and a description that say its result in words, no fixed size, and ids that begin with the `key`
its caller gives. `stylesheet()` is the CSS of a page that holds any of them.

The pictures of an assessed dossier take its records; the plots of the field take plain arrays, and are imported when
first asked for:

| function | in | shows |
|---|---|---|
| `forest_plot` | `forest` | studies, pooled effects of several models, subgroups, risk of bias |
| `cumulative_plot` | `cumulative` | the pooled effect as studies are added, or as each is left out |
| `funnel_plot` | `funnel` | effects against precision, with contours of significance |
| `drapery_plot` | `drapery` | p-value functions |
| `radial_plot` | `radial` | Galbraith's plot |
| `labbe_plot` | `labbe` | risks of both arms |
| `baujat_plot` | `baujat` | heterogeneity against influence |
| `gosh_plot` | `gosh` | all subsets of the studies |
| `bubble_plot` | `bubble` | a meta-regression |
| `multiverse_plot` | `multiverse` | the specification curve |
| `qq_plot` | `normal_quantiles` | residuals against normal ones |
| `profile_plot` | `likelihood_profile` | profile likelihood of tau2 |
| `risk_of_bias_plot` | `risk_of_bias` | traffic lights, or a bar a domain |
| `write_figure` | `export` | any of them as a file: SVG, PNG, PDF |
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from evenhand.figures.baujat import baujat_plot
    from evenhand.figures.bubble import bubble_plot
    from evenhand.figures.cumulative import cumulative_plot
    from evenhand.figures.drapery import drapery_plot
    from evenhand.figures.export import MissingFontError, write_figure
    from evenhand.figures.forest import (
        ForestBias,
        ForestColumn,
        ForestGroup,
        ForestSummary,
        Heterogeneity,
        forest_plot,
    )
    from evenhand.figures.funnel import funnel_plot
    from evenhand.figures.gosh import gosh_plot
    from evenhand.figures.labbe import labbe_plot
    from evenhand.figures.likelihood_profile import profile_plot
    from evenhand.figures.multiverse import multiverse_plot
    from evenhand.figures.normal_quantiles import qq_plot
    from evenhand.figures.radial import radial_plot
    from evenhand.figures.risk_of_bias import risk_of_bias_plot
    from evenhand.figures.risk_tools import RISK_TOOLS

# Imported when first asked for: a report draws none of these.
_HOME = {
    "ForestBias": "forest",
    "ForestColumn": "forest",
    "ForestGroup": "forest",
    "ForestSummary": "forest",
    "Heterogeneity": "forest",
    "MissingFontError": "export",
    "RISK_TOOLS": "risk_tools",
    "baujat_plot": "baujat",
    "bubble_plot": "bubble",
    "cumulative_plot": "cumulative",
    "drapery_plot": "drapery",
    "forest_plot": "forest",
    "funnel_plot": "funnel",
    "gosh_plot": "gosh",
    "labbe_plot": "labbe",
    "multiverse_plot": "multiverse",
    "profile_plot": "likelihood_profile",
    "qq_plot": "normal_quantiles",
    "radial_plot": "radial",
    "risk_of_bias_plot": "risk_of_bias",
    "write_figure": "export",
}

__all__ = [
    "RISK_TOOLS",
    "Cell",
    "DataTable",
    "ForestBias",
    "ForestColumn",
    "ForestGroup",
    "ForestRow",
    "ForestSummary",
    "ForestTable",
    "Heterogeneity",
    "KeyEntry",
    "MissingFontError",
    "PeoplePanel",
    "PeoplePanels",
    "Svg",
    "baujat_plot",
    "bubble_plot",
    "certainty_mark",
    "cumulative_plot",
    "dependence_legend",
    "dependence_picture",
    "dependence_table",
    "drapery_plot",
    "forest_plot",
    "forest_rows",
    "forest_svg",
    "funnel_plot",
    "gosh_plot",
    "labbe_plot",
    "multiverse_plot",
    "people_array",
    "people_panels",
    "people_picture",
    "profile_plot",
    "qq_plot",
    "radial_plot",
    "risk_mark",
    "risk_of_bias_plot",
    "risk_word",
    "stylesheet",
    "write_figure",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)

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
| `network_graph_plot` | `network_graph` | which treatments were compared, by how many studies, in how many people |
| `network_forest_plot` | `network_forest` | every treatment against one reference |
| `league_plot`, `league_html` | `network_league` | every treatment against every other |
| `rankogram_plot` | `rankogram` | how likely each rank of each treatment is |
| `node_split_plot` | `node_splits` | direct and indirect evidence of each comparison |
| `net_heat_plot` | `net_heat` | which designs disagree |
| `contribution_plot` | `contribution_bars` | from which studies each effect comes |
| `dose_response_plot` | `dose_response` | effects by dose, over what studies saw |
| `time_course_plot` | `time_course` | effects over time, likewise |
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
    from evenhand.figures.contribution_bars import contribution_plot
    from evenhand.figures.cumulative import cumulative_plot
    from evenhand.figures.dose_response import dose_response_plot
    from evenhand.figures.drapery import drapery_plot
    from evenhand.figures.export import MissingFontError, write_figure
    from evenhand.figures.fitted_curves import FittedCurve, SeenPoints
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
    from evenhand.figures.net_heat import net_heat_plot
    from evenhand.figures.network_forest import network_forest_plot
    from evenhand.figures.network_graph import network_graph_plot
    from evenhand.figures.network_league import LeagueTriangles, league_html, league_plot
    from evenhand.figures.node_splits import node_split_plot
    from evenhand.figures.normal_quantiles import qq_plot
    from evenhand.figures.radial import radial_plot
    from evenhand.figures.rankogram import rankogram_plot
    from evenhand.figures.risk_of_bias import risk_of_bias_plot
    from evenhand.figures.risk_tools import RISK_TOOLS
    from evenhand.figures.time_course import time_course_plot

# Imported when first asked for: a report draws none of these.
_HOME = {
    "FittedCurve": "fitted_curves",
    "ForestBias": "forest",
    "ForestColumn": "forest",
    "ForestGroup": "forest",
    "ForestSummary": "forest",
    "Heterogeneity": "forest",
    "LeagueTriangles": "network_league",
    "MissingFontError": "export",
    "RISK_TOOLS": "risk_tools",
    "SeenPoints": "fitted_curves",
    "baujat_plot": "baujat",
    "bubble_plot": "bubble",
    "contribution_plot": "contribution_bars",
    "cumulative_plot": "cumulative",
    "dose_response_plot": "dose_response",
    "drapery_plot": "drapery",
    "forest_plot": "forest",
    "funnel_plot": "funnel",
    "gosh_plot": "gosh",
    "labbe_plot": "labbe",
    "league_html": "network_league",
    "league_plot": "network_league",
    "multiverse_plot": "multiverse",
    "net_heat_plot": "net_heat",
    "network_forest_plot": "network_forest",
    "network_graph_plot": "network_graph",
    "node_split_plot": "node_splits",
    "profile_plot": "likelihood_profile",
    "qq_plot": "normal_quantiles",
    "radial_plot": "radial",
    "rankogram_plot": "rankogram",
    "risk_of_bias_plot": "risk_of_bias",
    "time_course_plot": "time_course",
    "write_figure": "export",
}

__all__ = [
    "RISK_TOOLS",
    "Cell",
    "DataTable",
    "FittedCurve",
    "ForestBias",
    "ForestColumn",
    "ForestGroup",
    "ForestRow",
    "ForestSummary",
    "ForestTable",
    "Heterogeneity",
    "KeyEntry",
    "LeagueTriangles",
    "MissingFontError",
    "PeoplePanel",
    "PeoplePanels",
    "SeenPoints",
    "Svg",
    "baujat_plot",
    "bubble_plot",
    "certainty_mark",
    "contribution_plot",
    "cumulative_plot",
    "dependence_legend",
    "dependence_picture",
    "dependence_table",
    "dose_response_plot",
    "drapery_plot",
    "forest_plot",
    "forest_rows",
    "forest_svg",
    "funnel_plot",
    "gosh_plot",
    "labbe_plot",
    "league_html",
    "league_plot",
    "multiverse_plot",
    "net_heat_plot",
    "network_forest_plot",
    "network_graph_plot",
    "node_split_plot",
    "people_array",
    "people_panels",
    "people_picture",
    "profile_plot",
    "qq_plot",
    "radial_plot",
    "rankogram_plot",
    "risk_mark",
    "risk_of_bias_plot",
    "risk_word",
    "stylesheet",
    "time_course_plot",
    "write_figure",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)

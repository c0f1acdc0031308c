"""The command on one file of many treatments: compare them all.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → report → [cli]
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evenhand.cli.choices import named
from evenhand.cli.saying import language_option, say, say_notices

if TYPE_CHECKING:
    from evenhand.workbench.network_answer import NetworkAnswer

_METHODS = "DL, ML, REML or PM, each an estimator of tau2; EE for equal effects; or BAYES."


@click.command()
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("--reference", metavar="NAME", help="The treatment that all are held against.")
@click.option("--measure", metavar="NAME", help="OR, RR, RD, IRR, MD, SMD, …; unless given, that of the figures.")
@click.option("--method", default="REML", show_default=True, metavar="NAME", help=_METHODS)
@click.option(
    "--small",
    default="good",
    show_default=True,
    type=click.Choice(["good", "bad"]),
    help="Whether small effects are good (deaths) or bad (cures), for the ranking.",
)
@click.option(
    "--level",
    default=0.95,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Of the intervals.",
)
@click.option("--json", "as_json", is_flag=True, help="Print only unrounded numbers, on the analysis scale.")
@click.option("--code", is_flag=True, help="Print the Python that does it again.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="Write a figure: .svg, .png or .pdf.",
)
@click.option(
    "--figure",
    default="forest",
    show_default=True,
    type=click.Choice(["forest", "graph", "league", "ranks", "contributions", "splits", "heat"]),
    help="Which one.",
)
@language_option
def network(
    file: Path,
    reference: str | None,
    measure: str | None,
    method: str,
    small: str,
    level: float,
    *,
    as_json: bool,
    code: bool,
    output: Path | None,
    figure: str,
    lang: str,
) -> None:
    """Compare all treatments of FILE, a CSV of studies, with each other.

    Columns by name, in any order: study, treat1, treat2, yi, sei, with all comparisons of a study of several arms; or
    one row an arm: study, treatment, and events, n or mean, sd, n or events, time.
    """
    from evenhand.workbench.network_answer import ANSWERS, answer_of_network
    from evenhand.workbench.network_file import read_network_file

    method = named(method, tuple(ANSWERS), "--method")
    read = read_network_file(file, measure, reference=reference)
    answer = answer_of_network(read, method=method, level=level, small_values_good=small == "good")
    if output is not None:
        _write_figure(answer, output, figure, lang)
    say_notices(answer.notices)
    if as_json:
        from evenhand.report.network_json import network_json

        say(network_json(answer))
        return
    from evenhand.report.network_text import network_text

    say(network_text(answer, lang))
    if code:
        from evenhand.workbench.network_code import code_of_network

        say(f"\n{code_of_network(answer, file)}")
    if output is not None:
        say(f"\n{output}")


def _write_figure(answer: "NetworkAnswer", output: Path, kind: str, lang: str) -> None:
    from evenhand.figures.export import MissingFontError, write_figure
    from evenhand.report.network_pictures import NETWORK_PICTURES

    try:
        write_figure(NETWORK_PICTURES[kind](answer, lang), output)
    except (ValueError, ModuleNotFoundError, MissingFontError) as problem:
        raise click.BadParameter(str(problem), param_hint="--output") from None

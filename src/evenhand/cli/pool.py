"""The command on one file of studies: pool it.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → report → [cli]
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evenhand.cli.choices import named
from evenhand.cli.saying import catalogue_in, language_option, say, say_notices

if TYPE_CHECKING:
    from evenhand.workbench.pool_file import PooledFile

_METHODS = (
    "An estimator of tau2 (REML, DL, PM, ML, EB, HE, HS, SJ, EE, …); MH or PETO; a mixed model of counts (UM.FS, "
    "UM.RS, CM.EL, CM.AL); or BAYES."
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("--measure", metavar="NAME", help="OR, RR, RD, MD, SMD, …; unless given, that of the figures.")
@click.option("--method", default="REML", show_default=True, metavar="NAME", help=_METHODS)
@click.option(
    "--test",
    default="z",
    show_default=True,
    metavar="NAME",
    help="Of the mean: z, t, knha (Knapp-Hartung, the better one for few studies), adhoc, hybrid, iqwig, kr.",
)
@click.option(
    "--prediction",
    default="test",
    show_default=True,
    metavar="NAME",
    help="Of a new study: test, riley, HTS, V, HK, HK-PR, KR, KR-PR, S.",
)
@click.option(
    "--level",
    default=0.95,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Of the intervals.",
)
@click.option(
    "--zero-cells",
    "to",
    type=click.Choice(["none", "only0", "if0all", "all"]),
    help="Which studies' cells get --add; unless given, what is customary for the measure.",
)
@click.option("--add", default=0.5, show_default=True, type=click.FloatRange(0), help="What is added to zero cells.")
@click.option("--outcome", metavar="NAME", help="Of a file with one row an arm: which outcome.")
@click.option("--treatment", metavar="NAME", help="Likewise: the arm that is group 1.")
@click.option("--control", metavar="NAME", help="Likewise: the arm that is group 2.")
@click.option("--json", "as_json", is_flag=True, help="Print only unrounded numbers, on the analysis scale.")
@click.option("--code", is_flag=True, help="Print the Python that does it again.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="Write a forest plot: .svg, .png or .pdf.",
)
@language_option
def pool(
    file: Path,
    measure: str | None,
    method: str,
    test: str,
    prediction: str,
    level: float,
    to: str | None,
    add: float,
    outcome: str | None,
    treatment: str | None,
    control: str | None,
    *,
    as_json: bool,
    code: bool,
    output: Path | None,
    lang: str,
) -> None:
    """Pool FILE, a CSV of studies: a table, a forest plot, and the Python that does it again.

    Columns by name, in any order: study, and yi with vi or sei; or events_1, n_1, events_2, n_2 (group 1 is treated);
    or mean_1, sd_1, n_1, mean_2, sd_2, n_2; or one row an arm, as in a dossier's results.csv.
    """
    from evenhand.effects.zero_cells import ZeroCells
    from evenhand.synthesis.pairwise import TESTS
    from evenhand.workbench.pool_file import METHODS, PREDICTIONS, pool_study_file
    from evenhand.workbench.study_file import read_study_file

    method, test = named(method, METHODS, "--method"), named(test, TESTS, "--test")
    prediction = named(prediction, PREDICTIONS, "--prediction")
    studies = read_study_file(file, measure, outcome=outcome, treatment=treatment, control=control)
    try:
        zero_cells = None if to is None else ZeroCells(add=add, to=to)  # type: ignore[arg-type]  # click's choices
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="--add") from None
    pooled = pool_study_file(
        studies, method=method, test=test, level=level, prediction=prediction, zero_cells=zero_cells
    )
    if output is not None:
        _write_forest(pooled, output, lang)
    say_notices([*(catalogue_in(lang).say(doubt) for doubt in studies.doubts), *pooled.notices])
    if as_json:
        from evenhand.report.pooled_json import pooled_json

        say(pooled_json(pooled))
        return
    from evenhand.report.pooled_text import pooled_text

    say(pooled_text(pooled, lang))
    if code:
        from evenhand.workbench.reproduce import code_of_pool

        say(f"\n{code_of_pool(pooled, file)}")
    if output is not None:
        say(f"\n{output}")


def _write_forest(pooled: "PooledFile", output: Path, lang: str) -> None:
    from evenhand.figures.export import MissingFontError, write_figure
    from evenhand.report.pooled_forest import pooled_forest

    try:
        write_figure(pooled_forest(pooled, lang), output)
    except (ValueError, ModuleNotFoundError, MissingFontError) as problem:
        raise click.BadParameter(str(problem), param_hint="--output") from None

"""The commands on a dossier: assess it, check it, begin a new one.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → report → [cli]
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evenhand.cli.saying import catalogue_in, language_option, say, say_notices

if TYPE_CHECKING:
    from evenhand.assessment import Progress
    from evenhand.dossier import Dossier
    from evenhand.words import Catalogue

PATIENCE_SECONDS = 1.0  # what takes longer than this says what it is doing

DATA_FILE = "assessment.json"  # the machine's copy, beside the report

# Whether the folder may be opened is said by its reader, with a mend.
_dossier = click.argument("dossier", type=click.Path(path_type=Path, readable=False))


@click.command()
@_dossier
@click.option(
    "--scenario", metavar="NAME", help="The scenario asked about, by its id; the dossier's default unless given."
)
@language_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="The report's file; out/NAME/report.html unless given.",
)
def assess(dossier: Path, scenario: str | None, lang: str, output: Path | None) -> None:
    """Weigh DOSSIER, a folder of evidence: one self-contained HTML report, and assessment.json beside it."""
    from evenhand.assessment import assess as weigh
    from evenhand.report.html import render_html
    from evenhand.report.json_document import document, to_json
    from evenhand.report.terminal import short_answer
    from evenhand.report.write import write_texts

    target = _target(dossier, output)
    with _stages(catalogue_in(lang)) as tell:
        tell("reading")
        read = _read(dossier)
        assessment = weigh(read, scenario, progress=tell)
        tell("report")
        page = render_html(assessment, lang)
        data = to_json(document(assessment, lang))
    write_texts({target: page, target.with_name(DATA_FILE): data})
    say_notices(read.notices)
    say(short_answer(assessment, lang))
    say(target)


@click.command()
@_dossier
@language_option
def check(dossier: Path, lang: str) -> None:
    """List every fault of DOSSIER, and every reported number that does not follow from the others; compute nothing."""
    from evenhand.integrity import check_integrity

    catalogue = catalogue_in(lang)
    with _stages(catalogue) as tell:
        tell("reading")
        read = _read(dossier)
        tell("integrity")
        findings = check_integrity(read)
    say_notices(read.notices)
    for finding in findings:
        severity = catalogue.text(f"cli.severity.{finding.severity.value}")
        rows = ", ".join(str(row) for row in finding.rows)
        place = f"results.csv {rows}: " if rows else ""
        study = read.studies[finding.study].label
        say(f"{place}{study} [{finding.check}, {severity}] {catalogue.say(finding.detail)}")
    say(catalogue.text("cli.no_faults"))
    say(catalogue.text("cli.findings", n=len(findings)))


@click.command()
@click.argument("name", type=click.Path(path_type=Path, readable=False))
def new(name: Path) -> None:
    """Write a small commented dossier to fill in, in the new folder NAME."""
    from evenhand.dossier.template import new_dossier

    folder = new_dossier(name)
    say(catalogue_in("en").text("cli.new_dossier", folder=str(folder)))


def _read(folder: Path) -> "Dossier":
    from evenhand.dossier import read_dossier

    return read_dossier(folder)


def _target(dossier: Path, output: Path | None) -> Path:
    """Where the report goes: a file as named, a folder's report.html, or out/NAME/report.html."""
    if output is None:
        return Path("out") / dossier.resolve().name / "report.html"
    target = output / "report.html" if output.is_dir() else output
    if target.name == DATA_FILE:
        raise click.BadParameter(f"'{DATA_FILE}' is written beside the report. Mend: name the report .html")
    return target


@contextmanager
def _stages(catalogue: "Catalogue") -> Iterator["Progress"]:
    """Say on stderr what is being done, once patience has run out; what is quick says nothing."""
    said = threading.Event()
    stage = "reading"

    def say() -> None:
        said.set()
        click.echo(catalogue.text(f"cli.stage.{stage}"), err=True)

    def tell(now: str) -> None:
        nonlocal stage
        stage = now
        if said.is_set():
            say()

    timer = threading.Timer(PATIENCE_SECONDS, say)
    timer.daemon = True
    timer.start()
    try:
        yield tell
    finally:
        timer.cancel()

"""The commands: assess a dossier, check it, begin a new one.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → report → [cli]

Nothing but the option parser is imported before a command runs, so that `evenhand --help` answers at once. Exit
codes: 0 done, 2 something in the dossier or the call must be mended; nothing is then written.
"""

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evenhand import __version__

if TYPE_CHECKING:
    from evenhand.assessment import Progress
    from evenhand.dossier import Dossier
    from evenhand.words import Catalogue

NEEDS_MENDING = 2
PATIENCE_SECONDS = 1.0  # what takes longer than this says what it is doing

DATA_FILE = "assessment.json"  # the machine's copy, beside the report

# Whether the folder may be opened is said by its reader, with a mend.
_dossier = click.argument("dossier", type=click.Path(path_type=Path, readable=False))
_language = click.option(
    "--lang", type=click.Choice(["en", "ar"]), default="en", show_default=True, help="Language of what is written."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="evenhand")
def app() -> None:
    """Weigh the benefits and the harms of a treatment: from a folder of evidence to a report."""


@app.command()
@_dossier
@click.option(
    "--scenario", metavar="NAME", help="The scenario asked about, by its id; the dossier's default unless given."
)
@_language
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
    with _stages(_catalogue(lang)) as tell:
        tell("reading")
        read = _read(dossier)
        assessment = weigh(read, scenario, progress=tell)
        tell("report")
        page = render_html(assessment, lang)
        data = to_json(document(assessment, lang))
    write_texts({target: page, target.with_name(DATA_FILE): data})
    _say_notices(read)
    _say(short_answer(assessment, lang))
    _say(target)


@app.command()
@_dossier
@_language
def check(dossier: Path, lang: str) -> None:
    """List every fault of DOSSIER, and every reported number that does not follow from the others; compute nothing."""
    from evenhand.integrity import check_integrity

    catalogue = _catalogue(lang)
    with _stages(catalogue) as tell:
        tell("reading")
        read = _read(dossier)
        tell("integrity")
        findings = check_integrity(read)
    _say_notices(read)
    for finding in findings:
        severity = catalogue.text(f"cli.severity.{finding.severity.value}")
        rows = ", ".join(str(row) for row in finding.rows)
        place = f"results.csv {rows}: " if rows else ""
        study = read.studies[finding.study].label
        _say(f"{place}{study} [{finding.check}, {severity}] {catalogue.say(finding.detail)}")
    _say(catalogue.text("cli.no_faults"))
    _say(catalogue.text("cli.findings", n=len(findings)))


@app.command()
@click.argument("name", type=click.Path(path_type=Path, readable=False))
def new(name: Path) -> None:
    """Write a small commented dossier to fill in, in the new folder NAME."""
    from evenhand.dossier.template import new_dossier

    folder = new_dossier(name)
    _say(_catalogue("en").text("cli.new_dossier", folder=str(folder)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; what must be mended is printed on stderr, never a traceback."""
    # The matrices here are small: threads over them cost more processor time than they save.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show Arabic gets question marks, not a crash half-way.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app.main(arguments, prog_name="evenhand", standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        return NEEDS_MENDING
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return 130
    except KeyError:
        raise  # a missing sentence or record is our bug, and must be seen
    except (_dossier_error(), OSError, LookupError) as problem:
        _say_problem(problem)
        return NEEDS_MENDING
    return 0


def _dossier_error() -> type[Exception]:
    from evenhand.dossier.faults import DossierError

    return DossierError


def _say_problem(problem: Exception) -> None:
    from evenhand.dossier.faults import DossierError

    if isinstance(problem, OSError) and problem.errno is not None:
        # From the system, without a mend of ours.
        where = "" if problem.filename is None else f"{problem.filename}: "
        _say(f"{where}{problem.strerror}. Mend: check the path, its permissions and the room on the disk", err=True)
        return
    _say(problem, err=True)
    if isinstance(problem, DossierError):
        _say(_catalogue("en").text("cli.faults", n=len(problem.faults)), err=True)


def _say(text: object, *, err: bool = False) -> None:
    """Print a text; a name that holds a control sequence does not get to steer the terminal."""
    from evenhand.dossier.text_file import visible

    click.echo(visible(str(text)), err=err)


def _catalogue(lang: str) -> "Catalogue":
    from evenhand.words import Catalogue

    return Catalogue.load(lang)


def _read(folder: Path) -> "Dossier":
    from evenhand.dossier import read_dossier

    return read_dossier(folder)


def _say_notices(dossier: "Dossier") -> None:
    for notice in dossier.notices:
        _say(notice, err=True)


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

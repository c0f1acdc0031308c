"""The command line: its commands by name, exit codes, and faults told without a traceback.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → report → [cli]

Nothing but the option parser is imported before a command runs, so that `evenhand --help` answers at once. Exit
codes: 0 done, 2 something in the files or the call must be mended; nothing is then written.
"""

import os
import sys
from collections.abc import Sequence

import click

from evenhand import __version__
from evenhand.cli.dossiers import assess, check, new
from evenhand.cli.network import network
from evenhand.cli.pool import pool
from evenhand.cli.saying import catalogue_in, say

NEEDS_MENDING = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="evenhand")
def app() -> None:
    """Weigh the benefits and the harms of a treatment: from a folder of evidence to a report."""


for _command in (assess, check, network, new, pool):
    app.add_command(_command)


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
        say(f"{where}{problem.strerror}. Mend: check the path, its permissions and the room on the disk", err=True)
        return
    say(problem, err=True)
    if isinstance(problem, DossierError):
        say(catalogue_in("en").text("cli.faults", n=len(problem.faults)), err=True)

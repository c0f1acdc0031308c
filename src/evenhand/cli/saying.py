"""What a command prints, and where.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → report → [cli]
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from evenhand.words import Catalogue

language_option = click.option(
    "--lang", type=click.Choice(["en", "ar"]), default="en", show_default=True, help="Language of what is written."
)


def say(text: object, *, err: bool = False) -> None:
    """Print a text; a name that holds a control sequence does not get to steer the terminal."""
    from evenhand.dossier.text_file import visible

    click.echo(visible(str(text)), err=err)


def catalogue_in(lang: str) -> "Catalogue":
    """The words of a language."""
    from evenhand.words import Catalogue

    return Catalogue.load(lang)


def say_notices(notices: Iterable[str]) -> None:
    """Say on stderr what had to be guessed."""
    for notice in notices:
        say(notice, err=True)

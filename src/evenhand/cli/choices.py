"""A name given to an option, read whatever its letter case.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → report → [cli]
"""

from collections.abc import Sequence

import click


def named(written: str, names: Sequence[str], option: str) -> str:
    """The name meant, letter case aside.

    Raises
    ------
    click.BadParameter
        Where it is none of them; it says which comes nearest.
    """
    for name in names:
        if written.casefold() == name.casefold():
            return name
    from evenhand.dossier.nearest import mend_of_word

    raise click.BadParameter(f"'{written}'. Mend: {mend_of_word(written, names)}", param_hint=option)

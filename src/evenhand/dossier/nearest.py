"""The known name that a misspelt one was most likely meant to be.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 64  # comparing longer texts is slow, and they are no misspelt names
_MOST_LISTED = 12


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The closest of `known`, letter case aside, or None where nothing is close."""
    if not 0 < len(name) <= _LONGEST:
        return None
    spellings = {candidate.casefold(): candidate for candidate in sorted(known, reverse=True)}
    found = get_close_matches(name.casefold(), sorted(spellings), n=1, cutoff=0.6)
    return spellings[found[0]] if found else None


def mend_of_word(written: str, words: Iterable[str]) -> str:
    """What to write in place of a word that is none of a fixed few: the nearest, and in any case all of them."""
    choices = list(words)
    close = nearest(written, choices)
    listed = f"write one of {', '.join(choices)}"
    return listed if close is None else f"did you mean '{close}'? Otherwise {listed}"


def mend_of_name(name: str, known: Iterable[str], otherwise: str) -> str:
    """What to write in place of an unknown name: the nearest known one, else one of the list, else `otherwise`."""
    names = sorted(set(known))
    close = nearest(name, names)
    if close is not None:
        return f"did you mean '{close}'? Otherwise {otherwise}"
    if 0 < len(names) <= _MOST_LISTED:
        return f"write one of {', '.join(names)}, or {otherwise}"
    return otherwise

"""What a check is: a name, and a search of the whole dossier for figures that do not follow from each other.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evenhand.dossier.records import Dossier
from evenhand.integrity.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One kind of contradiction; `find` is pure and yields nothing where all is well."""

    name: str  # 'p-value', 'GRIM', …: the same for every finding it makes
    find: Callable[[Dossier], Iterator[Finding]]

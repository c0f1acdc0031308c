"""evenhand weighs the benefits and the harms of a treatment.

>>> import evenhand as eh
>>> assessment = eh.assess(eh.read_dossier("dossiers/skin-whitening-injections"))    # doctest: +SKIP
>>> assessment.tables.claims                                                         # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenhand.assessment import Assessment, assess
    from evenhand.dossier import Dossier, DossierError, Fault, read_dossier
    from evenhand.effects import MEASURES
    from evenhand.effects.zero_cells import ZeroCells
    from evenhand.integrity import check_integrity
    from evenhand.report.html import render_html
    from evenhand.synthesis.pairwise import meta_analysis
    from evenhand.workbench.pool_file import pool_study_file
    from evenhand.workbench.study_file import read_study_file

__version__ = "0.1.0"

# Each name is imported when it is first asked for: `evenhand --help` waits for no numerics.
_HOME = {
    "Assessment": "evenhand.assessment",
    "assess": "evenhand.assessment",
    "Dossier": "evenhand.dossier",
    "DossierError": "evenhand.dossier",
    "Fault": "evenhand.dossier",
    "read_dossier": "evenhand.dossier",
    "check_integrity": "evenhand.integrity",
    "render_html": "evenhand.report.html",
    "read_study_file": "evenhand.workbench.study_file",
    "pool_study_file": "evenhand.workbench.pool_file",
    "meta_analysis": "evenhand.synthesis.pairwise",
    "ZeroCells": "evenhand.effects.zero_cells",
    "MEASURES": "evenhand.effects",
}

__all__ = [
    "MEASURES",
    "Assessment",
    "Dossier",
    "DossierError",
    "Fault",
    "ZeroCells",
    "__version__",
    "assess",
    "check_integrity",
    "meta_analysis",
    "pool_study_file",
    "read_dossier",
    "read_study_file",
    "render_html",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'evenhand' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)

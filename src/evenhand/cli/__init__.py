"""The commands of `evenhand`.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → report → [cli]
"""

from evenhand.cli.app import main, run

__all__ = ["main", "run"]

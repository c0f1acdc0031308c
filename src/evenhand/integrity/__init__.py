"""Reported figures that do not follow from each other: the checks, by name.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

Every check honours rounding, and says nothing where the figures may be right. A finding is a reason to look again at a
paper, not a charge against its authors: most have an innocent cause.
"""

from evenhand.dossier.records import Dossier
from evenhand.integrity.arms_add_up import ARMS_ADD_UP
from evenhand.integrity.attrition import ATTRITION
from evenhand.integrity.baseline import BASELINE
from evenhand.integrity.check import Check
from evenhand.integrity.ci import INTERVAL
from evenhand.integrity.contradictions import CONTRADICTIONS
from evenhand.integrity.finding import Finding, Severity
from evenhand.integrity.grim import GRIM
from evenhand.integrity.grimmer import GRIMMER
from evenhand.integrity.p_value import P_VALUE
from evenhand.integrity.percentages import PERCENTAGES
from evenhand.integrity.se_as_sd import SE_AS_SD
from evenhand.integrity.twins import TWINS

CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        P_VALUE,
        ATTRITION,
        BASELINE,
        ARMS_ADD_UP,
        PERCENTAGES,
        INTERVAL,
        SE_AS_SD,
        GRIM,
        GRIMMER,
        TWINS,
        CONTRADICTIONS,
    )
}


def check_integrity(dossier: Dossier) -> tuple[Finding, ...]:
    """Every finding of every check, by study as the dossier lists them, then by row, then by check."""
    studies = {study: place for place, study in enumerate(dossier.studies)}
    checks = {name: place for place, name in enumerate(CHECKS)}
    found = [finding for check in CHECKS.values() for finding in check.find(dossier)]
    return tuple(sorted(found, key=lambda finding: (studies[finding.study], finding.rows, checks[finding.check])))


__all__ = ["CHECKS", "Check", "Finding", "Severity", "check_integrity"]

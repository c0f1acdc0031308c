"""The dossier: a folder of plain files, read into records with every fault found.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report

| file | reader |
|---|---|
| the folder | `folder.py` |
| dossier.yaml | `dossier_yaml.py`, on `yaml_values.py`; formulas in `formula.py` |
| studies.csv, results.csv, parameters.csv | one file each, on `csv_table.py`, `cells.py` and `numerals.py` |
| sources.bib | `sources_bib.py`, on `latex_text.py` |
| names across files | `cross_references.py` |
| a new dossier | `template.py`, from `blank/` |
"""

from evenhand.dossier.faults import DossierError, Fault
from evenhand.dossier.folder import find_faults, read_dossier
from evenhand.dossier.records import Dossier
from evenhand.dossier.template import new_dossier

__all__ = ["Dossier", "DossierError", "Fault", "find_faults", "new_dossier", "read_dossier"]

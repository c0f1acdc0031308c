"""One file of studies, without a dossier: read, analysed, and the Python that does it again.

Pipeline: dossier → integrity → effects → synthesis → [workbench] → report

| module | what it is for |
|---|---|
| `study_columns` | which columns an analysis needs, and what other programs call them |
| `study_file` | a file's rows as figures, or every fault of it |
| `long_form` | one row an arm: which arms are compared |
| `pool_file` | the analysis itself |
| `reproduce` | the Python that does it again |
"""

"""Between-study variance: one file an estimator, and the intervals about it.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

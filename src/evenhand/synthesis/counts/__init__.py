"""Classical pooling of events by what they are, counts: Mantel–Haenszel, Peto, generalised linear mixed models.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

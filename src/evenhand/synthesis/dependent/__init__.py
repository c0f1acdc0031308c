"""Effects that depend on each other: several levels, several outcomes, several times, and robust standard errors.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

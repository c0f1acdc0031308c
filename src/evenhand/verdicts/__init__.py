"""One verdict a claim, in fixed words, with the facts that led to it.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → [verdicts] → report
"""

"""Contrasts or counts to one effect: a full posterior, and the classical estimates beside it.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

"""Doubt about what was never published: tests of asymmetry, corrections and worst cases.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

"""Exact posteriors without sampling, by what the studies' numbers allow, and their priors by name.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

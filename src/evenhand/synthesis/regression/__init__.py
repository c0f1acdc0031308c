"""Effects explained by what differs between studies: meta-regression, subgroups, permutation, location and scale.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

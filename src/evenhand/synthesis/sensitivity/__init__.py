"""How far the answer hangs on one study, one subset or one choice of the analyst.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

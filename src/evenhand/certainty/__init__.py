"""How sure an effect is: GRADE's start, its domains as rules, and the rating.

Pipeline: dossier → integrity → effects → synthesis → [certainty] → outlook → verdicts → report
"""

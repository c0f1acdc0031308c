"""Many treatments at once: the network of studies, its effects, whether it hangs together, what ranks where.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

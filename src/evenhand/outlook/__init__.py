"""What happens to 1,000 people under a scenario, over time, and as anything else changes.

Pipeline: dossier → integrity → effects → synthesis → certainty → [outlook] → verdicts → report
"""

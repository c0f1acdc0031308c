"""Between-study variance by Sidik and Jonkman's moments, iterated until the weights agree with it.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.paule_mandel import PAULE_MANDEL, paule_mandel

# t ← t Q(t) / (k − p) rests where Q = k − p, which is Paule and Mandel's variance; where Q is below that from the start
# the iteration creeps towards 0 without end, and 0 is its limit.
SIDIK_JONKMAN_ITERATED = Estimator(
    name="SJIT",
    title="Sidik–Jonkman, iterated",
    reference="Sidik & Jonkman (2007). Statist. Med. 26, 1964-1981",
    estimate=paule_mandel,
    standard_error=PAULE_MANDEL.standard_error,
)

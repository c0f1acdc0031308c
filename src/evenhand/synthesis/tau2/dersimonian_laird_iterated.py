"""Between-study variance by DerSimonian and Laird's moments, iterated until the weights agree with it.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.paule_mandel import PAULE_MANDEL, paule_mandel

# Moments with weights 1 / (vi + t) give (Q − tr PV) / tr P, and that is t itself where Q = tr P(V + tI) = k − p: the
# iteration comes to rest at Paule and Mandel's variance, which is bracketed and not waited for.
DERSIMONIAN_LAIRD_ITERATED = Estimator(
    name="DLIT",
    title="DerSimonian–Laird, iterated",
    reference="DerSimonian & Kacker (2007). Contemp. Clin. Trials 28, 105-114",
    estimate=paule_mandel,
    standard_error=PAULE_MANDEL.standard_error,
)

"""How much each study says in a pooled effect, for judgements that go by weight.

Pipeline: dossier → integrity → effects → synthesis → [certainty] → outlook → verdicts → report
"""

import math

from evenhand.synthesis.pooled import Pooled


def study_weights(pooled: Pooled) -> tuple[float, ...]:
    """Each contrast's share of the whole, adding up to 1.

    By inverse variance (random effects) where every study has one, else by participants: a study with an empty cell
    has no variance without an added half, but it has people.
    """
    variances = [contrast.vi + (pooled.tau2 or 0.0) for contrast in pooled.contrasts]
    if all(math.isfinite(vi) and vi > 0 for vi in variances):
        raw = [1.0 / vi for vi in variances]
    else:
        raw = [float(contrast.n or 1) for contrast in pooled.contrasts]
    total = math.fsum(raw)
    return tuple(weight / total for weight in raw)

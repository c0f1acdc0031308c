"""A file's network as one JSON object, for programs: unrounded, on the analysis scale.

Pipeline: dossier → integrity → effects → synthesis → workbench → [report]
"""

import json
import math
from typing import Any

from evenhand.distributions import Floats
from evenhand.synthesis.network.q_decomposition import QPart
from evenhand.workbench.network_answer import NetworkAnswer


def network_json(answer: NetworkAnswer) -> str:
    """`reference, tau2, q, effects, p_scores`, `sucra` of an exact posterior, then how it was done.

    `effects` holds `treatment, estimate, se, lower, upper` of each treatment less the reference, which stands among
    them with 0. Scores are by treatment. A log for ratios; I² in percent; null where there is no such number.
    """
    columns = (answer.treatments, answer.estimate, answer.se, answer.ci_lower, answer.ci_upper)
    written: dict[str, Any] = {
        "measure": answer.file.measure.name,
        "method": answer.method,
        "reference": answer.treatments[answer.reference],
        "k": answer.k,
        "tau2": _known(answer.tau2),
        "q": _known(answer.q.q),
        "df": answer.q.df,
        "q_p_value": _known(answer.q.p_value),
        "i2": _known(answer.i2),
        "incoherence": _part(answer.incoherence),
        "effects": [
            {
                "treatment": treatment,
                "estimate": _known(estimate),
                "se": _known(se),
                "lower": _known(lower),
                "upper": _known(upper),
            }
            for treatment, estimate, se, lower, upper in zip(*columns, strict=True)
        ],
        "p_scores": _by_treatment(answer, answer.p_scores),
    }
    if answer.sucra is not None:
        written["sucra"] = _by_treatment(answer, answer.sucra)
    if answer.priors is not None:
        written |= {"prior_tau": answer.priors[0], "prior_effects": answer.priors[1]}
    written |= {"small_values_good": answer.small_values_good, "level": answer.level, "pieces": answer.pieces}
    return json.dumps(written, allow_nan=False, ensure_ascii=False, indent=1)


def _by_treatment(answer: NetworkAnswer, scores: Floats) -> dict[str, float | None]:
    return {name: _known(score) for name, score in zip(answer.treatments, scores, strict=True)}


def _part(part: QPart) -> dict[str, float | int | None]:
    return {"q": _known(part.q), "df": part.df, "p_value": _known(part.p_value)}


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None

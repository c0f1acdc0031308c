"""A pooled file of studies as one JSON object, for programs: unrounded, on the analysis scale.

Pipeline: dossier → integrity → effects → synthesis → workbench → [report]
"""

import json
import math

from evenhand.workbench.pool_file import PooledFile


def pooled_json(pooled: PooledFile) -> str:
    """`measure, method, k, estimate, se, ci_lower, ci_upper, tau2, i2, q, pi_lower, pi_upper`, then what was chosen.

    A log for ratios; I² in percent; null where there is no such number.
    """
    result = pooled.result
    numbers = {
        name: getattr(result, name)
        for name in ("estimate", "se", "ci_lower", "ci_upper", "tau2", "i2", "q", "pi_lower", "pi_upper")
    }
    written = {
        "measure": pooled.file.measure.name,
        "method": result.method,
        "k": result.k,
        **{name: value if math.isfinite(value) else None for name, value in numbers.items()},
        "test": result.test,
        "level": pooled.level,
    }
    return json.dumps(written, allow_nan=False, indent=1)

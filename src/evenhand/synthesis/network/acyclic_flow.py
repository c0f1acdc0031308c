"""A flow without its circles: what runs round contributes to nothing.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats


def without_cycles(flow: Floats) -> Floats:
    """The flow u → v, (T, T), ≥ 0, less every circle it holds: what goes in and out at each vertex stays as it is.

    A flow down an electrical potential has none; conductances below 0 can make some.
    """
    left = flow.copy()
    while cycle := _a_cycle(left):
        ends = np.array([*cycle[1:], cycle[0]])
        around = left[cycle, ends]
        left[cycle, ends] = around - around.min()
        # The subtraction of equal numbers is exact, so each circle taken out empties a comparison for good.
    return left


def _a_cycle(flow: Floats) -> list[int]:
    """Vertices of a circle in order; none where there is no circle."""
    following = [np.flatnonzero(row).tolist() for row in flow > 0]
    done = [False] * len(following)
    for start in range(len(following)):
        path, on_path, ahead = [start], {start}, [iter(following[start])]
        while path:
            nearest = next((v for v in ahead[-1] if not done[v]), None)
            if nearest is None:
                done[path[-1]] = True
                on_path.discard(path.pop())
                ahead.pop()
            elif nearest in on_path:
                return path[path.index(nearest) :]
            else:
                path.append(nearest)
                on_path.add(nearest)
                ahead.append(iter(following[nearest]))
    return []

"""Megabytes that one fit needs beyond its data, by number of effects: grows with k, not with its square.

The most that is held at once while the call runs, as the interpreter counts it, numpy's arrays included.
"""

import sys
import tracemalloc
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from benchmarks.r.cases import simulated, three_levels
from evenhand.synthesis.dependent.multilevel_model import multilevel
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.sensitivity.leave_one_out import leave_one_out

SIZES = (2_000, 20_000, 200_000)
LINEAR = 1.3  # a tenfold k may take so many times ten times the memory


def most_megabytes(job: Callable[[], object]) -> float:
    """Peak of what is allocated during the call."""
    tracemalloc.start()
    try:
        job()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def reml(k: int) -> Callable[[], object]:
    yi, vi = simulated(k, k)
    return lambda: meta_analysis(yi, vi)


def three_level_reml(k: int) -> Callable[[], object]:
    studies = three_levels(k // 5, 5)
    levels = {name: studies[name] for name in ("study", "effect")}
    return lambda: multilevel(studies["yi"], studies["vi"], random="~ 1 | study/effect", data=levels)


def correlated_three_levels(k: int) -> Callable[[], object]:
    studies = three_levels(k // 5, 5)
    levels = {name: studies[name] for name in ("study", "effect")}
    sd = np.sqrt(studies["vi"]).reshape(-1, 5)
    blocks = list((0.6 + 0.4 * np.eye(5)) * sd[:, :, None] * sd[:, None, :])
    return lambda: multilevel(studies["yi"], blocks, random="~ 1 | study/effect", data=levels)


def left_out(k: int) -> Callable[[], object]:
    yi, vi = simulated(k, k)
    return lambda: leave_one_out(yi, vi, test="z")


def main() -> int:
    """Print the table; 1 where memory grows faster than k."""
    jobs = {
        "REML, Knapp-Hartung": (reml, SIZES),
        "three levels, REML": (three_level_reml, SIZES),
        "three levels, effects of a study correlated": (correlated_three_levels, SIZES),
        "each left out, REML": (left_out, (200, 2_000)),
    }
    linear = True
    for name, (prepare, sizes) in jobs.items():
        prepare(sizes[0])()  # what is imported at the first call is not the fit's
        megabytes = [most_megabytes(prepare(k)) for k in sizes]
        grew = [b / a for a, b in pairwise(megabytes)]
        well = all(ratio <= 10 * LINEAR for ratio in grew)
        linear = linear and well
        figures = ", ".join(f"k = {k:,}: {size:.2f}" for k, size in zip(sizes, megabytes, strict=True))
        print(f"{name:<46}{figures} MB   {'linear' if well else 'MORE THAN LINEAR'}", flush=True)
    return int(not linear)


if __name__ == "__main__":
    sys.exit(main())

"""Milliseconds of CPU of many fits at once: simulated reviews, leave-one-out, every subset, selection models.

Beside each, what metafor 5.0-1 took for the same work on a 2-core machine (R 4.2.2, reference BLAS), in seconds of CPU.
"""

import time
from collections.abc import Callable

import numpy as np

from evenhand.synthesis.batch import meta_analyses
from evenhand.synthesis.many_fits import many_fits
from evenhand.synthesis.reporting_bias.selection_model import selection_model
from evenhand.synthesis.sensitivity.gosh import gosh
from evenhand.synthesis.sensitivity.influence import influence
from evenhand.synthesis.sensitivity.leave_one_out import leave_one_out

RUNS = 7


def least_seconds(job: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        started = time.process_time()
        job()
        times.append(time.process_time() - started)
    return min(times)


def simulated(shape: tuple[int, ...] | int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.01, 0.5, shape)
    return rng.normal(0.3, np.sqrt(vi + 0.1)), vi


def main() -> None:
    reviews, thirteen, fifty, hundred = (simulated(s, 1) for s in ((2000, 10), 13, 50, 100))
    y, v = simulated(100_000, 2)
    groups = np.repeat(np.arange(10_000), 10)
    jobs: list[tuple[str, Callable[[], object], float | None]] = [
        ("2,000 reviews of 10, REML", lambda: many_fits(*reviews, test="z"), 5.67),
        ("2,000 reviews of 10, REML, Knapp-Hartung", lambda: many_fits(*reviews), 5.79),
        ("2,000 reviews of 10, PM", lambda: many_fits(*reviews, method="PM", test="z"), 5.86),
        ("10,000 groups of 10, REML", lambda: meta_analyses(y, v, groups), None),
        ("leave-one-out of 100, REML", lambda: leave_one_out(*hundred, test="z"), 1.17),
        ("influence of 100, REML", lambda: influence(*hundred, test="z"), 1.53),
        ("all 8,191 subsets of 13, REML", lambda: gosh(*thirteen), 23.8),
        ("beta selection, 13 studies", lambda: selection_model(*thirteen, kind="beta"), 2.4),
        ("beta selection, 50 studies", lambda: selection_model(*fifty, kind="beta"), 9.5),
    ]
    for name, job, theirs in jobs:
        ours = least_seconds(job)
        ratio = "" if theirs is None else f"   metafor {theirs:6.2f} s   {theirs / ours:8,.0f} times"
        print(f"{name:42s}{1000 * ours:9.2f} ms{ratio}")


if __name__ == "__main__":
    main()

"""Milliseconds of one REML fit with Knapp-Hartung, by number of studies: grows with k, not with its cube."""

import time

import numpy as np

from evenhand.synthesis.pairwise import meta_analysis

RUNS = 5


def least_milliseconds(k: int) -> float:
    rng = np.random.default_rng(k)
    vi = rng.uniform(0.01, 0.5, k)
    yi = rng.normal(0.3, np.sqrt(vi + 0.1))
    times = []
    for _ in range(RUNS):
        started = time.process_time()
        meta_analysis(yi, vi)
        times.append(time.process_time() - started)
    return 1000 * min(times)


def main() -> None:
    for k in (13, 100, 1000, 2000):
        print(f"k = {k:<6}{least_milliseconds(k):8.1f} ms")


if __name__ == "__main__":
    main()

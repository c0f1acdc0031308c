"""Milliseconds of one exact posterior: normal likelihood by number of studies, and exact likelihood of counts.

Processor time of this process, least of several runs, quantiles included (2.5, 50 and 97.5 % of mean, tau, new study).
"""

import time
from collections.abc import Callable

import numpy as np

from evenhand.synthesis.pooled import Posterior
from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.hypergeometric_posterior import hypergeometric_posterior
from evenhand.synthesis.posterior.priors import HalfNormal, NormalPrior
from evenhand.synthesis.posterior.proportion_posterior import proportion_posterior

RUNS = 5
# Colditz et al. (1994), JAMA 271, 698-702: events and people, vaccinated and not.
BCG = [
    (4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (62, 13598, 248, 12867), (33, 5069, 47, 5808),
    (180, 1541, 372, 1451), (8, 2545, 10, 629), (505, 88391, 499, 88391), (29, 7499, 45, 7277), (17, 1716, 65, 1665),
    (186, 50634, 141, 27338), (5, 2498, 3, 2341), (27, 16913, 29, 17854),
]  # fmt: skip


def least_milliseconds(fit: Callable[[], Posterior]) -> float:
    times = []
    for _ in range(RUNS):
        started = time.process_time()
        posterior = fit()
        for distribution in (posterior.mu, posterior.tau, posterior.prediction):
            for p in (0.025, 0.5, 0.975) if distribution is not None else ():
                distribution.quantile(p)
        times.append(time.process_time() - started)
    return 1000 * min(times)


def normal(k: int) -> Callable[[], Posterior]:
    rng = np.random.default_rng(k)
    vi = rng.uniform(0.01, 0.5, k)
    yi = rng.normal(0.3, np.sqrt(vi + 0.1))
    return lambda: exact_posterior(yi, vi, prior_mu=NormalPrior(0, 2.82), prior_tau=HalfNormal(0.5))


def main() -> None:
    fits = {f"normal, k = {k}": normal(k) for k in (8, 13, 50, 200)}
    fits["counts, 6/16 v 3/16"] = lambda: hypergeometric_posterior([(6, 16, 3, 16)])
    fits["counts, 1/25 v 0/25"] = lambda: hypergeometric_posterior([(1, 25, 0, 25)])
    fits["counts, 13 BCG trials"] = lambda: hypergeometric_posterior(BCG)
    fits["proportion, one study"] = lambda: proportion_posterior([8], [25])
    fits["proportion, three studies"] = lambda: proportion_posterior([8, 0, 3], [25, 40, 30])
    for name, fit in fits.items():
        print(f"{name:<28}{least_milliseconds(fit):8.1f} ms")


if __name__ == "__main__":
    main()

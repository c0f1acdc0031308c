"""Milliseconds of exact posteriors of networks, with all SUCRAs and sampled ranks, and of all node-splits.

Processor time, least of several runs; the networks are those of `benchmarks.network`.
"""

import resource

import numpy as np

from benchmarks.network import SIZES, evidence_of, least_milliseconds, shared_network, simulated_network
from evenhand.synthesis.network.evidence import NetworkEvidence
from evenhand.synthesis.network.network_posterior import network_posterior
from evenhand.synthesis.network.node_splitting import node_splits

PRIOR = "half-normal(0.5)"


def measured(evidence: NetworkEvidence) -> list[float]:
    """Milliseconds of the posterior, of it with ranks from 10,000 draws, of it with the league, and of all splits."""

    def with_ranks() -> None:
        posterior = network_posterior(evidence, prior_tau=PRIOR)
        posterior.ranks(small_values_good=True, rng=np.random.default_rng(1))

    return [
        least_milliseconds(lambda: network_posterior(evidence, prior_tau=PRIOR)),
        least_milliseconds(with_ranks),
        least_milliseconds(lambda: network_posterior(evidence, prior_tau=PRIOR).league()),
        least_milliseconds(lambda: node_splits(evidence, prior_tau=PRIOR)),
    ]


def main() -> None:
    names = ("posterior", "with ranks", "league", "node-splits")
    print(f"{'treatments / studies':<26}" + "".join(f"{name:>13}" for name in names) + "   ms")
    networks = {f"{t} / {k}, simulated": simulated_network(t, k) for t, k in SIZES}
    for name in ("50_300", "100_1000", "200_2000"):
        rows = shared_network(name)
        if rows is None:
            print(f"{name}: left out, its file is not at hand")
        else:
            networks[name.replace("_", " / ") + ", file"] = rows
    for name, rows in networks.items():
        times = measured(evidence_of(rows))
        print(f"{name:<26}" + "".join(f"{each:13.1f}" for each in times), flush=True)
    print(f"most memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()

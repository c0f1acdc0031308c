"""Milliseconds of network meta-analyses by numbers of treatments and studies, and how the time grows with each.

Networks from a fixed seed; and those of the shared folder, where it is at hand, beside what R's netmeta took for the
same on another run. `python -m benchmarks.against_r network` runs R on the same machine, if it has netmeta.
"""

import csv
import json
import math
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.synthesis.network.evidence import NetworkEvidence, network_from_contrasts
from evenhand.synthesis.network.network_fit import fit_network

SHARED = Path(os.environ.get("EVENHAND_SHARED", Path(__file__).resolve().parents[2] / "shared"))
RUNS = 5
SIZES = ((20, 100), (50, 300), (100, 1000), (200, 2000))
Rows = dict[str, np.ndarray]


def simulated_network(treatments: int, studies: int, seed: int = 1) -> Rows:
    """All comparisons of differences of means, tau2 = 0.04, one study of five with three arms."""
    rng = np.random.default_rng(seed)
    effects = rng.normal(0, 0.5, treatments)
    rows: list[tuple[int, int, int, float, float]] = []
    for study in range(studies):
        # The first studies are a chain, so that all hangs together.
        chain = [study, study + 1] if study + 1 < treatments else []
        arms = sorted(chain or rng.choice(treatments, 3 if study % 5 == 0 else 2, replace=False).tolist())
        v = rng.uniform(0.005, 0.05, len(arms))
        y = effects[arms] + rng.normal(0, np.sqrt(v + 0.02))
        rows += [
            (study, arms[j], arms[i], y[j] - y[i], math.sqrt(v[i] + v[j]))
            for i in range(len(arms))
            for j in range(i + 1, len(arms))
        ]
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    study, treat1, treat2 = (column + 1001 for column in columns[:3])  # names of one length sort as numbers do
    return {"study": study, "treat1": treat1, "treat2": treat2, "yi": columns[3], "sei": columns[4]}


def evidence_of(rows: Rows) -> NetworkEvidence:
    """Read against the first treatment."""
    first = np.unique(np.concatenate([rows["treat1"], rows["treat2"]]))[0]
    return network_from_contrasts(*rows.values(), reference=str(first))


def least_milliseconds(job: Callable[[], Any]) -> float:
    """Processor time of the quickest of several runs."""
    times = []
    for _ in range(RUNS):
        started = time.process_time()
        job()
        times.append(time.process_time() - started)
    return 1000 * min(times)


def measured(rows: Rows) -> list[float]:
    """Milliseconds to read the rows, of DL, of REML, and of DL with the league table and the ranking."""
    evidence = evidence_of(rows)

    def all_of_it() -> None:
        fit = fit_network(evidence_of(rows), method="DL")
        fit.league_table()
        fit.p_scores(small_values_good=True)

    return [
        least_milliseconds(lambda: evidence_of(rows)),
        least_milliseconds(lambda: fit_network(evidence, method="DL")),
        least_milliseconds(lambda: fit_network(evidence, method="REML")),
        least_milliseconds(all_of_it),
    ]


def slope(sizes: list[int], times: list[float]) -> float:
    """Of log time against log size."""
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def shared_network(name: str) -> Rows | None:
    """The rows of a file of the shared folder, or None."""
    path = SHARED / "bench" / f"net_{name}_contrasts.csv"
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {"study": "studlab", "treat1": "treat1", "treat2": "treat2"}
    columns = {ours: np.array([row[theirs] for row in rows]) for ours, theirs in names.items()}
    return columns | {
        ours: np.array([float(row[theirs]) for row in rows]) for ours, theirs in (("yi", "TE"), ("sei", "seTE"))
    }


def recorded() -> dict[str, float]:
    """Seconds of netmeta, by treatments and studies, as recorded on another run."""
    path = SHARED / "golden" / "timings.json"
    if not path.exists():
        return {}
    items = json.loads(path.read_text(encoding="utf-8"))["timings"]
    known = {"netmeta DL, 20/100": "20 / 100", "netmeta DL 50_300": "50 / 300"}
    return {known[one["item"]]: one["cpu_s"] for one in items if one["item"] in known}


def main() -> None:
    names = ("read, ms", "DL, ms", "REML, ms", "all, ms")
    print(f"{'treatments / studies':<34}" + "".join(f"{name:>10}" for name in names))
    theirs = recorded()
    for treatments, studies in SIZES:
        times = measured(simulated_network(treatments, studies))
        said = "".join(f"{each:>10.2f}" for each in times)
        seconds = theirs.get(f"{treatments} / {studies}")
        if seconds is not None:
            said += f"   netmeta {seconds:.1f} s (another run): {1000 * seconds / times[3]:,.0f} times"
        print(f"{f'{treatments} / {studies}, simulated':<34}{said}", flush=True)
    for name in ("50_300", "100_1000", "200_2000"):
        rows = shared_network(name)
        if rows is None:
            print(f"{name}: left out, its file is not at hand")
            continue
        print(f"{name.replace('_', ' / ') + ', file':<34}" + "".join(f"{each:>10.2f}" for each in measured(rows)))
    few, many = [50, 100, 200, 400], [250, 500, 1000, 2000, 4000]
    by_treatments = [measured(simulated_network(size, 1000))[1:3] for size in few]
    by_studies = [measured(simulated_network(50, size))[1:3] for size in many]
    print("time grows with the power of")
    for i, method in enumerate(("DL", "REML")):
        with_treatments = slope(few, [times[i] for times in by_treatments])
        with_studies = slope(many, [times[i] for times in by_studies])
        print(
            f"  {method:<6}treatments {with_treatments:.2f} (1,000 studies, {few[0]} to {few[-1]} treatments), "
            f"studies {with_studies:.2f} (50 treatments)"
        )
    print(f"most memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()

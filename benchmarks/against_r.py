"""The same work here and in R's metafor and bayesmeta: processor time of both, how many times, and do they agree.

R runs each script of `benchmarks/r` in a process of its own on the studies that we are given too. Only the call itself
is timed, in both: user and system seconds inside the process, the quickest of several runs where runs are short. Where
R or one of its packages is missing the case is left out, with the line that installs it.

`python -m benchmarks.against_r [SCRIPT …]` takes all cases or those named.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.r.cases import Case, Columns, cases

ROOT = Path(__file__).resolve().parents[1]
ENOUGH_SECONDS = 1.0  # of runs of ours
FEWEST, MOST = 5, 300  # runs of ours: the quickest counts, and short ones are disturbed most
NOT_IN_DEBIAN = ("bayesmeta", "netmeta")

Numbers = dict[str, np.ndarray]


def missing(case: Case) -> str | None:
    """Why R cannot run the case, or None."""
    if shutil.which("Rscript") is None:
        return "no R here: apt-get install r-cran-metafor"
    for package in (case.package, *case.needs):
        code = f"quit(status = !requireNamespace('{package}', quietly = TRUE))"
        if subprocess.run(["Rscript", "--vanilla", "-e", code], capture_output=True, check=False).returncode:
            if package in NOT_IN_DEBIAN:
                return f"R has no {package} here, and Debian has no package of it"
            return f"R has no {package} here: apt-get install r-cran-{package.lower()}"
    return None


def theirs(case: Case) -> tuple[float, Numbers] | None:
    """Seconds that R takes, and what it finds; None where it was stopped before it had done."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (case.most_seconds, case.most_seconds))

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "studies.csv"
        _write(file, case.studies)
        command = ["Rscript", "--vanilla", f"benchmarks/r/{case.script}.R", str(file), str(case.runs)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, preexec_fn=limited, check=False)
    if done.returncode < 0:
        return None
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    lines = [line.split() for line in done.stdout.splitlines()]
    found = {name: np.array([np.nan if v == "NA" else float(v) for v in values]) for name, *values in lines}
    return float(found.pop("seconds")[0]), found


def ours(case: Case) -> tuple[float, Numbers]:
    """Seconds that we take, and what we find."""
    times: list[float] = []
    found: Any = None
    while len(times) < FEWEST or (sum(times) < ENOUGH_SECONDS and len(times) < MOST):
        started = time.process_time()
        found = case.job()
        times.append(time.process_time() - started)
    return min(times), {name: np.atleast_1d(values) for name, values in case.numbers(found).items()}


def _write(file: Path, columns: Columns) -> None:
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    lines = [",".join(columns), *(",".join(repr(value) for value in row) for row in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def differences(mine: Numbers, other: Numbers) -> tuple[dict[str, float], int]:
    """Largest difference of each quantity, and how many fits R, as it comes, gives no number for."""
    told = int(other.pop("failed", np.zeros(1))[0])
    if "subset" in other:
        # R lists the subsets in another order.
        place = np.argsort(mine["subset"])[np.searchsorted(np.sort(mine["subset"]), other["subset"])]
        mine = {name: values[place] for name, values in mine.items()}
    gaps = {name: np.abs(mine[name] - values) for name, values in other.items() if name != "subset"}
    failed = max(told, *(int(np.isnan(gap).sum()) for gap in gaps.values()))
    return {name: float(np.nanmax(gap)) for name, gap in gaps.items()}, failed


def verdict(case: Case, ratio: float, gaps: dict[str, float], failed: int) -> tuple[bool, str]:
    """Whether target and slack are met, and what to print of it."""
    slow = case.target is not None and ratio < case.target
    apart = [name for name, gap in gaps.items() if not gap <= case.slack[name]]
    said = ", ".join(f"{name} {gap:.0e}" for name, gap in gaps.items())
    if failed:
        said += f"; R fails in {failed}"
    if apart:
        said += f"  DIFFERS in {', '.join(apart)} by more than expected ({case.because})"
    return not slow and not apart, ("  TOO SLOW; " if slow else "  ") + said


def main(chosen: list[str]) -> int:
    """Print the table; 1 where a target is missed or a number differs."""
    every = cases()
    known = [case.script for case in every]
    unknown = [name for name in chosen if name not in known]
    if unknown:
        print(f"no case named {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    print(f"{'case':<56}{'R, CPU s':>10}{'ours, CPU s':>13}{'times':>9}{'target':>8}  largest difference")
    good = True
    for case in every:
        if chosen and case.script not in chosen:
            continue
        reason = missing(case)
        if reason is not None:
            print(f"{case.name:<56}left out: {reason}", flush=True)
            continue
        answered = theirs(case)
        if answered is None:
            print(f"{case.name:<56}R did not finish in {case.most_seconds} s of processor time", flush=True)
            continue
        their_seconds, their_numbers = answered
        our_seconds, our_numbers = ours(case)
        ratio = their_seconds / our_seconds
        well, said = verdict(case, ratio, *differences(our_numbers, their_numbers))
        good = good and well
        target = "" if case.target is None else f"{case.target:,.0f}"
        print(
            f"{case.name:<56}{their_seconds:>10.3f}{our_seconds:>13.5f}{ratio:>9,.0f}{target:>8}{said}",
            flush=True,
        )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

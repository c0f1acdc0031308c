"""Processor time of whole commands: the first dossier assessed (limit 3 s), and `evenhand --help` (limit 0.3 s).

User and system seconds of the child process and all of its threads, as the kernel counts them; the least of several
runs, since other work on the machine can only add.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EVENHAND = Path(sys.executable).with_name("evenhand")
RUNS = 5


def cpu_seconds(command: list[str]) -> float:
    """User + system seconds of one run of a command that must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> int:
    """Print the table; 1 where a limit is passed."""
    with tempfile.TemporaryDirectory() as folder:
        jobs = {
            "evenhand --help": ([str(EVENHAND), "--help"], 0.3),
            "evenhand assess": (
                [str(EVENHAND), "assess", "dossiers/skin-whitening-injections", "-o", f"{folder}/report.html"],
                3.0,
            ),
        }
        over = False
        print(f"{'command':<20}{'least CPU s':>12}{'median':>9}{'limit':>8}   of {RUNS} runs")
        for name, (command, limit) in jobs.items():
            seconds = sorted(cpu_seconds(command) for _ in range(RUNS))
            over = over or seconds[0] > limit
            mark = "over" if seconds[0] > limit else "within"
            print(f"{name:<20}{seconds[0]:>12.2f}{seconds[RUNS // 2]:>9.2f}{limit:>8.1f}   {mark}")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())

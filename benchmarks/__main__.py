"""`python -m benchmarks [NAME …]` runs every benchmark here, or those named, one after another in its own process."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(names: list[str]) -> int:
    """Run them; the first failure's exit code, else 0."""
    files = sorted(path for path in HERE.glob("*.py") if not path.name.startswith("_"))
    known = [path.stem for path in files]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    codes = []
    for name in names or known:
        print(f"\n== {name}", flush=True)
        codes.append(
            subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=HERE.parent, check=False).returncode
        )
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

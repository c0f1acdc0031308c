"""Writing a file whole or not at all.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

import os
import tempfile
from pathlib import Path


def write_text(path: str | Path, text: str) -> Path:
    """Write `text` as UTF-8 with `\\n` line ends; a reader sees the old file or the new one, never half of it.

    The text goes to a temporary file in the same folder, reaches the disk (fsync), and then takes the old file's place.
    Missing folders above are made.

    Raises
    ------
    OSError
        With the path and what to do, where the file cannot be written; nothing is left behind.
    """
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(f"cannot write {target}: it is a folder. Mend: name a file inside it")
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # A symbolic link keeps being one: its target is replaced.
        final = target.resolve()
        handle, name = tempfile.mkstemp(prefix=f".{final.name[:40]}.", suffix=".part", dir=final.parent)
        temporary = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode(final))
        temporary.replace(final)
        temporary = None
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise type(problem)(
            problem.errno, f"cannot write {target}: {reason}. Mend: choose a folder you may write to, with room in it"
        ) from problem
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return target


def _mode(path: Path) -> int:
    """The mode of the file that is replaced, or what the process would give a new one."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

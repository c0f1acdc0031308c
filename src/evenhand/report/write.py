"""Writing files whole or not at all.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path


def write_text(path: str | Path, text: str) -> Path:
    """Write one file, as `write_texts` does."""
    return write_texts({Path(path): text})[0]


def write_texts(texts: Mapping[Path, str]) -> tuple[Path, ...]:
    """Write files as UTF-8 with `\\n` line ends; a reader sees the old file or the new one, never half of it.

    Each text goes to a temporary file in the folder of its target and reaches the disk (fsync). Only when all of them
    have, they take the places of the old files: where the disk is full, the report and its data both stay as they were.
    Missing folders above are made. A device or a pipe is never replaced.

    Parameters
    ----------
    texts : mapping of Path to str
        What each file will hold.

    Returns
    -------
    tuple of Path
        The files, as named.

    Raises
    ------
    OSError
        With the path and what to do, where a file cannot be written; nothing is left behind.
    """
    with ExitStack() as stack:
        ready = [(path, *stack.enter_context(_prepared(path, text))) for path, text in texts.items()]
        for path, temporary, final in ready:
            with _said(path):
                temporary.replace(final)
    return tuple(texts)


@contextmanager
def _prepared(target: Path, text: str) -> Iterator[tuple[Path, Path]]:
    """The whole text in a temporary file, and the file whose place it may take; the temporary one goes at the end."""
    temporary: Path | None = None
    try:
        with _said(target):
            _refuse_what_is_no_file(target)
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
        yield temporary, final
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _refuse_what_is_no_file(target: Path) -> None:
    if target.is_dir():
        raise IsADirectoryError(f"cannot write {target}: it is a folder. Mend: name a file inside it")
    # Moved over, /dev/null would be a file from now on, for everybody on the machine.
    if target.exists() and not target.is_file():
        raise FileExistsError(f"cannot write {target}: it is a device or a pipe. Mend: name a plain file")


@contextmanager
def _said(target: Path) -> Iterator[None]:
    """What the system refuses, with the path and a mend."""
    try:
        yield
    except RuntimeError as problem:
        # A loop of links, in Python 3.11.
        raise OSError(f"cannot write {target}: its links lead in a circle. Mend: name a plain file") from problem
    except OSError as problem:
        if problem.errno is None:
            raise
        reason = problem.strerror or type(problem).__name__
        raise type(problem)(
            f"cannot write {target}: {reason}. Mend: choose a folder you may write to, with room in it"
        ) from problem


def _mode(path: Path) -> int:
    """The mode of the file that is replaced, or what the process would give a new one."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

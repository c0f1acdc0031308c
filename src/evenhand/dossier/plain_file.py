"""The bytes of one plain file of ordinary size, or the fault that keeps it from being read.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

from evenhand.dossier.ledger import Ledger

MEGABYTE = 1_000_000


def plain_bytes(path: Path, ledger: Ledger, *, largest: int, missing: Callable[[], str]) -> bytes | None:
    """A file's bytes; None, with the fault noted, where it is not a plain file of at most `largest` bytes.

    Parameters
    ----------
    path : Path
    ledger : Ledger
        Takes the fault.
    largest : int
        Bytes.
    missing : callable
        The mend where there is no such file.
    """
    try:
        # Opened without waiting, as a pipe in place of a file would keep a reader waiting for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                ledger.fault("not a plain file", "put the file itself in its place")
                return None
            content = file.read(largest + 1)
    except FileNotFoundError:
        ledger.fault("the file is missing", missing())
        return None
    except IsADirectoryError:
        ledger.fault("a folder in place of a file", "put the file in its place")
        return None
    except (OSError, RuntimeError, ValueError) as error:
        # A loop of links is a RuntimeError in Python 3.11 and an OSError later.
        if isinstance(error, RuntimeError) or getattr(error, "errno", None) == errno.ELOOP:
            ledger.fault("a link that leads to itself", "put the file itself in its place")
            return None
        ledger.fault(f"the file cannot be opened ({why(error)})", "check its permissions and links")
        return None
    if len(content) > largest:
        ledger.fault(f"larger than {largest // MEGABYTE} MB", "a dossier holds what was read, not the data behind it")
        return None
    return content


def why(error: Exception) -> str:
    """What the system says of an error, or its kind."""
    return (error.strerror or "") if isinstance(error, OSError) else type(error).__name__

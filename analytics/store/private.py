"""What only this machine may know: one file beside the database, readable by its owner alone.

It goes into no backup, no copy for readers and no export, for those are handed on.
"""

import json
import os
import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analytics.store import durable

FILE = "private.json"
_LONGEST = 1 << 16  # bytes
_OWNER = 0o600
_locks: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)
_of_locks = threading.Lock()


def read(folder: Path) -> dict[str, Any]:
    """Return what is kept; nothing if there is no such file, or it is none of ours."""
    path = folder / FILE
    try:
        if path.stat().st_size > _LONGEST:
            return {}
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write(folder: Path, content: dict[str, Any]) -> None:
    """Keep ``content``: all of it, or what was kept before.

    Raises
    ------
    WriteFailedError
        The disk refused.
    """
    text = json.dumps(content, ensure_ascii=False, indent=1)
    durable.replaced(folder / FILE, text.encode())
    if os.name == "posix":
        (folder / FILE).chmod(_OWNER)


def change(folder: Path, key: str, work: Callable[[Any], Any]) -> None:
    """Put in place of what is kept under ``key`` what ``work`` makes of it, and touch nothing else.

    Two threads never change one folder's file at the same time, so that neither undoes the other;
    two processes do not, for a workspace is open for writing in one alone.

    Parameters
    ----------
    folder : Path
        The workspace's.
    key : str
        Under which it is kept.
    work : callable
        Takes what is kept (None = nothing) and returns what is to be kept; what it raises leaves
        everything as it was.

    Raises
    ------
    WriteFailedError
        The disk refused.
    """
    with _of_locks:
        lock = _locks[folder.resolve()]
    with lock:
        known = read(folder)
        write(folder, known | {key: work(known.get(key))})

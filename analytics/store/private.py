"""What only this machine may know: one file beside the database, readable by its owner alone.

It goes into no backup, no copy for readers and no export, for those are handed on.
"""

import json
import os
from pathlib import Path
from typing import Any

from analytics.store import durable

FILE = "private.json"
_LONGEST = 1 << 16  # bytes
_OWNER = 0o600


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

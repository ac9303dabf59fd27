"""Places where something is made aside: named by who makes it, swept when that one is gone."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_NAME = re.compile(r"\.(?:restoring|recovering|log|new|backup)-(?:(\d+)-)?\w+", re.ASCII)
_STARTED = time.time()  # what has this process's number and is older was another one's
_HOUR = 3600.0  # seconds; nothing takes longer
_DAY = 24 * _HOUR


def prefix(what: str) -> str:
    """Return how the name of a place begins in which this process makes ``what``."""
    return f".{what}-{os.getpid()}-"


def sweep(folder: Path) -> None:
    """Remove what processes that were killed left in a workspace; the caller holds its lock."""
    for home in (folder, folder / "backup", folder / "raw"):
        for path in _left_in(home):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with suppress(OSError):
                    path.unlink(missing_ok=True)


def _left_in(home: Path) -> Iterator[Path]:
    try:
        found = [(path, _NAME.fullmatch(path.name)) for path in home.iterdir()]
    except OSError:  # not there, or not for us to see
        return
    for path, name in found:
        with suppress(OSError):  # gone meanwhile
            if name is not None and _is_left(int(name[1] or 0), path.lstat().st_mtime):
                yield path


def _is_left(process: int, changed: float) -> bool:
    if process == os.getpid():
        return changed < _STARTED
    age = time.time() - changed
    return age > (_DAY if _may_run(process) else 0) if process else age > _HOUR


def _may_run(process: int) -> bool:
    if os.name != "posix":
        return True  # asking would end it
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True

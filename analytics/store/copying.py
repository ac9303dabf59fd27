"""Copies files to new ones and forces them to disk; run as a program of its own.

The process that holds a DuckDB file must never open it a second time: closing that handle would
give up its lock (POSIX record locks belong to the process). So another process copies.
"""

import os
import shutil
import sys
from pathlib import Path


def copy(source: Path, target: Path) -> None:
    """Copy ``source`` to ``target``, which must not exist, and wait until it is on the disk."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as reader, os.fdopen(descriptor, "wb") as writer:
        shutil.copyfileobj(reader, writer, 1 << 20)
        writer.flush()
        os.fsync(writer.fileno())


if __name__ == "__main__":
    for old, new in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        copy(Path(old), Path(new))

"""Is the workspace whole? What could be wrong with it, looked at piece by piece."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

Finding = tuple[str, dict[str, object]]


def raw_findings(folder: Path, digests: Iterable[str]) -> Iterator[Finding]:
    """Yield the kept uploads whose content has changed; one that was deleted is no fault."""
    for digest in digests:
        path = folder / digest[:2] / digest
        if path.exists() and _digest(path) != digest:
            yield "check.raw_changed", {"path": str(path)}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

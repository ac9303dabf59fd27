"""Ask whether a vulnerability is known in any locked package; say what could not be asked.

``make audit``. Ends with 1 if one is known; with 0 if none is, or if nobody could be asked: it says
which.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.txt"
_PATIENCE = 300  # seconds


def main(lock: Path = LOCK, options: Sequence[str] = ()) -> int:
    """Ask, print what was learnt, and return the exit code."""
    how = ("--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json")
    command = [sys.executable, "-m", "pip_audit", "-r", str(lock), *how, *options]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        print("Not audited: nobody answered in time.")
        return 0
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = (done.stderr.strip() or "no answer").splitlines()[-1]
        print(f"Not audited: {reason}")
        return 0
    print("\n".join(lines(packages)))
    return 1 if any(package.get("vulns") for package in packages) else 0


def lines(packages: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return one line per known vulnerability, and one that says of how many packages that tells.

    >>> lines([{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "?"}])
    ['0 known vulnerabilities in 1 of 2 packages; nobody knew anything of: b.']
    """
    asked = [package for package in packages if "skip_reason" not in package]
    if packages and not asked:
        return ["Not audited: whoever was asked knows nothing of vulnerabilities."]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    found = [
        f"{package['name']} {package['version']}: {flaw['id']}, mended in "
        f"{', '.join(flaw.get('fix_versions', ())) or 'no version yet'}"
        for package in asked
        for flaw in package["vulns"]
    ]
    told = f"{len(found)} known vulnerabilities in {len(asked)} of {len(packages)} packages"
    return [
        *found,
        f"{told}; nobody knew anything of: {', '.join(unknown)}." if unknown else f"{told}.",
    ]


if __name__ == "__main__":
    sys.exit(main())

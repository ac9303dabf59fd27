"""Listens to what a process reaches for: Python's own audit of each attempt, one line each.

`read_by` puts the ear into the children that read files, `environment` into a program that is
started with it. What libraries do below Python is not heard; `tests/faults/test_outgoing.py` asks
the system about that.
"""

import ast
import ipaddress
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
ASKS = (
    "connect", "sendto", "sendmsg", "getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo",
)  # fmt: skip
HERE = ("localhost", "", "None")


class Heard(NamedTuple):
    """One attempt: by which process, what, with which arguments as text."""

    process: int
    event: str
    about: str


def read_by(arguments: Callable[..., list[str]], log: Path) -> Callable[..., list[str]]:
    """Return what starts the same children, each with an ear that writes to ``log``."""

    def spied(*words: object) -> list[str]:
        python, isolated, program, *rest = arguments(*words)
        return [python, isolated, str(FOLDER / "ear.py"), str(log), program, *rest]

    return spied


def environment(log: Path) -> dict[str, str]:
    """Return variables with which a Python program listens to itself."""
    return {"PYTHONPATH": str(FOLDER), "SPY_LOG": str(log)}


def heard(log: Path) -> list[Heard]:
    """Return all that was written."""
    return [Heard(*ast.literal_eval(line)) for line in log.read_text().splitlines()]


def outgoing(found: list[Heard]) -> list[Heard]:
    """Return the attempts to reach, or to ask for, another machine than this one."""
    asked = {f"socket.{name}" for name in ASKS}
    return [one for one in found if one.event in asked and not _is_here(one.about)]


def _is_here(about: str) -> bool:
    """Return whether an address, as Python wrote it, is on this machine: a path, or loopback."""
    address = ast.literal_eval(about)
    while isinstance(address, tuple):
        address = address[0] if address else ""
    if isinstance(address, bytes):
        address = address.decode()
    if str(address) in HERE or str(address).startswith(("/", "\0")):
        return True
    try:
        return ipaddress.ip_address(str(address)).is_loopback
    except ValueError:
        return False


def words(log: Path, *program: str) -> list[str]:
    """Return the command that runs an isolated program with an ear."""
    return [sys.executable, "-I", str(FOLDER / "ear.py"), str(log), *program]

"""The command that says what is wrong with a set-up, and what to do."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.services import backups, doctor, workspaces


def add_commands(command: Callable[[str, Any], argparse.ArgumentParser], t: Translator) -> None:
    """Declare what the command takes."""
    parser = command("doctor", _doctor)
    parser.add_argument("--host", default="127.0.0.1", help=t("cli.host"))
    parser.add_argument("--port", type=int, default=8501, help=t("cli.port"))


def _doctor(t: Translator, options: argparse.Namespace) -> int:
    """Print one line per finding; return 1 if anything keeps the app from working safely."""
    folder = workspaces.folder(options.workspace).expanduser().absolute()
    counts = dict.fromkeys(doctor.Level, 0)
    now = datetime.now(UTC)
    for finding in doctor.examination(folder, host=options.host, port=options.port, now=now):
        counts[finding.level] += 1
        print(line(t, finding), flush=True)
    print(t("doctor.sum", **{str(level): count for level, count in counts.items()}))
    return 1 if counts[doctor.Level.PROBLEM] else 0


def line(t: Translator, finding: doctor.Finding) -> str:
    """Return a finding in words, its level first.

    >>> line(Translator("en"), doctor.Finding("user_plain"))
    'ok       The server does not run as root.'
    """
    facts = {name: _spelled(t, value) for name, value in finding.facts.items()}
    level = t(f"doctor.{finding.level}")
    return f"{level}{' ' * (9 - len(level))}{t(f'doctor.{finding.code}', **facts)}"


def _spelled(t: Translator, value: object) -> str:
    if isinstance(value, AnalyticsError):
        return t.error(value)
    if isinstance(value, backups.Recovery):
        return t(value.code, **value.facts)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, float):
        return t.number(value, 1)
    return t.number(value) if isinstance(value, int) else str(value)

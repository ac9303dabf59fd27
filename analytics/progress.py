"""Reporting progress without knowing who is watching."""

from typing import Protocol


class Progress(Protocol):
    """Called once per finished step; must be quick. May raise `analytics.errors.Cancelled`."""

    def __call__(self, done: int, total: int, item: str, /) -> None:
        """Report that ``done`` of ``total`` steps are finished, the latest being ``item``."""


def silent(done: int, total: int, item: str, /) -> None:
    """Report nothing; the default everywhere."""

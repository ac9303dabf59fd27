"""Times as the register's file holds them: text in UTC that sorts."""

import sqlite3
from datetime import UTC, datetime

_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def text(moment: datetime) -> str:
    """Return a time as text.

    Raises
    ------
    ValueError
        It has no time zone.

    Examples
    --------
    >>> text(datetime(2026, 5, 31, 12, tzinfo=UTC))
    '2026-05-31T12:00:00.000000Z'
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a time zone")
    return moment.astimezone(UTC).strftime(_FORMAT)


def moment(text: str) -> datetime:
    """Return the time that a text stands for.

    Raises
    ------
    sqlite3.DatabaseError
        It is none: the file is damaged.

    Examples
    --------
    >>> moment("2026-05-31T12:00:00.000000Z")
    datetime.datetime(2026, 5, 31, 12, 0, tzinfo=datetime.timezone.utc)
    """
    try:
        return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)
    except (TypeError, ValueError) as error:
        raise sqlite3.DatabaseError("a time cannot be read") from error


def moment_or_none(text: str | None) -> datetime | None:
    """Return the time that a text stands for, if there is one."""
    return None if text is None else moment(text)

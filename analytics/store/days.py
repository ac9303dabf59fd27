"""For how many days something is kept: a setting, within bounds."""

LEAST = 1
MOST = 3_650
_DIGITS = 9  # no number of days has more


def days_of(setting: str, otherwise: int) -> int:
    """Return the days that a setting names, within bounds; what is no number is no setting.

    >>> days_of("14", 7), days_of("soon", 7), days_of("0", 7), days_of("9" * 5000, 7)
    (14, 7, 7, 3650)
    """
    if not setting.isdecimal():
        return otherwise
    days = MOST if len(setting) > _DIGITS else int(setting)
    return min(days, MOST) if days >= LEAST else otherwise

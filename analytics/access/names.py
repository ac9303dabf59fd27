"""Names that people give: as they are shown, and as they are compared."""

import re
import unicodedata

from analytics.errors import BadMemberError, BadRoomNameError, EmptyNameError

LONGEST = 60  # characters of a person's or a workspace's name
_ADDRESS = re.compile(r"[^\s@<>\"(),;:\\]{1,64}@[^\s@<>\"(),;:\\]{1,190}")


def shown(text: str, longest: int = LONGEST) -> str:
    r"""Return a text in one line, without signs that cannot be seen or that turn others around.

    Examples
    --------
    >>> shown("  Ann\u202e\n Lee ")
    'Ann Lee'
    """
    spaced = "".join(" " if sign.isspace() else sign for sign in text[: 8 * longest])
    seen = "".join(sign for sign in spaced if unicodedata.category(sign) not in _UNSEEN)
    return " ".join(seen.split())[:longest].strip()


def key(text: str) -> str:
    """Return a name as it is compared: without case, width or form."""
    return unicodedata.normalize("NFKC", shown(text)).casefold()


def person(text: str) -> str:
    """Return a person's name as it is shown.

    Raises
    ------
    EmptyNameError
        Nothing can be seen of it.
    """
    name = shown(text)
    if not name:
        raise EmptyNameError
    return name


def room(text: str) -> str:
    """Return a workspace's name as it is shown.

    Raises
    ------
    BadRoomNameError
        It is empty, too long, or has signs that cannot be seen.

    Examples
    --------
    >>> room(" Europe  team ")
    'Europe team'
    """
    name = " ".join(text.split())
    if name != shown(text, LONGEST + 1) or not 1 <= len(name) <= LONGEST or not key(name):
        raise BadRoomNameError(longest=LONGEST)
    return name


def address(text: str) -> str:
    """Return a mail address as it is compared.

    Raises
    ------
    BadMemberError
        It is none.

    Examples
    --------
    >>> address(" Ann@Example.COM ")
    'ann@example.com'
    """
    found = unicodedata.normalize("NFC", text.strip()).lower()
    if not _ADDRESS.fullmatch(found) or found != shown(found, 255):
        raise BadMemberError(address=shown(text, 100))
    return found


_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})

"""Team secrets: which are too weak, and how they are kept and tried.

A secret is kept as a key that scrypt (RFC 7914) derives from it, slowly and with much memory. A
workspace has one salt for its roles, so that a try costs the same whatever role it is for, and
whether or not there is such a workspace.
"""

import hashlib
import hmac
import itertools
import os
import sqlite3
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from analytics.errors import KnownSecretError, ShortSecretError, WeakSecretError

SHORTEST = 12  # characters
_DIFFERENT = 5  # characters, at least
_LONGEST = 1024  # characters that are looked at
_COSTS = frozenset({"32768 8 1"})  # of scrypt, that a file may ask for
_AT_ONCE = threading.BoundedSemaphore(2)  # each takes 128 n r bytes: 32 MB
_WELL_KNOWN = frozenset(
    """
    123456789012 1234567890123 0123456789012 111122223333 123123123123 123456123456 1q2w3e4r5t6y
    1qaz2wsx3edc qazwsxedcrfv qwertyuiop12 qwertyuiop123 qwertyuiopas qwertyuiopasdf qwerty123456
    qwerty12345678 asdfghjkl123 zxcvbnm12345 abcdefghijkl abcdefgh1234 abcd12345678 abcdef123456
    password1234 password12345 password123456 passwordpassword mypassword123 changeme1234
    changemechangeme changeit1234 letmein12345 letmeinplease welcome12345 welcome123456
    iloveyou1234 iloveyouforever admin1234567 administrator administrator1 adminadmin123
    adminpassword rootpassword secret123456 supersecret123 supersecretkey correcthorsebatterystaple
    trustno1trustno1 woaini1314520 woaini520520 woaini5201314 5201314520131 leewayleeway
    leeway123456 leewaysecret leewaypassword yourpassword yoursecrethere replacethissecret
    teamsecret123 teampassword
    """.split()  # noqa: SIM905 - a list of words reads best as words
)


@dataclass(frozen=True, slots=True)
class Salt:
    """What turns a workspace's secrets into keys.

    Parameters
    ----------
    salt : bytes
        16 random bytes.
    n, r, p : int
        scrypt's cost, block size and parallelism.
    """

    salt: bytes
    n: int = 2**15
    r: int = 8
    p: int = 1

    @classmethod
    def new(cls) -> Self:
        """Return one that nobody has."""
        return cls(os.urandom(16))

    @classmethod
    def read(cls, salt: bytes, cost: str) -> Self:
        """Return one from its parts as they are kept.

        Raises
        ------
        sqlite3.DatabaseError
            They are no such parts, or would take a machine's whole memory: the file is damaged.
        """
        if cost not in _COSTS or len(salt) != 16:
            raise sqlite3.DatabaseError("a salt cannot be read")
        n, r, p = map(int, cost.split())
        return cls(salt, n, r, p)

    @property
    def cost(self) -> str:
        """Its cost as it is kept."""
        return f"{self.n} {self.r} {self.p}"

    def key(self, secret: str) -> bytes:
        """Return the 32 bytes that stand for a secret."""
        with _AT_ONCE:
            return hashlib.scrypt(
                plain(secret).encode("utf-8", "surrogatepass"), salt=self.salt,
                n=self.n, r=self.r, p=self.p, maxmem=256 * self.n * self.r, dklen=32,
            )  # fmt: skip


NOBODYS = Salt(bytes(16))  # tried where there is no workspace, so that it takes as long


def plain(secret: str) -> str:
    """Return a secret as every keyboard writes it: without blanks around it, in one form.

    Examples
    --------
    >>> plain(" ｐass 1２ ")
    'pass 12'
    """
    return unicodedata.normalize("NFKC", secret[:_LONGEST]).strip()


def checked(secret: str) -> str:
    """Return a secret if it is hard to guess.

    Raises
    ------
    ShortSecretError, WeakSecretError, KnownSecretError
        It is not.

    Examples
    --------
    >>> checked("four words nobody joins")
    'four words nobody joins'
    >>> checked("abababababab")
    Traceback (most recent call last):
    analytics.errors.access.WeakSecretError: This secret repeats a few characters and could be \
guessed. Use a longer mix, such as four or five words that nobody would put together.
    """
    text = plain(secret)
    if len(text) < SHORTEST:
        raise ShortSecretError(least=SHORTEST)
    lowered = text.casefold()
    if any(word in (lowered, lowered[::-1]) for word in _WELL_KNOWN):
        raise KnownSecretError
    if len(set(lowered)) < _DIFFERENT or _is_a_run(lowered):
        raise WeakSecretError
    return text


def role_of(key: bytes, keys: Mapping[str, bytes]) -> str | None:
    """Return the role whose key this is; it takes as long whichever it is."""
    found = None
    for role, kept in keys.items():
        if hmac.compare_digest(key, kept):
            found = role
    return found


def is_within(secret: str, text: str) -> bool:
    """Return whether a text gives away what may be a secret."""
    typed = plain(secret).casefold()
    return len(typed) >= SHORTEST and typed in plain(text).casefold()


def _is_a_run(text: str) -> bool:
    """Return whether each character follows the one before: 12345, abcde, 54321."""
    steps = {ord(later) - ord(earlier) for earlier, later in itertools.pairwise(text)}
    return steps in ({1}, {-1}, {1, -9}, {-1, 9})

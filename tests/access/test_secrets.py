"""Team secrets: which are refused, how they are kept, what a try costs."""

import time

import pytest

from analytics.access.secrets import NOBODYS, Salt, checked, plain
from analytics.errors import (
    DamagedRegisterError,
    KnownSecretError,
    NoOwnerSecretError,
    ShortSecretError,
    TakenSecretError,
    UnknownRoleError,
    UnknownRoomError,
    UnknownSecretError,
    WeakSecretError,
)

from .nursery import EDITORS, NOON, OWNERS, raw


@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        ("", ShortSecretError),
        ("short one 1", ShortSecretError),
        ("   padded out   ", ShortSecretError),
        ("aaaaaaaaaaaaaaaa", WeakSecretError),
        ("abcabcabcabcabc", WeakSecretError),
        ("1234567890123456", WeakSecretError),
        ("zyxwvutsrqponml", WeakSecretError),
        ("Password1234", KnownSecretError),
        ("ＰＡＳＳＷＯＲＤ１２３４", KnownSecretError),
        ("changemechangeme", KnownSecretError),
        ("woaini1314520", KnownSecretError),
        ("4321drowssap", KnownSecretError),
    ],
)
def test_a_secret_that_could_be_guessed_is_refused(secret, problem):
    with pytest.raises(problem):
        checked(secret)


@pytest.mark.parametrize(
    "secret", [OWNERS, "九月的红茶配两块桃酥饼干", "kX7!pQz2vR9w", "correct horse battery"]
)
def test_a_good_one_is_taken(secret):
    assert checked(secret) == plain(secret)


def test_a_key_is_what_scrypt_makes_of_it():
    # RFC 7914, section 12, the third of its vectors: its first 32 of 64 bytes
    known = Salt(b"SodiumChloride", n=16384, r=8, p=1).key("pleaseletmein")
    assert known.hex() == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"


@pytest.mark.parametrize("cost", ["", "nonsense", "1 8 1", "1073741824 8 1", "32768 8 4096"])
def test_a_damaged_file_cannot_make_a_try_cheap_or_endless(register, cost):
    register.set_secret("main", "owner", OWNERS, who="", now=NOON)
    with raw(register) as connection:
        connection.execute("UPDATE salts SET cost = ?", (cost,))
    with pytest.raises(DamagedRegisterError):
        register.sign_in("", OWNERS, "Ann", now=NOON)


def test_it_costs_memory_and_each_workspace_has_a_salt_of_its_own(register):
    other = register.create_room("Europe", who="", now=NOON).workspace_id
    for room in ("main", other):
        register.set_secret(room, "owner", OWNERS, who="", now=NOON)
    with raw(register) as connection:
        salts = connection.execute("SELECT salt, cost FROM salts").fetchall()
        keys = [key for (key,) in connection.execute("SELECT key FROM secrets")]
    assert {cost for _, cost in salts} == {"32768 8 1"}  # 32 MB, as OWASP's list has it
    assert len({salt for salt, _ in salts}) == len(set(keys)) == 2
    assert all(len(salt) == 16 for salt, _ in salts)


def test_a_miss_costs_what_a_hit_costs(register):
    register.set_secret("main", "owner", OWNERS, who="", now=NOON)

    def cost(team, secret):
        began = time.thread_time()
        register.sign_in(team, secret, "Ann", now=NOON)
        return time.thread_time() - began

    kinds = {"hit": ("", OWNERS), "miss": ("", EDITORS), "no team": ("nowhere", OWNERS)}
    least = {kind: min(cost(*typed) for _ in range(3)) for kind, typed in kinds.items()}
    assert max(least.values()) < 1.5 * min(least.values())
    assert (NOBODYS.n, NOBODYS.r, NOBODYS.p) == (Salt.new().n, 8, 1)


def test_the_owners_secret_comes_first_and_goes_last(register):
    with pytest.raises(NoOwnerSecretError):
        register.set_secret("main", "viewer", EDITORS, who="", now=NOON)
    register.set_secret("main", "owner", OWNERS, who="", now=NOON)
    register.set_secret("main", "viewer", EDITORS, who="", now=NOON)
    assert dict(register.secrets("main")) == {"viewer": NOON, "owner": NOON}
    with pytest.raises(NoOwnerSecretError):
        register.forget_secret("main", "owner", who="", now=NOON)
    register.forget_secret("main", "viewer", who="", now=NOON)
    with pytest.raises(UnknownSecretError):
        register.forget_secret("main", "viewer", who="", now=NOON)
    register.forget_secret("main", "owner", who="", now=NOON)
    assert not register.secrets("main")


def test_two_roles_never_share_a_secret(register):
    register.set_secret("main", "owner", OWNERS, who="", now=NOON)
    with pytest.raises(TakenSecretError):
        register.set_secret("main", "editor", f"{OWNERS} ", who="", now=NOON)


def test_what_is_no_role_or_workspace_is_refused(register):
    with pytest.raises(UnknownRoleError):
        register.set_secret("main", "admin", OWNERS, who="", now=NOON)
    with pytest.raises(UnknownRoomError):
        register.set_secret("../x", "owner", OWNERS, who="", now=NOON)
    with pytest.raises(UnknownRoomError):
        register.secrets("../x")

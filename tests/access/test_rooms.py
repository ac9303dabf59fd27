"""Workspaces and members: names, grace, and that an owner is always left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.access import MAIN, Register, names
from analytics.actor import LOCAL, ROLES, Actor
from analytics.errors import (
    BadMemberError,
    BadRoomNameError,
    LastOwnerError,
    MainRoomError,
    TakenRoomNameError,
    UnknownMemberError,
    UnknownRoleError,
    UnknownRoomError,
)

from .nursery import DAY, HOUR, NOON, OWNERS


def names_of(register, **how):
    return [room.name for room in register.rooms(now=NOON, **how)]


def test_the_first_workspace_is_always_there_and_first(register):
    (main,) = register.rooms(now=NOON)
    assert (main.workspace_id, main.folder) == (MAIN, "")
    register.create_room("Aachen", who="Ann", now=NOON)
    register.rename_room(MAIN, "Zwolle", who="Ann", now=NOON)
    assert names_of(register) == ["Zwolle", "Aachen"]
    assert register.room("").workspace_id == register.room("zwolle").workspace_id == MAIN
    with pytest.raises(MainRoomError):
        register.delete_room(MAIN, who="Ann", now=NOON)


def test_a_folder_is_named_by_the_register_and_by_nobody_else(register):
    made = [register.create_room(name, who="../y", now=NOON) for name in ("../x", "a/b", "C:\\d")]
    assert all(room.folder == f"workspaces/{room.workspace_id}" for room in made)
    assert all(len(bytes.fromhex(room.workspace_id)) == 8 for room in made)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x1bb", "a\u202eb", "\u200b", "a\0b"])
def test_a_name_that_cannot_be_shown_is_refused(register, name):
    with pytest.raises(BadRoomNameError):
        register.create_room(name, who="Ann", now=NOON)


@pytest.mark.parametrize("name", ["europe", "ＥＵＲＯＰＥ", " Europe "])
def test_two_names_differ_in_more_than_case_and_width(register, name):
    made = register.create_room("Europe", who="Ann", now=NOON)
    with pytest.raises(TakenRoomNameError):
        register.create_room(name, who="Ann", now=NOON)
    register.delete_room(made.workspace_id, who="Ann", now=NOON)
    with pytest.raises(TakenRoomNameError):  # for it may come back
        register.create_room(name, who="Ann", now=NOON)


def test_a_deleted_workspace_comes_back_within_its_grace(register):
    made = register.create_room("Europe", who="Ann", now=NOON)
    register.set_secret(made.workspace_id, "owner", OWNERS, who="", now=NOON)
    gone = register.delete_room(made.workspace_id, who="Ann", now=NOON)
    assert gone.gone_at == NOON + 30 * DAY
    assert names_of(register) == ["main"]
    assert names_of(register, with_deleted=True) == ["main", "Europe"]
    for refused in (register.delete_room, register.secrets, register.members):
        with pytest.raises(UnknownRoomError):
            refused(
                made.workspace_id,
                **({"who": "", "now": NOON} if refused == register.delete_room else {}),
            )
    assert register.purge(NOON + 29 * DAY) == ()
    register.bring_back_room(made.workspace_id, who="Ann", now=NOON)
    assert names_of(register) == ["main", "Europe"]
    assert "owner" in register.secrets(made.workspace_id)


def test_a_grace_that_is_over_is_over_at_the_second_look(register):
    made = register.create_room("Europe", who="Ann", now=NOON)
    register.delete_room(made.workspace_id, who="Ann", now=NOON)
    assert register.purge(NOON + 30 * DAY) == ()
    assert register.purge(NOON + 30 * DAY + 19 * HOUR) == ()
    later = NOON + 31 * DAY
    for _ in range(2):  # whoever removes the folder may have been interrupted
        assert [room.workspace_id for room in register.purge(later)] == [made.workspace_id]
    with pytest.raises(UnknownRoomError):
        register.bring_back_room(made.workspace_id, who="Ann", now=later)
    assert register.create_room("Europe", who="Ann", now=later).workspace_id != made.workspace_id
    assert register.audit(made.workspace_id)[0].act == "room_purged"


def test_a_clock_that_jumps_ahead_for_a_while_deletes_nothing(register):
    made = register.create_room("Europe", who="Ann", now=NOON)
    register.delete_room(made.workspace_id, who="Ann", now=NOON)
    assert register.purge(NOON + 400 * DAY) == ()
    for day in range(1, 30):
        assert register.purge(NOON + day * DAY) == ()
    assert register.purge(NOON + 30 * DAY) == ()  # the look of the jump does not count
    assert len(register.purge(NOON + 31 * DAY)) == 1


def test_an_owner_is_always_left(register):
    register.set_member("main", "ann@example.com", "owner", who="", now=NOON)
    for attempt in (
        lambda: register.remove_member("main", "ANN@example.com", who="Ann", now=NOON),
        lambda: register.set_member("main", "ann@example.com", "editor", who="Ann", now=NOON),
    ):
        with pytest.raises(LastOwnerError):
            attempt()
    register.set_member("main", "bo@example.com", "owner", who="Ann", now=NOON)
    register.remove_member("main", "ann@example.com", who="Bo", now=NOON)
    (bo,) = register.members("main")
    assert (bo.address, bo.role, bo.added_at, bo.added_by) == (
        "bo@example.com",
        "owner",
        NOON,
        "Ann",
    )
    with pytest.raises(UnknownMemberError):
        register.remove_member("main", "ann@example.com", who="Bo", now=NOON)


def test_a_member_of_one_workspace_is_none_of_another(register):
    other = register.create_room("Europe", who="", now=NOON).workspace_id
    register.set_member(other, "bo@example.com", "editor", who="", now=NOON)
    assert register.members("main") == ()
    held = register.sign_in_as("bo@example.com", "Bo", now=NOON)
    assert dict(register.visitor(held, now=NOON).grants) == {other: "editor"}
    with pytest.raises(UnknownRoomError):
        register.set_member("../x", "bo@example.com", "editor", who="", now=NOON)


@pytest.mark.parametrize(
    "address",
    ["", "ann", "ann@", "@example.com", "a b@c.de", "a@b@c", "<a@b.c>", "a@b.c\n", "a\0@b.c"],
)
def test_what_is_no_address_is_refused(register, address):
    if address == "a@b.c\n":  # pasted with its line's end
        assert register.set_member("main", address, "owner", who="", now=NOON).address == "a@b.c"
        return
    with pytest.raises(BadMemberError):
        register.set_member("main", address, "owner", who="", now=NOON)


@given(st.text(max_size=80))
def test_what_is_shown_of_a_text_can_be_shown_and_stays_as_it_is(text):
    once = names.shown(text)
    assert names.shown(once) == once
    assert len(once) <= names.LONGEST
    assert all(sign == " " or sign.isprintable() for sign in once)


def test_a_role_may_what_those_before_it_may():
    for place, role in enumerate(ROLES):
        assert [Actor("Ann", role).may(needed) for needed in ROLES] == [
            rank <= place for rank in range(3)
        ]
    assert LOCAL.may("owner")
    for unknown in ("", "admin", "Owner"):
        assert not Actor("Eve", unknown).may("viewer")
        with pytest.raises(UnknownRoleError):
            LOCAL.may(unknown)


def test_a_register_is_only_there_once_it_was_opened(tmp_path):
    assert not Register.exists(tmp_path)
    Register.open(tmp_path).close()
    assert Register.exists(tmp_path)

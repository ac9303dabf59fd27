"""Signing in and out: who holds what, until when, and what ends it."""

import hashlib
import secrets as tokens
from datetime import timedelta

import pytest

from analytics.access import Register
from analytics.errors import EmptyNameError, UnknownRoomError, UnknownSessionError

from .nursery import DAY, EDITORS, HOUR, MINUTE, NOON, OWNERS, raw


@pytest.fixture
def team(register):
    """The first workspace with two secrets."""
    register.set_secret("main", "owner", OWNERS, who="", now=NOON)
    register.set_secret("main", "editor", EDITORS, who="", now=NOON)
    return register


@pytest.fixture
def ann(register):
    """A member by address, signed in."""
    register.set_member("main", "ann@example.com", "owner", who="", now=NOON)
    return register.sign_in_as("Ann@Example.com", "Ann", now=NOON)


def test_a_secret_tells_the_role_and_a_miss_tells_nothing(team):
    assert team.sign_in("", "green otter rides 8", "Ann", now=NOON) is None
    assert team.sign_in("nowhere", OWNERS, "Ann", now=NOON) is None
    held = team.sign_in("MAIN", f" {EDITORS} ", " Ann ", now=NOON)
    visitor = team.visitor(held, now=NOON)
    assert (visitor.name, visitor.address, dict(visitor.grants)) == ("Ann", "", {"main": "editor"})
    assert visitor.until == NOON + 12 * HOUR
    acts = [(row.act, row.who, row.workspace_id) for row in team.audit(None, most=3)]
    assert acts == [
        ("sign_in", "Ann", "main"), ("sign_in_failed", "", ""), ("sign_in_failed", "", "main"),
    ]  # fmt: skip


def test_a_name_is_needed(team):
    with pytest.raises(EmptyNameError):
        team.sign_in("", OWNERS, " \u200b\n", now=NOON)


def test_a_secret_that_was_typed_as_a_name_is_not_kept_where_all_read_it(team):
    before = team.audit_head()
    with pytest.raises(EmptyNameError):
        team.sign_in("", OWNERS, f"Ann {OWNERS.upper()}", now=NOON)
    assert team.audit_head() == before


def test_a_new_secret_ends_what_the_old_one_opened_and_the_same_one_ends_nothing(team):
    held = {role: team.sign_in("", secret, role, now=NOON)
            for role, secret in (("owner", OWNERS), ("editor", EDITORS))}  # fmt: skip
    before = team.audit_head()
    team.set_secret("main", "editor", EDITORS, who="", now=NOON)
    assert team.visitor(held["editor"], now=NOON)
    assert team.audit_head() == before
    team.set_secret("main", "editor", "nobody guesses that", who="", now=NOON)
    assert team.visitor(held["editor"], now=NOON) is None
    assert team.visitor(held["owner"], now=NOON)
    assert team.sign_in("", EDITORS, "Ann", now=NOON) is None
    team.forget_secret("main", "editor", who="", now=NOON)
    team.forget_secret("main", "owner", who="", now=NOON)
    assert team.visitor(held["owner"], now=NOON) is None


def test_a_second_team_is_added_under_a_new_session_and_the_old_one_is_dead(team):
    other = team.create_room("Europe", who="Ann", now=NOON).workspace_id
    team.set_secret(other, "owner", "quiet amber lantern", who="", now=NOON)
    first = team.sign_in("", EDITORS, "Ann", now=NOON)
    assert team.sign_in("Europe", OWNERS, "Ann", now=NOON, held=first) is None
    assert team.visitor(first, now=NOON)  # a miss leaves it alone
    second = team.sign_in("europe", "quiet amber lantern", "Ann", now=NOON, held=first)
    assert dict(team.visitor(second, now=NOON).grants) == {"main": "editor", other: "owner"}
    assert second != first
    assert all(team.visitor(first, now=NOON) is None for _ in range(20))
    (row,) = team.sessions(other, now=NOON)
    team.end_session(other, row.session_id, who="Bo", now=NOON)
    assert dict(team.visitor(second, now=NOON).grants) == {"main": "editor"}
    (row,) = team.sessions("main", now=NOON)
    team.end_session("main", row.session_id, who="Bo", now=NOON)
    assert team.visitor(second, now=NOON) is None
    with pytest.raises(UnknownSessionError):
        team.end_session("main", row.session_id, who="Bo", now=NOON)


def test_whoever_makes_a_workspace_is_let_in_with_the_session_that_runs(team, ann):
    made = team.create_room("Europe", who="Bo", now=NOON).workspace_id
    held = team.sign_in("", OWNERS, "Bo", now=NOON)
    bo = team.visitor(held, now=NOON)
    team.grant(bo.session_id, made, "owner", who="Bo", now=NOON)
    assert team.visitor(held, now=NOON).grants[made] == "owner"
    with pytest.raises(UnknownSessionError):  # a checked identity is a member or is not
        team.grant(team.visitor(ann, now=NOON).session_id, made, "owner", who="Bo", now=NOON)
    with pytest.raises(UnknownRoomError):
        team.grant(bo.session_id, "../x", "owner", who="Bo", now=NOON)


def test_a_session_ends_twelve_hours_after_its_last_use_and_seven_days_after_its_first(
    register, ann
):
    assert register.visitor(ann, now=NOON + 12 * HOUR) is None
    held = register.sign_in_as("ann@example.com", "Ann", now=NOON)
    for hours in range(11, 7 * 24, 11):
        visitor = register.visitor(held, now=NOON + hours * HOUR)
        assert visitor.until <= NOON + 7 * DAY
    assert register.visitor(held, now=NOON + 7 * DAY) is None
    assert register.visitor(held, now=NOON + 6 * DAY) is None  # for good


def test_that_somebody_is_here_is_written_at_most_once_a_minute(register, ann):
    def seen():
        return register.sessions("main", now=NOON + MINUTE)[0].seen_at

    register.visitor(ann, now=NOON + timedelta(seconds=59))
    assert seen() == NOON
    register.visitor(ann, now=NOON + MINUTE)
    assert seen() == NOON + MINUTE


def test_a_clock_that_is_corrected_ends_nothing_and_one_that_jumps_back_signs_out(register, ann):
    assert register.visitor(ann, now=NOON - 4 * MINUTE)
    assert register.sessions("main", now=NOON - 4 * MINUTE)
    assert register.visitor(ann, now=NOON - 365 * DAY) is None
    assert register.visitor(ann, now=NOON) is None
    early = register.sign_in_as("ann@example.com", "Ann", now=NOON - 365 * DAY)
    assert register.visitor(early, now=NOON - 365 * DAY)
    assert register.visitor(early, now=NOON) is None  # and forwards again


@pytest.mark.parametrize("moved", [12 * HOUR, 7 * DAY, -5 * MINUTE, -365 * DAY])
@pytest.mark.parametrize("by", [-timedelta.resolution, timedelta(), timedelta.resolution])
def test_what_is_swept_is_what_a_look_refuses(register, ann, moved, by):
    now = NOON + moved + by
    lives = register.visitor(ann, now=now) is not None
    held = register.sign_in_as("ann@example.com", "Ann", now=NOON)  # sweeps at noon
    with raw(register) as connection:
        connection.execute("UPDATE sessions SET created_at = seen_at")
    register.sign_in_as("bo@example.com", "Bo", now=now)  # sweeps again
    with raw(register) as connection:
        left = {digest for (digest,) in connection.execute("SELECT digest FROM sessions")}
    assert (hashlib.sha256(held.encode()).digest() in left) == lives


def test_a_cookie_that_is_used_again_after_leaving_opens_nothing(register, ann):
    register.sign_out(ann, now=NOON)
    assert [register.visitor(ann, now=NOON) for _ in range(20)] == [None] * 20
    register.sign_out(ann, now=NOON)
    register.sign_out("", now=NOON)
    acts = [row.act for row in register.audit("main")]
    assert acts.count("sign_out") == 1


def test_a_members_role_is_looked_up_at_every_look(register, ann):
    register.set_member("main", "bo@example.com", "editor", who="Ann", now=NOON)
    bo = register.sign_in_as("bo@example.com", "Bo", now=NOON)
    assert register.visitor(bo, now=NOON).grants["main"] == "editor"
    register.set_member("main", "BO@example.com", "viewer", who="Ann", now=NOON)
    assert register.visitor(bo, now=NOON).grants["main"] == "viewer"
    register.remove_member("main", "bo@example.com", who="Ann", now=NOON)
    gone = register.visitor(bo, now=NOON)
    assert (dict(gone.grants), gone.is_member) == ({}, False)
    assert [row.name for row in register.sessions("main", now=NOON)] == ["Ann"]


def test_an_identity_takes_nothing_over_from_the_session_before_it(team):
    held = team.sign_in("", OWNERS, "Ann", now=NOON)
    stranger = team.sign_in_as("eve@example.com", "Eve", now=NOON, held=held)
    assert not team.visitor(stranger, now=NOON).is_member
    assert team.visitor(held, now=NOON) is None


def test_a_deleted_workspace_is_shut_and_open_again_when_it_is_back(register):
    made = register.create_room("Europe", who="", now=NOON).workspace_id
    register.set_member(made, "ann@example.com", "owner", who="", now=NOON)
    held = register.sign_in_as("ann@example.com", "Ann", now=NOON)
    register.delete_room(made, who="Ann", now=NOON)
    visitor = register.visitor(held, now=NOON)
    assert (dict(visitor.grants), dict(visitor.resting)) == ({}, {made: "owner"})
    register.bring_back_room(made, who="Ann", now=NOON)
    assert dict(register.visitor(held, now=NOON).grants) == {made: "owner"}


def test_a_million_guesses_open_nothing(register, ann):
    held = {ann, *(register.sign_in_as("ann@example.com", "Ann", now=NOON) for _ in range(50))}
    with raw(register) as connection:
        kept = {digest for (digest,) in connection.execute("SELECT digest FROM sessions")}
    assert kept == {hashlib.sha256(secret.encode()).digest() for secret in held}
    guesses = tokens.token_bytes(1_000_000 * 8)  # of 64 bits: easier to hit than the 256 of ours
    hits = sum(
        hashlib.sha256(guesses[at : at + 8]).digest() in kept for at in range(0, len(guesses), 8)
    )
    assert hits == 0
    assert not any(register.visitor(tokens.token_urlsafe(32), now=NOON) for _ in range(500))
    assert all(len(secret) == 43 for secret in held)  # 256 bits in base 64
    near = [ann[:-1], ann + "A", ann.swapcase(), ann.upper(), "", " ", ann + "\0", "%", "\ud800"]
    assert not any(register.visitor(guess, now=NOON) for guess in near)


def test_what_the_browser_holds_and_what_people_type_is_nowhere_in_the_files(tmp_path):
    home = tmp_path / "home"
    with Register.open(home) as register:
        register.set_secret("main", "owner", OWNERS, who="", now=NOON)
        held = register.sign_in("", OWNERS, "Ann", now=NOON)
        register.sign_in("", "wrong wrong typo", "Typed-Name", now=NOON)
        register.visitor(held, now=NOON + HOUR)
        again = register.sign_in_as("ann@example.com", "Ann", now=NOON, held=held)
        register.sign_out(again, now=NOON)
        _refuse_in(home, [OWNERS, "wrong wrong", "Typed-Name", held, again])  # journal included
        assert (home / "access.sqlite3-wal").exists()
    _refuse_in(home, [OWNERS, "wrong wrong", "Typed-Name", held, again])


def _refuse_in(home, words):
    for path in home.iterdir():
        content = path.read_bytes()
        for word in words:
            forms = (word.encode(), word.encode("utf-16-le"), word.encode().hex().encode())
            assert not any(form in content for form in forms)

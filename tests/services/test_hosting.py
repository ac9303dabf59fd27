"""Several teams on one host: who gets in, what they may, and that no team sees another's data."""

import gc
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analytics import upkeep
from analytics.actor import LOCAL
from analytics.errors import (
    AnalyticsError,
    BadSettingError,
    HostingError,
    LastOwnerError,
    MainRoomError,
    MissingSettingError,
    NotAllowedError,
    NoTeamSecretError,
    NotLoopbackError,
    OwnerShutOutError,
    PlainAddressError,
    TakenRoomNameError,
    UnfitSecretError,
    UnknownModeError,
    UnknownRoomError,
    UnreadableSecretError,
)
from analytics.scenario import Scenario
from analytics.services import alerting, backups, digest, hosting, overview, planning, sharing
from analytics.services.workspaces import local_user
from analytics.store import Store
from tests.services import shops

SECRET, OTHER = "violet-harbour-41-lantern", "amber-meadow-63-compass"
FORGED = ["", ".", "..", "../x", "main/../x", "/etc", "MAIN", "main ", "队", "0" * 16, "g" * 16,
          "a" * 15, "main\0", "%2e%2e", None, 7, "workspaces/main"]  # fmt: skip


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / "own"))
    return tmp_path / "own"


@pytest.fixture
def serve(own):
    """Return how to host in a mode, and close all of it at the end."""
    opened = []

    def set_up(mode="open", **environ):
        asked = {f"LEEWAY_{name}": value for name, value in environ.items()}
        found = hosting.settings({"LEEWAY_ACCESS": mode, "LEEWAY_WORKSPACE": str(own)} | asked)
        opened.append(found)
        return found

    yield set_up
    for found in opened:
        hosting.close(found)


def signed_in(hosted, name="Olga", role="owner", team=""):
    """A visitor by a team secret."""
    known, now = hosting.register(hosted), datetime.now(UTC)
    secret = SECRET if role == "owner" else f"{OTHER}-{role}"
    held = known.sign_in(team, secret, name, now=now)
    return hosting.visitor(hosted, held)


def with_secrets(hosted, room=hosting.MAIN):
    known, now = hosting.register(hosted), datetime.now(UTC)
    known.set_secret(room, "owner", SECRET, who="", now=now)
    for role in ("editor", "viewer"):
        known.set_secret(room, role, f"{OTHER}-{role}", who="", now=now)


@pytest.fixture
def guarded(serve):
    hosted = serve("password")
    with_secrets(hosted)
    return hosted


# How a server is set up


def test_settings_are_what_the_environment_says(tmp_path):
    (tmp_path / "secret").write_text(f"{SECRET}\n", "utf-8")
    found = hosting.settings({
        "LEEWAY_ACCESS": "oidc", "LEEWAY_HOME": str(tmp_path), "LEEWAY_OWNER": "Ann@Example.com",
        "LEEWAY_PUBLIC_URL": "https://plan.example.com/stock/",
        "LEEWAY_TRUSTED_PROXIES": "10.0.0.1, 172.16.0.0/12", "LEEWAY_ALLOWED": "@Example.com",
        "LEEWAY_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
    })  # fmt: skip
    assert (found.mode, found.home, found.owner) == ("oidc", tmp_path, "ann@example.com")
    assert found.public_url == "https://plan.example.com/stock"
    assert found.trusted_proxies == ("10.0.0.1", "172.16.0.0/12")
    assert (found.team_secret, found.oidc_client_secret) == ("", SECRET)
    assert SECRET not in repr(found)
    held = hosting.settings({"LEEWAY_ACCESS": "password", "LEEWAY_HOME": str(tmp_path),
                             "LEEWAY_SECRET_FILE": str(tmp_path / "secret")})  # fmt: skip
    assert held.team_secret == SECRET
    assert SECRET not in repr(held)
    assert hosting.settings({"LEEWAY_WORKSPACE": str(tmp_path / "a")}).home == tmp_path / "a.host"


@pytest.mark.parametrize(
    ("environ", "refusal"),
    [
        ({"ACCESS": "none"}, UnknownModeError),
        ({"TRUSTED_PROXIES": "everybody"}, BadSettingError),
        ({"ALLOWED": "example"}, BadSettingError),
        ({"PUBLIC_URL": "plan.example.com"}, BadSettingError),
        ({"PUBLIC_URL": "https://u:p@plan.example.com"}, BadSettingError),
        ({"PUBLIC_URL": "https://plan.example.com:port"}, BadSettingError),
        ({"ACCESS": "password", "SECRET_FILE": "/nowhere/secret"}, UnreadableSecretError),
    ],
)
def test_settings_that_say_nothing_useful_are_refused(environ, refusal):
    with pytest.raises(refusal) as refused:
        hosting.settings({f"LEEWAY_{name}": value for name, value in environ.items()})
    assert issubclass(refusal, HostingError)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("mode", ["open", "oidc"])
def test_a_team_secret_is_read_only_where_one_lets_in(tmp_path, mode):
    """The service file names a file for it in every mode; it may hold nothing, or be gone."""
    (tmp_path / "secret").write_text("", "utf-8")
    for file in ("secret", "none"):
        named = {"LEEWAY_SECRET_FILE": str(tmp_path / file), "LEEWAY_SECRET": SECRET}
        assert hosting.settings({"LEEWAY_ACCESS": mode} | named).team_secret == ""
    with pytest.raises(UnreadableSecretError):
        hosting.settings({"LEEWAY_ACCESS": "password",
                          "LEEWAY_SECRET_FILE": str(tmp_path / "secret")})  # fmt: skip


OIDC = {
    "PUBLIC_URL": "https://plan.example.com", "OIDC_ISSUER": "https://id.example.com",
    "OIDC_CLIENT_ID": "leeway", "OIDC_CLIENT_SECRET": "s", "ALLOWED": "@example.com",
    "OWNER": "ann@example.com",
}  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "host", "environ", "refusal"),
    [
        ("open", "0.0.0.0", {}, NotLoopbackError),
        ("open", "192.168.0.9", {"PUBLIC_URL": "https://plan.example.com"}, NotLoopbackError),
        ("open", None, {}, NotLoopbackError),
        ("password", "127.0.0.1", {}, NoTeamSecretError),
        ("password", "127.0.0.1", {"SECRET": "short"}, UnfitSecretError),
        ("password", "127.0.0.1", {"SECRET": "password1234"}, UnfitSecretError),
        ("password", "127.0.0.1", {"SECRET": "aaaaaaaaaaaaaaaa"}, UnfitSecretError),
        ("password", "0.0.0.0", {"SECRET": SECRET}, MissingSettingError),
        ("password", "0.0.0.0", {"SECRET": SECRET, "PUBLIC_URL": "http://plan.example.com"},
         PlainAddressError),
        ("oidc", "127.0.0.1", OIDC | {"OIDC_ISSUER": ""}, MissingSettingError),
        ("oidc", "127.0.0.1", OIDC | {"OIDC_CLIENT_ID": ""}, MissingSettingError),
        ("oidc", "127.0.0.1", OIDC | {"OIDC_CLIENT_SECRET": ""}, MissingSettingError),
        ("oidc", "127.0.0.1", OIDC | {"ALLOWED": ""}, MissingSettingError),
        ("oidc", "127.0.0.1", OIDC | {"OWNER": ""}, MissingSettingError),
        ("oidc", "127.0.0.1", OIDC | {"OWNER": "ann@other.org"}, OwnerShutOutError),
        ("oidc", "127.0.0.1", OIDC | {"OIDC_ISSUER": "http://id.example.com"}, BadSettingError),
    ],
)  # fmt: skip
def test_a_server_that_would_let_in_anybody_is_not_started(serve, mode, host, environ, refusal):
    hosted = serve(mode, **environ)
    with pytest.raises(refusal) as refused:
        hosting.checked(hosted, host)
    assert issubclass(refusal, HostingError)
    assert len(str(refused.value)) > 20


def test_servers_that_are_set_up_are_started(serve, own):
    for host in ("127.0.0.1", "localhost", "::1"):
        hosting.checked(serve("open"), host)
    assert not own.with_name("own.host").exists()
    by_secret = serve("password", SECRET=SECRET, PUBLIC_URL="https://plan.example.com")
    hosting.checked(by_secret, "0.0.0.0")
    who = signed_in(by_secret)
    hosting.checked(by_secret, "0.0.0.0")  # started again: nobody is signed out
    assert [row.session_id for row in hosting.sessions(by_secret, who, hosting.MAIN)] == [
        who.session_id
    ]


def test_the_first_owner_of_identities_is_named_by_the_environment(serve):
    hosted = serve("oidc", **OIDC)
    hosting.checked(hosted, "0.0.0.0")
    held = hosting.register(hosted).sign_in_as("ann@example.com", "Ann", now=datetime.now(UTC))
    ann = hosting.visitor(hosted, held)
    assert hosting.role_in(hosted, ann, "main") == "owner"
    hosting.set_member(hosted, ann, "main", "bo@example.com", "viewer")
    with pytest.raises(LastOwnerError):
        hosting.remove_member(hosted, ann, "main", "ann@example.com")
    assert hosting.visitor(replace(hosted, allowed=("@other.org",)), held) is None
    made = hosting.create_room(hosted, ann, "Second")
    again = hosting.visitor(hosted, held)
    assert hosting.role_in(hosted, again, made.workspace_id) == "owner"


def test_a_session_of_another_mode_is_nobody(guarded):
    held = hosting.register(guarded).sign_in("", SECRET, "Olga", now=datetime.now(UTC))
    assert hosting.visitor(guarded, held).name == "Olga"
    assert hosting.visitor(replace(guarded, mode="oidc", allowed=("@x.org",)), held) is None


# Where nobody is asked


def test_one_person_is_the_owner_and_nothing_is_made_before_it_is_needed(serve, own):
    hosted = serve()
    who = hosting.visitor(hosted, None)
    assert (who.name, hosting.rooms_of(hosted, who)[0][1]) == (local_user(), "owner")
    assert [room.workspace_id for room in hosting.rooms(hosted)] == ["main"]
    for ask in (hosting.members, hosting.secrets, hosting.sessions, hosting.audit):
        assert not ask(hosted, who, "main")
    assert hosting.deleted_rooms(hosted, who) == ()
    assert hosting.purge(hosted) == ()
    with hosting.entered(hosted, who, "main") as store:
        assert store.folder == own
        assert not own.with_name("own.host").exists()
        store.save_setting("days", "3")
    assert (own.with_name("own.host").stat().st_mode & 0o077) == 0
    [told] = [row for row in hosting.audit(hosted, who, "main") if row.act == "save_setting"]
    assert (told.who, told.object) == (local_user(), "days")


# Rooms


@pytest.mark.parametrize("forged", FORGED)
def test_a_workspace_is_found_by_its_id_and_by_nothing_else(guarded, forged):
    """Whatever else is asked for gets one and the same refusal, whoever asks."""
    olga = signed_in(guarded)
    before = sorted(guarded.home.rglob("*"))
    told = set()
    for ask in (
        lambda: hosting.open_room(guarded, forged),
        lambda: hosting.entered(guarded, olga, forged),
        lambda: hosting.actor(guarded, olga, forged),
        lambda: hosting.rename_room(guarded, olga, forged, "Mine"),
        lambda: hosting.delete_room(guarded, olga, forged),
        lambda: hosting.bring_back_room(guarded, olga, forged),
        lambda: hosting.audit(guarded, olga, forged),
        lambda: hosting.sessions(guarded, olga, forged),
        lambda: hosting.set_secret(guarded, olga, forged, "viewer", SECRET),
        lambda: hosting.set_member(guarded, olga, forged, "a@example.com", "owner"),
    ):
        with pytest.raises(UnknownRoomError) as refused:
            ask()
        told.add(str(refused.value))
    assert len(told) == 1
    assert sorted(guarded.home.rglob("*")) == before


def test_an_owner_of_one_room_is_nobody_in_another(guarded):
    olga = signed_in(guarded)
    second = hosting.create_room(guarded, olga, "Second").workspace_id
    with_secrets(guarded, second)
    pia = signed_in(guarded, "Pia", team="Second")
    assert [room.workspace_id for room, _ in hosting.rooms_of(guarded, pia)] == [second]
    for ask in (
        lambda: hosting.entered(guarded, pia, "main"),
        lambda: hosting.rename_room(guarded, pia, "main", "Mine"),
        lambda: hosting.set_secret(guarded, pia, "main", "owner", OTHER),
        lambda: hosting.end_session(guarded, pia, "main", olga.session_id),
        lambda: hosting.audit(guarded, pia, "main"),
        lambda: hosting.note(guarded, pia, "main", "export"),
    ):
        with pytest.raises(UnknownRoomError):
            ask()
    with hosting.entered(guarded, pia, second) as store:
        store.save_setting("days", "1")
    assert {
        row.who for row in hosting.audit(guarded, pia, second) if row.act == "save_setting"
    } == {"Pia"}
    assert "save_setting" not in {row.act for row in hosting.audit(guarded, olga, "main")}


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_owners_rule(guarded, role):
    olga, them = signed_in(guarded), signed_in(guarded, "Them", role)
    for ask in (
        lambda: hosting.create_room(guarded, them, "Third"),
        lambda: hosting.rename_room(guarded, them, "main", "Mine"),
        lambda: hosting.delete_room(guarded, them, "main"),
        lambda: hosting.members(guarded, them, "main"),
        lambda: hosting.set_member(guarded, them, "main", "a@example.com", "owner"),
        lambda: hosting.remove_member(guarded, them, "main", "a@example.com"),
        lambda: hosting.secrets(guarded, them, "main"),
        lambda: hosting.set_secret(guarded, them, "main", "viewer", SECRET),
        lambda: hosting.forget_secret(guarded, them, "main", "viewer"),
        lambda: hosting.sessions(guarded, them, "main"),
        lambda: hosting.end_session(guarded, them, "main", olga.session_id),
        lambda: hosting.audit(guarded, them, "main"),
    ):
        with pytest.raises(NotAllowedError, match="owner"):
            ask()
    with hosting.entered(guarded, them, "main") as store:
        assert (store.actor.name, store.read_only) == ("Them", role == "viewer")
        digest_of = digest.settings(store)
        assert digest_of.addresses == ()
        with pytest.raises(NotAllowedError):
            digest.settle(store, is_on=False, hour=8, language="en")


def test_rooms_are_made_renamed_and_the_first_one_stays(guarded):
    olga = signed_in(guarded)
    made = hosting.create_room(guarded, olga, "Second")
    olga = signed_in(guarded)
    with pytest.raises(TakenRoomNameError):
        hosting.create_room(guarded, olga, "SECOND")
    with pytest.raises(UnknownRoomError):  # a new session was not let in
        hosting.rename_room(guarded, olga, made.workspace_id, "Third")
    with pytest.raises(MainRoomError):
        hosting.delete_room(guarded, olga, "main")


def second_room(hosted):
    """A second workspace with sales: its id, the visitor, who is its owner, and their store."""
    room = hosting.create_room(hosted, hosting.visitor(hosted, None), "Second").workspace_id
    who = hosting.visitor(hosted, None)
    store = hosting.entered(hosted, who, room)
    store.load([shops.sales(days=3)])
    return room, who, store


def test_a_deleted_room_is_closed_and_comes_back_whole(serve):
    hosted = serve()
    room, who, store = second_room(hosted)
    made = sharing.create(store, store, Scenario(), kind="live", hides_money=True, name="Look")
    cookie = hosting.enter_link(hosted, sharing.in_room(room, made.token))
    assert hosting.link_of(hosted, cookie).name == "Look"

    hosting.delete_room(hosted, who, room)
    for ask in (store.imports, lambda: store.save_setting("days", "1"),
                lambda: hosting.open_room(hosted, room),
                lambda: hosting.entered(hosted, who, room)):  # fmt: skip
        with pytest.raises(UnknownRoomError):
            ask()
    assert hosting.link_of(hosted, cookie) is None
    assert hosting.enter_link(hosted, sharing.in_room(room, made.token)) is None
    hosting.leave_link(hosted, cookie)
    assert [each.workspace_id for each in hosting.rooms(hosted)] == ["main"]
    with pytest.raises(TakenRoomNameError):
        hosting.create_room(hosted, who, "Second")

    assert hosting.purge(hosted, datetime.now(UTC) + timedelta(days=29)) == ()
    who = hosting.visitor(hosted, None)
    assert [each.workspace_id for each in hosting.deleted_rooms(hosted, who)] == [room]
    hosting.bring_back_room(hosted, who, room)
    with hosting.entered(hosted, hosting.visitor(hosted, None), room) as again:
        assert len(again.imports()) == 1
    assert hosting.link_of(hosted, cookie).name == "Look"


def test_a_deleted_room_goes_in_the_end(serve):
    hosted = serve()
    room, who, _ = second_room(hosted)
    folder, now = hosted.home / "workspaces" / room, datetime.now(UTC)
    hosting.delete_room(hosted, who, room)
    assert hosting.purge(hosted, now + timedelta(days=31)) == ()  # a clock may jump once
    assert folder.exists()
    gone = hosting.purge(hosted, now + timedelta(days=32))
    assert [each.workspace_id for each in gone] == [room]
    assert list((hosted.home / "workspaces").iterdir()) == []
    with pytest.raises(UnknownRoomError):
        hosting.bring_back_room(hosted, who, room)
    assert hosting.purge(hosted, now + timedelta(days=33)) == ()


def test_bringing_back_is_for_who_owned_it(guarded):
    olga = signed_in(guarded)
    room = hosting.create_room(guarded, olga, "Second").workspace_id
    with_secrets(guarded, room)
    ed = signed_in(guarded, "Ed", "editor", "Second")
    held = hosting.register(guarded).sign_in("Second", SECRET, "Pia", now=datetime.now(UTC))
    hosting.delete_room(guarded, hosting.visitor(guarded, held), room)
    assert hosting.visitor(guarded, held).grants == {}
    with pytest.raises(UnknownRoomError):
        hosting.bring_back_room(guarded, signed_in(guarded), room)
    with pytest.raises((UnknownRoomError, NotAllowedError)):
        hosting.bring_back_room(guarded, ed, room)
    hosting.bring_back_room(guarded, hosting.visitor(guarded, held), room)
    assert hosting.role_in(guarded, hosting.visitor(guarded, held), room) == "owner"


# Two teams


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two rooms with a canary each, and the workspaces that a page would hold."""
    home = tmp_path_factory.mktemp("two")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEEWAY_WORKSPACE", str(home / "own"))
        hosted = hosting.settings()
        rooms = [
            hosting.create_room(hosted, hosting.visitor(hosted, None), name).workspace_id
            for name in ("Red", "Blue")
        ]
        who = hosting.visitor(hosted, None)
        stores = [hosting.entered(hosted, who, room) for room in rooms]
        for store, sku in zip(stores, ("REDCANARY", "BLUECANARY"), strict=True):
            store.load([shops.sales(sku, units=7.0 if sku == "REDCANARY" else 3.0),
                        shops.stock((sku, 30))])  # fmt: skip
        yield hosted, rooms, stores
        hosting.close(hosted)


def answers(store):
    """All that a morning shows, as text."""
    found = overview.overview(store)
    alarms = alerting.alerts(store).table.to_csv()
    return repr(found) + alarms + repr(planning.items(store)) + store.daily_sales().to_csv()


def test_what_is_kept_of_one_room_is_never_shown_in_another(two):
    _, _, stores = two
    for turn in (0, 1, 0, 1, 1, 0):  # cold, then from what is kept
        shown = answers(stores[turn])
        mine, theirs = ("REDCANARY", "BLUECANARY")[:: -1 if turn else 1]
        assert mine in shown
        assert theirs not in shown
    units = [store.daily_sales()["units"].unique().tolist() for store in stores]
    assert units == [[7.0], [3.0]]


def test_a_link_of_one_room_opens_nothing_in_another(two):
    hosted, rooms, stores = two
    made = sharing.create(stores[0], stores[0], Scenario(), kind="live", hides_money=True,
                          name="Red look")  # fmt: skip
    cookie = hosting.enter_link(hosted, sharing.in_room(rooms[0], made.token))
    assert cookie.startswith(f"{rooms[0]}.")
    assert hosting.link_of(hosted, cookie).name == "Red look"
    secret = cookie.partition(".")[2]
    elsewhere = [sharing.in_room(room, secret) for room in (rooms[1], "main")]
    for forged in (*elsewhere, *(f"{name}.{secret}" for name in FORGED), "", ".", secret * 20):
        assert hosting.link_of(hosted, forged) is None
        assert hosting.enter_link(hosted, forged) is None
        hosting.leave_link(hosted, forged)
    for room in (rooms[1], "main"):
        assert hosting.enter_link(hosted, sharing.in_room(room, made.token)) is None
    assert hosting.link_of(hosted, cookie) is not None
    views = [row for row in hosting.audit(hosted, hosting.visitor(hosted, None), rooms[0])
             if row.act == "enter_share"]  # fmt: skip
    assert len(views) == 1
    assert made.token not in repr(hosting.register(hosted).audit(None))
    hosting.leave_link(hosted, cookie)
    assert hosting.link_of(hosted, cookie) is None


def test_every_room_has_its_night_and_its_message(two):
    hosted, rooms, _ = two
    openers = hosting.other_rooms(hosted)
    now = datetime(2026, 6, 1, 3, tzinfo=UTC)
    for opener in openers:
        with opener() as store:
            assert backups.nightly(store, now) is not None
    for room in rooms:
        assert list((hosted.home / "workspaces" / room / "backup").glob("nightly-*.zip"))


def test_the_clock_goes_round_all_rooms_and_trouble_in_one_is_its_own(two, caplog):
    hosted, rooms, _ = two
    seen, most = [], 40

    def refuse():
        raise UnfitSecretError

    watch = upkeep.watching.Rounds(
        "round", 0.01, first=refuse, others=lambda: hosting.other_rooms(hosted),
        visit=lambda store: seen.append(store.folder.name), what="No round",
    )  # fmt: skip
    watch.start()
    for _ in range(most * 50):
        if len(seen) >= 4:
            break
        watch._stopped.wait(0.05)
    watch.stop()
    assert seen[:4] == rooms * 2
    assert "No round" in caplog.text


def test_a_room_whose_file_cannot_be_read_keeps_no_other_from_its_data(serve):
    hosted = serve()
    rooms = [hosting.create_room(hosted, hosting.visitor(hosted, None), name).workspace_id
             for name in ("Red", "Blue")]  # fmt: skip
    broken = hosted.home / "workspaces" / rooms[0]
    broken.mkdir(parents=True)
    (broken / "leeway.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(AnalyticsError):
        hosting.open_room(hosted, rooms[0])
    with hosting.open_room(hosted, rooms[1]) as store:
        assert store.actor is LOCAL
        assert store.is_empty


def test_a_row_of_the_register_that_names_another_folder_opens_nothing(serve, tmp_path):
    """Whoever could write the register must not reach the disk by it."""
    import sqlite3

    hosted = serve()
    room = hosting.create_room(hosted, hosting.visitor(hosted, None), "Red").workspace_id
    hosting.close(hosted)
    with sqlite3.connect(hosted.home / "access.sqlite3") as connection:
        other = (str(tmp_path / "x"), room)
        connection.execute("UPDATE rooms SET folder = ? WHERE workspace_id = ?", other)
    connection.close()
    with pytest.raises(UnknownRoomError):
        hosting.open_room(hosted, room)
    assert not (tmp_path / "x").exists()


def test_no_more_files_are_open_than_the_host_bears(serve, monkeypatch):
    from analytics.store import database

    monkeypatch.setattr(database, "MOST_AWAKE", 3)
    hosted = serve()
    rooms = [hosting.create_room(hosted, hosting.visitor(hosted, None), f"R{n}").workspace_id
             for n in range(5)]  # fmt: skip
    held = [hosting.open_room(hosted, room) for room in rooms]  # tabs that nobody closes
    for n, store in enumerate(held):
        store.save_setting("mark", str(n))
    assert [store.settings()["mark"] for store in held] == list("01234")
    for n, room in enumerate(rooms):
        with hosting.open_room(hosted, room) as store:
            assert store.settings()["mark"] == str(n)
    assert sum(one.rests and one.is_awake for one in database._opened.values()) <= 3
    del held, store
    gc.collect()
    hosting.close(hosted)
    Store.open(hosted.home / "other").close()
    assert not [path for path in database._opened if path.is_relative_to(hosted.home)]


# What is in hand when a role is taken


def held_by(hosted, role, name="Ed"):
    """Return the secret of somebody's session, and who it is."""
    secret = SECRET if role == "owner" else f"{OTHER}-{role}"
    held = hosting.register(hosted).sign_in("", secret, name, now=datetime.now(UTC))
    return held, hosting.visitor(hosted, held)


def test_a_role_that_is_taken_is_gone_from_what_is_in_hand(guarded):
    olga = signed_in(guarded)
    _, ed = held_by(guarded, "editor")
    store = hosting.entered(guarded, ed, "main")
    store.save_setting("days", "1")
    hosting.forget_secret(guarded, olga, "main", "editor")
    for ask in (
        lambda: store.save_setting("days", "2"),
        lambda: store.load([shops.sales(days=3)]),
        lambda: hosting.note(guarded, ed, "main", "export", thing="x.csv"),
    ):
        with pytest.raises((NotAllowedError, UnknownRoomError)):
            ask()
    assert store.settings()["days"] == "1"
    assert store.imports().empty
    assert "export" not in {row.act for row in hosting.audit(guarded, olga, "main")}


def test_a_role_that_shrinks_and_grows_again(guarded):
    olga = signed_in(guarded)
    _, ed = held_by(guarded, "editor")
    known, now = hosting.register(guarded), datetime.now(UTC)
    store = hosting.entered(guarded, ed, "main")
    known.grant(ed.session_id, "main", "viewer", who="Olga", now=now)
    with pytest.raises(NotAllowedError, match="editor"):
        store.save_setting("days", "1")
    known.grant(ed.session_id, "main", "owner", who="Olga", now=now)
    store.save_setting("days", "1")
    with pytest.raises(NotAllowedError):  # it was handed out to an editor
        store.save_setting("raw_days", "1")
    hosting.end_session(guarded, olga, "main", ed.session_id)
    with pytest.raises(NotAllowedError):
        store.save_setting("days", "2")


def test_who_has_signed_out_rules_no_more(guarded):
    held, olga = held_by(guarded, "owner", "Olga")
    made = hosting.create_room(guarded, olga, "Second").workspace_id
    hosting.delete_room(guarded, olga, made)
    store = hosting.entered(guarded, olga, "main")
    hosting.register(guarded).sign_out(held, now=datetime.now(UTC))
    for ask in (
        lambda: hosting.set_secret(guarded, olga, "main", "viewer", SECRET + "-new"),
        lambda: hosting.create_room(guarded, olga, "Third"),
        lambda: hosting.bring_back_room(guarded, olga, made),
        lambda: store.save_setting("raw_days", "1"),
    ):
        with pytest.raises((NotAllowedError, UnknownRoomError)):
            ask()
    assert hosting.deleted_rooms(guarded, olga) == ()


def test_a_member_who_is_let_go_rules_no_more(serve):
    hosted = serve("oidc", **OIDC)
    hosting.checked(hosted, "0.0.0.0")
    known, now = hosting.register(hosted), datetime.now(UTC)
    known.set_member("main", "ed@example.com", "editor", who="", now=now)
    ed = hosting.visitor(hosted, known.sign_in_as("ed@example.com", "Ed", now=now))
    store = hosting.entered(hosted, ed, "main")
    store.save_setting("days", "1")
    known.remove_member("main", "ed@example.com", who="Ann", now=now)
    with pytest.raises(NotAllowedError):
        store.save_setting("days", "2")
    assert store.settings()["days"] == "1"

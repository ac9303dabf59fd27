"""Links: what they show, to whom, and for how long; what a guest never gets."""

import io
import secrets
import zipfile
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.errors import (
    BrokenLinkError,
    DataMovedError,
    EmptyNameError,
    OutOfBoundsError,
    ReadOnlyWorkspaceError,
    UnknownCodeError,
    UnknownLinkError,
)
from analytics.scenario import Scenario
from analytics.services import delays, freezing, frozen_answers, saved, sharing
from analytics.services.planning import ITEM_MARK
from analytics.services.throttling import Throttle
from analytics.store import Store
from tests.services import shops

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
LATE = Scenario(lead_time_delay_days=14)
COST = 20.7318  # of a mug: a number that stands nowhere else
PRICED = {"sku": "MUG", "unit_cost": COST, "currency": "CNY", "price": 61.4142,
          "price_currency": "CNY"}  # fmt: skip
MUG = f"MUG{ITEM_MARK}US"


def filled(folder):
    opened = Store.open(folder)
    coming = shops.receipts(days=45, count=4)
    due = {"sku": "MUG", "order_id": "PO-9", "quantity": 300.0, "ordered_on": shops.day(40)}
    opened.load(
        [shops.sales(), shops.stock(("MUG", 60)), coming, shops.products(PRICED),
         shops.sheet(due, kind="purchase_orders", market="US", route="sea")]
    )  # fmt: skip
    return opened


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with filled(tmp_path_factory.mktemp("own")) as opened:
        yield opened


def made(store, *, kind="live", hides_money=True, name="Late ship", now=NOW, **more):
    return sharing.create(
        store, store, LATE, kind=kind, hides_money=hides_money, name=name, now=now, **more
    )


def test_a_token_opens_its_link_for_as_long_as_it_was_made_for(shop):
    created = made(shop, days=30, author="Lin", note="Look")
    last = NOW + timedelta(days=30) - timedelta(seconds=1)
    secret = sharing.enter(shop, created.token, now=last)
    share = sharing.opened(shop, secret, now=last)
    assert (share.name, share.author, share.note) == ("Late ship", "Lin", "Look")
    assert share.scenario == LATE
    assert (share.views, share.state(NOW)) == (1, "open")
    ended = NOW + timedelta(days=30)
    assert sharing.opened(shop, secret, now=ended) is None
    assert sharing.enter(shop, created.token, now=ended) is None
    assert share.state(ended) == "expired"


def test_a_visit_ends_after_a_day_and_the_link_does_not(shop):
    created = made(shop)
    secret = sharing.enter(shop, created.token, now=NOW)
    later = NOW + timedelta(hours=24)
    assert sharing.opened(shop, secret, now=later - timedelta(seconds=1)) is not None
    assert sharing.opened(shop, secret, now=later) is None
    assert sharing.enter(shop, created.token, now=later) is not None


def test_a_visit_that_ran_out_is_told_from_a_link_that_did(shop):
    created = made(shop, days=2)
    secret = sharing.enter(shop, created.token, now=NOW)
    hours = [timedelta(hours=hour) for hour in (0, 24, 48)]
    assert [sharing.has_run_out(shop, secret, now=NOW + at) for at in hours] == [
        False, True, False
    ]  # fmt: skip
    assert not sharing.has_run_out(shop, created.token, now=NOW + hours[1])
    sharing.revoke(shop, created.share.share_id, now=NOW)
    assert not sharing.has_run_out(shop, secret, now=NOW + hours[1])


def test_who_leaves_is_forgotten_and_nobody_else(shop):
    created = made(shop)
    secret, other = (sharing.enter(shop, created.token, now=NOW) for _ in range(2))
    sharing.leave(shop, secret)
    sharing.leave(shop, "made up")
    assert sharing.opened(shop, secret, now=NOW) is None
    assert sharing.opened(shop, other, now=NOW) is not None


def test_a_closed_link_turns_away_whoever_looks_at_it(shop):
    created = made(shop)
    secret = sharing.enter(shop, created.token, now=NOW)
    other = sharing.enter(shop, made(shop).token, now=NOW)
    sharing.revoke(shop, created.share.share_id, who="Bo", now=NOW)
    assert sharing.opened(shop, secret, now=NOW) is None
    assert sharing.enter(shop, created.token, now=NOW) is None
    assert sharing.opened(shop, other, now=NOW) is not None
    states = sharing.links(shop, now=NOW).set_index("share_id")["state"]
    assert states[created.share.share_id] == "revoked"
    with pytest.raises(UnknownLinkError):
        sharing.revoke(shop, created.share.share_id, now=NOW)


def test_a_token_has_256_bits_and_is_kept_nowhere(shop):
    created = made(shop, kind="frozen")
    secret = sharing.enter(shop, created.token, now=NOW)
    assert len(created.token) == len(secret) == 43  # 32 bytes in base 64
    kept = [path.read_bytes() for path in shop.folder.rglob("*") if path.is_file()]
    assert len(kept) > 1
    for word in (created.token, secret):
        assert not any(word.encode() in content for content in kept)
        assert word not in repr(shop.shares().to_dict())


@pytest.mark.parametrize(
    "token",
    ["", ":token", "..", "../s", "1", "0", "%", "'; DROP TABLE shares", "\ud800", "a" * 9999],
)
def test_what_is_no_token_opens_nothing(shop, token):
    made(shop)
    assert sharing.enter(shop, token, now=NOW) is None
    assert sharing.opened(shop, token, now=NOW) is None


def test_guesses_never_hit_and_a_hash_is_no_token(shop):
    created = made(shop)
    row = shop.shares().iloc[0]
    guesses = [secrets.token_urlsafe(32) for _ in range(200)]
    guesses += [sharing._hash(created.token), str(row["share_id"]), created.token[:-1]]
    guesses += [created.token.swapcase(), created.token + "A"]
    assert not any(sharing.enter(shop, guess, now=NOW) for guess in guesses)


def test_a_secret_is_no_token_and_a_token_no_secret(shop):
    created = made(shop)
    secret = sharing.enter(shop, created.token, now=NOW)
    assert sharing.enter(shop, secret, now=NOW) is None
    assert sharing.opened(shop, created.token, now=NOW) is None


def test_a_link_says_what_was_wrong_with_it(shop):
    with pytest.raises(EmptyNameError):
        made(shop, name=" ")
    for days in (0, 366):
        with pytest.raises(OutOfBoundsError):
            made(shop, days=days)
    with pytest.raises(UnknownCodeError):
        made(shop, kind="public")


# Frozen


@pytest.mark.parametrize("hides_money", [True, False])
def test_a_frozen_answer_is_the_answer(shop, hides_money):
    created = made(shop, kind="frozen", hides_money=hides_money, item=MUG)
    kept = sharing.frozen(shop, created.share.share_id)
    asked = replace(LATE, as_of=shops.LAST)
    now = delays.impact(shop, asked, money=not hides_money)
    item = delays.item(shop, asked, "MUG", "US", money=not hides_money)
    if hides_money:
        item = replace(item, actions=item.actions.drop(columns="reason"))
    assert created.share.checksum == kept.impact.checksum == now.checksum
    assert created.share.scenario == kept.impact.scenario == asked
    assert_same(kept.impact, now)
    assert_same(kept.item, item)


def assert_same(one, other):
    for field in fields(other):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(theirs, pd.DataFrame):
            pd.testing.assert_frame_equal(mine, theirs, check_dtype=False)  # text is text
        elif isinstance(theirs, dict):
            pd.testing.assert_series_equal(pd.Series(mine), pd.Series(theirs))
        else:
            assert mine == theirs, field.name


def test_a_frozen_answer_stays_when_the_data_move_and_a_live_one_follows(tmp_path):
    with filled(tmp_path / "own") as store:
        frozen, live = made(store, kind="frozen").share, made(store).share
        before = sharing.frozen(store, frozen.share_id)
        store.load([shops.stock(("MUG", 900), date=None)])
        assert_same(sharing.frozen(store, frozen.share_id).impact, before.impact)
        with store.as_reader() as reader:
            today = delays.impact(reader, live.scenario, money=False)
            assert reader.version != live.data_version
        assert today.checksum != frozen.checksum


def test_the_fingerprint_is_that_of_the_data_wherever_they_are(shop, tmp_path):
    with filled(tmp_path / "elsewhere") as other:
        assert other.version != shop.version
        assert sharing.fingerprint(other) == sharing.fingerprint(shop)
        other.load([shops.sales(sku="CUP", units=1.0, days=10)])
        moved = sharing.fingerprint(other)
        assert moved != sharing.fingerprint(shop)
        other.save_setting("base_currency", "EUR")
        assert sharing.fingerprint(other) != moved


def test_an_answer_that_was_tampered_with_is_not_shown(tmp_path):
    with filled(tmp_path / "own") as store:
        number = made(store, kind="frozen").share.share_id
        with store._database.transaction() as cursor:
            cursor.execute("UPDATE share_answers SET answer = 'x'::BLOB")
        with pytest.raises(BrokenLinkError):
            sharing.frozen(store, number)


def repacked(content, change):
    """Return a pack that some other version might have written."""
    parts = freezing.unpack(content)
    change(parts)
    return freezing.pack(parts)


@pytest.fixture(scope="module")
def pack(shop):
    content, _ = shop.share_answer(made(shop, kind="frozen", item=MUG).share.share_id)
    return content


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts.pop("item"),
        lambda parts: parts["impact"].pop("notes"),
        lambda parts: parts["impact"].update(soul=1),
        lambda parts: parts["impact"]["lines"].pop("action"),
        lambda parts: parts["impact"].update(orders="none"),
        lambda parts: parts["item"].pop("facts"),
        lambda parts: parts["item"]["line"].pop("stake"),
        lambda parts: parts["item"]["actions"].pop("option"),
        lambda parts: parts["item"].update(line=7),
    ],
)
def test_an_answer_with_a_part_missing_is_a_broken_link(pack, change):
    frozen_answers.unpacked(repacked(pack, lambda parts: None))
    with pytest.raises(BrokenLinkError):
        frozen_answers.unpacked(repacked(pack, change))


def test_an_answer_that_is_cut_anywhere_is_a_broken_link(pack):
    for length in (0, 1, 100, len(pack) // 2, len(pack) - 1):
        with pytest.raises(BrokenLinkError):
            frozen_answers.unpacked(pack[:length])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        "{}",
        '{"format": 2, "parts": {}}',
        '{"format": 1}',
        '{"format": 1, "parts": []}',
        '{"format": 1, "parts": 7}',
        '{"format": 1, "parts": {"$": "x"}}',
        '{"format": 1, "parts": {"$": "table", "number": 0}}',
    ],
)
def test_an_answer_of_another_format_is_a_broken_link(text):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("answer.json", text)
    with pytest.raises(BrokenLinkError):
        frozen_answers.unpacked(content.getvalue())


class Moving(Store):
    """A workspace that somebody changes, some times, while it is being read."""

    moves = 0

    def all_judgements(self):
        if self.moves:
            self.moves -= 1
            self.save_setting("raw_days", str(30 + self.moves))
        return super().all_judgements()


def test_a_frozen_link_stands_on_one_state_of_the_data(tmp_path):
    filled(tmp_path / "own").close()
    with Moving.open(tmp_path / "own") as store:
        store.moves = 1
        share = made(store, kind="frozen").share
        assert store.moves == 0
        assert share.data_version == store.version
        assert share.fingerprint == sharing.fingerprint(store)
        store.moves = 99
        with pytest.raises(DataMovedError):
            made(store, kind="frozen")


def test_what_is_packed_comes_back():
    parts = {
        "table": pd.DataFrame(
            {"sku": ["A", "B"], "day": pd.to_datetime(["2026-01-05", None]),
             "units": [1.5, np.nan], "is_hit": [True, False]}
        ),
        "notes": (("code", {"skus": 3, "share": np.float64("nan")}), ("other", {})),
        "line": {"day": pd.Timestamp("2026-01-05 10:00"), "none": None, "no_day": pd.NaT},
        "day": shops.LAST, "numbers": [np.int64(3), True, 0.1], "scenario": LATE,
    }  # fmt: skip
    content = freezing.pack(parts)
    assert content == freezing.pack(parts)
    back = freezing.unpack(content)
    pd.testing.assert_frame_equal(back.pop("table"), parts.pop("table"))
    assert repr(back) == repr(parts).replace("np.float64(nan)", "nan").replace("np.int64(3)", "3")
    with pytest.raises(TypeError):
        freezing.pack({"what": object()})


# What a guest never gets


def test_without_money_no_amount_is_in_what_is_frozen(shop):
    created = made(shop, kind="frozen", item=MUG)
    kept = sharing.frozen(shop, created.share.share_id)
    for answer in (kept.impact, kept.item):
        assert answer.currency == ""
        for field in fields(answer):
            found = getattr(answer, field.name)
            names = found.columns if isinstance(found, pd.DataFrame) else ()
            names = found.keys() if isinstance(found, dict) else names
            assert not set(names) & set(delays.MONEY_COLUMNS), field.name
    content, _ = shop.share_answer(created.share.share_id)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        told = b"".join(archive.read(name) for name in archive.namelist())
    for amount in (COST, PRICED["price"], PRICED["price"] - COST):
        assert np.float64(amount).tobytes() not in told
        assert str(amount).encode() not in told
    assert b"CNY" not in told


def test_a_guest_makes_closes_and_saves_nothing(shop):
    with shop.as_reader() as reader:
        for change in (
            lambda: made(reader),
            lambda: made(reader, kind="frozen"),
            lambda: sharing.revoke(reader, 1),
            lambda: saved.save(reader, "Mine", LATE),
            lambda: saved.remove(reader, 1),
            reader.backup,
        ):
            with pytest.raises(ReadOnlyWorkspaceError):
                change()


# Guessing


def test_ten_misses_a_minute_close_the_door_for_that_client_alone():
    clock = [0.0]
    throttle = Throttle(clock=lambda: clock[0])
    assert all(throttle.admits("a") for _ in range(10))
    assert not throttle.admits("a")
    assert throttle.admits("b")
    clock[0] = 59.9
    assert not throttle.admits("a")
    clock[0] = 60.0
    assert throttle.admits("a")


def test_clients_without_end_take_no_memory_without_end():
    throttle = Throttle(clients=100)
    for number in range(1000):
        throttle.admits(str(number))
    assert len(throttle._misses) == 100

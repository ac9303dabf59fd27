"""The daily message: whom it may go to, what is kept of it, and that it really arrives."""

import json
import logging
import stat
import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pandas as pd
import pytest

from analytics import upkeep
from analytics.errors import (
    BadAddressError,
    NotSentError,
    OutOfBoundsError,
    ReadOnlyWorkspaceError,
    UnknownCodeError,
)
from analytics.i18n import Translator
from analytics.reporting import digest as messages
from analytics.services import alerting, digest, digest_addresses
from analytics.store import Store, private
from tests.services.shops import products, receipts, sales, stock

SECRET = "Zq7-never-to-be-told"
EN = Translator("en")
NINE = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        opened.load([sales(), stock(("MUG", 5)), receipts(),
                     products({"sku": "MUG", "name": "杯子 & <b>", "price": 10.0, "unit_cost": 4.0,
                               "currency": "USD"})])  # fmt: skip
        yield opened


@contextmanager
def receiver(status=200):
    """An HTTP server on this machine that keeps what it is sent."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settled(store, *addresses, is_on=True, hour=8, language="zh"):
    digest.settle(store, is_on=is_on, hour=hour, language=language, addresses=addresses)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "file://localhost/etc/passwd", "syslog://", "rsyslog://10.0.0.1",
        "dbus://", "gnome://", "macosx://", "windows://", "xml://127.0.0.1", "http://example.com/x",
        "https://example.com/hook", "https://open.feishu.cn/open-apis/bot/v2/hook/../../x",
        "https://open.feishu.cn.evil.example/open-apis/bot/v2/hook/abcdef", "no address", "json:",
        "https://oapi.dingtalk.com/robot/send?access_token=a%2Fb", "json://", "config://x", "\x00",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send", "https://[::1", "python://os.system",
        "mailto://me:pw@example.com?attach=/etc/passwd", "feishu://token?template=/etc/passwd",
        "jsons://host?:attach=file:///x", "mailtos://me:pw@host?pgpkey=/root/key",
        "jsons://host?verify=no", "slack://" + "a" * 3_000,
        # Apprise strips names, splits at ";" too, and knows no fragment
        "json://127.0.0.1:9999/x?a=b;verify=no", "jsons://127.0.0.1:9999/x#y?verify=no",
        "jsons://127.0.0.1:9999/x?%20verify=no", "jsons://127.0.0.1:9999/x?verify%20=no",
        "jsons://127.0.0.1:9999/x?a=1%26verify=no", "jsons://127.0.0.1:9999/x?a=1#&verify=no",
        "jsons://127.0.0.1/x?VERIFY=no", "jsons://127.0.0.1/x?+verify=no", "json://h/x?redirect=no",
        "jsons://127.0.0.1/x?rto=1e9", "json://127.0.0.1/x?cto=1e9", "json://h/x?method=DELETE",
        "workflow://h.example/aaaa/bbbb?%20template=/etc/passwd",
        "workflow://h.example/aaaa/bbbb#?template=/etc/passwd",
        "workflow://h.example/aaaa/bbbb?a=1#?template=/etc/passwd",
        "workflow://h.example/aaaa/bbbb?a=1#&template=/etc/passwd",
        "discord://1/2?template=/etc/passwd", "mailtos://a:b@example.com?mode=insecure",
        "mailtos://a:b@example.com?smtp=169.254.169.254", "ntfy://h/t?attach=http://h/x",
        "json://127.0.0.1/x,syslog://localhost", "json://127.0.0.1/x?to=a,jsons://h?verify=no",
        # machines that tell secrets to whatever runs on them, however they are spelled
        "json://169.254.169.254/latest/meta-data", "json://2852039166/x", "json://0xA9FEA9FE/x",
        "json://0251.0376.0251.0376/x", "json://169.254.43518/x", "json://[fe80::1]/x",
        "json://[::ffff:169.254.169.254]/x", "json://metadata.google.internal/x",
        "json://METADATA.google.internal./x", "json://100.100.100.200/x", "json://0.0.0.0/x",
        "json://[fd00:ec2::254]/x", "json://a@169.254.169.254/x", "json://224.0.0.1/x",
        "json://127.0.0.1\\@169.254.169.254/x", "jsons://255.255.255.255/x",
    ],
)  # fmt: skip
def test_no_address_runs_reads_or_writes_anything_here_or_asks_what_it_may_not(address):
    with pytest.raises(BadAddressError) as refusal:
        digest.checked(["json://127.0.0.1:9/x", address])
    assert refusal.value.params == {"line": 2}  # the address is a secret, even a wrong one
    with pytest.raises(BadAddressError):
        digest.send([address], "t", "b")


@pytest.mark.parametrize("name", ["addresses", "more"])
def test_one_wrong_address_and_nothing_is_settled(store, name):
    with pytest.raises(BadAddressError):
        digest.settle(store, is_on=True, hour=8, language="zh",
                      **{name: ["json://127.0.0.1:9/x", "file:///etc/passwd"]})  # fmt: skip
    assert digest.settings(store) == digest.Settings()


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        ("https://open.feishu.cn/open-apis/bot/v2/hook/0f1e2d3c-aaaa", "feishu://0f1e2d3c-aaaa"),
        ("https://open.larksuite.com/open-apis/bot/v2/hook/0f1e2d3c", "lark://0f1e2d3c"),
        ("https://oapi.dingtalk.com/robot/send?access_token=abc123", "dingtalk://abc123"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=6-9", "wecombot://6-9"),
        ("https://hooks.slack.com/services/T1/B2/x3", "slack://T1/B2/x3"),
        ("mailtos://me:pw@example.com?to=you@example.com",
         "mailtos://me:pw@example.com?to=you@example.com"),
    ],
)  # fmt: skip
def test_a_webhook_is_taken_as_its_service_shows_it(shown, kept):
    assert digest.checked([f"  {shown} ", "", shown]) == (kept,)


@pytest.mark.parametrize(
    "address",
    [
        "feishu://0f1e2d3caaaa", "lark://0f1e2d3c", "dingtalk://abc123def", "wecombot://6a93",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "mailtos://me:pw@example.com",
    ],
)  # fmt: skip
def test_apprise_knows_every_service_that_is_promised(address):
    pytest.importorskip("apprise")
    with digest._silent():
        assert len(digest.sender(address)) == 1


@pytest.mark.parametrize(
    "address",
    [
        "json://127.0.0.1:9/x", "mailtos://me:pw@example.com?to=you@example.com&mode=ssl",
        "dingtalk://abc123def?secret=SECabc", "gotify://127.0.0.1/token?priority=high",
        "workflow://prod.example.com:443/643e69f83c8944438d68119179a10a64/KODuebWbDGYFr0z0eu-6Rj8a",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "ntfy://topic",
    ],
)  # fmt: skip
def test_what_sends_checks_certificates_reads_no_file_and_follows_nobody(address):
    pytest.importorskip("apprise")
    [made] = list(digest.sender(*digest.checked([address])))
    assert made.verify_certificate is True
    assert not made.redirects
    assert not getattr(made, "template", None)
    assert max(made.request_timeout) <= 20


@pytest.mark.parametrize(
    "address",
    ["jsons://127.0.0.1/x?verify=no", "json://127.0.0.1/x?rto=1e9", "json://169.254.169.254/x",
     "workflow://h.example/aaaa/bbbb?%20template=/etc/passwd", "json://127.0.0.1/x?+header=1"],
)  # fmt: skip
def test_what_apprise_itself_reads_is_judged_once_more(address):
    """Whatever our own reading let through by mistake."""
    pytest.importorskip("apprise")
    with pytest.raises(BadAddressError):
        digest.sender(address)


def test_a_name_that_leads_to_a_forbidden_machine_is_not_sent_to(monkeypatch):
    pytest.importorskip("apprise")

    def leads(*_args, **_more):
        return [(2, 1, 6, "", ("169.254.169.254", 0))]

    monkeypatch.setattr(digest_addresses.socket, "getaddrinfo", leads)
    with receiver() as (host, got), pytest.raises(NotSentError):
        digest.send([f"json://{host}/x"], "t", "b")
    assert not got


def test_settings_come_back_and_are_the_owners_alone(store):
    version = store.version
    assert digest.settings(store) == digest.Settings()
    settled(store, f"feishu://{SECRET}", hour=7, language="en")
    known = digest.settings(store)
    assert (known.is_on, known.hour, known.language) == (True, 7, "en")
    assert known.addresses == (f"feishu://{SECRET}",)
    assert SECRET not in repr(known)
    assert SECRET not in digest.masked(known.addresses[0])
    assert stat.S_IMODE((store.folder / private.FILE).stat().st_mode) == 0o600
    assert store.version == version
    digest.settle(store, is_on=False, hour=7, language="en")
    assert digest.settings(store).addresses == known.addresses


def test_what_is_none_of_ours_is_refused_or_passed_over(store):
    with pytest.raises(OutOfBoundsError):
        settled(store, hour=24)
    with pytest.raises(UnknownCodeError):
        settled(store, language="fr")
    with pytest.raises(OutOfBoundsError):
        settled(store, *(f"feishu://{n}" for n in range(11)))
    odd = {
        "is_on": "yes",
        "hour": 99,
        "language": 3,
        "addresses": [1, None],
        "sent_on": "soon",
        "tried_at": "2026-06-01",
        "tries": -1,
        "took": 3,
        "failure": "x",
    }
    private.write(store.folder, {"digest": odd})
    assert digest.settings(store) == digest.Settings()
    private.write(store.folder, {"digest": ["x"]})
    assert digest.settings(store) == digest.Settings()


def test_a_guest_reads_no_address_and_settles_nothing(store):
    settled(store, f"feishu://{SECRET}")
    with store.as_reader() as guest:
        assert digest.settings(guest) == digest.Settings()
        with pytest.raises(ReadOnlyWorkspaceError):
            settled(guest, "feishu://other")
        with pytest.raises(ReadOnlyWorkspaceError):
            digest.note_try(guest, NINE)
    assert digest.settings(store).addresses == (f"feishu://{SECRET}",)


def test_a_message_arrives_and_no_log_holds_where(store, caplog):
    pytest.importorskip("apprise")
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    with receiver() as (host, got):
        took = digest.send([f"json://{host}/{SECRET}"], *upkeep.message(store, "zh"))
    assert took == 1
    [(path, content)] = got
    assert path == f"/{SECRET}"
    said = json.loads(content)
    assert said["title"].startswith("Leeway")
    assert "断货风险" in said["message"]
    assert "MUG · US" in said["message"]
    assert SECRET not in caplog.text
    logging.getLogger("urllib3").setLevel(logging.NOTSET)


def test_who_does_not_take_it_is_counted_and_not_named(caplog):
    pytest.importorskip("apprise")
    caplog.set_level(logging.DEBUG)
    with (
        receiver() as (good, got),
        receiver(status=500) as (bad, _),
        pytest.raises(NotSentError) as refusal,
    ):
        digest.send([f"json://{good}/a", f"json://{bad}/{SECRET}"], "t", "b")
    assert refusal.value.params == {"failed": 1, "addresses": 2}
    assert len(got) == 1
    assert SECRET not in caplog.text + str(refusal.value)


def test_it_is_sent_once_a_day_from_its_hour_on(store):
    pytest.importorskip("apprise")
    with receiver() as (host, got):
        settled(store, f"json://{host}/x", hour=9)
        assert not upkeep.send_if_due(store, NINE.replace(hour=8, minute=59))
        assert upkeep.send_if_due(store, NINE)
        assert not upkeep.send_if_due(store, NINE.replace(hour=23))
        assert upkeep.send_if_due(store, NINE.replace(day=2))
        settled(store, f"json://{host}/x", hour=9, is_on=False)
        assert not upkeep.send_if_due(store, NINE.replace(day=3))
    assert len(got) == 2
    assert digest.settings(store).sent_on == date(2026, 6, 2)


def test_what_failed_is_told_apart_and_tried_again_an_hour_later(store):
    pytest.importorskip("apprise")
    with receiver(status=500) as (host, got):
        settled(store, f"json://{host}/x")
        with pytest.raises(NotSentError):
            upkeep.send_if_due(store, NINE)
        known = digest.settings(store)
        assert (known.sent_on, known.tried_at, known.failure) == (None, NINE, "not_sent")
        assert not upkeep.send_if_due(store, NINE.replace(minute=59))
        assert len(got) == 1
        for hour in range(10, 24):  # five times a day, no more
            if digest.is_due(digest.settings(store), NINE.replace(hour=hour)):
                with pytest.raises(NotSentError):
                    upkeep.send_if_due(store, NINE.replace(hour=hour))
        assert len(got) == digest.MOST_TRIES
        assert digest.is_due(digest.settings(store), NINE.replace(day=2))


def test_only_who_did_not_get_it_is_sent_it_again(store):
    pytest.importorskip("apprise")
    with receiver() as (good, got):
        with receiver(status=500) as (bad, refused):
            settled(store, f"json://{good}/a", f"json://{bad}/b")
            with pytest.raises(NotSentError) as refusal:
                upkeep.send_if_due(store, NINE)
            assert refusal.value.params == {"failed": 1, "addresses": 2}
            assert digest.settings(store).took == (f"json://{good}/a",)
        digest.settle(store, is_on=True, hour=8, language="zh",
                      addresses=[f"json://{good}/a", f"json://{good}/c"])  # fmt: skip
        assert upkeep.send_if_due(store, NINE.replace(hour=10))
        known = digest.settings(store)
        assert (known.sent_on, known.failure) == (date(2026, 6, 1), "")
        assert not upkeep.send_if_due(store, NINE.replace(hour=12))
    assert ([path for path, _ in got], len(refused)) == (["/a", "/c"], 1)


def test_a_note_of_one_thread_brings_back_no_address_that_another_removed(store):
    settled(store, f"feishu://{SECRET}")
    digest.note_try(store, NINE)
    settled(store, is_on=False)
    digest.note_end(store, NINE)
    assert digest.settings(store).addresses == ()
    assert not digest.settings(store).is_on


def test_many_threads_change_one_file_and_lose_nothing(store):
    def note(number):
        for step in range(10):
            private.change(store.folder, f"part {number}", lambda _, step=step: step)
            digest.note_taken(store, f"feishu://{number}-{step}")

    threads = [threading.Thread(target=note, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(digest.settings(store).took) == 40
    kept = private.read(store.folder)
    assert [kept[f"part {number}"] for number in range(4)] == [9, 9, 9, 9]


def test_while_the_server_runs_it_goes_out_by_itself(store, caplog):
    pytest.importorskip("apprise")
    with receiver() as (host, got):
        settled(store, f"json://{host}/{SECRET}")
        watch = upkeep.Daily(lambda: Store.open(store.folder), clock=lambda: NINE, every=0.01)
        watch.start()
        for _ in range(600):
            if got:
                break
            watch._thread.join(0.05)
        watch.stop()
    assert len(got) == 1
    assert SECRET not in caplog.text


def test_an_empty_workspace_sends_nothing(tmp_path):
    with Store.open(tmp_path) as empty:
        settled(empty, "json://127.0.0.1:9/x")
        assert not upkeep.send_if_due(empty, NINE)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_message_tells_the_dearest_first_and_counts_the_rest(sample_store, language):
    t, found = Translator(language), alerting.alerts(sample_store)
    title, body = messages.compose(t, found, most=3)
    lines = body.splitlines()
    assert str(len(found.table)) in title
    assert [line[:2] for line in lines[1:4]] == ["1.", "2.", "3."]
    assert found.table["sku"].iloc[0] in lines[1]
    assert str(len(found.table) - 3) in lines[4]
    assert not any(word in body for word in ("nan", "None", "NaT", "{"))


def test_nothing_to_say_is_said():
    t = Translator("en")
    empty = alerting.Alerts(date(2026, 6, 1), "USD", pd.DataFrame(columns=[*alerting.COLUMNS]), ())
    assert messages.compose(t, empty) == (
        "Leeway: no open alarm on 2026-06-01", "Nothing needs you today.",
    )  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_where_no_stock_is_known_no_all_clear_is_given(tmp_path, language):
    t = Translator(language)
    with Store.open(tmp_path / "blind") as blind:
        blind.load([sales()])
        title, body = messages.compose(t, alerting.alerts(blind))
    assert title == t("digest.title_untold", day="2026-05-31")
    assert t("digest.nothing") not in body
    assert t("note.alerts_without_stock", items="1", all="1") in body.splitlines()
    assert t("note.alerts_without_orders") in body.splitlines()


def test_what_could_not_be_looked_at_is_told_beside_the_alarms(store):
    store.load([sales("CUP")])
    title, body = messages.compose(EN, alerting.alerts(store))
    assert title == EN("digest.title", open="1", day="2026-05-31")
    assert EN("note.alerts_without_stock", items="1", all="2") in body.splitlines()

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
from analytics.services import alerting, digest
from analytics.store import Store, private
from tests.services.shops import products, receipts, sales, stock

SECRET = "Zq7-never-to-be-told"
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
    ],
)  # fmt: skip
def test_no_address_runs_reads_or_writes_anything_here(store, address):
    with pytest.raises(BadAddressError) as refusal:
        settled(store, "json://127.0.0.1:9/x", address)
    assert refusal.value.params == {"line": 2}  # the address is a secret, even a wrong one
    assert digest.settings(store) == digest.Settings()
    with pytest.raises(BadAddressError):
        digest.send([address], "t", "b")


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
    odd = {"is_on": "yes", "hour": 99, "language": 3, "addresses": [1, None], "last_on": "soon"}
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
            digest.note_sent(guest, date(2026, 6, 1))
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
    assert digest.settings(store).last_on == date(2026, 6, 2)


def test_a_day_on_which_it_failed_is_not_tried_again_and_again(store):
    pytest.importorskip("apprise")
    with receiver(status=500) as (host, got):
        settled(store, f"json://{host}/x")
        with pytest.raises(NotSentError):
            upkeep.send_if_due(store, NINE)
        assert not upkeep.send_if_due(store, NINE)
    assert len(got) == 1


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

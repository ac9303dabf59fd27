"""What the doctor finds is what is wrong: each fault is made on purpose, and found."""

import os
import socket
import string
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from analytics import doctoring
from analytics.i18n import LANGUAGES, Translator, catalog
from analytics.services import backups, doctor, machine
from analytics.services.doctor import Level
from analytics.store import Store
from tests.services.test_workspaces import held
from tests.store.sheets import order, sheet

ROOT = Path(__file__).parents[2]
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def plain_settings(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith(("LEEWAY_", "STREAMLIT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LEEWAY_HOME", str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path):
    with Store.open(tmp_path / "own") as store:
        store.load([sheet(order("1", "A", 1))])
    return tmp_path / "own"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def codes(findings):
    return {finding.code: finding.level for finding in findings}


def test_a_sound_set_up_has_no_problem_and_nothing_is_written(folder):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    found = codes(doctor.examination(folder, port=free_port(), now=NOW))
    assert Level.PROBLEM not in found.values()
    assert {"python_fits", "workspace_opens", "room_enough", "access_open", "port_free"} <= set(
        found
    )
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert not (folder.parent / "home").exists()


def test_an_empty_place_is_no_fault(tmp_path):
    found = codes(doctor.examination(tmp_path / "none", port=free_port(), now=NOW))
    assert found["workspace_none"] == found["backup_needless"] == Level.OK


# The machine


def test_versions_are_compared_with_the_lock(tmp_path):
    lock = tmp_path / "requirements.txt"
    lock.write_text(
        "numpy==0.0.1 \\\n    --hash=sha256:00\nno-such-package==1.0\n"
        "pandas==1 ; python_version < '3'\n"
    )
    missing, other = machine.packages(lock)
    assert (missing.code, missing.facts["names"]) == ("packages_missing", "no-such-package")
    assert other.code == "packages_differ"
    assert other.facts["names"].startswith("numpy ")
    assert other.facts["names"].endswith("(0.0.1)")
    assert next(machine.packages(tmp_path / "nothing")).code == "lock_missing"


def test_our_own_lock_file_is_understood_whole():
    text = (ROOT / "requirements.txt").read_text()
    pins = machine.pins(text)
    unconditional = [line for line in text.splitlines() if "==" in line and ";" not in line]
    assert len(unconditional) <= len(pins) <= text.count("==")
    assert {"streamlit", "duckdb", "numpy"} <= set(pins)


@pytest.mark.parametrize(
    ("finding", "code"),
    [
        (machine.python((3, 10, 9)), "python_old"),
        (machine.memory(1 << 30), "memory_little"),
        (machine.memory(2040 << 20), "memory_enough"),
        (machine.open_files(256), "files_few"),
        (machine.user(0), "user_root"),
        (machine.user(1000), "user_plain"),
        (machine.room(Path("/"), free=100 << 20), "room_none"),
        (machine.room(Path("/"), free=1 << 30), "room_little"),
        (machine.room(Path("/"), 2 << 30, free=5 << 30), "room_little"),
        (machine.room(Path("/"), 1 << 30, free=5 << 30), "room_enough"),
        (machine.clock(NOW, NOW + timedelta(hours=1)), "clock_behind"),
        (machine.clock(NOW, NOW + timedelta(seconds=5)), "clock_fits"),
    ],
)
def test_limits(finding, code):
    assert finding.code == code


# The workspace


def test_a_damaged_workspace_is_said_in_a_sentence(folder):
    for path in folder.rglob("*.duckdb*"):
        path.write_bytes(b"nothing like a database" * 1000)
    found = doctor.workspace(folder)
    assert (found.code, found.level) == ("workspace_refused", Level.PROBLEM)
    assert str(folder) in doctoring.line(Translator("en"), found)


def test_a_workspace_that_a_server_holds_is_no_fault(folder):
    with held(folder):
        assert doctor.workspace(folder).code in {"workspace_served", "workspace_held"}


def test_old_backups_are_told_only_where_something_changed_since(folder):
    assert doctor.backup(folder, NOW).code == "backup_missing"
    assert doctor.backup(folder, NOW).level == Level.OK  # the first night is still to come
    assert doctor.backup(folder, NOW + timedelta(days=3)).level == Level.WARNING
    with Store.open(folder, read_only=True) as store:
        backups.take(store)
    assert doctor.backup(folder, NOW + timedelta(days=30)).code == "backup_fresh"
    later = (NOW + timedelta(days=5)).timestamp()
    os.utime(folder / "leeway.duckdb", (later, later))
    assert doctor.backup(folder, NOW + timedelta(days=6)).code == "backup_old"


# Who comes in


@pytest.mark.parametrize(
    ("settings", "host", "code"),
    [
        ({}, "0.0.0.0", "access_refused"),
        ({"LEEWAY_ACCESS": "anybody"}, "127.0.0.1", "access_refused"),
        ({"LEEWAY_ACCESS": "password"}, "127.0.0.1", "access_refused"),
        ({"LEEWAY_ACCESS": "password", "LEEWAY_SECRET": "password1234"}, "::1", "access_refused"),
        (
            {"LEEWAY_ACCESS": "oidc", "LEEWAY_PUBLIC_URL": "https://x.example"},
            "127.0.0.1",
            "access_refused",
        ),
        ({"LEEWAY_TRUSTED_PROXIES": "caddy"}, "127.0.0.1", "access_refused"),
        ({"LEEWAY_TRUSTED_PROXIES": "0.0.0.0/0"}, "127.0.0.1", "proxy_any"),
    ],
)
def test_what_the_server_would_refuse_is_a_problem(settings, host, code, monkeypatch, tmp_path):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert codes(doctor.access(host))[code] == Level.PROBLEM
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(("proxies", "level"), [("", Level.WARNING), ("10.83.0.2", Level.OK)])
def test_a_team_behind_a_proxy(proxies, level, monkeypatch, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("a long and rare sentence 71")
    secret.chmod(0o644)
    monkeypatch.setenv("LEEWAY_ACCESS", "password")
    monkeypatch.setenv("LEEWAY_PUBLIC_URL", "https://leeway.example.com")
    monkeypatch.setenv("LEEWAY_SECRET_FILE", str(secret))
    monkeypatch.setenv("LEEWAY_TRUSTED_PROXIES", proxies)
    found = codes(doctor.access("0.0.0.0"))
    assert found["access_password"] == Level.OK
    assert found["file_readable"] == Level.WARNING
    assert found["proxies_named" if proxies else "proxies_none"] == level


# Who answers


@contextmanager
def answering(status, body):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            told = status if self.path == "/tools/stock/healthz" else 404
            self.send_response(told)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"ok", "server_well"),
        (503, b"store", "server_ill"),
        (503, b"disk", "server_full"),
        (200, b"<!doctype html>", "port_taken"),
        (404, b"ok", "port_taken"),
    ],
)
def test_who_answers_is_told_apart(status, body, code, monkeypatch):
    monkeypatch.setenv("LEEWAY_PUBLIC_URL", "https://leeway.example.com/tools/stock/")
    with answering(status, body) as port:
        assert doctor.server("127.0.0.1", port).code == code
    assert doctor.server("127.0.0.1", port).code == "port_free"


# Words


def codes_in_the_code():
    sources = [Path(module.__file__).read_text() for module in (doctor, machine)]
    named = {key.removeprefix("doctor.") for key in catalog("en") if key.startswith("doctor.")}
    return named, "\n".join(sources)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_words_and_no_words_are_left_over(language):
    named, sources = codes_in_the_code()
    levels = {str(level) for level in Level}
    spoken = {f"access_{mode}" for mode in ("open", "password", "oidc")} | {"sum"} | levels
    assert {code for code in named - spoken if f'"{code}"' not in sources} == set()
    assert {key for key in catalog(language) if key.startswith("doctor.")} == {
        f"doctor.{code}" for code in named
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_fill_their_words(language, folder):
    t = Translator(language)
    for finding in doctor.examination(folder, port=free_port(), now=NOW):
        text = catalog(language)[f"doctor.{finding.code}"]
        wanted = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert wanted <= set(finding.facts)
        assert "{" not in doctoring.line(t, finding)

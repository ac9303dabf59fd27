"""What the app is made of: listed whole without a network, and asked about where anybody can be."""

import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools import audit

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.txt"


def closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_what_nobody_can_be_asked_about_is_said_and_stops_nobody(tmp_path, capsys, monkeypatch):
    if importlib.util.find_spec("pip_audit") is None:
        pytest.skip("pip-audit is not installed.")
    small = tmp_path / "requirements.txt"
    small.write_text("\n".join(LOCK.read_text().splitlines()[:3]).rstrip(" \\"))
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert audit.main(small, ["--cache-dir", str(tmp_path / "cache")]) == 0
    assert capsys.readouterr().out.startswith("Not audited: ")


def test_a_known_vulnerability_is_named_with_what_mends_it():
    flaw = {"id": "CVE-2024-0001", "fix_versions": ["1.2"]}
    packages = [
        {"name": "a", "version": "1.1", "vulns": [flaw]},
        {"name": "b", "version": "2", "vulns": []},
    ]
    assert audit.lines(packages) == [
        "a 1.1: CVE-2024-0001, mended in 1.2",
        "1 known vulnerabilities in 2 of 2 packages.",
    ]


def test_the_list_of_parts_holds_every_locked_package_with_its_hashes(tmp_path):
    if importlib.util.find_spec("cyclonedx_py") is None:
        pytest.skip("cyclonedx-py is not installed.")
    out = tmp_path / "sbom.json"
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible"]
    command += ["--pyproject", "pyproject.toml", "--output-format", "JSON", "--output-file"]
    nowhere = f"http://127.0.0.1:{closed_port()}"
    subprocess.run(
        [*command, str(out), "requirements.txt"],
        cwd=ROOT,
        env=os.environ | {"HTTPS_PROXY": nowhere, "HTTP_PROXY": nowhere},
        check=True,
        capture_output=True,
        timeout=120,
    )
    told = json.loads(out.read_text())
    assert told["bomFormat"] == "CycloneDX"
    locked = set(re.findall(r"(?m)^([\w.-]+)==([^\s;\\]+)", LOCK.read_text()))
    assert {(part["name"], part["version"]) for part in told["components"]} == locked
    assert all(part["externalReferences"][0]["hashes"] for part in told["components"])

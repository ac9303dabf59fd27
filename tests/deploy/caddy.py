"""Debian's Caddy with our own configuration, on loopback; only its addresses are changed."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CADDYFILE = ROOT / "deploy" / "Caddyfile"
_PATIENCE = 30.0  # seconds
TRUSTING = ssl._create_unverified_context()


def found() -> str:
    """Return the program; skip without it, but fail where the project's script installs it."""
    path = shutil.which("caddy")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("No caddy on a CI machine: .ci/run installs it.")
        pytest.skip("No caddy found: install Debian's package to try its configuration.")
    return path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def adapted(address: str, server: str) -> dict[str, Any]:
    """Return our Caddyfile as the program understands it."""
    command = [found(), "adapt", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    environment = os.environ | {"LEEWAY_ADDRESS": address, "LEEWAY_SERVER": server}
    done = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=30)
    return json.loads(done.stdout)


@contextmanager
def before(server: str, home: Path, port: int = 0) -> Iterator[str]:
    """Put Caddy before a server and yield its address.

    The certificate is one that it makes itself, and nobody is asked to trust it.
    """
    port, plain = port or free_port(), free_port()
    address = f"https://localhost:{port}"
    configuration = adapted(address, server)
    configuration["storage"] = {"module": "file_system", "root": str(home / "caddy")}
    configuration["apps"]["http"]["http_port"] = plain
    configuration["apps"]["pki"] = {"certificate_authorities": {"local": {"install_trust": False}}}
    path = home / f"caddy-{port}.json"
    path.write_text(json.dumps(configuration))
    log = home / f"caddy-{port}.log"
    environment = os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    with log.open("w") as output:
        process = subprocess.Popen(
            [found(), "run", "--config", str(path)], env=environment, stdout=output, stderr=output
        )
        try:
            _wait(port, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as plain:
                TRUSTING.wrap_socket(plain, server_hostname="localhost").close()
        except OSError:  # not listening yet, or without a certificate yet
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(log.read_text())

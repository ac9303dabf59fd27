"""Nothing calls home: neither what reads files, nor the server while somebody looks at every page.

The check asks Python what it reached for. ``make soak`` asks the system, through strace where that
is installed, what any library did: it reads the corpus of hostile files, and looks at every page
again and again for ten minutes (``SOAK_CASES`` pages at most).
"""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from analytics import sample
from analytics.store import Store
from deploy.healthy import is_well
from pages.shared import navigation
from tests import spying
from tests.browser import serving
from tests.faults import nursery
from tests.load.visitor import VisitError, Visitor

ROOT = Path(__file__).parents[2]
PAGES = ("", *navigation._PAGES[1:])
LOOKS = int(os.environ.get("SOAK_CASES", "0"))
MINUTES = 10
CALLS = "socket,connect,sendto,sendmsg,sendmmsg,execve"
TRACE = ("strace", "-f", "-qq", "-s", "4096", "--seccomp-bpf", "-e", f"trace={CALLS}")
# What reaches a machine: an address of IPv4 or IPv6, not of this machine.
FAR = re.compile(r"(?:sin_addr=inet_addr\(|inet_pton\(AF_INET6, )\"(?!127\.|::1\")[^\"]+\"")
# The C library looks for a cache of user names on this machine, by a socket that is a path.
OPENED = re.compile(r"\b(?:socket|connect|sendto|sendmsg|sendmmsg)\(")
READER = """
import sys
from pathlib import Path
from tests.ingest.corpus import ANSWERS
from tests.ingest.test_hostile import refusal_of
for number, name in enumerate(ANSWERS):
    refusal_of(Path(sys.argv[1], str(number)), name, Path(sys.argv[2]))
"""


def traced(log):
    """Return the command before a command that has the system note its calls; skip without."""
    command = [*TRACE, "-o", str(log)]
    if shutil.which("strace") is None or subprocess.call([*command, "true"], stderr=-3):
        pytest.skip("strace is not installed, or may not be used here")
    return command


@contextmanager
def served(before, workspace, cache):
    """Serve the app as a child of what listens to it, and end the app, so that both end."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    places = {"LEEWAY_WORKSPACE": str(workspace), "XDG_CACHE_HOME": str(cache)}
    command = [*before, sys.executable, "-m", "analytics", "serve", "--port", str(port)]
    with (
        (cache / f"traced-{port}.log").open("w") as said,
        subprocess.Popen(
            command, cwd=ROOT, env=os.environ | places, stdout=said, stderr=said
        ) as ear,
    ):
        children = Path(f"/proc/{ear.pid}/task/{ear.pid}/children")
        try:
            until = time.monotonic() + 120
            while not is_well(port, "") and ear.poll() is None and time.monotonic() < until:
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            for child in children.read_text().split():
                os.kill(int(child), signal.SIGKILL)
            ear.wait(60)


async def looked(address, pages, seconds):
    """Look at every page in turn, each in a tab of its own; return how many were looked at."""
    until, seen = time.monotonic() + seconds, 0
    while seen < pages and time.monotonic() < until:
        async with Visitor(address, PAGES[seen % len(PAGES)], seen, patience=120) as visitor:
            try:
                await visitor.move()
            except VisitError as fault:
                if "without its slider" not in str(fault):
                    raise
        seen += 1
    return seen


def test_a_look_at_every_page_reaches_for_no_other_machine(tmp_path, cache_home):
    log = tmp_path / "spy"
    with Store.open(tmp_path / "own") as store:
        nursery.bring_in(store, 0)
    with serving.app(tmp_path / "own", cache_home, more=spying.environment(log)) as address:
        assert asyncio.run(looked(address, len(PAGES), 600)) == len(PAGES)
    found = spying.heard(log)
    assert any(one.event == "socket.bind" for one in found)  # it listened to the server
    assert spying.outgoing(found) == []


@pytest.mark.soak
@pytest.mark.skipif(not LOOKS, reason="the long form, by make soak")
def test_nothing_that_reads_files_opens_a_socket(tmp_path):
    log, corpus, work = tmp_path / "trace", tmp_path / "corpus", tmp_path / "work"
    corpus.mkdir()
    work.mkdir()
    command = traced(log)
    make = [sys.executable, "-m", "tests.ingest.corpus", str(corpus)]
    subprocess.run(make, check=True, cwd=ROOT)
    read = [sys.executable, "-c", READER, str(corpus), str(work)]
    subprocess.run([*command, *read], check=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": "."})
    calls = log.read_text("utf-8", "replace").splitlines()
    readers = [call for call in calls if "execve(" in call and "worker.py" in call]
    sockets = [call for call in calls if OPENED.search(call) and "AF_UNIX" not in call]
    others = [call for call in calls if "execve(" in call and sys.executable not in call]
    print(f"{len(readers)} readers: {len(sockets)} sockets, {len(others)} other programs")
    assert len(readers) >= 200
    assert (sockets, others) == ([], [])


@pytest.mark.soak
@pytest.mark.skipif(not LOOKS, reason="the long form, by make soak")
def test_ten_minutes_of_looking_at_pages_reach_no_other_machine(tmp_path, cache_home):
    log = tmp_path / "trace"
    before = traced(log)
    own = serving.brought_in([path.name for path in sample.files()], tmp_path / "own", cache_home)
    with served(before, own, cache_home) as address:
        seen = asyncio.run(looked(address, LOOKS, 60 * MINUTES))
    calls = log.read_text("utf-8", "replace").splitlines()
    far = [call for call in calls if FAR.search(call)]
    print(f"{seen} pages looked at: {len(far)} of {len(calls)} calls reach for another machine")
    assert seen >= min(LOOKS, len(PAGES))
    assert far == []

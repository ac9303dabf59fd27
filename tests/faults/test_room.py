"""A small disk that somebody else fills in the middle of an import: a sentence, nothing lost.

The disk is one in memory, in a namespace of its own that ends with the process. Who may not mount
one is served by the limits on files in `tests/store/test_faults.py`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALONE = ("unshare", "--mount", "sh", "-c")
MOUNTED = 'mount -t tmpfs -o size={megabytes}m none "$1" && shift && exec "$@"'
FULL = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, "tests/store")
from sheets import order, sheet
from analytics.errors import AnalyticsError
from analytics.store import Store

home = Path(sys.argv[1])
ballast = home / "somebody-elses"
told = units = 0
slowest = {"told": 0.0, "serving": 0.0}

def fill(left):
    room = os.statvfs(home)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(room.f_bavail * room.f_frsize - left, 1))

with Store.open(home / "own") as store:
    for turn, left in enumerate((0, 16, 64, 256, 512, 768, 1024, 1536, 2048, 4096)):
        lines = [order(f"{turn}-{n:x}", f"{n * 7919:032x}", 1, name=f"{n:x}") for n in range(2_500)]
        filled = []

        def somebody_fills(*_):
            if not filled:
                fill(left << 10)
                filled.append(time.perf_counter())

        try:
            store.load([sheet(*lines)], progress=somebody_fills)
            units += len(lines)
        except AnalyticsError as refusal:
            assert refusal.code in ("error.write_failed", "error.disk_full"), refusal.code
            assert str(refusal)
            told += 1
            slowest["told"] = max(slowest["told"], time.perf_counter() - filled[0])
        assert store.daily_sales()["units"].sum() == units, "while it is full"
        ballast.unlink()
        again = time.perf_counter()
        store.load([sheet(order(f"again-{turn}", "A", 1))])
        units += 1
        slowest["serving"] = max(slowest["serving"], time.perf_counter() - again)
        assert store.daily_sales()["units"].sum() == units, "once there is room"
        assert store.check() == []
with Store.open(home / "own") as store:
    assert store.recovery is None
    assert store.daily_sales()["units"].sum() == units
print(told, slowest["told"], slowest["serving"])
"""


def on_a_small_disk(code: str, place: Path, megabytes: int) -> "subprocess.CompletedProcess[str]":
    """Run code on a disk of its own, mounted at ``place``; skip where none may be mounted."""
    mounted = MOUNTED.format(megabytes=megabytes)
    command = [*ALONE, mounted, "sh", str(place), sys.executable, "-c", code, str(place)]
    tried = [*ALONE, mounted, "sh", str(place), "true"]
    if shutil.which("unshare") is None or subprocess.call(tried, stderr=subprocess.DEVNULL):
        pytest.skip("no disk may be mounted here: tests/store/test_faults.py limits files instead")
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.mark.soak
@pytest.mark.skipif(os.name != "posix", reason="disks in memory are Linux")
def test_a_disk_that_somebody_fills_meanwhile_loses_nothing(tmp_path):
    answer = on_a_small_disk(FULL, tmp_path, megabytes=120)
    assert answer.returncode == 0, answer.stderr[-2000:]
    told, refused_within, serving_within = answer.stdout.split()
    print(f"{told} of 10 full disks refused an import, within {float(refused_within):.2f} s;"
          f" imported again within {float(serving_within):.2f} s; nothing lost")  # fmt: skip
    assert int(told) >= 3
    assert float(refused_within) < 5
    assert float(serving_within) < 15

"""Whatever is uploaded: it is read, or refused with one sentence, quickly, and nobody else dies."""

import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.ingest import Limits, read, recognise, unpacked
from analytics.services import importing
from analytics.services.importing import Upload
from analytics.store import Store
from tests.ingest.corpus import ANSWERS, MAKERS
from tests.ingest.hostile import FILES
from tests.ingest.making import cells, sheets_of

ROOT = Path(__file__).parents[2]
PATIENCE = 10.0  # seconds
ROOM = 50 * 2**20  # bytes by which the process that serves may grow meanwhile


class Outcome(NamedTuple):
    """What became of one file."""

    error: AnalyticsError | None
    growth: int
    seconds: float


def memory():
    """Return the bytes that this process holds."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Read every file of the corpus, two at a time; the files are made by another process."""
    folder = tmp_path_factory.mktemp("corpus")
    command = [sys.executable, "-m", "tests.ingest.corpus", str(folder)]
    subprocess.run(command, check=True, cwd=ROOT)
    jobs = [(folder / str(number), name) for number, name in enumerate(ANSWERS)]
    before = memory()

    def outcome(job):
        work = tmp_path_factory.mktemp("work")
        start = time.monotonic()
        refusal = refusal_of(*job, work)
        return Outcome(refusal, memory() - before, time.monotonic() - start)

    outcome(jobs[-1])  # what is imported on the way is not the file's doing
    before = memory()
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(ANSWERS, pool.map(outcome, jobs), strict=True))


def refusal_of(path, name, work):
    """Return why a file is refused; None if it is read, each of its sheets holding something."""
    try:
        for member, part in unpacked(path, name, workdir=work):
            for sheet in read(part, member, workdir=work):
                assert sheet.rows
                assert sheet.width
                assert any(map(any, sheet.head)) or sheet.rows > len(sheet.head)
                assert sheet.data.stat().st_size
                assert recognise(sheet).fingerprint
    except AnalyticsError as error:
        return error
    return None


def test_there_are_more_than_a_hundred_files():
    assert len(ANSWERS) > 200


@pytest.mark.parametrize("name", ANSWERS)
def test_a_file_is_read_or_refused_with_a_sentence(name, outcomes):
    error = outcomes[name].error
    assert (error.code if error else None) in ANSWERS[name]
    for language in ("zh", "en"):
        assert error is None or error.params["file"] in Translator(language).error(error)


def test_the_serving_process_does_not_grow(outcomes):
    assert max(outcome.growth for outcome in outcomes.values()) < ROOM


def test_no_child_took_more_than_it_is_given(outcomes):
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    assert most < Limits().memory_bytes + 200 * 2**20  # code and mapped files are not counted


def test_no_file_takes_long(outcomes):
    """Ten seconds by the clock, more only where others keep the processors busy meanwhile."""
    busy = max(os.getloadavg()[0] / (os.cpu_count() or 1), 1)
    slow = {name: one.seconds for name, one in outcomes.items() if one.seconds > PATIENCE * busy}
    assert slow == {}


def test_a_long_cell_and_a_wide_row_are_refused_with_their_place(tmp_path):
    with pytest.raises(AnalyticsError) as refused:
        sheets_of(FILES["long cell.csv"][0], "a.csv", folder=tmp_path)
    assert refused.value.params == {"file": "a.csv", "row": 2, "column": 2, "limit": 32_767}


def test_control_characters_are_dropped_and_stray_quotes_kept(tmp_path):
    [nul] = sheets_of(FILES["nul.csv"][0], folder=tmp_path)
    assert cells(nul)[1] == ["2024-01-05", "AB", "1"]
    [quote] = sheets_of(FILES["open quote.csv"][0], folder=tmp_path)
    assert quote.rows == 1_001


def test_hostile_files_change_no_data(tmp_path):
    good = Upload("orders.csv", b"Order ID,SKU,Quantity,Date,Country\n1,A-1,2,2026-01-05,US\n")
    names = ("bomb.xlsx", "circle.xls", "laughs.ods", "cut 1.parquet", "wide.csv", "nested.zip")
    with Store.open(tmp_path / "own") as store:
        importing.load(store, importing.stage(store, [good]))
        version, imports = store.version, store.imports()
        staged = importing.stage(store, [Upload(name, MAKERS[name]()) for name in names])
        assert (len(staged.sheets), len(staged.problems)) == (0, len(names))
        assert store.version == version
        pd.testing.assert_frame_equal(store.imports(), imports)

"""A tab that was left goes when its time is over, though no other tab is left after it."""

import asyncio
import gc
import time
import weakref
from contextlib import suppress
from types import SimpleNamespace

import pytest
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.runtime import Runtime, RuntimeConfig
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from pages.shared import leaving


class Tab:
    """As Streamlit's are: it knows a part of its own that knows it."""

    id = "left"

    def __init__(self):
        self.part = SimpleNamespace(of=self)


@pytest.fixture
def uncollected():
    """Nothing is collected by chance."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def tidied(seconds):
    async def go():
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(leaving.tidy(0.02), seconds)

    asyncio.run(go())


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(("seconds", "is_gone"), [(0.1, True), (60.0, False)])
def test_a_tab_whose_time_is_over_goes_with_all_it_held(monkeypatch, seconds, is_gone):
    storage = MemorySessionStorage(ttl_seconds=seconds)
    manager = WebsocketSessionManager(storage, None, None, None)
    running = SimpleNamespace(
        exists=lambda: True, instance=lambda: SimpleNamespace(_session_mgr=manager)
    )
    monkeypatch.setattr(leaving, "Runtime", running)
    tab = Tab()
    left = weakref.ref(tab)
    storage.save(SimpleNamespace(session=tab))
    del tab
    tidied(0.4)
    assert (left() is None) == is_gone


def test_streamlits_runtime_has_what_is_asked_of_it(monkeypatch):
    monkeypatch.setattr(Runtime, "_instance", None)
    parts = RuntimeConfig(
        script_path="app.py",
        media_file_storage=MemoryMediaFileStorage("/media"),
        uploaded_file_manager=MemoryUploadedFileManager("/upload"),
    )
    assert leaving._kept(Runtime(parts)) == frozenset()


def test_trouble_is_told_once_and_ends_nothing_else(monkeypatch, caplog):
    running = SimpleNamespace(exists=lambda: True, instance=SimpleNamespace)
    monkeypatch.setattr(leaving, "Runtime", running)
    started = time.monotonic()
    tidied(5)
    assert time.monotonic() - started < 4
    assert caplog.text.count("Tabs that were left") == 1

"""A tab that was left goes when its time is over, though no other tab is left after it."""

import time
import weakref
from types import SimpleNamespace

import pytest
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from pages.shared import leaving


class Tab:
    """As Streamlit's are: it knows a part of its own that knows it."""

    id = "left"

    def __init__(self):
        self.part = SimpleNamespace(of=self)


@pytest.mark.parametrize(("seconds", "is_gone"), [(0.01, True), (60.0, False)])
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
    time.sleep(0.05)
    leaving._let_go()
    assert (left() is None) == is_gone

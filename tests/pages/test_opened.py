"""Workspaces that a process keeps open, when they are deleted meanwhile."""

import pytest

from analytics.errors import UnknownRoomError
from analytics.services import hosting
from pages.shared import opened


@pytest.fixture
def hosted(tmp_path, monkeypatch):
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / "shop"))
    for name in ("LEEWAY_ACCESS", "LEEWAY_HOME"):
        monkeypatch.delenv(name, raising=False)
    found = hosting.settings()
    yield found
    opened.own.clear()
    opened.lent.clear()
    hosting.close(found)


def test_a_workspace_that_was_brought_back_is_opened_anew(hosted):
    here = hosting.local_visitor(hosted)
    room = hosting.create_room(hosted, here, "Cedar").workspace_id
    before = opened.own(hosted, room, str(hosted.home))
    lent = opened.lent(before)
    version = lent.version
    hosting.delete_room(hosted, hosting.local_visitor(hosted), room)
    for store in (before, lent):
        with pytest.raises(UnknownRoomError):
            _ = store.version
    hosting.bring_back_room(hosted, hosting.local_visitor(hosted), room)
    after = opened.own(hosted, room, str(hosted.home))
    assert after.version == version
    assert opened.lent(after).version == version
    assert opened.own(hosted, room, str(hosted.home)) is after

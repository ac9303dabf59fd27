"""The pages run in this process, on the sample seller, in a workspace that nobody uses."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import session

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture(scope="module", autouse=True)
def workspace(tmp_path_factory):
    """An empty workspace of one's own, so that the sample is shown."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEEWAY_WORKSPACE", str(tmp_path_factory.mktemp("workspace")))
        session.own_store.clear()
        yield
        session.own_store().close()
        session.own_store.clear()


@pytest.fixture
def visit():
    """Open the app as a browser with this locale and this address would."""

    def opened(page="replenish", locale="en-GB", **query):
        app = AppTest.from_file(APP, default_timeout=60)
        app.context = {"locale": locale}
        app.query_params.update(query)
        return (app if page == "overview" else app.switch_page(f"pages/{page}.py")).run()

    return opened

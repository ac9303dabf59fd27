"""What all tests share: nothing of the user's own is read or written."""

import os
import tempfile

import pytest
from hypothesis import settings

# A shared machine's clock says nothing of an example. What is checked before landing looks at the
# same examples every time; everybody else keeps looking for new ones.
settings.register_profile(
    "leeway",
    deadline=None,
    derandomize="CI" in os.environ,
    max_examples=int(os.environ.get("SOAK_CASES", "40")),
)
settings.load_profile("leeway")


def pytest_make_parametrize_id(val, argname):
    """Name no test after bytes: an archive's hold the time, and processes must agree on names."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session", autouse=True)
def cache_home(tmp_path_factory):
    """Where the sample's workspace is built, once for all tests of this process."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("cache")
        patch.setenv("XDG_CACHE_HOME", str(home))
        yield home


@pytest.fixture(scope="session", autouse=True)
def scratch(tmp_path_factory):
    """Where folders are made that nobody names, so that they go with the rest."""
    before = tempfile.tempdir
    tempfile.tempdir = str(tmp_path_factory.mktemp("scratch"))
    yield
    tempfile.tempdir = before


@pytest.fixture(scope="session")
def browser():
    """The machine's own Chromium: one for all tests of a process, for it bears no second one."""
    from tests.browser import serving

    if serving.CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("No Chromium on a CI machine: .ci/run installs it.")
        pytest.skip("No Chromium found: install it, or name it in CHROMIUM.")
    with serving.chromium() as browser:
        yield browser

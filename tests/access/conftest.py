import pytest

from analytics.access import Register


@pytest.fixture
def register(tmp_path):
    with Register.open(tmp_path / "home") as opened:
        yield opened

"""Stores that several services are asked about."""

import pytest

from analytics.services import workspaces


@pytest.fixture(scope="session")
def sample_store():
    """The sample seller's workspace."""
    with workspaces.open_sample() as store:
        yield store

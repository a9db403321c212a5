"""What the tests of delivery share: a state, and its outbox."""

import pytest

from storage.state.database import State
from storage.state.digests import StoredDigests
from storage.state.outbox import StoredOutbox
from storage.state.subscriptions import StoredSubscriptions
from tests.state.conftest import another, no_thread_is_left, path, state
from tests.state.samples import MADE

__all__ = ["another", "no_thread_is_left", "path", "state"]


@pytest.fixture
def outbox(state: State) -> StoredOutbox:
    """The outbox of a new state."""
    return StoredOutbox(state)


@pytest.fixture
async def digests(state: State) -> StoredDigests:
    """A state with one subscription."""
    await StoredSubscriptions(state).add(MADE, "alice", 10)
    return StoredDigests(state)

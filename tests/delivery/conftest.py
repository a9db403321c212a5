"""What the tests of delivery share: a state, and its outbox."""

from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import ClientSession

from storage.state.database import State
from storage.state.digests import StoredDigests
from storage.state.outbox import StoredOutbox
from storage.state.subscriptions import StoredSubscriptions
from tests.delivery.remote import FakePlatform, Fakes, running_fakes
from tests.delivery.stations import Station, station
from tests.state.conftest import address, another, no_thread_is_left, path, state
from tests.state.samples import MADE

KINDS = ("deduplicating", "searchable")

__all__ = ["address", "another", "no_thread_is_left", "path", "state"]


@pytest.fixture
def outbox(state: State) -> StoredOutbox:
    """The outbox of a new state."""
    return StoredOutbox(state)


@pytest.fixture
async def digests(state: State) -> StoredDigests:
    """A state with one subscription."""
    await StoredSubscriptions(state).add(MADE, "alice", 10)
    return StoredDigests(state)


@pytest.fixture(scope="session")
def fakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fakes]:
    """The process of the fake platforms."""
    with running_fakes(tmp_path_factory.mktemp("journals")) as process:
        yield process


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Connections to them."""
    async with ClientSession() as opened:
        yield opened


@pytest.fixture(params=KINDS)
def platform(request: pytest.FixtureRequest, fakes: Fakes, session: ClientSession) -> FakePlatform:
    """Each of the two fake platforms."""
    return FakePlatform(fakes.world(request.param), session)


@pytest.fixture
def here(state: State, platform: FakePlatform) -> Station:
    """A dispatcher for it."""
    return station(state, platform)

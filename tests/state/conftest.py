"""What the tests of the state share: a state in a file of its own, with nothing left of it."""

import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.address import Server
from storage.state.database import State, open_state


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a state may be made, in a directory that is not there yet."""
    return tmp_path / "data" / "state.sqlite3"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> Path | Server:
    """Where a state may be made, on each database."""
    if request.param == "sqlite":
        file: Path = request.getfixturevalue("path")
        return file
    return Server(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def state(address: Path | Server) -> AsyncIterator[State]:
    """A new state."""
    async with open_state(address) as opened:
        yield opened


@pytest.fixture
async def another(address: Path | Server, state: State) -> AsyncIterator[State]:
    """The same state, opened a second time as another process would."""
    async with open_state(address) as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Whatever a test does, the threads of its connections have ended when it has."""
    before = set(threading.enumerate())
    yield
    # The event loop's own threads for blocking calls end with the loop.
    left = {
        thread
        for thread in set(threading.enumerate()) - before
        if not thread.name.startswith("asyncio_")
    }
    for thread in left:
        # It was told to end, but may be on its way.
        thread.join(timeout=10)
    assert not [thread for thread in left if thread.is_alive()]

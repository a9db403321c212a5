"""What tests of digests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.address import Server
from bot.settings import Settings
from tests.blog import Blog
from tests.digest.world import World, open_world


@pytest.fixture
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Path | Server:
    """Where the state is made; "postgresql" as its parameter asks for one there."""
    if getattr(request, "param", "sqlite") == "postgresql":
        return Server(request.getfixturevalue("postgres_url"))
    return tmp_path / "state.sqlite3"


@pytest.fixture
async def world(blog: Blog, settings: Settings, address: Path | Server) -> AsyncIterator[World]:
    """An archive of one old post with its index and a state."""
    async with open_world(blog, settings, address) as opened:
        yield opened

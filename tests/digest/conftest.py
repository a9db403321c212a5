"""What tests of digests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.blog import Blog
from tests.digest.world import World, open_world


@pytest.fixture
async def world(blog: Blog, settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    """An archive of one old post with its index and a state."""
    async with open_world(blog, settings, tmp_path / "state.sqlite3") as opened:
        yield opened

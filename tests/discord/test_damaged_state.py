"""`matome run` on a damaged state: people are answered, and the operator is told how to restore."""

import asyncio

from storage.state.backup import back_up
from storage.state.database import open_state
from storage.state.stores import stores_of
from tests.blog import Blog
from tests.commands import Matome
from tests.discord.program import running
from tests.discord.test_first_reading import Town, is_read, stopped_in_the_end, town
from tests.state.samples import NOW, fill

__all__ = ["town"]


async def test_a_bot_on_a_damaged_state_answers_and_goes_on_once_it_is_restored(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    state, backups = matome.data / "state.sqlite3", matome.data / "backups"
    backups.mkdir()
    async with open_state(state) as opened:
        await fill(opened)
        await back_up(state, backups / "nightly")
    state.write_bytes(b"\xa5" * 100_000)
    async with running(matome, town.discord) as process, stopped_in_the_end(process) as said:
        await town.ready()
        for _ in range(3):
            assert "GPU" in await town.ask_until(is_read)
        restore = ("restore", "--yes", str(backups / "nightly"))
        done = await asyncio.to_thread(matome, *restore)
        assert done.status == 0
        assert "GPU" in (await town.ask()).text
    told = [
        line
        for line in said
        if f"matome restore --yes {backups / 'nightly'}" in line.get("cause", "")
    ]
    assert told, said
    # Each part that needs the state says so once.
    assert len(told) <= 8
    assert len({line["event"] for line in told}) == len(told)
    assert not [line for line in said if "exception" in line]
    async with open_state(state) as opened:
        assert await stores_of(opened).codes.payload("code", NOW) is not None

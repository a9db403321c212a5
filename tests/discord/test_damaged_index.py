"""`matome run` whose index is damaged under it: it makes another one, and says so once."""

from pathlib import Path

from tests.blog import Blog
from tests.commands import Matome
from tests.discord.program import running
from tests.discord.test_first_reading import Town, is_read, stopped_in_the_end, town

__all__ = ["town"]


def damage(index: Path) -> None:
    with index.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (index.stat().st_size - 4096))


async def test_an_index_that_is_damaged_under_a_bot_is_made_anew(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    async with running(matome, town.discord) as process, stopped_in_the_end(process) as said:
        await town.ready()
        damage(matome.index)
        answer = await town.ask_until(is_read)
        assert "GPU" in answer
        assert "GPU" in (await town.ask()).text
    damaged = [line for line in said if "damaged" in line["event"]]
    assert len(damaged) == 1
    assert "is made anew" in damaged[0]["event"]
    assert not [line for line in said if "incident" in line]


async def test_a_bot_begins_on_a_damaged_index(
    matome: Matome, small_blog: Blog, town: Town
) -> None:
    assert matome("sync").status == 0
    matome.index.write_bytes(b"no database" * 1000)
    async with running(matome, town.discord) as process, stopped_in_the_end(process) as said:
        await town.ready()
        assert "GPU" in await town.ask_until(is_read)
    assert len([line for line in said if "damaged" in line["event"]]) == 1


def test_so_does_one_in_the_terminal(matome: Matome, small_blog: Blog) -> None:
    assert matome("sync").status == 0
    matome.index.write_bytes(b"no database" * 1000)
    done = matome("run", stdin=b"/matome gpu\n")
    assert done.status == 0
    assert done.out.startswith("タグ GPU：1件\n")
    assert done.err.count("damaged and is made anew") == 1

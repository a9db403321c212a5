"""A disk that is really full: what was there stays whole, and all goes on when there is room."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.errors import StateError
from bot.running.syncing import index_path, try_to_sync
from storage.index.database import check
from storage.index.reader import open_reader
from storage.state.backup import back_up
from storage.state.codes import StoredCodes
from storage.state.database import look_at, open_state
from tests.blog import Blog, raw_post
from tests.commands import COMMAND, SECONDS, Matome
from tests.conftest import settings_of
from tests.state.released import REVISIONS, make
from tests.state.samples import DAY, NOW

SIZE = 4 * 1024 * 1024


class Disk:
    """A small file system with nothing else on it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(4096)):
                pass

    def empty(self) -> None:
        """Make room again."""
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(path)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", str(path)], check=True)


async def test_a_sync_leaves_the_index_and_goes_on_later(
    blog: Blog, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    blog.post("first", raw_post("最初の記事", item=1))
    settings = settings_of(blog.root, disk.path / "data")
    path = index_path(settings)
    assert await try_to_sync(settings) is not None
    caplog.clear()
    for number in range(40):
        blog.post(f"post_{number}", raw_post(comments=["長いコメント" * 500] * 5, item=10 + number))
    async with open_reader(path) as index:
        disk.fill()
        assert await try_to_sync(settings) is None
        assert (await index.by_slug("first")) is not None
        (told,) = [record.getMessage() for record in caplog.records]
        assert "disk" in told
        disk.empty()
        done = await try_to_sync(settings)
        assert done is not None
        assert await index.count_posts() == 41
    await check(path)


async def test_what_the_state_could_not_write_is_told_and_nothing_else_is_lost(disk: Disk) -> None:
    path = disk.path / "state.sqlite3"
    async with open_state(path) as state:
        codes = StoredCodes(state)
        await codes.keep({"before": "x"}, NOW + DAY)
        disk.fill()
        with pytest.raises(StateError) as raised:
            for number in range(100):
                await codes.keep({f"during {number}": "x" * 10_000}, NOW + DAY)
        assert raised.value.key == "state.failed"
        # It is read meanwhile.
        assert await codes.payload("before", NOW) == "x"
        disk.empty()
        await codes.keep({"after": "x" * 10_000}, NOW + DAY)
        assert await codes.payload("after", NOW) is not None
    assert (await look_at(path)).damages == []


async def test_a_backup_and_an_upgrade_without_room_change_nothing(disk: Disk) -> None:
    path, backups = disk.path / "state.sqlite3", disk.path / "backups"
    await make(path, REVISIONS[0])
    disk.fill()
    with pytest.raises(StateError) as raised:
        await back_up(path, disk.path / "backup")
    # SQLite needs some room to open the state at all.
    assert raised.value.key in ("state.failed", "state.backup_failed")
    with pytest.raises(StateError):
        async with open_state(path, backups):
            pass
    disk.empty()
    assert (await look_at(path)).revision == REVISIONS[0]
    assert sorted(file.name for file in disk.path.iterdir() if file.name != "backups") == [
        path.name
    ]
    async with open_state(path, backups):
        pass
    assert len(list(backups.iterdir())) == 1


def test_a_log_that_cannot_be_written_stops_nothing(matome: Matome, small_blog: Blog) -> None:
    """/dev/full takes nothing, ever."""
    small_blog.post("refused", "no front matter")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "run"],
            input=b"/matome gpu\n",
            stdout=subprocess.PIPE,
            stderr=full,
            cwd=matome.cwd,
            env=matome.environment(),
            timeout=SECONDS,
            check=False,
        )
    assert done.returncode == 0
    assert done.stdout.decode().startswith("タグ GPU：1件\n")

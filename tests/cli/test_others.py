"""What others with an account on the machine can read or change of what the program writes."""

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from tests.blog import Blog, raw_post
from tests.commands import Matome
from tests.discord.program import running
from tests.discord.server import opened_discord
from tests.sync.repositories import Repository


@pytest.fixture
def matome(tmp_path: Path) -> Matome:
    """The program for an archive in git."""
    repository = Repository.create(tmp_path / "repository")
    repository.blog.post("one", raw_post())
    repository.commit()
    return Matome(repository.setting, tmp_path / "data", tmp_path)


def open_to_others(directory: Path) -> list[str]:
    """What others could get at below a directory, and the directory itself."""
    return [
        f"{stat.filemode(path.lstat().st_mode)} {path.name}"
        for path in (directory, *directory.rglob("*"))
        if path.lstat().st_mode & 0o077 and not path.is_symlink()
    ]


async def test_nothing_that_is_written_is_for_others(matome: Matome, tmp_path: Path) -> None:
    """Whatever the user who starts it usually lets others do."""
    before = os.umask(0)
    try:
        assert matome("sync").status == 0
        done = matome("digest", "add", "--time", "9:30")
        assert done.status == 0, done.err
        assert matome("chat", stdin=b"gpu\n").status == 0
        assert matome("backup", str(tmp_path / "data/backup")).status == 0
    finally:
        os.umask(before)
    written = {path.name for path in (tmp_path / "data").iterdir()}
    assert written >= {"index.sqlite3", "state.sqlite3", "clones", "sync.lock", "backup"}
    assert open_to_others(tmp_path / "data") == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks at limits in /proc")
async def test_no_image_of_its_memory_is_left(small_blog: Blog, tmp_path: Path) -> None:
    matome = Matome(str(small_blog.root), tmp_path / "data", tmp_path)
    async with opened_discord() as discord, running(matome, discord) as process:
        await discord.connected(seconds=60)
        found = Path(f"/proc/{process.pid}/limits")
        limits = await asyncio.to_thread(found.read_text)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 60)
    (line,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert line.split()[4] == "0"

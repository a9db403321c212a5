"""Syncs that are killed, that run at once, that find no room; and what they do to everyone else."""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.running.syncing import index_path, synchronise
from bot.settings import Settings
from tests.blog import Blog, Fold, Quote, raw_post
from tests.commands import COMMAND, SECONDS, Matome
from tests.conftest import settings_of
from tests.contents import Contents, contents

POSTS = 200
FEWER = 80
NEW = range(POSTS // 2, POSTS)
CHANGED = range(0, POSTS // 2, 2)
REMOVED = range(1, POSTS // 2, 10)


def write(blog: Blog, number: int, version: int = 0) -> None:
    generator = random.Random(number * 10 + version)
    words = [
        "メモリ",
        "帯域",
        "サーバー",
        "遅い",
        "gpu",
        "linux",
        "が",
        "と",
        "。",
        "速い",
        "kernel",
    ]

    def quote() -> Quote:
        body = "".join(generator.choices(words, k=60))
        return Quote(body, generator.choice(["alice", "bob"]))

    text = raw_post(
        f"記事{number} {generator.choice(words)}",
        [quote() for _ in range(5)] + [Fold([quote() for _ in range(5)])],
        date=f"2025-{number // 28 + 1:02}-{number % 28 + 1:02}T00:00:00",
        item=1000 + number,
    )
    blog.post(f"post_{number:03}", text)


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Blog:
    """An archive of which a part was indexed before it was edited."""
    blog = Blog(tmp_path_factory.mktemp("edited"))
    for number in range(POSTS):
        write(blog, number)
    for number in CHANGED:
        write(blog, number, version=1)
    for number in REMOVED:
        (blog.root / f"content/posts/2025_06/post_{number:03}/index.md").unlink()
    return blog


@pytest.fixture(scope="module")
def fresh(edited: Blog, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What an index of the edited archive holds."""
    settings = settings_of(edited.root, tmp_path_factory.mktemp("fresh"))
    asyncio.run(synchronise(settings))
    return contents(index_path(settings))


@pytest.fixture(scope="module")
def before_the_edits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory as it was before the archive was edited."""
    blog = Blog(tmp_path_factory.mktemp("before"))
    for number in range(POSTS // 2):
        write(blog, number)
    data = tmp_path_factory.mktemp("data")
    asyncio.run(synchronise(settings_of(blog.root, data)))
    return data


@pytest.fixture
def matome(edited: Blog, before_the_edits: Path, tmp_path: Path) -> Matome:
    """The program with an index that was made before the archive was edited."""
    shutil.copytree(before_the_edits, tmp_path / "data")
    return Matome(str(edited.root), tmp_path / "data", tmp_path)


def kill_at(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Kill a process with all that it started after some time; whether it was still running."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("command", [("sync",), ("sync", "--rebuild")], ids=" ".join)
def test_a_sync_that_is_killed_at_any_moment_is_finished_by_the_next(
    matome: Matome, fresh: Contents, command: tuple[str, ...]
) -> None:
    begun = time.monotonic()
    trial = Matome(matome.archive, matome.cwd / "trial", matome.cwd)
    assert trial(*command).status == 0
    duration = time.monotonic() - begun
    # Starting Python and reading the first files take the first third.
    kills = [kill_at(matome.start(*command), duration * share) for share in (0.4, 0.6, 0.75, 0.9)]
    assert any(kills)
    searched = matome("search", "メモリ", "--limit", "1", "--json")
    assert (searched.status, searched.out.count("\n"), searched.err) == (0, 1, "")
    last = matome("sync")
    assert (last.status, last.err) == (0, "")
    assert contents(matome.index) == fresh


def children(pid: int) -> set[int]:
    """The processes that a process started and that run."""
    found: set[int] = set()
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        # A thread may end meanwhile.
        with suppress(OSError):
            found.update(map(int, listed.read_text().split()))
    return found


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Iterator[bool]) -> None:
    deadline = time.monotonic() + SECONDS
    for fulfilled in condition:
        if fulfilled:
            return
        assert time.monotonic() < deadline
    raise AssertionError


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_the_workers_of_a_killed_sync_end_too(matome: Matome) -> None:
    process = matome.start("sync", "--rebuild")
    started: set[int] = set()

    def has_workers() -> Iterator[bool]:
        while process.poll() is None:
            started.update(children(process.pid))
            # One of them is Python's own, which looks after what processes share.
            yield len(started) > 1

    try:
        until(has_workers())
    finally:
        process.kill()
        process.communicate()
    until(not any(map(runs, started)) for _ in iter(int, 1))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_what_ends_a_service_leaves_the_workers_to_their_parent(
    matome: Matome, fresh: Contents
) -> None:
    process = matome.start("sync", "--rebuild")
    told: set[int] = set()

    def has_told_two() -> Iterator[bool]:
        while process.poll() is None:
            for child in children(process.pid) - told:
                if ignores_sigterm(child):
                    os.kill(child, signal.SIGTERM)
                    told.add(child)
            # One of them is Python's own, which looks after what processes share.
            yield len(told) > 1

    until(has_told_two())
    assert process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert contents(matome.index) == fresh


def ignores_sigterm(pid: int) -> bool:
    with suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text()
        ignored = next(line for line in status.splitlines() if line.startswith("SigIgn:"))
        return bool(int(ignored.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    return False


def test_two_syncs_at_once_both_end_well(matome: Matome, fresh: Contents) -> None:
    both = [matome.start("sync") for _ in range(2)]
    outputs = [process.communicate(timeout=SECONDS) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    nothing = b"added 0, changed 0, removed 0, refused 0\n"
    assert sorted(out == nothing for out, _ in outputs) == [False, True]
    for _, error in outputs:
        assert error in (b"", "Waiting for another sync to end …\n".encode())
    assert contents(matome.index) == fresh


def with_little_room(matome: Matome, limit: int, *arguments: str) -> tuple[int, str]:
    """Run a command that can write no file larger than a limit; its status and complaints."""
    code = (
        f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}));"
        "os.execv(sys.executable, [sys.executable, '-m', 'bot', *sys.argv[1:]])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        cwd=matome.cwd,
        env=matome.environment(),
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("arguments", [("sync",), ("sync", "--rebuild")], ids=" ".join)
def test_an_index_that_cannot_grow_is_left_as_it_was(
    matome: Matome, fresh: Contents, arguments: tuple[str, ...]
) -> None:
    before = contents(matome.index)
    size = matome.index.stat().st_size
    status, complaint = with_little_room(matome, size // 4, *arguments)
    assert status == 1
    assert "index.sqlite3" in complaint
    assert "Check the disk" in complaint or "The disk is full" in complaint
    assert "Traceback" not in complaint
    after = contents(matome.index)
    # A rebuild is done whole or not at all; a sync batch by batch.
    assert len(after["posts"]) >= len(before["posts"])
    if "--rebuild" in arguments:
        assert after == before
    assert matome("sync").status == 0
    assert contents(matome.index) == fresh


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room."""
    directory = tmp_path / "disk"
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(directory)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs more rights")
    yield directory
    subprocess.run(["umount", str(directory)], check=True)


def test_a_full_disk_is_named_and_the_old_index_still_answers(
    matome: Matome, fresh: Contents, small_disk: Path
) -> None:
    full = Matome(matome.archive, small_disk, matome.cwd)
    few = Matome(str(matome.cwd / "few"), small_disk, matome.cwd)
    # A post that the other archive has as well.
    write(Blog(matome.cwd / "few"), 3)
    assert few("sync").status == 0
    before = contents(full.index)
    for arguments in (("sync",), ("sync", "--rebuild")):
        done = full(*arguments)
        assert done.status == 1
        assert "The disk is full" in done.err
        assert "Traceback" not in done.err
    assert contents(full.index)["posts"] >= before["posts"]
    assert full("search", "gpu").status == 0


def test_a_full_disk_behind_stdout_is_named(matome: Matome) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "export"],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=matome.cwd,
            env=matome.environment(),
            timeout=SECONDS,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.decode().startswith("error: The results could not be written")
    assert done.stderr.count(b"\n") == 1


async def test_a_sync_never_holds_up_the_event_loop(blog: Blog, settings: Settings) -> None:
    for number in range(FEWER):
        write(blog, number)
    # Many words that hyphens join: finding its tokens takes a second, in one piece.
    comments = [Quote(f"コメント{n} " + "a-b-c-d " * 60) for n in range(3000)]
    huge = blog.post("huge", raw_post(comments=comments))
    gaps: list[float] = []

    async def tick() -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(0.001)
            now = time.monotonic()
            gaps.append(now - last)
            last = now

    ticking = asyncio.create_task(tick())
    await synchronise(settings)
    for number in range(FEWER):
        write(blog, number, version=1)
    blog.write(huge, raw_post(comments=comments[1:]))
    await synchronise(settings)
    (blog.root / huge).unlink()
    await synchronise(settings)
    ticking.cancel()
    # A guard, no measurement: a step of a sync that were done on the loop itself would take
    # seconds. Half a second is far above what other processes on a busy machine cost.
    assert len(gaps) > 100
    assert max(gaps) < 0.5

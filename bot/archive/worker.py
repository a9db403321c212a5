"""Reading posts in other processes, so that neither the event loop nor the writer waits for it."""

import asyncio
import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from traceback import format_exc
from typing import Any

from bot.archive import hugo_post, rendered_page
from bot.archive.beneath import open_beneath
from bot.archive.files import ArchiveFile
from bot.archive.reading import MAX_FILE_BYTES, Finding, ReadPost, decode
from bot.errors import ArchiveError, PostRefused
from bot.model import Post

# A few small files are read in a thread; processes take a while to start.
FEW_FILES = 40
SMALL_BYTES = 256 * 1024
FILES_PER_TASK = 8
TASKS_AHEAD = 3

Prepare = Callable[[Post, bool], Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a file: a prepared post with its findings, or why it was refused.

    With `digest` equal to the known one nothing else was looked at. `fault` is the traceback of a
    mistake of ours that the file has met, "" for none.
    """

    file: ArchiveFile
    digest: bytes
    rendered: bool = False
    prepared: Any = None
    findings: tuple[Finding, ...] = ()
    refused: PostRefused | None = None
    fault: str = ""


class ReaderFaultError(Exception):
    """A mistake of ours, told by its traceback: it may have come up in another process."""


@dataclass(frozen=True, slots=True)
class Job:
    """A file to be read, unless its content still has the digest that is known."""

    file: ArchiveFile
    known_digest: bytes | None


def read_post(data: bytes, path: str, known_tags: Collection[str] = ()) -> ReadPost:
    """Read a file in whichever format it is. Raises PostRefused."""
    text = decode(data)
    if rendered_page.is_rendered(text):
        return rendered_page.read(text, path, known_tags)
    return hugo_post.read(text, path)


def read_files(
    root: Path, jobs: Sequence[Job], known_tags: Collection[str], prepare: Prepare
) -> list[Reading]:
    """Read some files; a file that cannot be read is refused, and the others go on."""
    return [_read_file(root, job, known_tags, prepare) for job in jobs]


def _read_file(root: Path, job: Job, known_tags: Collection[str], prepare: Prepare) -> Reading:
    file = job.file
    digest = b""
    try:
        if file.has_bad_name:
            raise PostRefused("refused.bad_name")
        if file.size > MAX_FILE_BYTES:
            raise PostRefused("refused.too_large", bytes=file.size, limit=MAX_FILE_BYTES)
        data = _content(root, file.path)
        digest = blake2b(data, digest_size=16).digest()
        if digest == job.known_digest:
            return Reading(file, digest)
        read = read_post(data, file.path, known_tags)
        prepared = prepare(read.post, read.rendered)
    except PostRefused as refused:
        return Reading(file, digest, refused=refused)
    except OSError as error:
        cause = error.strerror or str(error)
        return Reading(file, digest, refused=PostRefused("refused.unreadable", cause=cause))
    except Exception as error:
        # A fault of ours, but one file must not keep all others out.
        cause = f"{type(error).__name__}: {error}"[:200]
        # Without the digest, so that it is tried again each time.
        verdict = PostRefused("refused.unexpected", cause=cause)
        return Reading(file, b"", refused=verdict, fault=format_exc())
    return Reading(file, digest, read.rendered, prepared, read.findings)


def _content(root: Path, path: str) -> bytes:
    """A file's bytes, or one byte more than a post may have.

    The file may have become something else since it was listed, and so may a directory on the way.
    """
    with os.fdopen(open_beneath(root, path), "rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


async def read_all(
    root: Path, jobs: Sequence[Job], known_tags: Collection[str], prepare: Prepare
) -> AsyncGenerator[list[Reading], None]:
    """Read many files, a few at a time, in order; only some are in memory at once."""
    with _executor(jobs) as (executor, workers):
        loop = asyncio.get_running_loop()
        waiting: deque[asyncio.Future[list[Reading]]] = deque()
        try:
            for chunk in _chunks(jobs, FILES_PER_TASK):
                waiting.append(
                    loop.run_in_executor(executor, read_files, root, chunk, known_tags, prepare)
                )
                if len(waiting) >= workers * TASKS_AHEAD:
                    yield await waiting.popleft()
            while waiting:
                yield await waiting.popleft()
        except BrokenProcessPool as error:
            raise ArchiveError("archive.worker_died") from error
        finally:
            for future in waiting:
                future.cancel()


def _chunks(jobs: Iterable[Job], size: int) -> Iterator[list[Job]]:
    iterator = iter(jobs)
    while chunk := list(islice(iterator, size)):
        yield chunk


@contextmanager
def _executor(jobs: Sequence[Job]) -> Iterator[tuple[Executor, int]]:
    few = len(jobs) <= FEW_FILES and all(job.file.size <= SMALL_BYTES for job in jobs)
    workers = 1 if few else min(4, os.cpu_count() or 1, len(jobs))
    executor: Executor
    if few:
        executor = ThreadPoolExecutor(workers, thread_name_prefix="read")
    else:
        # Of a large file single steps would take so long in a thread that the event loop waits.
        executor = ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), initializer=_start_worker
        )
    try:
        yield executor, workers
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _start_worker() -> None:
    """End with the parent, however it ended: a killed one cannot tell its workers to stop."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    # Ctrl-C goes to every process of the terminal, and a service's end to all of its processes; the
    # parent deals with it. It would wait for ever for the rest of what one was just telling it.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    # Posts are trees without cycles; collecting garbage only costs time here.
    gc.disable()

"""Bringing the index up to date with the archive: only what changed is read and written."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from structlog.stdlib import get_logger

from bot.archive.files import Archive, ArchiveFile
from bot.archive.reading import Finding
from bot.archive.worker import Job, Prepare, ReaderFaultError, Reading, read_all
from bot.errors import ArchiveError, PostRefused
from bot.incidents import incident
from bot.model import post_key
from bot.ports import ArchiveIndex, FileRecord, WriteCounts

# Posts that are written in one transaction.
BATCH = 128

# A file that changed this shortly before it was read may change again within the same tick of the
# file system's clock: its time is not trusted, its content is hashed again next time.
RACY_NS = 2_000_000_000

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused file with the reason."""

    path: str
    reason: PostRefused


@dataclass(slots=True)
class Summary:
    """What a sync did; `refused` lists every file that is refused now, new or not."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    files: int = 0
    rebuilt: bool = False
    refused: list[Refused] = field(default_factory=list)
    findings: list[tuple[str, Finding]] = field(default_factory=list)

    def count(self, counts: WriteCounts) -> None:
        """Add what a batch did."""
        self.added += counts.added
        self.changed += counts.changed
        self.removed += counts.removed


# Told how many files of how many are done.
Progress = Callable[[int, int], None]


async def sync(
    archive: Archive,
    name: str,
    index: ArchiveIndex,
    prepare: Prepare,
    now_ns: int,
    *,
    prepared_by: str = "",
    rebuild: bool = False,
    progress: Progress = lambda done, total: None,
) -> Summary:
    """Make the index hold what the archive holds.

    `name` tells archives apart, `now_ns` is the time since 1970 in nanoseconds. `prepared_by` is
    the version of what `prepare` adds to the archive's own contents: an index of another one is
    built anew, and can be read until then. The caller holds the sync's lock. Each batch is one
    transaction, so a sync that is killed goes on where it was; a rebuild is one as a whole.
    Raises ArchiveError and IndexFileError.
    """
    files = await asyncio.to_thread(archive.files)
    if not files:
        # Rather a directory that is not mounted than an archive that lost all of its posts.
        raise ArchiveError("archive.empty", path=str(archive.root))
    work = _Work(archive, name, index, prepare, prepared_by, now_ns, progress)
    rebuilt = await index.prepare_tables(rebuild=rebuild, keep_refused=not rebuild)
    if not rebuilt and await index.meta("prepared_by") != prepared_by:
        rebuilt = await index.prepare_tables(rebuild=True)
    summary = await _bring_up_to_date(work, files, rebuilt)
    if await index.is_disordered():
        # Only now all dates are known.
        dates, before = await index.dates(), await index.files()
        ordered = sorted(files, key=lambda file: dates.get(file.path, ""))
        await index.prepare_tables(rebuild=True)
        # What changed in the archive is what the first pass says; this one only puts it in order.
        await _bring_up_to_date(work, ordered, True, before)
        summary.rebuilt = True
        await index.accept_order()
    await index.note_revision(name, _revision(archive, files, now_ns))
    summary.refused = _refused(await index.files())
    return summary


def _revision(archive: Archive, files: Sequence[ArchiveFile], now_ns: int) -> int:
    """How new an archive is, in seconds since 1970: of two replicas the one with more has more.

    A time that is still to come says nothing.
    """
    newest = archive.committed_at
    if newest is None:
        newest = max(file.mtime_ns for file in files) // 1_000_000_000
    return max(0, min(newest, now_ns // 1_000_000_000))


@dataclass(frozen=True, slots=True)
class _Work:
    """What a sync works with."""

    archive: Archive
    name: str
    index: ArchiveIndex
    prepare: Prepare
    prepared_by: str
    now_ns: int
    progress: Progress


async def _bring_up_to_date(
    work: _Work,
    files: Sequence[ArchiveFile],
    rebuilt: bool,
    before: Mapping[str, FileRecord] | None = None,
) -> Summary:
    """Read and write what differs, new posts in the order of `files`.

    `before` is what was known of them before the index was emptied to be put in order.
    """
    index = work.index
    summary = Summary(files=len(files), rebuilt=rebuilt)
    known = await index.files()
    taken, doubles = _one_for_each_key(files)
    same_archive = await index.meta("archive") == work.name
    if not same_archive:
        # Until all is read, sizes and times say nothing of this archive nor of the other.
        await index.set_meta("archive", "")
    await index.set_meta("prepared_by", work.prepared_by)
    run = _Sync(work, known, before or known, same_archive, summary)
    await run.note(doubles)
    await run.read_changed(taken)
    # Before the pages: one whose raw post is gone is needed again.
    await run.forget_missing(files)
    await run.settle_pages(taken)
    if rebuilt:
        await index.restore_refused()
    await index.set_meta("archive", work.name)
    await index.finish()
    return summary


def _one_for_each_key(
    files: Sequence[ArchiveFile],
) -> tuple[list[ArchiveFile], dict[ArchiveFile, ArchiveFile]]:
    """The first file of each key (a .md before a .txt), and the others with what beat them.

    Two files have the same key where they have the same slug; that two slugs share one is not to be
    expected, but then one would open the other's post.
    """
    first: dict[str, ArchiveFile] = {}
    doubles: dict[ArchiveFile, ArchiveFile] = {}
    for file in sorted(files, key=lambda file: (not file.path.endswith(".md"), file.path)):
        winner = first.setdefault(post_key(file.slug), file)
        if winner is not file:
            doubles[file] = winner
    return [file for file in files if file not in doubles], doubles


def _refused(files: Mapping[str, FileRecord]) -> list[Refused]:
    return [
        Refused(path, PostRefused(reason["key"], reason["line"], **reason["details"]))
        for path, record in sorted(files.items())
        if (reason := record.reason) is not None
    ]


@dataclass(slots=True)
class _Sync:
    """One run, from comparing the files to writing what differs."""

    work: _Work
    known: Mapping[str, FileRecord]
    told: Mapping[str, FileRecord]
    same_archive: bool
    summary: Summary
    new_pages: set[str] = field(default_factory=set)

    async def note(self, doubles: Mapping[ArchiveFile, ArchiveFile]) -> None:
        """Refuse the second file of a key; a text beside its raw post is merely not needed."""
        records = []
        for file, winner in doubles.items():
            is_page = file.path.endswith(".txt") and winner.path.endswith(".md")
            quiet = is_page and file.slug == winner.slug
            reason = None if quiet else PostRefused("refused.double", other=winner.path)
            state = "superseded" if quiet else "refused"
            records.append(self._record(file, b"", state, reason))
        if any(self.known.get(record.path) != record for record in records):
            await self.work.index.apply([], records)

    async def read_changed(self, files: Sequence[ArchiveFile]) -> None:
        """Read what is new or changed, and write it in batches."""
        await self._read([job for file in files if (job := self._job(file)) is not None])

    async def settle_pages(self, files: Sequence[ArchiveFile]) -> None:
        """Read rendered pages, when all raw posts are in.

        Which tags a page has and whether it is needed at all depends on the raw posts: where those
        changed in what matters, every page is read anew.
        """
        pages = {path for path, record in self.known.items() if record.rendered}
        if not pages and not self.new_pages:
            return
        tags, context = await self.work.index.page_context()
        changed = context != await self.work.index.meta("page_context")
        wanted = [
            Job(file, None)
            for file in files
            if file.path in self.new_pages or (changed and file.path in pages)
        ]
        await self._read(wanted, tags)
        await self.work.index.set_meta("page_context", context)

    async def forget_missing(self, files: Sequence[ArchiveFile]) -> None:
        """Remove the posts whose files are gone, unless another file has the same key."""
        present = {file.path for file in files}
        gone = [record for path, record in self.known.items() if path not in present]
        kept = {post_key(file.slug) for file in files}
        slugs = {record.slug for record in gone if post_key(record.slug) not in kept}
        if gone:
            paths = [record.path for record in gone]
            self.summary.count(await self.work.index.apply([], [], sorted(slugs), paths))

    def _job(self, file: ArchiveFile) -> Job | None:
        record = self.known.get(file.path)
        if record is None or not record.digest:
            return Job(file, None)
        if self.same_archive and (record.size, record.mtime_ns) == (file.size, file.mtime_ns):
            return None
        return Job(file, record.digest)

    async def _read(self, jobs: Sequence[Job], page_tags: Collection[str] | None = None) -> None:
        """Read and write files; rendered pages only where the tags that they may have are given."""
        done = 0
        batch: list[Reading] = []
        self.work.progress(0, len(jobs))
        tags = frozenset(page_tags or ())
        reading_all = read_all(self.work.archive.root, jobs, tags, self.work.prepare)
        async with aclosing(reading_all):
            async for readings in reading_all:
                done += len(readings)
                for reading in readings:
                    if page_tags is None and reading.rendered:
                        self.new_pages.add(reading.file.path)
                    else:
                        batch.append(reading)
                if len(batch) >= BATCH:
                    await self._write(batch)
                    batch = []
                self.work.progress(done, len(jobs))
        if batch:
            await self._write(batch)

    async def _write(self, readings: Sequence[Reading]) -> None:
        records: list[FileRecord] = []
        posts: dict[str, object] = {}
        for reading in readings:
            file = reading.file
            if reading.refused is not None:
                record = self._record(file, reading.digest, "refused", reading.refused)
                records.append(record)
                self._tell_fault(reading, record)
            elif reading.prepared is None:
                # The content is what it was; only the time on it is new.
                old = self.known[file.path]
                records.append(old._replace(size=file.size, mtime_ns=self._trusted(file)))
            else:
                posts[file.slug] = reading.prepared
                record = self._record(file, reading.digest, "post", None)
                records.append(record._replace(rendered=reading.rendered))
                self.summary.findings += [(file.path, found) for found in reading.findings]
        needless = await self.work.index.superseded(list(posts.values()))
        records = [
            record._replace(state="superseded") if record.slug in needless else record
            for record in records
        ]
        kept = [post for slug, post in posts.items() if slug not in needless]
        self.summary.count(await self.work.index.apply(kept, records, sorted(needless)))

    def _tell_fault(self, reading: Reading, record: FileRecord) -> None:
        """Log a mistake of ours; whoever reads in another process has no log.

        Such a file is read again by each sync, and would be a new incident each time.
        """
        told = self.told.get(record.path)
        if reading.fault and (told is None or told.reason != record.reason):
            fault = ReaderFaultError(reading.fault)
            incident(_log, "a file cannot be read", fault, file=record.path)

    def _record(
        self, file: ArchiveFile, digest: bytes, state: str, refused: PostRefused | None
    ) -> FileRecord:
        reason = None
        if refused is not None:
            reason = {"key": refused.key, "line": refused.line, "details": refused.details}
        return FileRecord(
            path=file.path,
            size=file.size,
            mtime_ns=self._trusted(file),
            digest=digest,
            slug=file.slug,
            rendered=False,
            state=state,
            reason=reason,
        )

    def _trusted(self, file: ArchiveFile) -> int:
        """The file's time, or one that no file has where it may change again unnoticed."""
        return file.mtime_ns if file.mtime_ns < self.work.now_ns - RACY_NS else -1

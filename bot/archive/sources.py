"""Where an archive lies: a directory, or a git repository that is kept as a shallow clone."""

import asyncio
import os
import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bot.archive.reading import slug_of
from bot.errors import ArchiveError

GIT_PREFIX = "git+"
GIT_SECONDS = 600

_CONFIGS = ("hugo.toml", "config.toml", "config/_default/hugo.toml", "config/_default/config.toml")
_SUFFIXES = (".md", ".txt")


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A file that may be a post; `path` is relative to the archive, with "/" between its parts."""

    path: str
    size: int
    mtime_ns: int

    @property
    def slug(self) -> str:
        """The slug that the post in it has."""
        return slug_of(self.path)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that can be read: its directory, and why it could not be brought up to date."""

    root: Path
    stale: ArchiveError | None = None

    def files(self) -> list[ArchiveFile]:
        """Every file that may be a post, sorted by path.

        Looks below content/posts, else content, else everywhere; passes over hidden files,
        symbolic links (as Hugo does), section pages (_index.md) and what lies beside an index.md.
        Raises ArchiveError where a directory cannot be read: what is in it is not gone.
        """
        start = next(
            (part for part in ("content/posts", "content") if (self.root / part).is_dir()), ""
        )
        try:
            return sorted(_walk(self.root / start, start), key=lambda file: file.path)
        except OSError as error:
            raise ArchiveError(
                "archive.unreadable", path=str(error.filename), cause=error.strerror or str(error)
            ) from error

    def base_url(self) -> str | None:
        """The site's address as Hugo's configuration has it, with a "/" at its end."""
        for name in _CONFIGS:
            try:
                config = tomllib.loads((self.root / name).read_text("utf-8"))
            except (OSError, ValueError):
                continue
            address = config.get("baseURL", config.get("baseurl"))
            if isinstance(address, str) and address.startswith(("http://", "https://")):
                return address.rstrip("/") + "/"
        return None


def _walk(directory: Path, prefix: str) -> Iterator[ArchiveFile]:
    with os.scandir(directory) as scanned:
        entries = [entry for entry in scanned if not entry.name.startswith(".")]
    # In a directory with an index.md (a leaf bundle) the other files are parts of that post.
    bundle = any(entry.name == "index.md" for entry in entries)
    for entry in entries:
        path = f"{prefix}/{entry.name}" if prefix else entry.name
        if entry.is_dir(follow_symlinks=False):
            if not bundle:
                yield from _walk(directory / entry.name, path)
        elif entry.is_file(follow_symlinks=False):
            wanted = entry.name == "index.md" if bundle else entry.name.endswith(_SUFFIXES)
            if wanted and entry.name != "_index.md":
                status = entry.stat(follow_symlinks=False)
                yield ArchiveFile(path, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class DirectorySource:
    """An archive in a directory of this machine."""

    directory: Path

    @property
    def name(self) -> str:
        """What tells this archive from another."""
        return str(self.directory.resolve())

    async def update(self) -> Archive:
        """The archive as it is. Raises ArchiveError where the directory is none."""
        if not self.directory.exists():
            raise ArchiveError("archive.missing", path=str(self.directory))
        if not self.directory.is_dir():
            raise ArchiveError("archive.not_a_directory", path=str(self.directory))
        return Archive(self.directory)


@dataclass(frozen=True, slots=True)
class GitSource:
    """An archive in a git repository, cloned without its history below `clones`."""

    url: str
    branch: str | None
    clones: Path

    @property
    def name(self) -> str:
        """What tells this archive from another; never a password."""
        return f"{GIT_PREFIX}{without_password(self.url)}#{self.branch or ''}"

    @property
    def directory(self) -> Path:
        """Where the clone lies."""
        digest = blake2b(f"{self.url}#{self.branch or ''}".encode(), digest_size=8).hexdigest()
        return self.clones / digest

    async def update(self) -> Archive:
        """Clone, or bring the clone up to date.

        An unreachable repository leaves what is there and says so in `stale`; raises ArchiveError
        only where there is no clone yet.
        """
        if not (self.directory / ".git").is_dir():
            await self._clone()
            return Archive(self.directory)
        try:
            await self._fetch()
        except ArchiveError as error:
            return Archive(self.directory, stale=error)
        return Archive(self.directory)

    async def _clone(self) -> None:
        self.clones.mkdir(parents=True, exist_ok=True)
        unfinished = self.directory.with_suffix(".unfinished")
        await asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True)
        branch = ["--branch", self.branch] if self.branch else []
        await self._git(
            "clone",
            "--quiet",
            "--depth=1",
            "--single-branch",
            *branch,
            "--",
            self.url,
            str(unfinished),
        )
        # A clone that was killed half-way never gets its name.
        unfinished.rename(self.directory)

    async def _fetch(self) -> None:
        # We are alone here (the sync's lock): a lock file is that of a git that was killed.
        for lock in (self.directory / ".git").glob("*.lock"):
            lock.unlink(missing_ok=True)
        at = ("-C", str(self.directory))
        await self._git(*at, "fetch", "--quiet", "--depth=1", "origin", self.branch or "HEAD")
        await self._git(*at, "reset", "--quiet", "--hard", "FETCH_HEAD")
        await self._git(*at, "clean", "--quiet", "-ffdx")

    async def _git(self, *arguments: str) -> None:
        environment = os.environ | {
            "GIT_TERMINAL_PROMPT": "0",
            # No remote helper may run a command of the address's choosing.
            "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
            "LC_ALL": "C",
        }
        try:
            process = await asyncio.create_subprocess_exec(
                "git",
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
            )
        except FileNotFoundError as error:
            raise ArchiveError("archive.no_git") from error
        try:
            async with asyncio.timeout(GIT_SECONDS):
                _, output = await process.communicate()
        except BaseException as error:
            if process.returncode is None:
                process.kill()
                await process.wait()
            if isinstance(error, TimeoutError):
                raise self._failure(f"no answer within {GIT_SECONDS} s") from error
            raise
        if process.returncode != 0:
            lines = output.decode("utf-8", "replace").strip().splitlines()
            raise self._failure(lines[-1] if lines else f"git: exit status {process.returncode}")

    def _failure(self, cause: str) -> ArchiveError:
        shown = without_password(self.url)
        return ArchiveError("archive.git_failed", url=shown, cause=cause.replace(self.url, shown))


Source = DirectorySource | GitSource


def source_of(setting: str, clones: Path) -> Source:
    """The source that MATOME_ARCHIVE names: a directory, or git+URL with #branch after it."""
    if not setting.startswith(GIT_PREFIX):
        return DirectorySource(Path(setting).expanduser())
    url, _, branch = setting.removeprefix(GIT_PREFIX).partition("#")
    if not url or url.startswith("-") or branch.startswith("-"):
        raise ArchiveError("archive.bad_git_url", url=without_password(setting))
    return GitSource(url, branch or None, clones)


def without_password(url: str) -> str:
    """An address without what stands before its host."""
    parts = urlsplit(url)
    if parts.password is None and (parts.username is None or parts.scheme == "ssh"):
        return url
    return urlunsplit(parts._replace(netloc=re.sub(r"^.*@", "", parts.netloc)))

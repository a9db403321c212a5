"""Where an archive lies: a directory, or a git repository that is kept as a shallow clone."""

import asyncio
import os
import re
import shutil
import stat
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from signal import SIGKILL
from urllib.parse import urlsplit

from bot.archive.beneath import open_beneath
from bot.archive.credentials import address_of, secrets_of, without_password
from bot.archive.reading import slug_of
from bot.errors import ArchiveError

GIT_PREFIX = "git+"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
GIT_SECONDS = 600

_CONFIGS = ("hugo.toml", "config.toml", "config/_default/hugo.toml", "config/_default/config.toml")
# What is longer is no configuration.
_MOST_OF_CONFIG = 2**20
# Where posts are looked for, the likeliest place first.
_STARTS = ("content/posts", "content")
_SUFFIXES = (".md", ".txt")

# Tidying up is not left to a process in the background, which would not be alone in the clone.
_SETTINGS = ("-c", "gc.autoDetach=false", "-c", "maintenance.autoDetach=false")

# Git sets these for its hooks; from a hook they would turn our commands on the hook's repository.
_REPOSITORY_VARIABLES = frozenset(
    f"GIT_{name}"
    for name in (
        "ALTERNATE_OBJECT_DIRECTORIES", "COMMON_DIR", "CONFIG", "DIR", "GRAFT_FILE",
        "IMPLICIT_WORK_TREE", "INDEX_FILE", "INTERNAL_SUPER_PREFIX", "NAMESPACE",
        "NO_REPLACE_OBJECTS", "OBJECT_DIRECTORY", "PREFIX", "QUARANTINE_PATH", "REPLACE_REF_BASE",
        "SHALLOW_FILE", "WORK_TREE",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A file that may be a post; `path` is relative to the archive, with "/" between its parts.

    A name that is no UTF-8 cannot be kept nor shown: then `path` has its bytes written out.
    """

    path: str
    size: int
    mtime_ns: int
    has_bad_name: bool = False

    @property
    def slug(self) -> str:
        """The slug that the post in it has."""
        return slug_of(self.path)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that can be read: its directory, and why it could not be brought up to date.

    `committed_at` is when its last change was committed, in seconds since 1970; None where it is
    not under version control.
    """

    root: Path
    stale: ArchiveError | None = None
    committed_at: int | None = None

    def files(self) -> list[ArchiveFile]:
        """Every file that may be a post, sorted by path.

        Looks below content/posts, else content, else everywhere; passes over hidden files,
        symbolic links (as Hugo does), section pages (_index.md) and what lies beside an index.md.
        Raises ArchiveError where a directory cannot be read: what is in it is not gone.
        """
        start = next((part for part in _STARTS if self._has_directory(part)), "")
        try:
            return sorted(_walk(self.root, start), key=lambda file: file.path)
        except OSError as error:
            raise ArchiveError(
                "archive.unreadable", path=str(error.filename), cause=error.strerror or str(error)
            ) from error

    def base_url(self) -> str | None:
        """The site's address as Hugo's configuration has it, with a "/" at its end."""
        for name in _CONFIGS:
            try:
                config = tomllib.loads(self._config(name))
            except (OSError, ValueError, RecursionError):
                continue
            address = config.get("baseURL", config.get("baseurl"))
            if isinstance(address, str) and address.startswith(("http://", "https://")):
                return address.rstrip("/") + "/"
        return None

    def _has_directory(self, path: str) -> bool:
        """Whether a directory is there without a link on the way: one could lead anywhere."""
        parts = [self.root / path, *(self.root / path).parents]
        inside = parts[: len(PurePosixPath(path).parts)]
        return inside[0].is_dir() and not any(part.is_symlink() for part in inside)

    def _config(self, name: str) -> str:
        """A configuration's text. Raises OSError and ValueError, also for what is no such file."""
        with os.fdopen(open_beneath(self.root, name), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ValueError(name)
            return file.read(_MOST_OF_CONFIG).decode()


def _walk(root: Path, start: str) -> Iterator[ArchiveFile]:
    # Not recursive: directories may lie deeper in each other than Python's calls.
    waiting = [start]
    while waiting:
        prefix = waiting.pop()
        try:
            with os.scandir(root / prefix) as scanned:
                entries = [entry for entry in scanned if not entry.name.startswith(".")]
        except FileNotFoundError:
            if prefix == start:
                raise
            # Gone since its parent was listed.
            continue
        # In a directory with an index.md (a leaf bundle) the other files are parts of that post.
        bundle = any(
            entry.name == "index.md" and entry.is_file(follow_symlinks=False) for entry in entries
        )
        for entry in entries:
            path = f"{prefix}/{entry.name}" if prefix else entry.name
            if entry.is_dir(follow_symlinks=False):
                if not bundle:
                    waiting.append(path)
            elif entry.is_file(follow_symlinks=False):
                wanted = entry.name == "index.md" if bundle else entry.name.endswith(_SUFFIXES)
                if wanted and entry.name != "_index.md":
                    with suppress(FileNotFoundError):
                        yield _listed(path, entry.stat(follow_symlinks=False))


def _listed(path: str, status: os.stat_result) -> ArchiveFile:
    shown = os.fsencode(path).decode("utf-8", "backslashreplace")
    return ArchiveFile(shown, status.st_size, status.st_mtime_ns, has_bad_name=shown != path)


@dataclass(frozen=True, slots=True)
class DirectorySource:
    """An archive in a directory of this machine."""

    directory: Path

    @property
    def name(self) -> str:
        """What tells this archive from another."""
        return os.fsencode(self.directory.resolve()).decode("utf-8", "backslashreplace")

    async def update(self) -> Archive:
        """The archive as it is. Raises ArchiveError where the directory is none."""
        if not self.directory.exists():
            raise ArchiveError("archive.missing", path=str(self.directory))
        if not self.directory.is_dir():
            raise ArchiveError("archive.not_a_directory", path=str(self.directory))
        return Archive(self.directory)


@dataclass(frozen=True, slots=True)
class GitSource:
    """An archive in a git repository, cloned without its history below `clones`.

    There may be a password in `url`; `name` is for showing.
    """

    url: str = field(repr=False)
    branch: str | None
    clones: Path

    @property
    def name(self) -> str:
        """What tells this archive from another; never a password."""
        return f"{GIT_PREFIX}{without_password(self.url)}#{self.branch or ''}"

    @property
    def secrets(self) -> frozenset[str]:
        """What of the address nobody must see."""
        return frozenset(secrets_of(self.url))

    @property
    def directory(self) -> Path:
        """Where the clone lies."""
        digest = blake2b(f"{self.url}#{self.branch or ''}".encode(), digest_size=8).hexdigest()
        return self.clones / digest

    async def update(self) -> Archive:
        """Clone, or bring the clone up to date.

        An unreachable repository leaves what is there and says so in `stale`; raises ArchiveError
        only where there is no clone that could be used. The caller holds the sync's lock.
        """
        if not await self._is_sound():
            await self._clone()
            return Archive(self.directory, committed_at=await self._committed_at())
        await asyncio.to_thread(self._remove_locks)
        if self._address != self.url:
            # Clones of earlier versions have it whole.
            await self._git(*self._here, "config", "remote.origin.url", self._address)
        stale = None
        try:
            await self._git(
                *self._here,
                "fetch",
                "--quiet",
                "--no-tags",
                "--depth=1",
                "--",
                self._address,
                self.branch or "HEAD",
            )
        except ArchiveError as error:
            stale = error
        # Also where nothing came: a run that was killed may have left the files half-way between
        # two commits. A failure here is no reason to go on with what may be a part of the files.
        await self._git(
            *self._here, "reset", "--quiet", "--hard", "HEAD" if stale else "FETCH_HEAD"
        )
        await self._git(*self._here, "clean", "--quiet", "-ffdx")
        return Archive(self.directory, stale, await self._committed_at())

    @property
    def _address(self) -> str:
        """The address as it may be seen: in the list of processes, and in the clone."""
        return address_of(self.url, {}).url

    async def _committed_at(self) -> int:
        """When the commit that is checked out was made, in seconds since 1970."""
        return int(await self._git(*self._here, "log", "-1", "--format=%ct"))

    @property
    def _here(self) -> tuple[str, ...]:
        """Options that name the clone, for git would else look for a repository around it."""
        return (
            "-C", str(self.directory), f"--git-dir={self.directory.absolute() / '.git'}",
            f"--work-tree={self.directory.absolute()}",
        )  # fmt: skip

    async def _is_sound(self) -> bool:
        """Whether there is a clone with a commit that can be checked out."""
        if not await asyncio.to_thread((self.directory / ".git").is_dir):
            return False
        try:
            await self._git(*self._here, "rev-parse", "--quiet", "--verify", "HEAD^{tree}")
        except ArchiveError as error:
            if error.key != "archive.git_failed":
                raise
            return False
        return True

    async def _clone(self) -> None:
        unfinished = self.directory.with_suffix(".unfinished")
        try:
            await asyncio.to_thread(self.clones.mkdir, parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            cause = error.strerror or str(error)
            raise ArchiveError(
                "archive.data_directory", path=str(self.clones), cause=cause
            ) from error
        await asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True)
        branch = ["--branch", self.branch] if self.branch else []
        await self._git(
            "clone",
            "--quiet",
            "--no-tags",
            "--depth=1",
            "--single-branch",
            *branch,
            "--",
            self._address,
            str(unfinished),
        )
        # A clone that was killed half-way never gets its name; one that was damaged gives it up.
        await asyncio.to_thread(shutil.rmtree, self.directory, ignore_errors=True)
        await asyncio.to_thread(unfinished.rename, self.directory)

    def _remove_locks(self) -> None:
        """Remove what a git that was killed left; no other one is at work here."""
        for lock in (self.directory / ".git").rglob("*.lock"):
            lock.unlink(missing_ok=True)

    async def _git(self, *arguments: str) -> str:
        """Run git; what it says. Raises ArchiveError."""
        inherited = {
            name: value for name, value in os.environ.items() if name not in _REPOSITORY_VARIABLES
        }
        environment = {
            **inherited,
            **address_of(self.url, inherited).environment,
            "GIT_TERMINAL_PROMPT": "0",
            # No remote helper may run a command of the address's choosing.
            "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
            "LC_ALL": "C",
        }
        try:
            process = await asyncio.create_subprocess_exec(
                "git",
                *_SETTINGS,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
                # Without a terminal ssh cannot stop to ask; and its own group ends with git.
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise ArchiveError("archive.no_git") from error
        except ValueError as error:
            raise self._failure(str(error)) from error
        try:
            async with asyncio.timeout(GIT_SECONDS):
                said, complaints = await process.communicate()
        except BaseException as error:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, SIGKILL)
                await process.wait()
            if isinstance(error, TimeoutError):
                raise self._failure(f"no answer within {GIT_SECONDS} s") from error
            raise
        if process.returncode != 0:
            cause = _complaint(complaints.decode("utf-8", "replace"))
            raise self._failure(cause or f"git: exit status {process.returncode}")
        return said.decode("utf-8", "replace")

    def _failure(self, cause: str) -> ArchiveError:
        shown = without_password(self.url)
        cause = cause.replace(self.url, shown)
        for secret in self.secrets:
            cause = cause.replace(secret, "***")
        return ArchiveError("archive.git_failed", url=shown, cause=cause)


Source = DirectorySource | GitSource


def source_of(setting: str, clones: Path) -> Source:
    """The source that MATOME_ARCHIVE names: a directory, or git+URL with #branch after it."""
    if not setting.startswith(GIT_PREFIX):
        if _ADDRESS.match(setting):
            raise ArchiveError("archive.bad_git_url", url=without_password(setting))
        try:
            return DirectorySource(Path(setting).expanduser())
        except RuntimeError:
            # "~somebody" whom this machine does not know.
            return DirectorySource(Path(setting))
    url, _, branch = setting.removeprefix(GIT_PREFIX).partition("#")
    try:
        urlsplit(url)
    except ValueError as error:
        raise ArchiveError("archive.bad_git_url", url=without_password(setting)) from error
    if not url or url.startswith("-") or branch.startswith("-"):
        raise ArchiveError("archive.bad_git_url", url=without_password(setting))
    return GitSource(url, branch or None, clones)


def _complaint(output: str) -> str:
    """What git said up to its first fatal error; general advice follows after that."""
    said: list[str] = []
    for line in output.split("\n"):
        if line.strip() and not line.startswith(("Cloning into", "warning:")):
            said.append(line.strip())
        if line.startswith("fatal:"):
            break
    return "; ".join(said)[:500]

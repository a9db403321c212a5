"""An archive in a git repository that is kept as a shallow clone."""

import asyncio
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from signal import SIGKILL

from bot.archive.credentials import address_of, secrets_of, without_password
from bot.archive.files import Archive
from bot.errors import ArchiveError

GIT_PREFIX = "git+"
GIT_SECONDS = 600

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
        return f"{GIT_PREFIX}{self._place}"

    @property
    def secrets(self) -> frozenset[str]:
        """What of the address nobody must see."""
        return frozenset(secrets_of(self.url))

    @property
    def directory(self) -> Path:
        """Where the clone lies: it stays there when the password is changed."""
        return self.clones / _directory_name(self._place)

    @property
    def _place(self) -> str:
        return f"{without_password(self.url)}#{self.branch or ''}"

    async def update(self) -> Archive:
        """Clone, or bring the clone up to date.

        An unreachable repository leaves what is there and says so in `stale`; raises ArchiveError
        only where there is no clone that could be used. The caller holds the sync's lock.
        """
        await asyncio.to_thread(self._take_over)
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

    def _take_over(self) -> None:
        """Rename the clone of an earlier version, whose directory depends on the password."""
        former = self.clones / _directory_name(f"{self.url}#{self.branch or ''}")
        if former.is_dir() and not self.directory.exists():
            # Where that cannot be, cloning says why.
            with suppress(OSError):
                former.rename(self.directory)

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


def _directory_name(place: str) -> str:
    return blake2b(place.encode(), digest_size=8).hexdigest()


def _complaint(output: str) -> str:
    """What git said up to its first fatal error; general advice follows after that."""
    said: list[str] = []
    for line in output.split("\n"):
        if line.strip() and not line.startswith(("Cloning into", "warning:")):
            said.append(line.strip())
        if line.startswith("fatal:"):
            break
    return "; ".join(said)[:500]

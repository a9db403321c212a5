"""An archive that lies in a directory: which of its files may be posts, and whose site it is."""

import os
import stat
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.archive.beneath import open_beneath
from bot.archive.reading import slug_of
from bot.errors import ArchiveError

_CONFIGS = ("hugo.toml", "config.toml", "config/_default/hugo.toml", "config/_default/config.toml")
# What is longer is no configuration.
_MOST_OF_CONFIG = 2**20
# Where posts are looked for, the likeliest place first.
_STARTS = ("content/posts", "content")
_SUFFIXES = (".md", ".txt")


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

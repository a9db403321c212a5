"""Where an archive lies, as MATOME_ARCHIVE names it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bot.archive.credentials import without_password
from bot.archive.files import Archive
from bot.archive.git import GIT_PREFIX, GitSource
from bot.errors import ArchiveError

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


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

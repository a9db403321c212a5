"""The pictures of an archive, where Hugo and its themes look for what a post names."""

import asyncio
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.archive.beneath import open_beneath
from bot.ports import Picture

# A larger one is no thumbnail, and platforms take little more.
MAX_PICTURE_BYTES = 8 * 1024 * 1024

# The directories whose content Hugo publishes, or gives to its templates.
_SHARED = ("assets", "static")
# How a file begins that browsers show, and what such files are called.
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)
_LONGEST_BEGINNING = 12


@dataclass(frozen=True, slots=True)
class ArchivePictures:
    """The pictures below a directory, which may be a clone that is not there yet.

    Only ordinary files of an ordinary kind are pictures; links are not followed.
    """

    root: Path

    async def find(self, post: str, name: str) -> str | None:
        """The path of the picture that a post (by its path) names; None where there is none."""
        return await asyncio.to_thread(self._find, post, name)

    async def read(self, path: str) -> Picture | None:
        """A picture by its path; None where there is none any more."""
        return await asyncio.to_thread(self._read, path)

    def _find(self, post: str, name: str) -> str | None:
        return next(
            (path for path in places(post, name) if self._content(path, _LONGEST_BEGINNING)), None
        )

    def _read(self, path: str) -> Picture | None:
        data = self._content(path, MAX_PICTURE_BYTES)
        kind = kind_of(data)
        return None if kind is None else Picture(kind, data)

    def _content(self, path: str, most: int) -> bytes:
        """The first bytes of a picture; none where it is not one."""
        try:
            data = self._beginning(path, most)
        except (OSError, ValueError):
            # ValueError: a name that no file can have.
            return b""
        return data if kind_of(data) is not None else b""

    def _beginning(self, path: str, most: int) -> bytes:
        """The first bytes of an ordinary file that is not too large."""
        opened = open_beneath(self.root, _without_ways_out(path))
        try:
            status = os.fstat(opened)
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_PICTURE_BYTES:
                return b""
            with open(opened, "rb", closefd=False) as file:
                return file.read(most)
        finally:
            os.close(opened)


def places(post: str, name: str) -> Iterator[str]:
    """Where a picture may lie that a post names, the likeliest first.

    Beside the post if that has a directory of its own; else below `assets` or `static`, where a
    name may begin with a "/" that stands for the site.
    """
    beside, _, page = post.rpartition("/")
    if page == "index.md" and not name.startswith("/"):
        yield f"{beside}/{name}" if beside else name
    for directory in _SHARED:
        yield f"{directory}/{name.removeprefix('/')}"


def kind_of(data: bytes) -> str | None:
    """The kind of a picture by its first bytes, None for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((kind for beginning, kind in _BEGINNINGS if data.startswith(beginning)), None)


def _without_ways_out(path: str) -> str:
    """A path as it is. Raises ValueError for a way out, or to what is hidden."""
    if any(not step or step.startswith(".") for step in path.split("/")):
        raise ValueError(path)
    return path

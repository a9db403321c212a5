"""What the figures share: the archive, a temporary directory, the index and its comments."""

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.processes import Usage, run
from bot.search.text import normalise
from storage.index.database import FILE_NAME
from storage.index.reader import open_reader

PROJECT = Path(__file__).resolve().parent.parent
MATOME = (sys.executable, "-m", "bot")


@dataclass(frozen=True, slots=True)
class Entry:
    """A comment with what queries are made of; `text` and `title_text` are normalised."""

    slug: str
    number: int
    user: str
    body: str
    text: str
    title: str
    title_text: str
    tags: tuple[str, ...]


class Bench:
    """The ground of all figures; what takes time is made once, when it is first asked for."""

    def __init__(
        self, archive: Path, temporary: Path, quick: bool, say: Callable[[str], None]
    ) -> None:
        self.archive = archive.resolve()
        self.temporary = temporary
        self.quick = quick
        self.say = say

    def environment(self, data: Path) -> dict[str, str]:
        """The variables for our own commands, with nothing left of the operator's settings."""
        others = {k: v for k, v in os.environ.items() if not k.startswith("MATOME_")}
        return others | {"MATOME_ARCHIVE": str(self.archive), "MATOME_DATA": str(data)}

    def sync(self, data: Path) -> Usage:
        """Run `matome sync` as a process of its own."""
        return run((*MATOME, "sync"), self.environment(data), PROJECT)

    @cached_property
    def data(self) -> Path:
        """A data directory with an index of the archive."""
        data = self.temporary / "data"
        self.say("syncing the archive")
        self.sync(data)
        return data

    @property
    def index(self) -> Path:
        """The index's file."""
        return self.data / FILE_NAME

    @cached_property
    def entries(self) -> list[Entry]:
        """Every comment that is served, in the order of the index's export."""
        return asyncio.run(_entries(self.index))


async def _entries(index: Path) -> list[Entry]:
    entries: list[Entry] = []
    async with open_reader(index) as reader:
        async for post in reader.export():
            if post.draft:
                continue
            title_text = normalise(post.title)
            entries += [
                Entry(
                    slug=post.slug,
                    number=comment.number,
                    user=comment.user,
                    body=comment.body,
                    text=normalise(comment.body),
                    title=post.title,
                    title_text=title_text,
                    tags=post.tags,
                )
                for comment in post.comments
            ]
    return entries

"""An archive in which posts come, change and go."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from random import Random

# Between two changes, in seconds; and how many posts that came may be there.
EVERY = 10.0
MOST = 60

_DATE = re.compile(r"^date = .*$", re.MULTILINE)
_TITLE = re.compile(r"^title = '(.*)'$", re.MULTILINE)


class Changing:
    """A copy of an archive; `changes` counts what was done to it."""

    def __init__(self, directory: Path, random: Random) -> None:
        self._random = random
        posts = directory / "content" / "posts"
        self._there = sorted(posts.rglob("index.md"))
        self._new = posts / "soak"
        self._came: list[Path] = []
        self._number = 0
        self.changes = 0

    async def keep_changing(self) -> None:
        """Add, change and remove posts until cancelled."""
        ways = (self._add, self._change, self._change, self._change_old, self._remove)
        while True:
            self._random.choice(ways if self._came else (self._add,))()
            self.changes += 1
            await asyncio.sleep(EVERY)

    def _add(self) -> None:
        if len(self._came) >= MOST:
            self._remove()
        text = self._random.choice(self._there).read_text("utf-8")
        self._number += 1
        file = self._new / f"post_{self._number}" / "index.md"
        file.parent.mkdir(parents=True)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        file.write_text(_DATE.sub(f"date = '{now}'", text, count=1), "utf-8")
        self._came.append(file)

    def _change(self) -> None:
        self._retitle(self._random.choice(self._came))

    def _change_old(self) -> None:
        self._retitle(self._random.choice(self._there))

    def _retitle(self, file: Path) -> None:
        text = file.read_text("utf-8")
        changed = _TITLE.sub(rf"title = '\1 改{self.changes}'", text, count=1)
        # Whole or not at all, as who publishes a blog would.
        beside = file.with_suffix(".part")
        beside.write_text(re.sub(r"( 改\d+)+(?= 改)", "", changed, count=1), "utf-8")
        beside.replace(file)

    def _remove(self) -> None:
        file = self._came.pop(self._random.randrange(len(self._came)))
        file.unlink()
        file.parent.rmdir()

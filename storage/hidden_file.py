"""What was hidden, in a file beside the index: JSON, the numbers of comments by the post's key."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from structlog.stdlib import get_logger

from bot.stores import Hidden

FILE_NAME = "hidden.json"

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HiddenFile:
    """A file that is there as soon as anything was hidden."""

    path: Path

    async def load(self) -> Hidden:
        """What was kept last; nothing where nothing was, or it cannot be read."""
        try:
            return await asyncio.to_thread(self._load)
        except (OSError, ValueError) as error:
            _log.warning("what was kept as hidden cannot be read", path=str(self.path), cause=error)
            return {}

    async def save(self, hidden: Hidden) -> None:
        """Keep it, if it is not what is kept. Raises OSError."""
        await asyncio.to_thread(self._save, hidden)

    def _load(self) -> Hidden:
        kept = self._bytes()
        return {} if kept is None else _read(kept)

    def _save(self, hidden: Hidden) -> None:
        rows = {post: sorted(hidden[post]) for post in sorted(hidden)}
        new, kept = json.dumps(rows).encode(), self._bytes()
        if kept == new or (kept is None and not hidden):
            return
        # Whole or not at all, whoever else writes it.
        with NamedTemporaryFile(dir=self.path.parent, prefix=FILE_NAME, delete=False) as file:
            written = Path(file.name)
            try:
                file.write(new)
                file.close()
                written.replace(self.path)
            except OSError:
                written.unlink(missing_ok=True)
                raise

    def _bytes(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None


def _read(kept: bytes) -> Hidden:
    """Raises ValueError where it is something else."""
    found = json.loads(kept)
    if not isinstance(found, Mapping) or not all(map(_is_numbers, found.values())):
        raise ValueError("no numbers of comments by posts")
    return {post: frozenset(numbers) for post, numbers in found.items()}


def _is_numbers(value: object) -> bool:
    return isinstance(value, list) and all(type(number) is int for number in value)

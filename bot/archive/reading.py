"""From a file's bytes to a post: which of the two formats it is, and what is said of its faults."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath

from bot.errors import PostRefused
from bot.model import Post

# Raised whenever a reader's result changes, so that every index is read anew.
READER_VERSION = 2

# The largest real post has 90 kB.
MAX_FILE_BYTES = 4 * 1024 * 1024

# A post's own document and its comments share one block of the index.
MAX_COMMENTS = 10_000

_ITEM = re.compile(r"https?://news\.ycombinator\.com/item\?(?:[^#\s]*&)?id=([0-9]{1,18})(?![0-9])")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something unimportant that a file lacks: where first, and how many times."""

    key: str
    line: int | None
    count: int = 1


@dataclass(slots=True)
class Findings:
    """The findings of one file while it is read, one for each kind."""

    by_key: dict[str, Finding] = field(default_factory=dict)

    def add(self, key: str, line: int | None = None) -> None:
        first = self.by_key.get(key)
        self.by_key[key] = (
            Finding(key, line) if first is None else Finding(key, first.line, first.count + 1)
        )


@dataclass(frozen=True, slots=True)
class ReadPost:
    """A post as read; `rendered` tells a page's text from the raw post, which wins over it."""

    post: Post
    rendered: bool
    findings: tuple[Finding, ...]


def slug_of(path: str) -> str:
    """A post's slug by its path: the directory of an index.md, else the file's name."""
    pure = PurePosixPath(path)
    return pure.parent.name if pure.name == "index.md" and pure.parent.name else pure.stem


def decode(data: bytes) -> str:
    """The text of a file; raises PostRefused for what is too large, or is not UTF-8."""
    if len(data) > MAX_FILE_BYTES:
        raise PostRefused("refused.too_large", bytes=len(data), limit=MAX_FILE_BYTES)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PostRefused("refused.not_utf8", line, byte=f"0x{data[error.start]:02x}") from error


def item_id(url: str | None) -> int | None:
    """The number of a Hacker News discussion in its address."""
    found = _ITEM.match(url) if url else None
    return int(found[1]) if found else None


def timestamp(text: str) -> datetime | None:
    """A comment's time, `2025/06/01 18:59:45` or ISO 8601, in UTC; None where it is neither."""
    try:
        parsed = datetime.fromisoformat(text.replace("/", "-"))
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        # The latter is of a zone that leads out of the years 1 to 9999.
        return None


def colour(text: str) -> str | None:
    """A highlight as "#rrggbb" in lower case; None where it is no such colour."""
    return text.lower() if _COLOUR.fullmatch(text) else None

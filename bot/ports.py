"""What the core asks of the outside, as protocols; storage and the adapters stand behind them."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol, TypeVar

from bot.model import MonthCount, Post, PostSummary, TagCount

Answer = TypeVar("Answer")


class Candidate(NamedTuple):
    """A comment or a post that may match, with what verifying and ranking need of it.

    Of a post `id` equals `post_id`, `text` is its title and `tags` has the keys of its tags, one a
    line. `created_at` is in seconds since 1970 UTC, `day` the post's day as YYYY-MM-DD.
    """

    id: int
    post_id: int
    text: str
    user: str | None
    created_at: int | None
    highlighted: bool
    title: str
    day: str
    slug: str
    path: str
    tags: str | None


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of the index: expressions for comments and for posts, None for neither.

    An empty expression asks for every comment. Days are half open and only roughly kept, since the
    index knows no more than where the days lie; ids are below the given ones.
    """

    comments: str | None = None
    posts: str | None = None
    after: date | None = None
    before: date | None = None
    comments_below: int | None = None
    posts_below: int | None = None


class FileRecord(NamedTuple):
    """What the index knows of a file of the archive, as it was when it was last looked at.

    `state` is "post", "superseded" (a rendered page whose raw post is there too) or "refused", then
    with the `reason` as {"key", "line", "details"}.
    """

    path: str
    size: int
    mtime_ns: int
    digest: bytes
    slug: str
    rendered: bool
    state: str
    reason: dict[str, Any] | None


class WriteCounts(NamedTuple):
    """How many posts a batch added, changed and removed."""

    added: int
    changed: int
    removed: int


class ArchiveIndex(Protocol):
    """What a sync asks of the index it fills; `Prepared` is the index's own form of a post."""

    async def prepare_tables(self, *, rebuild: bool, keep_refused: bool = True) -> bool: ...

    async def restore_refused(self) -> None: ...

    async def finish(self) -> None: ...

    async def is_disordered(self) -> bool: ...

    async def accept_order(self) -> None: ...

    async def dates(self) -> Mapping[str, str]: ...

    async def files(self) -> Mapping[str, FileRecord]: ...

    async def meta(self, key: str) -> str | None: ...

    async def set_meta(self, key: str, value: str) -> None: ...

    async def page_context(self) -> tuple[Collection[str], str]: ...

    async def superseded(self, posts: Sequence[Any]) -> set[str]: ...

    async def apply(
        self,
        posts: Sequence[Any],
        files: Iterable[FileRecord],
        removed: Collection[str] = (),
        forgotten: Collection[str] = (),
    ) -> WriteCounts: ...


class Snapshot(Protocol):
    """What search asks of the index as of one moment; candidates of a kind come newest first."""

    def candidates(self, ask: Ask, limit: int) -> Sequence[Candidate]: ...

    def has(self, expression: str) -> bool: ...

    def has_longer_word(self, beginning: str) -> bool: ...

    def similar_words(self, word: str) -> Sequence[tuple[str, int]]: ...

    def tag_names(self) -> Mapping[str, str]: ...


class SearchIndex(Protocol):
    """An index that can be searched: `work` runs where the index is at hand, off the event loop."""

    async def on_snapshot(self, work: Callable[[Snapshot], Answer]) -> Answer: ...


class Index(SearchIndex, Protocol):
    """What the chat core asks of the index; drafts are not served, only exported."""

    async def count_posts(self) -> int: ...

    async def newest(self, limit: int, offset: int = 0) -> Sequence[PostSummary]: ...

    async def tagged(self, key: str, limit: int, offset: int = 0) -> Sequence[PostSummary]: ...

    async def tag(self, key: str) -> TagCount | None: ...

    async def tags(self, since: date | None, limit: int) -> Sequence[TagCount]: ...

    async def count_mentioning(self, expression: str) -> int: ...

    async def months(self) -> Sequence[MonthCount]: ...

    async def in_month(self, month: str) -> Sequence[PostSummary]: ...

    async def nth(self, number: int) -> PostSummary | None: ...

    async def by_item(self, item_id: int) -> Sequence[PostSummary]: ...

    async def by_slug(self, slug: str) -> PostSummary | None: ...

    async def related(self, slug: str, limit: int) -> Sequence[PostSummary]: ...

    async def post(self, slug: str) -> Post | None: ...

    def export(self) -> AsyncIterator[Post]: ...

"""What the core asks of the outside, as protocols; storage and the adapters stand behind them."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

from bot.model import MonthCount, Post, PostSummary, TagCount
from bot.view import Limits, Posting

Answer = TypeVar("Answer")


class Candidate(NamedTuple):
    """A comment or a post that may match, with what verifying and ranking need of it.

    Of a post `id` equals `post_id`, `text` is its title and `tags` has the keys of its tags, one a
    line. `created_at` is in seconds since 1970 UTC, `colour` 0xRRGGBB of a
    highlight, `day` the post's day as YYYY-MM-DD.
    """

    id: int
    post_id: int
    text: str
    user: str | None
    created_at: int | None
    colour: int | None
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

    async def note_revision(self, archive: str, revision: int) -> None: ...

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
    """What search asks of the index as of one moment; candidates of a kind come newest first.

    A tag's key is its normalised name.
    """

    def candidates(self, ask: Ask, limit: int) -> Sequence[Candidate]: ...

    def has(self, expression: str) -> bool: ...

    def has_longer_word(self, beginning: str) -> bool: ...

    def similar_words(self, word: str) -> Sequence[tuple[str, int]]: ...

    def tags(self, since: date | None = None) -> Mapping[str, TagCount]:
        """Every tag (of the posts since a day) by its key, the most used first."""
        ...

    def tag(self, key: str) -> TagCount | None: ...

    def tagged(self, key: str, limit: int, offset: int = 0) -> Sequence[PostSummary]:
        """The posts of a tag, newest first."""
        ...

    def count_mentioning(
        self, expression: str, without: Mapping[str, Collection[int]] | None = None
    ) -> int:
        """How many posts have comments that an index expression finds.

        Of the posts of `without` (by their keys) the comments with these numbers do not count, 0
        stands for all of them.
        """
        ...


class SearchIndex(Protocol):
    """An index that can be searched: `work` runs where the index is at hand, off the event loop."""

    async def on_snapshot(self, work: Callable[[Snapshot], Answer]) -> Answer: ...


class Index(SearchIndex, Protocol):
    """What the chat core asks of the index; drafts are not served, only exported.

    A post's `key` is that of `bot.model.post_key`, a tag's its normalised name.
    """

    async def count_posts(self) -> int: ...

    async def newest(self, limit: int, offset: int = 0) -> Sequence[PostSummary]: ...

    async def tags(self, since: date | None, limit: int) -> Sequence[TagCount]: ...

    async def months(self) -> Sequence[MonthCount]: ...

    async def in_month(self, month: str) -> Sequence[PostSummary]: ...

    async def nth(self, number: int) -> PostSummary | None: ...

    async def by_item(self, item_id: int) -> Sequence[PostSummary]: ...

    async def by_slug(self, slug: str) -> PostSummary | None: ...

    async def by_key(self, key: str) -> PostSummary | None: ...

    async def by_keys(self, keys: Collection[str]) -> Sequence[PostSummary]:
        """The posts with these keys that are there, newest first."""
        ...

    async def versions(self) -> Mapping[str, str]:
        """Of every post that is served its key and which version of it the index holds.

        A version is that of the parsed post, "FORMAT:HASH": of two of one format, equal ones are
        the same.
        """
        ...

    async def versions_of(self, keys: Collection[str]) -> Mapping[str, str]:
        """The versions of the posts with these keys that are served."""
        ...

    async def revision(self) -> int:
        """How new the archive is that the index was made of, in seconds since 1970 (UTC).

        It never goes back as long as the index is of one archive.
        """
        ...

    async def related(self, key: str, limit: int) -> Sequence[PostSummary]: ...

    async def post(self, key: str) -> Post | None: ...

    async def post_with_choice(self, key: str) -> tuple[Post, Sequence[int]] | None:
        """A post with the numbers of its comments that are worth reading, best first."""
        ...

    def export(self) -> AsyncIterator[Post]: ...


class Picture(NamedTuple):
    """A picture as it lies in the archive; `kind` is "png", "jpg", "gif" or "webp"."""

    kind: str
    data: bytes


class Pictures(Protocol):
    """The pictures of the archive, none of them larger than 8 MiB."""

    async def find(self, post: str, name: str) -> str | None:
        """The path of the picture that a post (by its path) names; None where there is none."""
        ...

    async def read(self, path: str) -> Picture | None:
        """A picture by its path; None where there is none any more."""
        ...


class CodeStore(Protocol):
    """Where the payloads of button codes are kept that are too long for a button."""

    async def keep(self, payloads: Mapping[str, str], until: datetime) -> None:
        """Keep payloads under their keys until a time (UTC); one that is kept already, longer."""
        ...

    async def payload(self, key: str, now: datetime) -> str | None:
        """What is kept under a key, None where nothing is or its time is over (UTC)."""
        ...


class Pace(NamedTuple):
    """How fast a platform may be asked: requests a second, and seconds between two messages of a
    channel (0 where nothing limits a channel of its own)."""

    per_second: float
    channel_seconds: float = 0.0

    @property
    def interval(self) -> timedelta:
        """Between two requests: 4% more, so that one that leaves a little late does no harm."""
        return timedelta(seconds=1 / (0.96 * self.per_second))


class Platform(Protocol):
    """One place where people talk, as whatever speaks unasked sees it.

    Targets (a channel, a thread, a person's direct messages), references (a message) and persons
    are named by strings in the platform's own form, which only the platform reads. What it does
    not take raises TargetGone, Forbidden or TryLater.
    """

    @property
    def name(self) -> str:
        """The platform's name in settings, states and logs, such as "discord"."""
        ...

    @property
    def limits(self) -> Limits:
        """What one message can hold."""
        ...

    @property
    def pace(self) -> Pace:
        """How fast it may be asked, as it says itself; it is kept with a margin."""
        ...

    def channel(self, target: str) -> str:
        """What a target counts to where messages of one channel are limited."""
        ...

    async def workspace(self, target: str) -> str | None:
        """The server or workspace of a target, None for direct messages. Raises TargetGone."""
        ...

    async def address(self, target: str) -> str | None:
        """Where a browser or the app opens a target, such as a thread; None where nothing can."""
        ...

    async def post(self, target: str, posting: Posting, key: str) -> str:
        """Post a message that can be found by `key` again; returns its reference."""
        ...

    async def edit(self, reference: str, posting: Posting) -> None:
        """Replace what a message shows."""
        ...

    async def thread(self, reference: str, title: str) -> str:
        """Open a thread under a message, or find the one that is there; returns its target."""
        ...

    async def publish(self, reference: str) -> None:
        """Pass a message of an announcement channel on to those that follow it."""
        ...

    async def find(self, target: str, key: str, since: datetime) -> str | None:
        """The message that was posted with a key since a time (UTC), if it arrived.

        Forbidden says only that it cannot be looked for.
        """
        ...

    async def may_manage(self, target: str, person: str) -> bool:
        """Whether a person may decide what is posted there."""
        ...

    async def can_post(self, target: str) -> Sequence[str]:
        """The rights that posting there lacks, by the platform's own names; empty where none."""
        ...

    async def can_thread(self, target: str) -> Sequence[str]:
        """The rights that are missing to open a thread there and to post into it."""
        ...

    async def open_dm(self, person: str) -> str:
        """The target of a person's direct messages."""
        ...

    async def whom_to_tell(self, target: str) -> Sequence[str]:
        """Who manages a target: the persons to tell when it fails, the first one first."""
        ...

"""The index without what was taken down.

The index itself and what is exported from it stay as the archive is, and so do the versions of
posts: whether one is new or corrected is a matter of the archive.
"""

from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

from bot.model import MonthCount, Post, PostSummary, TagCount, post_key
from bot.ports import Answer, Ask, Candidate, Index, Snapshot
from bot.search.expression import all_of
from bot.search.text import normalise
from bot.search.tokens import tag_key, tokens
from bot.stores import WHOLE, Hidden, Outbox
from bot.taken_down import TakenDown

# A platform that is away for longer keeps what was taken down.
SHOWN_ANEW_WITHIN = timedelta(days=30)

# How many comments are looked at to see whether a word is in one that is shown.
_LOOKED_AT = 64


async def show_anew(outbox: Outbox, posts: Collection[str], now: datetime) -> int:
    """Let every message be made anew that shows something of posts, whatever its age; how many.

    Also those that are being sent, since these may have been composed before.
    """
    keys = {key for post in posts for key in await outbox.showing(post, None)}
    await outbox.refresh(keys, now, now + SHOWN_ANEW_WITHIN)
    return len(keys)


class ShownIndex:
    """An index without the posts and comments that were taken down; comments keep their numbers.

    As long as nothing is hidden it asks no more than the index itself.
    """

    def __init__(self, index: Index, taken_down: TakenDown) -> None:
        self._index = index
        self._taken_down = taken_down

    async def on_snapshot(self, work: Callable[[Snapshot], Answer]) -> Answer:
        """Do some work with what is shown as of one moment."""
        hidden = await self._taken_down.hidden()
        if not hidden:
            return await self._index.on_snapshot(work)
        gone = await self._hidden_posts(hidden)
        return await self._index.on_snapshot(
            lambda snapshot: work(_ShownSnapshot(snapshot, hidden, gone))
        )

    async def count_posts(self) -> int:
        """How many posts are shown."""
        gone = await self._hidden_posts(await self._taken_down.hidden())
        return await self._index.count_posts() - len(gone)

    async def newest(self, limit: int, offset: int = 0) -> Sequence[PostSummary]:
        """The newest posts."""
        return await self._window(self._index.newest, limit, offset)

    async def tags(self, since: date | None, limit: int) -> Sequence[TagCount]:
        """The most used tags (of the posts since a day), the most used first."""
        return await self.on_snapshot(lambda snapshot: [*snapshot.tags(since).values()][:limit])

    async def months(self) -> Sequence[MonthCount]:
        """The months that have posts, newest first."""
        gone = await self._hidden_posts(await self._taken_down.hidden())
        less = Counter(post.date.strftime("%Y-%m") for post in gone)
        months = await self._index.months()
        left = [replace(month, posts=month.posts - less[month.month]) for month in months]
        return [month for month in left if month.posts]

    async def in_month(self, month: str) -> Sequence[PostSummary]:
        """The posts of a month ("2025-06"), newest first."""
        return await self._shown(await self._index.in_month(month))

    async def nth(self, number: int) -> PostSummary | None:
        """The post at a place, counted from 0; a hidden one gives its place to one of the last."""
        found = await self._index.nth(number)
        hidden = await self._taken_down.hidden()
        if found is None or not _is_hidden(hidden, found.key):
            return None if found is None else _summary(found, hidden)
        count = await self._index.count_posts()
        for other in range(count - 1, number, -1):
            found = await self._index.nth(other)
            if found is not None and not _is_hidden(hidden, found.key):
                return _summary(found, hidden)
        return None

    async def by_item(self, item_id: int) -> Sequence[PostSummary]:
        """The posts about a Hacker News discussion."""
        return await self._shown(await self._index.by_item(item_id))

    async def by_slug(self, slug: str) -> PostSummary | None:
        """The post with a slug."""
        return await self._one(await self._index.by_slug(slug))

    async def by_key(self, key: str) -> PostSummary | None:
        """The post with a key."""
        return await self._one(await self._index.by_key(key))

    async def by_keys(self, keys: Collection[str]) -> Sequence[PostSummary]:
        """The posts with these keys that are shown, newest first."""
        return await self._shown(await self._index.by_keys(keys))

    async def versions(self) -> Mapping[str, str]:
        """As the index has them, whatever is hidden."""
        return await self._index.versions()

    async def versions_of(self, keys: Collection[str]) -> Mapping[str, str]:
        """As the index has them, whatever is hidden."""
        return await self._index.versions_of(keys)

    async def revision(self) -> int:
        """How new the archive is that the index was made of, in seconds since 1970 (UTC)."""
        return await self._index.revision()

    async def related(self, key: str, limit: int) -> Sequence[PostSummary]:
        """The posts that are most like the one with a key, best first."""
        hidden = await self._taken_down.hidden()
        if _is_hidden(hidden, key):
            return []
        return (await self._shown(await self._index.related(key, limit + len(hidden))))[:limit]

    async def post(self, key: str) -> Post | None:
        """A whole post without what of it is hidden."""
        found = await self._index.post(key)
        return None if found is None else shown_post(found, await self._taken_down.hidden())

    async def post_with_choice(self, key: str) -> tuple[Post, Sequence[int]] | None:
        """The same with the numbers of its comments that are worth reading, best first."""
        found = await self._index.post_with_choice(key)
        if found is None:
            return None
        post, chosen = found
        hidden = await self._taken_down.hidden()
        shown = shown_post(post, hidden)
        numbers = hidden.get(key, frozenset())
        return None if shown is None else (shown, [n for n in chosen if n not in numbers])

    def export(self) -> AsyncIterator[Post]:
        """Every post as it is in the archive."""
        return self._index.export()

    async def _hidden_posts(self, hidden: Hidden) -> Sequence[PostSummary]:
        """The posts of the index of which all is hidden."""
        keys = [key for key in hidden if _is_hidden(hidden, key)]
        return await self._index.by_keys(keys) if keys else ()

    async def _window(
        self,
        read: Callable[[int, int], Awaitable[Sequence[PostSummary]]],
        limit: int,
        offset: int,
    ) -> Sequence[PostSummary]:
        hidden = await self._taken_down.hidden()
        if not hidden:
            return await read(limit, offset)
        # From the first on, since any of those before may be hidden.
        found = await self._shown(await read(offset + limit + len(hidden), 0))
        return found[offset : offset + limit]

    async def _shown(self, posts: Sequence[PostSummary]) -> Sequence[PostSummary]:
        hidden = await self._taken_down.hidden()
        return _shown(posts, hidden) if hidden else posts

    async def _one(self, post: PostSummary | None) -> PostSummary | None:
        shown = [] if post is None else await self._shown([post])
        return shown[0] if shown else None


def shown_post(post: Post, hidden: Hidden) -> Post | None:
    """A post without what of it is hidden, None where all is."""
    numbers = hidden.get(post.key)
    if not numbers:
        return post
    if WHOLE in numbers:
        return None
    less = Counter(c.section for c in post.comments if c.number in numbers)
    return replace(
        post,
        sections=tuple(replace(s, comments=s.comments - less[s.number]) for s in post.sections),
        comments=tuple(c for c in post.comments if c.number not in numbers),
    )


class _ShownSnapshot:
    """A snapshot without what is hidden; `gone` are the posts of which all is."""

    def __init__(self, snapshot: Snapshot, hidden: Hidden, gone: Sequence[PostSummary]) -> None:
        self._snapshot = snapshot
        self._hidden = hidden
        self._gone = gone

    def candidates(self, ask: Ask, limit: int) -> Sequence[Candidate]:
        """As many of each kind as there would be were the hidden ones not there."""
        found: list[Candidate] = []
        if ask.comments is not None:
            found += self._newest(replace(ask, posts=None), "comments_below", limit)
        if ask.posts is not None:
            found += self._newest(replace(ask, comments=None), "posts_below", limit)
        return found

    def has(self, expression: str) -> bool:
        """Also for what only hidden comments have: it leads to no more than looking further."""
        return self._snapshot.has(expression)

    def has_longer_word(self, beginning: str) -> bool:
        """Also for words of hidden comments, as with `has`."""
        return self._snapshot.has_longer_word(beginning)

    def similar_words(self, word: str) -> Sequence[tuple[str, int]]:
        """Without words that only hidden comments have, since these are offered to people."""
        most = sum(post.comments for post in self._gone) + sum(map(len, self._hidden.values()))
        found = self._snapshot.similar_words(word)
        return [entry for entry in found if entry[1] > most or self._is_said(entry[0])]

    def tags(self, since: date | None = None) -> Mapping[str, TagCount]:
        """Every tag of the posts that are shown, by its key, the most used first."""
        less = _tags_of(post for post in self._gone if since is None or post.date.date() >= since)
        left = _without(self._snapshot.tags(since), less)
        return dict(sorted(left.items(), key=lambda entry: (-entry[1].posts, entry[1].name)))

    def tag(self, key: str) -> TagCount | None:
        """A tag by its normalised name."""
        found = self._snapshot.tag(key)
        return None if found is None else _without({key: found}, _tags_of(self._gone)).get(key)

    def tagged(self, key: str, limit: int, offset: int = 0) -> Sequence[PostSummary]:
        """The posts of a tag, newest first."""
        # From the first on, since any of those before may be hidden.
        found = self._snapshot.tagged(key, offset + limit + len(self._hidden))
        return _shown(found, self._hidden)[offset : offset + limit]

    def count_mentioning(
        self, expression: str, without: Mapping[str, Collection[int]] | None = None
    ) -> int:
        """How many posts have comments that an index expression finds."""
        return self._snapshot.count_mentioning(expression, {**(without or {}), **self._hidden})

    def _newest(
        self, ask: Ask, below: Literal["comments_below", "posts_below"], limit: int
    ) -> list[Candidate]:
        found: list[Candidate] = []
        while len(found) < limit:
            page = self._snapshot.candidates(ask, limit)
            found += [candidate for candidate in page if not self._is_hidden(candidate)]
            if len(page) < limit:
                break
            last = page[-1].id
            ask = (
                replace(ask, comments_below=last)
                if below == "comments_below"
                else replace(ask, posts_below=last)
            )
        return found[:limit]

    def _is_hidden(self, candidate: Candidate) -> bool:
        return _is_hidden(self._hidden, post_key(candidate.slug), candidate.id - candidate.post_id)

    def _is_said(self, word: str) -> bool:
        """Whether a comment that is shown has a word."""
        found = self.candidates(Ask(comments=all_of(tokens(word))), _LOOKED_AT)
        return any(word in normalise(candidate.text) for candidate in found)


def _is_hidden(hidden: Hidden, post: str, comment: int = WHOLE) -> bool:
    numbers = hidden.get(post, ())
    return WHOLE in numbers or comment in numbers


def _shown(posts: Iterable[PostSummary], hidden: Hidden) -> list[PostSummary]:
    return [_summary(post, hidden) for post in posts if not _is_hidden(hidden, post.key)]


def _summary(post: PostSummary, hidden: Hidden) -> PostSummary:
    """What a list shows of a post of which comments may be hidden."""
    less = sum(1 <= number <= post.comments for number in hidden.get(post.key, ()))
    return replace(post, comments=post.comments - less) if less else post


def _tags_of(posts: Iterable[PostSummary]) -> Counter[str]:
    """How many of some posts have each tag, by its key."""
    return Counter(key for post in posts for key in {tag_key(normalise(n)) for n in post.tags})


def _without(tags: Mapping[str, TagCount], less: Counter[str]) -> Mapping[str, TagCount]:
    """Tags by their keys with lower counts, without those that are in no post any more."""
    if not less:
        return tags
    left = {key: replace(tag, posts=tag.posts - less[key]) for key, tag in tags.items()}
    return {key: tag for key, tag in left.items() if tag.posts > 0}

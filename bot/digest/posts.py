"""Which posts go into a digest: the new ones, else what its place has not had of the archive."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import PostSummary
from bot.ports import Index
from bot.search.text import normalise
from bot.search.tokens import tag_key
from bot.stores import WHOLE, Stores
from bot.subscription import Place, QuietDay, Wishes

# How long a post is new after it came; longer than a channel's digest is away.
NEW_FOR = timedelta(days=14)
# New posts that are named below those that are shown.
MOST_OTHERS = 10
# Posts of the archive that are read at once, and about which a place is asked at first.
ARCHIVE_PAGE = 200
ASKED_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Chosen:
    """The posts of a digest: those that are shown, and further new ones that are named.

    `source` is that of `ShowDigest`: "new", "archive" or "none". Where it is `skipped` nothing is
    to be sent.
    """

    shown: tuple[PostSummary, ...] = ()
    others: tuple[PostSummary, ...] = ()
    source: str = "none"
    skipped: bool = False

    @property
    def posts(self) -> tuple[PostSummary, ...]:
        """All of them, those that are shown first."""
        return self.shown + self.others


@dataclass(frozen=True, slots=True)
class Tagged:
    """A post with its tags in the form in which two spellings are the same."""

    post: PostSummary
    key: str
    tags: frozenset[str]


def tagged(post: PostSummary) -> Tagged:
    """A post that can be held against wishes."""
    return Tagged(post, post.key, tag_keys(post.tags))


def tag_keys(names: Iterable[str]) -> frozenset[str]:
    """Tags in the form in which two spellings are the same."""
    return frozenset(tag_key(normalise(name)) for name in names)


def newest_first(posts: Iterable[Tagged]) -> list[Tagged]:
    """By date, those of one date by slug: the same order on every replica."""
    by_slug = sorted(posts, key=lambda tagged: tagged.post.slug)
    return sorted(by_slug, key=lambda tagged: tagged.post.date, reverse=True)


def fitting(posts: Iterable[Tagged], wishes: Wishes) -> list[Tagged]:
    """Those with one of the wanted tags, if there are any, and with none of the unwanted ones."""
    wanted, unwanted = tag_keys(wishes.wanted), tag_keys(wishes.unwanted)
    return [
        tagged
        for tagged in posts
        if (not wishes.wanted or tagged.tags & wanted) and not tagged.tags & unwanted
    ]


def choose_new(new: Iterable[Tagged], had: Collection[str], cut: int) -> Chosen:
    """The digest of the new posts that fit, newest first, of which a place has had some.

    `had` has their keys, and `cut` says how many are shown.
    """
    left = [tagged.post for tagged in new if tagged.key not in had]
    if not left:
        return Chosen()
    return Chosen(tuple(left[:cut]), tuple(left[cut : cut + MOST_OTHERS]), "new")


class Shelf:
    """What digests are chosen from, as of one moment.

    Those that are due together share one, so that the archive is read once for all of them, and
    only as far back as any of them needs.
    """

    def __init__(self, index: Index, stores: Stores, now: datetime) -> None:
        self._index = index
        self._stores = stores
        self._now = now
        self._hidden: frozenset[str] | None = None
        self._new: Sequence[Tagged] | None = None
        self._archive: list[Tagged] = []
        self._waiting: list[Tagged] = []
        self._keys: set[str] = set()
        self._read = 0
        self._is_read = False

    async def choose(self, place: Place, wishes: Wishes) -> Chosen:
        """The posts of a digest of a place now. Raises StateError and IndexFileError."""
        new = fitting(await self._new_posts(), wishes)
        had = await self._had(place, new)
        chosen = choose_new(new, had, wishes.posts)
        if chosen.shown:
            return chosen
        match wishes.quiet_day:
            case QuietDay.SKIP:
                return Chosen(skipped=True)
            case QuietDay.SAY:
                return Chosen()
            case QuietDay.ARCHIVE:
                posts = await self._from_archive(place, wishes)
                return Chosen(posts, source="archive") if posts else Chosen()

    async def _new_posts(self) -> Sequence[Tagged]:
        if self._new is None:
            keys = await self._stores.seen.new_since(self._now - NEW_FOR)
            found = await self._index.by_keys(keys) if keys else ()
            self._new = newest_first(await self._not_hidden(found))
        return self._new

    async def _from_archive(self, place: Place, wishes: Wishes) -> tuple[PostSummary, ...]:
        """The newest posts of the archive that a place has not had."""
        found: list[PostSummary] = []
        asked, count = 0, ASKED_AT_ONCE
        while True:
            known = fitting(self._archive[asked:], wishes)
            asked = len(self._archive)
            while known:
                some, known = known[:count], known[count:]
                had = await self._had(place, some)
                found += [tagged.post for tagged in some if tagged.key not in had]
                if len(found) >= wishes.posts:
                    return tuple(found[: wishes.posts])
                # A place that has had these may have had all.
                count *= 2
            if not await self._read_on():
                return tuple(found)

    async def _read_on(self) -> bool:
        """Read the next posts of the archive; whether there was anything left to read.

        Those of the last date that was reached wait for the others of that date.
        """
        if self._is_read:
            return False
        page = await self._index.newest(ARCHIVE_PAGE, self._read)
        self._read += len(page)
        self._is_read = len(page) < ARCHIVE_PAGE
        # Where a sync has added posts meanwhile, some come twice.
        fresh = [post for post in page if post.key not in self._keys]
        self._keys.update(post.key for post in fresh)
        waiting = newest_first([*self._waiting, *await self._not_hidden(fresh)])
        ready = [each for each in waiting if self._is_read or each.post.date > page[-1].date]
        self._archive += ready
        self._waiting = waiting[len(ready) :]
        return True

    async def _had(self, place: Place, posts: Sequence[Tagged]) -> frozenset[str]:
        if not posts:
            return frozenset()
        return await self._stores.digests.had(place, [tagged.key for tagged in posts])

    async def _not_hidden(self, posts: Iterable[PostSummary]) -> list[Tagged]:
        """Without what is hidden now.

        The index leaves that out as well, but it may know only what was hidden half a minute ago.
        And a post that was chosen counts as had: hidden only when it is shown, it would have taken
        the place of another, and shown again it would never come.
        """
        if self._hidden is None:
            hidden = await self._stores.hidden.all()
            self._hidden = frozenset(post for post, parts in hidden.items() if WHOLE in parts)
        return [tagged(post) for post in posts if post.key not in self._hidden]


async def choose_for(
    place: Place, wishes: Wishes, index: Index, stores: Stores, now: datetime
) -> Chosen:
    """The posts of a digest of a place if it were sent now (UTC), exactly as it would be.

    Raises StateError and IndexFileError.
    """
    return await Shelf(index, stores, now).choose(place, wishes)

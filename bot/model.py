"""The archive's own things: a post, its comments and the folds that hide them."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Comment:
    """One translated comment.

    `number` counts from 1 through the whole post, `section` is the number of the fold it lies in
    (0 = not folded), `created_at` is in UTC, `colour` is "#rrggbb" or None, and `body` is the text
    of the archive with a newline for every `<br>` and nothing else changed.
    """

    number: int
    section: int
    user: str
    created_at: datetime | None
    colour: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Section:
    """A fold and how many comments lie in it; number 0 holds the comments that are not folded."""

    number: int
    summary: str | None
    comments: int


@dataclass(frozen=True, slots=True)
class Post:
    """A digest of one discussion.

    `path` is relative to the archive, with "/" between its parts. `date` is the day of the
    discussion as the author wrote it, without a zone; where only the month is known it is the
    month's first day and `date_exact` is False.
    """

    slug: str
    path: str
    title: str
    date: datetime
    date_exact: bool
    month: str | None
    tags: tuple[str, ...]
    draft: bool
    thumbnail: str | None
    source_url: str | None
    item_id: int | None
    sections: tuple[Section, ...]
    comments: tuple[Comment, ...]

    @property
    def key(self) -> str:
        """The short name of the post, see `post_key`."""
        return post_key(self.slug)


@dataclass(frozen=True, slots=True)
class PostSummary:
    """What a list shows of a post."""

    slug: str
    path: str
    title: str
    date: datetime
    date_exact: bool
    tags: tuple[str, ...]
    comments: int
    item_id: int | None
    source_url: str | None

    @property
    def key(self) -> str:
        """The short name of the post, see `post_key`."""
        return post_key(self.slug)


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag in its most used spelling, with the number of posts that carry it in any spelling."""

    name: str
    posts: int


@dataclass(frozen=True, slots=True)
class MonthCount:
    """A month as "2025-06" and the number of its posts."""

    month: str
    posts: int


def post_key(slug: str) -> str:
    """The name of a post where a slug is too long, as in a button: 11 letters, digits, - and _.

    It stays the same for ever. That no two posts of an archive share one is checked at sync.
    """
    digest = blake2b(slug.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def post_version(made_by: str, digest: bytes) -> str:
    """A version of a post: the format of what the digest was made from, and the digest."""
    return f"{made_by}:{digest.hex()}"


def is_correction(known: str, found: str) -> bool:
    """Whether a version of a post is another one than was known.

    Of two formats nothing can be said: a newer reader may find more in the same file.
    """
    return found != known and found.partition(":")[0] == known.partition(":")[0]


def post_url(site_url: str | None, path: str) -> str | None:
    """A post's address on the site, by the path of its file as Hugo does it.

    None where the site's address is not known, and for the text of a rendered page, whose file says
    nothing about its address.
    """
    if site_url is None or path.endswith(".txt"):
        return None
    page = path.removeprefix("content/").removesuffix(".md").removesuffix("index").rstrip("/")
    return f"{site_url}{quote(page.lower().replace(' ', '-'))}/"

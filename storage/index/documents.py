"""From a post to the rows that the index keeps of it: pure functions, run in worker processes."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

from bot.archive.reading import READER_VERSION
from bot.model import Comment, Post, Section, post_version
from bot.search import tokens as marks
from bot.search.text import normalise
from bot.search.tokens import marked, tag_key, tokens, vocabulary

# Part of every post's digest; raised when the digest is made of something else.
DIGEST_VERSION = b"1"

# Shorter words are typed right, or are not worth mending.
MIN_VOCABULARY_WORD = 3

# From a post and the normalised bodies of its comments to the numbers of those worth reading.
Choose = Callable[[Post, Sequence[str]], Sequence[int]]

CommentValues = tuple[int, str, int | None, int | None, str]


class PreparedPost(NamedTuple):
    """All that the index writes for a post.

    `documents` has the tokens of the post itself and then of each comment; a draft has none.
    `words` says in how many comments each word occurs. `chosen` has numbers of comments as JSON.
    """

    slug: str
    key: str
    date: str
    rendered: bool
    item_id: int | None
    title_key: str
    digest: bytes
    post: tuple[object, ...]
    sections: tuple[tuple[int, str | None, int], ...]
    comments: tuple[CommentValues, ...]
    tags: tuple[tuple[int, str, str], ...]
    documents: tuple[str, ...]
    words: Mapping[str, int]
    chosen: str


def version_of(digest: bytes) -> str:
    """Which version of a post a digest of this program's stands for."""
    return post_version(f"{DIGEST_VERSION.decode()}.{READER_VERSION}", digest)


def choose_none(post: Post, texts: Sequence[str]) -> Sequence[int]:
    """No comment is worth reading."""
    return ()


def prepare(post: Post, rendered: bool, choose: Choose = choose_none) -> PreparedPost:
    """Make the rows and the documents of a post; of a draft no comment is chosen."""
    date = post.date.isoformat(timespec="seconds")
    comments = tuple(_comment_values(comment) for comment in post.comments)
    bodies = [] if post.draft else [normalise(comment.body) for comment in post.comments]
    documents, counted = ((), {}) if post.draft else _documents(post, bodies)
    chosen = () if post.draft else choose(post, bodies)
    return PreparedPost(
        slug=post.slug,
        key=post.key,
        date=date,
        rendered=rendered,
        item_id=post.item_id,
        title_key=title_key(post.title),
        digest=_digest(post, date, rendered, comments),
        post=(
            post.slug,
            post.path,
            post.title,
            date,
            post.date_exact,
            post.month,
            post.draft,
            post.thumbnail,
            post.source_url,
            post.item_id,
            rendered,
            title_key(post.title),
        ),
        sections=tuple((s.number, s.summary, s.comments) for s in post.sections),
        comments=comments,
        tags=tuple((n, tag_key(normalise(name)), name) for n, name in enumerate(post.tags)),
        documents=documents,
        words=counted,
        chosen=json.dumps(list(chosen)),
    )


def title_key(title: str) -> str:
    """The form in which a raw post's title equals that of its rendered page."""
    return "".join(char for char in normalise(title) if char.isalnum())


def comment_of(number: int, values: CommentValues) -> Comment:
    """The comment whose values are in the index."""
    section, user, created_at, colour, body = values
    return Comment(
        number=number,
        section=section,
        user=user,
        created_at=None if created_at is None else datetime.fromtimestamp(created_at, UTC),
        colour=None if colour is None else f"#{colour:06x}",
        body=body,
    )


def section_of(values: tuple[int, str | None, int]) -> Section:
    """The section whose values are in the index."""
    return Section(*values)


def _comment_values(comment: Comment) -> CommentValues:
    return (
        comment.section,
        comment.user,
        None if comment.created_at is None else int(comment.created_at.timestamp()),
        None if comment.colour is None else int(comment.colour[1:], 16),
        comment.body,
    )


def _digest(post: Post, date: str, rendered: bool, comments: tuple[CommentValues, ...]) -> bytes:
    digest = blake2b(DIGEST_VERSION, digest_size=16)
    head = (
        post.slug, post.title, date, post.date_exact, post.month, post.tags, post.draft,
        post.thumbnail, post.source_url, rendered, post.sections,
    )  # fmt: skip
    digest.update(repr(head).encode("utf-8", "surrogatepass"))
    for values in comments:
        digest.update("\x1f".join(map(str, values)).encode("utf-8", "surrogatepass"))
        digest.update(b"\x1e")
    return digest.digest()


def _documents(post: Post, bodies: Sequence[str]) -> tuple[tuple[str, ...], dict[str, int]]:
    of_title = [marks.TITLE + token for token in tokens(normalise(post.title))]
    of_tags = [marked(marks.TAG, tag_key(normalise(name))) for name in post.tags]
    shared = " " + " ".join(of_title + of_tags)
    # Marked once more, so that asking for posts does not go through all their comments.
    documents = [" ".join([marks.POST, *(marks.POST + token for token in of_title + of_tags)])]
    counted: Counter[str] = Counter()
    for comment, body in zip(post.comments, bodies, strict=True):
        found = tokens(body)
        found.append(marked(marks.USER, normalise(comment.user)))
        if comment.colour is not None:
            found.append(marks.HIGHLIGHT)
        documents.append(" ".join(found) + shared)
        counted.update({word for word in vocabulary(body) if len(word) >= MIN_VOCABULARY_WORD})
    return tuple(documents), dict(counted)

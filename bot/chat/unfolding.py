"""Unfolding a post's comments into a thread: which messages are missing there, and how far it is.

What is in each message is settled once, when its row is written. So whatever is asked for later,
nothing is said twice; a message that failed is said again as it was meant.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.chat.context import Frame
from bot.chat.fitting import pages
from bot.chat.library import Library
from bot.chat.views.comments import position
from bot.chat.views.thread import comments_view, thread_heading
from bot.content.quotes import quote_of
from bot.errors import UserError
from bot.intent import ShowComments, Unfold
from bot.model import Post, Section
from bot.outbox import Op, Outcome, Row
from bot.view import Block, Quote, View

# Where a message begins: post, section, comment, offset into that.
Start = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Message:
    """Comments that one message has; `attempt` counts how often that failed before."""

    said: ShowComments
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Unfolded:
    """How many comments stand in a thread, of how many; whether more are on their way.

    `posts` are the keys of those that it has anything of, in the order in which they came.
    """

    done: int
    total: int
    is_open: bool
    posts: tuple[str, ...] = ()


def missing(
    post: Post,
    section: int | None,
    frame: Frame,
    there: Sequence[Row],
    site_url: str | None,
) -> list[Message]:
    """The messages that a thread lacks to have a section of a post, or (None) all of them.

    `there` are the rows that the thread has had so far.
    """
    tried = _tried(there)
    found: list[Message] = []
    for wanted in post.sections:
        if not wanted.comments or section not in (None, wanted.number):
            continue
        rows = [rows for place, rows in tried.items() if place[:2] == (post.key, wanted.number)]
        if rows:
            found += [Message(said_by(r[0]), len(r)) for r in rows if all(map(has_failed, r))]
        else:
            found += map(Message, messages_of(post, wanted, frame, site_url))
    return found


async def thread_views(library: Library, intent: Unfold, frame: Frame) -> list[View]:
    """What an unfolding would post where nothing is yet. Raises UserError for what is not there."""
    post = await library.index.post(intent.post)
    there = () if post is None else missing(post, intent.section, frame, [], library.site_url)
    if post is None or not there:
        raise UserError("chat.post_gone")
    return [comments_view(message.said, post, library.site_url, frame) for message in there]


def messages_of(
    post: Post, section: Section, frame: Frame, site_url: str | None
) -> Iterator[ShowComments]:
    """A section's comments, as few messages as they fit into; the first of these has a heading."""
    quotes = [quote_of(post.key, c) for c in post.comments if c.section == section.number]
    blocks: list[Block] = [thread_heading(post, section, site_url, frame.texts), *quotes]
    starts = [
        position(page)
        for page in pages(blocks, frame.limits)
        if any(isinstance(block, Quote) for block in page)
    ]
    for number, start in enumerate(starts):
        end: tuple[int | None, int] = (None, 0)
        if number + 1 < len(starts):
            end = starts[number + 1]
        yield ShowComments(post.key, section.number, *start, *end, headed=number == 0)


def unfolded(there: Sequence[Row], posts: Mapping[str, Post]) -> Unfolded:
    """How far a thread is, by its rows and the posts (by their keys) that they show."""
    done = total = 0
    is_open = False
    shown: dict[str, None] = {}
    for rows in _tried(there).values():
        said = said_by(rows[0])
        count = _begun_in(said, posts[said.post]) if said.post in posts else 0
        if count:
            shown[said.post] = None
        total += count
        if any(row.outcome is Outcome.DONE for row in rows):
            done += count
        is_open |= any(row.outcome is None for row in rows)
    return Unfolded(done, total, is_open, tuple(shown))


def has_failed(row: Row) -> bool:
    """Whether a row has ended without having been done."""
    return row.outcome not in (None, Outcome.DONE)


def is_lost(thread: Row, there: Sequence[Row]) -> bool:
    """Whether a thread never came to be, or is not there any more."""
    return has_failed(thread) or any(row.outcome is Outcome.GONE for row in there)


def said_by(row: Row) -> ShowComments:
    """What a row of a thread says."""
    assert isinstance(row.said, ShowComments)
    return row.said


def _tried(there: Sequence[Row]) -> dict[Start, list[Row]]:
    """The rows of each message, in the order in which they were first written."""
    tried: dict[Start, list[Row]] = {}
    for row in there:
        if row.op is Op.POST:
            said = said_by(row)
            place = (said.post, said.section, said.comment, said.offset)
            tried.setdefault(place, []).append(row)
    return tried


def _begun_in(said: ShowComments, post: Post) -> int:
    """How many comments of a post begin in a message."""
    start = (said.comment, said.offset)
    return sum(
        comment.section == said.section
        and start <= (comment.number, 0)
        and (said.end_comment is None or (comment.number, 0) < (said.end_comment, said.end_offset))
        for comment in post.comments
    )

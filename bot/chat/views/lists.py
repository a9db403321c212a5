"""Lists of posts, tags and months."""

from datetime import date, timedelta

from bot.chat.context import Frame
from bot.chat.dates import named_month
from bot.chat.fitting import pages
from bot.chat.library import Library
from bot.chat.views.parts import (
    LISTED,
    heading,
    listed,
    personal_digest,
    post_items,
    shaped,
    small_print,
    text_of,
    ways_on,
    window,
)
from bot.errors import UserError
from bot.intent import Month, Months, Newest, Related, Search, Tags
from bot.model import PostSummary
from bot.view import Action, Block, Button, Buttons, Choice, Option, View

POPULAR_TAGS = 12
POPULAR_DAYS = 30
RELATED = 5
# Tags and months stand on buttons, so that more of them fit.
PRESSED = 20


async def newest(library: Library, intent: Newest, frame: Frame) -> View:
    """The newest posts; the first page says how to search, and has the popular tags."""
    texts = frame.texts
    offset, count = window(intent.start, LISTED)
    posts = await library.index.newest(count, offset)
    foot: list[Block] = []
    if posts and not intent.start:
        foot = [*await _popular(library, posts[0], frame), small_print(texts("chat.how"))]
    items = post_items(posts, library.site_url, texts)
    if frame.is_direct:
        foot.append(Buttons((personal_digest(texts),)))
    foot.append(ways_on(texts, intent))
    return listed(frame, intent, texts("chat.newest"), items, foot=foot)


async def _popular(library: Library, newest: PostSummary, frame: Frame) -> list[Block]:
    """The tags of the last days of the archive, which may be long ago."""
    since: date = newest.date.date() - timedelta(days=POPULAR_DAYS)
    tags = await library.index.tags(since, POPULAR_TAGS)
    if not tags:
        return []
    texts = frame.texts
    options = tuple(
        Option(tag.name, Action(Search(tag.name)), texts("chat.posts", count=tag.posts))
        for tag in tags
    )
    return [Choice(texts("chat.popular_tags", days=POPULAR_DAYS), options)]


async def month(library: Library, intent: Month, frame: Frame) -> View:
    """The posts of a month, newest first. Raises UserError for a month without any."""
    posts = await library.index.in_month(intent.month)
    if not posts:
        raise UserError("chat.no_month", month=intent.month)
    named = named_month(intent.month, frame.texts)
    title = frame.texts("chat.month", month=named, count=len(posts))
    offset, count = window(intent.start, LISTED)
    items = post_items(posts[offset : offset + count], library.site_url, frame.texts)
    return listed(frame, intent, title, items)


async def tags(library: Library, intent: Tags, frame: Frame) -> View:
    """The tags with the number of their posts, most used first."""
    offset, count = window(intent.start, PRESSED)
    found = await library.index.tags(None, offset + count)
    buttons = [
        Button(f"{tag.name} {tag.posts}", Action(Search(tag.name))) for tag in found[offset:]
    ]
    return listed(frame, intent, frame.texts("chat.tags"), buttons, size=PRESSED)


async def months(library: Library, intent: Months, frame: Frame) -> View:
    """The months with the number of their posts, newest first."""
    offset, count = window(intent.start, PRESSED)
    found = (await library.index.months())[offset : offset + count]
    texts = frame.texts
    buttons = [
        Button(f"{named_month(m.month, texts)} · {m.posts}", Action(Month(m.month))) for m in found
    ]
    return listed(frame, intent, texts("chat.months"), buttons, size=PRESSED)


async def related(library: Library, intent: Related, frame: Frame) -> View:
    """The posts most like one."""
    post = await library.index.by_key(intent.post)
    if post is None:
        raise UserError("chat.post_gone")
    posts = await library.index.related(intent.post, RELATED)
    texts = frame.texts
    title = texts("chat.related_to", title=post.title)
    head = shaped([heading(title)], frame.limits)
    if not posts:
        return View(title, (*head, *shaped([text_of(texts("chat.nothing_related"))], frame.limits)))
    shown = pages(post_items(posts, library.site_url, texts), frame.limits, head)[0]
    return View(title, (*head, *shown))

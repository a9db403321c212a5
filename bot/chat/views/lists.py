"""Lists of posts, tags and months."""

from datetime import date, timedelta

from bot.chat.context import Context
from bot.chat.library import Library
from bot.chat.views.parts import (
    LISTED,
    heading,
    listed,
    plain,
    post_items,
    small_print,
    ways_on,
)
from bot.errors import UserError
from bot.intent import Month, Months, Newest, Related, Search, Tags
from bot.model import PostSummary
from bot.view import Action, Block, Button, Buttons, Choice, Item, Option, Paragraph, View

POPULAR_TAGS = 12
POPULAR_DAYS = 30
RELATED = 5
# Tags and months stand on buttons, so that more of them fit.
PRESSED = 20


async def newest(library: Library, intent: Newest, context: Context) -> View:
    """The newest posts; the first page says how to search, and has the popular tags."""
    texts = context.texts
    posts = await library.index.newest(LISTED + 1, intent.start)
    foot: list[Block] = []
    if posts and not intent.start:
        foot = [*await _popular(library, posts[0], context), small_print(texts("chat.how"))]
    return listed(
        context,
        intent,
        texts("chat.newest"),
        post_items(posts[:LISTED], library.site_url, texts),
        more=len(posts) > LISTED,
        foot=[*foot, ways_on(texts)],
    )


async def _popular(library: Library, newest: PostSummary, context: Context) -> list[Block]:
    """The tags of the last days of the archive, which may be long ago."""
    since: date = newest.date.date() - timedelta(days=POPULAR_DAYS)
    tags = await library.index.tags(since, POPULAR_TAGS)
    if not tags:
        return []
    texts = context.texts
    options = tuple(
        Option(tag.name, Action(Search(tag.name)), texts("chat.posts", count=tag.posts))
        for tag in tags
    )
    return [Choice(texts("chat.popular_tags", days=POPULAR_DAYS), options)]


async def month(library: Library, intent: Month, context: Context) -> View:
    """The posts of a month, newest first. Raises UserError for a month without any."""
    texts = context.texts
    posts = await library.index.in_month(intent.month)
    if not posts:
        raise UserError("chat.no_month", month=intent.month)
    entries = post_items(posts[intent.start : intent.start + LISTED], library.site_url, texts)
    return listed(
        context,
        intent,
        texts("chat.month", month=intent.month, count=len(posts)),
        entries,
        more=len(posts) > intent.start + len(entries),
    )


async def tags(library: Library, intent: Tags, context: Context) -> View:
    """The tags with the number of their posts, most used first."""
    found = await library.index.tags(None, intent.start + PRESSED + 1)
    buttons = [
        Button(f"{tag.name} {tag.posts}", Action(Search(tag.name))) for tag in found[intent.start :]
    ]
    return _pressed(context, intent, context.texts("chat.tags"), buttons)


async def months(library: Library, intent: Months, context: Context) -> View:
    """The months with the number of their posts, newest first."""
    found = await library.index.months()
    buttons = [
        Button(f"{month.month} · {month.posts}", Action(Month(month.month)))
        for month in found[intent.start : intent.start + PRESSED + 1]
    ]
    return _pressed(context, intent, context.texts("chat.months"), buttons)


def _pressed(context: Context, intent: Tags | Months, title: str, buttons: list[Button]) -> View:
    """A page of buttons; `buttons` has one more than a page where others follow."""
    entries = [Buttons(tuple(buttons[:PRESSED]))] if buttons else []
    return listed(context, intent, title, entries, more=len(buttons) > PRESSED)


async def related(library: Library, intent: Related, context: Context) -> View:
    """The posts most like one."""
    post = await library.index.by_key(intent.post)
    if post is None:
        raise UserError("chat.post_gone")
    posts = await library.index.related(intent.post, RELATED)
    texts = context.texts
    title = texts("chat.related_to", title=post.title)
    if not posts:
        return View(title, (heading(title), Paragraph(plain(texts("chat.nothing_related")))))
    items: tuple[Item, ...] = post_items(posts, library.site_url, texts)
    return View(title, (heading(title), *items))

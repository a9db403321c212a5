"""Pieces that several answers share: titles, small print, lists of posts, turning pages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.chat.context import Context
from bot.chat.fitting import pages
from bot.errors import UserError
from bot.intent import Help, Month, Months, Newest, OpenPost, Random, Search, Tags
from bot.locales import Texts
from bot.model import Post, PostSummary, post_url
from bot.view import (
    Action,
    Block,
    Button,
    Buttons,
    Effect,
    Heading,
    Item,
    Limits,
    Paragraph,
    Run,
    Text,
    View,
)

# Entries of a list on one page, where the limits allow it.
LISTED = 10

Paged = Newest | Search | Tags | Months | Month


def plain(text: str) -> Text:
    """Words without any look of their own."""
    return (Run(text),)


def heading(text: str) -> Heading:
    """The heading of a whole answer."""
    return Heading(plain(text))


def small_print(text: str) -> Paragraph:
    """A line that may be overlooked."""
    return Paragraph(plain(text), quiet=True)


def post_title(post: Post | PostSummary, site_url: str | None) -> Text:
    """A post's title, linked to the site, or to its source where the site is not known."""
    return (Run(post.title, link=post_url(site_url, post.path) or post.source_url),)


def day_of(date: datetime, exact: bool) -> str:
    """A post's day, or its month where no more is known."""
    return date.strftime("%Y-%m-%d" if exact else "%Y-%m")


def post_items(
    posts: Sequence[PostSummary], site_url: str | None, texts: Texts
) -> tuple[Item, ...]:
    """Posts as the entries of a list, each with a button that opens it."""
    return tuple(
        Item(
            post_title(post, site_url),
            (plain(_about(post, texts)),),
            Button(texts("chat.open"), Action(OpenPost(post.key))),
        )
        for post in posts
    )


def _about(post: PostSummary, texts: Texts) -> str:
    line = texts("chat.post", comments=post.comments, day=day_of(post.date, post.date_exact))
    return "　".join([line, *(f"#{tag}" for tag in post.tags)])


def ways_on(texts: Texts) -> Buttons:
    """Buttons for what can be asked without any word."""
    return Buttons(
        (
            Button(texts("chat.button.newest"), Action(Newest())),
            Button(texts("chat.button.tags"), Action(Tags())),
            Button(texts("chat.button.months"), Action(Months())),
            Button(texts("chat.button.random"), Action(Random())),
            Button(texts("chat.button.help"), Action(Help())),
        )
    )


def shaped(blocks: Sequence[Block], limits: Limits) -> tuple[Block, ...]:
    """Blocks that stand around others, each in the form that the limits allow."""
    return tuple(block for page in pages(blocks, limits) for block in page)


def listed(
    context: Context,
    intent: Paged,
    title: str,
    entries: Sequence[Block],
    *,
    more: bool,
    foot: Sequence[Block] = (),
) -> View:
    """A page of a list that begins at `intent.start`, with as many entries as fit.

    `more` says whether others come behind these entries. Raises UserError where there are none.
    """
    if not entries:
        raise UserError("chat.no_more" if intent.start else "chat.empty_archive")
    limits = context.limits
    head = shaped([heading(title)], limits)
    below = shaped(foot, limits)
    widest = shaped(_turning(context, intent, LISTED, more=True), limits)
    fitting = pages(entries, limits, [*head, *widest, *below])
    shown = fitting[0]
    count = sum(map(_entries_in, shown))
    goes_on = more or len(fitting) > 1
    turning = shaped(_turning(context, intent, count, more=goes_on), limits)
    following = Action(replace(intent, start=intent.start + count)) if goes_on else None
    return View(title, (*head, *shown, *turning, *below), following)


def _entries_in(block: Block) -> int:
    return len(block.buttons) if isinstance(block, Buttons) else 1


def _turning(context: Context, intent: Paged, shown: int, *, more: bool) -> list[Buttons]:
    """Buttons to the pages before and behind, and to share this one, where that is possible."""
    texts = context.texts
    buttons = []
    if intent.start > 0:
        before = replace(intent, start=max(0, intent.start - LISTED))
        buttons.append(Button(texts("chat.button.previous"), Action(before)))
    if more:
        behind = replace(intent, start=intent.start + shown)
        buttons.append(Button(texts("chat.button.next"), Action(behind)))
    if context.can_share:
        buttons.append(Button(texts("chat.button.share"), Action(intent, Effect.SHARE)))
    return [Buttons(tuple(buttons))] if buttons else []

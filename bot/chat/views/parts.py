"""Pieces that several answers share: titles, small print, lists of posts, turning pages."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from bot.chat.columns import columns
from bot.chat.context import Frame
from bot.chat.dates import post_day
from bot.chat.fitting import pages
from bot.content.cutting import shortened
from bot.errors import UserError
from bot.intent import (
    DigestIntent,
    DigestStatus,
    Help,
    Intent,
    ListDigests,
    Month,
    Months,
    Newest,
    OpenPost,
    Random,
    Search,
    Tags,
)
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
# What a heading has at most, in characters. The longest title of the blog has a hundred.
TITLE = 150
# How wide a line may be to stay one beside a button, in columns.
LINE = 54

Paged = Newest | Search | Tags | Months | Month | ListDigests | DigestStatus


def plain(text: str) -> Text:
    """Words without any look of their own."""
    return (Run(text),)


def heading(text: str | Text, level: Literal[1, 2] = 1) -> Heading:
    """A heading, cut where it would crowd out what it stands above."""
    return Heading(shortened(plain(text) if isinstance(text, str) else text, TITLE), level)


def text_of(text: str) -> Paragraph:
    """A paragraph of words of ours."""
    return Paragraph(plain(text))


def small_print(text: str) -> Paragraph:
    """A line that may be overlooked."""
    return Paragraph(plain(text), quiet=True)


def post_title(post: Post | PostSummary, site_url: str | None) -> tuple[Run]:
    """A post's title, linked to the site, or to its source where the site is not known."""
    return (Run(post.title, link=post_url(site_url, post.path) or post.source_url),)


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
    day = post_day(post.date, post.date_exact, texts)
    return with_tags(texts("chat.post", comments=post.comments, day=day), post.tags)


def with_tags(line: str, tags: Sequence[str]) -> str:
    """A line with the first tags behind it, as many as a usual screen shows on the same line.

    Clients break a line anywhere within a Japanese word.
    """
    for tag in tags:
        longer = f"{line}　#{tag}"
        if columns(longer) > LINE:
            break
        line = longer
    return line


def ways_on(texts: Texts, here: Intent | None = None) -> Buttons:
    """Buttons for what can be asked without any word, but for what is shown already."""
    ways: tuple[tuple[str, Intent], ...] = (
        ("chat.button.newest", Newest()),
        ("chat.button.tags", Tags()),
        ("chat.button.months", Months()),
        ("chat.button.random", Random()),
        ("chat.button.help", Help()),
    )
    return Buttons(
        tuple(Button(texts(key), Action(way)) for key, way in ways if type(way) is not type(here))
    )


def personal_digest(texts: Texts) -> Button:
    """To the digests of who presses it, which everybody may have."""
    label = texts("digest.button.personal")
    return Button(label, Action(ListDigests(personal=True), Effect.OPEN))


def shaped(blocks: Sequence[Block], limits: Limits) -> tuple[Block, ...]:
    """Blocks that stand around others, each in the form that the limits allow."""
    return tuple(block for page in pages(blocks, limits) for block in page)


def one_page(
    head: Sequence[Block], body: Sequence[Block], foot: Sequence[Block], limits: Limits
) -> tuple[Block, ...]:
    """As much of some blocks as there is room for between others that are never left out."""
    around = shaped(head, limits), shaped(foot, limits)
    between = pages(body, limits, [*around[0], *around[1]])
    return (*around[0], *(between[0] if between else ()), *around[1])


Entry = Item | Button


def window(start: int, size: int) -> tuple[int, int]:
    """Where to begin reading a list, and how many entries to read, for its page from `start`.

    The page before has to be known to lead back to it, and one entry behind to say that there are
    others.
    """
    offset = max(0, start - size)
    return offset, start - offset + size + 1


def listed(
    frame: Frame,
    intent: Paged,
    title: str,
    entries: Sequence[Entry],
    *,
    size: int = LISTED,
    above: Sequence[Block] = (),
    first: Sequence[Button] = (),
    foot: Sequence[Block] = (),
) -> View:
    """The page of a list that begins at `intent.start`, with at most `size` entries, if they fit.

    `entries` are those of the `window`; the buttons that stand `first` are in a row with those that
    turn pages. Raises UserError where the page has none.
    """
    at = intent.start - window(intent.start, size)[0]
    before, here = entries[:at], entries[at : at + size]
    if not here:
        raise UserError("chat.no_more" if intent.start else "chat.empty_archive")
    limits = frame.limits
    head = shaped([heading(title), *above], limits)
    below = shaped(foot, limits)
    anywhere = replace(intent, start=intent.start + size)
    around = [*head, *shaped(_turning(frame, intent, anywhere, anywhere, first), limits), *below]
    shown = pages(_blocks(here), limits, around)[0]
    count = sum(map(_entries_in, shown))
    behind = replace(intent, start=intent.start + count) if len(entries) > at + count else None
    back = _back(before, limits, around)
    turning = _turning(frame, intent, replace(intent, start=intent.start - back), behind, first)
    following = None if behind is None else Action(behind)
    return View(title, (*head, *shown, *shaped(turning, limits), *below), following)


def _back(before: Sequence[Entry], limits: Limits, around: Sequence[Block]) -> int:
    """How many of the entries before a page make one page that ends with the last of them."""
    count = len(before)
    while count > 1 and len(pages(_blocks(before[-count:]), limits, around)) > 1:
        count -= 1
    return count


def _blocks(entries: Sequence[Entry]) -> list[Block]:
    """Entries as they are shown: buttons together, as many in a row as fit."""
    buttons = tuple(entry for entry in entries if isinstance(entry, Button))
    items = [entry for entry in entries if isinstance(entry, Item)]
    return [*items, Buttons(buttons)] if buttons else [*items]


def _entries_in(block: Block) -> int:
    return len(block.buttons) if isinstance(block, Buttons) else 1


def _turning(
    frame: Frame, intent: Paged, before: Paged, behind: Paged | None, first: Sequence[Button]
) -> list[Buttons]:
    """Buttons to the pages before and behind, and to share this one, where that is possible."""
    texts = frame.texts
    buttons = [*first]
    if intent.start > 0:
        buttons.append(Button(texts("chat.button.previous"), Action(before)))
    if behind is not None:
        buttons.append(Button(texts("chat.button.next"), Action(behind)))
    if frame.can_share and not isinstance(intent, DigestIntent):
        buttons.append(Button(texts("chat.button.share"), Action(intent, Effect.SHARE)))
    return [Buttons(tuple(buttons))] if buttons else []

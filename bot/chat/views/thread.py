"""What stands in a thread: the comments of a post from one position to another."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.chat.context import Frame
from bot.chat.fitting import pages
from bot.chat.views.comments import position
from bot.chat.views.parts import heading, post_title, shaped, small_print
from bot.content.cutting import between
from bot.content.quotes import quote_of
from bot.intent import ReadComments, ShowComments
from bot.locales import Texts
from bot.model import Comment, Post, Section
from bot.view import Action, Block, Button, Buttons, Effect, Heading, Quote, Run, View

# What the site calls a fold that has no name of its own, beside its number: an invitation to
# press, which says nothing above comments that are there.
_USUAL = re.compile(r"もっとコメントを表示\s*(?:[（(]\s*[0-9０-９]+\s*[)）])?|もっと読む")


def thread_heading(post: Post, section: Section, site_url: str | None, texts: Texts) -> Heading:
    """What stands above the comments of a section: the post, and which fold of it this is."""
    title = post_title(post, site_url)
    if not section.number:
        return heading(title, level=2)
    name = (section.summary or "").strip()
    if not name or _USUAL.fullmatch(name) is not None:
        name = texts("chat.fold", number=section.number)
    return heading((*title, Run(f" · {name}")), level=2)


def comments_view(
    said: ShowComments, post: Post | None, site_url: str | None, frame: Frame
) -> View:
    """One message of a thread.

    Where its comments have become longer than a message, a button leads on to the rest of them;
    where there are none any more it says so.
    """
    quotes = [] if post is None else list(_quotes(said, post))
    if post is None or not quotes:
        gone = frame.texts("announcement.no_comments")
        return View(gone, shaped([small_print(gone)], frame.limits))
    limits = frame.limits
    fitting = pages(quotes, limits)
    if said.headed:
        section = next(s for s in post.sections if s.number == said.section)
        headed = pages([thread_heading(post, section, site_url, frame.texts), *quotes], limits)
        # Rather without a heading than without a comment.
        fitting = fitting if len(headed) > 1 == len(fitting) else headed
    if len(fitting) == 1:
        return View(post.title, fitting[0])
    return View(post.title, _cut(quotes, said.post, frame))


def _cut(quotes: Sequence[Quote], post: str, frame: Frame) -> tuple[Block, ...]:
    """As much as fits into a message beside a button that leads on."""

    def reading_on(comment: int, offset: int) -> tuple[Block, ...]:
        action = Action(ReadComments(post, comment, offset), Effect.OPEN)
        return shaped([Buttons((Button(frame.texts("chat.button.next"), action),))], frame.limits)

    here, behind, *_ = pages(quotes, frame.limits, reading_on(1, 0))
    return (*here, *reading_on(*position(behind)))


def _quotes(said: ShowComments, post: Post) -> Iterator[Quote]:
    for comment in post.comments:
        if comment.section == said.section:
            quote = _part(said, quote_of(post.key, comment), comment)
            if quote is not None:
                yield quote


def _part(said: ShowComments, quote: Quote, comment: Comment) -> Quote | None:
    """What a message has of a comment."""
    length = len(comment.body)
    start = said.offset if comment.number == said.comment else 0
    end = said.end_offset if comment.number == said.end_comment else length
    is_behind = said.end_comment is not None and comment.number > said.end_comment
    if comment.number < said.comment or is_behind:
        return None
    # Of a comment that has become shorter nothing may be left here.
    if (start and start >= length) or (comment.number == said.end_comment and not end):
        return None
    if not start and end >= length:
        return quote
    text = between(quote.text, start, end)
    return replace(quote, text=text, continues=start > 0, cut=end < length)

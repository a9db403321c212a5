"""A post: what it is about, the comments worth reading, and the ways on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.chat.context import Frame
from bot.chat.dates import post_day
from bot.chat.fitting import pages
from bot.chat.library import Library
from bot.chat.views.parts import heading, plain, post_title, shaped
from bot.content.cutting import shortened
from bot.content.quotes import quote_of
from bot.errors import UserError
from bot.intent import OpenPost, ReadComments, Related, Search, Unfold
from bot.locales import Texts
from bot.model import Comment, Post, Section
from bot.view import (
    Action,
    Block,
    Button,
    Buttons,
    Choice,
    Effect,
    Image,
    Option,
    Paragraph,
    Quote,
    Text,
    View,
)

# What a reader of Japanese takes in, in characters a minute; so Hugo counts as well.
CHARACTERS_A_MINUTE = 501
# A longer comment is cut at a sentence here; its fold has it whole.
GLANCE = 400
FIRST = 3
# How many of a post's folds and tags have buttons. No post of the blog has more, but one might.
FOLDS = 10
TAG_BUTTONS = 10


async def open_post(library: Library, intent: OpenPost, frame: Frame) -> View:
    """One post. Raises UserError where it has gone."""
    found = await library.index.post_with_choice(intent.post)
    if found is None:
        raise UserError("chat.post_gone")
    picture = await picture_of(found[0], library, frame.texts)
    return post_view(*found, library, frame, intent.digest, picture=picture)


async def picture_of(post: Post, library: Library, texts: Texts) -> Image | None:
    """The picture that a post names, if the archive has it."""
    if post.thumbnail is None:
        return None
    path = await library.pictures.find(post.path, post.thumbnail)
    return None if path is None else Image(path, texts("chat.picture", title=post.title))


def post_view(
    post: Post,
    chosen: Sequence[int],
    library: Library,
    frame: Frame,
    digest: int | None = None,
    below: Sequence[Block] = (),
    picture: Image | None = None,
) -> View:
    """A post with the comments worth reading, as many of them as fit, and what stands `below`.

    A post too small for a choice shows its first ones. `digest` is that of `OpenPost`.
    """
    title = replace(heading(post_title(post, library.site_url)), image=picture)
    head = shaped([title, Paragraph(_about(post, frame), quiet=True)], frame.limits)
    foot = shaped([*_buttons(post, frame, digest), *below], frame.limits)
    quotes = [_glance(quote_of(post.key, comment)) for comment in worth_reading(post, chosen)]
    fitting = pages(quotes, frame.limits, [*head, *foot])
    shown = fitting[0] if fitting else ()
    first = next((number for _, number in folds(post)), None)
    more = None if first is None else Action(ReadComments(post.key, first, digest=digest))
    return View(post.title, (*head, *shown, *foot), more)


def worth_reading(post: Post, chosen: Sequence[int]) -> list[Comment]:
    """The comments that were chosen, best first; where none were, the first ones."""
    by_number = {comment.number: comment for comment in post.comments}
    comments = [by_number[number] for number in chosen if number in by_number]
    return comments or [comment for comment in post.comments if comment.body][:FIRST]


def _about(post: Post, frame: Frame) -> Text:
    texts = frame.texts
    facts = [
        post_day(post.date, post.date_exact, texts),
        f"💬 {len(post.comments)}",
        texts("chat.minutes", minutes=reading_minutes(post)),
    ]
    return plain("　".join(facts))


def reading_minutes(post: Post) -> int:
    """How long reading all comments takes, at least a minute."""
    characters = sum(len(comment.body) for comment in post.comments)
    return max(1, -(-characters // CHARACTERS_A_MINUTE))


def _glance(quote: Quote) -> Quote:
    text = shortened(quote.text, GLANCE)
    return quote if text == quote.text else replace(quote, text=text, cut=True)


def folds(post: Post) -> Iterator[tuple[Section, int]]:
    """The sections that hold comments, each with the number of its first comment."""
    first: dict[int, int] = {}
    for comment in post.comments:
        first.setdefault(comment.section, comment.number)
    for section in post.sections:
        if section.number in first:
            yield section, first[section.number]


def fold_label(section: Section, texts: Texts) -> str:
    """What the button of a section says: as on the site, with the number of its comments."""
    if section.number == 0 or not section.summary:
        return texts("chat.button.comments", count=section.comments)
    return f"{section.summary} · {section.comments}"


def _buttons(post: Post, frame: Frame, digest: int | None) -> Iterator[Block]:
    texts = frame.texts
    # What lies behind the last of these is reached by reading on.
    sections = list(folds(post))[:FOLDS]
    if sections:
        reading = [
            Button(fold_label(section, texts), Action(ReadComments(post.key, first, digest=digest)))
            for section, first in sections
        ]
        yield Buttons((replace(reading[0], primary=True), *reading[1:]))
    others = [Button(texts("chat.button.related"), Action(Related(post.key)))]
    if frame.can_thread:
        unfold = Action(Unfold(post.key, digest=digest), Effect.THREAD)
        others.append(Button(texts("chat.button.unfold"), unfold))
    if frame.can_share:
        others.append(Button(texts("chat.button.share"), Action(OpenPost(post.key), Effect.SHARE)))
    if post.source_url:
        others.append(Button(texts("chat.button.source"), url=post.source_url))
    yield Buttons(tuple(others))
    yield from _tags(post, frame)


def _tags(post: Post, frame: Frame) -> Iterator[Block]:
    """The post's tags to press, or to choose from where they are many, the first of them then."""
    names = list(dict.fromkeys(post.tags))
    if len(names) > TAG_BUTTONS:
        options = tuple(
            Option(f"#{name}", Action(Search(name))) for name in names[: frame.limits.options]
        )
        yield Choice(frame.texts("chat.button.tags"), options)
    elif names:
        yield Buttons(tuple(Button(f"#{name}", Action(Search(name))) for name in names))

"""Reading a post's comments, page by page, fold by fold."""

from bisect import bisect

from bot.chat.context import Context
from bot.chat.fitting import pages
from bot.chat.library import Library
from bot.chat.views.parts import post_title, shaped
from bot.chat.views.post import fold_label, folds
from bot.content.quotes import quote_of
from bot.errors import UserError
from bot.intent import OpenPost, ReadComments, Unfold
from bot.model import Post, Section
from bot.view import Action, Block, Button, Buttons, Heading, Quote, Run, View

Page = tuple[Block, ...]


async def read_comments(library: Library, intent: ReadComments, context: Context) -> View:
    """The page of a fold that holds a comment. Raises UserError where the post has gone.

    A comment that the post has no more gives the last one that it has.
    """
    post = await library.index.post(intent.post)
    if post is None or not post.comments:
        raise UserError("chat.post_gone")
    wanted = post.comments[min(intent.comment, len(post.comments)) - 1]
    section = next(s for s in post.sections if s.number == wanted.section)
    quotes = [
        quote_of(intent.post, comment)
        for comment in post.comments
        if comment.section == section.number
    ]
    limits = context.limits
    head = shaped([Heading(post_title(post, library.site_url), level=2)], limits)
    below = shaped([_below(post, section, context)], limits)
    anywhere = Action(ReadComments(post.key, wanted.number, len(wanted.body)))
    widest = shaped([_turning(context, anywhere, "999/999", anywhere)], limits)
    fold = pages(quotes, limits, [*head, *widest, *below])
    at = bisect([_position(page) for page in fold], (wanted.number, intent.offset)) - 1
    before = _open_at(post, fold[at - 1]) if at > 0 else None
    behind = _open_at(post, fold[at + 1]) if at + 1 < len(fold) else None
    turning = shaped([_turning(context, before, f"{at + 1}/{len(fold)}", behind)], limits)
    following = behind or _next_fold(post, section)
    return View(post.title, (*head, *fold[at], *turning, *below), following)


async def all_comments(library: Library, intent: Unfold, context: Context) -> View:
    """Every comment of a post or of a section, as long as they are; to be fitted to messages."""
    post = await library.index.post(intent.post)
    if post is None:
        raise UserError("chat.post_gone")
    quotes = tuple(
        quote_of(intent.post, comment)
        for comment in post.comments
        if intent.section in (None, comment.section)
    )
    return View(post.title, quotes)


def _position(page: Page) -> tuple[int, int]:
    """Where a page begins: the number of its first comment, and the offset into that."""
    first = page[0]
    assert isinstance(first, Quote)
    starts = [run.source[0] for run in first.text if isinstance(run, Run) and run.source]
    return first.number, starts[0] if starts else 0


def _open_at(post: Post, page: Page) -> Action:
    return Action(ReadComments(post.key, *_position(page)))


def _turning(context: Context, before: Action | None, place: str, behind: Action | None) -> Buttons:
    """To the page before, where this one stands, and to the page behind, if there are any."""
    if before is None and behind is None:
        return Buttons(())
    buttons = [Button(place)]
    if before is not None:
        buttons.insert(0, Button(context.texts("chat.button.previous"), before))
    if behind is not None:
        buttons.append(Button(context.texts("chat.button.next"), behind, primary=True))
    return Buttons(tuple(buttons))


def _below(post: Post, section: Section, context: Context) -> Buttons:
    """Back to the post, and to the fold that follows on the site."""
    buttons = [Button(context.texts("chat.button.post"), Action(OpenPost(post.key)))]
    following = _next_fold(post, section)
    if following is not None:
        label = fold_label(_behind(post, section)[0][0], context.texts)
        buttons.append(Button(label, following))
    return Buttons(tuple(buttons))


def _next_fold(post: Post, section: Section) -> Action | None:
    behind = _behind(post, section)
    return Action(ReadComments(post.key, behind[0][1])) if behind else None


def _behind(post: Post, section: Section) -> list[tuple[Section, int]]:
    """The sections behind one, each with the number of its first comment."""
    every = list(folds(post))
    at = next(n for n, (other, _) in enumerate(every) if other.number == section.number)
    return every[at + 1 :]

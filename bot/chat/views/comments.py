"""Reading a post's comments, page by page, fold by fold."""

from bisect import bisect
from dataclasses import replace

from bot.chat.context import Frame
from bot.chat.fitting import pages
from bot.chat.library import Library
from bot.chat.views.parts import heading, post_title, shaped
from bot.chat.views.post import fold_label, folds
from bot.content.quotes import quote_of
from bot.errors import UserError
from bot.intent import OpenPost, ReadComments
from bot.model import Post, Section
from bot.view import Action, Block, Button, Buttons, Quote, Run, View

Page = tuple[Block, ...]


async def read_comments(library: Library, intent: ReadComments, frame: Frame) -> View:
    """The page of a fold that holds a comment. Raises UserError where the post has gone.

    A comment that the post has no more gives the next one that it has, else the last.
    """
    post = await library.index.post(intent.post)
    if post is None or not post.comments:
        raise UserError("chat.post_gone")
    wanted = next((c for c in post.comments if c.number >= intent.comment), post.comments[-1])
    offset = intent.offset if wanted.number == intent.comment else 0
    section = next(s for s in post.sections if s.number == wanted.section)
    quotes = _quotes(post, section.number)
    limits = frame.limits
    head = shaped([heading(post_title(post, library.site_url), level=2)], limits)
    next_fold = _behind(post, section)
    below = shaped([_below(intent, next_fold, frame)], limits)
    anywhere = _at(intent, wanted.number, len(wanted.body))
    widest = shaped([page_turning(frame, anywhere, "999/999", anywhere)], limits)
    fold = pages(quotes, limits, [*head, *widest, *below])
    at = bisect([position(page) for page in fold], (wanted.number, offset)) - 1
    before = _at(intent, *position(fold[at - 1])) if at > 0 else None
    behind = _at(intent, *position(fold[at + 1])) if at + 1 < len(fold) else None
    turning = shaped([page_turning(frame, before, f"{at + 1}/{len(fold)}", behind)], limits)
    following = behind or (next_fold and _at(intent, next_fold[1]))
    return View(post.title, (*head, *fold[at], *turning, *below), following)


def _quotes(post: Post, section: int) -> tuple[Quote, ...]:
    key = post.key
    return tuple(quote_of(key, c) for c in post.comments if c.section == section)


def position(page: Page) -> tuple[int, int]:
    """Where a page begins: the number of its first comment, and the offset into that."""
    first = next(block for block in page if isinstance(block, Quote))
    starts = [run.source[0] for run in first.text if isinstance(run, Run) and run.source]
    return first.number, starts[0] if starts else 0


def _at(intent: ReadComments, comment: int, offset: int = 0) -> Action:
    """To another comment of the post, with all else that is known of the way here."""
    return Action(replace(intent, comment=comment, offset=offset))


def page_turning(frame: Frame, before: Action | None, place: str, behind: Action | None) -> Buttons:
    """To the page before, where this one stands, and to the page behind, if there are any."""
    if before is None and behind is None:
        return Buttons(())
    buttons = [Button(place)]
    if before is not None:
        buttons.insert(0, Button(frame.texts("chat.button.previous"), before))
    if behind is not None:
        buttons.append(Button(frame.texts("chat.button.next"), behind, primary=True))
    return Buttons(tuple(buttons))


def _below(intent: ReadComments, behind: tuple[Section, int] | None, frame: Frame) -> Buttons:
    """Back to the post, and to the fold that follows on the site."""
    post = OpenPost(intent.post, intent.digest)
    buttons = [Button(frame.texts("chat.button.post"), Action(post))]
    if behind is not None:
        section, first = behind
        label = fold_label(section, frame.texts)
        buttons.append(Button(label, _at(intent, first)))
    return Buttons(tuple(buttons))


def _behind(post: Post, section: Section) -> tuple[Section, int] | None:
    """The section behind one, with the number of its first comment."""
    every = iter(folds(post))
    for other, _ in every:
        if other.number == section.number:
            return next(every, None)
    return None

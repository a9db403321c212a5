"""What the bot says of its own accord, beside digests and comments."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.chat.context import Frame
from bot.chat.library import Library
from bot.chat.unfolding import Unfolded
from bot.chat.views.parts import heading, plain, shaped, small_print, text_of
from bot.content.cutting import shortened
from bot.intent import AddDigest, DigestSettings, PauseDigest, Search, Stopped
from bot.locales import Texts
from bot.subscription import Subscription
from bot.view import Action, Block, Button, Buttons, Effect, Run, View

# What the title of a post has at most in a note below a message.
_NAMED = 26


async def welcome_view(library: Library, frame: Frame) -> View:
    """The first words in a new place: what it is, one example, and the way to a daily digest."""
    texts = frame.texts
    buttons = [
        Button(texts("announcement.button.daily"), Action(AddDigest(), Effect.OPEN), primary=True)
    ]
    for tag in await library.index.tags(None, 1):
        example = texts("announcement.button.example", tag=tag.name)
        buttons.append(Button(example, Action(Search(tag.name), Effect.OPEN)))
    title = texts("announcement.welcome.title")
    blocks: list[Block] = [
        heading(title),
        text_of(texts("announcement.welcome.text")),
        small_print(texts("chat.how")),
        Buttons(tuple(buttons)),
    ]
    return View(title, shaped(blocks, frame.limits))


def stopped_view(
    said: Stopped, subscription: Subscription | None, address: str | None, frame: Frame
) -> View:
    """That a digest was stopped, why, and what can be done about it."""
    texts = frame.texts
    if said.reason == "gone":
        why = texts("announcement.stopped.gone")
    elif said.missing:
        why = texts("announcement.stopped.forbidden", missing=said.missing)
    else:
        why = texts("announcement.stopped.not_allowed")
    title = texts("announcement.stopped.title")
    blocks: list[Block] = [heading(title)]
    if subscription is not None:
        at = subscription.times.at.strftime("%H:%M")
        zone = subscription.times.zone
        blocks.append(small_print(texts("announcement.stopped.which", at=at, zone=zone)))
    blocks.append(text_of(why))
    buttons = []
    if subscription is not None:
        resume = Action(PauseDigest(said.subscription, resume=True), Effect.OPEN)
        settings = Action(DigestSettings(said.subscription), Effect.OPEN)
        buttons = [
            Button(texts("announcement.button.resume"), resume, primary=True),
            Button(texts("announcement.button.settings"), settings),
        ]
    if address is not None:
        buttons.append(Button(texts("announcement.button.place"), url=address))
    if buttons:
        blocks.append(Buttons(tuple(buttons)))
    return View(f"{title} {why}", shaped(blocks, frame.limits))


def gone_view(frame: Frame) -> View:
    """In place of a message that has nothing to show any more."""
    text = frame.texts("announcement.gone")
    return View(text, shaped([small_print(text)], frame.limits))


def progress_note(
    unfolded: Unfolded, texts: Texts, titles: Mapping[str, str] = MappingProxyType({})
) -> str | None:
    """How far a thread is, None where it has nothing to have.

    `titles` are those of the posts of a message that has several, by their keys: there it says
    which are unfolded.
    """
    if unfolded.is_open:
        return texts("announcement.unfolding", done=unfolded.done, total=unfolded.total)
    if not unfolded.total:
        return None
    if unfolded.done < unfolded.total:
        return texts("announcement.unfolding_stopped", done=unfolded.done, total=unfolded.total)
    there = [post for post in unfolded.posts if post in titles]
    if not there or len(there) == len(titles):
        return texts("announcement.unfolded")
    if len(there) > 1:
        return texts("announcement.unfolded_some", done=len(there), total=len(titles))
    words = shortened(plain(titles[there[0]]), _NAMED)
    title = "".join(run.text for run in words if isinstance(run, Run))
    return texts("announcement.unfolded_one", title=title)

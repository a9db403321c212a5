"""What somebody sees first where a platform gives them a page of their own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.chat.context import Frame
from bot.chat.fitting import pages
from bot.chat.library import Library
from bot.chat.views.parts import (
    heading,
    personal_digest,
    plain,
    post_items,
    shaped,
    small_print,
    text_of,
    ways_on,
)
from bot.chat.views.subscription import listed_as, next_line
from bot.intent import AddDigest, DigestSettings, Newest
from bot.locales import Texts
from bot.subscription import Subscription
from bot.view import Action, Block, Button, Buttons, Divider, Effect, Item, View

# Posts and digests on the page.
NEWEST, DIGESTS = 5, 20


@dataclass(frozen=True, slots=True)
class Home:
    """What is known of who looks: their digests and those that they may manage.

    `places` has what places are called, by their targets. `digests` is None while it is not known
    which there are. On the `first` visit it is said what all this is.
    """

    digests: Sequence[Subscription] | None = ()
    places: Mapping[str, str] | None = None
    first: bool = False


async def home_view(library: Library, home: Home, frame: Frame) -> View:
    """The newest posts, ways to others, and the digests that somebody may manage.

    Something to search by is left to the platform, which has a field for it.
    """
    texts = frame.texts
    title = texts("announcement.welcome.title" if home.first else "chat.home.title")
    head: list[Block] = [heading(title)]
    if home.first:
        head += [text_of(texts("announcement.welcome.text")), small_print(texts("chat.how"))]
    head.append(ways_on(texts, Newest()))
    posts = await library.index.newest(NEWEST + 1)
    foot = [Divider(), heading(texts("chat.home.digests"), 2), *_digests(home, texts)]
    foot += [small_print(texts("chat.home.how_to_add")), Buttons(tuple(_adding(frame)))]
    above, below = shaped(head, frame.limits), shaped(foot, frame.limits)
    newest: list[Block] = [Divider(), heading(texts("chat.newest"), 2)]
    newest += post_items(posts[:NEWEST], library.site_url, texts) or [
        text_of(texts("chat.empty_archive"))
    ]
    if len(posts) > NEWEST:
        newest.append(Buttons((Button(texts("chat.home.more"), Action(Newest(NEWEST))),)))
    fitting = pages(newest, frame.limits, [*above, *below])
    return View(title, (*above, *(fitting[0] if fitting else ()), *below))


def _adding(frame: Frame) -> Iterator[Button]:
    if frame.limits.form_fields:
        adding = Action(AddDigest(elsewhere=True), Effect.FORM)
        yield Button(frame.texts("chat.home.add"), adding)
    yield personal_digest(frame.texts)


def _digests(home: Home, texts: Texts) -> Iterator[Block]:
    if home.digests is None:
        yield text_of(texts("chat.home.unknown"))
    elif not home.digests:
        yield text_of(texts("digest.list.none"))
    else:
        yield from (_digest(each, home, texts) for each in home.digests[:DIGESTS])
        if len(home.digests) > DIGESTS:
            more = len(home.digests) - DIGESTS
            yield small_print(texts("chat.home.more_digests", count=more))


def _digest(subscription: Subscription, home: Home, texts: Texts) -> Item:
    place = (home.places or {}).get(subscription.place.target, "")
    if subscription.personal:
        place = texts("chat.home.personal")
    opening = Button(texts("digest.button.settings"), Action(DigestSettings(subscription.id)))
    title = "　".join(filter(None, [place, listed_as(subscription, texts)]))
    return Item(plain(title), (next_line(subscription, texts),), opening)

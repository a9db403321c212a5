"""Looking at digests: which there are, what they are set to, and what became of them."""

from collections.abc import Mapping, Sequence

from bot.chat.context import Context
from bot.chat.digests.access import missing_rights, subscription_of, subscriptions_of
from bot.chat.digests.desk import Desk
from bot.chat.views.deliveries import Deliveries, status_view, status_window
from bot.chat.views.subscription import list_view, listed_as, settings_view
from bot.errors import UserError
from bot.intent import AddDigest, DigestSettings, DigestStatus, ListDigests
from bot.model import PostSummary
from bot.outbox import Row
from bot.subscription import Subscription
from bot.view import View

# Of what was done with a digest so much is told.
_CHANGES = 3


async def listing(desk: Desk, intent: ListDigests, context: Context) -> View:
    """The digests of this place, or of the person."""
    stores = await desk.get_stores()
    personal = intent.personal or context.is_direct
    found = await subscriptions_of(desk, stores, context, personal=personal)
    return list_view(found, ListDigests(personal, intent.start), context.frame)


async def offered(desk: Desk, context: Context) -> Sequence[tuple[Subscription, str]]:
    """The digests of this place with what they are called, none for who may not manage them."""
    stores = await desk.get_stores()
    try:
        found = await subscriptions_of(desk, stores, context, personal=False)
    except UserError:
        return ()
    return [(each, listed_as(each, context.texts)) for each in found]


async def alone(desk: Desk, context: Context) -> ListDigests | DigestSettings | AddDigest:
    """What somebody wants who says nothing but that it is about digests.

    The first one of a place is set up, the only one looked at. Raises UserError for who may not.
    """
    stores = await desk.get_stores()
    found = await subscriptions_of(desk, stores, context, personal=False)
    if not found:
        return AddDigest(personal=context.is_direct)
    return DigestSettings(found[0].id) if len(found) == 1 else ListDigests(context.is_direct)


async def settings(desk: Desk, intent: DigestSettings, context: Context) -> View:
    """What a digest is set to."""
    stores = await desk.get_stores()
    found = await subscription_of(desk, stores, intent.subscription, context)
    return settings_view(found, "", context.frame, desk.now())


async def status(desk: Desk, intent: DigestStatus, context: Context) -> View:
    """What became of a digest, and what is wrong with it."""
    stores = await desk.get_stores()
    found = await subscription_of(desk, stores, intent.subscription, context)
    intent = DigestStatus(found.id, intent.start)
    offset, count = status_window(intent)
    rows = await stores.outbox.history(found.id, count, offset)
    posts = await posts_in(desk, rows)
    changes = await stores.subscriptions.changes(found.id, _CHANGES)
    wrong = await _wrong(desk, found, context)
    deliveries = Deliveries(found, rows, posts, changes, wrong)
    return status_view(deliveries, intent, context.frame, context.person)


async def posts_in(desk: Desk, rows: Sequence[Row]) -> Mapping[str, PostSummary]:
    """The posts of deliveries by their keys, as far as they are there."""
    keys = {post.post for row in rows for post in row.posts}
    return {post.key: post for post in await desk.library.index.by_keys(keys)}


async def _wrong(desk: Desk, subscription: Subscription, context: Context) -> str | None:
    """What keeps a digest from its place, as the platform says now."""
    try:
        missing = await missing_rights(desk, subscription.place)
    except UserError as error:
        return context.texts.of(error)
    return context.texts("digest.cannot_post", missing=", ".join(missing)) if missing else None

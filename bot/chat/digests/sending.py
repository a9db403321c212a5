"""What a digest has in it: shown beforehand, sent because somebody asked, and read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.chat.context import Context
from bot.chat.digests.access import check_can_post, may_read, subscription_of
from bot.chat.digests.desk import Desk
from bot.chat.views.digest import Digest, digest_view, posts_of, read_digest
from bot.chat.views.parts import shaped, text_of
from bot.chat.views.subscription import said_view
from bot.digest.posts import choose_for
from bot.errors import UserError
from bot.intent import DigestStatus, PreviewDigest, ReadDigest, SendDigest, ShowDigest
from bot.locales import Texts
from bot.stores import Stores
from bot.subscription import Subscription
from bot.view import Action, Block, Button, View

# Between two digests that are sent because somebody asked.
APART = timedelta(minutes=1)


async def preview(desk: Desk, intent: PreviewDigest, context: Context) -> View:
    """What would be sent now."""
    stores = await desk.get_stores()
    found = await subscription_of(desk, stores, intent.subscription, context)
    return await previewed(desk, stores, found, context)


async def previewed(
    desk: Desk,
    stores: Stores,
    subscription: Subscription,
    context: Context,
    above: Sequence[Block] = (),
) -> View:
    """A digest as it would be sent now, in its own language, below other blocks.

    On a day without posts of which nothing is sent it says that.
    """
    now = desk.now()
    chosen = await choose_for(
        subscription.place, subscription.wishes, desk.library.index, stores, now
    )
    if chosen.skipped:
        nothing = context.texts("digest.nothing_to_send")
        return View(nothing, shaped([*above, text_of(nothing)], context.frame.limits))
    keys = [post.key for post in chosen.posts]
    shown, others = await posts_of(desk.library, keys, len(chosen.shown))
    digest = Digest(_day(subscription, now), shown, others, chosen.source)
    texts = Texts(subscription.wishes.language)
    frame = replace(context.frame, texts=texts)
    return digest_view(digest, desk.library.site_url, frame, above)


async def send(desk: Desk, intent: SendDigest, context: Context) -> View:
    """A digest is written to the outbox, beside those that are due; at most one a minute."""
    from bot.digest.firing import SentNow, send_now

    stores, now = await desk.get_stores(), desk.now()
    found = await subscription_of(desk, stores, intent.subscription, context)
    await check_can_post(desk, found.place)
    last = next(iter(await stores.outbox.history(found.id, 1)), None)
    if last is not None and last.due_at is None and now - last.created_at < APART:
        sent = SentNow.ALREADY
    else:
        # The minute, so that of two presses at once one counts.
        minute = f"{now:%Y-%m-%dT%H:%M}"
        sent = await send_now(found, minute, desk.library.index, stores, now)
    if sent is SentNow.TRY_LATER:
        raise UserError("digest.try_later")
    desk.changed()
    said = {
        SentNow.SENDING: "digest.sending",
        SentNow.ALREADY: "digest.sent_already",
        SentNow.NOTHING: "digest.nothing_to_send",
    }
    status = Button(context.texts("digest.button.status"), Action(DigestStatus(found.id)))
    return said_view(context.texts(said[sent]), context.frame, (status,))


def _day(subscription: Subscription, now: datetime) -> date:
    """The local day where the digest goes."""
    return now.astimezone(ZoneInfo(subscription.times.zone)).date()


async def read(desk: Desk, intent: ReadDigest, context: Context) -> View:
    """The posts of a digest that was sent, one after the other."""
    stores = await desk.get_stores()
    row = await stores.outbox.by_id(intent.digest)
    if row is None or not isinstance(row.said, ShowDigest) or row.platform != context.platform:
        raise UserError("digest.all_gone")
    if not await may_read(desk, stores, row, context):
        raise UserError("digest.all_gone")
    keys = [post.post for post in row.posts]
    return await read_digest(desk.library, intent, keys, context.frame)

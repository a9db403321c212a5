"""Setting digests up: adding, editing, pausing and ending them, and forgetting a person."""

from dataclasses import dataclass, replace
from datetime import date

from bot.chat.context import Context
from bot.chat.digests.access import (
    check_can_post,
    is_personal,
    place_for,
    refused,
    subscription_of,
)
from bot.chat.digests.desk import Desk
from bot.chat.digests.wishes import USUAL_TIME, times_of, wishes_of
from bot.chat.views.subscription import fact_text, times_facts, wishes_facts
from bot.errors import DeliveryError, Forbidden, TargetGone
from bot.intent import AddDigest, EditDigest, PauseDigest, RemoveDigest, ShowDigest
from bot.locales import Texts
from bot.stores import Stores
from bot.subscription import EVERY_DAY, Subscription, Times, Wishes

# Digests that were sent because somebody asked may stand before that of a day.
_LOOKED_BACK = 50


@dataclass(frozen=True, slots=True)
class Changed:
    """A digest as it is now, and the key of what there is to say about that.

    `previewed` says that what it would have in it is of interest now.
    """

    subscription: Subscription
    said: str
    previewed: bool = False


@dataclass(frozen=True, slots=True)
class _Change:
    """What is to become of a digest as it was `before`."""

    what: str
    before: Subscription
    after: Subscription
    details: str = ""


async def add(desk: Desk, intent: AddDigest, context: Context) -> Changed:
    """A new digest. One that is there already stays as it is."""
    from bot.digest.schedule import first_due

    personal = is_personal(intent, context)
    place = await place_for(desk, intent, context)
    usual_times, usual_wishes = usual(desk, context, personal=personal)
    times = times_of(intent, usual_times, desk.rules.zone)
    wishes = await wishes_of(intent, usual_wishes, usual_wishes, desk.library)
    await check_can_post(desk, place)
    stores, now = await desk.get_stores(), desk.now()
    new = Subscription(
        id=desk.new_id(),
        place=place,
        times=times,
        wishes=wishes,
        # An operator is nobody whom the platform knows.
        creator=None if desk.operator else context.person,
        created_at=now,
        due=first_due(times, now),
        personal=personal,
    )
    kept = await stores.subscriptions.add(new, context.person, desk.rules.most)
    desk.changed()
    return Changed(kept, "digest.added" if kept.id == new.id else "digest.there_already", True)


async def edit(desk: Desk, intent: EditDigest, context: Context) -> Changed:
    """Other wishes for a digest, or other times."""
    stores = await desk.get_stores()
    while True:
        before = await subscription_of(desk, stores, intent.subscription, context)
        _, usual_wishes = usual(desk, context, personal=before.personal)
        times = times_of(intent, before.times, desk.rules.zone)
        wishes = await wishes_of(intent, before.wishes, usual_wishes, desk.library)
        after = replace(before, times=times, wishes=wishes)
        if after == before:
            return Changed(before, "digest.unchanged")
        if times != before.times and before.due is not None:
            after = await _due_anew(desk, stores, after)
        change = _Change("edit", before, after, _changes(before, after, Texts(wishes.language)))
        if await _keep(desk, stores, change, context):
            return Changed(after, "digest.edited", previewed=True)


async def pause(desk: Desk, intent: PauseDigest, context: Context) -> Changed:
    """Nothing is sent until it is resumed, or something is again."""
    stores = await desk.get_stores()
    while True:
        before = await subscription_of(desk, stores, intent.subscription, context)
        if intent.resume is not before.paused:
            already = "digest.resumed_already" if intent.resume else "digest.paused_already"
            return Changed(before, already)
        if intent.resume:
            await check_can_post(desk, before.place)
            after = await _due_anew(desk, stores, replace(before, stopped=None))
            change, said = _Change("resume", before, after), "digest.resumed_now"
        else:
            after = replace(before, due=None)
            change, said = _Change("pause", before, after), "digest.paused_now"
        if await _keep(desk, stores, change, context):
            return Changed(after, said)


async def remove(desk: Desk, intent: RemoveDigest, context: Context) -> Subscription:
    """The end of a digest, once that is sure; which one it is."""
    stores = await desk.get_stores()
    found = await subscription_of(desk, stores, intent.subscription, context)
    if intent.sure:
        await stores.subscriptions.remove(found.id, context.person, desk.now())
    return found


async def forget(desk: Desk, context: Context) -> int:
    """All of a person's is deleted; how many digests there were."""
    stores = await desk.get_stores()
    direct: str | None
    try:
        direct = await desk.platforms[context.platform].open_dm(context.person)
    except (Forbidden, TargetGone):
        # Who takes no direct messages can be forgotten as well.
        direct = None
    except DeliveryError as error:
        raise refused(error) from error
    return await stores.subscriptions.forget_person(context.platform, context.person, direct)


def usual(desk: Desk, context: Context, *, personal: bool) -> tuple[Times, Wishes]:
    """What a digest is set to unless somebody wishes otherwise."""
    texts = context.texts if personal else context.public.texts
    return Times(USUAL_TIME, EVERY_DAY, desk.rules.zone), Wishes(language=texts.language)


async def _due_anew(desk: Desk, stores: Stores, subscription: Subscription) -> Subscription:
    """With its next due time by its times as they are now, not on a day that it has had."""
    from bot.digest.schedule import following

    rows = await stores.outbox.history(subscription.id, _LOOKED_BACK)
    said = [row.said for row in rows if row.due_at is not None]
    days = [date.fromisoformat(each.day) for each in said if isinstance(each, ShowDigest)]
    due = following(subscription.times, max(days, default=date.min), desk.now())
    return replace(subscription, due=due)


async def _keep(desk: Desk, stores: Stores, change: _Change, context: Context) -> bool:
    """Keep what has changed; False where it is another by now, to be looked at anew."""
    kept = await stores.subscriptions.change(
        change.after, context.person, change.what, change.details, desk.now(), before=change.before
    )
    if kept:
        desk.changed()
    return kept


def _changes(before: Subscription, after: Subscription, texts: Texts) -> str:
    """The fields that are others now, with their new values."""
    old = [*times_facts(before.times, texts), *wishes_facts(before.wishes, texts)]
    new = [*times_facts(after.times, texts), *wishes_facts(after.wishes, texts)]
    there = {key for key, _ in new}
    changed = [fact_text(key, value, texts) for key, value in new if (key, value) not in old]
    gone = [fact_text(key, "-", texts) for key, _ in old if key not in there]
    return " / ".join([*changed, *gone])

"""Setting digests up: adding, editing, pausing and ending them, and forgetting a person."""

from dataclasses import replace
from datetime import date

from bot.chat.context import Context
from bot.chat.digests.access import check_can_post, place_of, subscription_of, told
from bot.chat.digests.desk import Desk
from bot.chat.digests.sending import previewed
from bot.chat.digests.wishes import USUAL_TIME, times_of, wishes_of
from bot.chat.views.subscription import (
    fact_text,
    forget_view,
    remove_view,
    said_view,
    settings_view,
    times_facts,
    wishes_facts,
)
from bot.errors import UserError
from bot.intent import (
    AddDigest,
    EditDigest,
    ForgetMe,
    ListDigests,
    PauseDigest,
    RemoveDigest,
    ShowDigest,
)
from bot.locales import Texts
from bot.stores import Stores
from bot.subscription import EVERY_DAY, Subscription, Times, Wishes
from bot.view import Action, Button, Divider, View

# Digests that were sent because somebody asked may stand before that of a day.
_LOOKED_BACK = 50


async def add(desk: Desk, intent: AddDigest, context: Context) -> View:
    """A new digest: what it is set to, when it comes, and what it would have in it now."""
    from bot.digest.schedule import first_due

    personal = intent.personal or context.is_direct
    place = await place_of(desk, context, personal=personal, target=intent.target.strip())
    usual = _usual(desk, context, personal=personal)
    times = times_of(intent, usual[0], desk.rules.zone)
    wishes = await wishes_of(intent, usual[1], usual[1], desk.library)
    await check_can_post(desk, place)
    stores, now = await desk.get_stores(), desk.now()
    new = Subscription(
        id=desk.new_id(),
        place=place,
        times=times,
        wishes=wishes,
        creator=context.person,
        created_at=now,
        due=first_due(times, now),
        personal=personal,
    )
    kept = await stores.subscriptions.add(new, context.person, desk.rules.most)
    desk.changed()
    texts = context.texts
    said = texts("digest.added" if kept.id == new.id else "digest.there_already")
    return await _with_preview(desk, stores, kept, said, context)


async def edit(desk: Desk, intent: EditDigest, context: Context) -> View:
    """Other wishes for a digest, or other times."""
    stores = await desk.get_stores()
    before = await subscription_of(desk, stores, intent.subscription.strip(), context)
    usual = _usual(desk, context, personal=before.personal)
    times = times_of(intent, before.times, desk.rules.zone)
    wishes = await wishes_of(intent, before.wishes, usual[1], desk.library)
    after = replace(before, times=times, wishes=wishes)
    if after == before:
        return settings_view(before, context.texts("digest.unchanged"), context.frame, desk.now())
    if times != before.times and before.due is not None:
        after = await _due_anew(stores, after, desk)
    details = _changes(before, after, Texts(wishes.language))
    await _keep(desk, stores, after, context, "edit", details)
    return await _with_preview(desk, stores, after, context.texts("digest.edited"), context)


async def pause(desk: Desk, intent: PauseDigest, context: Context) -> View:
    """Nothing is sent until it is resumed, or something is again."""
    stores = await desk.get_stores()
    before = await subscription_of(desk, stores, intent.subscription.strip(), context)
    texts = context.texts
    if intent.resume is not before.paused:
        already = "digest.resumed_already" if intent.resume else "digest.paused_already"
        return settings_view(before, texts(already), context.frame, desk.now())
    if not intent.resume:
        after = replace(before, due=None)
        await _keep(desk, stores, after, context, "pause")
        return settings_view(after, texts("digest.paused_now"), context.frame, desk.now())
    await check_can_post(desk, before.place)
    after = await _due_anew(stores, replace(before, stopped=None), desk)
    await _keep(desk, stores, after, context, "resume")
    return settings_view(after, texts("digest.resumed_now"), context.frame, desk.now())


async def remove(desk: Desk, intent: RemoveDigest, context: Context) -> View:
    """The end of a digest, once that is sure."""
    stores = await desk.get_stores()
    found = await subscription_of(desk, stores, intent.subscription.strip(), context)
    if not intent.sure:
        return remove_view(found, context.frame)
    await stores.subscriptions.remove(found.id, context.person, desk.now())
    listing = Action(ListDigests(personal=found.personal))
    button = Button(context.texts("digest.button.list"), listing)
    return said_view(context.texts("digest.removed"), context.frame, (button,))


async def forget(desk: Desk, intent: ForgetMe, context: Context) -> View:
    """All of a person's is deleted, once that is sure."""
    if not intent.sure:
        return forget_view(context.frame)
    stores = await desk.get_stores()
    with told():
        platform = desk.platforms.get(context.platform)
        direct = None if platform is None else await platform.open_dm(context.person)
    count = await stores.subscriptions.forget_person(context.platform, context.person, direct)
    return said_view(context.texts("digest.forgotten", count=count), context.frame)


async def _with_preview(
    desk: Desk, stores: Stores, subscription: Subscription, said: str, context: Context
) -> View:
    view = settings_view(subscription, said, context.frame, desk.now())
    below = await previewed(desk, stores, subscription, context, [*view.blocks, Divider()])
    return replace(view, blocks=below.blocks)


def _usual(desk: Desk, context: Context, *, personal: bool) -> tuple[Times, Wishes]:
    """What a digest is set to unless somebody wishes otherwise."""
    texts = context.texts if personal else context.public.texts
    return Times(USUAL_TIME, EVERY_DAY, desk.rules.zone), Wishes(language=texts.language)


async def _due_anew(stores: Stores, subscription: Subscription, desk: Desk) -> Subscription:
    """With its next due time by its times as they are now, not on a day that it has had."""
    from bot.digest.schedule import following

    rows = await stores.outbox.history(subscription.id, _LOOKED_BACK)
    said = [row.said for row in rows if row.due_at is not None]
    days = [date.fromisoformat(each.day) for each in said if isinstance(each, ShowDigest)]
    due = following(subscription.times, max(days, default=date.min), desk.now())
    return replace(subscription, due=due)


async def _keep(
    desk: Desk,
    stores: Stores,
    after: Subscription,
    context: Context,
    what: str,
    details: str = "",
) -> None:
    """Keep what has changed. Raises UserError where it has been removed meanwhile."""
    subscriptions = stores.subscriptions
    if not await subscriptions.change(after, context.person, what, details, desk.now()):
        raise UserError("digest.not_found")
    desk.changed()


def _changes(before: Subscription, after: Subscription, texts: Texts) -> str:
    """The fields that are others now, with their new values."""
    old = [*times_facts(before.times, texts), *wishes_facts(before.wishes, texts)]
    new = [*times_facts(after.times, texts), *wishes_facts(after.wishes, texts)]
    there = {key for key, _ in new}
    changed = [fact_text(key, value, texts) for key, value in new if (key, value) not in old]
    gone = [fact_text(key, "-", texts) for key, _ in old if key not in there]
    return " / ".join([*changed, *gone])

"""Which digest or place somebody means, and whether they may do anything there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bot.chat.context import Context
from bot.chat.digests.desk import Desk
from bot.errors import DeliveryError, Forbidden, TargetGone, UserError
from bot.intent import AddDigest
from bot.outbox import Row
from bot.stores import Stores
from bot.subscription import Place, Subscription


def is_personal(intent: AddDigest, context: Context) -> bool:
    """Whether a new digest goes to the direct messages of who asks."""
    return not intent.elsewhere and (intent.personal or context.is_direct)


async def place_for(desk: Desk, intent: AddDigest, context: Context) -> Place:
    """Where a new digest goes. Raises UserError where who asks may not manage it."""
    target = intent.target.strip()
    if not intent.elsewhere:
        return await place_of(desk, context, personal=intent.personal, target=target)
    if not target:
        raise UserError("digest.no_channel")
    return await _managed(desk, context, target)


async def place_of(desk: Desk, context: Context, *, personal: bool, target: str = "") -> Place:
    """A person's direct messages, a channel that is named, or this one.

    Raises UserError where who asks may not manage it.
    """
    if personal or context.is_direct:
        if target:
            raise UserError("digest.channel_elsewhere")
        with told():
            direct = await desk.platforms[context.platform].open_dm(context.person)
        return Place(context.platform, direct)
    return await _managed(desk, context, target)


async def _managed(desk: Desk, context: Context, target: str) -> Place:
    """A channel, if who asks may manage it."""
    with told():
        place = await _channel(desk, context, target)
        if not await _may_manage(desk, place, context):
            raise UserError("digest.not_manager")
    return place


async def _channel(desk: Desk, context: Context, target: str) -> Place:
    """This channel, or one that is named, with the workspace that it belongs to."""
    platform = desk.platforms.get(context.platform)
    if not target or target == context.target or platform is None:
        # An operator's command line does not have the platforms of the running bot.
        return Place(context.platform, target or context.target, context.workspace)
    return Place(context.platform, target, await platform.workspace(target))


async def subscriptions_of(
    desk: Desk, stores: Stores, context: Context, *, personal: bool
) -> Sequence[Subscription]:
    """The digests of this place, or of the person. Raises UserError for who may not manage it."""
    if personal or context.is_direct:
        return await stores.subscriptions.of_person(context.platform, context.person)
    place = await place_of(desk, context, personal=False)
    return await stores.subscriptions.of_place(place)


async def subscription_of(desk: Desk, stores: Stores, given: str, context: Context) -> Subscription:
    """The digest with an id, or the only one here where none is given.

    That of another place is not there for who may not manage that. Raises UserError.
    """
    given = given.strip()
    if not given:
        return _only(await subscriptions_of(desk, stores, context, personal=False))
    found = await stores.subscriptions.get(given) if len(given) < 40 else None
    is_near = desk.operator or (found and found.place.platform == context.platform)
    if found is None or not is_near:
        raise UserError("digest.not_found")
    if not await _is_theirs(desk, found, context):
        is_here = found.place.target == context.target and not found.personal
        raise UserError("digest.not_manager" if is_here else "digest.not_found")
    return found


async def may_read(desk: Desk, stores: Stores, row: Row, context: Context) -> bool:
    """Whether somebody may see which posts a digest had: a number may be forged.

    Those may who are where it came to, or in the same workspace; what was passed on to followers is
    everybody's. Raises UserError.
    """
    if desk.operator or row.target == context.target:
        return True
    found = await stores.subscriptions.get(row.subscription) if row.subscription else None
    if found is None:
        return False
    workspace = found.place.workspace
    is_near = workspace is not None and workspace == context.workspace
    if not found.personal and (is_near or found.wishes.publish):
        return True
    return await _is_theirs(desk, found, context)


def _only(here: Sequence[Subscription]) -> Subscription:
    if not here:
        raise UserError("digest.none_here")
    if len(here) > 1:
        raise UserError("digest.which", count=len(here), example=here[0].id)
    return here[0]


async def _is_theirs(desk: Desk, subscription: Subscription, context: Context) -> bool:
    """Whether a digest is somebody's business. Of a channel that is gone it is the creator's."""
    if subscription.personal and not desk.operator:
        return subscription.creator == context.person
    try:
        return await _may_manage(desk, subscription.place, context)
    except TargetGone:
        return subscription.creator == context.person


async def _may_manage(desk: Desk, place: Place, context: Context) -> bool:
    """As the platform says. Raises TargetGone, UserError for what else it says."""
    if desk.operator:
        return True
    try:
        return await desk.platforms[place.platform].may_manage(place.target, context.person)
    except TargetGone:
        raise
    except DeliveryError as error:
        raise refused(error) from error


async def check_can_post(desk: Desk, place: Place) -> None:
    """Refuse a place where the bot cannot post, with what it lacks."""
    missing = await missing_rights(desk, place)
    if missing:
        raise UserError("digest.cannot_post", missing=", ".join(missing))


async def missing_rights(desk: Desk, place: Place) -> Sequence[str]:
    """The rights that the bot lacks in a place. Raises UserError where it is not there."""
    # An operator's command line does not have the platforms of the running bot.
    platform = desk.platforms.get(place.platform)
    with told():
        return () if platform is None else await platform.can_post(place.target)


@contextmanager
def told() -> Iterator[None]:
    """Tell who asks what a platform says to a question."""
    try:
        yield
    except DeliveryError as error:
        raise refused(error) from error


def refused(error: DeliveryError) -> UserError:
    """What a platform says, for who asks."""
    match error:
        case TargetGone():
            return UserError("digest.place_gone")
        case Forbidden(missing=missing) if missing:
            return UserError("digest.cannot_post", missing=", ".join(missing))
        case Forbidden():
            return UserError("digest.not_allowed")
        case _:
            return UserError("digest.try_later")

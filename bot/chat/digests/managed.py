"""The digests of a whole workspace that somebody may manage, and their own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from structlog.stdlib import get_logger

from bot.chat.context import Context
from bot.chat.digests.desk import Desk
from bot.chat.views.home import DIGESTS, Home
from bot.errors import DeliveryError, StateError
from bot.subscription import Place, Subscription

# Places that are looked at for one person, and at the same time.
_PLACES, _AT_ONCE = 50, 5
# People wait for their page.
PATIENCE = 4.0

_log = get_logger(__name__)

Naming = Callable[[str], Awaitable[str]]


async def managed(desk: Desk, workspace: str | None, context: Context) -> Sequence[Subscription]:
    """Their own digests first, then those of channels, the oldest first. Raises StateError.

    What a platform does not say is taken for no.
    """
    subscriptions = (await desk.get_stores()).subscriptions
    own = await subscriptions.of_person(context.platform, context.person)
    if workspace is None:
        return own
    there = await subscriptions.of_workspace(context.platform, workspace)
    places = list(dict.fromkeys(each.place for each in there if not each.personal))[:_PLACES]
    slots = asyncio.Semaphore(_AT_ONCE)

    async def may(place: Place) -> bool:
        try:
            async with slots:
                platform = desk.platforms[place.platform]
                return await platform.may_manage(place.target, context.person)
        except DeliveryError:
            return False

    allowed = await asyncio.gather(*map(may, places))
    theirs = {place for place, is_theirs in zip(places, allowed, strict=True) if is_theirs}
    return [*own, *(each for each in there if each.place in theirs)]


async def home_of(
    desk: Desk,
    workspace: str | None,
    context: Context,
    named: Naming,
    *,
    first: bool,
    patience: float = PATIENCE,
) -> Home:
    """What somebody's page has to know of them; `named` says what a place is called.

    What the state or the platform does not tell within `patience` seconds is left out.
    """
    try:
        async with asyncio.timeout(patience):
            return await _known(desk, workspace, context, named, first=first)
    except (StateError, TimeoutError) as error:
        _log.warning("a page has no digests", cause=error)
        return Home(None, first=first)


async def _known(
    desk: Desk, workspace: str | None, context: Context, named: Naming, *, first: bool
) -> Home:
    found = await managed(desk, workspace, context)
    targets = dict.fromkeys(each.place.target for each in found[:DIGESTS] if not each.personal)
    names: dict[str, str] = {}
    for target in targets:
        try:
            names[target] = await named(target)
        except DeliveryError:
            continue
    return Home(found, names, first)

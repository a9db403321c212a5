"""Which server or workspace digests belong to that were added where no platform could be asked.

An operator's command line knows the channel only; without its server a digest would not end with
that, nor count there.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot.digest.outages import until_done
from bot.errors import DeliveryError, TryLater
from bot.ports import Platform
from bot.stores import GetStores
from bot.subscription import Place

# Between two looks for such digests, in seconds. Platforms have connected by the first one.
LOOKED_EVERY = 300.0


async def keep_placing(
    platforms: Mapping[str, Platform],
    get_stores: GetStores,
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    """Note where such digests belong, for as long as the program runs.

    What a platform does not know, or says of direct messages, is not asked again.
    """
    belong_nowhere: set[Place] = set()
    while True:
        await sleep(LOOKED_EVERY)
        await until_done(
            lambda: place_all(platforms, get_stores, belong_nowhere),
            "where digests belong could not be noted",
            sleep,
        )


async def place_all(
    platforms: Mapping[str, Platform], get_stores: GetStores, belong_nowhere: set[Place]
) -> None:
    """Ask for each digest whose server is not known, except for those that belong nowhere.

    Adds to these. Raises StateError.
    """
    subscriptions = (await get_stores()).subscriptions
    for place in await subscriptions.unplaced(platforms):
        if place in belong_nowhere:
            continue
        try:
            workspace = await platforms[place.platform].workspace(place.target)
        except TryLater:
            continue
        except DeliveryError:
            workspace = None
        if workspace is None:
            belong_nowhere.add(place)
        else:
            await subscriptions.put_in(replace(place, workspace=workspace))

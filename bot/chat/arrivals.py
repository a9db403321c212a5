"""The bot comes to a server or workspace, and goes: what is said then, and what is kept."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from bot.chat.delivery import Deliverer
from bot.errors import Forbidden, TargetGone
from bot.intent import Welcome
from bot.outbox import NewRow, Op, Outcome, delivery_key
from bot.ports import Platform
from bot.stores import GetStores, Stores
from bot.subscription import Place

# First words that come later than this would be odd.
WELCOMED_WITHIN = timedelta(hours=12)


class Arrivals:
    """Told by adapters where the bot was added and removed; `now` gives the time in UTC."""

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        get_stores: GetStores,
        deliverer: Deliverer,
        now: Callable[[], datetime],
    ) -> None:
        self._platforms = platforms
        self._get_stores = get_stores
        self._deliverer = deliverer
        self._now = now
        # What happens to a workspace counts in the order in which it is told. Within it only the
        # state is asked.
        self._in_turn = asyncio.Lock()

    async def joined(self, place: Place, language: str) -> None:
        """Say hello in a place where it may write, until it was heard once in the workspace.

        Where it may not, whoever manages the place gets it as a direct message. What was kept of
        the workspace from an earlier stay goes on. Raises StateError and TryLater.
        """
        async with self._in_turn:
            stores = await self._get_stores()
            if place.workspace is not None:
                now = self._now()
                await stores.upkeep.workspace_returned(place.platform, place.workspace, now)
        # Not in turn: who comes and goes elsewhere does not wait for an answer of the platform.
        may_write = await self._may_write(place)
        async with self._in_turn:
            if place.workspace not in await stores.upkeep.removed(place.platform):
                row = await self._welcome(stores, place, language, may_write=may_write)
                await stores.outbox.put([row], self._now())
        self._deliverer.kick()

    async def left(self, platform: str, workspace: str) -> None:
        """Nothing is sent there any more; what is kept is deleted after a while.

        Raises StateError.
        """
        async with self._in_turn:
            upkeep = (await self._get_stores()).upkeep
            await upkeep.workspace_removed(platform, workspace, self._now())

    async def found(
        self, platform: str, workspaces: Collection[str], is_ours: Callable[[str], bool]
    ) -> Collection[str]:
        """After a start: notice where the bot was removed meanwhile, and where it was added again.

        `workspaces` has all in which it is now, as far as `is_ours` says that they are this
        process's business. Returns those in which it never said hello. Raises StateError.
        """
        async with self._in_turn:
            await self._compare(platform, workspaces, is_ours)
            keys = {_key(platform, each): each for each in workspaces if is_ours(each)}
            greeted = await (await self._get_stores()).outbox.there(keys)
            return [workspace for key, workspace in keys.items() if key not in greeted]

    async def _compare(
        self, platform: str, workspaces: Collection[str], is_ours: Callable[[str], bool]
    ) -> None:
        stores, now = await self._get_stores(), self._now()
        # Nearly all are there as before, and of these nothing is written.
        for workspace in sorted(await stores.upkeep.removed(platform)):
            if workspace in workspaces and is_ours(workspace):
                await stores.upkeep.workspace_returned(platform, workspace, now)
        for workspace in sorted(await stores.subscriptions.workspaces(platform)):
            if workspace not in workspaces and is_ours(workspace):
                await stores.upkeep.workspace_removed(platform, workspace, now)

    async def _welcome(
        self, stores: Stores, place: Place, language: str, *, may_write: bool
    ) -> NewRow:
        now = self._now()
        return NewRow(
            key=await _new_key(stores, place),
            platform=place.platform,
            op=Op.POST if may_write else Op.TELL,
            said=Welcome(),
            language=language,
            ready_at=now,
            deadline=now + WELCOMED_WITHIN,
            target=place.target,
            workspace=place.workspace,
        )

    async def _may_write(self, place: Place) -> bool:
        try:
            return not await self._platforms[place.platform].can_post(place.target)
        except (TargetGone, Forbidden):
            return False


async def _new_key(stores: Stores, place: Place) -> str:
    """The key of a welcome: another one only where those before could not be sent."""
    name = (place.platform, place.workspace or place.target)
    key, attempt = _key(*name), 0
    while (row := await stores.outbox.row(key)) and row.outcome not in (None, Outcome.DONE):
        attempt += 1
        key = _key(*name, attempt)
    return key


def _key(platform: str, workspace: str, *attempt: int) -> str:
    return delivery_key("welcome", platform, workspace, *attempt)

"""The digests of places, who changed them, and what is forgotten with a person."""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import UserError
from bot.intent import Stopped
from bot.outbox import Cause
from bot.payload import from_text, to_text
from bot.subscription import Change, Place, Subscription
from storage.state.database import State
from storage.state.records import changing_of, subscription_of, values_of, wishes_of
from storage.state.statements import drop, locked_fact
from storage.state.tables import IS_TOLD, OUTBOX, SUBSCRIPTION, SUBSCRIPTION_CHANGE
from storage.state.workspaces import forget_targets, set_going

_COLUMNS = SUBSCRIPTION.c
_CHANGES = SUBSCRIPTION_CHANGE.c
_LOCK = "subscriptions"
_IS_UNPLACED = and_(_COLUMNS.workspace.is_(None), _COLUMNS.personal.is_(False))


class StoredSubscriptions:
    """Keeps subscriptions in the state, as bot.stores.Subscriptions asks."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, subscription: Subscription, person: str | None, most: int) -> Subscription:
        """Keep a new one; one of the same place, times and wishes is returned in its stead.

        A workspace that was noted as one that the bot was removed from is there again. Raises
        UserError where the workspace (without one, the place) has `most` already.
        """
        place = subscription.place
        async with self._state.writing() as connection:
            # Counting and adding is one thing, also for two that do it at once.
            await locked_fact(connection, _LOCK)
            wishes = [_COLUMNS[name] == value for name, value in wishes_of(subscription).items()]
            query = select(SUBSCRIPTION).where(_of(place), *wishes)
            same = (await connection.execute(query)).mappings().first()
            if same is not None:
                return subscription_of(same)
            if await _count_around(connection, place) >= most:
                raise UserError("chat.too_many_digests", most=most)
            if place.workspace is not None:
                await set_going(connection, place.platform, place.workspace)
            await connection.execute(insert(SUBSCRIPTION).values(**values_of(subscription)))
            change = Change(subscription.created_at, person, "add")
            await _note(connection, subscription.id, place.platform, change)
        return subscription

    async def get(self, subscription: str) -> Subscription | None:
        """The one with an id."""
        found = await self._where(_COLUMNS.id == subscription)
        return found[0] if found else None

    async def of_place(self, place: Place) -> Sequence[Subscription]:
        """Those of a place, the oldest first."""
        return await self._where(_of(place))

    async def of_workspace(self, platform: str, workspace: str) -> Sequence[Subscription]:
        """Those of all places of a server or workspace, the oldest first."""
        return await self._where(_within(platform, workspace))

    async def of_person(self, platform: str, person: str) -> Sequence[Subscription]:
        """The personal ones of a person, the oldest first."""
        return await self._where(_personal(platform, person))

    async def every(self) -> Sequence[Subscription]:
        """All of them, the oldest first."""
        return await self._where()

    async def workspaces(self, platform: str) -> frozenset[str]:
        """The servers or workspaces that have any."""
        has_one = and_(_COLUMNS.platform == platform, _COLUMNS.workspace.is_not(None))
        async with self._state.reading() as connection:
            return frozenset(
                await connection.scalars(select(_COLUMNS.workspace).where(has_one).distinct())
            )

    async def unplaced(self, platforms: Collection[str]) -> Sequence[Place]:
        """The places of those that are not personal, but have no server or workspace either."""
        query = (
            select(_COLUMNS.platform, _COLUMNS.target)
            .where(_COLUMNS.platform.in_(list(platforms)), _IS_UNPLACED)
            .distinct()
        )
        async with self._state.reading() as connection:
            return [Place(*found) for found in await connection.execute(query)]

    async def put_in(self, place: Place) -> None:
        """Note the workspace of a place, for its digests and for what was sent there."""
        sent = and_(
            OUTBOX.c.platform == place.platform,
            OUTBOX.c.target == place.target,
            OUTBOX.c.workspace.is_(None),
        )
        async with self._state.writing() as connection:
            for table, rows in ((SUBSCRIPTION, and_(_of(place), _IS_UNPLACED)), (OUTBOX, sent)):
                await connection.execute(
                    update(table).where(rows).values(workspace=place.workspace)
                )

    async def _where(self, *conditions: ColumnElement[bool]) -> Sequence[Subscription]:
        query = select(SUBSCRIPTION).where(*conditions).order_by(_COLUMNS.created_at, _COLUMNS.id)
        async with self._state.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [subscription_of(row) for row in rows]

    async def change(
        self,
        subscription: Subscription,
        person: str | None,
        what: str,
        details: str,
        now: datetime,
        *,
        before: Subscription | None = None,
    ) -> bool:
        """Keep its times and wishes, when it is due and whether it is stopped, and who did that.

        What never changes is left alone: who made it may have asked to be forgotten meanwhile. A
        "pause" ends what waits to be sent for it. False where it has been removed, or is not as it
        was `before` any more.
        """
        is_it = _COLUMNS.id == subscription.id
        async with self._state.writing() as connection:
            query = select(SUBSCRIPTION).where(is_it).with_for_update()
            found = (await connection.execute(query)).mappings().first()
            if found is None:
                return False
            if before is not None and changing_of(subscription_of(found)) != changing_of(before):
                return False
            changed = update(SUBSCRIPTION).where(is_it).values(**changing_of(subscription))
            await connection.execute(changed)
            if what == "pause":
                await drop(connection, _waiting(subscription.id), now, Cause.PAUSED.value)
            change = Change(now, person, what, details)
            await _note(connection, subscription.id, subscription.place.platform, change)
        return True

    async def remove(self, subscription: str, person: str | None, now: datetime) -> bool:
        """End one with everything that waits to be sent for it; whether it was there.

        Which posts its place has had stays: they do not come again if somebody adds another.
        """
        async with self._state.writing() as connection:
            platform = await connection.scalar(
                delete(SUBSCRIPTION).where(_COLUMNS.id == subscription).returning(_COLUMNS.platform)
            )
            if platform is None:
                return False
            await drop(connection, _waiting(subscription), now, Cause.REMOVED.value)
            await _note(connection, subscription, platform, Change(now, person, "remove"))
        return True

    async def changes(self, subscription: str, limit: int) -> Sequence[Change]:
        """What was done with it, the newest first."""
        query = (
            select(_CHANGES.changed_at, _CHANGES.person, _CHANGES.what, _CHANGES.details)
            .where(_CHANGES.subscription == subscription)
            .order_by(_CHANGES.id.desc())
            .limit(limit)
        )
        async with self._state.reading() as connection:
            return [Change(*row) for row in await connection.execute(query)]

    async def forget_person(self, platform: str, person: str, direct: str | None = None) -> int:
        """Delete all of a person's: personal digests, and the name wherever it stands.

        With the personal digests goes all that was kept of their direct messages; `direct` names
        those where they are known, since earlier digests may have been there. Returns how many
        personal digests there were.
        """
        async with self._state.writing() as connection:
            deleted = (
                await connection.execute(
                    delete(SUBSCRIPTION)
                    .where(_personal(platform, person))
                    .returning(_COLUMNS.id, _COLUMNS.target)
                )
            ).all()
            targets = {target for _, target in deleted} | ({direct} if direct else set())
            await connection.execute(
                delete(SUBSCRIPTION_CHANGE).where(
                    _CHANGES.subscription.in_([name for name, _ in deleted])
                )
            )
            await forget_targets(connection, platform, sorted(targets))
            await connection.execute(
                update(SUBSCRIPTION)
                .where(_COLUMNS.platform == platform, _COLUMNS.creator == person)
                .values(creator=None)
            )
            await connection.execute(
                update(SUBSCRIPTION_CHANGE)
                .where(_CHANGES.platform == platform, _CHANGES.person == person)
                .values(person=None)
            )
            await _forget_in_notices(connection, platform, person)
            if direct is not None:
                await _forget_messages_in(connection, platform, direct)
        await self._state.settle()
        return len(deleted)


def _waiting(subscription: str) -> ColumnElement[bool]:
    return and_(OUTBOX.c.subscription == subscription, OUTBOX.c.outcome.is_(None))


def _of(place: Place) -> ColumnElement[bool]:
    return and_(_COLUMNS.platform == place.platform, _COLUMNS.target == place.target)


def _within(platform: str, workspace: str) -> ColumnElement[bool]:
    return and_(_COLUMNS.platform == platform, _COLUMNS.workspace == workspace)


def _personal(platform: str, person: str) -> ColumnElement[bool]:
    return and_(
        _COLUMNS.platform == platform, _COLUMNS.creator == person, _COLUMNS.personal.is_(True)
    )


async def _count_around(connection: AsyncConnection, place: Place) -> int:
    """How many a workspace has, without one a place."""
    around = _of(place)
    if place.workspace is not None:
        around = _within(place.platform, place.workspace)
    query = select(func.count()).select_from(SUBSCRIPTION).where(around)
    return (await connection.execute(query)).scalar_one()


async def _note(
    connection: AsyncConnection, subscription: str, platform: str, change: Change
) -> None:
    await connection.execute(
        insert(SUBSCRIPTION_CHANGE).values(
            subscription=subscription,
            changed_at=change.at,
            platform=platform,
            person=change.person,
            what=change.what,
            details=change.details,
        )
    )


async def _forget_in_notices(connection: AsyncConnection, platform: str, person: str) -> None:
    """Take a name out of the notices that a digest has stopped; they go to others then."""
    notices = await connection.execute(
        select(OUTBOX.c.id, OUTBOX.c.said).where(
            OUTBOX.c.platform == platform,
            IS_TOLD,
            OUTBOX.c.said.contains(json.dumps(person, ensure_ascii=False), autoescape=True),
        )
    )
    for row, text in notices.all():
        said = from_text(text)
        if isinstance(said, Stopped) and said.person == person:
            nameless = to_text(replace(said, person=None))
            await connection.execute(update(OUTBOX).where(OUTBOX.c.id == row).values(said=nameless))


async def _forget_messages_in(connection: AsyncConnection, platform: str, direct: str) -> None:
    """Take out where notices about other places went, since those are not deleted with these."""
    await connection.execute(
        update(OUTBOX)
        .where(
            OUTBOX.c.platform == platform,
            IS_TOLD,
            OUTBOX.c.reference.startswith(f"{direct}/", autoescape=True),
        )
        .values(reference=None)
    )

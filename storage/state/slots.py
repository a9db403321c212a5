"""When a platform may be asked next, kept by all workers together: a slot for each request."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import Pace
from storage.state.statements import in_batches, inserting
from storage.state.tables import PACE

# How far ahead slots are handed out.
AHEAD = timedelta(seconds=1)
# A pause that is longer was written by a clock that has jumped since.
LONGEST_PAUSE = timedelta(hours=1)


class Slots:
    """The slots of a platform and its channels, handed out by one transaction at a time."""

    def __init__(self, platform: str, pace: Pace, now: datetime) -> None:
        self._platform = platform
        self._pace = pace
        self._now = now
        self._free_at: dict[str, datetime] = {}
        self._taken: set[str] = set()

    async def read(self, connection: AsyncConnection, channels: Iterable[str | None]) -> None:
        """Learn when channels are free, None for the platform itself."""
        scopes = {scope_of(self._platform, channel) for channel in channels}
        for some in in_batches(scopes):
            found = await connection.execute(select(PACE).where(PACE.c.scope.in_(some)))
            self._free_at.update({row.scope: row.free_at for row in found})

    @property
    def next(self) -> datetime:
        """The next slot that is free."""
        return self._when(self._platform)

    @property
    def is_any_near(self) -> bool:
        """Whether that is near enough to be handed out."""
        return self.next <= self._now + AHEAD

    def channel_free_at(self, channel: str | None) -> datetime:
        """When a message may come to a channel."""
        return self._now if channel is None else self._when(self._scope(channel))

    def take(self, channel: str | None, *, asks: bool = True) -> datetime:
        """The next slot, for one request; it stays free where nothing is asked."""
        slot = self.next
        if asks:
            self._set(self._platform, slot + self._pace.interval)
        if channel is not None and self._pace.channel_seconds:
            free_at = slot + timedelta(seconds=self._pace.channel_seconds)
            self._set(self._scope(channel), max(free_at, self.channel_free_at(channel)))
        return slot

    async def write(self, connection: AsyncConnection) -> None:
        """Keep what was taken."""
        await set_free_at(connection, {scope: self._free_at[scope] for scope in self._taken})

    def _when(self, scope: str) -> datetime:
        free_at = self._free_at.get(scope, self._now)
        return self._now if free_at > self._now + LONGEST_PAUSE else max(free_at, self._now)

    def _set(self, scope: str, free_at: datetime) -> None:
        self._free_at[scope] = free_at
        self._taken.add(scope)

    def _scope(self, channel: str) -> str:
        return scope_of(self._platform, channel)


def scope_of(platform: str, channel: str | None) -> str:
    """Under what the pace of a platform or of its channel is kept."""
    return platform if channel is None else f"{platform}:{channel}"


async def open_slots(
    connection: AsyncConnection, platform: str, pace: Pace, now: datetime
) -> Slots:
    """The slots of a platform, which nobody else can take before the transaction ends."""
    await lock(connection, platform, now)
    slots = Slots(platform, pace, now)
    await slots.read(connection, (None,))
    return slots


async def lock(connection: AsyncConnection, platform: str, now: datetime) -> None:
    """Keep others from taking slots of a platform until the transaction ends."""
    insert = inserting(connection, PACE).values(scope=platform, free_at=now)
    await connection.execute(insert.on_conflict_do_nothing())
    query = select(PACE.c.scope).where(PACE.c.scope == platform)
    await connection.execute(query.with_for_update())


async def pause(
    connection: AsyncConnection, platform: str, channel: str | None, now: datetime, until: datetime
) -> None:
    """Let nobody ask a platform, or its channel, before a time; what is later stays."""
    await lock(connection, platform, now)
    scope = scope_of(platform, channel)
    query = select(PACE.c.free_at).where(PACE.c.scope == scope)
    free_at = await connection.scalar(query)
    if free_at is None or free_at < until or free_at > now + LONGEST_PAUSE:
        await set_free_at(connection, {scope: until})


async def set_free_at(connection: AsyncConnection, times: Mapping[str, datetime]) -> None:
    """Keep when platforms and channels may be asked again."""
    if not times:
        return
    insert = inserting(connection, PACE)
    upsert = insert.on_conflict_do_update(
        index_elements=[PACE.c.scope], set_={"free_at": insert.excluded.free_at}
    )
    rows = [{"scope": scope, "free_at": free_at} for scope, free_at in sorted(times.items())]
    await connection.execute(upsert, rows)

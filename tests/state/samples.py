"""Subscriptions and rows of the outbox for tests of the state."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Table, insert, select

from bot.intent import Said, ShowDigest
from bot.outbox import Op
from bot.payload import to_text
from bot.stores import Wanted
from bot.subscription import EVERY_DAY, Due, Place, Subscription, Times, Wishes
from storage.state.codes import StoredCodes
from storage.state.database import State
from storage.state.handled import StoredHandledEvents
from storage.state.hidden import StoredHiddenPosts
from storage.state.holds import StoredHolds
from storage.state.installations import StoredInstallations
from storage.state.seen import StoredSeenPosts
from storage.state.subscriptions import StoredSubscriptions
from storage.state.tables import HAD_POST, OUTBOX, OUTBOX_POST, PACE, WORKSPACE

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

GENERAL = Place("discord", "C1", "G1")
DIRECT = Place("discord", "D1")
MORNING = Times(time(9, 30), EVERY_DAY, "Asia/Tokyo")
# The morning after NOW, in Tokyo.
NEXT = Due(datetime(2026, 11, 22, 0, 30, tzinfo=UTC), date(2026, 11, 22))

MADE = Subscription("s1", GENERAL, MORNING, Wishes(), "alice", NOW, NEXT)


def subscription(name: str, place: Place = GENERAL, **changes: Any) -> Subscription:
    """One that differs from all others by its time, with some things changed."""
    minute = sum(name.encode()) % 60
    times = replace(MORNING, at=time(10, minute))
    return replace(MADE, id=name, place=place, times=times, **changes)


async def put_row(
    state: State,
    key: str,
    *,
    op: Op = Op.POST,
    said: Said | None = None,
    posts: Sequence[str] = (),
    **values: Any,
) -> None:
    """Write a row of the outbox, ready unless it says otherwise."""
    row = {
        "key": key,
        "platform": "discord",
        "op": op.value,
        "said": to_text(said or ShowDigest("2026-11-21", 1)),
        "language": "ja",
        "target": GENERAL.target,
        "created_at": NOW,
        "ready_at": NOW,
        "deadline": NOW + 12 * HOUR,
        "priority": 1,
        "wish": 1,
        "tries": 0,
        **values,
    }
    async with state.writing() as connection:
        (number,) = (
            await connection.execute(insert(OUTBOX).values(**row).returning(OUTBOX.c.id))
        ).one()
        for place, post in enumerate(posts):
            shown = {"row": number, "place": place, "post": post, "version": "1:a"}
            await connection.execute(insert(OUTBOX_POST).values(**shown))


async def note_had(state: State, place: Place, posts: Collection[str]) -> None:
    """Note that a place has had some posts."""
    rows = [{"platform": place.platform, "target": place.target, "post": post} for post in posts]
    async with state.writing() as connection:
        await connection.execute(insert(HAD_POST), rows)


async def had(state: State) -> set[tuple[str, str]]:
    """Which targets have had which posts."""
    query = select(HAD_POST.c.target, HAD_POST.c.post)
    async with state.reading() as connection:
        return {(target, post) for target, post in await connection.execute(query)}


async def outcomes(state: State) -> dict[str, str | None]:
    """How each row of the outbox has ended, by its key."""
    query = select(OUTBOX.c.key, OUTBOX.c.outcome)
    async with state.reading() as connection:
        return {row.key: row.outcome for row in await connection.execute(query)}


async def rows_of(state: State, table: Table) -> list[dict[str, Any]]:
    """All rows of a table, in the order of its key."""
    query = select(table).order_by(*table.primary_key.columns)
    async with state.reading() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


async def fill(state: State) -> None:
    """Put something into every table."""
    subscriptions = StoredSubscriptions(state)
    await subscriptions.add(MADE, "alice", 50)
    await subscriptions.add(subscription("p1", DIRECT, personal=True, due=None), "bob", 50)
    await StoredCodes(state).keep({"code": "検索 gpu"}, NOW + DAY)
    await StoredSeenPosts(state).observe({"a": "1:aa", "b": "1:bb"}, 100, NOW - DAY)
    await StoredHiddenPosts(state).hide("b", 3, NOW)
    await note_had(state, GENERAL, ["a"])
    await put_row(state, "sent", outcome="done", reference="C1/1", done_at=NOW, posts=["a", "b"])
    await put_row(state, "waits", posts=["a"], worker="w", lease_until=NOW + HOUR)
    async with state.writing() as connection:
        await connection.execute(insert(PACE).values(scope="discord", free_at=NOW))
        removed = {"platform": "discord", "workspace": "G9", "removed_at": NOW}
        await connection.execute(insert(WORKSPACE).values(**removed))
    await StoredInstallations(state).keep("slack", "T1", "sealed", NOW)
    await StoredHandledEvents(state).take("slack:Ev1", NOW + DAY)
    await StoredHolds(state).hold(Wanted("discord:1", (0,), 1), "host 1 abcd", HOUR)

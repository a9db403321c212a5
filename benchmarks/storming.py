"""Many digests due at once, in real time, by the real client of a platform."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bot.digest.dispatcher import Dispatcher
from bot.digest.pacing import LATE
from bot.digest.sending import Content
from bot.intent import OpenPost, ShowDigest
from bot.outbox import NewRow, Op, PostVersion
from bot.outbox import Row as Delivery
from bot.ports import Platform
from bot.stores import Stores
from bot.view import Action, Button, Heading, Item, Posting, View
from bot.view import Run as Words
from storage.state.database import open_state
from tests.delivery.remote import AnyWorld
from tests.delivery.stations import is_held, nothing_follows, running, stores_of, versions_of
from tests.delivery.worker import open_rows

# How often the sender looks whether it is kept waiting, in seconds.
WATCH = 0.005


@dataclass(slots=True)
class Steps:
    """When messages were tried: all tries, by a clock; and how often the process was kept waiting.

    On a busy machine slots pass by unused, which says nothing about the sender.
    """

    posts: list[float] = field(default_factory=list)
    held_up: int = 0

    async def watch(self) -> None:
        """Count, until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(WATCH)
            self.held_up += time.monotonic() - before > WATCH + LATE.total_seconds()

    def reach(self, step: str) -> str | None:
        """Note a step."""
        if step == "post":
            self.posts.append(time.monotonic())
        return None


async def storm(
    directory: Path, world: AnyWorld, count: int, channel_of: Callable[[int], str]
) -> dict[str, float]:
    """Send digests that are all due at once; between which times there was always one to send.

    `channel_of` gives the target of each by its number.
    """
    steps = Steps()
    async with (
        open_state(directory / "state.sqlite3") as state,
        world.platform(steps.reach, can_find=True) as platform,
    ):
        stores = stores_of(state)

        async def get_stores() -> Stores:
            return stores

        dispatcher = Dispatcher(
            get_stores,
            [platform],
            Content(_compose, is_held, versions_of, nothing_follows),
            now=_now,
            sleep=asyncio.sleep,
            random=Random(1),  # noqa: S311 (no secret)
            worker="storm",
        )
        due = _now()
        name = world.places.platform
        rows = [_digest(number, name, channel_of(number), due) for number in range(count)]
        await stores.outbox.put(rows, due)
        watching = asyncio.create_task(steps.watch())
        async with running(dispatcher):
            while await open_rows(state):  # noqa: ASYNC110 (nothing tells of the last one)
                await asyncio.sleep(0.1)
        watching.cancel()
    # Whatever fails comes again later, after all others had their first try.
    return {
        "begins": steps.posts[0],
        "ends": steps.posts[count - 1],
        "held_up": steps.held_up,
    }


def most_in_a_second(times: Sequence[float]) -> int:
    """The most of some times, in their order, that any second has."""
    first = most = 0
    for last, at in enumerate(times):
        while times[first] <= at - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def _digest(number: int, platform: str, channel: str, due: datetime) -> NewRow:
    return NewRow(
        key=f"digest-{number}",
        platform=platform,
        op=Op.POST,
        said=ShowDigest(due.date().isoformat(), 2),
        language="ja",
        ready_at=due,
        deadline=due + timedelta(hours=12),
        target=channel,
        posts=(PostVersion("a", "1:new"), PostVersion("b", "1:new")),
        due_at=due,
    )


async def _compose(row: Delivery, platform: Platform) -> Posting:
    """A digest of five posts, each with a button."""
    codes = {Action(OpenPost(f"{row.key}-{place}")): f"1p{place}~AAAAAA" for place in range(5)}
    items = [
        Item((Words("題名" * 10),), ((Words("引用の一行" * 20),),), Button("読む", action))
        for action in codes
    ]
    return Posting(View(row.key, (Heading((Words(row.key),)), *items)), row.language, codes)


def _now() -> datetime:
    return datetime.now(UTC)

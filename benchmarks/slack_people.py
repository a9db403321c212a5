"""Slack and the people in it as a process of its own: `python -m benchmarks.slack_people`.

It prints where it is as a line of JSON, then answers each order on its standard input with another.
"""

import asyncio
import json
import random
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from bot.chat.codes import effect_of
from bot.errors import UserError
from bot.view import Effect
from tests.slack.server import NoAnswer, Seen, Slack, opened_slack
from tests.slack.server.world import Channel, Interaction, Sight, Workspace

Order = dict[str, Any]

# What a person presses that has no effect on others.
LOOKING = (Effect.REPLACE, Effect.OPEN)
SECONDS = 120.0


class People:
    """Everybody who uses the bot; each does a few things, as no single person does hundreds."""

    def __init__(self, slack: Slack, team: Workspace, channel: Channel) -> None:
        self._slack = slack
        self._team = team
        self._channel = channel
        self._random = random.Random(1)  # noqa: S311
        self._came = 0

    async def ready(self, order: Order) -> Order:
        """Wait until the bot is connected and answers."""
        await self._slack.connected(seconds=SECONDS)
        await self._visit("help", 0)
        return {"ready": True}

    async def play(self, order: Order) -> Order:
        """Have so many people (`at_a_time`) at once ask the queries, and press buttons each time.

        `presses` says how often. Gives what they met.
        """
        before, acks = set(self._slack.interactions), len(self._slack.link.acks)
        missed = await self._all(iter(order["queries"]), order["at_a_time"], order["presses"])
        await self._slack.settled(SECONDS)
        return self._told(before, acks, missed)

    async def cut(self, order: Order) -> Order:
        """Have so many people (`at_a_time`) at once ask the queries, and press buttons each time.

        All of it is told twice, and the connection cut so many `times` meanwhile. `presses` says
        how often each of them presses something. Gives what they met.
        """
        slack, queries = self._slack, order["queries"]
        slack.link.repeats = 1
        before, acks, ended = set(slack.interactions), len(slack.link.acks), asyncio.Event()

        def asked() -> Iterator[str]:
            while not ended.is_set():
                yield self._random.choice(queries)

        using = asyncio.create_task(self._all(asked(), order["at_a_time"], order["presses"]))
        for _ in range(order["times"]):
            await slack.connected(seconds=SECONDS)
            await self._asked(self._random.randrange(1, 20))
            await slack.link.socket.cut()
        ended.set()
        missed = await using
        await slack.settled(SECONDS)
        # Whatever else was on its way is there before the answer to this.
        await self._visit("help", 0)
        return self._told(before, acks, missed)

    async def _asked(self, more: int) -> None:
        """Wait until so many more have asked; some of them are answered by then, others are not."""
        enough = len(self._slack.interactions) + 2 * more
        await self._slack.changes.until(lambda: len(self._slack.interactions) >= enough, SECONDS)

    async def _all(self, queries: Iterator[str], at_a_time: int, presses: int) -> list[str]:
        missed: list[str] = []

        async def come() -> None:
            for query in queries:
                try:
                    await self._visit(query, presses)
                except NoAnswer as error:
                    missed.append(str(error))

        await asyncio.gather(*(come() for _ in range(at_a_time)))
        return missed

    async def _visit(self, query: str, presses: int) -> None:
        """Somebody comes, asks, and looks on from there."""
        slack = self._slack
        self._came += 1
        person = slack.add_user(self._team, f"person-{self._came}")
        self._channel.members[person.id] = person
        player = slack.player(person, self._channel)
        since = len(slack.sights)
        seen = await player.types(f"/matome {query}")
        if not seen.blocks:
            # They are told to wait.
            seen = await whole_answer(slack, seen, since)
        for _ in range(presses):
            pressed = [one for one in seen.labels if one in leading_on(seen)]
            if not pressed:
                return
            seen = await player.clicks(seen, self._random.choice(pressed))

    def _told(self, before: set[str], acks: int, missed: list[str]) -> Order:
        """What became of all that they did since then; times in ms."""
        slack = self._slack
        mine = {id(one): one for key, one in slack.interactions.items() if key not in before}
        seen: dict[int, list[Sight]] = {key: [] for key in mine}
        for sight in slack.sights:
            if sight.message is not None and id(sight.interaction) in seen:
                seen[id(sight.interaction)].append(sight)
        answers = {key: [*filter(_is_answer, sights)] for key, sights in seen.items()}
        return {
            "asked": len(mine),
            "presses": sum(one.message is not None for one in mine.values()),
            "first": [_ms(mine[key], sights[0]) for key, sights in seen.items() if sights],
            "shown": [_ms(mine[key], sights[0]) for key, sights in answers.items() if sights],
            "acks": [ack.seconds * 1000 for ack in slack.link.acks[acks:]],
            "missed": missed,
            "unanswered": sum(not sights for sights in answers.values()),
            "twice": sum(len(sights) > 1 for sights in answers.values()),
            "opened": slack.link.socket.opened,
            "resent": slack.link.socket.resends,
            "slowest": max((ack.seconds for ack in slack.link.acks[acks:]), default=0.0),
            "complaints": slack.complaints,
        }


async def whole_answer(slack: Slack, waiting: Seen, since: int) -> Seen:
    """What comes after the words that stand for an answer, among the sights since then."""
    sights, read = slack.sights, since
    answers: list[Sight] = []

    def there() -> bool:
        nonlocal read
        new, read = sights[read:], len(sights)
        answers.extend(
            one for one in new if one.interaction is waiting.interaction and _is_answer(one)
        )
        return bool(answers)

    if not await slack.changes.until(there, SECONDS):
        raise NoAnswer("there are no more than words that stand for an answer")
    return Seen(answers[0].message, interaction=waiting.interaction)


def _is_answer(sight: Sight) -> bool:
    """Answers are messages with something in them; others are words that stand for one."""
    return sight.message is not None and bool(sight.message.blocks)


def _ms(interaction: Interaction, sight: Sight) -> float:
    return (sight.at - interaction.at) * 1000


def leading_on(seen: Seen) -> list[str]:
    """The labels of buttons that change nothing for others."""
    found = []
    for block in seen.blocks:
        for one in (*block.get("elements", ()), block.get("accessory") or {}):
            with suppress(UserError):
                if one.get("value") and effect_of(one["value"]) in LOOKING:
                    found.append(one["text"]["text"])
    return found


async def run() -> None:
    """Serve until the standard input ends."""
    async with opened_slack() as slack:
        # What people do is not limited by how often the bot may say something.
        slack.rates.burst = slack.rates.workspace = 1_000_000
        slack.rates.tiers.clear()
        team = slack.add_team("readers")
        token = slack.install(team)
        people = People(slack, team, slack.add_channel(team, "general"))
        where = {
            "api_url": slack.api_url,
            "bot_token": token.value,
            "app_token": slack.app_token.value,
        }
        print(json.dumps(where), flush=True)
        orders = {"ready": people.ready, "play": people.play, "cut": people.cut}
        while line := await asyncio.to_thread(sys.stdin.readline):
            order = json.loads(line)
            print(json.dumps(await orders[order["do"]](order)), flush=True)


if __name__ == "__main__":
    asyncio.run(run())

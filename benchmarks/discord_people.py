"""Discord and the people in it as a process of its own: `python -m benchmarks.discord_people`.

It prints where it is as a line of JSON, then answers each order on its standard input with another.
"""

import argparse
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
from tests.discord.server import Discord, NoAnswer, Seen, opened_discord
from tests.discord.server.world import Guild, Interaction

Order = dict[str, Any]

COMMAND = "/matome"
# What a person presses that has no effect on others.
LOOKING = (Effect.REPLACE, Effect.OPEN)
SECONDS = 120.0


class People:
    """Everybody who uses the bot; each does a few things, as no single person does hundreds."""

    def __init__(self, discord: Discord, guilds: list[Guild]) -> None:
        self._discord = discord
        self._guilds = guilds
        self._random = random.Random(1)  # noqa: S311
        self._came = 0

    async def ready(self, order: Order) -> Order:
        """Wait until the bot is connected and its commands are known."""
        discord = self._discord
        await discord.connected(seconds=SECONDS)
        known = await discord.changes.until(lambda: bool(discord.commands), SECONDS)
        return {"ready": known}

    async def play(self, order: Order) -> Order:
        """Have so many people (`at_a_time`) at once ask the queries, and press buttons each time.

        `presses` says how often. Gives what each of them met.
        """
        waiting = iter(order["queries"])
        before = len(self._discord.interactions)
        missed = await self._all(waiting, order["at_a_time"], order["presses"])
        return self._told(before, missed)

    async def cut(self, order: Order) -> Order:
        """The same, while the gateway is cut so many `times`, until it has been cut enough."""
        queries = order["queries"]
        before = len(self._discord.interactions)
        ended = asyncio.Event()
        resumed = self._discord.gateway.counts.resumed

        def asked() -> Iterator[str]:
            while not ended.is_set():
                yield self._random.choice(queries)

        using = asyncio.create_task(self._all(asked(), order["at_a_time"], order["presses"]))
        for _ in range(order["times"]):
            await self._discord.connected(seconds=SECONDS)
            await self._asked(self._random.randrange(1, 20))
            await self._discord.gateway.cut()
        ended.set()
        missed = await using
        resumed = self._discord.gateway.counts.resumed - resumed
        return self._told(before, missed) | {"resumed": resumed}

    async def _asked(self, more: int) -> None:
        """Wait until so many more have asked; some of them are answered by then, others are not."""
        enough = len(self._discord.interactions) + more
        await self._discord.changes.until(
            lambda: len(self._discord.interactions) >= enough, SECONDS
        )

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
        discord = self._discord
        self._came += 1
        person = discord.add_user(f"person-{self._came}")
        guild = self._guilds[self._came % len(self._guilds)]
        discord.join(guild, person)
        player = discord.player(person, next(iter(guild.channels.values())))
        seen = await player.types(COMMAND, query=query)
        for _ in range(presses):
            codes = [one["custom_id"] for one in seen.buttons if leads_on(one)]
            if not codes:
                return
            seen = shown(await player.presses(seen, self._random.choice(codes)), seen)

    def _told(self, before: int, missed: list[str]) -> Order:
        """What became of everything since then; times in ms."""
        state = self._discord
        mine = [*state.interactions.values()][before:]
        answered = [one for one in mine if one.heard]
        return {
            "asked": len(mine),
            "first": [_ms(one, 0) for one in answered],
            "shown": [_ms(one, -1) for one in answered],
            "presses": sum(one.on is not None for one in mine),
            "missed": missed,
            "unanswered": len(mine) - len(answered),
            "twice": sum(_visible(one) > 1 for one in mine),
            "refused": [str(refusal) for refusal in state.refusals],
            "unknown": [*state.unknown_routes, *state.odd_bodies],
        }


def leads_on(button: Order) -> bool:
    """Whether a button changes nothing for others."""
    if not button.get("custom_id") or button.get("disabled"):
        return False
    with suppress(UserError):
        return effect_of(button["custom_id"]) in LOOKING
    return False


def shown(seen: Seen, before: Seen) -> Seen:
    """What a person looks at, who was shown something or not."""
    return before if seen.message is None else seen


def _ms(interaction: Interaction, which: int) -> float:
    return (interaction.heard[which] - interaction.told) * 1000


def _visible(interaction: Interaction) -> int:
    """How many answers a person saw: a promise and what it became are one."""
    promised = interaction.answer in (5, 6)
    return len(interaction.heard) - promised


def built(discord: Discord, guilds: int, channels: int, roles: int) -> list[Guild]:
    """Guilds with so many channels and roles each."""
    made = []
    for number in range(guilds):
        guild = discord.add_guild(f"guild {number}")
        for one in range(roles):
            discord.add_role(guild, f"role {one} of {number}")
        for one in range(channels):
            discord.add_channel(guild, f"channel {one} of {number}")
        made.append(guild)
    return made


async def run(options: argparse.Namespace) -> None:
    """Serve until the standard input ends."""
    async with opened_discord() as discord:
        people = People(discord, built(discord, options.guilds, options.channels, options.roles))
        where = {
            "api_url": discord.api_url,
            "gateway_url": discord.gateway_url,
            "token": discord.token,
        }
        print(json.dumps(where), flush=True)
        orders = {"ready": people.ready, "play": people.play, "cut": people.cut}
        while line := await asyncio.to_thread(sys.stdin.readline):
            order = json.loads(line)
            print(json.dumps(await orders[order["do"]](order)), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.discord_people")
    for name in ("guilds", "channels", "roles"):
        parser.add_argument(f"--{name}", type=int, default=1)
    asyncio.run(run(parser.parse_args()))

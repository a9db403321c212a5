"""This Discord as a process of its own, for bots that are killed: `python -m tests.discord.server`.

It prints one line of JSON: the addresses, the token, the ids of guilds, channels and people. What
was accepted is at GET /control/journal, when it was asked at GET /control/requests. POST
/control/cut cuts the gateway, POST /control/doom has a process killed by one of its messages. It
ends when its standard input does.
"""

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Mapping
from datetime import timedelta

from tests.discord.server.refusals import Json
from tests.discord.server.town import Discord, opened_discord
from tests.discord.server.troubles import Chooser, Trouble, Way


def random_troubles(rng: random.Random, shares: Mapping[Way, float]) -> Chooser:
    """Troubles by chance: to each way its share of the requests that write a message."""

    def choose(method: str, path: str) -> Trouble | None:
        if method != "POST" or not path.endswith(("/messages", "/threads")):
            return None
        left = rng.random()
        for way, share in shares.items():
            left -= share
            if left < 0:
                status = rng.choice((500, 502, 503))
                return Trouble(way, status=status, seconds=rng.uniform(0.1, 1.0))
        return None

    return choose


def built_up(discord: Discord, guilds: int, channels: int) -> Json:
    """Guilds with channels and one member each, and their ids."""
    listed = []
    for number in range(guilds):
        guild = discord.add_guild(f"guild {number}")
        person = discord.add_user(f"person-{number}")
        discord.join(guild, person)
        places = [discord.add_channel(guild, f"channel-{one}") for one in range(channels)]
        listed.append(
            {
                "id": str(guild.id),
                "channels": [str(place.id) for place in places],
                "people": [str(person.id)],
            }
        )
    return {
        "api_url": discord.api_url,
        "gateway_url": discord.gateway_url,
        "token": discord.token,
        "guilds": listed,
    }


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.discord.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--guilds", type=int, default=1)
    parser.add_argument("--channels", type=int, default=1, help="channels of each guild")
    parser.add_argument("--nonce-seconds", type=float, help="for how long a nonce is known")
    parser.add_argument("--seed", type=int, default=0, help="of the troubles")
    for way in Way:
        parser.add_argument(f"--{way.value}", type=float, default=0.0, metavar="SHARE")
    return parser.parse_args(arguments)


async def run(options: argparse.Namespace) -> None:
    async with opened_discord(port=options.port) as discord:
        if options.nonce_seconds is not None:
            discord.nonce_life = timedelta(seconds=options.nonce_seconds)
        shares = {way: getattr(options, way.value) for way in Way}
        discord.troubles.choose = random_troubles(random.Random(options.seed), shares)
        print(json.dumps(built_up(discord, options.guilds, options.channels)), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(run(parsed(sys.argv[1:])))

"""A Discord with people, and a bot in it, each a process of its own."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from benchmarks.bench import Bench
from benchmarks.ground import OURS, Ground, opened_ground

BARE = (sys.executable, "-m", "benchmarks.discord_bare")

__all__ = ["BARE", "OURS", "Ground", "environment", "opened"]


@contextmanager
def opened(
    bench: Bench, bot: Sequence[str], *, guilds: int = 1, channels: int = 1, roles: int = 0
) -> Iterator[Ground]:
    """The bot of a command line, connected, in a Discord of its own."""
    size = {"guilds": guilds, "channels": channels, "roles": roles}
    arguments = [part for name, value in size.items() for part in (f"--{name}", str(value))]
    people = ["benchmarks.discord_people", *arguments]
    with opened_ground(bench, bot, people, environment) as ground:
        yield ground


def environment(where: Mapping[str, str]) -> Mapping[str, str]:
    """What leads a bot there."""
    return {
        "DISCORD_TOKEN": where["token"],
        "DISCORD_API_URL": where["api_url"],
        "DISCORD_GATEWAY_URL": where["gateway_url"],
    }

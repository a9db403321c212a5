"""The memory of the bot in 200 servers, beside that of a bot that answers a constant."""

from collections.abc import Iterator, Sequence

from benchmarks.bench import Bench
from benchmarks.discord_ground import BARE, OURS, Ground, opened
from benchmarks.figures import Figure, Row, at_most
from benchmarks.ground import forget
from benchmarks.waiting import AT_A_TIME, mixed

GUILDS, CHANNELS, ROLES = 200, 20, 10
QUERIES = 300
MOST_MORE = 60


def measure(bench: Bench) -> Iterator[Row]:
    """Memory once connected, and after some hundreds of commands."""
    queries = mixed(bench, QUERIES)
    bench.say(f"discord: memory with {GUILDS} servers")
    with opened(bench, OURS) as ground:
        # The very first start makes the state, by libraries that no other needs.
        _ask(ground, queries[:1], 0)
    ours = _memory(bench, OURS, queries, 2)
    # Greetings of so many servers were on their way when it ended.
    forget(bench)
    bare = _memory(bench, BARE, queries, 0)
    for when, mine, reference in zip(("connected", "in use"), ours, bare, strict=True):
        yield Figure(
            f"discord: memory with {GUILDS} servers, {when}: more than the bare bot",
            mine - reference,
            "MB",
            goal=at_most(MOST_MORE),
            note=f"{mine:.1f} MB, the bare discord.py bot {reference:.1f} MB",
            details={"ours": mine, "bare": reference},
        )


def _memory(
    bench: Bench, bot: Sequence[str], queries: Sequence[str], presses: int
) -> tuple[float, float]:
    with opened(bench, bot, guilds=GUILDS, channels=CHANNELS, roles=ROLES) as ground:
        # One is asked first, so that everything that starts has started.
        _ask(ground, queries[:1], 0)
        connected = ground.memory()
        _ask(ground, queries, presses)
        return connected, ground.memory()


def _ask(ground: Ground, queries: Sequence[str], presses: int) -> None:
    ground.order("play", queries=queries, at_a_time=AT_A_TIME, presses=presses)

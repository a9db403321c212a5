"""People who ask and press, so many at a time: what they ask, and how long they wait.

The bot and one that answers a constant are asked in turns, so that both meet the same machine.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from random import Random
from typing import Any

from benchmarks.bench import Bench
from benchmarks.figures import median, quantile
from benchmarks.ground import OURS, Ground
from benchmarks.platform_pages import drawn_queries

AT_A_TIME = 50
ROUNDS, QUICK_ROUNDS = 5, 2
# What people ask in a round, and how often they press something after each.
QUERIES, PRESSES = 400, 2
WARM = 100
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
# The p99 of the bot is held against that of one that answers a constant.
MOST_TIMES = 1.5

Came = Mapping[str, Any]


def in_turns(
    bench: Bench,
    platform: str,
    opened: Callable[[Bench, Sequence[str]], AbstractContextManager[Ground]],
    bare: Sequence[str],
    ours_came: Callable[[Came], None],
    bare_came: Callable[[Came], None],
) -> None:
    """Tell what rounds gave with the bot, and with the one of another command line."""
    queries = mixed(bench, QUERIES)
    with opened(bench, OURS) as our_ground, opened(bench, bare) as bare_ground:
        asked(our_ground, queries[:WARM], PRESSES)
        asked(bare_ground, queries[:WARM], 0)
        for number in range(QUICK_ROUNDS if bench.quick else ROUNDS):
            bench.say(f"{platform}: {AT_A_TIME} at a time, round {number + 1}")
            ours_came(asked(our_ground, queries, PRESSES))
            # Its answers have nothing to press; so many commands are asked instead.
            bare_came(asked(bare_ground, queries * (1 + PRESSES), 0))


def asked(ground: Ground, queries: Sequence[str], presses: int) -> dict[str, Any]:
    """What a round gives in which all queries are asked, so many at a time."""
    return ground.order("play", queries=queries, at_a_time=AT_A_TIME, presses=presses)


def middle(rounds: Sequence[Sequence[float]], share: float) -> float:
    """The middle of the rounds' quantiles."""
    return median([quantile(times, share) for times in rounds])


def mixed(bench: Bench, count: int) -> list[str]:
    """What people ask: words and operators, tags, and posts by their addresses."""
    words = drawn_queries(bench, count // 2)
    by_post = {entry.slug: entry for entry in bench.entries}
    random = Random(5)  # noqa: S311
    posts = random.sample(sorted(by_post), min(len(by_post), count // 4))
    titles = [f'in:title "{by_post[slug].title_text[:20]}"' for slug in posts]
    tags = [f"#{by_post[slug].tags[0]}" for slug in posts if by_post[slug].tags]
    asked = [*words, *titles, *tags]
    random.shuffle(asked)
    return asked[:count]

"""Both platforms in mixed use against one `matome run`, while the archive changes and is synced."""

import asyncio
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

from benchmarks.bench import PROJECT, Bench
from benchmarks.figures import Figure, Row, at_least, at_most
from benchmarks.ground import OURS
from benchmarks.logs import wrong
from benchmarks.soak.archive import Changing
from benchmarks.soak.in_discord import InDiscord
from benchmarks.soak.in_slack import InSlack
from benchmarks.soak.samples import Sample, keep_sampling, quarters
from benchmarks.soak.using import Beat, Tally, use
from benchmarks.soak.wanted import Wanted, wanted
from tests.discord.server import opened_discord
from tests.slack.server import opened_slack

SECONDS, QUICK_SECONDS = 600, 60
PER_SECOND = 20.0
# People at a time in each platform: so many that those who wait for something slow their visits,
# not the others.
VISITORS = 16
# For what is under way in the end.
LEAVE = 30.0
MOST_GROWTH = 1.05


@dataclass(slots=True)
class Came:
    """What came of it."""

    tally: Tally = field(default_factory=Tally)
    samples: list[Sample] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    status: int | None = None
    digests: int = 0
    changes: int = 0
    seconds: float = 0.0

    @property
    def wrong(self) -> list[str]:
        """Everything that should not have been."""
        ended = [] if self.status == 0 else [f"the bot ended with {self.status}"]
        return [*self.tally.wrong, *self.complaints, *self.logged, *ended]


def measure(bench: Bench) -> Iterator[Row]:
    """Memory, errors and whatever else could grow."""
    yield from soaked(bench, QUICK_SECONDS if bench.quick else SECONDS)


def soaked(bench: Bench, seconds: float) -> Iterator[Row]:
    """The figures of so many seconds of use."""
    directory = bench.temporary / "soak"
    archive = directory / "archive"
    copytree(bench.archive, archive)
    own = Bench(archive, directory, bench.quick, bench.say)
    found = wanted(own, Random(1))  # noqa: S311 (no secret)
    bench.say(f"{seconds:.0f} s of mixed use")
    came = asyncio.run(_use(own, found, seconds))
    yield from _figures(came)


async def _use(bench: Bench, found: Wanted, seconds: float) -> Came:
    came = Came()
    random = Random(2)  # noqa: S311 (no secret)
    beat = Beat(PER_SECOND, came.tally)
    changing = Changing(bench.archive, random)
    log = bench.temporary / "bot.log"
    async with opened_discord() as discord, opened_slack() as slack:
        crowds = (
            InDiscord(discord, found, beat, random),
            InSlack(slack, found, beat, random),
        )
        given = {name: value for crowd in crowds for name, value in crowd.environment.items()}
        bot = _started(bench, given, log)
        try:
            for crowd in crowds:
                await crowd.ready()
            beside: list[asyncio.Future[Any]] = [
                asyncio.create_task(keep_sampling(bot.pid, bench.data, came.samples)),
                asyncio.create_task(changing.keep_changing()),
            ]
            began = asyncio.get_running_loop().time()
            using = asyncio.gather(
                *(use(crowd.visits, VISITORS, seconds, came.tally, random) for crowd in crowds)
            )
            ended = asyncio.create_task(asyncio.to_thread(bot.wait))
            await asyncio.wait((using, ended), return_when=asyncio.FIRST_COMPLETED)
            came.seconds = asyncio.get_running_loop().time() - began
            if using.done():
                using.result()
            # Where nobody answers any more nobody comes.
            beside.append(using)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            came.digests = sum(crowd.digests() for crowd in crowds)
            came.complaints = [each for crowd in crowds for each in crowd.complaints()]
        finally:
            came.status = await _ended(bot)
    came.changes = changing.changes
    came.logged = wrong(log)
    return came


def _started(bench: Bench, given: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    settings = {"MATOME_SYNC_EVERY": "1", "MATOME_MAX_SUBSCRIPTIONS": "100000"}
    environment = {**bench.environment(bench.data), **settings, **given}
    with log.open("wb") as said:
        return subprocess.Popen(
            OURS, env=environment, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=said
        )


async def _ended(bot: "subprocess.Popen[bytes]") -> int | None:
    with suppress(ProcessLookupError):
        bot.send_signal(signal.SIGTERM)
    try:
        return await asyncio.to_thread(bot.wait, LEAVE)
    except subprocess.TimeoutExpired:
        bot.kill()
        bot.wait()
        return None


def _figures(came: Came) -> Iterator[Row]:
    four = quarters(came.samples)
    second, last = four[1], four[3]
    asked = sum(came.tally.asked.values())
    name = f"soak of {came.seconds:.0f} s"
    note = ", ".join(f"{what} {count}" for what, count in came.tally.asked.most_common())
    memory = "; ".join(f"{one.pss:.1f}" for one in four)
    yield Figure(
        f"{name}: memory in the last quarter", last.pss, "MB", second.pss, "in the second",
        at_most(MOST_GROWTH, "ratio"),
        f"medians of the quarters {memory} MB (PSS), {last.rss:.1f} MB (RSS) in the last",
        {"quarters": [asdict(one) for one in four]},
    )  # fmt: skip
    faults = came.wrong
    yield Figure(
        f"{name}: errors", len(faults), goal=at_most(0),
        note="".join(f"\n  {line}" for line in faults[:20]), details={"wrong": faults},
    )  # fmt: skip
    yield Figure(
        f"{name}: requests a second", asked / came.seconds, "/s", PER_SECOND, "meant",
        at_least(0.95, "ratio"),
        f"{note}; {came.digests} digests came; {came.changes} changes of the archive",
    )  # fmt: skip
    for what, more, before in (
        ("open files", last.descriptors, second.descriptors),
        ("threads", last.threads, second.threads),
    ):
        yield Figure(f"{name}: {what} in the last quarter", more, "", before, "in the second")
    yield Figure(
        f"{name}: data directory in the last quarter", last.disk, "MB", second.disk,
        "in the second",
    )  # fmt: skip

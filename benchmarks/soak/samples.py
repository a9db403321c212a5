"""What a process takes, looked at again and again; of Linux only."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import median
from benchmarks.processes import proportional, resident

# Between two samples, in seconds.
EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Memory and room on the disk in MB; `pss` has its share only of pages that others have too."""

    at: float
    pss: float
    rss: float
    descriptors: int
    threads: int
    disk: float


async def keep_sampling(pid: int, data: Path, samples: list[Sample]) -> None:
    """Add samples until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        samples.append(await asyncio.to_thread(sample, pid, data, loop.time()))
        await asyncio.sleep(EVERY)


def sample(pid: int, data: Path, at: float) -> Sample:
    """What a process takes now, and its data directory."""
    process = Path("/proc") / str(pid)
    return Sample(
        at,
        proportional(pid),
        resident(pid),
        sum(1 for _ in (process / "fd").iterdir()),
        sum(1 for _ in (process / "task").iterdir()),
        sum(file.stat().st_size for file in data.rglob("*") if file.is_file()) / 1_000_000,
    )


def quarters(samples: list[Sample]) -> list[Sample]:
    """The medians of each quarter of the time."""
    first, last = samples[0].at, samples[-1].at
    length = (last - first) / 4
    found = []
    for number in range(4):
        begins = first + number * length
        within = [one for one in samples if begins <= one.at <= begins + length]
        found.append(
            Sample(
                begins - first,
                median([one.pss for one in within]),
                median([one.rss for one in within]),
                round(median([one.descriptors for one in within])),
                round(median([one.threads for one in within])),
                median([one.disk for one in within]),
            )
        )
    return found

"""What people do without end: so many requests a second, each visit by somebody new."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random

# So many seconds of requests may be made up for.
_BEHIND = 1.0


@dataclass(slots=True)
class Tally:
    """How often what was asked, and all that was not as it should be."""

    asked: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Beat:
    """Lets requests pass, so many a second."""

    def __init__(self, per_second: float, tally: Tally) -> None:
        self._apart = 1 / per_second
        self._tally = tally
        self._next = 0.0

    async def __call__(self, what: str) -> None:
        """Wait for the moment of a request of some kind."""
        now = asyncio.get_running_loop().time()
        self._next = max(self._next, now - _BEHIND)
        wait = self._next - now
        self._next += self._apart
        self._tally.asked[what] += 1
        await asyncio.sleep(max(0.0, wait))


@dataclass(frozen=True, slots=True)
class Visit:
    """Something that a person comes for, so often in terms of the others."""

    come: Callable[[], Awaitable[None]]
    weight: float


async def use(
    visits: Mapping[str, Visit], visitors: int, seconds: float, tally: Tally, random: Random
) -> None:
    """Have so many people at a time come for this or that, one after the other."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    names, weights = [*visits], [visit.weight for visit in visits.values()]

    async def come() -> None:
        while loop.time() < ends:
            (name,) = random.choices(names, weights)
            try:
                await visits[name].come()
            except AssertionError as error:
                # What a person does not see, or cannot do.
                tally.wrong.append(f"{name}: {error}")

    await asyncio.gather(*(come() for _ in range(visitors)))

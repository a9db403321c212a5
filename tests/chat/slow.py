"""A platform that takes its time to say whether the bot may post to a target."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.town import Recorder, recorder


@dataclass(slots=True)
class Slow(Recorder):
    """It has been `asked` about a target that is `slow`, and answers once it `may_answer`."""

    slow: str = field(default="", init=False)
    asked: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def can_post(self, target: str) -> Sequence[str]:
        """As the terminal says, in time or later."""
        if target == self.slow:
            self.asked.set()
            await self.may_answer.wait()
        return await Recorder.can_post(self, target)


def slow_recorder() -> Slow:
    """An empty platform on which nothing is slow yet."""
    like = recorder()
    made = Slow(like.screen, like.texts, like.now)
    made.open.set()
    return made

"""Whether the program is ready to answer, and if not, why."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from bot.errors import MatomeError, OperatorError
from bot.locales import Texts
from bot.watching.glance import Glance

# Why something is not as it has to be, None where it is.
Condition = Callable[[], Awaitable[MatomeError | None]]


class Health:
    """What has to be so, each thing by a short name such as "index" or "discord".

    `texts` are for the operator.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._conditions: dict[str, Condition] = {}
        self._is_leaving = False

    def needs(self, name: str, condition: Condition) -> None:
        """Be ready only where a condition is met, which is asked each time and soon answered."""
        self._conditions[name] = condition

    def fail(self, name: str, error: MatomeError) -> None:
        """Be ready no more: something has ended for good."""

        async def condition() -> MatomeError | None:
            return error

        self.needs(name, condition)

    def leave(self) -> None:
        """Be ready no more: the program ends."""
        self._is_leaving = True

    async def lacking(self) -> Mapping[str, MatomeError]:
        """What keeps the program from being ready, by its name; empty where nothing does."""
        if self._is_leaving:
            return {"program": OperatorError("health.leaving")}
        # As they are now: meanwhile another one may be added.
        conditions = dict(self._conditions)
        found = await asyncio.gather(*(condition() for condition in conditions.values()))
        named = zip(conditions, found, strict=True)
        return {name: error for name, error in named if error is not None}

    async def reasons(self) -> Mapping[str, str]:
        """The same as sentences."""
        return {name: self._texts.of(error) for name, error in (await self.lacking()).items()}


def reachable(glance: Glance[object], within: float) -> Condition:
    """The condition that something answers; `within` is how many seconds are waited for it."""

    async def condition() -> MatomeError | None:
        try:
            await glance.look()
        except MatomeError as error:
            return error
        except TimeoutError:
            return OperatorError("health.slow", seconds=f"{within:g}")
        return None

    return condition

"""The one group of tasks in which everything that runs for long runs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from structlog.stdlib import get_logger

from bot.incidents import incident

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """Something that runs until it is done or cancelled; the whole ends with one that `leads`."""

    name: str
    run: Callable[[], Awaitable[None]]
    leads: bool = False


# Told of a service that has failed for good by its name, with the incident's number.
Stopped = Callable[[str, str], None]


def told_to_nobody(name: str, number: str) -> None:
    """Leave it at what is logged."""


async def supervise(services: Sequence[Service], stopped: Stopped = told_to_nobody) -> None:
    """Run services side by side until one that leads has ended, else until all have.

    One that fails is logged under an incident's number and told to `stopped` while the others go
    on. The first failure of one that leads is raised, once all have ended; later ones are logged as
    well. Cancelled, it cancels all and waits for them.
    """
    leading = any(service.leads for service in services)
    failures: list[Exception] = []

    async def run(service: Service) -> None:
        try:
            await service.run()
        except Exception as error:
            if service.leads and not failures:
                failures.append(error)
            else:
                number = incident(_log, "a part stopped", error, part=service.name)
                stopped(service.name, number)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(run(service), name=service.name) for service in services]
        awaited = [
            task
            for service, task in zip(services, tasks, strict=True)
            if service.leads or not leading
        ]
        await asyncio.wait(
            awaited,
            return_when=asyncio.FIRST_COMPLETED if leading else asyncio.ALL_COMPLETED,
        )
        for task in tasks:
            task.cancel()
    if failures:
        raise failures[0]

"""Asking a running program over HTTP whether it is ready, and for its metrics."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.commands import SECONDS
from tests.discord.program import settings_for
from tests.discord.server import Discord
from tests.slack.conftest import Town
from tests.slack.program import free_port, over_a_socket

# Between two questions, where something is waited for that nothing else tells.
PAUSE = 0.02

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said at an address; all samples by their names and labels, of metrics."""

    status: int
    kind: str
    text: str

    def value(self, name: str, **labels: str) -> float | None:
        """The sum of the samples with a name that have these labels; None where there is none."""
        found = [
            sample.value
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return sum(found) if found else None


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks a program that listens somewhere."""

    session: aiohttp.ClientSession
    origin: str

    async def get(self, path: str, **headers: str) -> Asked:
        """What is said."""
        async with self.session.get(self.origin + path, headers=headers) as answer:
            kind = answer.headers.get("Content-Type", "")
            return Asked(answer.status, kind, await answer.text())

    async def until(self, path: str, is_so: Callable[[Asked], bool]) -> Asked:
        """What is said once something is so; before the program listens it waits as well."""
        said = None
        try:
            async with asyncio.timeout(SECONDS):
                while True:
                    try:
                        said = await self.get(path)
                    except aiohttp.ClientConnectionError:
                        said = None
                    if said is not None and is_so(said):
                        return said
                    await asyncio.sleep(PAUSE)
        except TimeoutError:
            raise AssertionError(f"it did not become so, but {said}") from None

    async def ready(self) -> Asked:
        """Wait until it is ready."""
        return await self.until("/readyz", lambda said: said.status == 200)

    async def not_ready(self, because: str) -> Asked:
        """Wait until it is not ready, with a reason that says something."""
        return await self.until("/readyz", lambda said: said.status == 503 and because in said.text)


@asynccontextmanager
async def asker_of(settings: Mapping[str, str]) -> AsyncIterator[Asker]:
    """Asks the program that runs with some settings."""
    async with aiohttp.ClientSession() as session:
        yield Asker(session, f"http://{settings['MATOME_HTTP']}")


def both(discord: Discord, town: Town, token: str = "") -> dict[str, str]:
    """The environment of a bot in Discord and in Slack, which can be asked over HTTP."""
    for_discord = settings_for(discord, token)
    for_slack = over_a_socket(town.slack, town.token)
    warnings = f"{for_slack['PYTHONWARNINGS']},{for_discord['PYTHONWARNINGS']}"
    return {**for_discord, **for_slack, **listening(), "PYTHONWARNINGS": warnings}


def listening() -> dict[str, str]:
    """An address of its own for HTTP."""
    return {"MATOME_HTTP": f"127.0.0.1:{free_port()}"}

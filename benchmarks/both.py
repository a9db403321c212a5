"""The bot on both platforms, or bare bots beside it, each a process of its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import discord_ground, slack_ground
from benchmarks.bench import Bench
from benchmarks.ground import OURS, log_of, opened_people, running
from benchmarks.processes import CommandFailedError
from benchmarks.readiness import free_port, listens, until_ready


@dataclass(frozen=True, slots=True)
class Both:
    """Where a Discord and a Slack are, as the environment of a bot."""

    bench: Bench
    discord: Mapping[str, str]
    slack: Mapping[str, str]

    @contextmanager
    def ready(self, *where: Mapping[str, str]) -> Iterator[int]:
        """The bot on some of them, once it says that it is ready; gives the process's number."""
        bench, port = self.bench, free_port()
        given = {**bench.environment(bench.data), **listens(port)}
        for each in where:
            given |= each
        with log_of(bench).open("a") as said, running(OURS, given, said) as process:
            until_ready(process, port)
            yield process.pid

    @contextmanager
    def says_ready(self, bare: Sequence[str], where: Mapping[str, str]) -> Iterator[int]:
        """A bare bot, once it has said the same; gives the process's number."""
        given = {**self.bench.environment(self.bench.data), **where}
        with log_of(self.bench).open("a") as said, running(bare, given, said) as process:
            assert process.stdout is not None
            if not process.stdout.readline():
                raise CommandFailedError(f"{bare[-1]} has ended")
            yield process.pid


@contextmanager
def opened_both(bench: Bench) -> Iterator[Both]:
    """A Discord and a Slack, where the bot has been before: its state is there."""
    with (
        opened_people(bench, ["benchmarks.discord_people"]) as (_, in_discord),
        opened_people(bench, ["benchmarks.slack_people"]) as (_, in_slack),
    ):
        both = Both(
            bench, discord_ground.environment(in_discord), slack_ground.environment(in_slack)
        )
        with both.ready(both.discord, both.slack):
            pass
        yield both

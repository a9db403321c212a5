"""A Slack with people, and a bot in it over Socket Mode, each a process of its own."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.ground import OURS, Ground, opened_ground

BARE = (sys.executable, "-m", "benchmarks.slack_bare")

__all__ = ["BARE", "OURS", "Ground", "environment", "opened"]


@contextmanager
def opened(bench: Bench, bot: Sequence[str], data: Path | None = None) -> Iterator[Ground]:
    """The bot of a command line, connected, in a Slack of its own.

    Without `data` it has the index of the archive.
    """
    with opened_ground(bench, bot, ["benchmarks.slack_people"], environment, data) as ground:
        yield ground


def environment(where: Mapping[str, str]) -> Mapping[str, str]:
    """What leads a bot there."""
    return {
        "SLACK_BOT_TOKEN": where["bot_token"],
        "SLACK_APP_TOKEN": where["app_token"],
        "SLACK_API_URL": where["api_url"],
    }

"""Triggers that are over by the time that they are used."""

from tests.slack.server import Slack, Trouble
from tests.slack.server.views import TRIGGER_SECONDS


def late(slack: Slack, slow: str) -> None:
    """Have the next request of a method come after its trigger is over, for once."""
    waiting = [slow]

    def choose(method: str) -> Trouble | None:
        if method in waiting:
            waiting.remove(method)
            for interaction in slack.interactions.values():
                interaction.at -= TRIGGER_SECONDS + 1
        return None

    slack.troubles.choose = choose

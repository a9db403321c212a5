"""The guard over what is sent to Slack."""

from adapters.slack.validate import message_findings
from bot.chat.guard import Guard
from bot.meter import NO_METER, Meter


def slack_guard(*, strict: bool = False, meter: Meter = NO_METER) -> Guard:
    """A guard over messages."""
    return Guard("Slack", message_findings, strict, meter)
